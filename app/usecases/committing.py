"""Commit a plan: ask for it, do it chain by chain, end it; or discard it. A plan never commits by itself."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, literal, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from app.models import Departure, Parcel, Party, Plan, PlanChain, PlanCommit, PlanItem, hypothetical
from app.usecases import working
from app.usecases.auditing import record
from app.usecases.committing_chain import commit_chain, exporters_left_out
from app.usecases.committing_facts import read_ways
from routing.committing import chains

QUEUE = "default"
JOB = "commit_plan"
COUNTS = ("parcels", "bookings", "booked", "kept", "decided", "stale")
MOST_LEFT_OUT = 1000


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What of a plan is not to be committed, by public id: exporters, and ways that ride these departures."""

    exporters: tuple[str, ...] = ()
    departures: tuple[str, ...] = ()


def request_commit(
    session: Session, actor: Actor, now: datetime, plan_id: str, leave_out: LeftOut | None = None
) -> PlanCommit:
    """Have a draft turned into bookings by a worker, or go on with a commit that no worker goes on with.

    Raises Forbidden, NotFound, Invalid (`unknown_exporter`, `unknown_departure`), and Conflict where the plan is
    being committed, is committed, was discarded, is a mere what-if, or has nothing in it.
    """
    plan = lock_plan(session, actor, plan_id)
    commit = session.scalar(select(PlanCommit).where(PlanCommit.plan_id == plan.id))
    if commit is not None:
        if plan.state != "committing" or commit.failure is None:
            raise Conflict(f"the plan is {plan.state} already")
        commit.failure = None
        working.enqueue(session, JOB, QUEUE, plan.public_id, now)
        record(session, actor, now, "plan.commit_resumed", plan.public_id)
        return commit
    if plan.state != "draft":
        raise Conflict(f"the plan is {plan.state}")
    if session.scalar(select(hypothetical(literal(plan.run_id)))):
        raise Conflict("the plan only answers a what-if: promote its scenario first")
    placed = session.scalar(
        select(PlanItem.id).where(PlanItem.plan_id == plan.id, PlanItem.itinerary_id.is_not(None)).limit(1)
    )
    if placed is None:
        raise Conflict("the plan has a way for no parcel: there is nothing to commit")
    scope = _scope(session, leave_out or LeftOut())
    commit = PlanCommit(
        plan_id=plan.id, requested_by=actor.reference, actor_kind=actor.kind, scope=scope, requested_at=now
    )
    session.add(commit)
    plan.state = "committing"
    session.flush()
    working.enqueue(session, JOB, QUEUE, plan.public_id, now)
    record(
        session, actor, now, "plan.commit_requested", plan.public_id,
        before={"state": "draft"}, after={"state": "committing", "left_out": scope},
    )  # fmt: skip
    return commit


def discard_plan(session: Session, actor: Actor, now: datetime, plan_id: str, *, undo: bool = False) -> Plan:
    """Put a draft aside, or with `undo` make it a draft again. Raises Forbidden, NotFound, Conflict."""
    plan = lock_plan(session, actor, plan_id)
    before, after = ("discarded", "draft") if undo else ("draft", "discarded")
    if plan.state != before:
        raise Conflict(f"the plan is {plan.state}")
    plan.state = after
    action = "plan.discard_undone" if undo else "plan.discarded"
    record(session, actor, now, action, plan.public_id, before={"state": before}, after={"state": after})
    return plan


def lock_plan(session: Session, actor: Actor, plan_id: str) -> Plan:
    """Return a plan, locked, to somebody who may decide about it. Raises Forbidden, NotFound."""
    if not actor.is_staff:
        raise Forbidden("only operators commit or discard plans")
    query = select(Plan).where(Plan.public_id == plan_id)
    plan = session.scalar(query.with_for_update(key_share=True).execution_options(populate_existing=True))
    if plan is None:
        raise NotFound(f"there is no plan {plan_id!r}")
    return plan


def _scope(session: Session, leave_out: LeftOut) -> dict[str, Any]:
    if leave_out == LeftOut():
        return {}
    for name, column, ids in (
        ("exporters", Party.public_id, leave_out.exporters),
        ("departures", Departure.public_id, leave_out.departures),
    ):
        if len(ids) > MOST_LEFT_OUT:
            raise _wrong(name, "too_many", f"at most {MOST_LEFT_OUT}")
        known = set(session.scalars(select(column).where(column.in_(ids))))
        for position, one in enumerate(ids):
            if one not in known:
                raise _wrong(f"{name}.{position}", f"unknown_{name[:-1]}", f"there is no {name[:-1]} {one!r}")
    return {"exporters": sorted(leave_out.exporters), "departures": sorted(leave_out.departures)}


