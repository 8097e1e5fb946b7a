"""Exporters as clients: what each owes, how far it may go, and what is late."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, String, cast, func, or_, select
from sqlalchemy.orm import Session

from app.models import ApiKey, Party, User, WebhookSubscription
from app.queries.credit import Credit, credits_of, overdue_of
from app.queries.paging import Keyset, Page, word
from trade.billing import book_date

BY_REFERENCE = Keyset(Party.reference, Party.id, read=word)
STATES = ("hold", "free")


@dataclass(frozen=True, slots=True)
class ClientFilter:
    """What narrows the list; None does not."""

    q: str | None = None
    """In the reference or the name."""
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """One exporter with its credit. `overdue` is minor units by currency."""

    id: int
    public_id: str
    reference: str
    name: str
    credit: Credit
    overdue: dict[str, int]

    @property
    def used(self) -> float | None:
        """The share of the limit that is taken."""
        limit, exposed = self.credit.limit_minor, self.credit.exposure_minor
        return exposed / limit if limit and exposed is not None else None


@dataclass(frozen=True, slots=True)
class Reach:
    """How an exporter reaches the product."""

    people: int
    keys: int
    webhooks: int
    webhooks_off: int


def list_clients(
    session: Session, now: datetime, where: ClientFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[Client]:
    """Exporters by reference."""
    query = select(Party).where(*_conditions(where))
    found = session.scalars(BY_REFERENCE.slice(query, cursor, limit)).all()
    page = BY_REFERENCE.page(found, limit, lambda row: (row.reference, row.id))
    return Page(clients_of(session, page.items, now), page.next_cursor)


def clients_of(session: Session, exporters: list[Party], now: datetime) -> list[Client]:
    """The exporters as clients, in their order."""
    late = overdue_of(session, [one.id for one in exporters], book_date(now))
    return [
        Client(one.id, one.public_id, one.reference, one.name, credit, late.get(one.id, {}))
        for one, credit in zip(exporters, credits_of(session, exporters, now), strict=True)
    ]


def reach_of(session: Session, exporter_id: int) -> Reach:
    """Count its people, keys and webhooks."""

    def count(*conditions: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).where(*conditions)) or 0

    hook = WebhookSubscription.exporter_id == exporter_id
    return Reach(
        people=count(User.exporter_id == exporter_id, User.disabled.is_(False)),
        keys=count(ApiKey.exporter_id == exporter_id, ApiKey.revoked_at.is_(None)),
        webhooks=count(hook),
        webhooks_off=count(hook, WebhookSubscription.enabled.is_(False)),
    )


def _conditions(where: ClientFilter) -> list[ColumnElement[bool]]:
    # Roles are a JSON list on both databases; its text is the same on both.
    found: list[ColumnElement[bool]] = [cast(Party.roles, String).contains('"exporter"')]
    if where.q:
        q = where.q.lower()
        found.append(
            or_(
                func.lower(Party.reference).contains(q, autoescape=True),
                func.lower(Party.name).contains(q, autoescape=True),
            )
        )
    if where.state:
        found.append(Party.credit_hold.is_(where.state == "hold"))
    return found
