"""The control tower: what an operator wants to know before anything else, and how it was before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from app.models import (
    Call,
    CapacityPool,
    Cutoff,
    Departure,
    Parcel,
    Party,
    Plan,
    PlanItem,
    PlanLoad,
    Return,
    Segment,
    Service,
    hypothetical,
)
from app.queries import returns
from app.queries.departures import DepartureFilter
from app.queries.exceptions_rows import Scope
from app.queries.paging import AnySelect
from app.queries.places import Place, ids_named, places
from warehouses.relief import NEAR_DAYS

SOON = timedelta(hours=24)
OPEN = ("planned", "open")
RUNNING = ("open", "closed", "departed")
"""States of departures that may be under way: not everybody reports that one has left."""
PLANS_COMPARED = 12
BUCKETS = 14
"""Points of a small chart: the period before, then this one."""
MOST_VEHICLES = 300


@dataclass(frozen=True, slots=True)
class ModeFill:
    """How full the departures of one mode are, in kg; shares between 0 and 1."""

    mode: str
    departures: int
    capacity_g: int
    taken_g: int
    planned_g: int
    """What the plan puts on them."""
    before_share: float | None
    """Held and booked in the period before; None where nothing left then."""
    trend: tuple[float, ...]
    """Shares from the beginning of the period before to the end of this one."""

    @property
    def taken_share(self) -> float:
        """Held and booked."""
        return self.taken_g / self.capacity_g if self.capacity_g else 0.0

    @property
    def planned_share(self) -> float:
        """Planned, not booked yet."""
        return self.planned_g / self.capacity_g if self.capacity_g else 0.0


@dataclass(frozen=True, slots=True)
class CutoffLine:
    """A cut-off that comes up."""

    at: datetime
    code: str
    place: Place
    departure_public_id: str
    number: str
    service_code: str
    mode: str
    status: str


@dataclass(frozen=True, slots=True)
class MapLeg:
    """A connection on the map: two places, the mode, and how many departures ahead run it."""

    mode: str
    origin: Place
    destination: Place
    departures: int


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A departure between two of its calls, by its timetable."""

    public_id: str
    number: str
    mode: str
    charter: bool
    origin: Place
    destination: Place
    leaves: datetime
    arrives: datetime

    def share(self, now: datetime) -> float:
        """How much of the leg lies behind it."""
        return min(1.0, max(0.0, (now - self.leaves) / (self.arrives - self.leaves)))


def next_cutoffs(
    session: Session, now: datetime, where: DepartureFilter, *, limit: int = 10
) -> list[CutoffLine]:
    """The cut-offs that come up first, of departures that can still be filled."""
    columns = (
        Cutoff.at, Cutoff.code, Call.location_id, Departure.public_id, Departure.number, Service.code,
        Service.mode, Departure.status,
    )  # fmt: skip
    query = (
        select(*columns)
        .select_from(Cutoff)
        .join(Call, Call.id == Cutoff.call_id)
        .join(Departure, Departure.id == Call.departure_id)
        .join(Service, Service.id == Departure.service_id)
        .where(Cutoff.at > now, *replace(where, statuses=OPEN).conditions())
    )
    found = session.execute(query.order_by(Cutoff.at, Cutoff.id).limit(limit)).all()
    known = places(session, [row[2] for row in found])
    return [CutoffLine(at, code, known[place], *rest) for at, code, place, *rest in found]


def fill_by_mode(
    session: Session, where: DepartureFilter, first: datetime, last: datetime, plan_id: int | None
) -> list[ModeFill]:
    """Kilograms taken and planned against capacity of what leaves from `first` to `last`, and in the period before.

    A departure counts with its fullest segment; the cancelled do not count.
    """
    span = last - first
    asked = replace(where, departs_from=first - span, departs_before=last, statuses=())
    query = (
        select(
            Departure.id,
            Service.mode,
            Departure.departs_at,
            func.min(CapacityPool.capacity).label("capacity"),
            func.max(CapacityPool.held + CapacityPool.booked).label("taken"),
        )
        .join(Service, Service.id == Departure.service_id)
        .join(Segment, Segment.departure_id == Departure.id)
        .join(CapacityPool, CapacityPool.segment_id == Segment.id)
        .where(*asked.conditions(), Departure.status != "cancelled")
        .where(CapacityPool.dimension == "g", CapacityPool.exporter_id.is_(None))
        .group_by(Departure.id, Service.mode, Departure.departs_at)
        .order_by(Service.mode)
    )
    modes: dict[str, list[tuple[int, datetime, int, int]]] = {}
    for departure, mode, departs_at, capacity, taken in session.execute(query):
        modes.setdefault(mode, []).append((departure, departs_at, int(capacity), int(taken)))
    planned = _planned(session, plan_id)
    return [
        found
        for mode, rows in modes.items()
        if (found := _fill(mode, rows, first, span, planned)).departures or found.before_share is not None
    ]


