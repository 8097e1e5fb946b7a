"""Announced goods: announce them, receive them, put them away."""

from datetime import date
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.api.base import Download, Endpoints, answer, download
from app.api.wire import page, utc
from app.auth import actor, allow
from app.clock import now
from app.documents.receiving_lists import receiving_list_pdf
from app.http import reading
from app.models import Asn, AsnLine, AsnReceipt
from app.queries.inbound import AsnDetail, AsnFilter, Totals, discrepancies_of, get_asn
from app.queries.inbound import list_asns as find_asns
from app.queries.receiving_lists import receiving_list
from app.schemas.inbound import (
    AsnBody,
    AsnDetailShape,
    AsnPage,
    AsnQuery,
    AsnReason,
    CloseBody,
    NewAsn,
    PutAwayBody,
    PutAwayShape,
    ReceiptBody,
)
from app.usecases.warehousing.announcing_goods import announce_asn, arrive_asn, cancel_asn, depart_asn
from app.usecases.warehousing.asns import Announcement, change_asn, create_asn
from app.usecases.warehousing.ledger import Scan
from app.usecases.warehousing.putting_away import InReceiving, PutAway, PutAwayPlan, plan_put_away, put_away
from app.usecases.warehousing.receiving import Count, close_receiving, receive, take_receipt_back
from warehouses.stock import NEVER

blueprint = Endpoints("Inbound", __name__, "Goods announced to warehouses, counted, put away", area="stock")
READERS = ("operator", "warehouse", "customs", "exporter")
OWNERS = ("operator", "warehouse", "exporter")
STAFF = ("operator", "warehouse")
ASN = "/asns/<id('asn'):asn_id>"
LIST = Download("application/pdf", "What should come, with room to write down what came.")


@blueprint.reading("/asns", AsnPage, query=AsnQuery, refuses=(400,))
@allow(*READERS)
def list_asns(query: dict[str, Any]) -> Response:
    """List ASNs by the day they are expected; an exporter sees its own, a warehouse those that come to it."""
    cursor, limit = query.pop("cursor"), query.pop("limit")
    with reading() as session:
        found = find_asns(session, actor(), AsnFilter(**query), cursor=cursor, limit=limit)
    return answer(page(found, [asn_item(row.asn, row.totals) for row in found.items]))


@blueprint.changing("/asns", AsnDetailShape, status=201, body=NewAsn)
@allow(*OWNERS)
def create_asn_(session: Session, wanted: dict[str, Any]) -> Response:
    """Write down goods that are to come to a warehouse, as a draft or announced at once."""
    made = create_asn(
        session, actor(), now(), wanted["warehouse"], wanted["exporter"], Announcement.read(wanted)
    )
    if wanted["announce"]:
        made = announce_asn(session, actor(), now(), made.public_id)
    return _shown(session, made, 201, Location=f"/api/v1/asns/{made.public_id}")


@blueprint.reading(ASN, AsnDetailShape)
@allow(*READERS)
def read_asn(asn_id: str) -> Response:
    """Read one ASN: lines, receipts, discrepancies, and what waits to be put away."""
    with reading() as session:
        found = get_asn(session, actor(), asn_id)
    return answer(asn_detail(found))


@blueprint.changing(ASN, AsnDetailShape, status=200, method="PATCH", body=AsnBody)
@allow(*OWNERS)
def change_asn_(session: Session, wanted: dict[str, Any], asn_id: str) -> Response:
    """Make a draft say something else; the whole of it is given."""
    return _shown(session, change_asn(session, actor(), now(), asn_id, Announcement.read(wanted)))


@blueprint.changing(f"{ASN}/announce", AsnDetailShape, status=200)
@allow(*OWNERS)
def announce_asn_(session: Session, asn_id: str) -> Response:
    """Announce a draft: its goods are in transit to the warehouse from now on."""
    return _shown(session, announce_asn(session, actor(), now(), asn_id))


@blueprint.changing(f"{ASN}/depart", AsnDetailShape, status=200)
@allow(*OWNERS)
def depart_asn_(session: Session, asn_id: str) -> Response:
    """Say that announced goods are on their way."""
    return _shown(session, depart_asn(session, actor(), now(), asn_id))


@blueprint.changing(f"{ASN}/arrive", AsnDetailShape, status=200)
@allow(*STAFF)
def arrive_asn_(session: Session, asn_id: str) -> Response:
    """Say that the goods are at the door."""
    return _shown(session, arrive_asn(session, actor(), now(), asn_id))


@blueprint.changing(f"{ASN}/cancel", AsnDetailShape, status=200, body=AsnReason)
@allow(*OWNERS)
def cancel_asn_(session: Session, wanted: dict[str, Any], asn_id: str) -> Response:
    """Call off goods that have not come."""
    return _shown(session, cancel_asn(session, actor(), now(), asn_id, wanted["reason"]))


@blueprint.changing(f"{ASN}/receipts", AsnDetailShape, status=200, body=ReceiptBody)
@allow(*STAFF)
def receive_asn(session: Session, wanted: dict[str, Any], asn_id: str) -> Response:
    """Count goods in, in as many goes as they come: in good order, damaged, more than announced, unannounced."""
    counts = [Count(**line) for line in wanted["lines"]]
    asn, _ = receive(session, actor(), now(), asn_id, counts, Scan(wanted["scan_id"]))
    return _shown(session, asn)


