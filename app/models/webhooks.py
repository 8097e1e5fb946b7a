from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id

DELIVERY_STATES = ("waiting", "delivered", "failed")


class WebhookSubscription(Base):
    """An address that is told of some kinds of events; an exporter's, or the operation's own."""

    __tablename__ = "webhook_subscription"

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    exporter_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    """None: the operation's own, which is told of everybody's."""
    url: Mapped[str] = mapped_column(String(2048))
    event_types: Mapped[list[str]]
    secret: Mapped[str] = mapped_column(String(80))
    """`whsec_…`; kept, because every delivery is signed with it."""
    previous_secret: Mapped[str | None] = mapped_column(String(80))
    """The one before, with which is signed as well until `previous_until`."""
    previous_until: Mapped[datetime | None]
    test_mode: Mapped[bool] = mapped_column(default=False)
    enabled: Mapped[bool] = mapped_column(default=True)
    disabled_reason: Mapped[str] = mapped_column(default="")
    created_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]


class WebhookMessage(Base):
    """One event on its way to one subscription: the body is fixed, the attempts are counted."""

    __tablename__ = "webhook_message"
    __table_args__ = (Index("ix_webhook_message_status_next_at", "status", "next_at"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    """`webhook-id` of Standard Webhooks: the same at every attempt."""
    subscription_id: Mapped[int] = mapped_column(
        ForeignKey("webhook_subscription.id", ondelete="CASCADE"), index=True
    )
    event_type: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40), index=True)
    body: Mapped[str]
    """The very bytes that are signed and sent."""
    status: Mapped[str] = mapped_column(choice(*DELIVERY_STATES, name="webhook_status"), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    subscription: Mapped[WebhookSubscription] = relationship(lazy="raise_on_sql")
    log: Mapped[list["WebhookAttempt"]] = relationship(
        order_by="WebhookAttempt.attempt", lazy="raise_on_sql", cascade="all, delete-orphan"
    )


class WebhookAttempt(Base):
    """One try to deliver a message, and what came of it."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (UniqueConstraint("message_id", "attempt"),)

    id: Mapped[Key]
    message_id: Mapped[int] = mapped_column(ForeignKey("webhook_message.id", ondelete="CASCADE"), index=True)
    attempt: Mapped[int]
    at: Mapped[datetime]
    status_code: Mapped[int | None]
    error: Mapped[str] = mapped_column(default="")
    response: Mapped[str] = mapped_column(default="")
    """The first kilobyte of the answer."""
    took_ms: Mapped[int]
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Of the request, the signature shortened."""
