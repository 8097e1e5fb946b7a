"""The words of announced goods and replenishment: states, conditions, what is not as announced, what is wrong."""

from collections.abc import Callable

from app.errors import FieldError
from app.models import Sku
from app.web import languages, sales_labels
from app.web.labels import Words, word
from app.web.languages import lazy as _l

ASN_STATES: Words = {
    "draft": _l("Draft"),
    "announced": _l("Announced"),
    "in_transit": _l("In transit"),
    "arrived": _l("At the door"),
    "receiving": _l("Being received"),
    "received_partial": _l("Received in part"),
    "received": _l("Received"),
    "putaway_done": _l("Put away"),
    "cancelled": _l("Cancelled"),
}
TONES = {
    "announced": "info", "in_transit": "info", "arrived": "warn", "receiving": "warn", "received_partial": "warn",
    "received": "info", "putaway_done": "good", "cancelled": "bad",
    "urgent": "bad", "soon": "warn", "enough": "good",
    "shortage": "bad", "surplus": "warn", "damage": "bad",
}  # fmt: skip
CONDITIONS: Words = {
    "A": _l("A · as new"),
    "B": _l("B · to repack"),
    "C": _l("C · damaged"),
    "D": _l("D · scrap"),
}
CUSTOMS_STATES: Words = {
    "free": _l("In free circulation"),
    "bonded": _l("Bonded"),
    "supervised": _l("Supervised"),
}
DISCREPANCIES: Words = {"shortage": _l("Short"), "surplus": _l("Surplus"), "damage": _l("Damaged")}
REASONS: Words = {
    "same": _l("the same goods lie there"),
    "empty": _l("nearest empty bin"),
    "room": _l("nearest bin with room"),
    "no_room": _l("no bin has room"),
}
ADVICE: Words = {
    "urgent": _l("Urgent"),
    "soon": _l("Send soon"),
    "enough": _l("Enough"),
    "no_sales": _l("Nothing sold"),
}
BASES: Words = {
    "network": _l("by the timetables and tariffs of today"),
    "quotes": _l("by the quotes of the last 90 days"),
    "assumed": _l("assumed: no way is known"),
}
FAULTS: Words = {
    "sku_unknown": _l("This exporter has no such SKU."),
    "duplicate_line": _l("The same goods stand on another line already."),
    "goods_refused": _l("The warehouse does not take this class of goods."),
    "duplicate_reference": _l("This reference was used before."),
    "booking_unknown": _l("This exporter has no live booking of this number."),
    "other_destination": _l("This booking goes to another warehouse."),
    "not_bonded": _l("The warehouse is not bonded."),
    "date_missing": _l("Say when it is expected, or which booking carries it."),
    "bad_number": _l("A container number is four letters and seven digits."),
    "bad_check_digit": _l("The last digit does not fit the others; look for a mistyped sign."),
    "bin_unknown": _l("There is no such bin here."),
    "not_in_receiving": _l("Not so many of these lie in receiving."),
    "nothing_counted": _l("Nothing was counted on this line."),
    "unknown_warehouse": _l("There is no such warehouse."),
    "unknown_exporter": _l("There is no such exporter."),
    "bad_date": _l("This is no date."),
}
"""Code → what is wrong with a field of these pages."""


def fault(found: FieldError) -> str:
    """What is wrong with a field, in the reader's language as far as there are words."""
    return str(FAULTS[found.code]) if found.code in FAULTS else sales_labels.fault(found)


def sku_name(sku: Sku) -> str:
    """The name of an article in the reader's language; not every article has a Chinese one."""
    return (sku.name_zh if languages.current() == "zh" else "") or sku.name_en


FILTERS: dict[str, Callable[..., str]] = {
    "asn_status": word(ASN_STATES),
    "stock_tone": lambda code: TONES.get(code, "plain"),
    "condition_words": word(CONDITIONS),
    "customs_words": word(CUSTOMS_STATES),
    "discrepancy": word(DISCREPANCIES),
    "put_away_why": word(REASONS),
    "advice": word(ADVICE),
    "transit_basis": word(BASES),
    "sku_name": sku_name,
}
