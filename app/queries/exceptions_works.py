"""Exceptions of customs, returns, stock and of our own machinery."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.models import (
    Location,
    OptimizationRun,
    Parcel,
    Party,
    Return,
    ReturnItem,
    StockCount,
    StockCountLine,
    Warehouse,
    WebhookMessage,
    WebhookSubscription,
)
from app.queries.exceptions_rows import MOST, Found, Scope
from app.queries.places import ids_named
from app.queries.returns import OPEN
from app.queries.tower import near_relief
from warehouses.relief import reimport_permille

TRIES = 3
"""A message that was tried so often is failing."""
RECENT = timedelta(days=7)
RUNS_BACK = timedelta(days=3)


def customs_holds(session: Session, now: datetime, scope: Scope) -> list[Found]:
    """Clients with parcels that customs holds; at risk is the declared value of these."""
    del now
    if scope.modes:
        return []
    query = (
        select(
            Party.public_id, Party.reference, Parcel.currency, func.count(Parcel.id),
            func.sum(Parcel.value_minor),
        )
        .join(Party, Party.id == Parcel.exporter_id)
        .where(Parcel.status == "customs_hold", *scope.of_client())
        .group_by(Party.public_id, Party.reference, Parcel.currency)
        .limit(MOST)
    )  # fmt: skip
    if scope.origin:
        query = query.where(Parcel.origin_id.in_(ids_named(scope.origin)))
    if scope.destination:
        query = query.where(Parcel.destination_id.in_(ids_named(scope.destination)))
    found: dict[str, Found] = {}
    for public_id, client, currency, parcels, value in session.execute(query):
        one = found.get(public_id) or Found(public_id, {"client": client, "parcels": 0})
        one.facts["parcels"] += parcels
        found[public_id] = Found(public_id, one.facts, {**one.amounts, currency: int(value)})
    return list(found.values())


def relief_deadlines(session: Session, now: datetime, scope: Scope) -> list[Found]:
    """Open returns that soon can no longer enter China free of duty; at risk is what duty and tax would be."""
    if scope.of_transport:
        return []
    today = now.date()
    query = (
        select(
            Return.public_id, Return.reference, Party.reference, Return.relief_deadline, ReturnItem.currency,
            func.sum(ReturnItem.value_minor * ReturnItem.quantity),
        )
        .join(Party, Party.id == Return.exporter_id)
        .join(ReturnItem, ReturnItem.return_id == Return.id)
        .where(Return.status.in_(OPEN), *scope.of_client())
        .where(*near_relief(today))
        .group_by(
            Return.public_id, Return.reference, Party.reference, Return.relief_deadline, ReturnItem.currency
        )
        .order_by(Return.relief_deadline)
        .limit(MOST)
    )  # fmt: skip
    permille = reimport_permille(frozenset(), today)
    found: dict[str, Found] = {}
    rows: Sequence[Any] = session.execute(query).all()
    for public_id, reference, client, deadline, currency, value in rows:
        until = datetime.combine(deadline + timedelta(days=1), time(), UTC)
        one = found.get(public_id) or Found(public_id, {"reference": reference, "client": client}, {}, until)
        amounts = {**one.amounts, currency: int(value) * permille // 1000}
        found[public_id] = Found(public_id, {**one.facts, "permille": permille}, amounts, until)
    return list(found.values())


def failing_webhooks(session: Session, now: datetime, scope: Scope) -> list[Found]:
    """Addresses that were switched off because they fail, or to which messages cannot be delivered."""
    if scope.of_transport:
        return []
    failing = (
        select(WebhookMessage.subscription_id, func.count().label("messages"))
        .where(
            or_(
                (WebhookMessage.status == "failed") & (WebhookMessage.created_at > now - RECENT),
                (WebhookMessage.status == "waiting") & (WebhookMessage.attempts >= TRIES),
            )
        )
        .group_by(WebhookMessage.subscription_id)
        .subquery()
    )
    query = (
        select(
            WebhookSubscription.public_id, WebhookSubscription.url, WebhookSubscription.enabled,
            Party.reference, func.coalesce(failing.c.messages, 0),
        )
        .outerjoin(failing, failing.c.subscription_id == WebhookSubscription.id)
        .outerjoin(Party, Party.id == WebhookSubscription.exporter_id)
        .where(or_(failing.c.messages > 0, WebhookSubscription.disabled_reason != ""), *scope.of_client())
        .order_by(WebhookSubscription.id)
        .limit(MOST)
    )  # fmt: skip
    return [
        Found(public_id, {"url": url, "enabled": enabled, "client": client, "messages": messages})
        for public_id, url, enabled, client, messages in session.execute(query)
    ]


def failed_runs(session: Session, now: datetime, scope: Scope) -> list[Found]:
    """Runs of the optimizer that failed in the last days."""
    if scope.of_transport or scope.client:
        return []
    query = (
        select(OptimizationRun.public_id, OptimizationRun.failure_code, OptimizationRun.finished_at)
        .where(OptimizationRun.status == "failed", OptimizationRun.created_at > now - RUNS_BACK)
        .order_by(OptimizationRun.id.desc())
        .limit(MOST)
    )
    return [
        Found(public_id, {"code": code or "", "at": finished_at})
        for public_id, code, finished_at in session.execute(query)
    ]


def differing_counts(session: Session, now: datetime, scope: Scope) -> list[Found]:
    """Counts of stock that found another number than the ledger says, and wait for approval."""
    del now
    if scope.of_transport or scope.client:
        return []
    counted = func.coalesce(StockCountLine.recounted, StockCountLine.counted)
    query = (
        select(StockCount.public_id, Location.code, func.count(StockCountLine.id))
        .join(StockCountLine, StockCountLine.count_id == StockCount.id)
        .join(Warehouse, Warehouse.id == StockCount.warehouse_id)
        .join(Location, Location.id == Warehouse.location_id)
        .where(StockCount.status.in_(("recount", "counted")), counted != StockCountLine.expected)
        .group_by(StockCount.public_id, Location.code)
        .order_by(StockCount.public_id)
        .limit(MOST)
    )
    return [
        Found(public_id, {"warehouse": warehouse, "lines": lines})
        for public_id, warehouse, lines in session.execute(query)
    ]
