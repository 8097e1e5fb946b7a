"""What stands for graded goods in the order pool: a parcel for each item, with the stock it is made of."""

from datetime import datetime

from geopy.distance import great_circle
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.ids import new_id
from app.models import Location, Parcel, Return, ReturnItem, Warehouse
from app.usecases.returning.finding import lies_in

HOME = "CN"


def stand_for(session: Session, now: datetime, found: Return, item: ReturnItem) -> Parcel:
    """Make the item's parcel, or make it what the item is now; Conflict if it fills a booking."""
    parcel = item.parcel
    if parcel is None or parcel.status != "pending" or parcel.origin_id != _place(item).id:
        parcel = _new(session, now, found, item)
        session.add(parcel)
        item.parcel = parcel
    refuse_booked(item)
    sku, count = item.sku, item.quantity
    parcel.weight_g, parcel.volume_cm3 = sku.weight_g * count, sku.volume_cm3 * count
    if count == 1:
        parcel.length_mm, parcel.width_mm, parcel.height_mm = sku.length_mm, sku.width_mm, sku.height_mm
    else:
        parcel.length_mm = parcel.width_mm = parcel.height_mm = None
    parcel.value_minor, parcel.currency = item.value_minor * count, item.currency
    parcel.grade = item.grade
    parcel.contents = [{"lot_id": item.lot_id, "quantity": count}]
    session.flush()
    return parcel


def refuse_booked(item: ReturnItem) -> None:
    """Conflict where the item's parcel has its space already."""
    if item.parcel is not None and item.parcel.booking_line_id is not None:
        raise Conflict(f"item {item.seq} fills a booking already; take its parcel out of it first")


def leave_pool(item: ReturnItem) -> None:
    """The item goes nowhere: its parcel waits for nothing any more."""
    refuse_booked(item)
    if item.parcel is not None and item.parcel.status == "pending":
        item.parcel.status = "cancelled"


def _place(item: ReturnItem) -> Location:
    return lies_in(item).location


def _new(session: Session, now: datetime, found: Return, item: ReturnItem) -> Parcel:
    origin = _place(item)
    destination = market(session, found) if origin.country == HOME else home_centre(session, origin, item)
    return Parcel(
        public_id=new_id("pcl"), exporter_id=found.exporter_id,
        reference=f"{found.public_id}-{item.seq}-{len(item.history) + 1}", direction="return",
        origin_id=origin.id, destination_id=destination.id if destination else origin.id,
        goods_class=item.sku.goods_class, weight_g=1, volume_cm3=1, value_minor=0, currency=item.currency,
        ready_at=now, hard_deadline=False, customs_mode=found.customs_mode, exported_on=found.exported_on,
        status="pending", return_id=found.id, created_at=now,
    )  # fmt: skip


def home_centre(session: Session, origin: Location, item: ReturnItem) -> Location | None:
    """The returns centre in China nearest to a place that takes the goods; None where there is none."""
    query = (
        select(Location, Warehouse.accepts)
        .join(Warehouse, Warehouse.location_id == Location.id)
        .where(Location.kind == "returns_centre", Location.country == HOME)
    )
    fit = [
        place for place, accepts in session.execute(query) if not accepts or item.sku.goods_class in accepts
    ]
    return min(fit, key=lambda place: (_km(origin, place), place.code), default=None)


def market(session: Session, found: Return) -> Location | None:
    """Where goods that are in China are sold again: where they came back from or first went, else near their sender."""
    if found.warehouse.location.country != HOME:
        return found.warehouse.location
    first = session.scalar(
        select(Location)
        .join(Parcel, Parcel.destination_id == Location.id)
        .where(Parcel.id == found.original_parcel_id, Location.country != HOME)
    )
    return first or session.scalar(
        select(Location)
        .where(Location.kind == "overseas", Location.country == found.sender.get("country_code"))
        .order_by(Location.code)
        .limit(1)
    )


def _km(one: Location, other: Location) -> float:
    return float(great_circle((one.latitude, one.longitude), (other.latitude, other.longitude)).km)
