"""What was loaded onto a departure, beside what was planned: units, pieces, and where the two differ."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import (
    Booking,
    BookingLeg,
    BookingLine,
    Consignment,
    Departure,
    HandlingUnit,
    LoadContent,
    LoadUnit,
    Parcel,
    Party,
    SpaceAllocation,
)
from app.queries.loading import counted
from app.queries.paging import AnySelect
from app.queries.paper_facts import DEAD
from app.usecases.loading.opening import begins_at
from warehouses.numbers import spaced

MOST_SHOWN = 200
"""Differences listed one by one; they are counted all."""
KINDS = ("missing", "not_loaded", "extra", "other_unit", "unfilled")


@dataclass(frozen=True, slots=True)
class Piece:
    """A parcel in a unit, as it was counted. `unit` is where it lies, `top` the one that is loaded."""

    parcel_id: int
    public_id: str
    reference: str
    tracking_number: str | None
    exporter_id: int
    booking_id: int
    booking: str
    consignment_id: int | None
    returned: bool
    customs_mode: str | None
    goods_class: str
    weight_g: int
    volume_cm3: int
    unit: LoadUnit
    top: LoadUnit


@dataclass(frozen=True, slots=True)
class Difference:
    """Where load and plan differ: one of `KINDS`. `unit` is the number of where it is, `planned` where it should be."""

    kind: str
    subject: str
    reference: str
    booking: str
    unit: str | None = None
    planned: str | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Sums:
    """So many packages of grams and cm3."""

    packages: int = 0
    weight_g: int = 0
    volume_cm3: int = 0


@dataclass(frozen=True, slots=True)
class DepartureLoad:
    """What is in units for a departure. `planned` is what is booked, `packed` in units, `loaded` on board."""

    departure: Departure
    units: tuple[LoadUnit, ...]
    """All of them, the largest first."""
    pieces: tuple[Piece, ...]
    planned: Sums
    packed: Sums
    loaded: Sums
    differences: tuple[Difference, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many of each kind."""

    @property
    def tops(self) -> tuple[LoadUnit, ...]:
        """The units that stand in no other, or did not when they left."""
        inner = {piece.unit.id for piece in self.pieces if piece.unit is not piece.top}
        return tuple(one for one in self.units if one.parent_id is None and one.id not in inner)

    @property
    def anything_loaded(self) -> bool:
        """Whether a unit is on board, or was."""
        return any(one.loaded_at is not None for one in self.units)

    @property
    def on_board(self) -> tuple[Piece, ...]:
        """What is on board, or was."""
        return tuple(piece for piece in self.pieces if piece.top.loaded_at is not None)


def departure_load(session: Session, public_id: str, place_id: int | None = None) -> DepartureLoad:
    """What was packed and loaded for a departure, and what it lacks; practice is left out. Raises NotFound.

    `place_id` leaves what is built at one location, and the parcels that begin there or were received there.
    """
    departure = session.scalar(select(Departure).where(Departure.public_id == public_id))
    if departure is None:
        raise NotFound("there is no such departure")
    units = session.scalars(
        select(LoadUnit)
        .where(LoadUnit.departure_id == departure.id, LoadUnit.status != "cancelled", *_built_at(place_id))
        .order_by(LoadUnit.kind.desc(), LoadUnit.id)
    ).all()
    by_id = {one.id: one for one in units}
    tops = _tops(session, by_id)
    pieces = tuple(_pieces(session, by_id, tops))
    differences = _differences(session, departure, pieces, place_id)
    planned = session.execute(_planned_sums(departure.id, place_id)).one()
    loaded = [piece for piece in pieces if piece.top.loaded_at is not None]
    return DepartureLoad(
        departure, tuple(units), pieces, Sums(*(int(one or 0) for one in planned)), _sums(pieces), _sums(loaded),
        tuple(differences[:MOST_SHOWN]), Counter(one.kind for one in differences),
    )  # fmt: skip


def _tops(session: Session, units: Mapping[int, LoadUnit]) -> dict[int, LoadUnit]:
    """By row id of a unit the largest one it stands in, or stood in when it was unpacked."""
    query = select(LoadContent.child_id, LoadContent.unit_id).where(
        LoadContent.unit_id.in_(units), LoadContent.child_id.is_not(None), counted()
    )
    above = {child: unit for child, unit in session.execute(query)}  # noqa: C416 (a row is no pair)
    found = {}
    for one in units:
        top = one
        while top in above:
            top = above[top] or top
        found[one] = units[top]
    return found


def _pieces(session: Session, units: Mapping[int, LoadUnit], tops: Mapping[int, LoadUnit]) -> list[Piece]:
    query = (
        select(LoadContent, Parcel, Booking, Consignment.customs_mode)
        .join(Parcel, Parcel.id == LoadContent.parcel_id)
        .outerjoin(BookingLine, BookingLine.id == Parcel.booking_line_id)
        .outerjoin(Booking, Booking.id == BookingLine.booking_id)
        .outerjoin(Consignment, Consignment.id == Parcel.consignment_id)
        .where(LoadContent.unit_id.in_(units), counted())
        .order_by(LoadContent.id)
    )
    return [
        Piece(
            parcel.id, parcel.public_id, parcel.reference, parcel.tracking_number, parcel.exporter_id,
            booking.id if booking else 0, booking.public_id if booking else "", parcel.consignment_id,
            parcel.direction == "return",
            parcel.customs_mode or mode or (booking.customs_mode if booking else None),
            parcel.goods_class, row.weight_g, row.volume_cm3, units[row.unit_id], tops[row.unit_id],
        )
        for row, parcel, booking, mode in session.execute(query)
    ]  # fmt: skip


