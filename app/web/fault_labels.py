"""What is wrong with a field, in the reader's language: in English as the rule says it, else in words by its code."""

import re

from flask_babel import gettext

from app.errors import FieldError
from app.web import languages, sales_labels
from app.web.labels import Words
from app.web.languages import lazy as _l

NUMBER = re.compile(r"-?\d[\d,.]*\d|-?\d")
FAULTS: Words = {
    "null": _l("This must be filled in."),
    "unknown_field": _l("This is not known here."),
    "not_text": _l("A text is needed."),
    "bad_character": _l("There is a character in it that cannot be written."),
    "bad_date": _l("This is no date."),
    "not_boolean": _l("Only yes or no is possible here."),
    "invalid": _l("This value cannot be used."),
    "unknown_direction": _l("Choose at least one of the directions."),
    "unknown_mode": _l("Choose at least one of the modes."),
    "unknown_location": _l("There is no such place."),
    "unknown_departure": _l("There is no such departure. Choose one of the list."),
    "unknown_warehouse": _l("There is no such warehouse. Choose one of the list."),
    "unknown_parcel": _l("There is no such parcel here."),
    "unknown_choice": _l("There is no such choice."),
    "not_together": _l("These cannot be given together."),
    "not_waiting": _l("Some of the parcels do not wait any more. Start a run for those that do."),
    "nothing_happened": _l("Name a departure, or a parcel that must keep its way or is withdrawn."),
    "nothing_assumed": _l("Assume something: add a change."),
    "named_twice": _l("This is named twice: take one away."),
    "not_in_snapshot": _l("No way of the plan's goods has to do with it, so nothing would change."),
    "never_short": _l("It has room for all goods of the plan, so more or less of it changes nothing."),
    "only_of_a_run": _l("A later cut-off is asked of the plan of a run, not of a what-if or a re-plan."),
    "not_open": _l("It is not open any more."),
    "not_in_scope": _l("The plan's run did not look at it: choose another, or start a run that does."),
    "papers_past": _l("Where it loads, papers were due before now: choose another departure."),
    "no_fuel_lines": _l("No price list of this mode states fuel by itself."),
    "changes_nothing": _l("It is so already: give another number."),
    "wrong_length": _l("This is empty or too long."),
    "in_the_past": _l("This lies in the past."),
    "cutoff_past": _l("This lies in the past. Give a time ahead, or close the departure for booking."),
    "cutoff_after_departure": _l("The departure has left there by then: give a time before that."),
    "dangerous_after_general": _l(
        "Dangerous goods cannot come later than all others. Move the general cut-off as well."
    ),
    "general_before_dangerous": _l(
        "Dangerous goods could come later than all others then. Move their cut-off as well."
    ),
    "opens_after_closing": _l("It closes before it would open: give a time before the cut-off."),
    "closes_before_opening": _l("It would close before it opens. Move that time as well."),
    "call_left": _l("The departure has left there."),
    "goods_would_miss": _l("Booked goods would come too late for it."),
    "bad_time": _l("This is no date and time."),
    "nonexistent_local_time": _l("The clock there skips this hour: daylight saving begins."),
    "ambiguous_local_time": _l(
        "The clock there shows this time twice: daylight saving ends. Take an hour more or less."
    ),
}
"""Beside those that quotes and bookings have as well."""


def fault(found: FieldError) -> str:
    """The sentence of the rule for readers of English; for others its words by code, with the limits it names."""
    if languages.current() == "en":
        return found.message
    limits = NUMBER.findall(found.message)
    if found.code == "out_of_range" and len(limits) == 2:
        return gettext("Give a number from %(least)s to %(most)s.", least=limits[0], most=limits[1])
    if found.code == "too_many" and limits:
        return gettext("At most %(most)s are possible.", most=limits[0])
    known = FAULTS.get(found.code) or sales_labels.FAULTS.get(found.code)
    return str(known) if known is not None else found.message
