"""Replenishment: how long stock lasts in a warehouse, and parcels for the order pool so that it does not run out."""

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid
from app.exchange.csv_file import write_csv
from app.models import (
    Asn,
    AsnLine,
    Location,
    OutboundLine,
    OutboundOrder,
    Parcel,
    Party,
    Sku,
    StockBalance,
    StockLot,
    StockPlace,
    Warehouse,
)
from app.usecases.importing import import_file
from app.usecases.warehousing.access import refuse_practice
from app.usecases.warehousing.asns import (
    AnnouncedLine,
    Announcement,
    create_asn,
    fault,
    find_asn,
    owners_sku,
    refuse,
)
from app.usecases.warehousing.lead_times import CHEAPEST, FASTEST, LeadTime, lead_time, usual_origin
from app.usecases.warehousing.named import named_owner, named_warehouse
from trade.money import Money
from trade.numbers import format_scaled
from warehouses.inbound import ON_THE_WAY
from warehouses.replenishment import URGENT, USUAL, Advice, Carton, Policy, Position, advise, cartons
from warehouses.stock import NEVER

GONE = ("handed_over", "delivering", "delivered")
"""States of orders that were sold."""
SELLABLE = ("bin", "receiving")
MOST_PARCELS = 2000
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Advised:
    """What follows for one SKU, and by which way it is reckoned (`cheapest`, or `fastest` where that is too slow)."""

    sku: Sku
    owner: str
    """Reference of the exporter."""
    position: Position
    advice: Advice
    way: str


@dataclass(frozen=True, slots=True)
class Sending:
    """So many pieces of a SKU that are to be sent."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What was made: a draft of the ASN, and parcels (public ids) that wait in the order pool."""

    asn: Asn
    parcels: list[str]
    added: bool


def advise_skus(
    session: Session, now: datetime, warehouse: Warehouse, skus: Sequence[tuple[Sku, str]], lead: LeadTime,
    policy: Policy,
) -> list[Advised]:  # fmt: skip
    """What to send of each SKU (with its owner's reference), in the order given."""
    today = now.date()
    positions = _positions(session, now, warehouse.id, [sku.id for sku, _ in skus], policy)
    found = []
    for sku, owner in skus:
        position = positions.get(sku.id, Position(0, 0, 0, 0))
        advice, way = advise(position, policy, lead.cheapest.days, today), CHEAPEST
        if advice.state == URGENT and lead.fastest.days < lead.cheapest.days:
            advice, way = advise(position, policy, lead.fastest.days, today), FASTEST
        found.append(Advised(sku, owner, position, advice, way))
    return found


def send(
    session: Session,
    actor: Actor,
    now: datetime,
    warehouse: str,
    exporter: str | None,
    origin: str | None,
    wanted: Sequence[Sending],
    policy: Policy = USUAL,
) -> Sent:
    """Make parcels for the order pool (stock transfers, customs mode 9810) and a draft of the ASN they are for.

    The same asked again on the same day answers what was made then and adds nothing. Raises Invalid
    (`unknown_warehouse`, `unknown_exporter`, `unknown_origin`, `sku_unknown`, `duplicate_line`, `too_many_parcels`,
    and what the order pool refuses), Conflict where that reference stands for something else.
    """
    refuse_practice(actor)
    house = named_warehouse(session, actor, warehouse)
    owner = named_owner(session, actor, exporter)
    start = _origin(session, owner, house, origin)
    skus = _skus(session, owner, wanted)
    reference = _reference(house, owner, start, wanted, now)
    there = session.scalar(select(Asn.public_id).where(Asn.owner_id == owner.id, Asn.reference == reference))
    if there is not None:
        return Sent(find_asn(session, actor, there), _parcels(session, owner.id, reference), added=False)
    lead = lead_time(session, actor, now, house, start)
    told = advise_skus(session, now, house, [(sku, owner.reference) for sku, _ in skus], lead, policy)
    rows = _rows(reference, owner, start, house, list(zip(skus, told, strict=True)), now)
    lines = [AnnouncedLine(sku.public_id, pieces, count) for (sku, pieces), count in _counted(skus, rows)]
    days = max((lead.fastest if one.way == FASTEST else lead.cheapest).days for one in told)
    asn = create_asn(
        session, actor, now, house.public_id, owner.reference,
        Announcement(reference=reference, lines=lines, expected_on=now.date() + days * DAY),
    )  # fmt: skip
    public_id = asn.public_id
    _put_into_pool(session, actor, now, owner, rows)
    return Sent(find_asn(session, actor, public_id), _parcels(session, owner.id, reference), added=True)


