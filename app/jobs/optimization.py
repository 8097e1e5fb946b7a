"""One optimisation run: facts in, problem kept, solved without a connection, checked, stored."""

import math
import threading
import time
from dataclasses import asdict
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.clock import now
from app.errors import AppError
from app.jobs import Work
from app.jobs.blocks import rq_runner
from app.models import OptimizationRun, RunInput
from app.usecases import blocks, facts, optimizing, planning, working
from app.usecases.plan_figures import Solved
from routing.assembling import assemble
from routing.blocks import run_in_processes
from routing.catalogue import Catalogue
from routing.digest import digest
from routing.files import problem_from_bytes, problem_to_bytes
from routing.limits import Limits, Progress, cores
from routing.plan import Plan as Solution
from routing.problem import Problem
from routing.solve import IllegalPlanError, solve

log = structlog.get_logger(__name__)

PROVED = 1e-6
"""The gap at which a plan counts as optimal: a certificate keeps a hair of safety and never reaches 0."""
STEP_S = 0.5
"""Progress is written no more often than this, unless the phase changes."""


class PlanRefused(AppError):
    """The independent checker found violations in a plan; it is not stored."""

    code, status, title = "plan_violates_constraints", 500, "The plan breaks a rule"


def solve_run(work: Work) -> None:
    """Do the run that `work` is about. A second worker goes on from the problem the first one kept."""
    with work.database.transaction() as session:
        run = optimizing.begin_run(session, work.subject, now())
        if run is None:
            working.finish(session, work.claim, now())
            return
        # What a worker before us was waiting for; it will never be fetched.
        blocks.withdraw(session, run.id, now())
        kept = session.get(RunInput, run.id)
    problem, catalogue = _read(kept) if kept is not None else _build(work, run)
    follower = Follower(work, run.id)
    limits = limits_of(run)
    try:
        with run_in_processes(limits.threads) as processes:
            solution = solve(
                problem,
                limits,
                seed=run.seed,
                on_progress=follower.note,
                should_stop=follower.asked_to_stop,
                run_blocks=rq_runner(work, run, alone=processes),
            )
    except IllegalPlanError as wrong:
        raise PlanRefused(str(wrong)) from wrong
    _store(work, Solved(problem, solution, catalogue), wanted=not follower.stopped_without_plan)


def limits_of(run: OptimizationRun) -> Limits:
    """How long the solver may work, and on how many cores: iterations, where they are asked for, know no clock."""
    return Limits(
        time_limit_s=None if run.iterations else float(run.time_limit_s),
        iterations=run.iterations,
        gap=max(run.gap_limit, PROVED),
        threads=cores(),
    )


def give_up(session: Session, public_id: str, reason: str) -> None:
    """End a run that will not be tried again, with the reason."""
    code, _, detail = reason.partition(": ")
    words = {
        "worker_lost": "every worker that took the run was lost before it was done; start it again",
        "internal_error": "the run failed through a fault of ours; it was logged",
    }
    optimizing.fail_run(session, public_id, now(), code, words.get(code, detail or reason))
    blocks.withdraw(session, optimizing.find_run(session, public_id).id, now())


def _read(kept: RunInput) -> tuple[Problem, Catalogue]:
    return problem_from_bytes(kept.problem), Catalogue.from_bytes(kept.catalogue)


def _build(work: Work, run: OptimizationRun) -> tuple[Problem, Catalogue]:
    with work.database.reading() as session:
        read = facts.load_facts(session, optimizing.Scope.from_dict(run.scope), now())
    assembled = assemble(read.network, read.pool, read.rates, store=facts.CHAINS)
    problem, catalogue = assembled.problem, assembled.catalogue
    kept = RunInput(run_id=run.id, problem=problem_to_bytes(problem), catalogue=catalogue.to_bytes())
    findings = [asdict(finding) for finding in read.findings]
    with work.database.transaction() as session:
        if work.still_ours(session):
            optimizing.save_input(session, run, kept, digest(problem), problem.n, findings)
    return problem, catalogue


def _store(work: Work, solved: Solved, *, wanted: bool) -> None:
    with work.database.transaction() as session:
        if not working.finish(session, work.claim, now()):
            log.warning("result_of_a_lost_job_dropped", run=work.subject, attempt=work.claim.attempt)
            return
        run = optimizing.find_run(session, work.subject, lock=True)
        blocks.withdraw(session, run.id, now())
        if not wanted:
            optimizing.end_cancelled(run, now())
        elif solved.solution.legal:
            planning.store_plan(session, run, solved, digest(solved.problem), now())
        else:
            _close_without_plan(session, run, solved.solution)


def _close_without_plan(session: Session, run: OptimizationRun, solution: Solution) -> None:
    if run.cancel_requested:
        optimizing.end_cancelled(run, now())
        return
    text = {
        "infeasible": "no legal plan exists: some goods that must go fit nowhere",
        "unknown": "no legal plan was found within the limits; allow more time",
    }[solution.status]
    optimizing.fail_run(session, run.public_id, now(), f"plan_{solution.status}", text)


class Follower:
    """Writes progress to the run's row, and hears there whether to stop."""

    def __init__(self, work: Work, run_id: int) -> None:
        self.work, self.run_id = work, run_id
        self.stopped_without_plan = False
        """Whether somebody wanted the run to stop when no plan was known yet."""
        self._stop = False
        self._phase, self._written = "", 0.0
        self._lock = threading.Lock()

    def note(self, progress: Progress) -> None:
        """Take one sign of life from the optimizer."""
        with self._lock:
            fresh = progress.phase != self._phase
            if not fresh and time.monotonic() - self._written < STEP_S:
                return
            self._phase, self._written = progress.phase, time.monotonic()
            point = {name: _finite(value) for name, value in asdict(progress).items()}
            try:
                self._write(point)
            except OperationalError:
                # A locked database costs a point of the chart, not the run.
                log.warning("progress_not_written", run=self.work.subject, exc_info=True)

    def _write(self, point: dict[str, Any]) -> None:
        with self.work.database.transaction() as session:
            if not self.work.still_ours(session):
                return
            stop = optimizing.note_progress(session, self.run_id, now(), **point)
        if stop and not self._stop:
            self._stop, self.stopped_without_plan = True, point["incumbent"] is None

    def asked_to_stop(self) -> bool:
        """Whether somebody wants the best plan so far, or the job was taken away."""
        return self._stop or self.work.lost.is_set()


def _finite(value: Any) -> Any:  # noqa: ANN401 (words pass through)
    """Databases and charts know no infinity: a gap without a bound is not known."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
