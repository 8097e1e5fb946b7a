"""The words of stock: places, kinds of posting, which lots leave first, and how old stock is."""

from collections.abc import Callable
from datetime import date

from flask_babel import gettext

from app.clock import now
from app.web.labels import Words, word
from app.web.languages import lazy as _l
from warehouses.ageing import age_days
from warehouses.stock import NEVER

PLACE_KINDS: Words = {
    "supplier": _l("Supplier"),
    "in_transit": _l("In transit"),
    "receiving": _l("Receiving"),
    "bin": _l("Bin"),
    "staging": _l("Staging"),
    "customer": _l("Customer"),
    "returns": _l("Returns area"),
    "scrap": _l("Scrap"),
    "adjustment": _l("Adjustment"),
}
POSTING_KINDS: Words = {
    "announce": _l("Announced"),
    "receive": _l("Received"),
    "put_away": _l("Put away"),
    "move": _l("Moved"),
    "pick": _l("Picked"),
    "pack": _l("Packed"),
    "hand_over": _l("Handed over"),
    "void": _l("Made void"),
    "count": _l("Counted"),
    "work": _l("Worked on"),
    "regrade": _l("Condition changed"),
    "return": _l("Returned"),
    "destroy": _l("Scrapped"),
    "load": _l("Loaded"),
    "import": _l("Opening balance"),
    "reverse": _l("Taken back"),
}
ISSUE_RULES: Words = {
    "fifo": _l("First in, first out"),
    "fefo": _l("First to expire, first out"),
}
UNDO_REASONS: Words = {
    "announce": _l("Cancel the announced goods instead."),
    "receive": _l("Correct the count of the announced goods instead."),
    "pick": _l("Make the order void instead."),
    "pack": _l("Make the order void instead."),
    "hand_over": _l("It has left the house; take the goods back as a return."),
    "void": _l("Send what was voided with a new order."),
    "work": _l("Take the work order back instead."),
    "return": _l("Grade the return anew instead."),
    "destroy": _l("What is destroyed does not come back."),
    "load": _l("Unload the unit instead."),
    "import": _l("Count the bin, and approve the difference."),
    "reverse": _l("Post what is right anew."),
}


def band(days: tuple[int, int | None]) -> str:
    """A band of ages in words."""
    first, last = days
    return (
        gettext("%(first)s–%(last)s days", first=first, last=last)
        if last is not None
        else gettext("%(first)s days and more", first=first)
    )


def days_in_house(received_on: date) -> int:
    """How many days stock has lain."""
    return age_days(received_on, now().date())


def known_day(on: date) -> date | None:
    """A day; None where it never comes."""
    return None if on == NEVER else on


FILTERS: dict[str, Callable[..., object]] = {
    "place_kind": word(PLACE_KINDS),
    "posting_kind": word(POSTING_KINDS),
    "issue_rule": word(ISSUE_RULES),
    "undo_instead": word(UNDO_REASONS),
    "age_band": band,
    "days_in_house": days_in_house,
    "known_day": known_day,
}
