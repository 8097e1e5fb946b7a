"""The rows of a plan after one of its parcels goes another way: as the optimizer would have written them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session

from app.models import (
    Call,
    Location,
    Parcel,
    Plan,
    PlanItem,
    PlanItinerary,
    PlanLeg,
    PlanLoad,
    PlanUnit,
    UnitType,
)
from app.usecases.deciding_figures import Figures, Used
from app.usecases.plan_figures import Solved
from app.usecases.planning import instant, leg_row, unit_rows
from app.usecases.returning.proposing import propose_from_plan
from routing.catalogue import PlannedLeg
from routing.files import plan_to_bytes
from routing.overrides import Override

Calls = Mapping[int, list[int]]
"""Departure → numbers of its calls, in order."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One item of a plan moved: its rows, the answer before and after, and what else that changed."""

    plan: Plan
    item: PlanItem
    parcel: Parcel
    before: Solved
    after: Solved
    change: Override
    reason: str | None = None
    """Why it is left out, if it is; with the fact in words."""
    reason_fact: str | None = None


def write_move(session: Session, moved: Moved) -> None:
    """Bring the rows of a plan, its figures and its stored answer to what they say after a move."""
    plan, item, change = moved.plan, moved.item, moved.change
    legs = [_legs(moved.before, option) for option in (change.before, change.option)]
    calls = _calls(session, legs, moved)
    old, was_late, old_reason = item.itinerary_id, item.late_min, item.reason
    used = _used(session, plan, legs)
    _write_item(session, moved, calls)
    _leave_itinerary(session, old)
    _write_loads(session, moved, legs, calls)
    _write_units(session, moved, calls)
    figures = Figures(plan.summary, moved.before, item.position)
    figures.move(moved.parcel.direction, change, legs)
    figures.departures(used, _used(session, plan, legs))
    figures.units(change)
    figures.reasons(old_reason, item.reason)
    plan.summary = figures.content
    goes, went = change.option >= 0, change.before >= 0
    plan.assigned += goes - went
    plan.on_time += (goes and item.late_min == 0) - (went and was_late == 0)
    _write_answer(session, moved)


def _write_answer(session: Session, moved: Moved) -> None:
    plan, made = moved.plan, moved.after.solution
    plan.objective, plan.status = made.objective, made.status
    plan.gap = float(made.gap) if np.isfinite(made.gap) else None
    plan.solution = plan_to_bytes(made)
    plan.version += 1
    session.flush()
    if moved.parcel.direction == "return":
        propose_from_plan(session, plan.public_id, moved.after)


def _legs(solved: Solved, option: int) -> list[PlannedLeg]:
    return solved.catalogue.legs(option) if option >= 0 else []


def _calls(session: Session, legs: Sequence[list[PlannedLeg]], moved: Moved) -> Calls:
    """The numbers of the calls, in order, of every departure that is concerned."""
    ids = {leg.ref for some in legs for leg in some if leg.dated} | _departures(moved)
    found: dict[int, list[int]] = {number: [] for number in ids}
    query = select(Call.departure_id, Call.seq).where(Call.departure_id.in_(ids)).order_by(Call.seq)
    for departure, seq in session.execute(query):
        found[departure].append(seq)
    return found


def _departures(moved: Moved) -> set[int]:
    """The departures on which units are opened or closed."""
    problem, catalogue = moved.before.problem, moved.before.catalogue
    resources = [int(problem.unit_resource[unit]) for unit in moved.change.units]
    return {int(catalogue.resource_departure[resource]) for resource in resources} - {-1}


def _write_item(session: Session, moved: Moved, calls: Calls) -> None:
    item, option, problem = moved.item, moved.change.option, moved.after.problem
    if option < 0:
        item.itinerary_id, item.cost_minor, item.arrives_at, item.late_min = None, 0, None, 0
        item.reason, item.reason_fact = moved.reason, moved.reason_fact
    else:
        arrives = instant(int(moved.after.catalogue.option_arrives[option]))
        item.itinerary_id = _itinerary(session, moved, calls)
        item.cost_minor = round(float(problem.item_features[item.position] @ problem.option_rates[option]))
        item.arrives_at, item.late_min = arrives, _late(moved.parcel.deliver_by, arrives)
        item.reason = item.reason_fact = None
    session.flush()


