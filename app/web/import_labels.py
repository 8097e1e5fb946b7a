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
    "aircraft_without_air": _l("An aircraft, but not by air"),
    "ambiguous_local_time": _l("The clock shows this time twice that day"),
    "ambiguous_location": _l("Several places have this code"),
    "arrival_before_departure": _l("Arrives before it left"),
    "bad_call": _l("Not written as a call"),
    "bad_cutoff": _l("Not written as a cut-off, such as FCO=48h"),
    "bad_weekdays": _l("Not a list of weekdays, such as 135"),
    "band_empty": _l("The end of a band is not above its beginning"),
    "barcode_taken": _l("Another article has this barcode"),
    "bin_blocked": _l("The bin is blocked"),
    "bin_full": _l("It does not fit the bin"),
    "calls_incomplete": _l("A call or one of its times is missing"),
    "cutoff_after_departure": _l("A cut-off after the departure it belongs to"),
    "cutoff_past": _l("A cut-off that would lie in the past"),
    "dangerous_after_general": _l("Dangerous goods would close later than all others"),
    "general_before_dangerous": _l("All goods would close before dangerous ones"),
    "opens_after_closing": _l("It would open after it closes"),
    "closes_before_opening": _l("It would close before it opens"),
    "goods_would_miss": _l("Booked goods would come too late for it"),
    "too_many_cutoffs": _l("Cut-offs of more calls than there are"),
    "unknown_cutoff": _l("No such code of a cut-off"),
    "departure_before_arrival": _l("Left before it is reached"),
    "in_the_future": _l("A day or time that has not come"),
    "legs_differ": _l("The legs contradict each other"),
    "nonexistent_local_time": _l("The clock skips this time that day"),
    "not_bonded": _l("A bonded zone in a warehouse that is not"),
    "route_changed": _l("Stored with other calls"),
    "same_currency": _l("Both currencies are the same"),
    "service_on_demand": _l("A service on demand has no departures"),
    "service_or_channel": _l("Give a service or a channel, not both"),
    "stock_differs": _l("Other pieces of this lot lie there already"),
    "tariff_rows_differ": _l("Rows of one tariff contradict each other"),
    "times_of_on_demand": _l("Times, but the service leaves when asked"),
    "transit_of_on_demand": _l("A transit time belongs to services on demand, and only there"),
    "unknown_segment": _l("The service has no such segment"),
    "weekdays_of_dated": _l("Weekdays belong to services with a timetable, and only there"),
    "release_without_exporter": _l("A release, but nobody's block"),
    "zone_differs": _l("Rows of one zone contradict each other"),
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
