"""New cut-offs of scenarios: an earlier one takes ways away, a later one makes ways.

For a later one the plan's goods are enumerated anew, from when the plan's run began, over a departure open for longer
at each port where it closes earlier than asked. Ports that close later already are left as they are, and so are those
whose papers were due before now: what is booked there does not travel, however late the goods may come.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

import numpy as np
import numpy.typing as npt
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid
from app.models import (
    Call,
    Cutoff,
    Departure,
    Location,
    OptimizationRun,
    Parcel,
    Plan,
    PlanItem,
    PlanItinerary,
    PlanLeg,
    Replan,
    Scenario,
    Service,
)
from app.usecases.committing_facts import NOT_FOR_GOODS
from app.usecases.facts import Facts, load_facts
from app.usecases.network_facts import OPEN_STATES, PAPER_CUTOFFS, minutes
from app.usecases.pool_facts import WAITING
from app.usecases.scenarios import Patch, built_on, invalid
from app.usecases.scoping import Scope
from routing.plan import Plan as Solution
from routing.renewing import Boarding, closed_before, closing, too_late_for
from routing.scenarios import Scenario as Patched

MINUTE = timedelta(minutes=1)
HOUR_MIN = 60
LEFT_OUT = ("goods_class_unknown", "no_exchange_rate")
"""Codes of goods that wait and are left out; their findings are the last ones."""
Closed = Mapping[Boarding, int]
"""How many minutes before they leave calls closed that are to close later."""


@dataclass(frozen=True, slots=True)
class Port:
    """Where a departure takes goods on board, and until when; `papers_past`: those of new bookings come too late."""

    seq: int
    place: str
    departs_at: datetime
    closes_at: datetime
    papers_past: bool = False

    @property
    def before_min(self) -> int:
        """How long before it is left it closes."""
        return (self.departs_at - self.closes_at) // MINUTE


def ports_of(session: Session, departure_id: int, now: datetime) -> list[Port]:
    """The ports of a departure with their cut-offs of goods; dangerous ones may close earlier."""
    last = select(func.max(Call.seq)).where(Call.departure_id == departure_id).scalar_subquery()
    query = (
        select(Call.seq, Location.code.label("place"), Call.departs_at, Cutoff.code, Cutoff.at)
        .join(Location, Location.id == Call.location_id)
        .outerjoin(Cutoff, Cutoff.call_id == Call.id)
        .where(Call.departure_id == departure_id, Call.seq < last, Call.departs_at.is_not(None))
        .order_by(Call.seq)
    )
    found: dict[int, Port] = {}
    for row in session.execute(query):
        port = found.get(row.seq) or Port(row.seq, row.place, row.departs_at, row.departs_at)
        if row.code in PAPER_CUTOFFS:
            port = replace(port, papers_past=port.papers_past or row.at < now)
        elif row.code is not None and row.code not in NOT_FOR_GOODS:
            port = replace(port, closes_at=min(port.closes_at, row.at))
        found[row.seq] = port
    return list(found.values())


def is_later(patch: Patch) -> bool:
    """Whether it is a cut-off that makes ways."""
    return patch.kind == "cutoff" and patch.assumed is not None


def check_cutoff(
    session: Session, plan: Plan, now: datetime, field: str, row: Departure, patch: Patch
) -> Patch:
    """Return the patch, a later one with when each port closes then; Invalid where it cannot be meant."""
    wanted = patch.before_min or 0
    ports = _as_planned(session, plan, row, ports_of(session, row.id, now))
    later = [one for one in ports if one.before_min > wanted]
    if not later:
        if any(one.before_min < wanted for one in ports):
            return patch
        text = f"it closes {wanted / HOUR_MIN:g} hours before already"
        raise invalid(f"{field}.before_min", "changes_nothing", text)
    if fault := _not_of_a_run(session, plan) or _not_open(session, plan, row, now):
        raise invalid(f"{field}.{fault[0]}", *fault[1:])
    until = {one: one.departs_at - wanted * MINUTE for one in later}
    possible = {str(one.seq): at for one, at in until.items() if at > now and not one.papers_past}
    if not possible:
        raise _shut(field, later[0], until[later[0]])
    return replace(patch, assumed={"closes_at": {seq: at.isoformat() for seq, at in possible.items()}})


def _as_planned(session: Session, plan: Plan, row: Departure, ports: list[Port]) -> list[Port]:
    """The ports as they close for a plan that may itself be the answer to a what-if about them."""
    for scenario in reversed(built_on(session, plan)):
        for patch in map(Patch.from_dict, scenario.patches):
            if patch.kind == "cutoff" and patch.departure_id == row.public_id:
                ports = [_patched(port, patch) for port in ports]
    return ports


def _patched(port: Port, patch: Patch) -> Port:
    if is_later(patch):
        return replace(port, closes_at=max(port.closes_at, _until(patch).get(port.seq, port.closes_at)))
    return replace(port, closes_at=min(port.closes_at, port.departs_at - (patch.before_min or 0) * MINUTE))


def _until(patch: Patch) -> dict[int, datetime]:
    """Until when a later cut-off lets goods come, by the number of the call."""
    closes_at: dict[str, str] = (patch.assumed or {})["closes_at"]
    return {int(seq): datetime.fromisoformat(at) for seq, at in closes_at.items()}


def _not_of_a_run(session: Session, plan: Plan) -> tuple[str, str, str] | None:
    """Member, code and reason why no later cut-off can be asked of a plan."""
    for table in (Scenario, Replan):
        if session.scalar(select(table.id).where(table.run_id == plan.run_id)) is not None:
            text = (
                "a later cut-off makes new ways: ask it of the plan of a run, not of a what-if or a re-plan"
            )
            return "before_min", "only_of_a_run", text
    if gone := _gone(session, plan.run_id):
        text = f"a later cut-off makes new ways, and {gone} of the plan's parcels do not wait any more: start a run"
        return "before_min", "not_waiting", text
    return None


def _not_open(session: Session, plan: Plan, row: Departure, now: datetime) -> tuple[str, str, str] | None:
    """Member, code and reason why no later cut-off of a departure can be asked."""
    if row.status not in OPEN_STATES or row.departs_at <= now:
        text = "it is not open any more, or has left, whenever it closes: choose another"
        return "departure_id", "not_open", text
    run = session.get_one(OptimizationRun, plan.run_id)
    scope = Scope.from_dict(run.scope)
    until = _began(run) + timedelta(days=scope.horizon_days)
    mode = session.scalars(select(Service.mode).where(Service.id == row.service_id)).one()
    if mode in {*scope.modes, "last_mile"} and row.departs_at <= until:
        return None
    text = f"the plan's run looked at departures until {until:%Y-%m-%d} by {', '.join(scope.modes)}: choose another"
    return "departure_id", "not_in_scope", f"{text}, or start a run that looks at this one"


def _shut(field: str, port: Port, until: datetime) -> Invalid:
    if port.papers_past:
        text = f"papers were due before now at {port.place}, so nothing more is booked there: choose another departure"
        return invalid(f"{field}.departure_id", "papers_past", text)
    text = f"it would close at {port.place} at {until:%Y-%m-%d %H:%M} UTC, which is past: enter fewer hours"
    return invalid(f"{field}.before_min", "in_the_past", text)


def _began(run: OptimizationRun) -> datetime:
    return run.started_at or run.created_at


def _gone(session: Session, run_id: int) -> int:
    query = (
        select(func.count())
        .select_from(PlanItem)
        .join(Plan, Plan.id == PlanItem.plan_id)
        .join(Parcel, Parcel.id == PlanItem.parcel_id)
        .where(Plan.run_id == run_id)
        .where(Parcel.status.not_in(WAITING) | Parcel.booking_line_id.is_not(None))
    )
    return session.scalars(query).one()


def closes_so_late(session: Session, plan: Plan, row: Departure, patch: Patch, now: datetime) -> bool:
    """Whether each port where a plan boards a departure closes no earlier than a later cut-off assumes."""
    boarded = (
        select(PlanLeg.board_seq)
        .join(PlanItinerary, PlanItinerary.id == PlanLeg.itinerary_id)
        .where(PlanItinerary.plan_id == plan.id, PlanLeg.departure_id == row.id)
    )
    ports = {one.seq: one for one in ports_of(session, row.id, now)}
    until = {seq: at for seq, at in _until(patch).items() if seq in set(session.scalars(boarded))}
    return row.status in OPEN_STATES and all(
        seq in ports and ports[seq].closes_at >= at and not ports[seq].papers_past
        for seq, at in until.items()
    )


def later_ones(session: Session, patches: Iterable[Patch]) -> dict[Boarding, int]:
    """The later cut-offs among patches: the minute until which each of some calls, by its place, is open then."""
    wanted = {one.departure_id: one for one in patches if is_later(one)}
    query = (
        select(Departure.public_id, Departure.id, Call.seq)
        .join(Call, Call.departure_id == Departure.id)
        .where(Departure.public_id.in_(wanted))
        .order_by(Departure.id, Call.seq)
    )
    return {
        (departure, place): minutes(_until(wanted[public_id])[call.seq])
        for (public_id, departure), calls in groupby(session.execute(query), lambda row: (row[0], row[1]))
        for place, call in enumerate(calls)
        if call.seq in _until(wanted[public_id])
    }


def facts_anew(
    session: Session, run_id: int, later: Mapping[Boarding, int], parcels: npt.NDArray[np.int64]
) -> tuple[Facts, Closed]:
    """The facts of a run again, for these of its parcels, with calls that close later, and how those close now.

    Prices, calls and parcels are as they are now. Conflict where a parcel or a call is not among them.
    """
    run = session.get_one(OptimizationRun, run_id)
    facts = load_facts(session, Scope.from_dict(run.scope), _began(run))
    pool = facts.pool.only(np.isin(facts.pool.ref, parcels))
    if not np.array_equal(pool.ref, parcels):
        why = "some do not wait any more"
        if not _gone(session, run_id):
            why = next((one.text for one in facts.findings[::-1] if one.code in LEFT_OUT), why)
        raise Conflict(f"a later cut-off cannot be compared without all parcels of the plan: {why}")
    closed = closed_before(facts.network, later.keys())
    if closed.keys() != later.keys():
        raise Conflict(
            "the departure that was to close later cannot be planned any more: it has no price or room"
        )
    return replace(facts, network=closing(facts.network, later), pool=pool), closed


def riders(scenario: Patched, found: Solution, closed: Closed) -> int:
    """How many parcels ride only because of later cut-offs."""
    return int(np.isin(found.item_option, too_late_for(scenario.catalogue, closed)).sum())