def on_board(departure_id: int) -> AnySelect:
    """Ids of the live bookings with a leg on the departure."""
    return (
        select(BookingLeg.booking_id)
        .join(Booking, Booking.id == BookingLeg.booking_id)
        .where(BookingLeg.departure_id == departure_id, Booking.status.not_in(DEAD), ~Booking.test_mode)
    )


def _built_at(place_id: int | None) -> list[ColumnElement[bool]]:
    return [] if place_id is None else [LoadUnit.location_id == place_id]


def _here(place_id: int | None) -> list[ColumnElement[bool]]:
    """The condition on parcels that they begin at a place or were received there."""
    if place_id is None:
        return []
    return [begins_at(place_id)]


def _planned_sums(departure_id: int, place_id: int | None) -> AnySelect:
    if place_id is not None:
        sums = (func.count(), func.sum(Parcel.weight_g), func.sum(Parcel.volume_cm3))
        lines = select(BookingLine.id).where(BookingLine.booking_id.in_(on_board(departure_id)))
        return select(*sums).where(
            Parcel.booking_line_id.in_(lines), Parcel.status != "cancelled", *_here(place_id)
        )
    line = BookingLine
    return select(
        func.sum(line.count), func.sum(line.count * line.weight_g), func.sum(line.count * line.volume_cm3)
    ).where(line.booking_id.in_(on_board(departure_id)))


def _sums(pieces: Collection[Piece]) -> Sums:
    return Sums(
        len(pieces), sum(piece.weight_g for piece in pieces), sum(piece.volume_cm3 for piece in pieces)
    )


def _differences(
    session: Session, departure: Departure, pieces: Collection[Piece], place_id: int | None
) -> list[Difference]:
    inside = {piece.parcel_id: piece for piece in pieces}
    rooms = _rooms(session, departure.id)
    found, planned = [], set()
    for parcel_id, public_id, reference, booking_id, booking in session.execute(
        _planned(departure.id, place_id)
    ):
        planned.add(parcel_id)
        piece = inside.get(parcel_id)
        room = rooms.get(booking_id, {})
        should = ", ".join(sorted(room.values())) or None
        if piece is None:
            found.append(Difference("missing", public_id, reference, booking, planned=should))
            continue
        unit = spaced(piece.top.kind, piece.top.number)
        if piece.top.loaded_at is None:
            found.append(Difference("not_loaded", public_id, reference, booking, unit, should))
        elif room and piece.top.handling_unit_id is not None and piece.top.handling_unit_id not in room:
            found.append(Difference("other_unit", public_id, reference, booking, unit, should))
    for piece in pieces:
        if piece.parcel_id not in planned:
            unit = spaced(piece.top.kind, piece.top.number)
            found.append(Difference("extra", piece.public_id, piece.reference, piece.booking, unit))
    unfilled = session.execute(_unfilled(departure.id)) if place_id is None else ()
    for booking, owner, lacking in unfilled:
        found.append(Difference("unfilled", booking, owner, booking, count=int(lacking)))
    return sorted(found, key=lambda one: (KINDS.index(one.kind), one.booking, one.reference))


def _planned(departure_id: int, place_id: int | None) -> AnySelect:
    """Parcels that fill live bookings on the departure."""
    return (
        select(Parcel.id, Parcel.public_id, Parcel.reference, Booking.id, Booking.public_id)
        .join(BookingLine, BookingLine.id == Parcel.booking_line_id)
        .join(Booking, Booking.id == BookingLine.booking_id)
        .where(Booking.id.in_(on_board(departure_id)), Parcel.status != "cancelled", *_here(place_id))
        .order_by(Parcel.id)
    )


def _unfilled(departure_id: int) -> AnySelect:
    """Bookings with more packages than parcels, and by how many."""
    lacking = func.sum(BookingLine.count - BookingLine.filled)
    return (
        select(Booking.public_id, Party.reference, lacking)
        .join(BookingLine, BookingLine.booking_id == Booking.id)
        .join(Party, Party.id == Booking.exporter_id)
        .where(Booking.id.in_(on_board(departure_id)))
        .group_by(Booking.public_id, Party.reference)
        .having(lacking > 0)
    )


def _rooms(session: Session, departure_id: int) -> dict[int, dict[int, str]]:
    """By booking: the open units of the departure it has room in, id → public id."""
    query = (
        select(SpaceAllocation.booking_id, HandlingUnit.id, HandlingUnit.public_id)
        .join(HandlingUnit, HandlingUnit.id == SpaceAllocation.unit_id)
        .where(
            HandlingUnit.departure_id == departure_id,
            SpaceAllocation.state == "booked",
            SpaceAllocation.booking_id.is_not(None),
        )
    )
    found: defaultdict[int, dict[int, str]] = defaultdict(dict)
    for booking, unit, public_id in session.execute(query):
        found[booking or 0][unit] = public_id
    return found
