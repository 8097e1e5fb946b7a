"""Announced goods for tests, at the warehouse of `tests.stock_rows`."""

from datetime import timedelta

from sqlalchemy import select

from app.models import StockBalance, StockLot
from app.usecases.warehousing.announcing_goods import announce_asn, arrive_asn
from app.usecases.warehousing.asns import AnnouncedLine, Announcement, create_asn
from app.usecases.warehousing.receiving import receive
from tests.stock_rows import NOW, TODAY

LINES = (AnnouncedLine("SKU-1", 10, cartons=2), AnnouncedLine("SKU-2", 6))


def announced(session, house, reference="PO-1", lines=LINES, **facts):
    """An announced ASN of ten pieces of SKU-1 and six of SKU-2, if nothing else is said."""
    facts = {"expected_on": TODAY + timedelta(days=20)} | facts
    wanted = Announcement(reference=reference, lines=lines, **facts)
    made = create_asn(session, house.actor, NOW, house.warehouse.public_id, house.owner.reference, wanted)
    return announce_asn(session, house.actor, NOW, made.public_id)


def arrived(session, house, asn):
    """The same at the door."""
    return arrive_asn(session, house.actor, NOW, asn.public_id)


def counted(session, house, asn, *counts, **more):
    """So many pieces counted in."""
    return receive(session, house.actor, NOW, asn.public_id, counts, **more)


def balances(session, house, sku="SKU-1"):
    """Place → pieces of a SKU that lie or are owed there."""
    code = {place.id: name for name, place in house.places.items()}
    query = select(StockBalance.place_id, StockBalance.on_hand).join(StockLot)
    found = {}
    for place, on_hand in session.execute(query.where(StockLot.sku_id == house.skus[sku].id)):
        found[code[place]] = found.get(code[place], 0) + on_hand
    return {place: pieces for place, pieces in found.items() if pieces}
