"""The room on the departures of an itinerary, read live, and locked when something is about to be taken.

Rows are locked in one order by everybody: pools by id, then units that can be opened by id, then open units by id.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from app.models import CapacityPool, DepartureUnit, HandlingUnit, Segment, UnitType
from routing.taking import PoolRoom, Room, UnitKind, UnitRoom

AnySelect: TypeAlias = Select[*tuple[Any, ...]]
DEPARTURES: BindParameter[Any] = bindparam("departures", expanding=True)
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
        HandlingUnit.departure_id, HandlingUnit.id, HandlingUnit.exporter_id, HandlingUnit.board_seq,
        HandlingUnit.alight_seq,
        (HandlingUnit.payload_g - HandlingUnit.held_g - HandlingUnit.booked_g).label("free_g"),
        (HandlingUnit.volume_cm3 - HandlingUnit.held_cm3 - HandlingUnit.booked_cm3).label("free_cm3"),
    )
    .where(HandlingUnit.departure_id.in_(DEPARTURES), HandlingUnit.closed_at.is_(None))
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
    """Rows of the pools, kinds and open units of one departure."""

    pools: Sequence[Any] = ()
    kinds: Sequence[Any] = ()
    units: Sequence[Any] = ()

    def room(self, ride: Ride, exporter_id: int, now: datetime) -> RideRoom:
        """Return the room for a ride."""
        return _room(ride, self, exporter_id, now)

    def next_release(self, now: datetime) -> datetime | None:
        """Return when a block on the departure is next open to everybody; None: never."""
        coming = (row.release_at for row in self.pools if row.release_at is not None and row.release_at > now)
        return min(coming, default=None)


def read_rooms(
    session: Session, rides: Sequence[Ride], exporter_id: int, now: datetime, *, lock: bool = False
) -> list[RideRoom]:
    """Return the room for each ride: three statements, however many rides there are."""
    if not rides:
        return []
    queries: list[AnySelect] = [POOLS_OF_DEPARTURES, KINDS, UNITS]
    if lock:
        # Locked is what is travelled and may be used, and no more: others may be busy on the rest.
        theirs = HandlingUnit.exporter_id.is_(None) | (HandlingUnit.exporter_id == exporter_id)
        queries = [
            POOLS.where(or_(*map(_on_the_way, rides))).with_for_update(of=CapacityPool),
            KINDS.with_for_update(of=DepartureUnit),
            UNITS.where(theirs).with_for_update(),
        ]
    rows = read_room_rows(session, {ride.departure_id for ride in rides}, queries)
    return [rows[ride.departure_id].room(ride, exporter_id, now) for ride in rides]


def read_room_rows(
    session: Session,
    departures: Collection[int],
    queries: Sequence[AnySelect] = (POOLS_OF_DEPARTURES, KINDS, UNITS),
) -> dict[int, RoomRows]:
    """Read all that says how much is free on some departures: pools, kinds of units, and open units."""
    session.flush()
    connection = session.connection()
    values = {"departures": sorted(departures)}

    def read(query: AnySelect) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = defaultdict(list)
        for row in connection.execute(query, values).all():
            found[row[0]].append(row)
        return found

    of_pools, of_kinds, of_units = queries
    pools, kinds = read(of_pools), read(of_kinds)
    # Units travel with departures that name kinds of them; loose ones need no look.
    units = read(of_units) if kinds else {}
    return {one: RoomRows(pools.get(one, ()), kinds.get(one, ()), units.get(one, ())) for one in departures}


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


def _room(ride: Ride, rows: RoomRows, exporter_id: int, now: datetime) -> RideRoom:
    first, last = ride.board_seq, ride.alight_seq
    theirs = [row for row in rows.pools if first <= row.seq < last]
    cut_out: dict[int, int] = defaultdict(int)
    for row in theirs:
        if row.parent_id is not None:
            released = row.release_at is not None and row.release_at <= now
            cut_out[row.parent_id] += row.held + row.booked if released else row.capacity
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
            for row in rows.units
            if (row.board_seq, row.alight_seq) == (first, last) and row.exporter_id in (None, exporter_id)
        ),
        kinds=tuple(_kind(row) for row in rows.kinds),
        in_units=bool(rows.kinds),
    )
    return RideRoom(ride, room, dict(cut_out), {row.id: row for row in rows.kinds})


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
