"""Ask what a plan would be if some facts were others; the worker's side stands in `app.jobs.scenarios`.

A scenario clones the problem that was kept of the baseline's run, patches it and solves it as a run of its own.
Nothing of the operation is changed by it, and its plan is nobody's plan before it is promoted.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from app.ids import new_id
from app.models import OptimizationRun, Parcel, Plan, PlanItem, RunInput, Scenario, ScenarioMove
from app.usecases import optimizing, working
from app.usecases.auditing import record

QUEUE = "solver"
JOB = "solve_scenario"
LONGEST_NAME = 80
MOST_PATCHES = 20
MOST_SCENARIOS = 100
"""Of one plan that are not archived."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One thing that is assumed: its kind, and those of the members that the kind needs.

    `percent` is what is left of a capacity or an intake (100: as it is), or by how much fuel, a currency or a new
    warehouse is dearer (negative: cheaper). `before_min` is how long before it leaves the goods must be at a
    departure, `daily_parcels` what a new warehouse takes in on a day; `location` is the one it stands beside.
    `assumed` keeps what promoting is held against, such as the hour a delayed departure leaves then.
    """

    kind: str
    departure_id: str | None = None
    mode: str | None = None
    location: str | None = None
    currency: str | None = None
    delay_min: int | None = None
    before_min: int | None = None
    percent: float | None = None
    daily_parcels: int | None = None
    assumed: dict[str, Any] | None = None

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "Patch":
        """Read what `to_dict` wrote."""
        return cls(**stored)

    def to_dict(self) -> dict[str, Any]:
        """As it is stored: members the kind does not need are left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @property
    def target(self) -> str | None:
        """What it is about: a departure, a mode, a currency or a place."""
        return self.departure_id or self.mode or self.currency or self.location


@dataclass(frozen=True, slots=True)
class Asked:
    """What the worker reads: the baseline's problem and plan, and what is assumed."""

    scenario_id: int
    run_id: int
    """Of the baseline."""
    patches: tuple[Patch, ...]
    problem: bytes
    catalogue: bytes
    solution: bytes
    deadlines: tuple[tuple[datetime | None, bool], ...]
    """By when each item is due, and whether late is as bad as never."""


def request_scenario(
    session: Session,
    actor: Actor,
    now: datetime,
    plan_id: str,
    name: str,
    patches: tuple[Patch, ...],
    *,
    time_limit_s: int = 60,
    seed: int = 1,
    iterations: int | None = None,
) -> Scenario:
    """Record a scenario of a plan with its run and ring a solver; `patches` are checked before.

    NotFound, Forbidden; Conflict where the plan's problem was not kept; Invalid names the field.
    """
    plan = find_baseline(session, actor, plan_id)
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise invalid("name", "wrong_length", f"from 1 to {LONGEST_NAME} characters")
    if not 1 <= len(patches) <= MOST_PATCHES:
        raise invalid("patches", "nothing_assumed", f"assume something: from 1 to {MOST_PATCHES} changes")
    if not 1 <= time_limit_s <= optimizing.LONGEST_S:
        raise invalid("time_limit_s", "out_of_range", f"from 1 to {optimizing.LONGEST_S} seconds")
    if not 0 <= seed < 2**31:
        raise invalid("seed", "out_of_range", "from 0 to 2147483647")
    run = OptimizationRun(
        public_id=new_id("run"),
        requested_by=actor.reference,
        scope=session.scalars(select(OptimizationRun.scope).where(OptimizationRun.id == plan.run_id)).one(),
        time_limit_s=time_limit_s,
        gap_limit=0.0,
        iterations=iterations,
        seed=seed,
        code_version=version("fourport"),
        created_at=now,
    )
    session.add(run)
    session.flush()
    scenario = Scenario(
        public_id=new_id("scn"),
        plan_id=plan.id,
        run_id=run.id,
        name=name,
        patches=[one.to_dict() for one in patches],
        created_by=actor.reference,
        created_at=now,
    )
    session.add(scenario)
    session.flush()
    working.enqueue(session, JOB, QUEUE, run.public_id, now)
    asked = {"plan": plan_id, "run": run.public_id, "name": name, "patches": scenario.patches}
    record(session, actor, now, "scenario.requested", scenario.public_id, after=asked)
    return scenario


