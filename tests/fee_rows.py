"""Price lists and days of work in a warehouse, for tests of what is charged."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.ids import new_id
from app.models import (
    Asn,
    AsnLine,
    OutboundOrder,
    OutboundPackage,
    StockPosting,
    WarehouseFee,
    WorkOrder,
    WorkOrderLine,
)
from app.usecases.warehousing.ledger import post
from tests.stock_rows import House
from warehouses.stock import NEVER, Move

BERLIN = ZoneInfo("Europe/Berlin")
PRICES = (
    ("storage", "m3_day", 0, 31, 0),
    ("storage", "m3_day", 31, 61, 500_000),
    ("storage", "m3_day", 61, None, 1_000_000),
    ("receive_unit", "unit", 0, None, 50_000),
    ("receive_carton", "carton", 0, None, 1_250_000),
    ("receive_container_40", "container", 0, None, 450_000_000),
    ("pick", "unit", 0, None, 100_000),
    ("outbound_order", "order", 0, None, 800_000),
    ("outbound_weight", "weight_band", 0, 2000, 600_000),
    ("outbound_weight", "weight_band", 2000, 30_000, 1_800_000),
    ("return_weight", "weight_band", 0, 2000, 300_000),
    ("work_relabel", "unit", 0, None, 350_000),
)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant on the clock of the house."""
    return datetime.combine(day, time(hour, minute), BERLIN)


def priced(session: Session, house: House, prices=PRICES, **more) -> None:
    """The warehouse charges by these rows: code, basis, band from, band to, micros."""
    facts = {"currency": "EUR", "effective_from": date(2024, 1, 1), "warehouse_id": house.warehouse.id} | more
    for code, basis, start, end, micros in prices:
        session.add(
            WarehouseFee(
                code=code,
                basis=basis,
                band_from=start,
                band_to=end,
                price_micros=micros,
                source="test",
                **facts,
            )
        )
    session.flush()


def moved(session: Session, house: House, when: datetime, kind: str, lot: int, source: str, target: str,
          quantity: int, subject: str | None = None) -> StockPosting:  # fmt: skip
    """Post one move at an instant."""
    move = Move(lot, house.places[source].id, house.places[target].id, quantity)
    return post(session, house.actor, when, house.warehouse.id, kind, [move], subject=subject)


def an_asn(session: Session, house: House, closed_at: datetime, cartons: int, **more) -> Asn:
    """Announced goods whose receiving was ended."""
    asn = Asn(
        public_id=new_id("asn"), warehouse_id=house.warehouse.id, owner_id=house.owner.id, reference=new_id("ref"),
        status="received", expected_on=closed_at.date(), closed_at=closed_at, created_at=closed_at,
        created_by="test", **more,
    )  # fmt: skip
    line = AsnLine(
        seq=1, sku_id=house.skus["SKU-1"].id, expires_on=NEVER, expected=10, cartons=cartons,
        cartons_received=cartons,
    )  # fmt: skip
    asn.lines.append(line)
    session.add(asn)
    session.flush()
    return asn


def an_order(session: Session, house: House, weights_g: list[int]) -> OutboundOrder:
    """An order packed into boxes of these weights."""
    order = OutboundOrder(
        public_id=new_id("ord"), warehouse_id=house.warehouse.id, owner_id=house.owner.id, reference=new_id("ref"),
        status="packed", consignee={}, ship_by=at(date(2026, 12, 1), 12), created_at=at(date(2026, 11, 1), 12),
        created_by="test",
    )  # fmt: skip
    for seq, weight in enumerate(weights_g, 1):
        order.packages.append(
            OutboundPackage(
                seq=seq,
                weight_g=weight,
                length_mm=100,
                width_mm=100,
                height_mm=100,
                expected_g=weight,
                expected_cm3=1000,
                tracking_number=new_id("trk"),
                packed_at=order.created_at,
                packed_by="test",
            )
        )
    session.add(order)
    session.flush()
    return order


def a_work_order(session: Session, house: House, kind: str) -> WorkOrder:
    """Value-added work."""
    order = WorkOrder(
        public_id=new_id("vas"), warehouse_id=house.warehouse.id, owner_id=house.owner.id, reference=new_id("ref"),
        kind=kind, created_at=at(date(2026, 11, 1), 12), created_by="test",
    )  # fmt: skip
    order.lines.append(WorkOrderLine(seq=1, role="produce", sku_id=house.skus["SKU-1"].id, quantity=1))
    session.add(order)
    session.flush()
    return order


def day_after(day: date) -> datetime:
    """When the night's work begins."""
    return at(day + timedelta(days=1), 1)