def _late(due: datetime | None, arrives: datetime) -> int:
    return 0 if due is None or arrives <= due else -(-int((arrives - due).total_seconds()) // 60)


def _itinerary(session: Session, moved: Moved, calls: Calls) -> int:
    """The itinerary that others already take, with one parcel more; or a new one."""
    plan, after, option = moved.plan, moved.after, moved.change.option
    twin = _twin(after, moved.item.position, option)
    if twin is not None:
        query = select(PlanItem.itinerary_id).where(PlanItem.plan_id == plan.id, PlanItem.position == twin)
        number = session.scalars(query).one()
        if number is not None:
            more = update(PlanItinerary).where(PlanItinerary.id == number)
            session.execute(more.values(parcels=PlanItinerary.parcels + 1))
            return number
    catalogue = after.catalogue
    done = catalogue.disposition(option)
    row = {"plan_id": plan.id, "disposition": None if done == "deliver" else done, "parcels": 1}
    made = session.scalars(insert(PlanItinerary).returning(PlanItinerary.id), [row]).one()
    legs = catalogue.legs(option)
    place = _places(session, after, legs)
    if legs:
        rows = [{"itinerary_id": made, **leg_row(seq, leg, place, calls)} for seq, leg in enumerate(legs)]
        session.execute(insert(PlanLeg), rows)
    return made


def _twin(after: Solved, position: int, option: int) -> int | None:
    """Another item that rides the same departures and is treated alike."""
    catalogue, taken = after.catalogue, after.solution.item_option
    rides = bool(catalogue.leg_dated[catalogue.leg_rows(option)].any())
    if rides:
        alike = (catalogue.option_itinerary == catalogue.option_itinerary[option]) & (
            catalogue.option_disposition == catalogue.option_disposition[option]
        )
        same = (taken >= 0) & alike[taken]
    else:
        same = taken == option
    same[position] = False
    found = np.flatnonzero(same)
    return int(found[0]) if found.size else None


def _places(session: Session, after: Solved, legs: Sequence[PlannedLeg]) -> dict[int, int]:
    names = after.catalogue.location_code
    ends = {place: str(names[place]) for leg in legs for place in (leg.origin, leg.destination)}
    known = dict(
        session.execute(select(Location.code, Location.id).where(Location.code.in_(set(ends.values())))).all()
    )
    return {place: known[code] for place, code in ends.items()}


def _leave_itinerary(session: Session, number: int | None) -> None:
    """One parcel fewer; the itinerary goes with its last."""
    if number is None:
        return
    less = update(PlanItinerary).where(PlanItinerary.id == number)
    left = session.scalars(
        less.values(parcels=PlanItinerary.parcels - 1).returning(PlanItinerary.parcels)
    ).one()
    if left == 0:
        session.execute(delete(PlanLeg).where(PlanLeg.itinerary_id == number))
        session.execute(delete(PlanItinerary).where(PlanItinerary.id == number))


def _write_loads(session: Session, moved: Moved, legs: Sequence[list[PlannedLeg]], calls: Calls) -> None:
    size, plan = moved.before.problem.item_size[moved.item.position], moved.plan
    more: Counter[tuple[int, int]] = Counter()
    for some, sign in zip(legs, (-1, 1), strict=True):
        for key in _segments(some, calls):
            more[key] += sign
    for (departure, segment), sign in more.items():
        if not sign:
            continue
        amounts = {
            "parcels": sign,
            "weight_g": sign * round(float(size[0])),
            "volume_cm3": sign * round(float(size[1])),
        }
        own = {"plan_id": plan.id, "departure_id": departure, "segment_seq": segment}
        changed = session.execute(
            update(PlanLoad)
            .where(*(getattr(PlanLoad, name) == value for name, value in own.items()))
            .values({name: getattr(PlanLoad, name) + amount for name, amount in amounts.items()})
            .returning(PlanLoad.id)
        ).first()
        if changed is None:
            session.execute(insert(PlanLoad), [own | amounts])
    session.execute(delete(PlanLoad).where(PlanLoad.plan_id == plan.id, PlanLoad.parcels <= 0))


def _segments(legs: Sequence[PlannedLeg], calls: Calls) -> Iterator[tuple[int, int]]:
    for leg in legs:
        for segment in range(leg.board, leg.alight) if leg.dated else ():
            yield leg.ref, calls[leg.ref][segment]


def _write_units(session: Session, moved: Moved, calls: Calls) -> None:
    """Write anew what is opened on the departures where that changed."""
    ids, plan, after = _departures(moved), moved.plan, moved.after
    if not ids:
        return
    session.execute(delete(PlanUnit).where(PlanUnit.plan_id == plan.id, PlanUnit.departure_id.in_(ids)))
    of_unit = after.catalogue.resource_departure[after.problem.unit_resource]
    units = np.flatnonzero((after.solution.units > 0) & np.isin(of_unit, sorted(ids)))
    types = dict(session.execute(select(UnitType.code, UnitType.id)).all())
    rows = unit_rows(after, calls, types, units.tolist())
    if rows:
        session.execute(insert(PlanUnit), [{"plan_id": plan.id, **row} for row in rows])


def _used(session: Session, plan: Plan, legs: Sequence[list[PlannedLeg]]) -> Used:
    """Whether the plan uses each departure, or service on demand, of some legs."""
    found = {}
    for leg in (leg for some in legs for leg in some):
        own = (
            PlanLeg.departure_id == leg.ref
            if leg.dated
            else PlanLeg.departure_id.is_(None) & (PlanLeg.service_id == leg.service)
        )
        there = exists().where(
            PlanItinerary.plan_id == plan.id, PlanLeg.itinerary_id == PlanItinerary.id, own
        )
        found[leg.mode, leg.ref, leg.dated] = bool(session.scalar(select(there)))
    return found
