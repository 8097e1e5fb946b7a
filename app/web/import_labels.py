"""The words of imports: what is wrong with a cell, by its code, and what a column of the pool's files says."""

from collections.abc import Callable

from app.web.labels import Words
from app.web.languages import lazy as _l

FAULTS: Words = {
    "required": _l("The cell is empty"),
    "formula": _l("A spreadsheet would run this text"),
    "ragged_row": _l("More or fewer cells than columns"),
    "control_character": _l("A line break or control character"),
    "too_long": _l("Too long"),
    "not_a_number": _l("Not a plain number"),
    "too_many_decimals": _l("Finer than the unit allows"),
    "not_positive": _l("Must be above 0"),
    "out_of_range": _l("Beyond what is possible"),
    "not_a_date": _l("Not a date such as 2026-12-31"),
    "not_a_time": _l("Not a time such as 08:30"),
    "not_an_instant": _l("Not an instant such as 2026-12-31T08:30+08:00"),
    "naive_time": _l("An instant without its offset, such as +08:00"),
    "not_a_flag": _l("Neither true nor false"),
    "unknown_choice": _l("Not one of the words of this column"),
    "bad_code": _l("Not written as a code of this kind"),
    "unknown_country": _l("No such country"),
    "unknown_currency": _l("No such currency"),
    "unknown_time_zone": _l("No such time zone"),
    "unknown_goods_class": _l("No such class of goods"),
    "unknown_location": _l("No place has this code"),
    "unknown_service": _l("No service has this code"),
    "unknown_unit_type": _l("No type of unit has this code"),
    "unknown_tariff": _l("No tariff has this code"),
    "unknown_exporter": _l("No exporter has this code"),
    "unknown_carrier": _l("No carrier has this code"),
    "unknown_warehouse": _l("No warehouse of yours has this code"),
    "unknown_sku": _l("The exporter has no such article"),
    "unknown_place": _l("The warehouse has no such bin"),
    "duplicate_reference": _l("Stands twice, or is stored with other values"),
    "database_refused": _l("A rule of the database refuses it"),
    "deliver_by_before_ready": _l("The deadline is not after it is ready"),
    "deadline_missing": _l("A firm deadline without its time"),
    "same_place": _l("Origin and destination are the same"),
    "dimension_missing": _l("One or two of three dimensions"),
    "volume_missing": _l("Neither dimensions nor volume"),
    "not_a_return": _l("No return in a file of returns"),
    "order_rows_differ": _l("Rows of one order contradict each other"),
    "asn_rows_differ": _l("Rows of one announcement contradict each other"),
    "ends_before_it_begins": _l("The end is not after the beginning"),
}
COLUMNS: Words = {
    "the exporter's own reference, unique for them": _l("the exporter's own reference, unique for them"),
    "reference of the exporter": _l("reference of the exporter"),
    "one of export, return, stock_transfer": _l("one of export, return, stock_transfer"),
    "code of the location where it is": _l("code of the location where it is"),
    "code of the location where it goes": _l("code of the location where it goes"),
    "gross weight in kg, to the gram": _l("gross weight in kg, to the gram"),
    "outer length in cm, to the millimetre": _l("outer length in cm, to the millimetre"),
    "outer width in cm": _l("outer width in cm"),
    "outer height in cm": _l("outer height in cm"),
    "volume in m³, where there are no dimensions": _l("volume in m³, where there are no dimensions"),
    "goods class, batteries included": _l("goods class, batteries included"),
    "HS code, as far as it is known": _l("HS code, as far as it is known"),
    "value of the goods": _l("value of the goods"),
    "currency of the value": _l("currency of the value"),
    "when it is ready, with its offset from UTC": _l("when it is ready, with its offset from UTC"),
    "when it must be there, with its offset": _l("when it must be there, with its offset"),
    "true: better not at all than late": _l("true: better not at all than late"),
    "export supervision mode: 0110, 1210, 9610, 9710, 9810": _l(
        "export supervision mode: 0110, 1210, 9610, 9710, 9810"
    ),
    "A as new, B repack, C damaged, D scrap": _l("A as new, B repack, C damaged, D scrap"),
    "day it was exported, from which duty relief runs": _l(
        "day it was exported, from which duty relief runs"
    ),
}
"""What the columns of parcels and returns hold, by what the kind of file says of them in English."""


def fault_word(code: str) -> str:
    """What is wrong, in short; the code itself where no words are known."""
    return str(FAULTS.get(code, code))


def column_doc(doc: str) -> str:
    """What a column holds, in the reader's language as far as there are words."""
    return str(COLUMNS.get(doc, doc))


FILTERS: dict[str, Callable[..., str]] = {"fault_word": fault_word, "column_doc": column_doc}
