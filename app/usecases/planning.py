"""Keep a checked plan as rows that people and the API read: itineraries, items, loads, opened units."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.ids import new_id
from app.models import (
    Call,
    Location,
    OptimizationRun,
    Parcel,
    Plan,
    PlanItem,
    PlanItinerary,
    PlanLeg,
    PlanLoad,
    PlanUnit,
    UnitType,
)
from app.usecases.announcing import announce
from app.usecases.fact_words import in_words
from app.usecases.plan_figures import Solved, summarise
from app.usecases.returning.proposing import propose_from_plan
from routing.catalogue import Catalogue, PlannedLeg
from routing.files import plan_to_bytes
from routing.reasons import why_unassigned

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FACT_LENGTH = 300
Calls = Mapping[int, Sequence[int]]
"""Departure id → numbers of its calls, in order."""
ALIKE = {"render_nulls": True}
"""Rows with and without a value go in one statement; else every change from one to the other begins a new one."""
BATCH = 500
"""Parcel ids asked for in one query: SQLite takes a limited number of parameters."""


def store_plan(
    session: Session, run: OptimizationRun, solved: Solved, digest: str, now: datetime, *, told: bool = True
) -> Plan:
    """Write the plan of a run and close the run as completed; what only asks "what if" is told to nobody."""
    itineraries, item_itinerary = _itineraries(solved)
    facts = _parcel_facts(session, solved.catalogue.item_ref.tolist())
    reasons = why_unassigned(solved.problem, solved.solution, solved.catalogue)
    late = _late_minutes(solved, facts)
    plan = _head(run, solved, digest, now)
    session.add(plan)
    session.flush()
    calls = _call_numbers(session)
    numbers = _store_itineraries(session, plan, solved, itineraries, Counter(item_itinerary), calls)
    words = in_words(session, (reason.fact for reason in reasons.reasons))
    why = {
        int(item): (reason.code, words[reason.fact][:FACT_LENGTH])
        for item, reason in zip(reasons.item, reasons.reasons, strict=True)
    }
    rows = _items(plan, solved, item_itinerary, numbers, late, why)
    if rows:
        session.execute(insert(PlanItem), rows, execution_options=ALIKE)
    loads = _loads(solved, calls)
    if loads:
        session.execute(insert(PlanLoad), [{"plan_id": plan.id, **load} for load in loads])
    _store_units(session, plan, solved, calls)
    propose_from_plan(session, plan.public_id, solved)
    plan.on_time = sum(1 for row in rows if row["itinerary_id"] is not None and row["late_min"] == 0)
    directions = {ref: direction for ref, (direction, _) in facts.items()}
    plan.summary = summarise(solved, directions, Counter(code for code, _ in why.values()))
    run.status, run.phase, run.finished_at = "completed", "completed", now
    run.incumbent, run.bound, run.gap = plan.objective, plan.lower_bound, plan.gap
    if told:
        tell_of_plan(session, run, plan, solved, now)
    return plan


def tell_of_plan(session: Session, run: OptimizationRun, plan: Plan, solved: Solved, now: datetime) -> None:
    """Propose what a plan does with returns, and announce it to who asked to be told of plans."""
    propose_from_plan(session, plan.public_id, solved)
    head = {"id": plan.public_id, "run": run.public_id, "status": plan.status, "gap": plan.gap}
    counts = {"items": plan.items, "assigned": plan.assigned, "on_time": plan.on_time}
    announce(session, now, "plan.completed", None, plan.public_id, head | counts)


def _head(run: OptimizationRun, solved: Solved, digest: str, now: datetime) -> Plan:
    solution = solved.solution
    return Plan(
        public_id=new_id("pln"),
        run_id=run.id,
        status=solution.status,
        currency=solved.problem.currency,
        objective=solution.objective,
        lower_bound=_finite(solution.lower_bound),
        bound_source=solution.bound_source,
        gap=_finite(solution.gap),
        seconds=float(sum(solution.seconds.values())),
        items=solved.problem.n,
        assigned=int((solution.item_option >= 0).sum()),
        on_time=0,
        solution=plan_to_bytes(solution),
        problem_digest=digest,
        created_at=now,
    )


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _itineraries(solved: Solved) -> tuple[list[int], list[int]]:
    """Return one option per itinerary in use, and for each item the position of its own (-1 unassigned).

    Parcels that ride the same departures and are treated alike share an itinerary, whenever they are ready. Its
    times are those of the last to set out, when all of them are ready.
    """
    catalogue = solved.catalogue
    positions: dict[tuple[int, int, int], int] = {}
    options: list[int] = []
    found: list[int] = []
    for option in solved.solution.item_option.tolist():
        if option < 0:
            found.append(-1)
            continue
        rides = bool(catalogue.leg_dated[catalogue.leg_rows(option)].any())
        key = (
            int(catalogue.option_itinerary[option]),
            int(catalogue.option_disposition[option]),
            -1 if rides else option,
        )
        if key not in positions:
            positions[key] = len(options)
            options.append(option)
        position = positions[key]
        if catalogue.option_ready[option] > catalogue.option_ready[options[position]]:
            options[position] = option
        found.append(position)
    return options, found


def _store_itineraries(
    session: Session,
    plan: Plan,
    solved: Solved,
    options: Sequence[int],
    counts: Mapping[int, int],
    calls: Calls,
) -> list[int]:
    """Write itineraries and their legs as plain rows: a plan has tens of thousands, too many for objects."""
    if not options:
        return []
    catalogue = solved.catalogue
    rows = [
        {
            "plan_id": plan.id,
            "disposition": None if (done := catalogue.disposition(option)) == "deliver" else done,
            "parcels": counts[position],
        }
        for position, option in enumerate(options)
    ]
    returning = insert(PlanItinerary).returning(PlanItinerary.id, sort_by_parameter_order=True)
    numbers = list(session.scalars(returning, rows, execution_options=ALIKE))
    place = _location_ids(session, catalogue)
    legs = [
        {"itinerary_id": number, **leg_row(seq, leg, place, calls)}
        for number, option in zip(numbers, options, strict=True)
        for seq, leg in enumerate(catalogue.legs(option))
    ]
    if legs:
        session.execute(insert(PlanLeg), legs, execution_options=ALIKE)
    return numbers


def leg_row(seq: int, leg: PlannedLeg, place: Mapping[int, int], calls: Calls) -> dict[str, Any]:
    """A row of `PlanLeg` without its itinerary; `place` gives the row id of a location by its index."""
    return {
        "seq": seq,
        "service_id": leg.service,
        "departure_id": leg.ref if leg.dated else None,
        "from_location_id": place[leg.origin],
        "to_location_id": place[leg.destination],
        "board_seq": calls[leg.ref][leg.board] if leg.dated else None,
        "alight_seq": calls[leg.ref][leg.alight] if leg.dated else None,
        "departs_at": instant(leg.departs_min),
        "arrives_at": instant(leg.arrives_min),
    }


def instant(minutes: int) -> datetime:
    """The instant of so many minutes since the epoch."""
    return EPOCH + timedelta(minutes=int(minutes))


def _call_numbers(session: Session) -> Calls:
    """The numbers of each departure's calls in order: the optimizer counts calls from 0, timetables as they like."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for departure, seq in session.execute(
        select(Call.departure_id, Call.seq).order_by(Call.departure_id, Call.seq)
    ):
        found[departure].append(seq)
    return found