def _origin(session: Session, owner: Party, house: Warehouse, code: str | None) -> Location:
    found = (
        session.scalar(select(Location).where(Location.code == code))
        if code
        else usual_origin(session, owner.id, house)
    )
    if found is None or found.id == house.location_id:
        text = "there is no such origin" if code else "there is no hub goods could leave from"
        place = FieldError("origin", "unknown_origin", text, "give the code of a hub", "$.origin")
        raise Invalid(text, (place,))
    return found


def _skus(session: Session, owner: Party, wanted: Sequence[Sending]) -> list[tuple[Sku, int]]:
    faults: list[FieldError] = []
    found: list[tuple[Sku, int]] = []
    for at, one in enumerate(wanted):
        sku = owners_sku(session, owner.id, one.sku)
        if sku is None:
            text = f"there is no SKU {one.sku!r} of this exporter"
            faults.append(fault(f"lines.{at}.sku", "sku_unknown", text, "use its code, id or barcode"))
        elif any(other.id == sku.id for other, _ in found):
            text = f"{sku.code} stands on another line"
            faults.append(fault(f"lines.{at}.sku", "duplicate_line", text, "write it on one line"))
        else:
            found.append((sku, one.quantity))
    refuse(faults)
    return found


def _reference(
    house: Warehouse, owner: Party, start: Location, wanted: Sequence[Sending], now: datetime
) -> str:
    """The same for the same wish on the same day."""
    asked = sorted((one.sku, one.quantity) for one in wanted)
    digest = hashlib.sha256(repr((house.public_id, owner.public_id, start.code, asked)).encode()).hexdigest()
    return f"RPL-{now:%Y%m%d}-{digest[:8].upper()}"


Row = dict[str, str]


def _rows(
    reference: str,
    owner: Party,
    start: Location,
    house: Warehouse,
    skus: Sequence[tuple[tuple[Sku, int], Advised]],
    now: datetime,
) -> list[Row]:
    """The parcels as rows of the file that fills the order pool."""
    ready = datetime.combine(now.date() + DAY, time(1), UTC)
    boxes = [
        (sku, box, told.advice.runs_out_on)
        for (sku, pieces), told in skus
        for box in cartons(pieces, sku.weight_g, sku.volume_cm3)
    ]
    if len(boxes) > MOST_PARCELS:
        text = f"these are {len(boxes)} parcels; {MOST_PARCELS} at most are made at once"
        place = FieldError("lines", "too_many_parcels", text, "send it in several goes", "$.lines")
        raise Invalid(text, (place,))
    common = {
        "exporter": owner.reference, "direction": "stock_transfer", "origin": start.code,
        "destination": house.location.code, "ready_at": ready.isoformat(), "customs_mode": "9810",
    }  # fmt: skip
    return [
        common | {"reference": f"{reference}-{number:04d}", "sku": sku.code} | _box(sku, box, ready, until)
        for number, (sku, box, until) in enumerate(boxes, 1)
    ]


def _box(sku: Sku, box: Carton, ready: datetime, runs_out_on: date | None) -> Row:
    sides = (sku.length_mm, sku.width_mm, sku.height_mm)
    alone = box.pieces == 1 and all(sides)
    names = ("length_cm", "width_cm", "height_cm")
    size = (
        {name: format_scaled(side or 0, 1) for name, side in zip(names, sides, strict=True)}
        if alone
        else {"volume_m3": format_scaled(box.volume_cm3, 6)}
    )
    due = datetime.combine(runs_out_on, time(12), UTC) if runs_out_on else None
    return size | {
        "weight_kg": format_scaled(box.weight_g, 3),
        "goods_class": sku.goods_class,
        "value": Money(box.pieces * sku.value_minor, sku.currency).format(),
        "currency": sku.currency,
        "deliver_by": due.isoformat() if due and due > ready else "",
    }


def _counted(skus: Sequence[tuple[Sku, int]], rows: Sequence[Row]) -> Iterator[tuple[tuple[Sku, int], int]]:
    for sku, pieces in skus:
        yield (sku, pieces), sum(row["sku"] == sku.code for row in rows)


