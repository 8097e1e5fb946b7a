"""One re-planning run: the plan that was disrupted and what happened in, as few changes as pay out."""

from dataclasses import replace
from typing import Any

import numpy as np
import structlog

from app.clock import now
from app.jobs import Work
from app.jobs.optimization import Follower, PlanRefused
from app.models import OptimizationRun, RunInput
from app.usecases import optimizing, planning, replanning, working
from app.usecases.network_facts import minutes
from app.usecases.plan_figures import Solved
from app.usecases.replanning import ParcelFacts
from routing import checks
from routing.catalogue import Catalogue
from routing.changes import limits_share
from routing.digest import digest
from routing.disruption import Disrupted, disrupt
from routing.files import plan_from_bytes, problem_from_bytes, problem_to_bytes
from routing.itineraries import FOREVER
from routing.limits import Limits, cores
from routing.mishaps import Deadlines, Mishap, catalogue_of, tell
from routing.plan import Plan as Solution
from routing.problem import Problem
from routing.replan import Replan, replan, trade_off
from routing.tally import item_costs

log = structlog.get_logger(__name__)

WAITS, GONE = "pending", "cancelled"
"""Parcels that still wait may move; cancelled ones leave the plan; all others are under way, and locked."""
FOR_THE_CURVE = 0.5


def replan_run(work: Work) -> None:
    """Do the run that `work` is about. A second worker begins anew and finds the same."""
    with work.database.transaction() as session:
        run = optimizing.begin_run(session, work.subject, now())
        if run is None:
            working.finish(session, work.claim, now())
            return
        read = replanning.read_disrupted(session, run)
    before = plan_from_bytes(read.solution)
    left, catalogue = _left(read, before, minutes(now()))
    _keep_input(work, run, left, catalogue)
    follower = Follower(work, run.id)
    limits = Limits(
        time_limit_s=None if run.iterations else float(run.time_limit_s),
        iterations=run.iterations,
        threads=cores(),
    )
    share = FOR_THE_CURVE if read.wanted.curve else 1.0
    found = replan(
        left,
        limits_share(limits, share),
        seed=run.seed,
        before=before,
        most_changes=read.wanted.max_changes,
        on_progress=follower.note,
        should_stop=follower.asked_to_stop,
    )
    _refuse_what_is_wrong(left.problem, found.plan)
    curve: list[tuple[int | None, Replan]] = []
    if read.wanted.curve and found.plan.legal:
        curve = trade_off(
            left, limits_share(limits, FOR_THE_CURVE), seed=run.seed, should_stop=follower.asked_to_stop
        )
    result = _result(left, before, found, curve)
    moves = _moves(left, before, found, catalogue)
    _store(work, Solved(left.problem, found.plan, catalogue), read.replan_id, result, moves)


def _left(read: replanning.Disrupted, before: Solution, now_min: int) -> tuple[Disrupted, Catalogue]:
    """Return the problem that is left with what its numbers mean."""
    problem, catalogue = problem_from_bytes(read.problem), Catalogue.from_bytes(read.catalogue)
    facts = [read.parcels[ref] for ref in catalogue.item_ref.tolist()]
    mishaps = [
        Mishap(
            read.departures[one.departure_id],
            cancelled=one.change == "cancelled",
            delay_min=one.delay_min if one.change == "delayed" else 0,
            capacity_share=one.capacity_share if one.change == "cut" else 1.0,
        )
        for one in read.wanted.departures
    ]
    disruption, told = tell(problem, catalogue, mishaps, _deadlines(facts))
    withdrawn = [one.status == GONE or one.public_id in read.wanted.withdrawn for one in facts]
    pinned = [one.status not in (WAITS, GONE) or one.public_id in read.wanted.pinned for one in facts]
    locked = np.array(pinned, bool) | _has_left(told, before, now_min)
    disruption = replace(
        disruption,
        withdrawn=np.flatnonzero(withdrawn),
        pinned=np.flatnonzero(locked),
        change_price=float(read.wanted.change_price_minor),
    )
    left = disrupt(problem, before.item_option, before.units, disruption)
    return left, catalogue_of(left, told)


def _deadlines(facts: list[ParcelFacts]) -> Deadlines:
    due = [FOREVER if one.deliver_by is None else minutes(one.deliver_by) for one in facts]
    return Deadlines(np.array(due, np.int64), np.array([one.hard_deadline for one in facts], bool))


