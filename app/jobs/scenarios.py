"""One scenario: the kept problem of a plan, patched, solved from what is left of that plan, checked, stored."""

from typing import Any

import numpy as np
import structlog

from app.clock import now
from app.jobs import Work
from app.jobs.blocks import rq_runner
from app.jobs.optimization import Follower, PlanRefused, limits_of
from app.models import OptimizationRun, RunInput
from app.usecases import (
    blocks,
    optimizing,
    planning,
    scenarios,
    scenarios_cutoffs,
    scenarios_patching,
    scenarios_warehouses,
    working,
)
from app.usecases.facts import Facts
from app.usecases.plan_figures import Solved
from app.usecases.scenarios_cutoffs import Closed
from routing.assembling import assemble
from routing.blocks import run_in_processes
from routing.catalogue import Catalogue
from routing.digest import digest
from routing.files import plan_from_bytes, problem_from_bytes, problem_to_bytes
from routing.itineraries import FOREVER
from routing.mishaps import Deadlines
from routing.plan import Plan as Solution
from routing.problem import Problem
from routing.renewing import renewed
from routing.scenarios import Scenario, apply, known, moves
from routing.solve import IllegalPlanError, solve

log = structlog.get_logger(__name__)


def solve_scenario(work: Work) -> None:
    """Do the run that `work` is about. A second worker patches anew and finds the same problem."""
    with work.database.transaction() as session:
        run = optimizing.begin_run(session, work.subject, now())
        if run is None:
            working.finish(session, work.claim, now())
            return
        blocks.withdraw(session, run.id, now())
    asked, problem, before, scenario, closed = _patched(work, run)
    _keep_input(work, run, scenario)
    follower = Follower(work, run.id)
    limits = limits_of(run)
    try:
        with run_in_processes(limits.threads) as processes:
            found = solve(
                scenario.problem,
                limits,
                seed=run.seed,
                previous=scenario.start,
                on_progress=follower.note,
                should_stop=follower.asked_to_stop,
                run_blocks=rq_runner(work, run, alone=processes),
            )
    except IllegalPlanError as wrong:
        raise PlanRefused(str(wrong)) from wrong
    rows = _moves(problem, before, scenario, found) if found.legal else []
    result = {
        "moved": len(rows),
        "affected": len(scenario.left.affected),
        "kept_minor": scenario.kept_cost,
    }
    if closed:
        result["by_later_cutoff"] = scenarios_cutoffs.riders(scenario, found, closed)
    wanted = not follower.stopped_without_plan
    _store(work, found, scenario, asked, result, rows, wanted=wanted)


def _patched(work: Work, run: OptimizationRun) -> tuple[scenarios.Asked, Problem, Solution, Scenario, Closed]:
    """What was asked, the baseline's problem and plan, the problem to solve, and how calls close that close later."""
    with work.database.reading() as session:
        asked = scenarios.read_asked(session, run)
        later = scenarios_cutoffs.later_ones(session, asked.patches)
        problem, catalogue = problem_from_bytes(asked.problem), Catalogue.from_bytes(asked.catalogue)
        before, content = plan_from_bytes(asked.solution), asked.catalogue
        facts: Facts | None = None
        closed: Closed = {}
        if later:
            facts, closed = scenarios_cutoffs.facts_anew(session, asked.run_id, later, catalogue.item_ref)
    known_ones, anew = (problem, catalogue), None
    if facts:
        fresh = assemble(facts.network, facts.pool, facts.rates)
        anew = renewed(problem, catalogue, before.units, fresh.problem, fresh.catalogue, closed)
        known_ones, content = (anew[0].problem, anew[0].catalogue), anew[0].catalogue.to_bytes()
    with work.database.reading() as session:
        patches = scenarios_patching.patches_for(session, *known_ones, known(content), asked.patches)
    due = [scenarios_patching.due_minutes(at, FOREVER) for at, _ in asked.deadlines]
    hard = [one for _, one in asked.deadlines]
    deadlines = Deadlines(np.array(due, np.int64), np.array(hard, bool))
    return asked, problem, before, apply(problem, catalogue, before, patches, deadlines, anew), closed


def _keep_input(work: Work, run: OptimizationRun, scenario: Scenario) -> None:
    problem = scenario.problem
    files = problem_to_bytes(problem), scenario.catalogue.to_bytes()
    with work.database.transaction() as session:
        if work.still_ours(session):
            kept = session.get(RunInput, run.id) or RunInput(run_id=run.id)
            kept.problem, kept.catalogue = files
            optimizing.save_input(session, run, kept, digest(problem), problem.n, [])


def _moves(problem: Problem, before: Solution, scenario: Scenario, found: Solution) -> list[dict[str, Any]]:
    """Rows of what moved, with what each parcel costs by itself before and after."""
    moved = moves(problem, before, scenario, found)
    refs = scenario.catalogue.item_ref[moved.items].tolist()
    return [
        {"parcel_id": int(ref), "before_minor": _whole(was), "after_minor": _whole(costs)}
        for ref, was, costs in zip(refs, moved.before.tolist(), moved.after.tolist(), strict=True)
    ]


def _whole(minor: float) -> int:
    """Goods that must go cost without end where they are left: no number says so, and no legal plan has it."""
    return round(minor) if np.isfinite(minor) else 0


def _store(
    work: Work,
    found: Solution,
    scenario: Scenario,
    asked: scenarios.Asked,
    result: dict[str, Any],
    rows: list[dict[str, Any]],
    *,
    wanted: bool,
) -> None:
    with work.database.transaction() as session:
        if not working.finish(session, work.claim, now()):
            log.warning("result_of_a_lost_job_dropped", run=work.subject, attempt=work.claim.attempt)
            return
        run = optimizing.find_run(session, work.subject, lock=True)
        blocks.withdraw(session, run.id, now())
        if wanted and found.legal:
            solved = Solved(scenario.problem, found, scenario.catalogue)
            plan = planning.store_plan(session, run, solved, digest(solved.problem), now(), told=False)
            if scenario.by_new:
                result |= scenarios_warehouses.new_ways(session, plan.id, scenario, found)
            scenarios.store_result(session, asked.scenario_id, result, rows)
        elif run.cancel_requested or not wanted:
            optimizing.end_cancelled(run, now())
        else:
            code = f"plan_{found.status}"
            text = "no legal plan was found: some goods that must go have no way in this scenario"
            optimizing.fail_run(session, run.public_id, now(), code, text)
