"""Articles of exporters as they are kept in warehouses."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from app.exchange.cells import Amount, Choice, Code, Country, Number, Reference, Text, from_minor, to_minor
from app.exchange.faults import CellError
from app.exchange.rows import Column, Row
from app.models import Sku, StockBalance, StockLot
from app.usecases.importing.kinds import Run
from app.usecases.importing.pool import set_volume
from app.usecases.importing.tables import Mapping, Values, table_kind
from app.usecases.importing.words import GOODS, currency
from warehouses.stock import ISSUE_RULES

_SIDE = Number(10, highest=2000, positive=True)
SIZE = ("weight_g", "volume_cm3")


def _rule(values: Values, _run: Run) -> Iterator[CellError]:
    try:
        values["value_minor"] = to_minor(values["value_minor"], values["currency"], "value")
    except CellError as fault:
        yield fault
    yield from set_volume(values)


def _unfold(values: Values) -> Values:
    return values | {"value_minor": from_minor(values["value_minor"], values["currency"])}


def _narrow(query: Any, rows: list[Row]) -> Any:  # noqa: ANN401 (a select)
    return query.where(
        Sku.__table__.c.owner_id.in_({row.values["owner_id"] for row in rows}),
        Sku.__table__.c.code.in_({row.values["code"] for row in rows}),
    )


def _check_rows(run: Run, rows: list[Row]) -> None:
    _check_barcodes(run, rows)
    _check_sizes(run, run.good(rows))


def _check_barcodes(run: Run, rows: list[Row]) -> None:
    """A barcode means one article of an exporter."""
    named = {(row.values["owner_id"], row.values["barcode"]): row for row in rows if row.values["barcode"]}
    query = select(Sku.owner_id, Sku.barcode, Sku.code).where(
        Sku.owner_id.in_({owner for owner, _ in named}), Sku.barcode.in_({barcode for _, barcode in named})
    )
    taken = {(owner, barcode): code for owner, barcode, code in run.session.execute(query)}
    for row in rows:
        key = (row.values["owner_id"], row.values["barcode"])
        if not key[1]:
            continue
        other = taken.setdefault(key, row.values["code"])
        if other != row.values["code"]:
            run.refuse(
                row,
                "barcode_taken",
                f"{other} has the barcode {key[1]}",
                "give each article its own",
                "barcode",
            )


def _check_sizes(run: Run, rows: list[Row]) -> None:
    """What lies in bins was counted with the size it had; the page and the API count it anew, a file does not."""
    given = {(row.values["owner_id"], row.values["code"]): row for row in rows}
    query = select(Sku.id, Sku.owner_id, Sku.code, Sku.weight_g, Sku.volume_cm3).where(
        Sku.owner_id.in_({owner for owner, _ in given}), Sku.code.in_({code for _, code in given})
    )
    changed = {
        sku.id: given[sku.owner_id, sku.code]
        for sku in run.session.execute(query)
        if (sku.owner_id, sku.code) in given
        and any(getattr(sku, name) != given[sku.owner_id, sku.code].values[name] for name in SIZE)
    }
    lying = (
        select(StockLot.sku_id)
        .join(StockBalance, StockBalance.lot_id == StockLot.id)
        .where(StockLot.sku_id.in_(changed), StockBalance.here)
    )
    for sku_id in set(run.session.scalars(lying)):
        run.refuse(
            changed[sku_id], "size_of_stock", "it has another size, and pieces of it lie in warehouses",
            "change the size on the page of the article, or over the API", "weight_kg",
        )  # fmt: skip


SKUS = table_kind(
    "skus",
    "Articles of exporters, as they are kept in warehouses",
    (
        Column("code", Code(64, example="MUG-350"), "the exporter's own code, unique for them", required=True),
        Column("exporter", Reference(40, what="exporter"), "reference of the exporter", required=True,
               field="owner_id"),
        Column("name_en", Text(200), "English name", required=True),
        Column("name_zh", Text(200), "Chinese name", default=""),
        Column("barcode", Code(64, example="6901234567892"), "what a scanner reads from one piece"),
        Column("weight_kg", Number(1000, highest=100_000, positive=True), "weight of one piece in kg, to the gram",
               required=True, field="weight_g"),
        Column("length_cm", _SIDE, "outer length of one piece in cm, to the millimetre", field="length_mm"),
        Column("width_cm", _SIDE, "outer width in cm", field="width_mm"),
        Column("height_cm", _SIDE, "outer height in cm", field="height_mm"),
        Column("volume_m3", Number(10**6, highest=1000, positive=True), "volume in m³, where there are no sides",
               field="volume_cm3"),
        Column("goods_class", GOODS, "goods class, batteries included", default="general"),
        Column("hs_code", Code(10, r"[0-9]{4,10}", "691110"), "HS code"),
        Column("origin_country", Country(), "ISO 3166 alpha-2 code of where it was made"),
        Column("value", Amount(), "value of one piece", required=True, field="value_minor"),
        currency("currency of the value"),
        Column("issue_rule", Choice(ISSUE_RULES), "which lots leave first: fifo or fefo", default="fifo"),
    ),
    Mapping(
        Sku,
        ("owner_id", "code"),
        "sku",
        rule=_rule,
        group_rule=_check_rows,
        unfold=_unfold,
        constants=lambda run: {"created_at": run.now},
        narrow=_narrow,
    ),
    roles=("operator", "exporter"),
)  # fmt: skip
