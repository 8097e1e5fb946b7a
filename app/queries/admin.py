"""What of the installation wants attention, in a few counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import DeclarativeBase, Session

from app.models import (
    ApiKey,
    AuditEvent,
    FailedRequest,
    Job,
    Party,
    Tariff,
    User,
    WebhookMessage,
    WebhookSubscription,
)

SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts; `lately` is since the moment that was asked for."""

    users: int
    invited: int
    keys: int
    on_hold: int
    tariffs_ending: int
    """Rate cards that hold today and end within 30 days."""
    deliveries_failed: int
    """Given up lately, or switched off with their address."""
    hooks_off: int
    requests_failed: int
    jobs_failed: int
    jobs_waiting: int
    changes: int
    """Lines of the audit log lately."""


def overview(session: Session, now: datetime, lately: datetime) -> Overview:
    """Count; every count is on an index or on a table of few rows."""

    def count(model: type[DeclarativeBase], *conditions: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0

    today = now.date()
    ends = Tariff.valid_to.between(today, today + SOON)
    return Overview(
        users=count(User, User.disabled.is_(False), User.password_hash.is_not(None)),
        invited=count(User, User.disabled.is_(False), User.password_hash.is_(None)),
        keys=count(ApiKey, ApiKey.revoked_at.is_(None)),
        on_hold=count(Party, Party.credit_hold.is_(True)),
        tariffs_ending=count(Tariff, Tariff.valid_from <= today, ends),
        deliveries_failed=count(
            WebhookMessage, WebhookMessage.status == "failed", WebhookMessage.created_at >= lately
        ),
        hooks_off=count(
            WebhookSubscription,
            WebhookSubscription.enabled.is_(False),
            WebhookSubscription.disabled_reason != "",
        ),
        requests_failed=count(FailedRequest, FailedRequest.at >= lately),
        jobs_failed=count(Job, Job.status == "failed", Job.finished_at >= lately),
        jobs_waiting=count(Job, or_(Job.status == "queued", Job.status == "running")),
        changes=count(AuditEvent, AuditEvent.at >= lately),
    )
