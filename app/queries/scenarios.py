"""Scenarios: the list, the figures that are compared, and each parcel that goes another way."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.errors import NotFound
from app.models import (
    CapacityPool,
    Departure,
    OptimizationRun,
    Parcel,
    Party,
    Plan,
    PlanItem,
    PlanLoad,
    PlanUnit,
    Scenario,
    ScenarioMove,
    Segment,
    Service,
    UnitType,
)
from app.queries.paging import Keyset, Page, instant, whole
from app.queries.plan_items import LegRow, legs_of

NEWEST = Keyset(Scenario.created_at, Scenario.id, read=instant, falling=True)
BY_PARCEL = Keyset(ScenarioMove.parcel_id, ScenarioMove.id, read=whole)
WITH_RUN = (
    joinedload(Scenario.plan).joinedload(Plan.run),
    joinedload(Scenario.run).selectinload(OptimizationRun.plan),
)


def list_scenarios(
    session: Session,
    *,
    plan_id: int | None = None,
    archived: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Scenario]:
    """Scenarios, the newest first, each with its run and its baseline; those put aside only if asked for."""
    query = select(Scenario).options(*WITH_RUN)
    query = query.where(Scenario.archived_at.is_not(None) if archived else Scenario.archived_at.is_(None))
    if plan_id is not None:
        query = query.where(Scenario.plan_id == plan_id)
    found = session.scalars(NEWEST.slice(query, cursor, limit)).all()
    return NEWEST.page(found, limit, lambda one: (one.created_at, one.id))


def get_scenario(session: Session, public_id: str) -> Scenario:
    """One scenario with its run and its baseline; NotFound."""
    found = session.scalar(select(Scenario).options(*WITH_RUN).where(Scenario.public_id == public_id))
    if found is None:
        raise NotFound(f"there is no scenario {public_id!r}")
    return found


def scenario_of(session: Session, run_id: int) -> Scenario | None:
    """The scenario that a run solves; None for a run of the operation."""
    query = select(Scenario).options(joinedload(Scenario.plan)).where(Scenario.run_id == run_id)
    return session.scalar(query)


def scenarios_named(session: Session, plan_id: int, public_ids: Sequence[str]) -> list[Scenario]:
    """Scenarios of a plan in the order in which they are named; others are left out."""
    query = select(Scenario).options(*WITH_RUN).where(Scenario.plan_id == plan_id)
    found = {one.public_id: one for one in session.scalars(query.where(Scenario.public_id.in_(public_ids)))}
    return [found[one] for one in dict.fromkeys(public_ids) if one in found]


@dataclass(frozen=True, slots=True)
class Figures:
    """What of a plan is compared, beside its own columns: reasons, and the fill of the departures it uses."""

    plan: Plan
    reasons: dict[str, int]
    fill: dict[str, float]
    """Mode → kilograms planned against what the units opened, or the open pools, carry."""


def figures(session: Session, plans: Iterable[Plan]) -> dict[int, Figures]:
    """The figures of some plans by their ids, in a few queries."""
    known = {plan.id: plan for plan in plans}
    reasons: defaultdict[int, dict[str, int]] = defaultdict(dict)
    query = (
        select(PlanItem.plan_id, PlanItem.reason, func.count())
        .where(PlanItem.plan_id.in_(known), PlanItem.reason.is_not(None))
        .group_by(PlanItem.plan_id, PlanItem.reason)
        .order_by(func.count().desc(), PlanItem.reason)
    )
    for plan_id, reason, count in session.execute(query):
        reasons[plan_id][str(reason)] = count
    fills = _fills(session, list(known))
    return {number: Figures(plan, reasons[number], fills.get(number, {})) for number, plan in known.items()}


def _fills(session: Session, plan_ids: list[int]) -> dict[int, dict[str, float]]:
    """Planned grams over the room for them, by plan and mode; a departure counts with its fullest segment."""
    pool = (
        select(Segment.departure_id, func.min(CapacityPool.capacity).label("capacity_g"))
        .join(CapacityPool, CapacityPool.segment_id == Segment.id)
        .where(CapacityPool.dimension == "g", CapacityPool.exporter_id.is_(None))
        .group_by(Segment.departure_id)
        .subquery()
    )
    opened = (
        select(
            PlanUnit.plan_id,
            PlanUnit.departure_id,
            func.sum(PlanUnit.opened * UnitType.payload_g).label("opened_g"),
        )
        .join(UnitType, UnitType.id == PlanUnit.unit_type_id)
        .where(PlanUnit.plan_id.in_(plan_ids))
        .group_by(PlanUnit.plan_id, PlanUnit.departure_id)
        .subquery()
    )
    query = (
        select(
            PlanLoad.plan_id,
            Service.mode,
            func.max(PlanLoad.weight_g),
            func.max(func.coalesce(opened.c.opened_g, pool.c.capacity_g)),
        )
        .join(Departure, Departure.id == PlanLoad.departure_id)
        .join(Service, Service.id == Departure.service_id)
        .outerjoin(pool, pool.c.departure_id == PlanLoad.departure_id)
        .outerjoin(
            opened,
            (opened.c.plan_id == PlanLoad.plan_id) & (opened.c.departure_id == PlanLoad.departure_id),
        )
        .where(PlanLoad.plan_id.in_(plan_ids))
        .group_by(PlanLoad.plan_id, PlanLoad.departure_id, Service.mode)
    )
    sums: defaultdict[tuple[int, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for plan_id, mode, planned, room in session.execute(query):
        if room:
            sums[plan_id, mode][0] += planned
            sums[plan_id, mode][1] += float(room)
    found: defaultdict[int, dict[str, float]] = defaultdict(dict)
    for (plan_id, mode), (planned, room) in sorted(sums.items()):
        found[plan_id][mode] = planned / room
    return found


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One parcel that goes another way; without legs it stays where it is or is left out, as the reason says."""

    parcel_public_id: str
    reference: str
    exporter_reference: str
    before_minor: int
    after_minor: int
    before: list[LegRow]
    after: list[LegRow]
    reason_before: str | None
    reason_after: str | None
    new_warehouse: bool
    """Whether the way after ends beside the known warehouse that its legs name."""