def find_baseline(session: Session, actor: Actor, plan_id: str) -> Plan:
    """The plan a scenario is asked of; Forbidden, NotFound, Conflict where it cannot be."""
    if not actor.is_staff:
        raise Forbidden("only operators ask what if")
    plan = session.scalar(select(Plan).where(Plan.public_id == plan_id))
    if plan is None:
        raise NotFound(f"there is no plan {plan_id!r}")
    if session.get(RunInput, plan.run_id) is None:
        raise Conflict("the problem of this plan was not kept; start a run instead")
    count = select(Scenario.id).where(Scenario.plan_id == plan.id, Scenario.archived_at.is_(None))
    if len(session.scalars(count.limit(MOST_SCENARIOS)).all()) >= MOST_SCENARIOS:
        raise Conflict(f"a plan has at most {MOST_SCENARIOS} scenarios; put some aside first")
    return plan


def find_scenario(session: Session, public_id: str, *, lock: bool = False) -> Scenario:
    """The scenario; NotFound."""
    query = select(Scenario).where(Scenario.public_id == public_id)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound(f"there is no scenario {public_id!r}")
    return found


def built_on(session: Session, plan: Plan) -> list[Scenario]:
    """The scenarios whose patches stand in the problem of a plan: the one it answers, its baseline's, and so on.

    Promoted ones are among them: that what they assumed was true for their own plan makes it true of no other.
    """
    found: list[Scenario] = []
    run_id: int | None = plan.run_id
    while (one := session.scalar(select(Scenario).where(Scenario.run_id == run_id))) is not None:
        found.append(one)
        run_id = session.scalar(select(Plan.run_id).where(Plan.id == one.plan_id))
    return found


def archive(session: Session, actor: Actor, now: datetime, public_id: str) -> Scenario:
    """Put a scenario aside; one that still computes is stopped. Conflict for one whose plan was promoted."""
    scenario = _mine(session, actor, public_id)
    if scenario.promoted_at is not None:
        raise Conflict("its plan is a draft of the operation; take the promotion back first")
    if scenario.archived_at is None:
        scenario.archived_at = now
        run = session.get_one(OptimizationRun, scenario.run_id)
        if run.status in ("queued", "running"):
            optimizing.cancel_run(session, actor, now, run.public_id)
        record(session, actor, now, "scenario.archived", public_id)
    return scenario


def restore(session: Session, actor: Actor, now: datetime, public_id: str) -> Scenario:
    """Bring a scenario back that was put aside."""
    scenario = _mine(session, actor, public_id)
    if scenario.archived_at is not None:
        scenario.archived_at = None
        record(session, actor, now, "scenario.restored", public_id)
    return scenario


def _mine(session: Session, actor: Actor, public_id: str) -> Scenario:
    if not actor.is_staff:
        raise Forbidden("only operators put scenarios aside")
    return find_scenario(session, public_id, lock=True)


def read_asked(session: Session, run: OptimizationRun) -> Asked:
    """Read all that the worker of a scenario's run needs, in one go."""
    scenario = session.scalars(select(Scenario).where(Scenario.run_id == run.id)).one()
    plan_run, solution = session.execute(
        select(Plan.run_id, Plan.solution).where(Plan.id == scenario.plan_id)
    ).one()
    kept = session.get_one(RunInput, plan_run)
    due = (
        select(Parcel.deliver_by, Parcel.hard_deadline)
        .join(PlanItem, PlanItem.parcel_id == Parcel.id)
        .where(PlanItem.plan_id == scenario.plan_id)
        .order_by(PlanItem.position)
    )
    return Asked(
        scenario.id,
        plan_run,
        tuple(map(Patch.from_dict, scenario.patches)),
        kept.problem,
        kept.catalogue,
        solution,
        tuple((by, hard) for by, hard in session.execute(due)),
    )


def store_result(
    session: Session, scenario_id: int, result: dict[str, Any], moves: list[dict[str, Any]]
) -> None:
    """Keep what a scenario changes; `moves` are rows of `ScenarioMove` without the id of theirs."""
    session.get_one(Scenario, scenario_id).result = result
    if moves:
        session.execute(insert(ScenarioMove), [{"scenario_id": scenario_id, **move} for move in moves])


def invalid(field: str, code: str, message: str) -> Invalid:
    """An error at one field of what was asked."""
    path = "$" + "".join(f"[{part}]" if part.isdecimal() else f".{part}" for part in field.split("."))
    return Invalid(f"{field}: {message}", (FieldError(field, code, message, json_path=path),))
