"""Open a unit for a departure: its type, its number, what it takes, and the calls it travels between."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, selectinload

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.ids import new_id
from app.models import (
    BookingLeg,
    BookingLine,
    Call,
    Departure,
    HandlingUnit,
    LoadUnit,
    Parcel,
    ParcelReceipt,
    UnitType,
)
from app.usecases import auditing
from app.usecases.loading.finding import work_place
from app.usecases.warehousing.refusals import refusal
from warehouses import numbers, units
from warehouses.errors import WarehouseError
from warehouses.loading import NUMBERED

OPEN_DEPARTURES = ("planned", "open", "closed")
TRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUnit:
    """A unit as it is asked for. `type_code` is that of a unit type; limits in g and cm3, None: those of the type.

    `handling_unit` is the open unit of the plan it is the real one of; it gives type and calls. `board` and
    `alight` are codes of places the departure calls at, both None: where most parcels of the place board and alight.
    """

    kind: str
    departure: str
    type_code: str | None = None
    number: str | None = None
    handling_unit: str | None = None
    board: str | None = None
    alight: str | None = None
    tare_g: int | None = None
    max_g: int | None = None
    max_cm3: int | None = None


@dataclass(frozen=True, slots=True)
class Build:
    """What a type of unit weighs and takes."""

    code: str
    tare_g: int
    max_g: int
    max_cm3: int
    type_id: int | None = None


def open_unit(session: Session, actor: Actor, now: datetime, place: str, wanted: NewUnit) -> LoadUnit:
    """Open a unit at a place. Bags and pallets get an SSCC unless they bring one.

    Raises NotFound; Conflict where the number is in use, or the departure has left; Invalid `bad_number`,
    `bad_check_digit`, `number_needed`, `unit_type_unknown`, `other_kind`, `not_called_at`, `wrong_order`.
    """
    warehouse = work_place(session, actor, place)
    departure = _departure(session, wanted.departure)
    planned = _planned(session, departure, wanted)
    build = _build(session, wanted, planned, now.date())
    board, alight = _calls(departure, wanted, planned) or _usual(session, departure, warehouse.location_id)
    unit = LoadUnit(
        public_id=new_id("lun"), kind=wanted.kind, unit_type_id=build.type_id, type_code=build.code,
        number=_number(session, wanted, now.date()), location_id=warehouse.location_id,
        departure_id=departure.id, board_seq=board, alight_seq=alight,
        handling_unit_id=planned.id if planned else None, status="open",
        tare_g=build.tare_g if wanted.tare_g is None else wanted.tare_g,
        max_g=build.max_g if wanted.max_g is None else min(wanted.max_g, build.max_g),
        max_cm3=build.max_cm3 if wanted.max_cm3 is None else min(wanted.max_cm3, build.max_cm3),
        net_g=0, net_cm3=0, opened_by=actor.reference, opened_at=now,
    )  # fmt: skip
    session.add(unit)
    session.flush()
    after = {"number": unit.number, "kind": unit.kind, "departure": departure.public_id}
    auditing.record(session, actor, now, "load_unit.opened", unit.public_id, after=after)
    return unit


def _departure(session: Session, public_id: str) -> Departure:
    query = select(Departure).where(Departure.public_id == public_id)
    found = session.scalar(query.options(selectinload(Departure.calls).joinedload(Call.location)))
    if found is None:
        raise NotFound("there is no such departure")
    if found.status not in OPEN_DEPARTURES:
        raise Conflict(f"departure {found.number} is {found.status}: build the unit for a later one")
    return found


def _planned(session: Session, departure: Departure, wanted: NewUnit) -> HandlingUnit | None:
    if wanted.handling_unit is None:
        return None
    # Locked: one of two who build the same unit of the plan is the first.
    planned = session.scalar(
        select(HandlingUnit)
        .where(HandlingUnit.public_id == wanted.handling_unit, HandlingUnit.departure_id == departure.id)
        .with_for_update(key_share=True)
    )
    if planned is None or planned.closed_at is not None:
        raise NotFound("there is no such open unit on this departure")
    real = session.scalar(
        select(LoadUnit.number).where(
            LoadUnit.handling_unit_id == planned.id,
            LoadUnit.status != "cancelled",
            LoadUnit.kind == wanted.kind,
        )
    )
    if real is not None and _kind_of(session.get_one(UnitType, planned.unit_type_id)) == wanted.kind:
        raise Conflict(f"{real} is that unit already")
    return planned


def _kind_of(row: UnitType) -> str:
    """The kind of a type of the network; whole and part charters hold units, and are none."""
    if row.takes_dimension is None:
        return "charter"
    return "uld" if row.takes_dimension == "uld_position" else "container"


def _build(session: Session, wanted: NewUnit, planned: HandlingUnit | None, on: date) -> Build:
    """By the unit of the plan, else by the network's type of this code, else by the list of unit types."""
    if planned is not None:
        row = session.get_one(UnitType, planned.unit_type_id)
        if _kind_of(row) == wanted.kind:
            return Build(row.code, _tare(row, on), planned.payload_g, planned.volume_cm3, row.id)
        if _kind_of(row) != "charter":
            raise _wrong("kind", "other_kind", f"the unit of the plan is a {_kind_of(row)}")
    code = (wanted.type_code or "").strip().upper()
    found = session.scalar(select(UnitType).where(UnitType.code == code))
    if found is not None and _kind_of(found) == wanted.kind:
        return Build(found.code, _tare(found, on), found.payload_g, found.volume_cm3, found.id)
    try:
        listed = units.unit_type(code, on)
    except WarehouseError as error:
        raise _wrong("type", error.code, f"there is no type {code!r} of a {wanted.kind}") from error
    if listed.kind != wanted.kind:
        raise _wrong("type", "other_kind", f"{code} is a {listed.kind}")
    return Build(code, listed.tare_g, listed.payload_g, listed.planned_volume_cm3)


