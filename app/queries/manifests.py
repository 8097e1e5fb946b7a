"""The manifest of a departure: what was loaded onto it; until then every live booking and the open units."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.documents.facts import Place, both
from app.documents.manifests import Manifest, ManifestCall, ManifestLine, ManifestUnit
from app.errors import NotFound
from app.models import (
    Booking,
    BookingLeg,
    BookingLine,
    Consignment,
    Departure,
    HandlingUnit,
    Parcel,
    Party,
    SpaceAllocation,
)
from app.queries.departure_load import departure_load, on_board
from app.queries.manifests_loaded import loaded_lines, loaded_part
from app.queries.paper_facts import goods_of, party_of, places_of


@dataclass(frozen=True, slots=True)
class Load:
    """So much of one class of goods."""

    goods_class: str
    packages: int
    weight_g: int
    volume_cm3: int
    returned: bool = False


Loads = Mapping[int, list[Load]]


def manifest(session: Session, departure_id: str, now: datetime) -> Manifest:
    """What was loaded onto a departure, or while nothing was, what is booked on it; practice is left out. NotFound."""
    departure = session.scalar(
        select(Departure)
        .where(Departure.public_id == departure_id)
        .options(joinedload(Departure.service), selectinload(Departure.calls))
    )
    if departure is None:
        raise NotFound("there is no such departure")
    rows = session.execute(_consignments(departure.id)).all()
    ends = {call.location_id for call in departure.calls}
    ends |= {place for row in rows for place in (row.BookingLeg.from_id, row.BookingLeg.to_id)}
    known = places_of(session, ends)
    service = departure.service
    load = departure_load(session, departure_id)
    loaded = load if load.anything_loaded else None
    return Manifest(
        departure=departure.public_id,
        number=departure.number,
        service=both(service.name_en, service.name_zh),
        mode=service.mode,
        calls=tuple(
            ManifestCall(
                place=known[call.location_id], arrives_at=call.arrives_at, departs_at=call.departs_at
            )
            for call in departure.calls
        ),
        lines=loaded_lines(session, departure, loaded)
        if loaded
        else tuple(_lines(session, departure, rows, known)),
        units=_units(session, departure, known),
        made_at=now,
        loaded=loaded_part(loaded) if loaded else None,
    )


def _consignments(departure_id: int) -> Select[Consignment, Booking, BookingLeg, Party]:
    return (
        select(Consignment, Booking, BookingLeg, Party)
        .join(Booking, Booking.id == Consignment.booking_id)
        .join(BookingLeg, BookingLeg.booking_id == Booking.id)
        .join(Party, Party.id == Booking.exporter_id)
        .where(Booking.id.in_(on_board(departure_id)), BookingLeg.departure_id == departure_id)
        .order_by(Booking.id, Consignment.id)
    )


def _lines(
    session: Session,
    departure: Departure,
    rows: Sequence[Row[Consignment, Booking, BookingLeg, Party]],
    known: Mapping[int, Place],
) -> list[ManifestLine]:
    packed, booked = _packed(session, departure.id), _booked(session, departure.id)
    units = _units_of(session, departure.id)
    filled = {row.Booking.id for row in rows if row.Consignment.id in packed}
    lines, begun = [], set()
    for consignment, booking, leg, party in rows:
        loads = packed.get(consignment.id, [])
        if booking.id not in filled and booking.id not in begun:
            # Until parcels are there, all that was booked travels under the first waybill.
            loads = booked[booking.id]
        begun.add(booking.id)
        for returned in (False, True):
            some = [load for load in loads if load.returned is returned]
            if some:
                inside = tuple(units.get(booking.id, ()))
                lines.append(_line(departure, consignment, booking, (leg, party), some, known, inside))
    return lines


def _line(
    departure: Departure,
    consignment: Consignment,
    booking: Booking,
    carried: tuple[BookingLeg, Party],
    loads: Sequence[Load],
    known: Mapping[int, Place],
    units: tuple[str, ...],
) -> ManifestLine:
    """One line of goods that are either all returned ones, or none."""
    leg, party = carried
    flies = departure.service.mode == "air"
    goods = [goods_of(load.goods_class, departure.service_date, flies=flies) for load in loads]
    return ManifestLine(
        waybill_number=consignment.waybill_number,
        booking=booking.public_id,
        exporter=party_of(party),
        origin=known[leg.from_id],
        destination=known[leg.to_id],
        packages=sum(load.packages for load in loads),
        weight_g=sum(load.weight_g for load in loads),
        volume_cm3=sum(load.volume_cm3 for load in loads),
        customs_mode=consignment.customs_mode or booking.customs_mode,
        marks=tuple(dict.fromkeys(one.marks for one in goods if one.marks)),
        units=units,
        returned=loads[0].returned,
    )


def _packed(session: Session, departure_id: int) -> Loads:
    """What is packed, by consignment; returned goods apart."""
    back = (Parcel.direction == "return") | Parcel.return_id.is_not(None)
    found: defaultdict[int, list[Load]] = defaultdict(list)
    for returned, condition in ((False, ~back), (True, back)):
        for key, loads in _loads(session, _packed_of(departure_id, condition)).items():
            found[key] += [replace(load, returned=returned) for load in loads]
    return found


def _packed_of(departure_id: int, condition: ColumnElement[bool]) -> Select[int | None, str, int, int, int]:
    return (
        select(
            Parcel.consignment_id,
            Parcel.goods_class,
            func.count(),
            func.sum(Parcel.weight_g),
            func.sum(Parcel.volume_cm3),
        )
        .join(Consignment, Consignment.id == Parcel.consignment_id)
        .where(Consignment.booking_id.in_(on_board(departure_id)), Parcel.status != "cancelled")
        .where(condition)
        .group_by(Parcel.consignment_id, Parcel.goods_class)
        .order_by(Parcel.goods_class)
    )


def _booked(session: Session, departure_id: int) -> Loads:
    """What was booked, by booking."""
    query = (
        select(
            BookingLine.booking_id,
            BookingLine.goods_class,
            func.sum(BookingLine.count),
            func.sum(BookingLine.count * BookingLine.weight_g),
            func.sum(BookingLine.count * BookingLine.volume_cm3),
        )
        .where(BookingLine.booking_id.in_(on_board(departure_id)))
        .group_by(BookingLine.booking_id, BookingLine.goods_class)
        .order_by(BookingLine.goods_class)
    )
    return _loads(session, query)


def _loads(session: Session, query: Select[int | None, str, int, int, int]) -> Loads:
    found: defaultdict[int, list[Load]] = defaultdict(list)
    for key, goods_class, packages, weight, volume in session.execute(query):
        found[key or 0].append(Load(goods_class, int(packages), int(weight), int(volume)))
    return found


def _units_of(session: Session, departure_id: int) -> Mapping[int, list[str]]:
    """The units of the departure that each booking has room in, by booking."""
    query = (
        select(SpaceAllocation.booking_id, HandlingUnit.public_id)
        .join(HandlingUnit, HandlingUnit.id == SpaceAllocation.unit_id)
        .where(
            HandlingUnit.departure_id == departure_id,
            SpaceAllocation.state == "booked",
            SpaceAllocation.booking_id.is_not(None),
        )
        .distinct()
        .order_by(HandlingUnit.public_id)
    )
    found: defaultdict[int, list[str]] = defaultdict(list)
    for booking_id, unit in session.execute(query):
        found[booking_id or 0].append(unit)
    return found


def _units(session: Session, departure: Departure, known: Mapping[int, Place]) -> tuple[ManifestUnit, ...]:
    query = (
        select(HandlingUnit)
        .where(HandlingUnit.departure_id == departure.id, HandlingUnit.closed_at.is_(None))
        .options(joinedload(HandlingUnit.unit_type))
        .order_by(HandlingUnit.id)
    )
    calls = {call.seq: known[call.location_id] for call in departure.calls}
    return tuple(
        ManifestUnit(
            reference=unit.public_id,
            kind=both(unit.unit_type.name_en, unit.unit_type.name_zh),
            origin=calls[unit.board_seq],
            destination=calls[unit.alight_seq],
            booked_g=unit.booked_g,
            booked_cm3=unit.booked_cm3,
        )
        for unit in session.scalars(query)
    )
