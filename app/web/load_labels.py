"""Words of load building: kinds of units, their states and steps, differences, and why a scan is refused."""

from app.errors import AppError
from app.web.labels import ERROR_TITLES, Words, word
from app.web.languages import lazy as _l

KINDS: Words = {
    "bag": _l("Bag"),
    "pallet": _l("Pallet"),
    "uld": _l("ULD"),
    "container": _l("Container"),
    "parcel": _l("Parcel"),
}
STATUSES: Words = {
    "open": _l("Being built"),
    "sealed": _l("Sealed"),
    "loaded": _l("Loaded"),
    "departed": _l("Departed"),
    "unpacked": _l("Unpacked"),
    "cancelled": _l("Given up"),
}
TONES = {
    "open": "info", "sealed": "warn", "loaded": "good", "departed": "good", "unpacked": "plain", "cancelled": "plain",
}  # fmt: skip
STEPS: Words = {
    "load_unit.opened": _l("Opened"),
    "load_unit.sealed": _l("Sealed"),
    "load_unit.unsealed": _l("Unsealed"),
    "load_unit.loaded": _l("Loaded"),
    "load_unit.departed": _l("Departed"),
    "load_unit.unpacked": _l("Unpacked"),
    "load_unit.cancelled": _l("Given up"),
}
DIFFERENCES: Words = {
    "missing": _l("Booked, in no unit"),
    "not_loaded": _l("In a unit that is not loaded"),
    "extra": _l("In a unit, not booked on this departure"),
    "other_unit": _l("In another unit than planned"),
    "unfilled": _l("Booked packages without a parcel"),
}
DECISIONS: Words = {"accepted": _l("The booking stays as it is"), "amended": _l("The booking was amended")}
REASONS: Words = {
    "in_other_unit": _l("It is in another unit already: take it out there first."),
    "practice": _l("Its booking is practice: set the parcel aside."),
    "parcel_held": _l("It is held or over: set it aside until it is released."),
    "not_received": _l("It was not received here: receive it, then scan it again."),
    "no_booking": _l("It fills no booking: add it to one first."),
    "booking_over": _l("Its booking is over: ask the owner what is to become of it."),
    "other_departure": _l("Its booking goes with another departure: use a unit of that one, or roll the booking."),
    "other_stretch": _l("Its booking boards or alights at other calls: use a unit between those."),
    "other_block": _l("The unit is in another exporter's block: use a unit of open space."),
    "segregated": _l("It is not packed beside the goods in there: use another unit."),
    "does_not_hold": _l("That does not stand in a unit of this kind: use a larger one."),
    "own_number": _l("That is the number of this unit: scan what goes into it."),
    "mode_refuses_goods": _l("These goods do not travel this way: use another departure."),
    "passenger_aircraft_refused": _l("These goods fly on cargo aircraft only: use another departure."),
    "aircraft_unknown": _l("These goods fly on cargo aircraft only, and which aircraft flies is not known."),
    "goods_not_listed": _l("The departure does not take these goods: use another one."),
    "goods_class_unknown": _l("The goods class of the parcel is not known: correct it."),
    "ambiguous": _l("Two exporters use this reference: scan the tracking number."),
    "not_expected_here": _l("The parcel does not come by here. Send it on, or tick below to receive it nevertheless."),
    "nothing_inside": _l("Nothing is in it: scan parcels into it, or give it up."),
    "gross_varies": _l("The scale says something else than what was scanned in. Look for it, or tick below."),
    "dimension_missing": _l("Give all three dimensions, or none."),
    "bad_number": _l("That is no number of such a unit: read it again."),
    "bad_check_digit": _l("The check digit is wrong: read the number again."),
    "number_needed": _l("Containers and ULDs have a number of their own: give it."),
    "unit_type_unknown": _l("There is no such type."),
    "other_kind": _l("That type is of another kind of unit."),
    "not_called_at": _l("The departure does not call there."),
    "wrong_order": _l("It would be unloaded before it is loaded."),
    "out_of_range": _l("This is too large or too small."),
    "not_a_number": _l("Give a number such as 12.5."),
    "required": _l("This is needed."),
    "bad_length": _l("This is too long or too short."),
}  # fmt: skip
TITLES: Words = {
    "bin_full": _l("It does not fit in there"),
    "scan_reused": _l("This scan was used for something else"),
    "wrong_state": _l("This cannot be done now"),
    "not_found": _l("Nothing with that number is known here"),
    "validation_error": _l("It is not taken"),
}


def why(error: AppError) -> str:
    """What is wrong, in the reader's language where there are words, with what it is about."""
    told = [str(REASONS[one.code]) if one.code in REASONS else one.message for one in error.errors]
    return " ".join(dict.fromkeys(told)) or error.detail


def title(error: AppError) -> str:
    """What kind of thing is wrong."""
    return str(TITLES.get(error.code) or ERROR_TITLES.get(error.code) or error.title)


FILTERS = {
    "load_kind": word(KINDS),
    "load_status": word(STATUSES),
    "load_tone": lambda status: TONES.get(status, "plain"),
    "load_step": word(STEPS),
    "load_difference": word(DIFFERENCES),
    "variance_decision": word(DECISIONS),
}
