"""Orders that leave a warehouse, for tests of everything that can happen to them."""

from datetime import timedelta

from sqlalchemy import select

from app.models import StockBalance, StockReservation
from app.usecases.warehousing import handing_over, ordering, packing, picking, waving
from app.usecases.warehousing.ordering import NewOrder, WantedLine
from app.usecases.warehousing.packing import Box
from app.usecases.warehousing.picking import Picked
from tests.stock_rows import NOW

ADA = {
    "person_name": "Ada Example", "address_line1": "Allee 1", "city": "Duisburg", "postal_code": "47051",
    "country_code": "DE",
}  # fmt: skip
SHIP_BY = NOW + timedelta(hours=6)


def an_order(session, house, *lines, reference="SO-1", confirm=True, actor=None, consignee=None, **facts):
    """An order of (SKU, pieces), confirmed unless told otherwise."""
    wanted = NewOrder(
        reference=reference, ship_by=facts.pop("ship_by", SHIP_BY), consignee=ADA | (consignee or {}),
        lines=[WantedLine(sku, pieces) for sku, pieces in lines or (("SKU-1", 2),)], **facts,
    )  # fmt: skip
    order = ordering.create_order(session, actor or house.actor, NOW, house.warehouse, house.owner, wanted)
    return ordering.confirm_order(session, house.actor, NOW, order.public_id) if confirm else order


def a_wave(session, house, *orders):
    """One wave of these orders, or of whatever waits."""
    ids = [one.public_id for one in orders]
    return waving.create_wave(session, house.actor, NOW, house.warehouse, order_ids=ids)


def picked_from(session, house, wave, place, sku, quantity, **more):
    """One scan at the rack."""
    return picking.pick(session, house.actor, NOW, wave.public_id, Picked(place, sku, quantity, **more))


def a_box(session, house, order, contents=(), **size):
    """One box closed; a kilogram more than nothing unless told otherwise."""
    box = {"weight_g": 2200, "length_mm": 200, "width_mm": 200, "height_mm": 150} | size
    return packing.pack(session, house.actor, NOW, order.public_id, Box(**box, contents=contents))


def brought_to(session, house, state, reference="SO-1", place="A-01"):
    """An order of two SKU-1 out of `place`, in one of the states on its way out."""
    order = an_order(session, house, reference=reference, confirm=state != "draft")
    if state in ("draft", "confirmed"):
        return order
    wave = a_wave(session, house, order)
    picked_from(session, house, wave, place, "SKU-1", 1 if state == "picking" else 2)
    if state == "packing":
        a_box(session, house, order, [packing.Content("SKU-1", 1)], weight_g=1100)
    elif state not in ("picking", "picked"):
        a_box(session, house, order)
    if state in ("handed_over", "delivering", "delivered"):
        handing_over.hand_over(session, house.actor, NOW, order.public_id)
    if state in ("delivering", "delivered"):
        handing_over.follow(session, house.actor, NOW, order.public_id, state)
    return again(session, order)


def again(session, order):
    """The order as it is now."""
    return ordering.lock_orders(session, [order.id])[0]


def balance(session, house, place):
    """Pieces at a place."""
    query = select(StockBalance.on_hand).where(StockBalance.place_id == house.places[place].id)
    return sum(session.scalars(query))


def free(session, house, place):
    """Pieces there that nobody was promised; what is reserved agrees with the reservations."""
    query = select(StockBalance.on_hand - StockBalance.reserved)
    kept = select(StockReservation.quantity).where(
        StockReservation.from_id == house.places[place].id, StockReservation.state == "pending"
    )
    found = sum(session.scalars(query.where(StockBalance.place_id == house.places[place].id)))
    assert found == balance(session, house, place) - sum(session.scalars(kept))
    return found


def again_wave(session, wave):
    """The state of a wave as it is now."""
    session.refresh(wave)
    return wave.status
