"""Replenishment lists: the SKUs of a warehouse with what to send of each, and how long the way takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.actor import Actor
from app.models import (
    Asn,
    AsnLine,
    Location,
    OutboundLine,
    OutboundOrder,
    Party,
    Sku,
    StockBalance,
    StockLot,
    StockPlace,
    Warehouse,
)
from app.queries.paging import AnySelect, Keyset, Page, word
from app.usecases.warehousing.access import find_warehouse, may_own, may_see
from app.usecases.warehousing.lead_times import LeadTime, lead_time, usual_origin
from app.usecases.warehousing.replenishing import GONE, Advised, advise_skus
from warehouses.inbound import ON_THE_WAY
from warehouses.replenishment import STATES, Policy

BY_CODE = Keyset(Sku.code, Sku.id, read=word)
MOST_SHOWN = 500
"""SKUs on the page of a warehouse: those that sell best."""


@dataclass(frozen=True, slots=True)
class Replenishment:
    """A warehouse, how goods come there, and what to send of its SKUs."""

    warehouse: Warehouse | None
    lead: LeadTime | None
    page: Page[Advised]


def list_replenishment(
    session: Session,
    actor: Actor,
    now: datetime,
    policy: Policy,
    *,
    warehouse: str | None = None,
    exporter: str | None = None,
    origin: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Replenishment:
    """The SKUs of one warehouse by code; without one named, of the first where the actor's goods lie. NotFound."""
    house = _house(session, actor, warehouse)
    if house is None:
        return Replenishment(None, None, Page([]))
    lead = _lead(session, actor, now, house, origin)
    found = list(session.execute(BY_CODE.slice(_skus(actor, house, exporter), cursor, limit)))
    rows = advise_skus(session, now, house, [(sku, owner) for sku, owner in found], lead, policy)
    return Replenishment(house, lead, BY_CODE.page(rows, limit, lambda row: (row.sku.code, row.sku.id)))


def urgent_first(
    session: Session,
    actor: Actor,
    now: datetime,
    policy: Policy,
    *,
    warehouse: str | None = None,
    exporter: str | None = None,
    origin: str | None = None,
) -> Replenishment:
    """The best sellers of a warehouse, what is most urgent first. NotFound."""
    house = _house(session, actor, warehouse)
    if house is None:
        return Replenishment(None, None, Page([]))
    lead = _lead(session, actor, now, house, origin)
    sold = (
        select(func.sum(OutboundLine.quantity))
        .join(OutboundOrder, OutboundLine.order_id == OutboundOrder.id)
        .where(OutboundLine.sku_id == Sku.id, OutboundOrder.warehouse_id == house.id)
        .where(OutboundOrder.status.in_(GONE))
        .correlate(Sku)
        .scalar_subquery()
    )
    query = _skus(actor, house, exporter).order_by(func.coalesce(sold, 0).desc(), Sku.code).limit(MOST_SHOWN)
    found = [(sku, owner) for sku, owner in session.execute(query)]
    rows = advise_skus(session, now, house, found, lead, policy)
    return Replenishment(house, lead, Page(sorted(rows, key=_urgency)))


def houses_with_goods(session: Session, actor: Actor) -> list[Warehouse]:
    """The warehouses in which goods the actor may see lie or lay: overseas ones first, by code."""
    lies = (
        exists()
        .where(StockPlace.warehouse_id == Warehouse.id, StockBalance.place_id == StockPlace.id)
        .where(StockLot.id == StockBalance.lot_id, may_own(actor, StockLot.owner_id))
    )
    query = (
        select(Warehouse)
        .join(Location, Warehouse.location_id == Location.id)
        .where(may_see(actor), lies)
        .options(joinedload(Warehouse.location))
        .order_by(Location.kind != "overseas", Location.code)
    )
    return list(session.scalars(query))


def hubs(session: Session) -> list[str]:
    """Codes of the places goods are sent from."""
    return list(
        session.scalars(select(Location.code).where(Location.kind == "origin_hub").order_by(Location.code))
    )


def _urgency(row: Advised) -> tuple[int, date, str]:
    return STATES.index(row.advice.state), row.advice.runs_out_on or date.max, row.sku.code


def _house(session: Session, actor: Actor, reference: str | None) -> Warehouse | None:
    if reference is not None:
        return find_warehouse(session, actor, reference)
    return next(iter(houses_with_goods(session, actor)), None)


def _lead(session: Session, actor: Actor, now: datetime, house: Warehouse, origin: str | None) -> LeadTime:
    start = (
        session.scalar(select(Location).where(Location.code == origin))
        if origin
        else usual_origin(session, actor.exporter_id, house)
    )
    return lead_time(session, actor, now, house, start)


def _skus(actor: Actor, house: Warehouse, exporter: str | None) -> AnySelect:
    """SKUs that lie or lay in a warehouse, were sold from it, or are announced to it."""
    lies = (
        exists()
        .where(StockLot.sku_id == Sku.id, StockBalance.lot_id == StockLot.id)
        .where(StockPlace.id == StockBalance.place_id, StockPlace.warehouse_id == house.id)
    )
    comes = exists().where(AsnLine.sku_id == Sku.id, Asn.id == AsnLine.asn_id).where(
        Asn.warehouse_id == house.id, Asn.status.in_(ON_THE_WAY)
    )  # fmt: skip
    whose: Sequence[ColumnElement[bool]] = (
        [or_(Party.reference == exporter, Party.public_id == exporter)] if exporter else []
    )
    return (
        select(Sku, Party.reference)
        .join(Party, Sku.owner_id == Party.id)
        .where(or_(lies, comes), may_own(actor, Sku.owner_id), *whose)
    )