def _fill(
    mode: str,
    rows: Sequence[tuple[int, datetime, int, int]],
    first: datetime,
    span: timedelta,
    planned: Mapping[int, int],
) -> ModeFill:
    buckets: list[list[int]] = [[0, 0] for _ in range(BUCKETS)]
    for _, departs_at, capacity, taken in rows:
        bucket = buckets[min(BUCKETS - 1, int((departs_at - first + span) / (2 * span) * BUCKETS))]
        bucket[0] += taken
        bucket[1] += capacity
    now_rows = [row for row in rows if row[1] >= first]
    before = [row for row in rows if row[1] < first]
    before_g = sum(row[2] for row in before)
    return ModeFill(
        mode=mode,
        departures=len(now_rows),
        capacity_g=sum(row[2] for row in now_rows),
        taken_g=sum(row[3] for row in now_rows),
        planned_g=sum(planned.get(row[0], 0) for row in now_rows),
        before_share=sum(row[3] for row in before) / before_g if before_g else None,
        trend=tuple(taken / capacity if capacity else 0.0 for taken, capacity in buckets),
    )


def _planned(session: Session, plan_id: int | None) -> dict[int, int]:
    """Id of a departure → what a plan puts on its fullest segment, in g."""
    if plan_id is None:
        return {}
    query = select(PlanLoad.departure_id, func.max(PlanLoad.weight_g)).where(PlanLoad.plan_id == plan_id)
    return {row[0]: int(row[1]) for row in session.execute(query.group_by(PlanLoad.departure_id))}


def last_plans(session: Session) -> list[Plan]:
    """The newest plans, the newest first, without those that only ask "what if"."""
    query = select(Plan).where(~hypothetical(Plan.run_id))
    query = query.order_by(Plan.created_at.desc(), Plan.id.desc()).limit(PLANS_COMPARED)
    return list(session.scalars(query))


def assigned_weights(session: Session, plans: Sequence[int]) -> dict[int, int]:
    """Id of a plan → grams of what it assigns."""
    query = (
        select(PlanItem.plan_id, func.sum(Parcel.weight_g))
        .join(Parcel, Parcel.id == PlanItem.parcel_id)
        .where(PlanItem.plan_id.in_(plans), PlanItem.itinerary_id.is_not(None))
        .group_by(PlanItem.plan_id)
    )
    return {row[0]: int(row[1]) for row in session.execute(query)} if plans else {}


def count_customs_holds(session: Session, scope: Scope) -> int:
    """Parcels that customs holds; the mode they travel by does not narrow it."""
    query = select(func.count(Parcel.id)).where(Parcel.status == "customs_hold")
    if scope.client:
        query = query.join(Party, Party.id == Parcel.exporter_id).where(*scope.of_client())
    if scope.origin:
        query = query.where(Parcel.origin_id.in_(ids_named(scope.origin)))
    if scope.destination:
        query = query.where(Parcel.destination_id.in_(ids_named(scope.destination)))
    return session.scalar(query) or 0


def count_near_relief(session: Session, scope: Scope, today: date) -> int:
    """Open returns that soon can no longer enter China free of duty; only the client narrows it."""
    query = select(func.count(Return.id)).where(Return.status.in_(returns.OPEN), *near_relief(today))
    if scope.client:
        query = query.join(Party, Party.id == Return.exporter_id).where(*scope.of_client())
    return session.scalar(query) or 0


def near_relief(today: date) -> tuple[ColumnElement[bool], ...]:
    """The condition that relief of a return ends soon and has not ended yet."""
    return (Return.relief_deadline.between(today, today + timedelta(days=NEAR_DAYS)),)


def map_legs(session: Session, where: DepartureFilter) -> list[MapLeg]:
    """Which places are joined by which mode, by the departures asked for."""
    start, end = aliased(Call), aliased(Call)
    query = (
        select(Service.mode, start.location_id, end.location_id, func.count(Departure.id.distinct()))
        .select_from(Departure)
        .join(Service, Service.id == Departure.service_id)
        .join(start, start.departure_id == Departure.id)
        .join(end, _next_call(start, end))
        .where(*replace(where, statuses=OPEN).conditions())
        .group_by(Service.mode, start.location_id, end.location_id)
    )
    found = session.execute(query).all()
    known = places(session, [row[1] for row in found] + [row[2] for row in found])
    return [MapLeg(mode, known[a], known[b], count) for mode, a, b, count in found]


def vehicles(
    session: Session, where: DepartureFilter, now: datetime, ahead: timedelta = timedelta()
) -> list[Vehicle]:
    """What is under way between two calls by its timetable, or sets out within `ahead`; the next arrivals first."""
    start, end = aliased(Call), aliased(Call)
    asked = replace(where, departs_from=None, departs_before=None, statuses=RUNNING)
    query: AnySelect = (
        select(
            Departure.public_id, Departure.number, Service.mode, Service.charter, start.location_id,
            end.location_id, start.departs_at, end.arrives_at,
        )
        .select_from(Departure)
        .join(Service, Service.id == Departure.service_id)
        .join(start, start.departure_id == Departure.id)
        .join(end, _next_call(start, end))
        .where(*asked.conditions(), Departure.arrives_at > now, Departure.departs_at <= now + ahead)
        .where(start.departs_at <= now + ahead, end.arrives_at > now)
        .order_by(end.arrives_at, Departure.id)
        .limit(MOST_VEHICLES)
    )  # fmt: skip
    found: Sequence[Any] = session.execute(query).all()
    known = places(session, [row[4] for row in found] + [row[5] for row in found])
    return [
        Vehicle(
            row.public_id, row.number, row.mode, row.charter, known[row[4]], known[row[5]], row[6], row[7]
        )
        for row in found
    ]


def _next_call(start: type[Call], end: type[Call]) -> ColumnElement[bool]:
    return and_(end.departure_id == Departure.id, end.seq == start.seq + 1)
