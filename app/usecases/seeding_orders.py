"""Orders out of the sample's warehouses in every state, so that each page has something to show."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import (
    OutboundOrder,
    Party,
    Sku,
    StockBalance,
    StockLot,
    StockPlace,
    StockReservation,
    Warehouse,
)
from app.seeds.sample_stock import HOUSES
from app.usecases.warehousing import handing_over, ordering, packing, picking, voiding, waving
from app.usecases.warehousing.access import find_warehouse
from app.usecases.warehousing.ordering import NewOrder, WantedLine
from app.usecases.warehousing.packing import Box
from app.usecases.warehousing.picking import Picked

STATES = (
    "confirmed", "confirmed", "confirmed", "waiting_seller", "draft", "picking", "picked", "packed",
    "handed_over", "delivered", "void",
)  # fmt: skip
"""What the orders of each warehouse come to."""
PEOPLE = {
    "DE": ("Ada Beispiel", "Königsallee 12", "Duisburg", "47051"),
    "US": ("Grace Sample", "100 Market Street", "Riverside", "92501"),
}
"""Consignees that nobody is, by country."""
NOBODY = ("Max Sample", "1 Sample Street", "Sampleton", "10000")
FEWEST = 40
"""Pieces of an article there must be for orders of it."""


@dataclass(frozen=True, slots=True)
class _Article:
    sku: Sku
    owner: Party


def seed_sample_orders(session: Session, actor: Actor, now: datetime) -> int:
    """Ask for orders of stock that lies in the sample's warehouses, and work on them; those there already stay.

    Returns how many were added.
    """
    added = 0
    for house in HOUSES:
        warehouse = find_warehouse(session, actor, house.code)
        articles = _articles(session, warehouse)
        if not articles:
            continue
        for number, state in enumerate(STATES, start=1):
            article = articles[number % len(articles)]
            reference = f"SAMPLE-{house.code}-{number:02}"
            known = select(OutboundOrder.id).where(
                OutboundOrder.owner_id == article.owner.id, OutboundOrder.reference == reference
            )
            if session.scalar(known) is None:
                _make(session, actor, now, warehouse, article, reference, number, state)
                added += 1
    return added


def _articles(session: Session, warehouse: Warehouse) -> list[_Article]:
    """Articles of which enough lies in bins, as new."""
    enough = (
        select(StockLot.sku_id)
        .join(StockBalance, StockBalance.lot_id == StockLot.id)
        .join(StockPlace, StockPlace.id == StockBalance.place_id)
        .where(
            StockPlace.warehouse_id == warehouse.id,
            StockPlace.kind == "bin",
            StockLot.condition == "A",
            StockLot.customs_status == "free",
        )
        .group_by(StockLot.sku_id)
        .having(func.sum(StockBalance.on_hand - StockBalance.reserved) >= FEWEST)
    )
    query = select(Sku, Party).join(Party, Party.id == Sku.owner_id).where(Sku.id.in_(enough))
    return [_Article(sku, owner) for sku, owner in session.execute(query.order_by(Sku.id))]


def _make(
    session: Session,
    actor: Actor,
    now: datetime,
    warehouse: Warehouse,
    article: _Article,
    reference: str,
    number: int,
    state: str,
) -> None:
    country = warehouse.location.country
    name, street, city, postal_code = PEOPLE.get(country, NOBODY)
    pieces = 5_000 if state == "waiting_seller" else 1 + number % 4
    wanted = NewOrder(
        reference=reference,
        ship_by=now + timedelta(hours=3 * number),
        consignee={
            "person_name": name, "address_line1": street, "city": city, "postal_code": postal_code,
            "country_code": country,
        },
        lines=[WantedLine(article.sku.code, min(pieces, 100_000))],
    )  # fmt: skip
    order = ordering.create_order(session, actor, now, warehouse, article.owner, wanted)
    if state != "draft":
        ordering.confirm_order(session, actor, now, order.public_id)
    if state == "void":
        voiding.void_order(session, actor, now, order.public_id, reason="the buyer withdrew")
    elif state in ("picking", "picked", "packed", "handed_over", "delivered"):
        _work(session, actor, now, warehouse, order, state)


def _work(
    session: Session, actor: Actor, now: datetime, warehouse: Warehouse, order: OutboundOrder, state: str
) -> None:
    wave = waving.create_wave(session, actor, now, warehouse, order_ids=[order.public_id])
    for task in _tasks(session, order)[: 1 if state == "picking" else None]:
        bin_, sku, quantity = task
        taken = max(1, quantity - 1) if state == "picking" else quantity
        picking.pick(session, actor, now, wave.public_id, Picked(bin_, sku, taken))
    (order,) = ordering.lock_orders(session, [order.id])
    if state in ("picking", "picked"):
        return
    weight = sum(line.sku.weight_g * line.quantity for line in order.lines) + 150
    volume = sum(line.sku.volume_cm3 * line.quantity for line in order.lines)
    side = max(50, round((1.2 * volume * 1000) ** (1 / 3)))
    packing.pack(session, actor, now, order.public_id, Box(weight, side, side, side))
    if state != "packed":
        handing_over.hand_over(session, actor, now, order.public_id)
    if state == "delivered":
        handing_over.follow(session, actor, now, order.public_id, "delivered")


def _tasks(session: Session, order: OutboundOrder) -> list[tuple[str, str, int]]:
    query = (
        select(StockPlace.code, Sku.code, StockReservation.quantity)
        .join(StockReservation, StockReservation.from_id == StockPlace.id)
        .join(StockLot, StockLot.id == StockReservation.lot_id)
        .join(Sku, Sku.id == StockLot.sku_id)
        .where(StockReservation.subject == order.public_id, StockReservation.state == "pending")
        .order_by(StockReservation.id)
    )
    return [(bin_, sku, quantity) for bin_, sku, quantity in session.execute(query)]
