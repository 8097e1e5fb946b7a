"""Plan anew what a plan had planned, after something happened; the worker's side stands in `app.jobs.replanning`."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.metadata import version
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from app.ids import new_id
from app.models import Departure, OptimizationRun, Parcel, Plan, PlanItem, Replan, ReplanMove, RunInput
from app.queries.plan_decisions import held
from app.usecases import optimizing, working
from app.usecases.auditing import record
from app.usecases.deciding_locks import carry_over

QUEUE = "solver"
JOB = "replan_run"
CHANGES = ("cancelled", "delayed", "cut")
LONGEST_DELAY_MIN = 60 * 24 * 60
MOST_NAMED = 1000
"""Parcels and departures that may be named in one request."""
BATCH = 500


@dataclass(frozen=True, slots=True)
class DepartureChange:
    """What happened to one departure: `cancelled`, `delayed` by minutes, or `cut` to a share of its capacity."""

    departure_id: str
    change: str
    delay_min: int = 0
    capacity_share: float = 1.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What happened, and what may change because of it.

    `pinned` and `withdrawn` are public ids of parcels. Each booking that changes without having to costs
    `change_price_minor`; `max_changes` is how many may at most (None: as many as pay). `curve` asks for
    the cost with fewer and with more changes as well.
    """

    departures: tuple[DepartureChange, ...] = ()
    pinned: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    change_price_minor: int = 0
    max_changes: int | None = None
    curve: bool = False

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "Wanted":
        """Read what `to_dict` wrote."""
        changes = tuple(DepartureChange(**one) for one in stored["departures"])
        lists: dict[str, Any] = {name: tuple(stored[name]) for name in ("pinned", "withdrawn")}
        return cls(**(stored | lists | {"departures": changes}))

    def to_dict(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self) | {
            "departures": [asdict(one) for one in self.departures],
            "pinned": list(self.pinned),
            "withdrawn": list(self.withdrawn),
        }


@dataclass(frozen=True, slots=True)
class Disrupted:
    """What the worker reads: the plan that was disrupted with its problem, and what is known of its parcels."""

    replan_id: int
    wanted: Wanted
    problem: bytes
    catalogue: bytes
    solution: bytes
    departures: dict[str, int]
    """Public id → number in the database."""
    parcels: dict[int, "ParcelFacts"]


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """What of a parcel decides whether and when it may move."""

    public_id: str
    status: str
    deliver_by: datetime | None
    hard_deadline: bool


def request_replan(
    session: Session,
    actor: Actor,
    now: datetime,
    plan_id: str,
    wanted: Wanted,
    *,
    time_limit_s: int = 60,
    seed: int = 1,
    iterations: int | None = None,
) -> OptimizationRun:
    """Record a run that plans anew and ring a solver. NotFound, Forbidden, Invalid for what cannot be meant."""
    if not actor.is_staff:
        raise Forbidden("only operators plan anew")
    plan = session.scalar(select(Plan).where(Plan.public_id == plan_id))
    if plan is None:
        raise NotFound(f"there is no plan {plan_id!r}")
    if session.get(RunInput, plan.run_id) is None:
        raise Conflict("the problem of this plan was not kept; start a run instead")
    wanted = _with_decisions(session, plan, wanted)
    _check(session, plan, wanted)
    _check_limits(time_limit_s, seed)
    scope = session.scalars(select(OptimizationRun.scope).where(OptimizationRun.id == plan.run_id)).one()
    run = OptimizationRun(
        public_id=new_id("run"),
        requested_by=actor.reference,
        scope=scope,
        time_limit_s=time_limit_s,
        gap_limit=0.0,
        iterations=iterations,
        seed=seed,
        code_version=version("fourport"),
        created_at=now,
    )
    session.add(run)
    session.flush()
    session.add(Replan(run_id=run.id, plan_id=plan.id, wanted=wanted.to_dict()))
    session.flush()
    working.enqueue(session, JOB, QUEUE, run.public_id, now)
    record(
        session, actor, now, "replan.requested", run.public_id, after={"plan": plan_id, **wanted.to_dict()}
    )
    return run


def _with_decisions(session: Session, plan: Plan, wanted: Wanted) -> Wanted:
    """What was asked, with what people decided in the plan: locked and overridden parcels stay, left ones are out."""
    kinds = held(session, plan.id)
    left = [one for one, kind in kinds.items() if kind == "leave"]
    kept = [one for one, kind in kinds.items() if kind != "leave" and one not in wanted.withdrawn]
    return replace(
        wanted,
        pinned=tuple(dict.fromkeys([*wanted.pinned, *kept])),
        withdrawn=tuple(dict.fromkeys([*wanted.withdrawn, *left])),
    )


