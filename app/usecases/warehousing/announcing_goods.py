"""Announce goods to a warehouse, say that they left and that they came, or call them off."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import FieldError, Forbidden, Invalid
from app.models import Asn, StockPosting
from app.usecases import auditing
from app.usecases.warehousing import ledger
from app.usecases.warehousing.access import refuse_practice, works_in
from app.usecases.warehousing.asns import lock_asn
from app.usecases.warehousing.layout import places_of
from app.usecases.warehousing.lots import LotKey, lot_of
from app.usecases.warehousing.refusals import step
from warehouses.inbound import ASN_STEPS
from warehouses.stock import Move


def announce_asn(session: Session, actor: Actor, now: datetime, asn_id: str) -> Asn:
    """Announce a draft: from now on its goods are in transit to the warehouse. Raises Conflict, NotFound."""
    asn = _step(session, actor, now, asn_id, "announce")
    if not asn.lines:
        place = FieldError("lines", "required", "an ASN without lines announces nothing", "add a line")
        raise Invalid("there is nothing to announce", (place,))
    places = places_of(session, asn.warehouse_id)
    supplier, transit = places["supplier"].id, places["in_transit"].id
    moves = [
        Move(lot_of(session, announced_lot(asn, line.seq)).id, supplier, transit, line.expected)
        for line in asn.lines
    ]
    ledger.post(session, actor, now, asn.warehouse_id, "announce", moves, subject=asn.public_id)
    return asn


def depart_asn(session: Session, actor: Actor, now: datetime, asn_id: str) -> Asn:
    """Say that announced goods are on their way. Raises Conflict, NotFound."""
    return _step(session, actor, now, asn_id, "depart")


def arrive_asn(session: Session, actor: Actor, now: datetime, asn_id: str) -> Asn:
    """Say that the goods are at the door; for those who work in the warehouse. Raises Conflict, NotFound."""
    asn = _step(session, actor, now, asn_id, "arrive")
    works_in(actor, asn.warehouse_id)
    asn.arrived_at = now
    return asn


def cancel_asn(session: Session, actor: Actor, now: datetime, asn_id: str, reason: str = "") -> Asn:
    """Call goods off that have not come; what was in transit goes back to where it came from."""
    asn = _step(session, actor, now, asn_id, "cancel", reason)
    announced = session.scalar(
        select(StockPosting).where(StockPosting.subject == asn.public_id, StockPosting.kind == "announce")
    )
    if announced is not None:
        ledger.reverse(session, actor, now, announced, reason or "cancelled")
    return asn


def announced_lot(asn: Asn, seq: int) -> LotKey:
    """The lot that the pieces of a line are while they are on their way."""
    line = next(one for one in asn.lines if one.seq == seq)
    return LotKey(
        asn.owner_id, line.sku_id, batch=line.batch, expires_on=line.expires_on, condition=line.condition,
        customs_status=asn.customs_status,
    )  # fmt: skip


def _step(session: Session, actor: Actor, now: datetime, asn_id: str, name: str, reason: str = "") -> Asn:
    refuse_practice(actor)
    asn = lock_asn(session, actor, asn_id)
    if actor.exporter_id is not None and name == "arrive":
        raise Forbidden("only the staff of the warehouse does this")
    before, asn.status = asn.status, step(ASN_STEPS, name, asn.status)
    told = {"status": asn.status} | ({"reason": reason} if reason else {})
    auditing.record(session, actor, now, f"asn.{name}", asn.public_id, before={"status": before}, after=told)
    return asn
