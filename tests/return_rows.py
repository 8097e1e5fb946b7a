"""A warehouse in Germany, a returns centre in China, and returns on their way between them, for tests."""

import base64
from dataclasses import dataclass
from datetime import date

from app.models import Consignment, FxRate, Location, Party, Return, StockBalance, StockPlace, Warehouse
from app.usecases.returning.grading import Graded, grade_return
from app.usecases.returning.photos import PhotoStore, add_photo
from app.usecases.returning.receiving_returns import receive_return
from app.usecases.returning.requesting import NewReturn, WantedItem, request_return
from tests import factories as make
from tests.booking_rows import LINE, make_booking, make_offer, make_quote
from tests.stock_rows import NOW, House, a_house
from trade.numbering import tracking_number

SENDER = {"person_name": "Erika Muster", "address_line1": "Hauptstr. 1", "city": "Duisburg", "postal_code": "47051",
          "country_code": "DE"}  # fmt: skip
EXPORTED = date(2026, 9, 1)
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@dataclass
class Lands:
    """A German warehouse that takes returns, and a returns centre in China."""

    house: House
    centre: Warehouse

    @property
    def actor(self):
        return self.house.actor

    @property
    def home(self) -> Location:
        return self.centre.location


def lands(session) -> Lands:
    """The two places; the exporter's SKUs weigh 1 kg and are worth 15 EUR."""
    house = a_house(session)
    house.warehouse.services = ["returns", "relabel", "refurbish"]
    place = make.make_location(session, "CNJZH-RET", "returns_centre", latitude=36.3, longitude=120.1)
    centre = make.make_warehouse(session, place, services=["returns", "relabel"], accepts=[])
    centre.location = place
    house.warehouse.location = session.get_one(Location, house.warehouse.location_id)
    for base, rate in (("EUR", 7_800_000), ("USD", 7_100_000)):
        session.add(
            FxRate(base=base, quote="CNY", rate_micros=rate, as_of=date(2026, 11, 1), source="example")
        )
    session.flush()
    return Lands(house, centre)


def asked(session, world: Lands, pieces=5, **facts) -> Return:
    """A return of some pieces of SKU-1 that was asked for."""
    given = {
        "original": None, "reason": "unwanted", "items": [WantedItem("SKU-1", pieces)], "sender": SENDER,
        "exported_on": EXPORTED, "customs_mode": "9810", **facts,
    }  # fmt: skip
    return request_return(session, world.actor, NOW, world.house.owner, NewReturn(**given))


def graded(session, world: Lands, grades="AABBD", **facts) -> Return:
    """A return that came and was graded, a letter for each piece."""
    found = asked(session, world, len(grades), **facts)
    receive_return(session, world.actor, NOW, found.public_id)
    lines = [Graded(1, grades.count(letter), letter) for letter in sorted(set(grades))]
    return grade_return(session, world.actor, NOW, found.public_id, lines)


def photographed(session, world: Lands, found: Return, folder, seq=0):
    """A picture of it."""
    return add_photo(session, world.actor, NOW, PhotoStore(folder), found.public_id, seq, PIXEL)


def booked(session, parcels, departure):
    """A booking on a departure that these parcels of one exporter fill."""
    first = parcels[0]
    ends = [session.get_one(Location, one) for one in (first.origin_id, first.destination_id)]
    quote = make_quote(session, session.get_one(Party, first.exporter_id), *ends)
    line = LINE | {"count": len(parcels), "weight_g": max(one.weight_g for one in parcels)}
    booking = make_booking(session, make_offer(session, [departure], quote), lines=(line,))
    waybill = session.query(Consignment).filter_by(booking_id=booking.id).one()
    for parcel in parcels:
        parcel.booking_line_id, parcel.consignment_id = booking.lines[0].id, waybill.id
        parcel.tracking_number = parcel.tracking_number or tracking_number()
    booking.lines[0].filled = len(parcels)
    session.flush()
    return booking


def balances(session, warehouse) -> dict[str, int]:
    """Pieces by code of the place, of all lots together; what is empty is left out."""
    found: dict[str, int] = {}
    rows = session.query(StockPlace.code, StockBalance.on_hand).join(
        StockBalance, StockBalance.place_id == StockPlace.id
    )
    for code, pieces in rows.filter(StockPlace.warehouse_id == warehouse.id):
        found[code] = found.get(code, 0) + pieces
    return {code: pieces for code, pieces in found.items() if pieces}
