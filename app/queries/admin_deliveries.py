"""What was sent to whom by webhook, over all addresses."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.models import Party, WebhookAttempt, WebhookMessage, WebhookSubscription
from app.queries.paging import Keyset, Page, instant

NEWEST = Keyset(WebhookMessage.created_at, WebhookMessage.id, read=instant, falling=True)
OURS = "-"
"""Stands for the operation's own addresses."""


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """What narrows the log; None does not."""

    status: str | None = None
    exporter: str | None = None
    """Reference; `OURS` for the operation's own."""
    event_type: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A message, its address, and how the last attempt ended."""

    id: int
    public_id: str
    webhook: str
    url: str
    enabled: bool
    exporter: str | None
    event_type: str
    subject: str
    status: str
    attempts: int
    next_at: datetime | None
    created_at: datetime
    last_status: int | None
    last_error: str


@dataclass(frozen=True, slots=True)
class Failing:
    """An address with messages that were given up."""

    webhook: str
    url: str
    enabled: bool
    exporter: str | None
    failed: int
    latest: datetime


def list_deliveries(
    session: Session, where: DeliveryFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[DeliveryRow]:
    """Messages, the newest first."""
    last = (
        select(func.max(WebhookAttempt.attempt))
        .where(WebhookAttempt.message_id == WebhookMessage.id)
        .correlate(WebhookMessage)
        .scalar_subquery()
    )
    query = (
        select(
            WebhookMessage.id, WebhookMessage.public_id, WebhookSubscription.public_id, WebhookSubscription.url,
            WebhookSubscription.enabled, Party.reference, WebhookMessage.event_type, WebhookMessage.subject,
            WebhookMessage.status, WebhookMessage.attempts, WebhookMessage.next_at, WebhookMessage.created_at,
            WebhookAttempt.status_code, func.coalesce(WebhookAttempt.error, ""),
        )
        .join(WebhookSubscription, WebhookSubscription.id == WebhookMessage.subscription_id)
        .outerjoin(Party, Party.id == WebhookSubscription.exporter_id)
        .outerjoin(
            WebhookAttempt,
            (WebhookAttempt.message_id == WebhookMessage.id) & (WebhookAttempt.attempt == last),
        )
        .where(*_conditions(where))
    )  # fmt: skip
    rows = [DeliveryRow(*row) for row in session.execute(NEWEST.slice(query, cursor, limit))]
    return NEWEST.page(rows, limit, lambda row: (row.created_at, row.id))


def failing(session: Session, since: datetime, *, limit: int = 20) -> list[Failing]:
    """Addresses with messages given up since then, the most first; those switched off for it stand among them."""
    count = func.count(WebhookMessage.id)
    query = (
        select(
            WebhookSubscription.public_id, WebhookSubscription.url, WebhookSubscription.enabled,
            Party.reference, count, func.max(WebhookMessage.created_at),
        )
        .join(WebhookSubscription, WebhookSubscription.id == WebhookMessage.subscription_id)
        .outerjoin(Party, Party.id == WebhookSubscription.exporter_id)
        .where(WebhookMessage.status == "failed", WebhookMessage.created_at >= since)
        .group_by(WebhookSubscription.id, Party.reference)
        .order_by(count.desc(), WebhookSubscription.id)
        .limit(limit)
    )  # fmt: skip
    return [Failing(*row) for row in session.execute(query)]


def _conditions(where: DeliveryFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if where.status:
        found.append(WebhookMessage.status == where.status)
    if where.exporter == OURS:
        found.append(WebhookSubscription.exporter_id.is_(None))
    elif where.exporter:
        found.append(Party.reference == where.exporter)
    if where.event_type:
        found.append(WebhookMessage.event_type == where.event_type)
    if where.subject:
        found.append(WebhookMessage.subject == where.subject)
    return found
