"""The room on the departures of an itinerary, read live, and locked when something is about to be taken.

Rows are locked in one order by everybody: pools by id, then units that can be opened by id, then open units by id.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from app.models import CapacityPool, DepartureUnit, HandlingUnit, Segment, UnitType
from routing.taking import PoolRoom, Room, UnitKind, UnitRoom

DEPARTURES = bindparam("departures", expanding=True)
# Plain columns, and statements that are built once: a quote looks at the rooms of dozens of departures.
POOLS = (
    select(
        Segment.departure_id, Segment.seq, CapacityPool.id, CapacityPool.dimension, CapacityPool.capacity,
        CapacityPool.held, CapacityPool.booked, CapacityPool.parent_id, CapacityPool.exporter_id,
        CapacityPool.release_at,
    )
    .join(Segment, Segment.id == CapacityPool.segment_id)
    .order_by(CapacityPool.id)
)  # fmt: skip
KINDS = (
    select(
        DepartureUnit.departure_id, DepartureUnit.id, DepartureUnit.unit_type_id, DepartureUnit.max_count,
        DepartureUnit.opened, DepartureUnit.cost_minor, DepartureUnit.currency, UnitType.payload_g,
        UnitType.volume_cm3, UnitType.takes_dimension, UnitType.takes_quantity,
    )
    .join(UnitType, UnitType.id == DepartureUnit.unit_type_id)
    .where(DepartureUnit.departure_id.in_(DEPARTURES))
    .order_by(DepartureUnit.id)
)  # fmt: skip
UNITS = (
    select(
        HandlingUnit.departure_id, HandlingUnit.id, HandlingUnit.board_seq, HandlingUnit.alight_seq,
        (HandlingUnit.payload_g - HandlingUnit.held_g - HandlingUnit.booked_g).label("free_g"),
        (HandlingUnit.volume_cm3 - HandlingUnit.held_cm3 - HandlingUnit.booked_cm3).label("free_cm3"),
    )
    .where(HandlingUnit.departure_id.in_(DEPARTURES), HandlingUnit.closed_at.is_(None))
    .where(HandlingUnit.exporter_id.is_(None) | (HandlingUnit.exporter_id == bindparam("exporter")))
    .order_by(HandlingUnit.id)
)  # fmt: skip
POOLS_OF_DEPARTURES = POOLS.where(Segment.departure_id.in_(DEPARTURES))


@dataclass(frozen=True, slots=True)
class Ride:
    """A leg on a departure between two calls, by their numbers."""

    leg_seq: int
    departure_id: int
    board_seq: int
    alight_seq: int
    may_open: bool = False
    """Whether a unit may be opened for the goods of this leg alone."""


@dataclass(frozen=True, slots=True)
class RideRoom:
    """What is free for one ride, and the rows it was read from, by id."""

    ride: Ride
    room: Room
    cut_out: Mapping[int, int]
    """By pool: what of it is promised to others and cannot be taken."""
    kinds: Mapping[int, Any]
    """By `UnitKind.id`: rows of the columns of `KINDS`."""


def rides_of(legs: Iterable[Mapping[str, object]]) -> list[Ride]:
    """Return the rides among the legs of an offer (`Offer.legs`)."""
    return [
        Ride(
            int(str(leg["seq"])),
            int(str(leg["departure_id"])),
            int(str(leg["board_seq"])),
            int(str(leg["alight_seq"])),
            bool(leg.get("may_open")),
        )
        for leg in legs
        if leg.get("departure_id") is not None
    ]


@dataclass(frozen=True, slots=True)
class RoomRows:
    """Rows of pools, kinds and open units, by departure."""

    pools: Mapping[int, list[Any]]
    kinds: Mapping[int, list[Any]]
    units: Mapping[int, list[Any]]

    def room(self, ride: Ride, exporter_id: int, now: datetime) -> RideRoom:
        """Return the room for a ride."""
        return _room(ride, self.pools, self.kinds, self.units, exporter_id, now)


def read_rooms(
    session: Session, rides: Sequence[Ride], exporter_id: int, now: datetime, *, lock: bool = False
) -> list[RideRoom]:
    """Return the room for each ride: three statements, however many rides there are."""
    if not rides:
        return []
    # Locked is what is travelled and no more: others may be busy on the rest of the departure.
    travelled = POOLS.where(or_(*map(_on_the_way, rides))).with_for_update(of=CapacityPool) if lock else None
    rows = read_room_rows(session, {ride.departure_id for ride in rides}, exporter_id, travelled)
    return [rows.room(ride, exporter_id, now) for ride in rides]


def read_room_rows(
    session: Session,
    departures: Collection[int],
    exporter_id: int,
    locked: Select[*tuple[Any, ...]] | None = None,
) -> RoomRows:
    """Read all that says how much is free on some departures; `locked` reads the pools, and locks them and the rest."""
    session.flush()
    connection = session.connection()
    values = {"departures": sorted(departures)}

    def read(query: Select[*tuple[Any, ...]], **more: int) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = defaultdict(list)
        for row in connection.execute(query, values | more):
            found[row[0]].append(row)
        return found

    lock = locked is not None
    pools = read(POOLS_OF_DEPARTURES if locked is None else locked)
    kinds = read(KINDS.with_for_update(of=DepartureUnit) if lock else KINDS)
    # Units travel with departures that name kinds of them; loose ones need no look.
    units = read(UNITS.with_for_update() if lock else UNITS, exporter=exporter_id) if kinds else {}
    return RoomRows(pools, kinds, units)


def lock_departures(session: Session, departures: Collection[int]) -> None:
    """Lock all pools, units that can be opened and open units of some departures, in the one order."""
    on_them = select(Segment.id).where(Segment.departure_id.in_(departures))
    for query in (
        select(CapacityPool.id).where(CapacityPool.segment_id.in_(on_them)).order_by(CapacityPool.id),
        select(DepartureUnit.id).where(DepartureUnit.departure_id.in_(departures)).order_by(DepartureUnit.id),
        select(HandlingUnit.id).where(HandlingUnit.departure_id.in_(departures)).order_by(HandlingUnit.id),
    ):
        session.execute(query.with_for_update()).all()


def _on_the_way(ride: Ride) -> ColumnElement[bool]:
    here = Segment.departure_id == ride.departure_id
    return and_(here, Segment.seq >= ride.board_seq, Segment.seq < ride.alight_seq)


def _room(
    ride: Ride,
    pools: Mapping[int, list[Any]],
    kinds: Mapping[int, list[Any]],
    units: Mapping[int, list[Any]],
    exporter_id: int,
    now: datetime,
) -> RideRoom:
    first, last = ride.board_seq, ride.alight_seq
    theirs = [row for row in pools.get(ride.departure_id, ()) if first <= row.seq < last]
    cut_out: dict[int, int] = defaultdict(int)
    for row in theirs:
        if row.parent_id is not None:
            released = row.release_at is not None and row.release_at <= now
            cut_out[row.parent_id] += row.held + row.booked if released else row.capacity
    of_type = kinds.get(ride.departure_id, [])
    room = Room(
        segments=tuple(range(first, last)),
        pools=tuple(
            PoolRoom(
                row.id,
                row.seq,
                row.dimension,
                max(0, row.capacity - row.held - row.booked - cut_out[row.id]),
                own=row.exporter_id is not None,
            )
            for row in theirs
            if row.exporter_id is None
            or (row.exporter_id == exporter_id and _unreleased(row.release_at, now))
        ),
        units=tuple(
            UnitRoom(row.id, row.free_g, row.free_cm3)
            for row in units.get(ride.departure_id, ())
            if (row.board_seq, row.alight_seq) == (first, last)
        ),
        kinds=tuple(_kind(row) for row in of_type),
        in_units=bool(of_type),
    )
    return RideRoom(ride, room, dict(cut_out), {row.id: row for row in of_type})


def _unreleased(release_at: datetime | None, now: datetime) -> bool:
    return release_at is None or release_at > now


def _kind(row: Any) -> UnitKind:  # noqa: ANN401 (a row of KINDS)
    return UnitKind(
        row.id,
        row.max_count - row.opened,
        row.payload_g,
        row.volume_cm3,
        row.takes_dimension or "",
        row.takes_quantity,
    )
