"""The exceptions of the control tower: what goes wrong now, what money is at risk, and how long there is left.

Nothing of it is stored but who looks after it: an exception is there as long as what it speaks of is so.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.models import ExceptionNote
from app.queries import exceptions_goods, exceptions_works
from app.queries.exceptions_rows import Found, Scope
from app.usecases.pricing_facts import RateMissing
from app.usecases.quoting_fx import FxBook, load_fx

CURRENCY = "CNY"
"""All money at risk is compared in fen."""
Finder = Callable[[Session, datetime, Scope], list[Found]]
FINDERS: dict[str, Finder] = {
    "departure_cancelled": exceptions_goods.cancelled_departures,
    "closing_underfilled": exceptions_goods.underfilled_departures,
    "hold_expiring": exceptions_goods.expiring_holds,
    "goods_late": exceptions_goods.late_bookings,
    "customs_hold": exceptions_works.customs_holds,
    "relief_deadline": exceptions_works.relief_deadlines,
    "webhook_failing": exceptions_works.failing_webhooks,
    "run_failed": exceptions_works.failed_runs,
    "count_differs": exceptions_works.differing_counts,
}


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """One exception. `risk_minor` is in fen; None where no money can be named."""

    kind: str
    subject: str
    facts: dict[str, Any]
    risk_minor: int | None
    until: datetime | None
    """When it can no longer be helped."""
    note: ExceptionNote | None = None

    @property
    def order(self) -> tuple[int, float]:
        """The most money first, and of as much what has the least time left."""
        left = self.until.timestamp() if self.until else float("inf")
        return -(self.risk_minor or 0), left

    def snoozed(self, now: datetime) -> bool:
        """Whether it was put aside until later."""
        note = self.note
        return note is not None and note.snoozed_until is not None and note.snoozed_until > now


@dataclass(frozen=True, slots=True)
class Exceptions:
    """What is wrong now: rows that count, and those that were put aside."""

    rows: list[ExceptionRow] = field(default_factory=list)
    snoozed: list[ExceptionRow] = field(default_factory=list)

    def of_kind(self, kind: str) -> int:
        """How many of one kind count."""
        return sum(row.kind == kind for row in self.rows)

    @property
    def risk_minor(self) -> int:
        """Money at risk in all."""
        return sum(row.risk_minor or 0 for row in self.rows)


def find_exceptions(
    session: Session, now: datetime, scope: Scope, kinds: Iterable[str] = FINDERS
) -> Exceptions:
    """Every exception of the kinds, by money at risk and time left; one query or a few for each kind."""
    book = load_fx(session, now.date())
    found = [
        ExceptionRow(kind, one.subject, one.facts, _in_fen(book, one), one.until)
        for kind in kinds
        for one in FINDERS[kind](session, now, scope)
    ]
    notes = _notes(session)
    rows = [replace(row, note=notes.get((row.kind, row.subject))) for row in found]
    rows.sort(key=lambda row: row.order)
    return Exceptions(
        [row for row in rows if not row.snoozed(now)], [row for row in rows if row.snoozed(now)]
    )


def _notes(session: Session) -> dict[tuple[str, str], ExceptionNote]:
    query = select(ExceptionNote).options(joinedload(ExceptionNote.owner))
    return {(note.kind, note.subject): note for note in session.scalars(query)}


def _in_fen(book: FxBook, found: Found) -> int | None:
    """The amounts of an exception together; None where there is none, or no rate for one of them."""
    if not found.amounts:
        return None
    total = 0
    for currency, minor in found.amounts.items():
        try:
            fx = book.find(currency, CURRENCY)
        except RateMissing:
            return None
        total += minor if fx is None else fx.convert(minor)
    return total
