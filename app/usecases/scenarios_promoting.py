"""Make the plan of a scenario a draft of the operation, if what it assumes is true; it commits nothing.

A plan with a decision in it (a departure left out, a mode or a place not used, less room, an earlier cut-off) asks for
nothing that is not there, so it may be carried out as it is. What others decide (a cancelled or late departure, more
room, a later cut-off, other prices) must stand in the system first. A new warehouse makes ways that nobody takes yet,
so a plan with one is never carried out: the warehouse is entered, and a run started. What a baseline assumes that asks
what if itself stands in the problem as well, so it is held against what is true like the scenario's own, whether the
baseline was promoted or not. And whatever was assumed, the goods must still wait and the departures leave as planned.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Forbidden
from app.models import (
    Call,
    CapacityPool,
    Departure,
    DepartureUnit,
    OptimizationRun,
    Parcel,
    Plan,
    PlanItem,
    PlanItinerary,
    PlanLeg,
    PlanLoad,
    PlanUnit,
    Scenario,
    Segment,
)
from app.usecases import explaining, planning
from app.usecases.auditing import record
from app.usecases.network_facts import OPEN_STATES
from app.usecases.pool_facts import WAITING
from app.usecases.pricing_facts import load_exchange
from app.usecases.scenarios import Patch, built_on, find_scenario
from app.usecases.scenarios_cutoffs import closes_so_late, is_later
from app.usecases.scenarios_patching import daily_parcels, fuel_of, snapshot_of

DECISIONS = ("drop", "mode", "warehouse")
"""Ours to take."""
AS_IT_IS = 100.0
CLOSE = 0.005
"""Prices that differ by no more than this share are those that were assumed."""
SLACK = timedelta(minutes=15)
"""So much a departure may leave apart from what was assumed."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be true for the plan to be a draft: a code, whether it is, and what it is about.

    `patch` is the position of the assumption it stands for, None for what must be true of any plan; `count` says how
    many parcels or departures speak against it. `inherited` is an assumption of the what-if that is asked about.
    """

    code: str
    holds: bool
    patch: int | None = None
    count: int = 0
    inherited: dict[str, Any] | None = None


def checks(session: Session, scenario: Scenario, now: datetime) -> list[Check]:
    """Hold a solved scenario against what is true now. Empty where it has no plan."""
    plan = session.scalar(select(Plan).where(Plan.run_id == scenario.run_id))
    if plan is None:
        return []
    found = [
        _of_patch(session, plan, position, Patch.from_dict(stored), now)
        for position, stored in enumerate(scenario.patches)
    ]
    inherited = (
        replace(_of_patch(session, plan, None, Patch.from_dict(stored), now), inherited=stored)
        for one in built_on(session, plan)[1:]
        for stored in one.patches
    )
    return [*found, *inherited, *_of_plan(session, plan, now)]


def promote(session: Session, actor: Actor, now: datetime, public_id: str) -> Plan:
    """Make the plan a draft like any other. Conflict, with each reason, where it cannot be carried out as it is."""
    if not actor.is_staff:
        raise Forbidden("only operators promote scenarios")
    scenario = find_scenario(session, public_id, lock=True)
    if scenario.promoted_at is not None:
        raise Conflict("the scenario was promoted already")
    if scenario.archived_at is not None:
        raise Conflict("the scenario was put aside; bring it back first")
    plan = session.scalar(select(Plan).where(Plan.run_id == scenario.run_id))
    if plan is None:
        raise Conflict("the scenario has no plan yet")
    broken = [one for one in checks(session, scenario, now) if not one.holds]
    if broken:
        raise Conflict("what the scenario assumes is not true in the system", tuple(map(_fault, broken)))
    scenario.promoted_at, scenario.promoted_by = now, actor.reference
    session.flush()
    run = session.get_one(OptimizationRun, scenario.run_id)
    planning.tell_of_plan(session, run, plan, explaining.ready_to_explain(session, plan).solved, now)
    record(session, actor, now, "scenario.promoted", public_id, after={"plan": plan.public_id})
    return plan


def take_back(session: Session, actor: Actor, now: datetime, public_id: str) -> Scenario:
    """Make the plan a mere what-if again. Conflict as soon as anything was done with it."""
    if not actor.is_staff:
        raise Forbidden("only operators take promotions back")
    scenario = find_scenario(session, public_id, lock=True)
    if scenario.promoted_at is None:
        raise Conflict("the scenario was not promoted")
    plan = session.scalars(select(Plan).where(Plan.run_id == scenario.run_id)).one()
    if plan.state != "draft":
        raise Conflict(f"its plan is {plan.state}; it cannot become a what-if again")
    scenario.promoted_at = scenario.promoted_by = None
    record(session, actor, now, "scenario.promotion_taken_back", public_id, after={"plan": plan.public_id})
    return scenario


def _of_patch(session: Session, plan: Plan, position: int | None, patch: Patch, now: datetime) -> Check:
    smaller = patch.kind in ("capacity", "intake") and (patch.percent or 0) < AS_IT_IS
    earlier = patch.kind == "cutoff" and not is_later(patch)
    if patch.kind in DECISIONS or smaller or earlier:  # kept whatever happens
        return Check("decision", True, position)
    judge = {
        "cancelled": _is_cancelled, "delayed": _is_delayed, "capacity": _has_room, "intake": _takes_in,
        "fuel": _fuel_is_dearer, "fx": _currency_is_dearer, "new_warehouse": _is_there,
        "cutoff": _closes_so_late,
    }  # fmt: skip
    return Check(patch.kind, judge[patch.kind](session, plan, patch, now), position)


def _departure(session: Session, patch: Patch) -> Departure | None:
    return session.scalar(select(Departure).where(Departure.public_id == patch.departure_id))


def _is_cancelled(session: Session, _plan: Plan, patch: Patch, _now: datetime) -> bool:
    row = _departure(session, patch)
    return row is None or row.status == "cancelled"


def _is_delayed(session: Session, _plan: Plan, patch: Patch, _now: datetime) -> bool:
    row, assumed = _departure(session, patch), (patch.assumed or {})["departs_at"]
    return row is not None and abs(row.departs_at - datetime.fromisoformat(assumed)) <= SLACK


def _closes_so_late(session: Session, plan: Plan, patch: Patch, now: datetime) -> bool:
    row = _departure(session, patch)
    return row is not None and closes_so_late(session, plan, row, patch, now)


def _has_room(session: Session, plan: Plan, patch: Patch, _now: datetime) -> bool:
    """Whether what the plan puts on the departure fits what is free on it now, in pools and in units."""
    row = _departure(session, patch)
    if row is None:
        return False
    free = CapacityPool.capacity - CapacityPool.held - CapacityPool.booked
    pools = (
        select(CapacityPool.dimension, free, PlanLoad.weight_g, PlanLoad.volume_cm3)
        .join(Segment, Segment.id == CapacityPool.segment_id)
        .join(
            PlanLoad, (PlanLoad.departure_id == Segment.departure_id) & (PlanLoad.segment_seq == Segment.seq)
        )
        .where(PlanLoad.plan_id == plan.id, PlanLoad.departure_id == row.id)
        .where(CapacityPool.exporter_id.is_(None), CapacityPool.dimension.in_(("g", "cm3")))
    )
    fits = all(left >= (g if dimension == "g" else cm3) for dimension, left, g, cm3 in session.execute(pools))
    opened = (
        select(PlanUnit.unit_type_id, func.sum(PlanUnit.opened))
        .where(PlanUnit.plan_id == plan.id, PlanUnit.departure_id == row.id)
        .group_by(PlanUnit.unit_type_id)
    )
    units = select(DepartureUnit.unit_type_id, DepartureUnit.max_count - DepartureUnit.opened).where(
        DepartureUnit.departure_id == row.id
    )
    left = dict(session.execute(units).all())
    return fits and all(left.get(kind, 0) >= count for kind, count in session.execute(opened))


def _takes_in(session: Session, _plan: Plan, patch: Patch, _now: datetime) -> bool:
    daily = daily_parcels(session, patch.location)
    return daily is not None and daily >= (patch.assumed or {})["daily_parcels"]


def _is_there(_session: Session, _plan: Plan, _patch: Patch, _now: datetime) -> bool:
    """Never: a warehouse that is there by now has ways of its own, and the plan's legs end at the one beside it."""
    return False