def _wrong(field: str, code: str, message: str) -> Invalid:
    path = "$.leave_out" + "".join(
        f"[{part}]" if part.isdecimal() else f".{part}" for part in field.split(".")
    )
    return Invalid(message, (FieldError(f"leave_out.{field}", code, message, "", path),))


def begin_commit(session: Session, now: datetime, plan_id: str) -> bool:
    """Write down the chains of a plan, once; False where it is not being committed (any more)."""
    plan, commit = _committing(session, plan_id)
    if plan is None or commit is None:
        return False
    if commit.started_at is None:
        commit.started_at = now
        rows = list(_chains(session, plan, commit))
        if rows:
            session.execute(insert(PlanChain), rows)
    return True


def _chains(session: Session, plan: Plan, commit: PlanCommit) -> Sequence[dict[str, Any]]:
    left_out = exporters_left_out(session, commit)
    counted = (
        select(PlanItem.itinerary_id, func.count())
        .join(Parcel, Parcel.id == PlanItem.parcel_id)
        .where(PlanItem.plan_id == plan.id, PlanItem.itinerary_id.is_not(None))
        .where(Parcel.exporter_id.not_in(left_out))
        .group_by(PlanItem.itinerary_id)
    )
    counts: dict[int, int] = {int(row[0]): row[1] for row in session.execute(counted) if row[0] is not None}
    ways = {number: way.departures for number, way in read_ways(session, plan.id).items() if number in counts}
    known = _ridden(session, {one for departures in ways.values() for one in departures})
    forbidden = set(commit.scope.get("departures", []))
    rows: list[dict[str, Any]] = []
    # What leaves first is booked first: its cut-off is the nearest.
    earliest_first = sorted(
        chains(ways),
        key=lambda one: (not one.departures, [known[ride].departs_at for ride in one.departures[:1]]),
    )
    for chain in earliest_first:
        departures = [known[one].public_id for one in chain.departures]
        if forbidden.isdisjoint(departures):
            rows.append(
                {
                    "commit_id": commit.id,
                    "seq": len(rows) + 1,
                    "departures": departures,
                    "itineraries": [{"id": one} for one in chain.itineraries],
                    "parcels": sum(counts[one] for one in chain.itineraries),
                }
            )
    return rows


def _ridden(session: Session, ids: set[int]) -> dict[int, Row[tuple[int, str, datetime]]]:
    found: dict[int, Row[tuple[int, str, datetime]]] = {}
    wanted = sorted(ids)
    for begin in range(0, len(wanted), 500):
        some = Departure.id.in_(wanted[begin : begin + 500])
        query = select(Departure.id, Departure.public_id, Departure.departs_at).where(some)
        found |= {row.id: row for row in session.execute(query)}
    return found


def commit_next(session: Session, now: datetime, plan_id: str) -> bool:
    """Commit the next chain of a plan that waits; False, and the plan is committed, where none does any more."""
    plan, commit = _committing(session, plan_id)
    if plan is None or commit is None:
        return False
    chain = session.scalar(
        select(PlanChain)
        .where(PlanChain.commit_id == commit.id, PlanChain.status == "waiting")
        .order_by(PlanChain.seq)
        .limit(1)
        .with_for_update()
    )
    actor = Actor(commit.actor_kind, commit.requested_by, "operator")
    if chain is None:
        _close(session, actor, now, plan, commit)
        return False
    commit_chain(session, actor, now, plan, commit, chain)
    return True


def _committing(session: Session, plan_id: str) -> tuple[Plan | None, PlanCommit | None]:
    """The plan, locked, and its commit, where it is being committed."""
    query = select(Plan).where(Plan.public_id == plan_id, Plan.state == "committing")
    plan = session.scalar(query.with_for_update(key_share=True).execution_options(populate_existing=True))
    if plan is None:
        return None, None
    return plan, session.scalars(select(PlanCommit).where(PlanCommit.plan_id == plan.id)).one()


def _close(session: Session, actor: Actor, now: datetime, plan: Plan, commit: PlanCommit) -> None:
    totals: Counter[str] = Counter()
    for chain in session.scalars(select(PlanChain).where(PlanChain.commit_id == commit.id)):
        totals.update({name: getattr(chain, name) for name in COUNTS})
    plan.state, commit.finished_at = "committed", now
    record(
        session, actor, now, "plan.committed", plan.public_id,
        before={"state": "committing"}, after={"state": "committed", **totals},
    )  # fmt: skip


def fail_commit(session: Session, plan_id: str, reason: str) -> None:
    """Note that no worker goes on with a commit: what is booked stays booked, a person may have it resumed."""
    _, commit = _committing(session, plan_id)
    if commit is not None:
        commit.failure = reason
