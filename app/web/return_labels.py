"""The words of returns: their states, reasons, grades, clocks, and why something is not possible."""

from collections.abc import Callable

from flask_babel import gettext, ngettext

from app.web.labels import Words, word
from app.web.languages import lazy as _l

RETURN_STATES: Words = {
    "requested": _l("Asked for"),
    "label_issued": _l("Label issued"),
    "in_transit": _l("On its way"),
    "received": _l("Received"),
    "graded": _l("Graded"),
    "disposition_chosen": _l("Decided"),
    "closed": _l("Closed"),
    "cancelled": _l("Cancelled"),
}
ITEM_STATES: Words = {
    "expected": _l("Expected"),
    "missing": _l("Did not come"),
    "received": _l("To be graded"),
    "graded": _l("To be decided"),
    "chosen": _l("To be carried out"),
    "travelling": _l("On its way to the next warehouse"),
    "done": _l("Done"),
}
TONES = {
    "requested": "plain", "label_issued": "plain", "in_transit": "info", "received": "warn", "graded": "warn",
    "disposition_chosen": "info", "closed": "good", "cancelled": "bad", "expected": "plain", "missing": "bad",
    "chosen": "info", "travelling": "info", "done": "good",
}  # fmt: skip
REASONS: Words = {
    "unwanted": _l("Not wanted any more"),
    "wrong_item": _l("Wrong article"),
    "damaged": _l("Arrived damaged"),
    "defective": _l("Does not work"),
    "not_as_described": _l("Not as described"),
    "late": _l("Came too late"),
    "undeliverable": _l("Could not be delivered"),
    "other": _l("Something else"),
}
GRADES: Words = {
    "A": _l("A · as new"),
    "B": _l("B · to be repacked"),
    "C": _l("C · damaged"),
    "D": _l("D · scrap"),
}
APPROVALS: Words = {
    "not_needed": _l("Nobody's word is needed"),
    "waiting": _l("Exporter to approve"),
    "approved": _l("Exporter approved"),
    "vetoed": _l("Exporter vetoed"),
}
APPROVAL_TONES = {"waiting": "warn", "approved": "good", "vetoed": "bad"}
REFUSALS: Words = {
    "damaged": _l("It is damaged"),
    "scrap": _l("It is scrap"),
    "not_needed": _l("It needs no repair"),
    "waste_not_imported": _l("China lets no waste in"),
    "food_not_resold": _l("Food is not sold again"),
    "hygiene": _l("Cosmetics are not made ready again"),
    "damaged_battery_not_carried": _l("Nobody carries damaged batteries"),
    "vetoed": _l("The exporter vetoed it"),
    "service_not_offered": _l("This warehouse does not do it"),
    "not_from_here": _l("Not from where it lies"),
    "not_sold_here": _l("It is not sold again in China"),
    "not_received": _l("It has not come yet"),
}
RELIEFS: Words = {
    "allowed": _l("free of duty"),
    "relief_lapsed": _l("after the deadline: duty and tax are due"),
    "no_relief": _l("no relief: duty and tax are due"),
}
PARTS: Words = {
    "lost": _l("Value lost"),
    "handling": _l("Work on it"),
    "duty": _l("Duty and tax without relief"),
    "storage": _l("Storage while waiting"),
    "transport": _l("Carriage"),
    "time": _l("Value of time"),
}
RULES: Words = {
    "nearest": _l("The nearest to its sender that takes returns"),
    "only_one": _l("The only one in its sender's country that takes returns"),
    "country": _l("In its sender's country; how near is not known"),
    "asked_for": _l("As asked for"),
}
CLOCK_TONES = {"open": "good", "near": "warn", "lapsed": "bad", "none": "plain"}
PROBLEMS: Words = {
    "original_unknown": _l("There is no such parcel or order of this exporter."),
    "not_sent": _l("It has not left yet. Make the order void instead."),
    "sku_unknown": _l("The exporter has no such article."),
    "more_than_sent": _l("More than went out with it and has not come back."),
    "no_returns_warehouse": _l(
        "No warehouse in this country takes returns of these goods. Choose one of the list."
    ),
    "takes_no_returns": _l("This warehouse takes no returns."),
    "duplicate_reference": _l("There is a return with this reference already."),
    "more_than_expected": _l("More than is still expected. Ask for a return of what else came."),
    "more_than_received": _l("More pieces than there are left to grade."),
    "place_missing": _l("Scan or type the bin it is put into."),
    "not_a_bin": _l("That is not a bin."),
    "unknown_bin": _l("There is no such bin in this warehouse."),
    "sku_missing": _l("Say which article the new label is for."),
    "proof_missing": _l("What is destroyed needs a note and a photo."),
    "disposition_refused": _l("That is not possible for this item."),
    "wrong_destination": _l("It cannot end there. Choose another place."),
}


def clock_text(clock: object) -> str:
    """How many days of relief are left, in words."""
    state, days = getattr(clock, "state", "none"), getattr(clock, "days_left", None)
    if state == "none" or days is None:
        return gettext("No relief")
    if days < 0:
        return ngettext("over for %(count)s day", "over for %(count)s days", -days, count=-days)
    if days == 0:
        return gettext("last day today")
    return ngettext("%(count)s day left", "%(count)s days left", days, count=days)


FILTERS: dict[str, Callable[..., str]] = {
    "return_status": word(RETURN_STATES),
    "item_status": word(ITEM_STATES),
    "return_tone": lambda code: TONES.get(code, "plain"),
    "return_reason": word(REASONS),
    "return_grade": word(GRADES),
    "approval": word(APPROVALS),
    "approval_tone": lambda code: APPROVAL_TONES.get(code, "plain"),
    "refusal": word(REFUSALS),
    "relief": word(RELIEFS),
    "cost_of": word(PARTS),
    "receiving_rule": word(RULES),
    "clock_text": clock_text,
    "clock_tone": lambda clock: CLOCK_TONES.get(getattr(clock, "state", "none"), "plain"),
}
