"""Price lists of warehouses: what storage and work cost, published or agreed with one exporter."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.exchange.cells import Amount, Choice, Date, Number, Reference, from_minor, to_minor
from app.exchange.faults import CellError
from app.exchange.rows import Column, Row
from app.models import WarehouseFee
from app.usecases.importing.kinds import WHOLE_FILE, Run
from app.usecases.importing.tables import Mapping, Values, table_kind
from app.usecases.importing.words import SOURCE, currency, period_rule
from app.usecases.warehousing.fees import fee_row
from trade.errors import TradeError
from trade.money import MICROS
from trade.warehouse_fees import FEE_BASES, FEES, FeeRow, check_fees

KEY = ("warehouse_id", "exporter_id", "code", "basis", "band_from", "effective_from")
List = tuple[int, int | None, str]
"""Warehouse, exporter and fee: the rows that must not contradict each other."""


def _rule(values: Values, run: Run) -> Iterator[CellError]:
    yield from period_rule("effective_from", "effective_to")(values, run)
    start, end = values["band_from"], values["band_to"]
    if end is not None and end <= start:
        yield CellError(
            "band_empty", f"the band ends at {end} and begins at {start}", "a larger band_to", "band_to"
        )
    bases = FEES[values["code"]][1]
    if values["basis"] not in bases:
        yield CellError(
            "fee_basis", f"{values['code']} is not priced by {values['basis']}", " or ".join(bases), "basis"
        )
    try:
        values["minimum_minor"] = to_minor(values["minimum_minor"], values["currency"], "minimum")
    except CellError as fault:
        yield fault


def _unfold(values: Values) -> Values:
    return values | {"minimum_minor": from_minor(values["minimum_minor"], values["currency"])}


def _check_lists(run: Run, rows: list[Row]) -> None:
    """Refuse the rows of a list that would contradict each other on some day, with what is stored already."""
    given: dict[List, list[Row]] = defaultdict(list)
    for row in rows:
        given[_list_of(row.values)].append(row)
    stored: dict[List, list[Any]] = defaultdict(list)
    query = select(WarehouseFee).where(WarehouseFee.warehouse_id.in_({key[0] for key in given}))
    for fee in run.session.scalars(query):
        stored[fee.warehouse_id, fee.exporter_id, fee.code].append(fee)
    for key, group in given.items():
        names = {tuple(row.values[name] for name in KEY) for row in group}
        kept = [fee for fee in stored[key] if tuple(getattr(fee, name) for name in KEY) not in names]
        try:
            check_fees([*map(fee_row, kept), *(_fee(row.values) for row in group)])
        except TradeError as error:
            for row in group:
                run.refuse(row, error.code, error.detail, "make its rows meet on every day", error.field)


def _list_of(values: Values) -> List:
    return values["warehouse_id"], values["exporter_id"], values["code"]


def _fee(values: Values) -> FeeRow:
    return FeeRow(
        values["code"], values["basis"], values["band_from"], values["band_to"], values["price_micros"],
        values["currency"], values["effective_from"], values["effective_to"],
        values["exporter_id"] is not None, values["free_days"], values["minimum_minor"], values["divisor"],
    )  # fmt: skip


WAREHOUSE_FEES = table_kind(
    "warehouse-fees",
    "Price lists of warehouses: storage by age, and work by piece, order, carton, container and weight",
    (
        Column("warehouse_code", Reference(24, what="warehouse"), "code of the warehouse's location", required=True,
               field="warehouse_id"),
        Column("exporter", Reference(40, what="exporter"), "only for this exporter, before the published price",
               field="exporter_id"),
        Column("code", Choice(tuple(FEES)), f"one of {', '.join(FEES)}", required=True),
        Column("basis", Choice(FEE_BASES), f"one of {', '.join(FEE_BASES)}", required=True),
        Column("band_from", Number(highest=10**9), "the price is for this and more: days of age (m3_day), g "
               "(weight_band) or pieces", default=0),
        Column("band_to", Number(highest=10**9), "and for less than this; empty = no end"),
        Column("price", Number(MICROS, highest=10**7), "of one m³ for a day, piece, order, carton or container",
               required=True, field="price_micros"),
        currency("currency of price and minimum"),
        Column("free_days", Number(highest=3650), "days of storage that cost nothing", default=0),
        Column("minimum", Amount(), "the least a month's statement charges for it", default=Decimal(0),
               field="minimum_minor"),
        Column("divisor_cm3_per_kg", Number(1, 1, 100_000), "volumetric divisor of weight bands; empty = gross weight",
               field="divisor"),
        Column("effective_from", Date(), "first day it holds", required=True),
        Column("effective_to", Date(), "first day it no longer holds"),
        SOURCE,
    ),
    Mapping(WarehouseFee, KEY, rule=_rule, group_rule=_check_lists, unfold=_unfold),
    roles=("operator", "finance"),
    batch_rows=WHOLE_FILE,
)  # fmt: skip
