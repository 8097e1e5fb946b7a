"""Words and columns that several kinds share."""

from collections.abc import Iterator
from typing import Any

from app.exchange.cells import Choice, Currency, Date, Text
from app.exchange.faults import CellError
from app.exchange.rows import Column
from app.usecases.importing.kinds import Run
from app.usecases.importing.tables import Rule, Values
from trade.facts import read_rows

GOODS_CLASSES = tuple(dict.fromkeys(row["code"] for row in read_rows("goods.csv")))
"""Every class there ever was; what travels on a date is a matter of screening, not of reading."""
GOODS = Choice(GOODS_CLASSES, "unknown_goods_class")
SOURCE = Column("source", Text(500), "where the fact was published, or `example`", default="")


def currency(doc: str = "ISO 4217 code", **options: Any) -> Column:  # noqa: ANN401 (of Column)
    """The column that names the currency of a row's amounts."""
    return Column("currency", Currency(), doc, required=True, **options)


def valid_columns() -> tuple[Column, Column]:
    """From when to when a row holds."""
    return (
        Column("valid_from", Date(), "first day it holds", required=True),
        Column("valid_to", Date(), "first day it no longer holds"),
    )


def period_rule(start: str, end: str) -> Rule:
    """The day it ends must come after the day it begins."""

    def check(values: Values, _run: Run) -> Iterator[CellError]:
        if values[end] is not None and values[end] <= values[start]:
            yield CellError(
                "ends_before_it_begins",
                f"{end} {values[end]} is not after {start} {values[start]}",
                f"a later {end}",
                end,
            )

    return check
