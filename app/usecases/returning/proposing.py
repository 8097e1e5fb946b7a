"""What a plan does with returns, told to each of them: the way it takes, and the other dispositions by their cost.

Nothing is decided by that: people choose, or adopt what a plan proposes.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models import Departure, ReturnItem
from app.usecases.plan_figures import Solved
from app.usecases.returning.weighing import option_of, proposal
from routing.catalogue import Catalogue
from warehouses.returns import MOVING

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BATCH = 500
PART_OF = {"value": "lost", "one": "handling", "kg": "handling", "duty": "duty", "store": "storage",
           "day": "time", "late": "time"}  # fmt: skip
"""Column of cost → part of a proposal; tariffs are transport."""


def propose_from_plan(session: Session, plan_id: str, solved: Solved) -> int:
    """Write what a plan (by public id) does with each graded item of a return; return how many were told."""
    position = {ref: item for item, ref in enumerate(solved.catalogue.item_ref.tolist())}
    waiting = session.execute(
        select(ReturnItem.id, ReturnItem.parcel_id).where(
            ReturnItem.status == "graded", ReturnItem.parcel_id.is_not(None)
        )
    ).all()
    ranked = {number: _ranked(solved, position[parcel]) for number, parcel in waiting if parcel in position}
    ranked = {number: options for number, options in ranked.items() if options}
    known = _departures(
        session, {one for options in ranked.values() for row in options for one in row["departures"]}
    )
    for number, options in ranked.items():
        for option in options:
            option["departures"] = [known[one] for one in option["departures"] if one in known]
        told = proposal("plan", solved.problem.currency, options, plan_id)
        session.execute(
            update(ReturnItem)
            .where(ReturnItem.id == number, ReturnItem.status == "graded")
            .values(proposal=told)
            .execution_options(synchronize_session="fetch")
        )
    return len(ranked)


def _ranked(solved: Solved, item: int) -> list[dict[str, Any]]:
    """The best option of each disposition of an item: the one the plan takes first, the others by cost."""
    problem, taken = solved.problem, int(solved.solution.item_option[item])
    index = int(problem.item_class[item])
    begin, end = (int(problem.class_ptr[at]) for at in (index, index + 1))
    if begin == end:
        return []
    costs = problem.option_rates[begin:end] @ problem.item_features[item]
    best: dict[str, int] = {}
    for offset in np.argsort(costs, kind="stable").tolist():
        best.setdefault(solved.catalogue.disposition(begin + offset), begin + offset)
    if taken >= 0:
        first = solved.catalogue.disposition(taken)
        best = {first: taken} | {code: option for code, option in best.items() if code != first}
    return [_option(solved, item, index, option) for option in best.values()]


def _option(solved: Solved, item: int, index: int, option: int) -> dict[str, Any]:
    catalogue = solved.catalogue
    disposition = catalogue.disposition(option)
    parts: dict[str, float] = {}
    each = solved.problem.option_rates[option] * solved.problem.item_features[item]
    for label, amount in zip(catalogue.cost_labels(index), each.tolist(), strict=False):
        name = PART_OF.get(label, "transport")
        parts[name] = parts.get(name, 0.0) + amount
    moved = disposition in MOVING
    done = EPOCH + timedelta(minutes=int(catalogue.option_arrives[option]))
    return option_of(
        disposition,
        parts,
        relief="relief_lapsed" if parts.get("duty") else "allowed",
        done_at=done.isoformat(timespec="seconds"),
        to=str(catalogue.location_code[catalogue.option_destination[option]]) if moved else None,
        departures=list(_rides(catalogue, option)),
    )


def _rides(catalogue: Catalogue, option: int) -> Iterator[int]:
    """The departures of an option, by row id."""
    for leg in catalogue.legs(option):
        if leg.dated:
            yield leg.ref


def _departures(session: Session, ids: Sequence[int] | set[int]) -> Mapping[int, str]:
    """Public ids of departures by row id."""
    wanted = sorted(ids)
    found: dict[int, str] = {}
    for begin in range(0, len(wanted), BATCH):
        query = select(Departure.id, Departure.public_id).where(
            Departure.id.in_(wanted[begin : begin + BATCH])
        )
        found |= {number: public_id for number, public_id in session.execute(query)}  # noqa: C416 (rows are no pairs)
    return found
