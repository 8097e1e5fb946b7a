"""The words of shipments: papers and their states, what was changed, where costs come from."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from flask_babel import gettext

from app.errors import AppError
from app.web import formats
from app.web.labels import ERROR_TITLES, Words, word
from app.web.languages import lazy as _l
from app.web.sales_labels import EVENTS, FAULTS

PAPERS: Words = {
    "label": _l("Parcel labels"),
    "house_waybill": _l("House waybill"),
    "packing_list": _l("Packing list"),
    "commercial_invoice": _l("Commercial invoice"),
    "manifest": _l("Manifest"),
    "through_document": _l("Through transport document"),
    "battery_test_summary": _l("Battery test summary, UN 38.3"),
    "dangerous_goods_declaration": _l("Dangerous goods declaration"),
    "export_declaration": _l("Export declaration"),
    "export_list": _l("Export list"),
}
PAPER_STATES: Words = {"present": _l("Present"), "missing": _l("Missing"), "late": _l("Late")}
PAPER_TONES = {"present": "good", "missing": "warn", "late": "bad"}
PAPER_HELP: Words = {
    "parcels": _l("Printed here once every booked package has its parcel."),
    "waybill": _l("Numbered when the booking was made."),
    "values": _l("Printed here once every line has a value."),
    "document": _l("Issued on request for a confirmed booking."),
    "received": _l("Sent in by the exporter or the broker."),
}
CHANGES: Words = {
    **EVENTS,
    "note_added": _l("Note written"),
    "note_edited": _l("Note changed"),
    "note_withdrawn": _l("Note taken back"),
    "note_restored": _l("Note brought back"),
    "paper_received": _l("Paper received"),
    "paper_withdrawn": _l("Paper taken back"),
    "paper_restored": _l("Paper brought back"),
}
MEMBERS: Words = {
    "note": _l("Note"),
    "paper": _l("Paper"),
    "for_exporter": _l("Exporter reads it"),
    "reason": _l("Reason"),
    "reference": _l("Reference"),
    "total_minor": _l("Charges"),
    "charged_minor": _l("Charges"),
    "fee_minor": _l("Fee"),
    "lines": _l("Lines"),
    "parcels": _l("Parcels"),
    "departed": _l("Leaves"),
    "document": _l("Document"),
    "legs": _l("Legs"),
    "currency": _l("Currency"),
}
"""Members of what was changed; others are shown as they are."""
MORE_FAULTS: Words = {
    "bad_length": _l("This is too short or too long."),
    "paper_unknown": _l("There is no such paper."),
}
FILE_ERRORS: Words = {
    "too_large": _l("The file is too large: 10 MB at most."),
    "unsupported_media_type": _l("A paper is a PDF, JPEG or PNG file."),
    "wrong_state": _l("Somebody was quicker, or the other side wrote it. Look again."),
}


def problem(error: AppError) -> str:
    """What stood in the way of a form, in the reader's language as far as there are words."""
    for found in error.errors:
        known = MORE_FAULTS.get(found.code) or FAULTS.get(found.code)
        return str(known) if known is not None else found.message
    known = FILE_ERRORS.get(error.code) or ERROR_TITLES.get(error.code)
    return str(known) if known is not None else error.title


def changed(members: Mapping[str, Any] | None, currency: str) -> list[tuple[str, str]]:
    """(name, value) of one side of a change, in words."""
    return [(word(MEMBERS)(name), _value(name, value, currency)) for name, value in (members or {}).items()]


def _value(name: str, value: Any, currency: str) -> str:  # noqa: ANN401 (any JSON)
    if value is None:
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if name.endswith("_minor") and isinstance(value, int):
        return formats.exact(value, currency)
    if name == "paper":
        return word(PAPERS)(value)
    if isinstance(value, list):
        return ", ".join(
            " ".join(str(part) for part in one.values()) if isinstance(one, dict) else str(one)
            for one in value
        )
    return str(value)


def mailto(parts: Mapping[str, str]) -> str:
    """Subject and body of a new e-mail as its address has them: a space is %20 there, not a plus."""
    return urlencode(parts, quote_via=quote)


FILTERS: dict[str, Callable[..., Any]] = {
    "paper": word(PAPERS),
    "paper_state": word(PAPER_STATES),
    "paper_tone": lambda code: PAPER_TONES.get(code, "plain"),
    "paper_help": word(PAPER_HELP),
    "change": word(CHANGES),
    "changed": changed,
    "problem": problem,
    "mailto": mailto,
}