def _location_ids(session: Session, catalogue: Catalogue) -> dict[int, int]:
    known = dict(session.execute(select(Location.code, Location.id)).all())
    return {
        index: known[str(code)] for index, code in enumerate(catalogue.location_code) if str(code) in known
    }


def _parcel_facts(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, datetime | None]]:
    """Direction and deliver-by of each parcel."""
    found: dict[int, tuple[str, datetime | None]] = {}
    for begin in range(0, len(ids), BATCH):
        query = select(Parcel.id, Parcel.direction, Parcel.deliver_by).where(
            Parcel.id.in_(ids[begin : begin + BATCH])
        )
        found |= {number: (direction, due) for number, direction, due in session.execute(query)}
    return found


def _late_minutes(solved: Solved, facts: Mapping[int, tuple[str, datetime | None]]) -> list[int]:
    late = []
    arrives = solved.catalogue.option_arrives
    for ref, option in zip(
        solved.catalogue.item_ref.tolist(), solved.solution.item_option.tolist(), strict=True
    ):
        due = facts[ref][1]
        after = instant(arrives[option]) - due if option >= 0 and due is not None else timedelta(0)
        late.append(max(0, -(-after // timedelta(minutes=1))))
    return late


def _items(
    plan: Plan,
    solved: Solved,
    item_itinerary: Sequence[int],
    numbers: Sequence[int],
    late: Sequence[int],
    why: Mapping[int, tuple[str, str]],
) -> list[dict[str, Any]]:
    problem, catalogue, option_of = solved.problem, solved.catalogue, solved.solution.item_option
    placed = option_of >= 0
    costs = np.zeros(problem.n)
    costs[placed] = np.einsum(
        "if,if->i", problem.item_features[placed], problem.option_rates[option_of[placed]]
    )
    rows = []
    for item, itinerary in enumerate(item_itinerary):
        goes = itinerary >= 0
        rows.append(
            {
                "plan_id": plan.id,
                "parcel_id": int(catalogue.item_ref[item]),
                "position": item,
                "itinerary_id": numbers[itinerary] if goes else None,
                "cost_minor": round(float(costs[item])),
                "arrives_at": instant(catalogue.option_arrives[option_of[item]]) if goes else None,
                "late_min": late[item],
                "reason": None if goes else why[item][0],
                "reason_fact": None if goes else why[item][1],
            }
        )
    return rows


def _loads(solved: Solved, calls: Calls) -> list[dict[str, Any]]:
    """What lies on every segment of every departure: each item on all segments it travels."""
    size, option_of = solved.problem.item_size, solved.solution.item_option
    options, inverse, counts = np.unique(option_of, return_inverse=True, return_counts=True)
    weights, volumes = (np.bincount(inverse, weights=size[:, dimension]) for dimension in (0, 1))
    found: defaultdict[tuple[int, int], list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
    for position, option in enumerate(options.tolist()):
        for leg in solved.catalogue.legs(option) if option >= 0 else ():
            for segment in range(leg.board, leg.alight) if leg.dated else ():
                row = found[leg.ref, calls[leg.ref][segment]]
                row[0] += int(counts[position])
                row[1] += float(weights[position])
                row[2] += float(volumes[position])
    return [
        {
            "departure_id": departure,
            "segment_seq": segment,
            "parcels": row[0],
            "weight_g": round(row[1]),
            "volume_cm3": round(row[2]),
        }
        for (departure, segment), row in sorted(found.items())
    ]


def _store_units(session: Session, plan: Plan, solved: Solved, calls: Calls) -> None:
    types = dict(session.execute(select(UnitType.code, UnitType.id)).all())
    rows = unit_rows(solved, calls, types, np.flatnonzero(solved.solution.units).tolist())
    if rows:
        session.execute(insert(PlanUnit), [{"plan_id": plan.id, **row} for row in rows])


def unit_rows(
    solved: Solved, calls: Calls, types: Mapping[str, int], units: Sequence[int]
) -> list[dict[str, Any]]:
    """Rows of what is opened of some units; an exporter's block and open space between the same calls are one row."""
    catalogue, problem = solved.catalogue, solved.problem
    found: defaultdict[tuple[int, int, int, int], list[float]] = defaultdict(lambda: [0, 0.0])
    for unit in units:
        resource, opened = int(problem.unit_resource[unit]), int(solved.solution.units[unit])
        departure = int(catalogue.resource_departure[resource])
        ends = [
            calls[departure][end[resource]] for end in (catalogue.resource_board, catalogue.resource_alight)
        ]
        row = found[departure, types[str(catalogue.unit_label[unit])], ends[0], ends[1]]
        row[0] += opened
        row[1] += float(problem.unit_cost[unit]) * opened
    return [
        {
            "departure_id": departure,
            "unit_type_id": unit_type,
            "board_seq": board,
            "alight_seq": alight,
            "opened": int(opened),
            "cost_minor": round(cost),
        }
        for (departure, unit_type, board, alight), (opened, cost) in sorted(found.items())
    ]
