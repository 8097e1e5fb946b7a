"""Opening balances: what lies where on the day a warehouse begins to keep its stock here."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from app.exchange.cells import Choice, Code, Date, Number, Reference
from app.exchange.rows import Column, Row
from app.models import (
    Location,
    Party,
    Sku,
    StockBalance,
    StockLot,
    StockMove,
    StockPlace,
    StockPosting,
    Warehouse,
    Zone,
)
from app.usecases.importing.bins import own_warehouses
from app.usecases.importing.kinds import Kind, Run, table_writer
from app.usecases.importing.lookups import Lookups
from app.usecases.importing.tables import refuse_duplicates, resolve_references
from app.usecases.warehousing.layout import places_of
from app.usecases.warehousing.ledger import post
from app.usecases.warehousing.lots import LotKey, lots_of
from warehouses.stock import CONDITIONS, CUSTOMS_STATES, IN_HOUSE, NEVER, Move, may_lie

COLUMNS = (
    Column("warehouse", Reference(24, what="warehouse"), "code of the warehouse", required=True, field="warehouse_id"),
    Column("exporter", Reference(40, what="exporter"), "reference of the exporter", required=True, field="owner_id"),
    Column("sku", Code(64, example="MUG-350"), "the exporter's code of the article", required=True),
    Column("place", Code(24, example="A-01"), "code of the bin, or receiving, staging, returns", required=True),
    Column("quantity", Number(highest=10_000_000, positive=True), "pieces", required=True),
    Column("condition", Choice(CONDITIONS), "A as new, B repack, C damaged, D scrap", default="A"),
    Column("customs_status", Choice(CUSTOMS_STATES), "free, bonded or supervised", default="free"),
    Column("batch", Code(40, example="L2026-07"), "batch of the maker", default=""),
    Column("expires_on", Date(), "last day it is good; empty: it keeps", default=NEVER),
    Column("received_on", Date(), "day it came, from which its age is counted", required=True),
)  # fmt: skip
KEY = (
    "warehouse_id", "owner_id", "sku", "place", "condition", "customs_status", "batch", "expires_on", "received_on",
)  # fmt: skip
LOT = ("batch", "expires_on", "condition", "customs_status", "received_on")
Spot = tuple[LotKey, int]


def save(run: Run, _given: Sequence[Column], rows: list[Row]) -> None:
    """Check the rows of one batch, and post what is not there yet as one opening balance for each warehouse."""
    resolve_references(run, COLUMNS, rows)
    own_warehouses(run, rows)
    refuse_duplicates(run, KEY, run.good(rows))
    skus, places = _skus(run, run.good(rows)), _places(run, run.good(rows))
    for row in run.good(rows):
        _check(run, row, skus, places)
    good = run.good(rows)
    spots = {
        row.number: (
            _lot(row, skus[row.values["owner_id"], row.values["sku"]]),
            places[row.values["warehouse_id"], row.values["place"]].id,
        )
        for row in good
    }
    new = _not_there(run, good, spots)
    _check_room(
        run, new, spots, {one.id: one for one in places.values()}, {one.id: one for one in skus.values()}
    )
    if run.saving:
        _post(run, [row for row in new if row.number not in run.log.rows], spots)


def _skus(run: Run, rows: list[Row]) -> dict[tuple[int, str], Sku]:
    query = select(Sku).where(
        Sku.owner_id.in_({row.values["owner_id"] for row in rows}),
        Sku.code.in_({row.values["sku"] for row in rows}),
    )
    return {(one.owner_id, one.code): one for one in run.session.scalars(query)}


def _places(run: Run, rows: list[Row]) -> dict[tuple[int, str], StockPlace]:
    query = select(StockPlace).where(
        StockPlace.warehouse_id.in_({row.values["warehouse_id"] for row in rows}),
        StockPlace.code.in_({row.values["place"] for row in rows}),
        StockPlace.kind.in_(IN_HOUSE),
    )
    return {(one.warehouse_id, one.code): one for one in run.session.scalars(query)}


def _check(
    run: Run, row: Row, skus: dict[tuple[int, str], Sku], places: dict[tuple[int, str], StockPlace]
) -> None:
    values = row.values
    if (values["owner_id"], values["sku"]) not in skus:
        run.refuse(
            row, "unknown_sku", f"this exporter has no SKU {values['sku']!r}", "import the SKU first", "sku"
        )
    place = places.get((values["warehouse_id"], values["place"]))
    if place is None:
        run.refuse(
            row,
            "unknown_place",
            f"the warehouse has no place {values['place']!r}",
            "import the bin first",
            "place",
        )
        return
    zone = run.session.get(Zone, place.zone_id) if place.zone_id else None
    if place.blocked:
        run.refuse(row, "bin_blocked", f"{place.code} is blocked", "another bin", "place")
    elif not may_lie(place.kind, zone.customs_status if zone else None, values["customs_status"]):
        area = zone.customs_status if zone else ""
        run.refuse(row, "wrong_area", f"{place.code} is for {area} stock", "another bin", "place")
    if values["received_on"] > run.now.date():
        run.refuse(row, "in_the_future", "it cannot have come yet", "the day it came", "received_on")


def _lot(row: Row, sku: Sku) -> LotKey:
    return LotKey(sku.owner_id, sku.id, **{name: row.values[name] for name in LOT})


def _not_there(run: Run, rows: list[Row], spots: dict[int, Spot]) -> list[Row]:
    """The rows to be posted: what lies there already, or was brought in as the row says, is left alone."""
    lots = lots_of(run.session, {spots[row.number][0] for row in rows}, make=False)
    pairs = {(lots[lot], place) for lot, place in (spots[row.number] for row in rows) if lot in lots}
    on_hand, brought = _on_hand(run.session, pairs), _brought(run.session, pairs)
    new = []
    for row in rows:
        lot, place = spots[row.number]
        pair = (lots.get(lot, 0), place)
        wanted, there = row.values["quantity"], on_hand.get(pair, 0)
        if wanted in (there, brought.get(pair)):
            run.unchanged += 1
        elif there or pair in brought:
            run.refuse(
                row, "stock_differs", f"{there} pieces of this lot lie there",
                "an opening balance is for what is not there; count the bin instead", "quantity",
            )  # fmt: skip
        else:
            new.append(row)
    return new


def _on_hand(session: Session, pairs: set[tuple[int, int]]) -> dict[tuple[int, int], int]:
    query = select(StockBalance.lot_id, StockBalance.place_id, StockBalance.on_hand).where(
        tuple_(StockBalance.lot_id, StockBalance.place_id).in_(pairs)
    )
    return {(lot, place): on_hand for lot, place, on_hand in session.execute(query)} if pairs else {}


def _brought(session: Session, pairs: set[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """What opening balances brought to lots and places, wherever it went since."""
    query = (
        select(StockMove.lot_id, StockMove.to_id, func.sum(StockMove.quantity))
        .join(StockPosting, StockPosting.id == StockMove.posting_id)
        .where(tuple_(StockMove.lot_id, StockMove.to_id).in_(pairs), StockPosting.kind == "import")
        .group_by(StockMove.lot_id, StockMove.to_id)
    )
    return {(lot, place): int(total) for lot, place, total in session.execute(query)} if pairs else {}


def _check_room(
    run: Run, rows: list[Row], spots: dict[int, Spot], places: dict[int, StockPlace], skus: dict[int, Sku]
) -> None:
    """Name the row with which a bin would be over its limit, counting those before it."""
    used = {key: [one.used_g, one.used_cm3] for key, one in places.items()}
    for row in rows:
        lot, place_id = spots[row.number]
        place, sku, sums = places[place_id], skus[lot.sku_id], used[place_id]
        more = (row.values["quantity"] * sku.weight_g, row.values["quantity"] * sku.volume_cm3)
        limits = (place.max_g, place.max_cm3)
        if any(
            limit is not None and was + extra > limit
            for was, extra, limit in zip(sums, more, limits, strict=True)
        ):
            run.refuse(
                row,
                "bin_full",
                f"{place.code} does not take that much",
                "another bin, or fewer pieces",
                "place",
            )
            continue
        sums[0] += more[0]
        sums[1] += more[1]


def _post(run: Run, rows: list[Row], spots: dict[int, Spot]) -> None:
    lots = lots_of(run.session, {spots[row.number][0] for row in rows})
    by_warehouse: dict[int, list[Row]] = {}
    for row in rows:
        by_warehouse.setdefault(row.values["warehouse_id"], []).append(row)
    for warehouse_id, group in sorted(by_warehouse.items()):
        supplier = places_of(run.session, warehouse_id)["supplier"].id
        moves = []
        for row in group:
            lot, place = spots[row.number]
            moves.append(Move(lots[lot], supplier, place, row.values["quantity"]))
        post(run.session, run.actor, run.now, warehouse_id, "import", moves)
        run.added += len(group)
    run.session.expire_all()


def _dump(session: Session, _lookups: Lookups) -> Iterator[dict[str, Any]]:
    columns = [getattr(StockLot, name) for name in LOT]
    query = (
        select(Location.code, Party.reference, Sku.code, StockPlace.code, StockBalance.on_hand, *columns)
        .select_from(StockBalance)
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .join(Sku, Sku.id == StockLot.sku_id)
        .join(Party, Party.id == Sku.owner_id)
        .join(StockPlace, StockPlace.id == StockBalance.place_id)
        .join(Warehouse, Warehouse.id == StockPlace.warehouse_id)
        .join(Location, Location.id == Warehouse.location_id)
        .where(StockBalance.here, StockPlace.kind.in_(IN_HOUSE))
        .order_by(Location.code, StockPlace.code, Party.reference, Sku.code, StockLot.id)
    )
    names = ("warehouse_id", "owner_id", "sku", "place", "quantity", *LOT)
    for row in session.execute(query.execution_options(yield_per=1000)):
        values = dict(zip(names, row, strict=True))
        yield values | {"expires_on": None if values["expires_on"] == NEVER else values["expires_on"]}


STOCK = Kind(
    "stock",
    "Opening balances of stock: what lies where in the warehouses",
    COLUMNS,
    save,
    table_writer("stock", COLUMNS, _dump),
    roles=("operator", "warehouse"),
)
