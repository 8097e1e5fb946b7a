"""One chain of departures of a plan: its bookings in one transaction, and what went stale listed beside them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import AppError
from app.models import (
    Booking,
    Departure,
    Parcel,
    Party,
    Plan,
    PlanChain,
    PlanCommit,
    PlanItem,
    PlanStale,
    Return,
)
from app.usecases.committing_bookings import NoPrice, Prices, make_booking
from app.usecases.committing_facts import (
    Item,
    Ridden,
    Way,
    dangerous_goods,
    departures_ridden,
    earlier_bookings,
    grouped,
    read_items,
    read_ways,
)
from app.usecases.committing_moves import leave_bookings
from app.usecases.committing_returns import decide
from app.usecases.committing_space import PlannedUnits
from app.usecases.quoting_fx import load_fx
from app.usecases.space_rooms import lock_departures
from app.usecases.tariff_facts import load_tariffs
from routing.committing import Stale, parcel_stale, way_stale

FACT_LENGTH = 300
BATCH = 500


@dataclass(slots=True)
class Outcome:
    """What became of the parcels of a chain."""

    bookings: int = 0
    booked: int = 0
    kept: int = 0
    decided: int = 0
    stale: list[tuple[Item, Stale]] = field(default_factory=list)


def commit_chain(
    session: Session, actor: Actor, now: datetime, plan: Plan, commit: PlanCommit, chain: PlanChain
) -> Outcome:
    """Book what of a chain still holds, and list the rest. The caller has locked the chain, which waits."""
    itineraries = [int(one["id"]) for one in chain.itineraries]
    earlier = earlier_bookings(session, plan)
    _lock(session, plan, earlier, itineraries)
    # Read when it is locked: nobody changes it any more.
    ways = read_ways(session, plan.id, itineraries)
    items = read_items(session, plan.id, earlier, itineraries)
    left_out = exporters_left_out(session, commit)
    services = {row.service_id for way in ways.values() for row in way.rows}
    day = now.date()
    prices = Prices(load_tariffs(session, "sell", day, services), load_fx(session, day))
    units = PlannedUnits(session, plan, sorted({one for way in ways.values() for one in way.departures}))
    outcome = Outcome()
    for (itinerary, exporter), group in grouped(items).items():
        if exporter not in left_out:
            one = _Group(session, actor, now, plan, chain.id, ways[itinerary], prices, units)
            one.commit(group, earlier, outcome)
    _write(session, now, plan, chain, outcome)
    return outcome


def exporters_left_out(session: Session, commit: PlanCommit) -> set[int]:
    """The exporters whose parcels are not committed, by row id."""
    named = commit.scope.get("exporters", [])
    return set(session.scalars(select(Party.id).where(Party.public_id.in_(named)))) if named else set()


def sift(
    items: Iterable[Item], way: Way, earlier: Mapping[int, Ridden], now: datetime, dangerous: Collection[str]
) -> tuple[list[Item], list[Item], list[tuple[Item, Stale]]]:
    """Tell apart what can be booked, what has this very way already, and what went stale."""
    fresh: list[Item] = []
    kept: list[Item] = []
    stale: list[tuple[Item, Stale]] = []
    gone = way_stale(way.legs, now)
    for item in items:
        if item.earlier and item.booking_id is not None and earlier[item.booking_id] == way.ridden:
            kept.append(item)
            continue
        found = gone or parcel_stale(item.as_planned(way, dangerous), way.legs, now)
        if found is None and way.disposition and not way.rows and item.row.item_id is None:
            found = Stale("no_return")
        if found is None:
            fresh.append(item)
        else:
            stale.append((item, found))
    return fresh, kept, stale


@dataclass(frozen=True, slots=True)
class _Group:
    """An exporter's parcels on one way."""

    session: Session
    actor: Actor
    now: datetime
    plan: Plan
    chain_id: int
    way: Way
    prices: Prices
    units: PlannedUnits

    def commit(self, items: Sequence[Item], earlier: Mapping[int, Ridden], outcome: Outcome) -> None:
        """Book them together, or say of each why not."""
        dangerous = dangerous_goods(self.now)
        fresh, kept, stale = sift(items, self.way, earlier, self.now, dangerous)
        outcome.kept += len(kept)
        outcome.stale += stale
        if not fresh:
            return
        try:
            # All of one booking, or nothing: what was decided and taken for it is undone with it.
            with self.session.begin_nested():
                self._book(fresh, outcome, dangerous)
        except AppError as error:
            code = _code(error)
            outcome.stale += [(item, Stale(code, error.detail)) for item in fresh]

    def _book(self, fresh: Sequence[Item], outcome: Outcome, dangerous: Collection[str]) -> None:
        free, held = decide(self.session, self.actor, self.now, self.way, fresh)
        if not self.way.rows or not free:
            outcome.decided += len(free)
            outcome.stale += held
            return
        moved = [item for item in free if item.earlier]
        if moved:
            leave_bookings(self.session, self.actor, self.now, self.plan, moved)
        made = make_booking(
            self.session, self.actor, self.now, self.plan, self.chain_id, self.way, free, self.prices, self.units,
            dangerous=any(item.row.goods_class in dangerous for item in free),
        )  # fmt: skip
        outcome.bookings += made.booking is not None
        outcome.booked += len(made.inside)
        outcome.stale += held + [(item, Stale("no_room", made.why)) for item in made.outside]


