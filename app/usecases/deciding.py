"""What a person decides about a parcel of a plan: keep its way, send it another way, leave it out; and take that back.

Only a draft changes. Each change is checked against every rule of the problem before it is written, and whoever
decides says which version of the plan was looked at: two people never overwrite each other.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.actor import Actor
from app.errors import CapacityGone, Conflict, CutoffPassed, FieldError, Forbidden, Invalid, NotFound
from app.models import Call, Departure, Parcel, Plan, PlanDecision, PlanItem
from app.models.plan_decisions import DECISIONS
from app.usecases.auditing import record
from app.usecases.deciding_rows import Moved, write_move
from app.usecases.explaining import Explained, ready_to_explain
from app.usecases.explanation_words import measure
from app.usecases.network_facts import OPEN_STATES, call_of, minutes
from routing.overrides import LEAVE, IllegalOverrideError, Override, applied, override
from routing.problem import ProblemError
from trade.goods import goods_classes

BY_HAND = "LEFT_BY_OPERATOR"
UNITS = {"g": ("kg", 1000), "cm3": ("m³", 1_000_000)}


def decide(
    session: Session,
    actor: Actor,
    now: datetime,
    plan_id: str,
    parcel_id: str,
    kind: str,
    *,
    version: int,
    option: int | None = None,
) -> PlanDecision:
    """Decide about one parcel (public id) of a draft plan; `option` is the way of an `override`, as `why` names it.

    Conflict where the plan is no draft or was changed since `version`, where the parcel is locked or under way;
    CapacityGone where room is missing; CutoffPassed where a departure is closed by now; Invalid, Forbidden, NotFound.
    """
    if kind not in DECISIONS:
        raise _invalid("kind", "not_one_of", f"must be one of {', '.join(DECISIONS)}")
    plan = _draft(session, actor, plan_id, version)
    item, parcel = _item(session, plan, parcel_id)
    ready = ready_to_explain(session, plan)
    held = _locked(session, plan, parcel)
    taken = int(ready.solved.solution.item_option[item.position])
    if held is not None:
        raise Conflict(f"{parcel.reference} is locked by decision {held.number}: unlock it first")
    if kind == "lock":
        return _lock(session, actor, now, plan, item, parcel, ready)
    wanted = LEAVE if kind == "leave" else option
    if wanted is None or (kind == "override" and wanted < 0):
        raise _invalid("option", "required", "name the way that it is to take")
    if wanted == taken:
        raise Conflict(f"{parcel.reference} goes that way already")
    _check_open(session, now, parcel, ready, wanted)
    change = _judged(session, ready, item, wanted)
    before = _state(ready, item, taken)
    _move(session, plan, item, parcel, ready, change, (BY_HAND, "") if wanted == LEAVE else (None, None))
    after = _state(ready, item, wanted) | {
        "units": {str(unit): count for unit, count in change.units.items()}
    }
    return _note(session, actor, now, plan, parcel, kind, before, after, change.extra_cost)


def undo(
    session: Session, actor: Actor, now: datetime, plan_id: str, number: int, *, version: int
) -> PlanDecision:
    """Take a decision back, by its number in the plan: the parcel goes as before, to the last unit where that fits.

    Conflict where it was taken back already, or the parcel goes another way by now; the rest as in `decide`.
    """
    plan = _draft(session, actor, plan_id, version)
    found = session.scalar(
        select(PlanDecision)
        .where(PlanDecision.plan_id == plan.id, PlanDecision.number == number)
        .options(joinedload(PlanDecision.parcel))
    )
    if found is None:
        raise NotFound(f"the plan knows no decision {number}")
    if found.undone_at is not None:
        raise Conflict(f"decision {number} was taken back already")
    parcel = found.parcel
    if found.kind != "lock":
        _take_back(session, now, plan, parcel, found)
    found.undone_at, found.undone_by = now, actor.reference
    record(
        session, actor, now, f"plan.{found.kind}_undone", plan.public_id,
        before={"parcel": parcel.public_id, **found.after}, after={"parcel": parcel.public_id, **found.before},
    )  # fmt: skip
    session.flush()
    return found


def _take_back(session: Session, now: datetime, plan: Plan, parcel: Parcel, found: PlanDecision) -> None:
    item, _ = _item(session, plan, parcel.public_id)
    ready = ready_to_explain(session, plan)
    if _locked(session, plan, parcel) is not None:
        raise Conflict(f"{parcel.reference} is locked: unlock it first")
    if int(ready.solved.solution.item_option[item.position]) != found.after["option"]:
        raise Conflict(f"{parcel.reference} goes another way by now: take the later decision back first")
    option = int(found.before["option"])
    _check_open(session, now, parcel, ready, option)
    reverse = {int(unit): -count for unit, count in found.after["units"].items()}
    change = override(ready.explainer.tables, item.position, option, units=reverse)
    if not change.legal:  # others have used or closed those units since
        change = _judged(session, ready, item, option)
    _move(session, plan, item, parcel, ready, change, (found.before["reason"], found.before["reason_fact"]))


def _draft(session: Session, actor: Actor, plan_id: str, version: int) -> Plan:
    """The plan, locked against others who decide."""
    if not actor.is_staff:
        raise Forbidden("only operators decide about plans")
    plan = session.scalar(select(Plan).where(Plan.public_id == plan_id).with_for_update())
    if plan is None:
        raise NotFound(f"there is no plan {plan_id!r}")
    if plan.state != "draft":
        raise Conflict(f"the plan is {plan.state}: only a draft can be changed")
    if plan.version != version:
        raise Conflict("somebody else has changed the plan meanwhile: look at it again")
    return plan


def _item(session: Session, plan: Plan, parcel_id: str) -> tuple[PlanItem, Parcel]:
    found = session.execute(
        select(PlanItem, Parcel)
        .join(Parcel, Parcel.id == PlanItem.parcel_id)
        .where(PlanItem.plan_id == plan.id, Parcel.public_id == parcel_id)
    ).one_or_none()
    if found is None:
        raise NotFound(f"the plan knows no parcel {parcel_id!r}")
    return found[0], found[1]


def _locked(session: Session, plan: Plan, parcel: Parcel) -> PlanDecision | None:
    return session.scalar(
        select(PlanDecision).where(
            PlanDecision.plan_id == plan.id, PlanDecision.parcel_id == parcel.id,
            PlanDecision.kind == "lock", PlanDecision.undone_at.is_(None),
        )
    )  # fmt: skip


def _lock(
    session: Session,
    actor: Actor,
    now: datetime,
    plan: Plan,
    item: PlanItem,
    parcel: Parcel,
    ready: Explained,
) -> PlanDecision:
    taken = int(ready.solved.solution.item_option[item.position])
    if taken < 0:
        raise Conflict(f"{parcel.reference} has no way that could be kept")
    state = _state(ready, item, taken)
    return _note(session, actor, now, plan, parcel, "lock", state, state | {"units": {}}, 0.0)


def _judged(session: Session, ready: Explained, item: PlanItem, option: int) -> Override:
    try:
        change = override(ready.explainer.tables, item.position, option)
    except ProblemError as error:
        raise _invalid("option", "unknown_option", "is no way of this parcel") from error
    if change.blocked:
        raise CapacityGone("; ".join(_missing(session, ready, change)))
    if not math.isfinite(change.extra_cost):
        raise Conflict(
            "it must go, and on the way it is booked for" if option == LEAVE else "its booking must stay"
        )
    return change


def _missing(session: Session, ready: Explained, change: Override) -> Iterator[str]:
    """What is missing where, in words."""
    catalogue = ready.solved.catalogue
    for block in change.blocked:
        departure = session.get(Departure, int(catalogue.resource_departure[block.resource]))
        where = departure.number if departure else str(catalogue.resource_label[block.resource])
        name = measure(catalogue, block.resource, block.dimension)
        unit, per = UNITS.get(name, (name, 1))
        yield f"{block.missing / per:.3g} {unit} missing on {where}"


def _check_open(session: Session, now: datetime, parcel: Parcel, ready: Explained, option: int) -> None:
    """The parcel still waits, and what it would ride still takes it."""
    if parcel.status != "pending" or parcel.booking_line_id is not None:
        state = "booked" if parcel.booking_line_id is not None else parcel.status
        raise Conflict(f"{parcel.reference} is {state} by now: its way is decided")
    last = len(ready.solved.catalogue.option_itinerary)
    legs = [leg for leg in ready.solved.catalogue.legs(option) if leg.dated] if 0 <= option < last else []
    query = select(Departure).where(Departure.id.in_([leg.ref for leg in legs]))
    rows = {
        row.id: row
        for row in session.scalars(query.options(selectinload(Departure.calls).selectinload(Call.cutoffs)))
    }
    dangerous = frozenset(code for code, goods in goods_classes(now.date()).items() if goods.un_number)
    for leg in legs:
        departure = rows.get(leg.ref)
        if departure is None or departure.status not in OPEN_STATES:
            raise CutoffPassed(
                f"departure {departure.number if departure else leg.ref} takes no goods any more"
            )
        call = call_of(sorted(departure.calls, key=lambda one: one.seq)[leg.board], 0, dangerous, now)
        early = parcel.goods_class in call.early_goods
        if (call.early_cutoff_min if early else call.cutoff_min) < minutes(now):
            raise CutoffPassed(f"the cut-off of departure {departure.number} has passed")


def _state(ready: Explained, item: PlanItem, option: int) -> dict[str, Any]:
    """The way of a parcel as the log keeps it."""
    solved = ready.solved
    legs = solved.catalogue.legs(option) if option >= 0 else []
    codes = solved.catalogue.location_code
    problem = solved.problem
    cost = (
        float(problem.item_features[item.position] @ problem.option_rates[option])
        if option >= 0
        else float(problem.item_drop_cost[item.position])
    )
    return {
        "option": option,
        "cost_minor": round(cost) if math.isfinite(cost) else None,
        "disposition": solved.catalogue.disposition(option) if option >= 0 else None,
        "legs": [[leg.mode, str(codes[leg.origin]), str(codes[leg.destination])] for leg in legs],
        "reason": item.reason if option < 0 else None,
        "reason_fact": item.reason_fact if option < 0 else None,
    }


def _move(
    session: Session,
    plan: Plan,
    item: PlanItem,
    parcel: Parcel,
    ready: Explained,
    change: Override,
    reason: tuple[str | None, str | None],
) -> None:
    solved = ready.solved
    try:
        made = applied(solved.problem, solved.solution, change)
    except IllegalOverrideError as error:
        raise Conflict(f"the plan would break a rule: {error}") from error
    write_move(session, Moved(plan, item, parcel, solved, replace(solved, solution=made), change, *reason))


def _note(
    session: Session,
    actor: Actor,
    now: datetime,
    plan: Plan,
    parcel: Parcel,
    kind: str,
    before: dict[str, Any],
    after: dict[str, Any],
    extra_cost: float,
) -> PlanDecision:
    last = session.scalar(select(func.max(PlanDecision.number)).where(PlanDecision.plan_id == plan.id))
    made = PlanDecision(
        plan_id=plan.id, number=(last or 0) + 1, parcel_id=parcel.id, kind=kind, before=before, after=after,
        extra_cost_minor=round(extra_cost), decided_by=actor.reference, decided_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    facts = {"parcel": parcel.public_id, "decision": made.number}
    record(
        session, actor, now, f"plan.{kind}", plan.public_id,
        before=facts | before, after=facts | after | {"extra_cost_minor": made.extra_cost_minor},
    )  # fmt: skip
    return made


def _invalid(field: str, code: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", (FieldError(field, code, message, json_path=f"$.{field}"),))
