"""Docks and their appointments: whoever comes first has the slot."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from app.actor import Actor
from app.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, SlotTaken
from app.ids import new_id
from app.models import Asn, Dock, DockSlot, LoadUnit, Location, Warehouse
from app.usecases import auditing
from app.usecases.warehousing.access import WORKERS, may_see, taken_means, works_in
from app.usecases.warehousing.lots import insert_missing
from warehouses.docks import slot_at

BOOKERS = (*WORKERS, "exporter")
"""Who may book a slot: an exporter for its own announced goods alone."""


def add_dock(
    session: Session,
    actor: Actor,
    now: datetime,
    warehouse: Warehouse,
    *,
    code: str,
    opens_local: str,
    closes_local: str,
    slot_min: int,
) -> Dock:
    """Make a dock; Conflict if its code is taken, Invalid where it closes before a first slot is over."""
    works_in(actor, warehouse.id)
    if not _fits(opens_local, closes_local, slot_min):
        place = FieldError(
            "closes_local",
            "no_slot",
            "no slot ends by then",
            "a later time, or shorter slots",
            "$.closes_local",
        )
        raise Invalid(
            f"closes_local: no slot of {slot_min} min from {opens_local} ends by {closes_local}", (place,)
        )
    dock = Dock(
        warehouse_id=warehouse.id,
        code=code,
        opens_local=opens_local,
        closes_local=closes_local,
        slot_min=slot_min,
    )
    with taken_means(session, f"there is a dock {code} already"):
        session.add(dock)
    hours = {"code": code, "opens_local": opens_local, "closes_local": closes_local, "slot_min": slot_min}
    auditing.record(session, actor, now, "dock.added", warehouse.public_id, after=hours)
    return dock


def remove_dock(session: Session, actor: Actor, now: datetime, warehouse: Warehouse, code: str) -> None:
    """Take a dock away with its past appointments; Conflict while there are some to come."""
    works_in(actor, warehouse.id)
    dock = find_dock(session, warehouse, code, lock=True)
    if session.scalar(
        select(DockSlot.id).where(DockSlot.dock_id == dock.id, DockSlot.ends_at > now).limit(1)
    ):
        raise Conflict("there are appointments at this dock; cancel them first")
    session.execute(delete(DockSlot).where(DockSlot.dock_id == dock.id))
    session.delete(dock)
    auditing.record(session, actor, now, "dock.removed", warehouse.public_id, before={"code": code})


def find_dock(session: Session, warehouse: Warehouse, code: str, *, lock: bool = False) -> Dock:
    """A dock of the warehouse; NotFound."""
    query = select(Dock).where(Dock.warehouse_id == warehouse.id, Dock.code == code)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound(f"there is no dock {code!r} in this warehouse")
    return found


def book_slot(
    session: Session,
    actor: Actor,
    now: datetime,
    warehouse: Warehouse,
    code: str,
    starts_at: datetime,
    subject: str,
) -> DockSlot:
    """Book the slot that begins at an instant for announced goods or a load unit; again it answers the same slot.

    Raises SlotTaken, Invalid (`no_such_slot`, `in_the_past`, `unknown_subject`), Forbidden, NotFound.
    """
    if not actor.may(*BOOKERS):
        raise Forbidden("only the warehouse and the owner of the goods book a slot")
    dock = find_dock(session, warehouse, code, lock=True)
    zone = ZoneInfo(warehouse.location.time_zone)
    slot = slot_at(starts_at, dock.opens_local, dock.closes_local, dock.slot_min, zone)
    if slot is None:
        raise _wrong(
            "starts_at", "no_such_slot", "no slot of this dock begins then", "take one that is listed as free"
        )
    if slot[1] <= now:
        raise _wrong("starts_at", "in_the_past", "this slot is over", "take one that is still to come")
    _check_subject(session, actor, warehouse, subject)
    values = {
        "public_id": new_id("slt"), "dock_id": dock.id, "starts_at": slot[0], "ends_at": slot[1], "subject": subject,
        "booked_by": actor.reference, "created_at": now,
    }  # fmt: skip
    made = session.scalar(insert_missing(session, DockSlot, [values]).returning(DockSlot))
    if made is None:
        return _standing(session, dock, slot[0], subject)
    after = {"dock": code, "starts_at": slot[0].isoformat(), "subject": subject}
    auditing.record(session, actor, now, "dock_slot.booked", made.public_id, after=after)
    return made


def cancel_slot(session: Session, actor: Actor, now: datetime, public_id: str) -> None:
    """Give a slot back; Conflict once it has begun. NotFound, also for an exporter whose goods it is not for."""
    query = (
        select(DockSlot)
        .join(Dock, Dock.id == DockSlot.dock_id)
        .where(DockSlot.public_id == public_id, may_see(actor, Dock.warehouse_id))
        .options(joinedload(DockSlot.dock))
    )
    slot = session.scalar(query.with_for_update(of=DockSlot))
    if slot is None or (actor.exporter_id is not None and not _owns(session, actor, slot.subject)):
        raise NotFound("there is no such appointment")
    if not actor.may(*BOOKERS):
        raise Forbidden("only the warehouse and the owner of the goods cancel an appointment")
    if slot.starts_at <= now:
        raise Conflict("this appointment has begun")
    before = {"dock": slot.dock.code, "starts_at": slot.starts_at.isoformat(), "subject": slot.subject}
    session.delete(slot)
    auditing.record(session, actor, now, "dock_slot.cancelled", public_id, before=before)


def _fits(opens_local: str, closes_local: str, slot_min: int) -> bool:
    (open_h, open_m), (close_h, close_m) = (
        map(int, clock.split(":")) for clock in (opens_local, closes_local)
    )
    return (close_h * 60 + close_m) - (open_h * 60 + open_m) >= slot_min


def _standing(session: Session, dock: Dock, starts_at: datetime, subject: str) -> DockSlot:
    there = session.scalars(
        select(DockSlot).where(DockSlot.dock_id == dock.id, DockSlot.starts_at == starts_at)
    ).one()
    if there.subject != subject:
        raise SlotTaken(f"this slot at {dock.code} was taken before; choose another one")
    return there


def _check_subject(session: Session, actor: Actor, warehouse: Warehouse, subject: str) -> None:
    """It must be goods announced to this warehouse, or a load unit that stands there."""
    if _owns(session, actor, subject, warehouse):
        return
    known = actor.exporter_id is None and session.scalar(
        select(LoadUnit.id)
        .join(Location, Location.id == LoadUnit.location_id)
        .where(LoadUnit.public_id == subject, Location.id == warehouse.location_id)
    )
    if not known:
        raise _wrong(
            "subject", "unknown_subject", f"nothing announced to this warehouse is {subject!r}",
            "the id of announced goods (asn_…) or of a load unit",
        )  # fmt: skip


def _owns(session: Session, actor: Actor, subject: str, warehouse: Warehouse | None = None) -> bool:
    query = select(Asn.id).where(Asn.public_id == subject)
    if actor.exporter_id is not None:
        query = query.where(Asn.owner_id == actor.exporter_id)
    if warehouse is not None:
        query = query.where(Asn.warehouse_id == warehouse.id)
    return session.scalar(query) is not None


def _wrong(field: str, code: str, message: str, suggestion: str) -> Invalid:
    return Invalid(f"{field}: {message}", (FieldError(field, code, message, suggestion, f"$.{field}"),))