def moves(
    session: Session, scenario: Scenario, plan_id: int, *, cursor: str | None = None, limit: int = 50
) -> Page[MoveRow]:
    """The parcels that go another way in plan `plan_id` of a scenario than in its baseline."""
    before, after = aliased(PlanItem), aliased(PlanItem)
    query = (
        select(
            ScenarioMove.id, ScenarioMove.parcel_id, Parcel.public_id, Parcel.reference,
            Party.reference.label("exporter"), ScenarioMove.before_minor, ScenarioMove.after_minor,
            before.itinerary_id.label("was"), after.itinerary_id.label("now"),
            before.reason.label("reason_was"), after.reason.label("reason_now"),
        )
        .join(Parcel, Parcel.id == ScenarioMove.parcel_id)
        .join(Party, Party.id == Parcel.exporter_id)
        .join(before, (before.parcel_id == Parcel.id) & (before.plan_id == scenario.plan_id))
        .join(after, (after.parcel_id == Parcel.id) & (after.plan_id == plan_id))
        .where(ScenarioMove.scenario_id == scenario.id)
    )  # fmt: skip
    found = session.execute(BY_PARCEL.slice(query, cursor, limit)).all()
    page = BY_PARCEL.page(found, limit, lambda row: (row.parcel_id, row.id))
    legs = legs_of(session, [one for row in page.items for one in (row.was, row.now) if one is not None])
    new = set((scenario.result or {}).get("new_itineraries", ()))
    rows = [
        MoveRow(
            row.public_id, row.reference, row.exporter, row.before_minor, row.after_minor,
            legs.get(row.was, []), legs.get(row.now, []), row.reason_was, row.reason_now,
            row.now in new,
        )
        for row in page.items
    ]  # fmt: skip
    return Page(rows, page.next_cursor)
