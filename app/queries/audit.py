"""The audit log: who did what to which thing, when, and what it was before and after."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.models import ApiKey, AuditEvent, User
from app.queries.paging import AnySelect, Keyset, Page, instant

BY_TIME = Keyset(AuditEvent.at, AuditEvent.id, read=instant, falling=True)
MOST_EXPORTED = 50_000
"""Rows of one file; days narrow it."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What narrows the log; None does not."""

    who: str | None = None
    """E-mail address, public id, name of a key or of a job."""
    action: str | None = None
    """The whole word, or its beginning up to the dot: `user`, `user.added`."""
    subject: str | None = None
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """One value of a thing; None: it was not there."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the log."""

    id: int
    at: datetime
    actor_kind: str
    actor: str
    action: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @property
    def changes(self) -> list[Changed]:
        """The values that differ; of what was only told (no before) all of them."""
        old, new = self.before or {}, self.after or {}
        names = [*old, *(name for name in new if name not in old)]
        return [
            Changed(name, old.get(name), new.get(name))
            for name in names
            if not (name in old and name in new and old[name] == new[name])
        ]


COLUMNS = (
    AuditEvent.id, AuditEvent.at, AuditEvent.actor_kind, AuditEvent.actor, AuditEvent.action, AuditEvent.subject,
    AuditEvent.before, AuditEvent.after,
)  # fmt: skip


def list_events(
    session: Session, where: AuditFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[AuditRow]:
    """The log, the latest first."""
    found = session.execute(BY_TIME.slice(_rows(session, where), cursor, limit)).all()
    page = BY_TIME.page(found, limit, lambda row: (row.at, row.id))
    return Page([AuditRow(*row) for row in page.items], page.next_cursor)


def all_events(session: Session, where: AuditFilter) -> Iterator[AuditRow]:
    """The log for a file, the latest first, at most `MOST_EXPORTED` lines."""
    query = _rows(session, where).order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(MOST_EXPORTED)
    for row in session.execute(query.execution_options(yield_per=1000)):
        yield AuditRow(*row)


def actions(session: Session) -> list[str]:
    """Every action that stands in the log."""
    return list(session.scalars(select(AuditEvent.action).distinct().order_by(AuditEvent.action)))


def _rows(session: Session, where: AuditFilter) -> AnySelect:
    query: AnySelect = select(*COLUMNS).where(*_conditions(where))
    return query.where(AuditEvent.actor.in_(_who(session, where.who))) if where.who else query


def _who(session: Session, text: str) -> list[str]:
    """The public ids of people and keys called so; the text itself where it is one, or a job's name."""
    people = select(User.public_id).where(User.email.contains(text.lower(), autoescape=True))
    keys = select(ApiKey.public_id).where(ApiKey.name == text)
    return [text, *session.scalars(people.limit(100)), *session.scalars(keys.limit(100))]


def _conditions(where: AuditFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if where.action:
        begins = AuditEvent.action.startswith(f"{where.action}.", autoescape=True)
        found.append(or_(AuditEvent.action == where.action, begins))
    if where.subject:
        found.append(AuditEvent.subject == where.subject)
    if where.since:
        found.append(AuditEvent.at >= where.since)
    if where.before:
        found.append(AuditEvent.at < where.before)
    return found
