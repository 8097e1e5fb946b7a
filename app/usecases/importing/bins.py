"""Zones and bins of warehouses, a row for each bin."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exchange.cells import Choice, Code, Flag, Number, Reference, Text
from app.exchange.rows import Column, Row
from app.models import Location, StockPlace, Warehouse, Zone
from app.usecases.importing.kinds import Kind, Run, table_writer
from app.usecases.importing.lookups import Lookups
from app.usecases.importing.tables import refuse_duplicates, resolve_references
from app.usecases.warehousing.layout import places_of
from warehouses.bins import CODE
from warehouses.stock import CUSTOMS_STATES

ZONE = {"zone_name": "name", "customs_status": "customs_status", "zone_walk_seq": "walk_seq"}
"""Column → what it says of the zone."""
BIN = ("walk_seq", "max_g", "max_cm3", "blocked")
COLUMNS = (
    Column("warehouse", Reference(24, what="warehouse"), "code of the warehouse", required=True, field="warehouse_id"),
    Column("zone", Code(16, r"[A-Z0-9][A-Z0-9._-]*", "A"), "code of the zone; made if it is not there", required=True),
    Column("code", Code(24, CODE, "A-01-2"), "what the label of the bin says, unique in the warehouse", required=True),
    Column("walk_seq", Number(highest=1_000_000), "bins of a zone are walked in this order", default=0),
    Column("max_weight_kg", Number(1000, highest=1_000_000, positive=True), "most that may lie in it, in kg; empty: "
           "not limited", field="max_g"),
    Column("max_volume_m3", Number(10**6, highest=1000, positive=True), "most that may lie in it, in m³; empty: not "
           "limited", field="max_cm3"),
    Column("blocked", Flag(), "true: nothing is put there any more", default=False),
    Column("zone_name", Text(80), "name of the zone, the same in all of its rows", default=""),
    Column("customs_status", Choice(CUSTOMS_STATES), "stock that lies in the zone: free, bonded or supervised",
           default="free"),
    Column("zone_walk_seq", Number(highest=1_000_000), "zones are walked in this order", default=0),
)  # fmt: skip
ZoneKey = tuple[int, str]


def own_warehouses(run: Run, rows: list[Row]) -> None:
    """The staff of a warehouse bring in rows of their own alone; others are as unknown to them."""
    if run.actor.role != "warehouse":
        return
    for row in run.good(rows):
        if row.values["warehouse_id"] != run.actor.warehouse_id:
            run.refuse(
                row, "unknown_warehouse", "this is not your warehouse", "leave the row out", "warehouse"
            )


def save(run: Run, given: Sequence[Column], rows: list[Row]) -> None:
    """Check the bins of one batch, and make or change what is good."""
    resolve_references(run, COLUMNS, rows)
    own_warehouses(run, rows)
    refuse_duplicates(run, ("warehouse_id", "code"), run.good(rows))
    named = {column.to for column in given}
    zones = _zones(run, run.good(rows), named)
    stored = _bins(run, run.good(rows))
    for row in run.good(rows):
        _check_bin(run, row, stored.get(_key(row)), named)
    if run.saving:
        _write(run, named, zones, stored, run.good(rows))


def _key(row: Row) -> tuple[int, str]:
    return row.values["warehouse_id"], row.values["code"]


def _zones(run: Run, rows: list[Row], named: set[str]) -> dict[ZoneKey, Zone]:
    """The zones that are there, as the rows want them; what contradicts itself is refused."""
    ids = {row.values["warehouse_id"] for row in rows}
    query = select(Zone).where(Zone.warehouse_id.in_(ids))
    stored = {(one.warehouse_id, one.code): one for one in run.session.scalars(query)}
    bonded = set(run.session.scalars(select(Warehouse.id).where(Warehouse.id.in_(ids), Warehouse.bonded)))
    first: dict[ZoneKey, Row] = {}
    for row in rows:
        key = (row.values["warehouse_id"], row.values["zone"])
        other = first.setdefault(key, row)
        zone = stored.get(key)
        if any(row.values[name] != other.values[name] for name in ZONE):
            run.refuse(
                row, "zone_differs", f"row {other.number} says something else of the zone {key[1]}",
                "say the same of a zone in all of its rows", "zone",
            )  # fmt: skip
        elif row.values["customs_status"] == "bonded" and key[0] not in bonded:
            run.refuse(
                row,
                "not_bonded",
                "the warehouse is not bonded",
                "register it as bonded first",
                "customs_status",
            )
        elif zone and "customs_status" in named and zone.customs_status != row.values["customs_status"]:
            run.refuse(
                row, "zone_customs", f"the zone is for {zone.customs_status} stock", "make another zone",
                "customs_status",
            )  # fmt: skip
    return stored


def _bins(run: Run, rows: list[Row]) -> dict[tuple[int, str], StockPlace]:
    query = select(StockPlace).where(
        StockPlace.warehouse_id.in_({row.values["warehouse_id"] for row in rows}),
        StockPlace.code.in_({row.values["code"] for row in rows}),
    )
    return {(one.warehouse_id, one.code): one for one in run.session.scalars(query)}


def _check_bin(run: Run, row: Row, place: StockPlace | None, named: set[str]) -> None:
    if place is None:
        return
    zone = run.session.get(Zone, place.zone_id) if place.zone_id else None
    if zone is None or zone.code != row.values["zone"]:
        where = f"in the zone {zone.code}" if zone else f"for {place.kind}"
        run.refuse(
            row, "bin_elsewhere", f"{place.code} is {where}", "keep its zone, or give a new code", "zone"
        )
        return
    for limit, used in (("max_g", place.used_g), ("max_cm3", place.used_cm3)):
        most = row.values[limit]
        if limit in named and most is not None and most < used:
            column = "max_weight_kg" if limit == "max_g" else "max_volume_m3"
            run.refuse(row, "limit_below_stock", "more than that lies there", "a higher limit", column)


def _write(
    run: Run,
    named: set[str],
    zones: dict[ZoneKey, Zone],
    stored: dict[tuple[int, str], StockPlace],
    rows: list[Row],
) -> None:
    for row in rows:
        key = (row.values["warehouse_id"], row.values["zone"])
        facts = {field: row.values[name] for name, field in ZONE.items()}
        if key not in zones:
            zones[key] = Zone(warehouse_id=key[0], code=key[1], **facts)
            run.session.add(zones[key])
            continue
        for name, field in ZONE.items():
            if name in named and getattr(zones[key], field) != row.values[name]:
                setattr(zones[key], field, row.values[name])
    run.session.flush()
    for warehouse_id in {row.values["warehouse_id"] for row in rows}:
        places_of(run.session, warehouse_id)
    for row in rows:
        _write_bin(
            run, named, zones[row.values["warehouse_id"], row.values["zone"]], stored.get(_key(row)), row
        )
    run.session.flush()


def _write_bin(run: Run, named: set[str], zone: Zone, place: StockPlace | None, row: Row) -> None:
    if place is None:
        facts = {name: row.values[name] for name in ("warehouse_id", "code", *BIN)}
        run.session.add(StockPlace(zone_id=zone.id, kind="bin", **facts))
        run.added += 1
        return
    changed = [name for name in BIN if name in named and getattr(place, name) != row.values[name]]
    for name in changed:
        setattr(place, name, row.values[name])
    run.updated += bool(changed)
    run.unchanged += not changed


def _dump(session: Session, _lookups: Lookups) -> Iterator[dict[str, Any]]:
    query = (
        select(StockPlace, Zone, Location.code)
        .join(Zone, Zone.id == StockPlace.zone_id)
        .join(Warehouse, Warehouse.id == StockPlace.warehouse_id)
        .join(Location, Location.id == Warehouse.location_id)
        .order_by(Location.code, Zone.walk_seq, Zone.code, StockPlace.walk_seq, StockPlace.code)
    )
    for place, zone, warehouse in session.execute(query.execution_options(yield_per=1000)):
        facts = {name: getattr(place, name) for name in ("code", *BIN)}
        facts |= {name: getattr(zone, field) for name, field in ZONE.items()}
        yield facts | {"warehouse_id": warehouse, "zone": zone.code}


BINS = Kind(
    "bins",
    "Zones and bins of warehouses",
    COLUMNS,
    save,
    table_writer("bins", COLUMNS, _dump),
    roles=("operator", "warehouse"),
)