@blueprint.changing(
    f"{ASN}/receipts/<id('pst'):pst_id>/take-back", AsnDetailShape, status=200, body=AsnReason
)
@allow(*STAFF)
def take_back_receipt(session: Session, wanted: dict[str, Any], asn_id: str, pst_id: str) -> Response:
    """Take a receipt back that was wrong, before receiving is closed and its goods are put away."""
    reason = wanted["reason"] or "counted wrongly"
    return _shown(session, take_receipt_back(session, actor(), now(), asn_id, pst_id, reason))


@blueprint.changing(f"{ASN}/close", AsnDetailShape, status=200, body=CloseBody)
@allow(*STAFF)
def close_asn(session: Session, wanted: dict[str, Any], asn_id: str) -> Response:
    """End receiving: what has not come is short. The exporter is told by `inbound.received`."""
    return _shown(session, close_receiving(session, actor(), now(), asn_id, **wanted))


@blueprint.reading(f"{ASN}/put-away", PutAwayShape)
@allow(*STAFF)
def suggest_put_away(asn_id: str) -> Response:
    """Ask into which bins the goods in the receiving area should go."""
    with reading() as session:
        plan = plan_put_away(session, actor(), asn_id)
    return answer({"items": suggestions(plan)})


@blueprint.changing(f"{ASN}/put-away", AsnDetailShape, status=200, body=PutAwayBody)
@allow(*STAFF)
def put_asn_away(session: Session, wanted: dict[str, Any], asn_id: str) -> Response:
    """Put goods away: into the bins that are named, or without lines where the suggestion says."""
    lines = [PutAway(**line) for line in wanted["lines"]]
    asn, _ = put_away(session, actor(), now(), asn_id, lines, Scan(wanted["scan_id"]))
    return _shown(session, asn)


@blueprint.reading(f"{ASN}/receiving-list.pdf", LIST)
@allow(*READERS)
def download_receiving_list(asn_id: str) -> Response:
    """Download the receiving list of an ASN."""
    with reading() as session:
        found = receiving_list(session, actor(), asn_id, now())
    return download(receiving_list_pdf(found), "application/pdf", f"{asn_id}-receiving-list.pdf")


def _shown(session: Session, asn: Asn, status: int = 200, **headers: str) -> Response:
    session.flush()
    return answer(asn_detail(get_asn(session, actor(), asn.public_id)), status, **headers)


def asn_item(asn: Asn, totals: Totals) -> dict[str, Any]:
    """An ASN as lists show it."""
    return {
        "id": asn.public_id,
        "reference": asn.reference,
        "warehouse": asn.warehouse.location.code,
        "exporter": asn.owner.reference,
        "status": asn.status,
        "expected_on": asn.expected_on.isoformat(),
        "booking_id": asn.booking.public_id if asn.booking else None,
        "container": asn.container,
        "container_type": asn.container_type,
        "pallets": asn.pallets,
        "customs_status": asn.customs_status,
        "line_count": totals.lines,
        "expected": totals.expected,
        "received": totals.received,
        "damaged": totals.damaged,
        "arrived_at": utc(asn.arrived_at),
        "closed_at": utc(asn.closed_at),
        "created_at": utc(asn.created_at),
    }


def asn_detail(found: AsnDetail) -> dict[str, Any]:
    """An ASN with everything about it."""
    return asn_item(found.asn, found.totals) | {
        "lines": [_line(line) for line in found.asn.lines],
        "receipts": [_receipt(one) for one in found.receipts],
        "discrepancies": discrepancies_of(found.asn),
        "in_receiving": [_lying(one, one.quantity) for one in found.waiting],
    }


def suggestions(plan: PutAwayPlan) -> list[dict[str, Any]]:
    """A bin for each part of a lot, and none for what finds no room."""
    lots = {one.lot.id: one for one in plan.waiting}
    found = [
        _lying(lots[one.lot], one.quantity) | {"to": plan.bins[one.place], "why": one.why}
        for one in plan.suggestions
    ]
    return found + [
        _lying(lots[lot], pieces) | {"to": None, "why": "no_room"} for lot, pieces in plan.homeless.items()
    ]


def _line(line: AsnLine) -> dict[str, Any]:
    return {
        "line": line.seq,
        "sku": line.sku.code,
        "name_en": line.sku.name_en,
        "name_zh": line.sku.name_zh,
        "batch": line.batch,
        "expires_on": _day(line.expires_on),
        "condition": line.condition,
        "cartons": line.cartons,
        "cartons_received": line.cartons_received,
        "expected": line.expected,
        "received": line.received,
        "damaged": line.damaged,
    }


def _receipt(receipt: AsnReceipt) -> dict[str, Any]:
    posting = receipt.posting
    return {
        "id": posting.public_id,
        "at": utc(posting.at),
        "taken_back": receipt.taken_back,
        "lines": receipt.counts,
    }


def _lying(one: InReceiving, quantity: int) -> dict[str, Any]:
    return {
        "sku": one.sku.code,
        "condition": one.lot.condition,
        "batch": one.lot.batch,
        "expires_on": _day(one.lot.expires_on),
        "received_on": one.lot.received_on.isoformat(),
        "quantity": quantity,
    }


def _day(on: date) -> str | None:
    return None if on == NEVER else on.isoformat()
