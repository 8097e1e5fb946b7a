"""Webhook addresses and their delivery log, for whoever owns them and for the operation."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.actor import Actor
from app.errors import NotFound
from app.models import Party, WebhookMessage, WebhookSubscription
from app.queries.paging import AnySelect, Keyset, Page, instant

BY_AGE = Keyset(WebhookSubscription.created_at, WebhookSubscription.id, read=instant, falling=True)
BY_TIME = Keyset(WebhookMessage.created_at, WebhookMessage.id, read=instant, falling=True)


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """One subscription. `exporter_reference` None is the operation's own."""

    id: int
    public_id: str
    exporter_reference: str | None
    url: str
    event_types: list[str]
    enabled: bool
    disabled_reason: str
    test_mode: bool
    previous_until: datetime | None
    """Until then two secrets sign."""
    created_at: datetime


COLUMNS = (
    WebhookSubscription.id, WebhookSubscription.public_id, Party.reference.label("exporter_reference"),
    WebhookSubscription.url, WebhookSubscription.event_types, WebhookSubscription.enabled,
    WebhookSubscription.disabled_reason, WebhookSubscription.test_mode, WebhookSubscription.previous_until,
    WebhookSubscription.created_at,
)  # fmt: skip


def list_webhooks(
    session: Session, actor: Actor, *, cursor: str | None = None, limit: int = 50
) -> Page[WebhookRow]:
    """Subscriptions, the newest first: an exporter's own, for the operation everybody's."""
    found = session.execute(BY_AGE.slice(_shown(actor), cursor, limit)).all()
    page = BY_AGE.page(found, limit, lambda row: (row.created_at, row.id))
    return Page([WebhookRow(**row._asdict()) for row in page.items], page.next_cursor)


def get_webhook(session: Session, actor: Actor, public_id: str) -> WebhookRow:
    """One subscription; NotFound, also for somebody else's."""
    found = session.execute(_shown(actor).where(WebhookSubscription.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFound(f"there is no webhook {public_id!r}")
    return WebhookRow(**found._asdict())


def list_messages(
    session: Session, actor: Actor, public_id: str, *, cursor: str | None = None, limit: int = 50
) -> Page[WebhookMessage]:
    """What was sent to one address, the newest first, each with its attempts; NotFound for somebody else's."""
    webhook = get_webhook(session, actor, public_id)
    query = select(WebhookMessage).where(WebhookMessage.subscription_id == webhook.id)
    query = query.options(selectinload(WebhookMessage.log))
    found = session.scalars(BY_TIME.slice(query, cursor, limit)).all()
    return BY_TIME.page(found, limit, lambda row: (row.created_at, row.id))


def get_message(session: Session, actor: Actor, public_id: str) -> WebhookMessage:
    """One message with its attempts; NotFound, also for somebody else's."""
    message = find_message(session, actor, public_id)
    session.refresh(message, ["log"])
    return message


def find_subscription(
    session: Session, actor: Actor, public_id: str, *, lock: bool = False
) -> WebhookSubscription:
    """The row itself, locked if asked; NotFound, also for somebody else's."""
    query = select(WebhookSubscription).where(WebhookSubscription.public_id == public_id, *_mine(actor))
    if lock:
        query = query.with_for_update(key_share=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound(f"there is no webhook {public_id!r}")
    return found


def find_message(session: Session, actor: Actor, public_id: str, *, lock: bool = False) -> WebhookMessage:
    """The row itself with its subscription, both locked if asked, that first; NotFound, also for somebody else's."""
    query = (
        select(WebhookSubscription.public_id)
        .join(WebhookMessage, WebhookMessage.subscription_id == WebhookSubscription.id)
        .where(WebhookMessage.public_id == public_id, *_mine(actor))
    )
    owner = session.scalar(query)
    if owner is None:
        raise NotFound(f"there is no message {public_id!r}")
    find_subscription(session, actor, owner, lock=lock)
    found = select(WebhookMessage).where(WebhookMessage.public_id == public_id)
    found = found.options(joinedload(WebhookMessage.subscription, innerjoin=True))
    if lock:
        found = found.with_for_update(of=WebhookMessage)
    return session.scalars(found).one()


def _shown(actor: Actor) -> AnySelect:
    owner = Party.id == WebhookSubscription.exporter_id
    return select(*COLUMNS).outerjoin(Party, owner).where(*_mine(actor))


def _mine(actor: Actor) -> list[ColumnElement[bool]]:
    """An exporter sees its own; what is used for practice sees practice alone."""
    found: list[ColumnElement[bool]] = []
    if actor.exporter_id is not None:
        found.append(WebhookSubscription.exporter_id == actor.exporter_id)
    if actor.test_mode:
        found.append(WebhookSubscription.test_mode.is_(True))
    return found
