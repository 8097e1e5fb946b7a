"""Why this way and not that one: an explanation of one parcel of a plan, in words of the operation."""

import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass, replace
from typing import Any
from zipfile import BadZipFile

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Departure, Parcel, Plan, PlanItem, RunInput
from app.usecases.explanation_words import Words
from app.usecases.plan_figures import Solved
from routing.catalogue import Catalogue
from routing.explain import Explainer, Explanation
from routing.files import plan_from_bytes, problem_from_bytes
from routing.problem import ProblemError

MOST_WAYS = 200
"""So many ways of a return are looked at to show what else could be done with it."""
KEPT_PLANS = 4
KEPT_ITEMS = 1_500_000
"""Together; a million parcels and their options are half a gigabyte."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A plan ready to be asked about."""

    solved: Solved
    explainer: Explainer


_kept: OrderedDict[str, Explained] = OrderedDict()
"""By `version_of`."""
_lock = threading.Lock()


def why(
    session: Session, plan_id: str, parcel: str, *, alternatives: int = 3, departure: str | None = None
) -> dict[str, Any]:
    """Explain one parcel (public id or reference) of a plan (public id).

    With a `departure` (public id), the best ways that ride it come before the others.

    Money is in minor units of the plan's currency, other parcels keep their ways. Returns `taken`,
    `alternatives` (ways with legs, cost components, extra cost, what binds or blocks them) and `relaxation`,
    the smallest single change that would open a cheaper way. NotFound where plan, parcel or files are not there.
    """
    plan = session.scalar(select(Plan).where(Plan.public_id == plan_id))
    if plan is None:
        raise NotFound(f"there is no plan {plan_id!r}")
    found = session.execute(
        select(PlanItem, Parcel)
        .join(Parcel, Parcel.id == PlanItem.parcel_id)
        .where(PlanItem.plan_id == plan.id, (Parcel.public_id == parcel) | (Parcel.reference == parcel))
    ).first()
    if found is None:
        raise NotFound(f"plan {plan_id} has no parcel {parcel!r}")
    item, row = found
    ready = ready_to_explain(session, plan)
    explained = _explained(ready, item.position, alternatives, varied=row.direction == "return")
    if departure is not None:
        explained = _riding_first(session, ready, explained, alternatives, departure)
    words = Words(session, ready.solved, row, explained)
    return {
        "plan_id": plan.public_id,
        "parcel_id": row.public_id,
        "reference": row.reference,
        "currency": plan.currency,
        "reason": item.reason,
        "reason_fact": item.reason_fact,
        "taken": words.way(explained.taken),
        "alternatives": [words.way(way) for way in explained.alternatives],
        "relaxation": words.relaxation(explained.relaxation) if explained.relaxation else None,
    }


def _explained(ready: Explained, item: int, most: int, *, varied: bool) -> Explanation:
    """An explanation with up to `most` next best ways; `varied`: of each disposition one before a second of any."""
    if not varied:
        return ready.explainer.explain(item, alternatives=most)
    found = ready.explainer.explain(item, alternatives=MOST_WAYS)
    catalogue = ready.solved.catalogue
    seen: Counter[str] = Counter()
    ranked = []
    for place, way in enumerate(found.alternatives):
        name = catalogue.disposition(way.option) if way.option >= 0 else ""
        ranked.append((seen[name], place))
        seen[name] += 1
    kept = sorted(place for _, place in sorted(ranked)[:most])
    return replace(found, alternatives=tuple(found.alternatives[place] for place in kept))


def _riding_first(
    session: Session, ready: Explained, explained: Explanation, most: int, departure: str
) -> Explanation:
    """The same with ways that ride a departure first; the next best ones follow."""
    number = session.scalar(select(Departure.id).where(Departure.public_id == departure))
    catalogue = ready.solved.catalogue
    every = ready.explainer.explain(explained.item, alternatives=MOST_WAYS).alternatives
    riding = [
        way for way in every
        if way.option >= 0 and any(leg.dated and leg.ref == number for leg in catalogue.legs(way.option))
    ]  # fmt: skip
    named = {way.option for way in riding[:most]}
    others = [way for way in explained.alternatives if way.option not in named]
    return replace(explained, alternatives=(*riding[:most], *others))


def ready_to_explain(session: Session, plan: Plan) -> Explained:
    """The problem, answer and meanings behind a plan; the last few are kept, since no version of one ever changes."""
    # Whoever asks next waits for the first who reads it, and does not read it again.
    with _lock:
        key = version_of(plan)
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
        older = next((one for one in _kept if one.startswith(f"{plan.public_id} ")), None)
        _kept[key] = found = _read(session, plan, None if older is None else _kept.pop(older))
        while len(_kept) > 1 and (len(_kept) > KEPT_PLANS or _items() > KEPT_ITEMS):
            _kept.popitem(last=False)
        return found


def version_of(plan: Plan) -> str:
    """What tells one version of a plan from another, and from all other plans."""
    return f"{plan.public_id} {plan.version}"


def _items() -> int:
    return sum(one.explainer.problem.n for one in _kept.values())


def _read(session: Session, plan: Plan, older: Explained | None) -> Explained:
    """Read a plan; of an `older` version only the answer was another."""
    content = session.scalars(select(Plan.solution).where(Plan.id == plan.id)).one()
    try:
        solution = plan_from_bytes(content)
        if older is None:
            kept = session.get_one(RunInput, plan.run_id)
            problem, catalogue = problem_from_bytes(kept.problem), Catalogue.from_bytes(kept.catalogue)
        else:
            problem, catalogue = older.solved.problem, older.solved.catalogue
        return Explained(Solved(problem, solution, catalogue), Explainer(problem, solution))
    except (ProblemError, ValueError, KeyError, BadZipFile) as error:
        raise NotFound(f"the files of plan {plan.public_id} cannot be read any more") from error
