"""A warehouse with bins, an exporter and SKUs, for tests of the ledger and what is posted to it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from app.actor import Actor, system
from app.ids import new_id
from app.models import Location, Party, Sku, StockPlace, Warehouse
from app.usecases.warehousing.layout import NewBin, add_bins, add_zone, places_of
from app.usecases.warehousing.ledger import post
from app.usecases.warehousing.lots import LotKey, lot_of
from warehouses.stock import NEVER, Move

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
TODAY = NOW.date()


@dataclass
class House:
    """One warehouse: `places` by kind or bin code, `skus` by code."""

    warehouse: Warehouse
    owner: Party
    places: dict[str, StockPlace]
    skus: dict[str, Sku]
    actor: Actor


def a_house(session: Session, code: str = "DEDUI-WHS", owner: str = "acme", skus: int = 2) -> House:
    """A warehouse of three bins (the third takes 20 kg), with one exporter and its SKUs of 1 kg and 2 l each."""
    actor = system("test")
    location = Location(
        public_id=new_id("loc"), code=code, kind="overseas", name_en=code, name_zh=code, country="DE",
        time_zone="Europe/Berlin", latitude=51.4, longitude=6.8,
    )  # fmt: skip
    session.add(location)
    session.flush()
    warehouse = Warehouse(
        public_id=new_id("whs"), location_id=location.id, operator="example", area_m2=1000, free_m2=500,
        daily_parcels=0, data_as_of=TODAY, updated_at=NOW,
    )  # fmt: skip
    party = session.query(Party).filter_by(reference=owner).one_or_none() or Party(
        public_id=new_id("exp"), reference=owner, name=owner.title(), roles=["exporter"], created_at=NOW
    )
    session.add_all([warehouse, party])
    session.flush()
    places = furnish(session, warehouse)
    made = [a_sku(session, party, number) for number in range(1, skus + 1)]
    return House(warehouse, party, places, {one.code: one for one in made}, actor)


def furnish(session: Session, warehouse: Warehouse) -> dict[str, StockPlace]:
    """Three bins in a warehouse (the third takes 20 kg) and the places of the ledger, by bin code or kind."""
    actor = system("test")
    zone = add_zone(session, actor, NOW, warehouse, code="A", name="shelves")
    bins = [NewBin("A-01", 1), NewBin("A-02", 2), NewBin("A-03", 3, max_g=20_000)]
    made = add_bins(session, actor, NOW, zone, bins)
    return places_of(session, warehouse.id) | {one.code: one for one in made}


def a_sku(session: Session, owner: Party, number: int) -> Sku:
    """An exporter's article of 1 kg and 2 l."""
    found = session.query(Sku).filter_by(owner_id=owner.id, code=f"SKU-{number}").one_or_none()
    sku = found or Sku(
        public_id=new_id("sku"), owner_id=owner.id, code=f"SKU-{number}", name_en=f"article {number}",
        barcode=f"400000000000{number}", weight_g=1000, volume_cm3=2000, value_minor=1500, currency="EUR",
        created_at=NOW,
    )  # fmt: skip
    session.add(sku)
    session.flush()
    return sku


def stocked(
    session: Session,
    house: House,
    sku: str,
    quantity: int,
    place: str = "A-01",
    *,
    received_on: date = TODAY,
    expires_on: date = NEVER,
    condition: str = "A",
    batch: str = "",
) -> int:
    """Put so many pieces into a place, out of nowhere but the supplier; return the lot's id."""
    key = LotKey(
        house.owner.id, house.skus[sku].id, batch=batch, expires_on=expires_on, condition=condition,
        received_on=received_on,
    )  # fmt: skip
    lot = lot_of(session, key)
    move = Move(lot.id, house.places["supplier"].id, house.places[place].id, quantity)
    post(session, house.actor, NOW, house.warehouse.id, "import", [move])
    return lot.id
