"""Papers of A4 as blocks in an order: fields, tables, notes, a code to scan, lines to sign on. One look for all."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from app.documents.barcodes import code128_svg, qr_svg
from app.documents.facts import Bilingual
from app.documents.typesetting import pdf


@dataclass(frozen=True, slots=True)
class Field:
    """A title with what stands under it; `span` columns wide."""

    title: Bilingual
    value: str
    span: int = 1
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """Boxes in rows of so many columns."""

    columns: int
    items: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its share of the width, and numbers to the right."""

    title: Bilingual
    share: float
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under titles that are repeated on every page; `foot` are sums, one row or none."""

    title: Bilingual
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    foot: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence in each language."""

    text: Bilingual


@dataclass(frozen=True, slots=True)
class Scan:
    """A QR code, and what it is for."""

    content: str
    text: Bilingual
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on."""

    titles: tuple[Bilingual, ...]


Block = Fields | Table | Note | Scan | Signatures
TEST = "TEST 测试"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper. `number` stands on every page; `barcode` is a Code 128 beside the title."""

    title: Bilingual
    number: str
    blocks: tuple[Block, ...]
    barcode: str = ""
    landscape: bool = False
    test: bool = False
    """Made for practice: says so across every page."""


def papers_pdf(papers: Sequence[Paper], made_at: datetime) -> bytes:
    """One PDF with the papers one after another, each from a fresh page."""
    return pdf("paper.typ", {"papers": [_drawn(paper) for paper in papers]}, made_at)


def _drawn(paper: Paper) -> dict[str, Any]:
    return {
        "title": paper.title,
        "number": paper.number,
        "barcode": code128_svg(paper.barcode) if paper.barcode else "",
        "landscape": paper.landscape,
        "watermark": TEST if paper.test else "",
        "blocks": [_block(block) for block in paper.blocks],
    }


def _block(block: Block) -> dict[str, Any]:
    drawn = {"kind": type(block).__name__.lower(), **asdict(block)}
    return drawn | ({"svg": qr_svg(block.content)} if isinstance(block, Scan) else {})