def _put_into_pool(
    session: Session, actor: Actor, now: datetime, owner: Party, rows: Sequence[Mapping[str, str]]
) -> None:
    names = [
        "reference", "exporter", "direction", "origin", "destination", "weight_kg", "length_cm", "width_cm",
        "height_cm", "volume_m3", "goods_class", "value", "currency", "ready_at", "deliver_by", "customs_mode",
    ]  # fmt: skip
    stream = io.BytesIO()
    write_csv(stream, names, [[row.get(name, "") for name in names] for row in rows])
    whose = owner.id
    result = import_file(
        session, actor, now, "parcels", "replenishment", stream.getvalue(), exporter_id=whose
    )
    if result.errors:
        places = tuple(
            FieldError(error.column, error.code, error.message, error.suggestion, "$.lines")
            for error in result.errors[:20]
        )
        raise Invalid("; ".join(f"{one.field}: {one.message}" for one in places[:5]), places)
    if result.added != len(rows):
        raise Conflict("some of these parcels are in the order pool already; call them off first")


def _parcels(session: Session, owner_id: int, reference: str) -> list[str]:
    query = select(Parcel.public_id).where(
        Parcel.exporter_id == owner_id, Parcel.reference.startswith(f"{reference}-", autoescape=True)
    )
    return list(session.scalars(query.order_by(Parcel.reference)))


def _positions(
    session: Session, now: datetime, warehouse_id: int, sku_ids: Sequence[int], policy: Policy
) -> dict[int, Position]:
    """SKU → where it stands in a warehouse; as-new pieces in bins and in receiving count as free."""
    sums: dict[str, dict[int, Any]] = {
        name: dict(session.execute(query).all())
        for name, query in (
            ("sold", _sold(now, warehouse_id, sku_ids, policy)),
            ("free", _free(warehouse_id, sku_ids)),
            ("coming", _coming(warehouse_id, sku_ids)),
            ("since", _since(warehouse_id, sku_ids)),
        )
    }
    found = {}
    for sku in sku_ids:
        since = sums["since"].get(sku)
        position = Position(
            int(sums["sold"].get(sku) or 0),
            int(sums["free"].get(sku) or 0),
            int(sums["coming"].get(sku) or 0),
            0,
        )
        found[sku] = replace(position, known_days=(now.date() - since).days if since else 0)
    return found


def _sold(now: datetime, warehouse_id: int, sku_ids: Sequence[int], policy: Policy) -> Select[int, int]:
    return (
        select(OutboundLine.sku_id, func.sum(OutboundLine.quantity))
        .join(OutboundOrder, OutboundLine.order_id == OutboundOrder.id)
        .where(OutboundOrder.warehouse_id == warehouse_id, OutboundOrder.status.in_(GONE))
        .where(OutboundOrder.handed_over_at > now - policy.history_days * DAY)
        .where(OutboundLine.sku_id.in_(sku_ids))
        .group_by(OutboundLine.sku_id)
    )


def _free(warehouse_id: int, sku_ids: Sequence[int]) -> Select[int, int]:
    return (
        select(StockLot.sku_id, func.sum(StockBalance.on_hand - StockBalance.reserved))
        .join(StockBalance, StockBalance.lot_id == StockLot.id)
        .join(StockPlace, StockBalance.place_id == StockPlace.id)
        .where(StockPlace.warehouse_id == warehouse_id, StockPlace.kind.in_(SELLABLE))
        .where(StockLot.sku_id.in_(sku_ids), StockLot.condition == "A")
        .group_by(StockLot.sku_id)
    )


def _coming(warehouse_id: int, sku_ids: Sequence[int]) -> Select[int, int]:
    left = AsnLine.expected - AsnLine.received - AsnLine.damaged
    return (
        select(AsnLine.sku_id, func.sum(left))
        .join(Asn, AsnLine.asn_id == Asn.id)
        .where(Asn.warehouse_id == warehouse_id, Asn.status.in_(ON_THE_WAY))
        .where(AsnLine.sku_id.in_(sku_ids), left > 0)
        .group_by(AsnLine.sku_id)
    )


def _since(warehouse_id: int, sku_ids: Sequence[int]) -> Select[int, date]:
    return (
        select(StockLot.sku_id, func.min(StockLot.received_on))
        .join(StockBalance, StockBalance.lot_id == StockLot.id)
        .join(StockPlace, StockBalance.place_id == StockPlace.id)
        .where(StockPlace.warehouse_id == warehouse_id, StockLot.received_on < NEVER)
        .where(StockLot.sku_id.in_(sku_ids))
        .group_by(StockLot.sku_id)
    )
