"""The words of the customs desk: states, steps, documents, and what stands in the way with its remedy."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from app.errors import AppError
from app.queries.audit import AuditRow
from app.usecases.declaring.candidates import day_of
from app.web import formats
from app.web.labels import ERROR_TITLES, Words, goods, word
from app.web.languages import lazy as _l
from trade.money import Money

STATES: Words = {
    "draft": _l("Draft"),
    "pre_check_failed": _l("Check failed"),
    "submitted": _l("Handed to customs"),
    "accepted": _l("Accepted"),
    "released": _l("Cleared"),
    "rejected": _l("Rejected"),
    "taken_back": _l("Taken back at customs"),
    "summarised": _l("In a declaration"),
    "refunded": _l("Refunded"),
}
TONES = {
    "pre_check_failed": "bad", "submitted": "info", "accepted": "info", "released": "good", "rejected": "bad",
    "taken_back": "warn", "summarised": "info", "refunded": "good",
}  # fmt: skip
CHANNELS: Words = {
    "ceb": _l("List of the e-commerce system"),
    "h2018": _l("Form in the single window"),
}
FLAGS: Words = {
    "A": _l("A · simplified, no rebate"),
    "B": _l("B · declared in a summary"),
}
DOCUMENTS: Words = {"order": _l("Order"), "receipt": _l("Payment"), "waybill": _l("Waybill")}
MATCHES: Words = {"missing": _l("missing"), "differs": _l("differs")}
REBATES: Words = {
    "none": _l("None: simplified"),
    "to_come": _l("To come"),
    "pre_refunded": _l("Refunded before sale"),
    "refunded": _l("Refunded"),
    "settled": _l("Settled: sold"),
    "reversed": _l("Reversed"),
}
REBATE_TONES = {"pre_refunded": "warn", "refunded": "good", "settled": "good"}
CHECKS: Words = {
    "order_missing": _l("Order number missing"),
    "receipt_missing": _l("Payment not noted"),
    "receipt_differs": _l("Payment differs from the order by more than 1 %"),
    "waybill_missing": _l("Waybill number missing"),
    "hs_missing": _l("HS code missing"),
    "hs_short": _l("HS code too short"),
    "rebate_none": _l("HS code earns no rebate"),
    "rebate_changes": _l("Rebate of this HS code changes soon"),
    "value_missing": _l("Value missing"),
    "rate_missing": _l("No exchange rate to CNY"),
    "over_list_limit": _l("No list: worth too much, or a rebate is wanted"),
    "conditions": _l("Only without licence, inspection and export duty"),
    "over_simple_limit": _l("Worth too much for a simplified list"),
    "not_simplified": _l("This mode is not simplified"),
    "net_missing": _l("Net weight missing"),
    "word_missing": _l("Country or currency has no customs number"),
    "number_long": _l("Order or departure number too long for the message"),
    "name_missing": _l("Name of the goods missing"),
    "moved": _l("Booked differently now"),
}
REMEDIES: Words = {
    "order_missing": _l(
        "This parcel has no reference: take it out of its booking, correct it and book it again."
    ),
    "receipt_missing": _l("Note the payment below, or give the list up and build it simplified."),
    "receipt_differs": _l(
        "Correct the payment below. Where the value is wrong, take the parcel out of its booking and correct it first."
    ),
    "waybill_missing": _l("A parcel gets its number when it fills a booking: put it into its booking again."),
    "hs_missing": _l("Give the lines a code below, for all goods of a class at once."),
    "hs_short": _l("A declaration needs ten digits; a simplified list four (9610) or six."),
    "rebate_none": _l("Nothing to mend: expect no refund, or declare simplified."),
    "rebate_changes": _l("The day of the declaration decides: hand it over before."),
    "value_missing": _l("Take the parcel out of its booking, correct its value and book it again."),
    "rate_missing": _l("Import exchange rates, then bring the list up to date."),
    "over_list_limit": _l("Give the list up and build it again: it is then declared form by form."),
    "conditions": _l("Make sure that none of these goods needs one; otherwise declare them form by form."),
    "over_simple_limit": _l("Give the list up and build it for a summary."),
    "not_simplified": _l("Give the list up and build it for a summary."),
    "net_missing": _l(
        "Note the exporter's net share among the numbers of customs, then bring the list up to date."
    ),
    "word_missing": _l("The table of customs numbers has no such word: declare it form by form."),
    "number_long": _l("Orders have 60 signs at most, departures 32: declare it in the single window."),
    "name_missing": _l("Describe the goods in the booking, then bring the list up to date."),
    "moved": _l(
        "Bring the list up to date. What left after it was handed over is taken back at customs; what else differs is"
        " declared anew: open the list again."
    ),
}
MOVES: Words = {
    "left": _l("not booked any more"),
    "month": _l("month of exit"),
    "mode": _l("customs mode"),
    "port_id": _l("port"),
    "transport_mode": _l("way of transport"),
    "departs_on": _l("day of exit"),
    "departure_number": _l("departure"),
    "waybill_number": _l("waybill"),
    "value_minor": _l("value"),
    "currency": _l("currency"),
    "gross_g": _l("weight"),
    "country": _l("country"),
}
CODES: Words = {
    "name": _l("Registered name"),
    "enterprise": _l("Customs or credit code"),
    "platform": _l("Code of the platform"),
    "platform_name": _l("Name of the platform"),
    "office": _l("Customs office"),
    "dxp": _l("Exchange id (DXP)"),
    "net_percent": _l("Net weight share, %"),
}
CODE_HINTS: Words = {
    "name": _l("As customs has it"),
    "platform_name": _l("As buyers know it"),
    "enterprise": _l("10 or 18 capitals and digits"),
    "platform": _l("无: a foreign platform without one"),
    "office": _l("4 digits"),
    "dxp": _l("As the single window gave it"),
    "net_percent": _l("By the exporter's packing lists"),
}
OUTCOMES: Words = {"sold": _l("Sold as declared: closed"), "reversed": _l("Not sold so: reversed")}
FAULTS: Words = {
    "customs_code_shape": _l("This number is not written like this."),
    "hs_shape": _l("An HS code has 4 to 10 digits."),
    "nothing_to_do": _l("No line needs this code."),
    "payments_too_long": _l("This is too much at once: at most 10,000 lines of 500 characters."),
    "lines_unreadable": _l("Write numbers of lines on this list, as 3, 7-9."),
    "required": _l("This is needed."),
}
ACTIONS: Words = {
    "customs.list_built": _l("Built"),
    "customs.list_checked": _l("Checked"),
    "customs.list_refreshed": _l("Brought up to date"),
    "customs.list_submitted": _l("Handed to customs"),
    "customs.list_accepted": _l("Accepted"),
    "customs.list_released": _l("Cleared"),
    "customs.list_rejected": _l("Rejected"),
    "customs.list_taken_back": _l("Taken back at customs"),
    "customs.list_split": _l("Lines parted"),
    "customs.list_reopened": _l("Opened again"),
    "customs.list_undone": _l("Last step undone"),
    "customs.payments_noted": _l("Payments noted"),
    "customs.numbers_noted": _l("Numbers of customs noted"),
    "customs.payment_taken_back": _l("Payment taken back"),
    "customs.hs_code_set": _l("HS code given"),
    "customs.summary_built": _l("Built"),
    "customs.summary_submitted": _l("Handed to customs"),
    "customs.summary_accepted": _l("Numbered by customs"),
    "customs.summary_rejected": _l("Rejected"),
    "customs.summary_reopened": _l("Opened again"),
    "customs.summary_undone": _l("Last step undone"),
    "customs.summary_refunded": _l("Refunded"),
    "customs.refund_settled": _l("Refund settled"),
}
FACTS: Words = {
    "number": _l("Number"),
    "lines": _l("Lines"),
    "hs_code": _l("HS code"),
    "goods": _l("Goods"),
    "payments": _l("Payments"),
    "receipt": _l("Receipt"),
    "line": _l("Line"),
    "amount_minor": _l("Amount"),
    "answer": _l("Answer of customs"),
    "lists": _l("Lists"),
    "changed": _l("Changed"),
    "left": _l("Taken off"),
    "entry_id": _l("Declaration number"),
    "on": _l("Day"),
    "outcome": _l("Outcome"),
    "status": _l("Status"),
}
"""What a step says of itself; the rest of it stays in the audit log."""


def facts(row: AuditRow) -> list[tuple[str, str]]:
    """(name, value) of what a step was about, in words."""
    told = row.after or {name: value for name, value in (row.before or {}).items() if name != "status"}
    return [(str(FACTS[name]), _fact(name, value)) for name, value in told.items() if name in FACTS and value]


def _fact(name: str, value: Any) -> str:  # noqa: ANN401 (any JSON)
    if name == "amount_minor":
        return formats.exact(value, "CNY")
    if name == "on":
        return formats.day(date.fromisoformat(value))
    said = {"status": STATES, "outcome": OUTCOMES}.get(name)
    if said is not None:
        return word(said)(value)
    if name == "goods":
        return goods(value)
    return ", ".join(value) if isinstance(value, list) else str(value)


def faults(error: AppError) -> dict[str, str]:
    """What is wrong with each field, in words where there are some."""
    return {one.field: str(FAULTS.get(one.code, one.message)) for one in error.errors}


def problem(error: AppError) -> str:
    """What stood in the way, in one line."""
    told = [str(FAULTS.get(one.code, one.message)) for one in error.errors]
    return " ".join(told) or error.detail or str(ERROR_TITLES.get(error.code, error.title))


def tone(table: Mapping[str, str]) -> Callable[[str], str]:
    """The colour of a code; others are plain."""
    return lambda code: table.get(code, "plain")


FILTERS: dict[str, Callable[..., Any]] = {
    "declaration_state": word(STATES),
    "declaration_tone": tone(TONES),
    "customs_channel": word(CHANNELS),
    "statistics_flag": word(FLAGS),
    "customs_document": word(DOCUMENTS),
    "document_match": word(MATCHES),
    "rebate_state": word(REBATES),
    "rebate_tone": tone(REBATE_TONES),
    "customs_check": word(CHECKS),
    "customs_remedy": word(REMEDIES),
    "customs_move": word(MOVES),
    "customs_code": word(CODES),
    "customs_code_hint": word(CODE_HINTS),
    "refund_outcome": word(OUTCOMES),
    "customs_action": word(ACTIONS),
    "customs_problem": problem,
    "customs_facts": facts,
    "china_day": day_of,
    "plain_amount": lambda minor, currency: Money(minor, currency).format(),
}