def read_disrupted(session: Session, run: OptimizationRun) -> Disrupted:
    """Read all that the worker of a re-planning run needs, in one go."""
    replan = session.scalars(select(Replan).where(Replan.run_id == run.id)).one()
    wanted = Wanted.from_dict(replan.wanted)
    plan_run, solution = session.execute(
        select(Plan.run_id, Plan.solution).where(Plan.id == replan.plan_id)
    ).one()
    kept = session.get_one(RunInput, plan_run)
    named = {change.departure_id for change in wanted.departures}
    query = select(Departure.public_id, Departure.id).where(Departure.public_id.in_(sorted(named)))
    return Disrupted(
        replan.id,
        wanted,
        kept.problem,
        kept.catalogue,
        solution,
        {row.public_id: row.id for row in session.execute(query)},
        _parcels(session, replan.plan_id),
    )


def store_result(
    session: Session, replan_id: int, result: dict[str, Any], moves: list[dict[str, Any]]
) -> None:
    """Keep what a new plan changes; `moves` are rows of `ReplanMove` without the id of theirs."""
    replan = session.get_one(Replan, replan_id)
    replan.result = result
    carry_over(session, replan)
    if moves:
        session.execute(insert(ReplanMove), [{"replan_id": replan_id, **move} for move in moves])


def _parcels(session: Session, plan_id: int) -> dict[int, ParcelFacts]:
    query = (
        select(Parcel.id, Parcel.public_id, Parcel.status, Parcel.deliver_by, Parcel.hard_deadline)
        .join(PlanItem, PlanItem.parcel_id == Parcel.id)
        .where(PlanItem.plan_id == plan_id)
    )
    return {
        row.id: ParcelFacts(row.public_id, row.status, row.deliver_by, row.hard_deadline)
        for row in session.execute(query)
    }


def _check_limits(time_limit_s: int, seed: int) -> None:
    if not 1 <= time_limit_s <= optimizing.LONGEST_S:
        raise _invalid("time_limit_s", "out_of_range", f"from 1 to {optimizing.LONGEST_S} seconds")
    if not 0 <= seed < 2**31:
        raise _invalid("seed", "out_of_range", "from 0 to 2147483647")


def _check(session: Session, plan: Plan, wanted: Wanted) -> None:
    if not (wanted.departures or wanted.pinned or wanted.withdrawn):
        raise _invalid("departures", "nothing_happened", "name a departure, or a parcel to pin or withdraw")
    seen: set[str] = set()
    for position, one in enumerate(wanted.departures):
        _check_change(f"departures.{position}", one, seen)
    known = set(session.scalars(select(Departure.public_id).where(Departure.public_id.in_(sorted(seen)))))
    for position, one in enumerate(wanted.departures):
        if one.departure_id not in known:
            raise _invalid(
                f"departures.{position}.departure_id", "unknown_departure", "there is no such departure"
            )
    for name in ("pinned", "withdrawn"):
        _check_parcels(session, plan, name, getattr(wanted, name))
    if wanted.change_price_minor < 0:
        raise _invalid("change_price", "out_of_range", "must not be negative")
    if wanted.max_changes is not None and wanted.max_changes < 0:
        raise _invalid("max_changes", "out_of_range", "must not be negative")


def _check_change(field: str, one: DepartureChange, seen: set[str]) -> None:
    if one.departure_id in seen:
        raise _invalid(f"{field}.departure_id", "named_twice", "one change for each departure")
    seen.add(one.departure_id)
    if one.change not in CHANGES:
        raise _invalid(f"{field}.change", "not_one_of", f"must be one of {', '.join(CHANGES)}")
    if one.change == "delayed" and not 1 <= one.delay_min <= LONGEST_DELAY_MIN:
        raise _invalid(f"{field}.delay_min", "out_of_range", f"from 1 to {LONGEST_DELAY_MIN} minutes")
    if one.change == "cut" and not 0 <= one.capacity_share < 1:
        raise _invalid(f"{field}.capacity_share", "out_of_range", "from 0 to below 1, e.g. 0.5 for half")


def _check_parcels(session: Session, plan: Plan, name: str, ids: tuple[str, ...]) -> None:
    found: set[str] = set()
    for begin in range(0, len(ids), BATCH):
        query = (
            select(Parcel.public_id)
            .join(PlanItem, PlanItem.parcel_id == Parcel.id)
            .where(PlanItem.plan_id == plan.id, Parcel.public_id.in_(ids[begin : begin + BATCH]))
        )
        found |= set(session.scalars(query))
    for position, one in enumerate(ids):
        if one not in found:
            raise _invalid(f"{name}.{position}", "unknown_parcel", f"the plan knows no parcel {one!r}")


def _invalid(field: str, code: str, message: str) -> Invalid:
    path = "$" + "".join(f"[{part}]" if part.isdecimal() else f".{part}" for part in field.split("."))
    return Invalid(f"{field}: {message}", (FieldError(field, code, message, json_path=path),))
