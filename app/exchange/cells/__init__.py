"""The types of cells: text of a cell → value and back. What they refuse carries a code and a remedy.

`read` takes the text of a non-empty cell; `write` gives text that `read` takes back to the same value.
Values in files are in the unit the column names; values in memory are integers in the small unit.
"""

from app.exchange.cells.base import Cell
from app.exchange.cells.moments import Date, Instant, LocalTime
from app.exchange.cells.numbers import Amount, Number, decimal, from_minor, in_units, plain, to_minor
from app.exchange.cells.standards import (
    Country,
    Currency,
    Cutoffs,
    CutoffsOfCalls,
    TimeZone,
    Weekdays,
    countries,
)
from app.exchange.cells.text import Choice, Code, Flag, ListOf, Reference, Text, escape, unescape

__all__ = [
    "Amount",
    "Cell",
    "Choice",
    "Code",
    "Country",
    "Currency",
    "Cutoffs",
    "CutoffsOfCalls",
    "Date",
    "Flag",
    "Instant",
    "ListOf",
    "LocalTime",
    "Number",
    "Reference",
    "Text",
    "TimeZone",
    "Weekdays",
    "countries",
    "decimal",
    "escape",
    "from_minor",
    "in_units",
    "plain",
    "to_minor",
    "unescape",
]