def _fuel_is_dearer(session: Session, plan: Plan, patch: Patch, _now: datetime) -> bool:
    columns = snapshot_of(session, plan).columns.get(patch.mode or "", ())
    return _close(fuel_of(session, columns), (patch.assumed or {})["fuel"])


def _currency_is_dearer(session: Session, _plan: Plan, patch: Patch, now: datetime) -> bool:
    factor = load_exchange(session, now.date()).factor(patch.currency or "")
    return _close(factor, (patch.assumed or {})["factor"])


def _close(value: float, assumed: float) -> bool:
    return abs(value - assumed) <= CLOSE * abs(assumed)


def _of_plan(session: Session, plan: Plan, now: datetime) -> Iterable[Check]:
    """What must be true of any plan that is carried out."""
    elsewhere = (
        select(func.count())
        .select_from(PlanItem)
        .join(Parcel, Parcel.id == PlanItem.parcel_id)
        .where(PlanItem.plan_id == plan.id, PlanItem.itinerary_id.is_not(None))
        .where(Parcel.status.not_in(WAITING) | Parcel.booking_line_id.is_not(None))
    )
    ridden = (
        select(PlanLeg.departure_id)
        .join(PlanItinerary, PlanItinerary.id == PlanLeg.itinerary_id)
        .where(PlanItinerary.plan_id == plan.id, PlanLeg.departure_id.is_not(None))
    )
    shut = select(func.count()).where(
        Departure.id.in_(ridden), Departure.status.not_in(OPEN_STATES) | (Departure.departs_at <= now)
    )
    yield _none("parcels_wait", session.scalars(elsewhere).one())
    yield _none("departures_open", session.scalars(shut).one())
    yield _none("times_hold", _moved_departures(session, plan))


