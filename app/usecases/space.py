"""Taking space: held for an offer, booked by a booking, given back; never more than there is.

Everything happens under locks taken in one order (`space_rooms`) and by conditional UPDATE, in the transaction of
whoever asks. Expired holds in the way are released before anybody is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, insert, select, update
from sqlalchemy.orm import Session

from app.errors import CapacityGone
from app.ids import new_id
from app.models import CapacityPool, DepartureUnit, HandlingUnit, Offer, SpaceAllocation
from app.usecases.space_release import release, release_expired
from app.usecases.space_rooms import Ride, RideRoom, read_rooms, rides_of
from routing.taking import Fill, Lot, NoRoom, Opening, Taking, take

Owner = dict[str, int | None]
"""`offer_id` or `booking_id` of whoever takes the space."""
Narrow = Callable[[RideRoom], RideRoom]
"""Leaves of a room what may be used."""


def lots_of(lines: Sequence[Mapping[str, Any]]) -> list[Lot]:
    """Return the packages of quote lines (`Quote.asked["lines"]`)."""
    return [Lot(int(one["count"]), int(one["weight_g"]), int(one["volume_cm3"])) for one in lines]


def hold(
    session: Session,
    offer: Offer,
    lines: Sequence[Mapping[str, Any]],
    exporter_id: int,
    now: datetime,
    until: datetime,
) -> None:
    """Hold the space of an offer until an instant; CapacityGone where there is not enough."""
    rides = rides_of(offer.legs)
    owner: Owner = {"offer_id": offer.id}
    _take(session, rides, lots_of(lines), exporter_id, now, owner, offer.public_id, until)


def book(
    session: Session,
    rides: Sequence[Ride],
    lots: Sequence[Lot],
    exporter_id: int,
    now: datetime,
    *,
    booking_id: int,
    opened_by: str,
    offer_id: int | None = None,
    narrow: Narrow | None = None,
    rooms: Sequence[RideRoom] | None = None,
) -> None:
    """Take the space of a booking, from what its offer still holds where it holds all of it.

    `narrow` leaves of a room what may be used, such as the units that a plan opens. `rooms` are those of the rides if
    the caller has just read and locked them.
    Raises CapacityGone, naming the leg and what is missing, and then nothing was changed.
    """
    if offer_id is not None and _book_held(session, offer_id, booking_id, now):
        return
    owner: Owner = {"booking_id": booking_id}
    _take(session, rides, lots, exporter_id, now, owner, opened_by, None, narrow, rooms)


def _take(
    session: Session,
    rides: Sequence[Ride],
    lots: Sequence[Lot],
    exporter_id: int,
    now: datetime,
    owner: Owner,
    opened_by: str,
    until: datetime | None,
    narrow: Narrow | None = None,
    rooms: Sequence[RideRoom] | None = None,
) -> None:
    rooms = rooms or _rooms(session, rides, exporter_id, now, narrow)
    try:
        takings = _fit(rooms, lots)
    except CapacityGone:
        if not release_expired(session, rooms, now):
            raise
        rooms = _rooms(session, rides, exporter_id, now, narrow)
        takings = _fit(rooms, lots)
    state = "booked" if until is None else "held"
    common = {"state": state, "expires_at": until, "created_at": now, **owner}
    for room, taking in zip(rooms, takings, strict=True):
        _take_ride(session, room, taking, common, opened_by, exporter_id)


def _rooms(
    session: Session, rides: Sequence[Ride], exporter_id: int, now: datetime, narrow: Narrow | None
) -> list[RideRoom]:
    rooms = read_rooms(session, rides, exporter_id, now, lock=True)
    return rooms if narrow is None else [narrow(room) for room in rooms]


def _fit(rooms: Sequence[RideRoom], lots: Sequence[Lot]) -> list[Taking]:
    found = []
    for one in rooms:
        try:
            found.append(take(lots, one.room, may_open=one.ride.may_open))
        except NoRoom as full:
            raise CapacityGone(
                f"leg {one.ride.leg_seq} has no room for this any more: {full.detail}; ask for a new quote",
                reason=full.code,
                leg=one.ride.leg_seq,
            ) from full
    return found


def _take_ride(
    session: Session,
    room: RideRoom,
    taking: Taking,
    common: dict[str, Any],
    opened_by: str,
    exporter_id: int,
) -> None:
    ride, now = room.ride, common["created_at"]
    _raise_pools(session, taking.pools, str(common["state"]), room.cut_out)
    dimension = {pool.id: pool.dimension for pool in room.room.pools}
    rows = [
        {"pool_id": pool, "unit_id": None, "dimension": dimension[pool], "quantity": quantity}
        for pool, quantity in taking.pools.items()
    ]
    for unit_id, fill in taking.fills.items():
        _fill_unit(session, unit_id, fill, str(common["state"]))
        rows += _unit_rows(unit_id, fill)
    for opening in taking.openings:
        owner = exporter_id if opening.own else None
        unit = _open_unit(session, room, opening, opened_by, owner, now)
        _fill_unit(session, unit.id, opening.fill, str(common["state"]))
        rows += _unit_rows(unit.id, opening.fill)
    if rows:
        session.execute(insert(SpaceAllocation), [row | common | {"leg_seq": ride.leg_seq} for row in rows])


def _unit_rows(unit_id: int, fill: Fill) -> list[dict[str, Any]]:
    sizes = {"g": fill.weight_g, "cm3": fill.volume_cm3}
    return [
        {"pool_id": None, "unit_id": unit_id, "dimension": name, "quantity": size}
        for name, size in sizes.items()
    ]


def _raise_pools(
    session: Session, quantities: Mapping[int, int], state: str, cut_out: Mapping[int, int]
) -> None:
    """Count pools up, each only if it stays within its capacity. The rows are locked, in id order."""
    if not quantities:
        return
    more = case(dict(quantities), value=CapacityPool.id)
    promised = case({pool: cut_out.get(pool, 0) for pool in quantities}, value=CapacityPool.id)
    column = CapacityPool.held if state == "held" else CapacityPool.booked
    changed = session.execute(
        update(CapacityPool)
        .where(CapacityPool.id.in_(quantities))
        .where(CapacityPool.held + CapacityPool.booked + more + promised <= CapacityPool.capacity)
        .values({column: column + more})
        .returning(CapacityPool.id)
        .execution_options(synchronize_session=False)
    ).all()
    if len(changed) != len(quantities):
        raise CapacityGone("somebody else has just taken the space; ask for a new quote", reason="full")


def _fill_unit(session: Session, unit_id: int, fill: Fill, state: str) -> None:
    unit = HandlingUnit
    weight, volume = (unit.held_g, unit.held_cm3) if state == "held" else (unit.booked_g, unit.booked_cm3)
    changed = session.execute(
        update(unit)
        .where(unit.id == unit_id, unit.closed_at.is_(None))
        .where(unit.held_g + unit.booked_g + fill.weight_g <= unit.payload_g)
        .where(unit.held_cm3 + unit.booked_cm3 + fill.volume_cm3 <= unit.volume_cm3)
        .values({weight: weight + fill.weight_g, volume: volume + fill.volume_cm3})
        .returning(unit.id)
        .execution_options(synchronize_session=False)
    ).first()
    if changed is None:
        raise CapacityGone("somebody else has just filled the unit; ask for a new quote", reason="full")


def _open_unit(
    session: Session,
    room: RideRoom,
    opening: Opening,
    opened_by: str,
    owner: int | None,
    now: datetime,
) -> HandlingUnit:
    """Open one unit: it takes its slots for good, whatever becomes of the goods it was opened for."""
    row = room.kinds[opening.kind]
    if not opening.own:
        changed = session.execute(
            update(DepartureUnit)
            .where(DepartureUnit.id == row.id, DepartureUnit.opened < DepartureUnit.max_count)
            .values(opened=DepartureUnit.opened + 1)
            .returning(DepartureUnit.id)
            .execution_options(synchronize_session=False)
        ).first()
        if changed is None:
            raise CapacityGone("the last unit has just been opened; ask for a new quote", reason="full")
    _raise_pools(session, opening.slots, "booked", room.cut_out)
    unit = HandlingUnit(
        public_id=new_id("hun"),
        departure_id=row.departure_id,
        unit_type_id=row.unit_type_id,
        board_seq=room.ride.board_seq,
        alight_seq=room.ride.alight_seq,
        payload_g=row.payload_g,
        volume_cm3=row.volume_cm3,
        exporter_id=owner,
        opened_by=opened_by,
        opened_at=now,
    )
    session.add(unit)
    session.flush()
    slots = [
        {"pool_id": pool, "dimension": row.takes_dimension, "quantity": quantity}
        | {"state": "booked", "leg_seq": 0, "opened_unit_id": unit.id, "created_at": now}
        for pool, quantity in opening.slots.items()
    ]
    if slots:
        session.execute(insert(SpaceAllocation), slots)
    return unit


def _book_held(session: Session, offer_id: int, booking_id: int, now: datetime) -> bool:
    """Turn what an offer holds into the booking's; False, and all of it is given back, where it ran out."""
    mine = (SpaceAllocation.offer_id == offer_id, SpaceAllocation.state == "held")
    rows = session.scalars(select(SpaceAllocation).where(*mine)).all()
    if not rows:
        return False
    if any(row.expires_at is None or row.expires_at <= now for row in rows):
        release(session, now, offer_id=offer_id)
        return False
    lock_rows(session, {row.pool_id for row in rows}, {row.unit_id for row in rows})
    kept = session.execute(
        update(SpaceAllocation)
        .where(*mine, SpaceAllocation.expires_at > now)
        .values(state="booked", booking_id=booking_id, expires_at=None)
        .returning(SpaceAllocation.pool_id, SpaceAllocation.unit_id, SpaceAllocation.dimension)
        .execution_options(synchronize_session=False)
    ).all()
    if len(kept) != len(rows):
        raise CapacityGone("the hold ran out at this moment; send the request again", reason="hold_expired")
    for row in rows:
        _held_to_booked(session, row)
    return True


def _held_to_booked(session: Session, row: SpaceAllocation) -> None:
    if row.pool_id is not None:
        pool = CapacityPool
        change = update(pool).where(pool.id == row.pool_id, pool.held >= row.quantity)
        change = change.values(held=pool.held - row.quantity, booked=pool.booked + row.quantity)
    else:
        unit = HandlingUnit
        held, booked = (
            (unit.held_g, unit.booked_g) if row.dimension == "g" else (unit.held_cm3, unit.booked_cm3)
        )
        change = update(unit).where(unit.id == row.unit_id, held >= row.quantity)
        change = change.values({held: held - row.quantity, booked: booked + row.quantity})
    session.execute(change.execution_options(synchronize_session=False))


def lock_rows(session: Session, pools: set[int | None], units: set[int | None]) -> None:
    """Lock pools, then units, by id (SQLite has one writer at a time anyway)."""
    for model, ids in ((CapacityPool, pools), (HandlingUnit, units)):
        some = sorted(one for one in ids if one is not None)
        if some:
            session.execute(select(model.id).where(model.id.in_(some)).order_by(model.id).with_for_update())