def _tare(row: UnitType, on: date) -> int:
    """What the list says of this type, or of one of the same size-type code: a box on a train is a box."""
    listed = units.unit_types(on)
    same = [one.tare_g for one in listed.values() if row.iso_code and one.iso_code == row.iso_code]
    return listed[row.code].tare_g if row.code in listed else min(same, default=0)


def _calls(departure: Departure, wanted: NewUnit, planned: HandlingUnit | None) -> tuple[int, int] | None:
    """The calls that were asked for, or those of the unit of the plan; None where nothing is said."""
    if planned is not None:
        return planned.board_seq, planned.alight_seq
    if wanted.board is None and wanted.alight is None:
        return None
    ends = []
    for field, code, default in (
        ("from", wanted.board, departure.calls[0]),
        ("to", wanted.alight, departure.calls[-1]),
    ):
        named = [
            call for call in departure.calls if code in (None, call.location.code, call.location.unlocode)
        ]
        if not named:
            raise _wrong(field, "not_called_at", f"{departure.number} does not call at {code}")
        ends.append(default.seq if code is None else named[0].seq)
    if ends[0] >= ends[1]:
        raise _wrong("to", "wrong_order", "it alights before it boards")
    return ends[0], ends[1]


def _usual(session: Session, departure: Departure, place_id: int) -> tuple[int, int]:
    """Between which calls most parcels of a place travel; from the first to the last where none does."""
    query = (
        select(BookingLeg.board_seq, BookingLeg.alight_seq)
        .join(BookingLine, BookingLine.booking_id == BookingLeg.booking_id)
        .join(Parcel, Parcel.booking_line_id == BookingLine.id)
        .where(BookingLeg.departure_id == departure.id, begins_at(place_id))
        .group_by(BookingLeg.board_seq, BookingLeg.alight_seq)
        .order_by(func.count().desc(), BookingLeg.board_seq, BookingLeg.alight_seq)
    )
    found = session.execute(query.limit(1)).one_or_none()
    if found is None or None in tuple(found):
        return departure.calls[0].seq, departure.calls[-1].seq
    return found[0] or 0, found[1] or 0


def begins_at(place_id: int) -> ColumnElement[bool]:
    """The condition on parcels that they begin at a place or were received there."""
    received = select(ParcelReceipt.parcel_id).where(ParcelReceipt.location_id == place_id)
    return or_(Parcel.origin_id == place_id, Parcel.id.in_(received))


def _number(session: Session, wanted: NewUnit, on: date) -> str:
    if wanted.number:
        try:
            number = numbers.read_number(wanted.kind, wanted.number)
        except WarehouseError as error:
            raise refusal(error, suggestion="read it again from the unit") from error
        _check_free(session, number)
        return number
    if wanted.kind not in NUMBERED:
        raise _wrong("number", "number_needed", f"a {wanted.kind} has a number of its own: give it")
    prefix = numbers.company_prefix(on).prefix
    for _ in range(TRIES):
        number = numbers.sscc(secrets.randbelow(numbers.sscc_serials(prefix)), prefix)
        if session.scalar(select(LoadUnit.id).where(LoadUnit.number == number)) is None:
            return number
    raise Conflict("no number is free; ask for another company prefix")


def _check_free(session: Session, number: str) -> None:
    """A container comes back: its number is free again once the unit it was is unpacked or given up."""
    used = session.scalar(
        select(LoadUnit).where(LoadUnit.number == number, LoadUnit.status.not_in(("unpacked", "cancelled")))
    )
    if used is not None:
        raise Conflict(f"{number} is in use: it is {used.status}")


def _wrong(field: str, code: str, message: str) -> Invalid:
    return Invalid(message, (FieldError(field, code, message, "", f"$.{field}"),))
