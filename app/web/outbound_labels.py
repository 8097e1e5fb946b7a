"""The words of orders that leave a warehouse: states, what they wait for, why a warehouse cannot, what is wrong."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from app.errors import AppError, FieldError
from app.web import formats
from app.web.labels import ERROR_TITLES, Words, word
from app.web.languages import lazy as _l

STATES: Words = {
    "draft": _l("Draft"),
    "confirming": _l("Being confirmed"),
    "confirmed": _l("Confirmed"),
    "picking": _l("Being picked"),
    "picked": _l("Picked"),
    "packing": _l("Being packed"),
    "packed": _l("Packed"),
    "handed_over": _l("Handed over"),
    "delivering": _l("On its way"),
    "delivered": _l("Delivered"),
    "waiting_seller": _l("Waits for the owner"),
    "voiding": _l("To be put back"),
    "void": _l("Void"),
}
TONES = {
    "confirmed": "info", "picking": "info", "picked": "info", "packing": "info", "packed": "info",
    "handed_over": "info", "delivering": "info", "delivered": "good", "waiting_seller": "warn",
    "voiding": "warn", "void": "bad",
}  # fmt: skip
WAVE_STATES: Words = {
    "open": _l("Not begun"),
    "picking": _l("Being picked"),
    "done": _l("Done"),
    "cancelled": _l("Given up"),
}
WAVE_TONES = {"open": "info", "picking": "warn", "done": "good", "cancelled": "plain"}
MEMBERS: Words = {
    "person_name": _l("Name"),
    "company_name": _l("Company"),
    "address_line1": _l("Street and number"),
    "address_line2": _l("More of the address"),
    "city": _l("City"),
    "state_code": _l("State or province"),
    "postal_code": _l("Postal code"),
    "country_code": _l("Country, two letters"),
    "phone": _l("Phone"),
}
REASONS: Words = {
    "chosen": _l("Serves it"),
    "dearer": _l("Dearer, or later at the same price"),
    "too_late": _l("Comes too late"),
    "stock_short": _l("Not enough stock"),
    "no_stock": _l("None of it in stock"),
    "no_service": _l("No delivery service goes there"),
    "goods_refused": _l("These goods are not carried"),
    "no_price": _l("There is no price for it"),
}
REASON_TONES = {"chosen": "good", "dearer": "info", "too_late": "warn", "stock_short": "warn"}
FAULTS: Words = {
    "wrong_bin": _l("Nothing of this wave is picked there. Go to the next bin of the list."),
    "wrong_sku": _l("This article is not picked from this bin. Put it back, and take what the list says."),
    "more_than_asked": _l("That is more than the list asks for. Put back what is too much."),
    "nothing_picked": _l("Nothing was taken. If the bin is empty, say that it held no more."),
    "ambiguous_sku": _l("Two owners have an article of this code here. Scan its barcode."),
    "more_than_picked": _l("Fewer pieces were picked than that."),
    "nothing_to_pack": _l("Everything that was picked is in a box already."),
    "sku_unknown": _l("There is no such article."),
    "wrong_boxes": _l("These are not exactly the boxes of this order."),
    "bin_unknown": _l("There is no bin with this code here."),
    "duplicate_reference": _l("An order with this reference is there already."),
    "required": _l("This must be filled in."),
    "bad_shape": _l("This is not written the way it must be."),
    "bad_length": _l("This is too short or too long."),
    "not_whole": _l("A whole number is needed."),
    "not_a_number": _l("A number is needed, such as 12.5."),
    "out_of_range": _l("This number is too small or too large."),
    "bad_instant": _l("This is no date and time."),
    "currency_unknown": _l("There is no such currency."),
    "exporter_unknown": _l("There is no such exporter."),
}


def waits(one: Mapping[str, Any]) -> str:
    """What an owner has to do before an order goes on."""
    if one["code"] == "stock_short":
        return gettext(
            "Send more of %(sku)s, or ask for less: %(missing)s of %(wanted)s are missing.",
            sku=one["sku"], missing=formats.number(one["missing"]), wanted=formats.number(one["wanted"]),
        )  # fmt: skip
    return gettext("Fill in the consignee: %(member)s.", member=word(MEMBERS)(one["member"]))


def fault(found: FieldError) -> str:
    """What is wrong, in the reader's language as far as there are words."""
    return str(FAULTS[found.code]) if found.code in FAULTS else found.message


def told(error: AppError) -> str:
    """What stands in the way, for a notice."""
    if error.errors:
        return fault(error.errors[0])
    return error.detail or str(ERROR_TITLES.get(error.code, error.title))


def by_field(error: AppError) -> dict[str, str]:
    """Words by the name of the field."""
    return {one.field: fault(one) for one in error.errors}


FILTERS = {
    "order_status": word(STATES),
    "order_tone": lambda code: TONES.get(code, "plain"),
    "wave_status": word(WAVE_STATES),
    "wave_tone": lambda code: WAVE_TONES.get(code, "plain"),
    "consignee_member": word(MEMBERS),
    "promise_reason": word(REASONS),
    "promise_tone": lambda code: REASON_TONES.get(code, "plain"),
    "waits_for": waits,
}
