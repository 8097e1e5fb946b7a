"""The room on the departures of an itinerary, read live, and locked when something is about to be taken.

Rows are locked in one order by everybody: pools by id, then units that can be opened by id, then open units by id.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, false, or_, select
from sqlalchemy.orm import Session, joinedload

from app.models import CapacityPool, DepartureUnit, HandlingUnit, Segment
from routing.taking import PoolRoom, Room, UnitKind, UnitRoom


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
    kinds: Mapping[int, DepartureUnit]


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


def read_rooms(
    session: Session, rides: Sequence[Ride], exporter_id: int, now: datetime, *, lock: bool = False
) -> list[RideRoom]:
    """Return the room for each ride: three statements, however many rides there are."""
    pools = _pools(session, rides, lock=lock)
    kinds = _kinds(session, rides, lock=lock)
    units = _units(session, rides, exporter_id, lock=lock)
    return [_room(ride, pools, kinds, units, exporter_id, now) for ride in rides]


def lock_departures(session: Session, departures: Collection[int]) -> None:
    """Lock all pools, units that can be opened and open units of some departures, in the one order."""
    on_them = select(Segment.id).where(Segment.departure_id.in_(departures))
    for query in (
        select(CapacityPool.id).where(CapacityPool.segment_id.in_(on_them)).order_by(CapacityPool.id),
        select(DepartureUnit.id).where(DepartureUnit.departure_id.in_(departures)).order_by(DepartureUnit.id),
        select(HandlingUnit.id).where(HandlingUnit.departure_id.in_(departures)).order_by(HandlingUnit.id),
    ):
        session.execute(query.with_for_update()).all()


def _pools(
    session: Session, rides: Sequence[Ride], *, lock: bool
) -> dict[int, list[tuple[int, CapacityPool]]]:
    travelled = [
        and_(
            Segment.departure_id == ride.departure_id,
            Segment.seq >= ride.board_seq,
            Segment.seq < ride.alight_seq,
        )
        for ride in rides
    ]
    query = (
        select(Segment.departure_id, Segment.seq, CapacityPool)
        .join(Segment, Segment.id == CapacityPool.segment_id)
        .where(or_(false(), *travelled))
        .order_by(CapacityPool.id)
        .execution_options(populate_existing=True)
    )
    if lock:
        query = query.with_for_update(of=CapacityPool)
    found: dict[int, list[tuple[int, CapacityPool]]] = defaultdict(list)
    for departure_id, seq, pool in session.execute(query):
        found[departure_id].append((seq, pool))
    return found


def _kinds(session: Session, rides: Sequence[Ride], *, lock: bool) -> dict[int, list[DepartureUnit]]:
    query = (
        select(DepartureUnit)
        .where(DepartureUnit.departure_id.in_({ride.departure_id for ride in rides}))
        .options(joinedload(DepartureUnit.unit_type))
        .order_by(DepartureUnit.id)
        .execution_options(populate_existing=True)
    )
    if lock:
        query = query.with_for_update(of=DepartureUnit)
    found: dict[int, list[DepartureUnit]] = defaultdict(list)
    for row in session.scalars(query):
        found[row.departure_id].append(row)
    return found


def _units(
    session: Session, rides: Sequence[Ride], exporter_id: int, *, lock: bool
) -> dict[int, list[HandlingUnit]]:
    theirs = HandlingUnit.exporter_id.is_(None) | (HandlingUnit.exporter_id == exporter_id)
    query = (
        select(HandlingUnit)
        .where(HandlingUnit.departure_id.in_({ride.departure_id for ride in rides}))
        .where(HandlingUnit.closed_at.is_(None), theirs)
        .order_by(HandlingUnit.id)
        .execution_options(populate_existing=True)
    )
    if lock:
        query = query.with_for_update()
    found: dict[int, list[HandlingUnit]] = defaultdict(list)
    for row in session.scalars(query):
        found[row.departure_id].append(row)
    return found


def _room(
    ride: Ride,
    pools: Mapping[int, list[tuple[int, CapacityPool]]],
    kinds: Mapping[int, list[DepartureUnit]],
    units: Mapping[int, list[HandlingUnit]],
    exporter_id: int,
    now: datetime,
) -> RideRoom:
    theirs = [(seq, pool) for seq, pool in pools.get(ride.departure_id, ()) if _travelled(ride, seq)]
    cut_out: dict[int, int] = defaultdict(int)
    for _, pool in theirs:
        if pool.parent_id is not None:
            released = pool.release_at is not None and pool.release_at <= now
            cut_out[pool.parent_id] += pool.held + pool.booked if released else pool.capacity
    of_type = kinds.get(ride.departure_id, [])
    room = Room(
        segments=tuple(range(ride.board_seq, ride.alight_seq)),
        pools=tuple(
            PoolRoom(
                pool.id,
                seq,
                pool.dimension,
                max(0, pool.capacity - pool.held - pool.booked - cut_out[pool.id]),
                own=pool.exporter_id is not None,
            )
            for seq, pool in theirs
            if pool.exporter_id is None or (pool.exporter_id == exporter_id and _unreleased(pool, now))
        ),
        units=tuple(
            UnitRoom(unit.id, unit.payload_g - unit.held_g - unit.booked_g, _left_cm3(unit))
            for unit in units.get(ride.departure_id, ())
            if (unit.board_seq, unit.alight_seq) == (ride.board_seq, ride.alight_seq)
        ),
        kinds=tuple(_kind(row) for row in of_type),
        in_units=bool(of_type),
    )
    return RideRoom(ride, room, dict(cut_out), {row.id: row for row in of_type})


def _travelled(ride: Ride, seq: int) -> bool:
    return ride.board_seq <= seq < ride.alight_seq


def _unreleased(pool: CapacityPool, now: datetime) -> bool:
    return pool.release_at is None or pool.release_at > now


def _left_cm3(unit: HandlingUnit) -> int:
    return unit.volume_cm3 - unit.held_cm3 - unit.booked_cm3


def _kind(row: DepartureUnit) -> UnitKind:
    kind = row.unit_type
    return UnitKind(
        row.id,
        row.max_count - row.opened,
        kind.payload_g,
        kind.volume_cm3,
        kind.takes_dimension or "",
        kind.takes_quantity,
    )