def _code(error: AppError) -> str:
    """Why a booking was refused, as a stale parcel says it."""
    if isinstance(error, NoPrice):
        return "no_price"
    known = {"capacity_gone": "no_room"} | {code: code for code in ("credit_hold", "credit_limit_exceeded")}
    return known.get(error.code, "refused")


def _lock(
    session: Session,
    plan: Plan,
    earlier: Mapping[int, Ridden],
    itineraries: Sequence[int],
) -> None:
    """Lock everything a chain may change, in the one order of all use cases.

    Departures (shared: they must not be cancelled meanwhile), bookings that parcels may leave, exporters whose limit
    is counted against, returns, pools and units, parcels.
    """
    riding = departures_ridden(session, itineraries)
    items = list(read_items(session, plan.id, earlier, itineraries))
    leaving = sorted({item.booking_id for item in items if item.earlier and item.booking_id is not None})
    of_departures = select(Departure.id).where(Departure.id.in_(riding)).order_by(Departure.id)
    session.execute(of_departures.with_for_update(read=True)).all()
    for model, ids in (
        (Booking, leaving),
        (Party, sorted({item.row.exporter_id for item in items})),
        (Return, sorted({item.row.return_id for item in items if item.row.return_id is not None})),
    ):
        for begin in range(0, len(ids), BATCH):
            query = select(model.id).where(model.id.in_(ids[begin : begin + BATCH])).order_by(model.id)
            session.execute(query.with_for_update(key_share=True)).all()
    left = {ride[0] for booking in leaving for ride in earlier[booking] if ride[0] is not None}
    lock_departures(session, riding | left)
    for begin in range(0, len(itineraries), BATCH):
        theirs = PlanItem.itinerary_id.in_(itineraries[begin : begin + BATCH])
        query = select(Parcel.id).join(PlanItem, PlanItem.parcel_id == Parcel.id).where(theirs)
        session.execute(query.order_by(Parcel.id).with_for_update(of=Parcel)).all()


def _write(session: Session, now: datetime, plan: Plan, chain: PlanChain, outcome: Outcome) -> None:
    rows = [
        {"plan_id": plan.id, "chain_id": chain.id, "parcel_id": item.row.id, "code": stale.code}
        | {"fact": stale.fact[:FACT_LENGTH]}
        for item, stale in outcome.stale
    ]
    if rows:
        session.execute(insert(PlanStale), rows)
    chain.bookings, chain.booked, chain.kept = outcome.bookings, outcome.booked, outcome.kept
    chain.decided, chain.stale = outcome.decided, len(rows)
    chain.status, chain.finished_at = "done", now
