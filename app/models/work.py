from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Key, choice

JOB_STATES = ("queued", "running", "done", "failed")


class Job(Base):
    """Work for the background, written in the transaction that asks for it: the outbox and the log in one.

    A worker claims it by raising `attempt`, its fencing token: whoever holds an older one can write nothing.
    """

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_status_lease_until", "status", "lease_until"),)

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(32))
    queue: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(40), index=True)
    """Public id of what the work is about."""
    status: Mapped[str] = mapped_column(choice(*JOB_STATES, name="job_status"), default="queued")
    attempt: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=3)
    rings: Mapped[int] = mapped_column(default=0)
    """How often a worker was rung for it."""
    lease_until: Mapped[datetime]
    """Queued: ring again after this. Running: the worker is taken for dead after this."""
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]


class IdempotencyKey(Base):
    """The stored answer to a POST, so that repeating it changes nothing."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("owner", "route", "key"),)

    id: Mapped[Key]
    owner: Mapped[str] = mapped_column(String(40))
    """Exporter (public id), or the staff key or user."""
    route: Mapped[str] = mapped_column(String(120))
    key: Mapped[str] = mapped_column(String(255))
    body_sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    """HTTP status of the stored answer; none while in progress."""
    body: Mapped[str | None]
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(index=True)


class AuditEvent(Base):
    """Who did what to which thing, before and after. Append-only."""

    __tablename__ = "audit_event"

    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(index=True)
    actor_kind: Mapped[str] = mapped_column(String(8))
    actor: Mapped[str] = mapped_column(String(40), index=True)
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(40), index=True)
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]


class NetworkRevision(Base):
    """One row, counted up with every change of the network, so that cached facts know their age."""

    __tablename__ = "network_revision"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[Key]
    value: Mapped[int]
    """Of everything, free space among it."""
    timetable: Mapped[int] = mapped_column(default=0, server_default="0")
    """Of everything but free space: bookings do not change it."""
    changed_at: Mapped[datetime]