def _moved_departures(session: Session, plan: Plan) -> int:
    """How many departures leave a call where the plan boards more than `SLACK` from when it boards."""
    query = (
        select(PlanLeg.departure_id, PlanLeg.departs_at, Call.departs_at)
        .join(PlanItinerary, PlanItinerary.id == PlanLeg.itinerary_id)
        .join(Call, (Call.departure_id == PlanLeg.departure_id) & (Call.seq == PlanLeg.board_seq))
        .where(PlanItinerary.plan_id == plan.id, Call.departs_at.is_not(None))
        .distinct()
    )
    moved = {one for one, then, leaves in session.execute(query) if leaves and abs(then - leaves) > SLACK}
    return len(moved)


def _none(code: str, count: int) -> Check:
    return Check(code, count == 0, None, count)


def _fault(check: Check) -> FieldError:
    where = f"patches.{check.patch}" if check.patch is not None else "baseline" if check.inherited else "plan"
    path = "$" if check.patch is None else f"$.patches[{check.patch}]"
    return FieldError(where, check.code, REASONS[check.code], json_path=path)


REASONS = {
    "cancelled": "the departure is not cancelled",
    "delayed": "the departure does not leave when this says",
    "cutoff": "the departure, or its papers where the plan boards it, closes earlier than this says",
    "capacity": "the departure has no such room",
    "intake": "the warehouse does not take in so many parcels a day",
    "fuel": "the price lists do not state this price of fuel",
    "fx": "the exchange rate is another",
    "new_warehouse": "its ways lead through a warehouse that the plan's problem does not know as such",
    "parcels_wait": "some of its parcels do not wait any more",
    "departures_open": "some of its departures are not open any more, or have left",
    "times_hold": "some of its departures leave at another time than it has them",
}