def _has_left(catalogue: Catalogue, before: Solution, now_min: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Mark the items whose first departure has left, [n]: they are on their way."""
    used, which = np.unique(before.item_option, return_inverse=True)
    gone = [_first_departs(catalogue, option) <= now_min for option in used.tolist()]
    return np.asarray(np.array(gone, bool)[which])


def _first_departs(catalogue: Catalogue, option: int) -> int:
    rides = [leg.departs_min for leg in catalogue.legs(option) if leg.dated] if option >= 0 else []
    return rides[0] if rides else FOREVER


def _keep_input(work: Work, run: OptimizationRun, left: Disrupted, catalogue: Catalogue) -> None:
    problem = left.problem
    kept = RunInput(run_id=run.id, problem=problem_to_bytes(problem), catalogue=catalogue.to_bytes())
    with work.database.transaction() as session:
        if session.get(RunInput, run.id) is None and work.still_ours(session):
            optimizing.save_input(session, run, kept, digest(problem), problem.n, [])


def _refuse_what_is_wrong(problem: Problem, plan: Solution) -> None:
    wrong = checks.verify(problem, plan).violations if plan.legal else ()
    if wrong:
        raise PlanRefused("; ".join(map(str, wrong[:20])))


def _result(
    left: Disrupted, before: Solution, found: Replan, curve: list[tuple[int | None, Replan]]
) -> dict[str, Any]:
    """What the run's page and the API say of the new plan beside the old one, in minor units."""
    paid = _prices(left, found)
    return {
        "affected": len(found.affected),
        "changed": len(found.changed),
        "withdrawn": left.planned.n - int((left.item_from >= 0).sum()),
        "before_minor": before.objective - float(_old_prices(left, before).sum()),
        "after_minor": found.plan.objective - float(paid.sum()),
        "changes_minor": float(paid.sum()),
        "curve": [
            {
                "max_changes": most,
                "changed": len(point.changed),
                "cost_minor": point.plan.objective if point.plan.legal else None,
            }
            for most, point in curve
        ],
    }


def _prices(left: Disrupted, found: Replan) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the price of each changed booking, 0 for the affected, by the order of `changed`."""
    now, price = left.problem.item_option_now, left.problem.item_change_cost
    if now is None or price is None:
        return np.zeros(len(found.changed))
    return np.where(now[found.changed] >= 0, price[found.changed], 0.0)


def _old_prices(left: Disrupted, before: Solution) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return what the old plan paid for bookings it changed itself, [n] of the old problem."""
    now, price = left.planned.item_option_now, left.planned.item_change_cost
    if now is None or price is None:
        return np.zeros(left.planned.n)
    return np.where((now >= 0) & (before.item_option != now), price, 0.0)


def _moves(left: Disrupted, before: Solution, found: Replan, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Rows of what moved: what each parcel costs by itself before and after, and the price of the change."""
    old = left.item_from[found.changed]
    price = _prices(left, found)
    cost_before = item_costs(left.planned, before.item_option, old) - _old_prices(left, before)[old]
    cost_after = item_costs(left.problem, found.plan.item_option, found.changed) - price
    affected = np.isin(found.changed, found.affected)
    columns = zip(found.changed, affected, cost_before, cost_after, price, strict=True)
    return [
        {
            "parcel_id": int(catalogue.item_ref[item]),
            "affected": bool(had_to),
            "before_minor": round(float(was)),
            "after_minor": round(float(now_costs)),
            "price_minor": round(float(paid)),
        }
        for item, had_to, was, now_costs, paid in columns
    ]


def _store(
    work: Work, solved: Solved, replan_id: int, result: dict[str, Any], moves: list[dict[str, Any]]
) -> None:
    with work.database.transaction() as session:
        if not working.finish(session, work.claim, now()):
            log.warning("result_of_a_lost_job_dropped", run=work.subject, attempt=work.claim.attempt)
            return
        run = optimizing.find_run(session, work.subject, lock=True)
        if solved.solution.legal:
            planning.store_plan(session, run, solved, digest(solved.problem), now())
            replanning.store_result(session, replan_id, result, moves)
        elif run.cancel_requested:
            optimizing.end_cancelled(run, now())
        else:
            code = f"plan_{solved.solution.status}"
            optimizing.fail_run(
                session, run.public_id, now(), code, "no legal plan was found for what is left"
            )
