"""Load sealed units onto their departure, and unpack them where they came."""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.models import (
    Booking,
    BookingLeg,
    BookingLine,
    Call,
    Departure,
    LoadUnit,
    Location,
    Parcel,
)
from app.queries.paper_facts import DEAD
from app.usecases import auditing
from app.usecases.loading.contents import close, family_of, inside, lock_units
from app.usecases.loading.finding import unit_named, work_place, working_unit
from app.usecases.loading.opening import OPEN_DEPARTURES
from app.usecases.tracking import Report, Source, record_events
from app.usecases.warehousing.refusals import step
from warehouses.loading import LOAD_STEPS, LOADABLE

BATCH = 500
"""Events recorded in one go."""
MOST_NAMED = 100


def load_unit(session: Session, actor: Actor, now: datetime, unit_id: str) -> LoadUnit:
    """Load a sealed unit onto its departure; every parcel in it gets the event.

    Raises NotFound; Conflict (not sealed, standing in another, the departure has left); Invalid naming each parcel
    that may not go any more: it is held, or its booking goes with another departure now.
    """
    found = working_unit(session, actor, unit_id)
    family = _lock_family(session, found)
    unit = family[0]
    if unit.parent_id is not None:
        raise Conflict("it stands in a larger unit: load that")
    after = step(LOAD_STEPS, "load", unit.status)
    departure = session.get_one(Departure, unit.departure_id)
    if departure.status not in OPEN_DEPARTURES:
        raise Conflict(f"departure {departure.number} is {departure.status}")
    ids = [one.id for one in family]
    _check_all(session, unit, ids)
    unit.status, unit.loaded_at = after, now
    auditing.record(
        session, actor, now, "load_unit.loaded", unit.public_id, after={"departure": departure.public_id}
    )
    session.flush()
    place = session.scalars(
        select(Location.code)
        .join(Call, Call.location_id == Location.id)
        .where(Call.departure_id == departure.id, Call.seq == unit.board_seq)
    ).one()
    _report_loaded(session, actor, now, unit, ids, place)
    return unit


def unpack_unit(session: Session, actor: Actor, now: datetime, place: str, text: str) -> LoadUnit:
    """Take everything out of a unit that has come to a place; parcels are received there by scanning them.

    Smaller units stay closed and are unpacked by themselves. Raises NotFound; Conflict where it is not closed, or
    stands in a larger one.
    """
    warehouse = work_place(session, actor, place)
    named = unit_named(session, text)
    if named is None:
        raise NotFound(f"there is no unit {text.strip()!r}")
    unit, *smaller = _lock_family(session, named)
    here = unit.location_id == warehouse.location_id
    if not here and unit.status != "departed":
        raise NotFound(f"there is no unit {text.strip()!r}")
    if unit.parent_id is not None:
        raise Conflict("it stands in a larger unit: unpack that first")
    unit.status = step(LOAD_STEPS, "unpack", unit.status)
    rows = inside(session, [unit.id])
    close(session, rows, actor, now, "unpacked")
    unit.unpacked_at = now
    for one in (unit, *smaller):
        one.location_id = warehouse.location_id
    after = {"place": warehouse.location.code, "pieces": len(rows)}
    auditing.record(session, actor, now, "load_unit.unpacked", unit.public_id, after=after)
    session.flush()
    return unit


def _lock_family(session: Session, unit: LoadUnit) -> list[LoadUnit]:
    """A unit and all smaller ones in it, locked, the unit first."""
    ids = family_of(session, unit.id)
    found = {one.id: one for one in lock_units(session, ids)}
    return [found[one] for one in ids]


def _check_all(session: Session, unit: LoadUnit, ids: list[int]) -> None:
    goes_along = exists().where(
        BookingLeg.booking_id == BookingLine.booking_id,
        BookingLeg.departure_id == unit.departure_id,
        BookingLeg.board_seq == unit.board_seq,
        BookingLeg.alight_seq == unit.alight_seq,
    )
    query = (
        select(Parcel.reference, Parcel.status, goes_along)
        .outerjoin(BookingLine, BookingLine.id == Parcel.booking_line_id)
        .outerjoin(Booking, Booking.id == BookingLine.booking_id)
        .where(
            Parcel.load_unit_id.in_(ids),
            Parcel.status.not_in(LOADABLE) | Booking.id.is_(None) | Booking.status.in_(DEAD) | ~goes_along,
        )
        .order_by(Parcel.id)
        .limit(MOST_NAMED)
    )
    faults = tuple(_fault(*row) for row in session.execute(query))
    if faults:
        raise Invalid(f"{faults[0].field}: {faults[0].message}", faults)


def _fault(reference: str, status: str, goes_along: bool) -> FieldError:
    held = status not in LOADABLE
    code = "parcel_held" if held else "other_departure" if not goes_along else "booking_over"
    text = f"it is {status}" if held else "its booking does not go with this unit any more"
    return FieldError(f"parcel {reference}", code, text, "unseal the unit and take it out", "$")


def _report_loaded(
    session: Session, actor: Actor, now: datetime, unit: LoadUnit, ids: list[int], place: str
) -> None:
    parcels = session.scalars(
        select(Parcel.public_id).where(Parcel.load_unit_id.in_(ids)).order_by(Parcel.id)
    ).all()
    for some in _batches(parcels):
        reports = [
            Report(
                event_id=f"{unit.public_id}-{one}", code="LOAD", happens_at=now, parcel=one, location=place,
                text=unit.number,
            )
            for one in some
        ]  # fmt: skip
        record_events(session, Source(actor.reference), now, reports)


def _batches(parcels: Collection[str]) -> Iterator[list[str]]:
    every = list(parcels)
    for start in range(0, len(every), BATCH):
        yield every[start : start + BATCH]
