"""What people decided about the parcels of a plan, and which of it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.models import Parcel, PlanDecision, User
from app.queries.paging import Keyset, Page, whole

NEWEST = Keyset(PlanDecision.number, PlanDecision.id, read=whole, falling=True)
HOLDS: ColumnElement[bool] = PlanDecision.undone_at.is_(None)
"""The decision was not taken back."""


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision, with the parcel as people call it; `decided_by` is an address where the person is known."""

    number: int
    kind: str
    parcel_public_id: str
    reference: str
    before: dict[str, Any]
    after: dict[str, Any]
    extra_cost_minor: int
    decided_by: str
    decided_at: datetime
    undone_by: str | None
    undone_at: datetime | None


def decisions(
    session: Session,
    plan_id: int,
    *,
    parcel: str | None = None,
    number: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[DecisionRow]:
    """The decisions of a plan, about one of its parcels (public id), or one of them, the newest first."""
    query = (
        select(PlanDecision, Parcel.public_id, Parcel.reference)
        .join(Parcel, Parcel.id == PlanDecision.parcel_id)
        .where(PlanDecision.plan_id == plan_id)
    )
    if parcel is not None:
        query = query.where(Parcel.public_id == parcel)
    if number is not None:
        query = query.where(PlanDecision.number == number)
    found = session.execute(NEWEST.slice(query, cursor, limit)).all()
    page = NEWEST.page(found, limit, lambda row: (row[0].number, row[0].id))
    people = _people(session, [row[0] for row in page.items])
    return Page([_row(row[0], row[1], row[2], people) for row in page.items], page.next_cursor)


def held(session: Session, plan_id: int, parcels: Sequence[str] | None = None) -> dict[str, str]:
    """Public id of a parcel → `lock`, `override` or `leave`: what of the decisions holds; a lock before the others."""
    query = (
        select(Parcel.public_id, PlanDecision.kind)
        .join(Parcel, Parcel.id == PlanDecision.parcel_id)
        .where(PlanDecision.plan_id == plan_id, HOLDS)
        .order_by(PlanDecision.number)
    )
    if parcels is not None:
        query = query.where(Parcel.public_id.in_(parcels))
    found: dict[str, str] = {}
    for parcel, kind in session.execute(query):
        if found.get(parcel) != "lock":
            found[parcel] = kind
    return found


def _row(decision: PlanDecision, parcel: str, reference: str, people: dict[str, str]) -> DecisionRow:
    undone = decision.undone_by
    return DecisionRow(
        decision.number, decision.kind, parcel, reference, decision.before, decision.after,
        decision.extra_cost_minor, people.get(decision.decided_by, decision.decided_by), decision.decided_at,
        people.get(undone, undone) if undone else None, decision.undone_at,
    )  # fmt: skip


def _people(session: Session, found: list[PlanDecision]) -> dict[str, str]:
    ids = {name for one in found for name in (one.decided_by, one.undone_by) if name}
    query = select(User.public_id, User.email).where(User.public_id.in_(ids))
    return {row[0]: row[1] for row in session.execute(query)} if ids else {}
