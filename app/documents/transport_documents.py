"""The through transport document: one number for all legs (一单制), checkable by anybody who holds it.

The layout has the boxes of a multimodal bill that the trade knows; it is ours, bears nobody's name or sign, and cannot
be negotiated.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from app.documents.blocks import (
    CONSIGNEE,
    CONSIGNOR,
    CUSTOMS_MODE,
    DELIVERY,
    RECEIPT,
    goods_table,
    party_field,
    place_field,
)
from app.documents.facts import Goods, GoodsLine, Leg, Party, Place, leg_row, utc
from app.documents.paper import Column, Field, Fields, Note, Paper, Scan, Signatures, Table, papers_pdf
from trade.numbering import leg_document_number

CODE_LENGTH = 16
"""Characters of the digest that the paper shows and its QR code carries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportPaper:
    """What a through document says, or with `through` the document of one leg of it, which has that leg alone."""

    number: str
    through: str | None
    version: int
    replaces: str | None
    booking: str
    consignor: Party
    origin: Place
    destination: Place
    legs: tuple[Leg, ...]
    goods: tuple[GoodsLine, ...]
    customs_mode: str | None
    issued_at: datetime
    test: bool = False

    @property
    def packages(self) -> int:
        """How many packages it is for."""
        return sum(line.packages for line in self.goods)

    @property
    def weight_g(self) -> int:
        """Their gross weight."""
        return sum(line.weight_g for line in self.goods)


def content_of(paper: TransportPaper) -> dict[str, Any]:
    """What the paper says as JSON that is kept; `read_content` reads it back."""
    content: dict[str, Any] = json.loads(json.dumps(asdict(paper), default=datetime.isoformat))
    return content


def read_content(content: dict[str, Any]) -> TransportPaper:
    """The paper that `content_of` wrote down."""
    plain = {
        name: content[name]
        for name in ("number", "through", "version", "replaces", "booking", "customs_mode", "test")
    }
    return TransportPaper(
        **plain,
        consignor=Party(**content["consignor"]),
        origin=Place(**content["origin"]),
        destination=Place(**content["destination"]),
        legs=tuple(map(_read_leg, content["legs"])),
        goods=tuple(GoodsLine(**line | {"goods": Goods(**line["goods"])}) for line in content["goods"]),
        issued_at=datetime.fromisoformat(content["issued_at"]),
    )


def _read_leg(leg: dict[str, Any]) -> Leg:
    ends = {name: Place(**leg[name]) for name in ("origin", "destination")}
    instants = {name: datetime.fromisoformat(leg[name]) for name in ("departs_at", "arrives_at")}
    return Leg(**leg | ends | instants)


def digest_of(content: dict[str, Any]) -> str:
    """SHA-256 of the content, in hexadecimal; the order of members does not matter."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def transport_document_pdf(paper: TransportPaper, digest: str, verify_url: str) -> bytes:
    """The document as PDF; `verify_url` is the public page of its number, without the code."""
    code = digest[:CODE_LENGTH]
    facts = Fields(
        4,
        (
            party_field(CONSIGNOR, paper.consignor, 2),
            place_field(CONSIGNEE, paper.destination, 2),
            place_field(RECEIPT, paper.origin, 2),
            place_field(DELIVERY, paper.destination, 2),
            Field(("Booking", "订舱号"), paper.booking),
            Field(("Issued", "签发时间"), utc(paper.issued_at)),
            Field(CUSTOMS_MODE, paper.customs_mode or "–"),
            Field(("Version", "版本"), str(paper.version)),
        ),
    )
    scan = Scan(
        f"{verify_url}?d={code}",
        ("Scan to check that this document is genuine and still valid.", "扫码核验本单证真伪及是否有效。"),
        (verify_url, f"Code 校验码: {code}"),
    )
    older = (f"Replaces {paper.replaces}, which is void.", f"取代 {paper.replaces}，旧单证作废。")
    replaced = (Note(older),) if paper.replaces else ()
    printed = Paper(
        title=("Through transport document", "全程运输单证（一单制）"),
        number=paper.number,
        barcode=paper.number,
        blocks=(facts, _legs(paper), goods_table(paper.goods), scan, *replaced, *TERMS, SIGNED),
        test=paper.test,
    )
    return papers_pdf([printed], paper.issued_at)


TERMS = (
    Note(
        (
            "Not negotiable. One number covers every leg; the documents of the legs are parts of this one.",
            "不可转让。一单到底：各段单证均为本单证的组成部分。",
        )
    ),
    Note(
        (
            "Times are planned, weights and volumes as stated by the consignor. A later version voids this one.",
            "时间为计划时间，重量和体积以托运人申报为准。新版本签发后本版本作废。",
        )
    ),
)
SIGNED = Signatures((("Issued by", "签发人"), ("Place and date", "地点、日期")))


def _legs(paper: TransportPaper) -> Table:
    columns = (
        Column(("Leg document", "分段单证"), 2.9),
        Column(("Mode, service", "方式、航线班次"), 2),
        Column(("From", "起"), 2.2),
        Column(("Departs", "离"), 1.7),
        Column(("To", "至"), 2.2),
        Column(("Arrives", "抵"), 1.7),
    )
    rows = tuple(
        (
            leg_document_number(paper.number, leg.seq) if paper.through is None else paper.number,
            f"{row['mode']}\n{row['service']}",
            row["origin"],
            row["departs"],
            row["destination"],
            row["arrives"],
        )
        for leg, row in ((leg, leg_row(leg)) for leg in paper.legs)
    )
    return Table(("Legs, as planned", "运输段（计划）"), columns, rows)
