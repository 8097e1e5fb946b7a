"""New cut-offs of scenarios: an earlier one takes ways away, a later one makes ways.

For a later one the plan's goods are enumerated anew, from when the plan's run began, over a departure open for longer.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.models import Call, Cutoff, Departure, OptimizationRun, Parcel, Plan, PlanItem, Replan, Scenario
from app.usecases.facts import Facts, load_facts
from app.usecases.network_facts import EARLIEST_TIMES, OPEN_STATES, PAPER_CUTOFFS
from app.usecases.pool_facts import WAITING
from app.usecases.scenarios import Patch, invalid
from app.usecases.scoping import Scope
from routing.plan import Plan as Solution
from routing.renewing import closing, too_late_for
from routing.scenarios import Scenario as Patched

MINUTE = timedelta(minutes=1)


def closes_at(session: Session, row: Departure) -> datetime:
    """When a departure closes for goods at its first port: at its earliest cut-off, or when it leaves."""
    query = (
        select(Cutoff.at)
        .join(Call, Call.id == Cutoff.call_id)
        .where(Call.departure_id == row.id, Call.departs_at == row.departs_at)
        .where(Cutoff.code.not_in(EARLIEST_TIMES | PAPER_CUTOFFS))
    )
    return min([row.departs_at, *session.scalars(query)])


def is_later(patch: Patch) -> bool:
    """Whether it is a cut-off that makes ways."""
    return patch.kind == "cutoff" and patch.assumed is not None


def check_cutoff(session: Session, plan: Plan, field: str, row: Departure, patch: Patch) -> Patch:
    """Return the patch, a later one with the cut-off it is later than; Invalid where it cannot be meant."""
    now_min, wanted = (row.departs_at - closes_at(session, row)) // MINUTE, patch.before_min or 0
    if wanted == now_min:
        raise invalid(
            f"{field}.before_min", "changes_nothing", f"it closes {now_min / 60:g} hours before already"
        )
    if wanted > now_min:
        return patch
    if row.status not in OPEN_STATES:
        raise invalid(f"{field}.departure_id", "not_open", "it is not open any more, whenever it closes")
    for table in (Scenario, Replan):
        if session.scalar(select(table.id).where(table.run_id == plan.run_id)) is not None:
            text = (
                "a later cut-off makes new ways: ask it of the plan of a run, not of a what-if or a re-plan"
            )
            raise invalid(f"{field}.before_min", "only_of_a_run", text)
    if gone := _gone(session, plan):
        text = f"a later cut-off makes new ways, and {gone} of the plan's parcels do not wait any more: start a run"
        raise invalid(f"{field}.before_min", "not_waiting", text)
    leaves_at = row.departs_at - wanted * MINUTE
    return replace(patch, assumed={"closes_at": leaves_at.isoformat(), "before_min": now_min})


def _gone(session: Session, plan: Plan) -> int:
    query = (
        select(func.count())
        .select_from(PlanItem)
        .join(Parcel, Parcel.id == PlanItem.parcel_id)
        .where(PlanItem.plan_id == plan.id)
        .where(Parcel.status.not_in(WAITING) | Parcel.booking_line_id.is_not(None))
    )
    return session.scalars(query).one()


def closes_so_late(session: Session, row: Departure | None, patch: Patch) -> bool:
    """Whether a departure closes in the system no earlier than a later cut-off assumes."""
    assumed = datetime.fromisoformat((patch.assumed or {})["closes_at"])
    return row is not None and row.status in OPEN_STATES and closes_at(session, row) >= assumed


@dataclass(frozen=True, slots=True)
class Later:
    """Departures, by row id, and how long before each boarding they close: as assumed, and as it was."""

    assumed: dict[int, int]
    closed: dict[int, int]

    def parcels(self, scenario: Patched, found: Solution) -> int:
        """How many ride only because of it."""
        return int(np.isin(found.item_option, too_late_for(scenario.catalogue, self.closed)).sum())


def later_ones(session: Session, patches: Iterable[Patch]) -> Later | None:
    """The later cut-offs among patches; None where there are none."""
    wanted = {one.departure_id: one for one in patches if is_later(one)}
    query = select(Departure.public_id, Departure.id).where(Departure.public_id.in_(wanted))
    found = [(row.id, wanted[row.public_id]) for row in session.execute(query)]
    if not found:
        return None
    closed = {number: (one.assumed or {})["before_min"] for number, one in found}
    return Later({number: one.before_min or 0 for number, one in found}, closed)


def facts_anew(session: Session, run_id: int, later: Later, parcels: npt.NDArray[np.int64]) -> Facts:
    """The facts of a run again, for these of its parcels, with departures that close later.

    Prices, calls and parcels are as they are now. Conflict where parcels of the plan do not wait any more.
    """
    run = session.get_one(OptimizationRun, run_id)
    facts = load_facts(session, Scope.from_dict(run.scope), run.started_at or run.created_at)
    pool = facts.pool.only(np.isin(facts.pool.ref, parcels))
    if not np.array_equal(pool.ref, parcels):
        raise Conflict("some parcels of the plan do not wait any more, so a later cut-off cannot be compared")
    return replace(facts, network=closing(facts.network, later.assumed), pool=pool)
