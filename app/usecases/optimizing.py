"""Ask for a plan, follow the run, stop it; the worker's side of it stands in `app.jobs.optimization`."""

from datetime import datetime
from importlib.metadata import version
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, Forbidden, NotFound
from app.ids import new_id
from app.models import OptimizationRun, RunInput, RunProgress
from app.queries.parcels import not_waiting
from app.queries.places import ids_named
from app.usecases import working
from app.usecases.announcing import announce
from app.usecases.auditing import record
from app.usecases.scoping import HORIZON_DAYS, Scope, invalid

__all__ = ["HORIZON_DAYS", "Scope", "request_run"]
QUEUE = "solver"
JOB = "solve_run"
LONGEST_S = 3600
SOME = 5
"""So many parcels are named in a refusal."""


def request_run(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    scope: dict[str, Any] | None = None,
    time_limit_s: int = 60,
    gap_limit: float = 0.0,
    seed: int = 1,
    iterations: int | None = None,
) -> OptimizationRun:
    """Record a run and ring a solver. Invalid for limits that cannot be meant, Forbidden for exporters."""
    if not actor.is_staff:
        raise Forbidden("only operators start optimisation runs")
    if not 1 <= time_limit_s <= LONGEST_S:
        raise invalid("time_limit_s", "out_of_range", f"from 1 to {LONGEST_S} seconds")
    if not 0 <= gap_limit < 1:
        raise invalid("gap_limit", "out_of_range", "from 0 to below 1, e.g. 0.01 for one per cent")
    if not 0 <= seed < 2**31:
        raise invalid("seed", "out_of_range", "from 0 to 2147483647")
    if iterations is not None and not 1 <= iterations <= 1_000_000:
        raise invalid("iterations", "out_of_range", "from 1 to 1000000")
    wanted = Scope.from_dict(scope or {})
    _check_places(session, wanted)
    _check_parcels(session, wanted)
    run = OptimizationRun(
        public_id=new_id("run"),
        requested_by=actor.reference,
        scope=wanted.to_dict(),
        time_limit_s=time_limit_s,
        gap_limit=gap_limit,
        iterations=iterations,
        seed=seed,
        code_version=version("fourport"),
        created_at=now,
    )
    session.add(run)
    session.flush()
    working.enqueue(session, JOB, QUEUE, run.public_id, now)
    told = {**run.scope, "parcels": len(wanted.parcels) or None, "time_limit_s": time_limit_s}
    record(session, actor, now, "run.requested", run.public_id, after=told)
    return run


def _check_places(session: Session, wanted: Scope) -> None:
    for name in ("origin", "destination"):
        code = getattr(wanted, name)
        if code is not None and session.scalar(ids_named(code)) is None:
            raise invalid(f"scope.{name}", "unknown_location", f"there is no place {code!r}")


def _check_parcels(session: Session, wanted: Scope) -> None:
    missing = not_waiting(session, wanted.parcels) if wanted.parcels else []
    if missing:
        more = f" and {len(missing) - SOME} more" if len(missing) > SOME else ""
        text = f"no parcel that waits to be planned is called {', '.join(missing[:SOME])}{more}"
        raise invalid("scope.parcels", "not_waiting", text)


def find_run(session: Session, public_id: str, *, lock: bool = False) -> OptimizationRun:
    """The run; NotFound if there is none. `lock` it to decide by its status: nobody else then changes it."""
    query = select(OptimizationRun).where(OptimizationRun.public_id == public_id)
    run = session.scalar(query.with_for_update() if lock else query)
    if run is None:
        raise NotFound(f"there is no run {public_id!r}")
    return run


def cancel_run(session: Session, actor: Actor, now: datetime, public_id: str) -> OptimizationRun:
    """Stop a run: one that waits ends at once, one that computes keeps the best plan it has."""
    if not actor.is_staff:
        raise Forbidden("only operators stop optimisation runs")
    run = find_run(session, public_id, lock=True)
    if run.status not in ("queued", "running"):
        raise Conflict(f"the run is {run.status} already")
    run.cancel_requested = True
    if run.status == "queued":
        end_cancelled(run, now)
    record(session, actor, now, "run.cancelled", run.public_id)
    return run


def begin_run(session: Session, public_id: str, now: datetime) -> OptimizationRun | None:
    """Mark the run as being worked on; None where it is over already."""
    run = find_run(session, public_id, lock=True)
    if run.status not in ("queued", "running"):
        return None
    run.status, run.phase, run.started_at = "running", "reading", run.started_at or now
    return run


def end_cancelled(run: OptimizationRun, now: datetime) -> None:
    """End a run without a plan because somebody wanted it so."""
    run.status, run.phase, run.finished_at = "cancelled", "cancelled", now


def save_input(session: Session, run: OptimizationRun, found: RunInput, digest: str, items: int,
               findings: list[dict[str, Any]]) -> None:  # fmt: skip
    """Keep the problem, so that whoever picks the run up again solves the same one."""
    session.add(found)
    session.execute(
        update(OptimizationRun)
        .where(OptimizationRun.id == run.id)
        .values(problem_digest=digest, items=items, findings=findings[:1000])
    )


def note_progress(
    session: Session,
    run_id: int,
    now: datetime,
    *,
    phase: str,
    incumbent: float | None,
    bound: float | None,
    gap: float | None,
    seconds: float,
) -> bool:
    """Write one point of the live chart. Returns whether somebody asked the run to stop."""
    session.add(
        RunProgress(
            run_id=run_id, at=now, seconds=seconds, phase=phase, incumbent=incumbent, bound=bound, gap=gap
        )
    )
    stop = session.execute(
        update(OptimizationRun)
        .where(OptimizationRun.id == run_id)
        .values(phase=phase, incumbent=incumbent, bound=bound, gap=gap)
        .returning(OptimizationRun.cancel_requested)
    ).scalar_one()
    return bool(stop)


def fail_run(session: Session, public_id: str, now: datetime, code: str, detail: str) -> None:
    """End a run without a plan, with the reason."""
    ended = session.execute(
        update(OptimizationRun)
        .where(OptimizationRun.public_id == public_id, OptimizationRun.status.in_(("queued", "running")))
        .values(
            status="failed", phase="failed", failure_code=code[:40], failure_detail=detail, finished_at=now
        )
        .returning(OptimizationRun.id)
    )
    if ended.first() is not None:
        announce(
            session, now, "plan.failed", None, public_id, {"run": public_id, "code": code, "detail": detail}
        )
