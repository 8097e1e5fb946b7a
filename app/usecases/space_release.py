"""Giving space back: holds that ran out, bookings that were cancelled or rolled, units nobody is in any more."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Row, or_, select, update
from sqlalchemy.orm import Session

from app.models import CapacityPool, DepartureUnit, HandlingUnit, Offer, Quote, SpaceAllocation
from app.usecases.announcing import announce
from app.usecases.space_rooms import RideRoom

SWEPT_AT_ONCE = 200
"""Offers whose holds ran out that one sweep releases."""
Given = Row[tuple[int | None, int | None, str, int, str]]


def release(
    session: Session, now: datetime, *, offer_id: int | None = None, booking_id: int | None = None
) -> int:
    """Give back everything an offer holds or a booking has; returns how many allocations that were."""
    if booking_id is not None:
        owner: ColumnElement[bool] = SpaceAllocation.booking_id == booking_id
    else:
        owner = (SpaceAllocation.offer_id == offer_id) & (SpaceAllocation.state == "held")
    return _release(session, owner, now)


def release_expired(session: Session, rooms: Sequence[RideRoom], now: datetime) -> int:
    """Give back holds that ran out, on rows that are locked already: those of the rooms."""
    pools = [pool.id for one in rooms for pool in one.room.pools]
    units = [unit.id for one in rooms for unit in one.room.units]
    within = or_(SpaceAllocation.pool_id.in_(pools), SpaceAllocation.unit_id.in_(units))
    given = _give_back(session, within & _ran_out(now))
    # The slots of these units are in pools of the same segments, so they are locked as well.
    _close_empty(session, {row.unit_id for row in given if row.unit_id is not None}, now)
    return len(given)


def sweep_holds(session: Session, now: datetime) -> int:
    """Give back what offers held until before now, and tell whose they were; returns the number of offers."""
    query = select(SpaceAllocation.offer_id).where(_ran_out(now)).distinct().limit(SWEPT_AT_ONCE)
    offers = sorted(offer for offer in session.scalars(query) if offer is not None)
    if not offers or not _release(session, SpaceAllocation.offer_id.in_(offers) & _ran_out(now), now):
        return 0
    quotes = (
        select(Quote.public_id, Quote.exporter_id, Offer.public_id)
        .join(Offer, Offer.quote_id == Quote.id)
        .where(Offer.id.in_(offers))
    )
    for quote_id, exporter_id, offer_id in session.execute(quotes):
        facts = {"id": quote_id, "offer_id": offer_id, "held": False}
        announce(session, now, "quote.hold_expired", exporter_id, quote_id, facts)
    return len(offers)


def _ran_out(now: datetime) -> ColumnElement[bool]:
    return (SpaceAllocation.state == "held") & (SpaceAllocation.expires_at <= now)


def _release(session: Session, which: ColumnElement[bool], now: datetime) -> int:
    _lock(session, which)
    given = _give_back(session, which)
    _close_empty(session, {row.unit_id for row in given if row.unit_id is not None}, now)
    return len(given)


def _lock(session: Session, which: ColumnElement[bool]) -> None:
    """Lock what will change: pools (those of units that may be closed among them), then units."""
    live = SpaceAllocation.state != "released"
    rows = session.execute(select(SpaceAllocation.pool_id, SpaceAllocation.unit_id).where(which, live)).all()
    units = sorted({row.unit_id for row in rows if row.unit_id is not None})
    slots = session.scalars(
        select(SpaceAllocation.pool_id).where(SpaceAllocation.opened_unit_id.in_(units), live)
    )
    pools = sorted({row.pool_id for row in rows if row.pool_id is not None} | set(slots) - {None})  # type: ignore[type-var]
    departures = select(HandlingUnit.departure_id).where(HandlingUnit.id.in_(units))
    kinds = DepartureUnit.departure_id.in_(departures)
    for query in (
        select(CapacityPool.id).where(CapacityPool.id.in_(pools)).order_by(CapacityPool.id),
        select(DepartureUnit.id).where(kinds).order_by(DepartureUnit.id) if units else None,
        select(HandlingUnit.id).where(HandlingUnit.id.in_(units)).order_by(HandlingUnit.id)
        if units
        else None,
    ):
        if query is not None:
            session.execute(query.with_for_update()).all()


def _give_back(session: Session, which: ColumnElement[bool]) -> Sequence[Given]:
    """Mark allocations as released, once each, and count their pools and units down."""
    old = (
        select(SpaceAllocation.id, SpaceAllocation.state)
        .where(which, SpaceAllocation.state != "released")
        .with_for_update()
    )
    states = {row.id: row.state for row in session.execute(old)}
    if not states:
        return []
    given = session.execute(
        update(SpaceAllocation)
        .where(SpaceAllocation.id.in_(states), SpaceAllocation.state != "released")
        .values(state="released", expires_at=None)
        .returning(
            SpaceAllocation.pool_id,
            SpaceAllocation.unit_id,
            SpaceAllocation.dimension,
            SpaceAllocation.quantity,
            SpaceAllocation.id,
        )
        .execution_options(synchronize_session=False)
    ).all()
    sums: dict[tuple[str, int, str, str], int] = defaultdict(int)
    for row in given:
        place = "unit" if row.pool_id is None else "pool"
        sums[place, row.pool_id or row.unit_id or 0, row.dimension, states[row.id]] += row.quantity
    for (place, row_id, dimension, state), quantity in sorted(sums.items()):
        _count_down(session, place, row_id, dimension, state, quantity)
    return given  # type: ignore[return-value]


def _count_down(session: Session, place: str, row_id: int, dimension: str, state: str, quantity: int) -> None:
    model: type[CapacityPool | HandlingUnit] = CapacityPool if place == "pool" else HandlingUnit
    name = state if place == "pool" else f"{state}_{dimension}"
    column = getattr(model, name)
    change = update(model).where(model.id == row_id, column >= quantity).values({name: column - quantity})
    session.execute(change.execution_options(synchronize_session=False))


def _close_empty(session: Session, units: Collection[int], now: datetime) -> None:
    """Close units that a quote or booking opened and that nobody is in any more; their slots are free again.

    What a person or a plan opened stays open.
    """
    unit = HandlingUnit
    if not units:
        return
    closed = session.execute(
        update(unit)
        .where(unit.id.in_(units), unit.closed_at.is_(None))
        .where(unit.held_g == 0, unit.booked_g == 0, unit.held_cm3 == 0, unit.booked_cm3 == 0)
        .where(or_(unit.opened_by.like("off\\_%", escape="\\"), unit.opened_by.like("bkg\\_%", escape="\\")))
        .values(closed_at=now)
        .returning(unit.id, unit.departure_id, unit.unit_type_id, unit.exporter_id)
        .execution_options(synchronize_session=False)
    ).all()
    if not closed:
        return
    _give_back(session, SpaceAllocation.opened_unit_id.in_([row.id for row in closed]))
    kind = DepartureUnit
    for row in closed:
        if row.exporter_id is None:
            mine = (kind.departure_id == row.departure_id, kind.unit_type_id == row.unit_type_id)
            change = update(kind).where(*mine, kind.opened > 0).values(opened=kind.opened - 1)
            session.execute(change.execution_options(synchronize_session=False))
