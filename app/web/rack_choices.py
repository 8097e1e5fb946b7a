"""What the pages at the rack offer to work on, and what they show beside the fields of a task."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.actor import Actor
from app.models import OutboundOrder, Warehouse, Wave, WorkOrder
from app.queries import counts, inbound, outbound
from app.queries.inbound import AsnFilter
from app.usecases.warehousing.putting_away import plan_put_away

ARRIVED = ("arrived", "receiving", "received_partial")
PUT_AWAY = ("receiving", "received_partial", "received")
MOST = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to work on: its id, its name, and what else tells it from others."""

    of: str
    name: str
    detail: str


def offered(session: Session, actor: Actor, warehouse: Warehouse, task: str) -> list[Choice]:
    """What there is to do for a task that works on something chosen."""
    if task in ("receive", "putaway"):
        return _asns(session, actor, warehouse, ARRIVED if task == "receive" else PUT_AWAY)
    if task == "pick":
        return _waves(session, warehouse)
    return [
        Choice(
            row.count.public_id,
            row.count.reason or row.count.public_id,
            ngettext("%(count)s bin to be counted", "%(count)s bins to be counted", row.left, count=row.left),
        )
        for row in counts.open_counts(session, warehouse.id)
    ]


def _asns(session: Session, actor: Actor, warehouse: Warehouse, states: tuple[str, ...]) -> list[Choice]:
    where = AsnFilter(states=states, warehouse=warehouse.public_id)
    return [
        Choice(
            row.asn.public_id,
            row.asn.reference,
            gettext(
                "%(exporter)s · %(came)s of %(expected)s pieces came",
                exporter=row.asn.owner.reference,
                came=row.totals.received + row.totals.damaged,
                expected=row.totals.expected,
            ),
        )
        for row in inbound.list_asns(session, actor, where, limit=MOST).items
    ]


def _waves(session: Session, warehouse: Warehouse) -> list[Choice]:
    waves = session.scalars(
        select(Wave)
        .where(Wave.warehouse_id == warehouse.id, Wave.status.in_(["open", "picking"]))
        .order_by(Wave.created_at, Wave.id)
        .limit(MOST)
    ).all()
    sizes: dict[int, int] = {}
    for wave_id in session.scalars(
        select(OutboundOrder.wave_id).where(OutboundOrder.wave_id.in_([wave.id for wave in waves]))
    ):
        sizes[wave_id or 0] = sizes.get(wave_id or 0, 0) + 1
    return [
        Choice(
            wave.public_id,
            wave.public_id,
            ngettext(
                "%(count)s order", "%(count)s orders", sizes.get(wave.id, 0), count=sizes.get(wave.id, 0)
            ),
        )
        for wave in waves
    ]


def shown(session: Session, actor: Actor, warehouse: Warehouse, task: str, of: str) -> Any:  # noqa: ANN401
    """What is read beside the fields; its kind depends on the task. NotFound for what is not there."""
    if task == "receive":
        return inbound.get_asn(session, actor, of)
    if task == "putaway":
        return plan_put_away(session, actor, of)
    if task == "pick":
        return outbound.get_wave(session, actor, of)
    if task == "count":
        return counts.get_count(session, actor, of)
    if task == "pack":
        return _to_pack(session, warehouse)
    return _to_do(session, warehouse) if task == "work" else None


def _to_pack(session: Session, warehouse: Warehouse) -> list[OutboundOrder]:
    query = (
        select(OutboundOrder)
        .where(OutboundOrder.warehouse_id == warehouse.id, OutboundOrder.status.in_(["picked", "packing"]))
        .options(joinedload(OutboundOrder.owner))
        .order_by(OutboundOrder.ship_by, OutboundOrder.id)
    )
    return list(session.scalars(query.limit(MOST)))


def _to_do(session: Session, warehouse: Warehouse) -> list[WorkOrder]:
    query = (
        select(WorkOrder)
        .where(WorkOrder.warehouse_id == warehouse.id, WorkOrder.status == "released")
        .options(joinedload(WorkOrder.owner))
        .order_by(WorkOrder.created_at, WorkOrder.id)
    )
    return list(session.scalars(query.limit(MOST)))
