"""The words of quotes and bookings: statuses, tags, charges, what happened, and what is wrong with a field."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext, ngettext

from app.errors import FieldError
from app.models import BookingEvent
from app.usecases.quoting_notes import TEXTS
from app.web import formats, languages, track
from app.web.labels import Words, word
from app.web.languages import lazy as _l

QUOTE_STATES: Words = {
    "offered": _l("Open for booking"),
    "accepted": _l("Booked"),
    "expired": _l("Expired"),
    "failed": _l("No way found"),
}
BOOKING_STATES: Words = {
    "RECEIVED": _l("Received"),
    "PENDING_UPDATE": _l("Update asked for"),
    "UPDATE_RECEIVED": _l("Update received"),
    "CONFIRMED": _l("Confirmed"),
    "PENDING_AMENDMENT": _l("Amendment pending"),
    "REJECTED": _l("Rejected"),
    "DECLINED": _l("Declined"),
    "CANCELLED": _l("Cancelled"),
    "COMPLETED": _l("Completed"),
    "AMENDMENT_RECEIVED": _l("Amendment received"),
    "AMENDMENT_CONFIRMED": _l("Amended"),
    "AMENDMENT_DECLINED": _l("Amendment declined"),
    "AMENDMENT_CANCELLED": _l("Amendment withdrawn"),
    "CANCELLATION_RECEIVED": _l("Cancellation received"),
    "CANCELLATION_CONFIRMED": _l("Cancellation confirmed"),
    "CANCELLATION_DECLINED": _l("Cancellation declined"),
}
"""DCSA Booking 2.0: status, amendment status and cancellation status."""
TONES = {
    "offered": "good", "accepted": "info", "expired": "warn", "failed": "bad",
    "CONFIRMED": "good", "COMPLETED": "good", "RECEIVED": "info", "UPDATE_RECEIVED": "info",
    "PENDING_UPDATE": "warn", "PENDING_AMENDMENT": "warn", "AMENDMENT_CONFIRMED": "info",
    "AMENDMENT_DECLINED": "warn", "CANCELLATION_DECLINED": "warn",
    "REJECTED": "bad", "DECLINED": "bad", "CANCELLED": "bad",
}  # fmt: skip
TAGS: Words = {
    "cheapest": _l("Cheapest"),
    "fastest": _l("Fastest"),
    "greenest": _l("Greenest"),
    "only_on_time": _l("Only one on time"),
}
TAG_ICONS = {"cheapest": "coin", "fastest": "bolt", "greenest": "world", "only_on_time": "clock"}
OBJECTIVES: Words = {
    "balanced": _l("Price and time"),
    "cost": _l("The lowest price"),
    "time": _l("The shortest time"),
}
BANDS: Words = {"low": _l("little left"), "medium": _l("some left"), "high": _l("plenty")}
CHARGES: Words = {
    "freight": _l("Freight by weight"),
    "weight_band": _l("Weight band"),
    "volume": _l("Freight by volume"),
    "minimum": _l("Up to the minimum"),
    "shipment": _l("Per shipment"),
    "cancellation": _l("Cancellation fee"),
    "import_duty": _l("Import duty"),
}
"""Surcharges go by the code of the tariff: BAF, FUEL."""
BASES: Words = {
    "flat": _l("flat"),
    "minimum": _l("minimum"),
    "per_unit": _l("per piece"),
    "per_item": _l("per item"),
    "per_kg": _l("per kg"),
    "per_m3": _l("per m³"),
    "percent": _l("share of the freight"),
}
CUSTOMS: Words = {
    "0110": _l("0110 general trade"),
    "1210": _l("1210 bonded e-commerce"),
    "9610": _l("9610 direct e-commerce export"),
    "9710": _l("9710 e-commerce B2B export"),
    "9810": _l("9810 export to an overseas warehouse"),
}
EVENTS: Words = {
    "received": _l("Received"),
    "confirmed": _l("Confirmed"),
    "rejected": _l("Rejected"),
    "declined": _l("Declined"),
    "update_asked": _l("An update was asked for"),
    "updated": _l("Updated"),
    "amendment_asked": _l("An amendment was asked for"),
    "amended": _l("Amended"),
    "amendment_declined": _l("Amendment declined"),
    "cancelled": _l("Cancelled"),
    "cancellation_declined": _l("Cancellation declined"),
    "rolled": _l("Rolled to another departure"),
    "parcels_added": _l("Parcels added"),
    "parcels_removed": _l("Parcels taken out"),
    "completed": _l("Completed"),
    "noted": _l("Note"),
}
ACTORS: Words = {"user": _l("a person"), "key": _l("an API key"), "system": _l("the system")}
NOTES: Words = {
    "no_route": _l("No way leads from there to there"),
    "no_departure": _l("Nothing leaves soon enough that can still be reached"),
    "goods_refused": _l("These goods are refused by carriers, warehouses or the rules of the mode"),
    "nothing_preferred": _l("There is nothing by the modes asked for"),
    "no_sell_tariff": _l("There is no price to sell it at"),
    "no_exchange_rate": _l("An exchange rate is missing"),
    "quantity_out_of_range": _l("The tariff cannot price so much"),
    "too_slow": _l("Slower than asked for"),
    "too_late": _l("Arrives after the firm deadline"),
    "full": _l("Not enough room left"),
    "no_capacity": _l("It sells no room"),
    "unit_not_open": _l("No open unit has room, and this freight does not pay for opening one"),
    "duty_unknown": _l("Duty and tax are not known"),
    "other_country": _l("The nearest place served is in another country"),
    "volume_missing": _l("Without a volume it is priced by gross weight alone"),
    "practice": _l("Practice takes no space: nothing is held"),
    "nothing_held": _l("No space is held"),
}
"""Messages of a quote: which channels could not be offered and why, and what is not known."""
NOTES_WITH_FACTS: Words = {
    "no_departure": _l("Nothing leaves within %(days)s days that can still be reached"),
    "no_sell_tariff": _l("From %(start)s to %(end)s there is no price to sell it at"),
    "too_slow": _l("Ways that take longer than %(days)s days were left out"),
    "full": _l("Not enough room is left on %(departures)s"),
    "no_capacity": _l("No room is sold on %(departures)s"),
    "unit_not_open": _l(
        "On %(departures)s no open unit has room, and this freight does not pay for opening one"
    ),
}
"""The same where the sentence has facts of its own."""
FAULTS: Words = {
    "required": _l("This must be filled in."),
    "unknown_exporter": _l("There is no such exporter."),
    "not_a_number": _l("A number is needed, such as 12.5."),
    "not_whole": _l("A whole number is needed."),
    "out_of_range": _l("This number is too small or too large."),
    "too_precise": _l("This number has too many decimals."),
    "number_too_precise": _l("This number has too many decimals."),
    "bad_instant": _l("This is no date and time."),
    "bad_shape": _l("This is not written the way it must be."),
    "bad_length": _l("This is too short or too long."),
    "not_one_of": _l("Choose one of the list."),
    "place_unknown": _l(
        "There is no such place here. Choose one of the list, or write city and country: Duisburg, DE."
    ),
    "place_not_served": _l("Nothing that is sold goes there. Choose another place near it."),
    "address_unresolved": _l("None of our places is in that city. Choose one of the list."),
    "goods_class_unknown": _l("There is no such class of goods."),
    "currency_unknown": _l("There is no such currency."),
    "size_missing": _l("How large is it? Fill in length, width and height."),
    "size_incomplete": _l("Length, width and height belong together."),
    "dimension_missing": _l("Length, width and height belong together."),
    "deadline_before_ready": _l("The deadline must lie ahead, and after the goods are ready."),
    "exporter_unknown": _l("There is no such exporter."),
    "too_many": _l("That is too much for one quote."),
    "filled_already": _l("More parcels fill this line already. Take some out first."),
    "no_such_line": _l("The booking has no such line."),
    "bad_url": _l("This is no full address, such as https://erp.example.com/hook."),
    "https_only": _l("It must begin with https://."),
    "address_not_public": _l("This is not an address of the public internet."),
    "exporter_role": _l("Name an exporter, or a role of the operation."),
    "misses_connection": _l("The goods would miss the next leg. Roll that one as well."),
}
"""What is wrong with a field; a code without words shows the sentence of the rule."""
WHY: Words = {
    "cheapest": _l("Costs the least of what is offered"),
    "fastest": _l("Arrives first of what is offered"),
    "greenest": _l("Emits the least of what is offered"),
    "only_on_time": _l("Nothing else arrives by the deadline"),
    "late": _l("Arrives %(count)s h after the deadline"),
    "direct": _l("One departure, no change on the way"),
    "changes": _l("%(count)s departures one after the other"),
    "on_demand": _l("Leaves when the goods are ready"),
    "own_unit": _l("A unit is opened for it, which its freight pays for"),
    "past_trips": _l("Punctuality by %(count)s completed trips"),
}
FIRST_NUMBER = re.compile(r"\d+")


def fault(found: FieldError) -> str:
    """What is wrong with a field, in the reader's language as far as there are words."""
    return str(FAULTS[found.code]) if found.code in FAULTS else found.message


def why(code: str, text: str) -> str:
    """Why an offer is what it is; numbers are those of its sentence."""
    found = FIRST_NUMBER.search(text)
    return str(WHY[code]) % {"count": found[0] if found else ""} if code in WHY else text


def note(message: Mapping[str, Any]) -> str:
    """A message of a quote: in English as it was written; else in words by its code, with the facts of its sentence."""
    code, text = message["code"], str(message["text"])
    if languages.current() == "en" or code not in NOTES:
        return text[:1].upper() + text[1:]
    facts = _facts_of(code, text) if code in NOTES_WITH_FACTS else None
    return str(NOTES[code]) if facts is None else str(NOTES_WITH_FACTS[code]) % facts


def _facts_of(code: str, text: str) -> dict[str, str] | None:
    """What stands in the gaps of the sentence that a message was made of; None where it is another sentence."""
    parts = re.split(r"\{(\w+)\}", TEXTS[code][1])
    pattern = "".join(f"(?P<{part}>.+)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    found = re.fullmatch(pattern, text)
    return found.groupdict() if found else None


def event_actor(event: BookingEvent) -> str:
    """Who did something, by the id that a log can be searched for."""
    return f"{word(ACTORS)(event.actor_kind)} {event.actor}"


def event_detail(event: BookingEvent, currency: str) -> list[str]:
    """What an event says beside its kind, a line each."""
    told: Mapping[str, Any] = event.detail
    lines = []
    if "total_minor" in told:
        before, after = (
            formats.exact(told[name], currency) for name in ("total_before_minor", "total_minor")
        )
        lines.append(gettext("Charges %(before)s → %(after)s", before=before, after=after))
    if "reference" in told:
        before, after = (told["reference"][name] or "–" for name in ("before", "after"))
        lines.append(gettext("Reference %(before)s → %(after)s", before=before, after=after))
    if "fee_minor" in told:
        fee = formats.exact(told["fee_minor"], told["currency"])
        was = formats.exact(told["charged_before_minor"], told["currency"])
        lines.append(gettext("Fee %(fee)s instead of %(was)s", fee=fee, was=was))
    for leg in told.get("legs", ()):
        was = formats.moment(formats.parsed(leg["departed_before"]))
        lines.append(gettext("Leg %(number)s; it would have left %(was)s", number=leg["leg"], was=was))
    if "cutoff_at" in told:
        before, after = (
            formats.moment(formats.parsed(told[name])) for name in ("cutoff_before", "cutoff_at")
        )
        lines.append(gettext("Cut-off %(before)s → %(after)s", before=before, after=after))
    if "parcels" in told:
        count = len(told["parcels"])
        lines.append(ngettext("%(count)s parcel", "%(count)s parcels", count, count=formats.number(count)))
    return [*lines, told["reason"]] if told.get("reason") else lines


FILTERS: dict[str, Callable[..., Any]] = {
    "quote_status": word(QUOTE_STATES),
    "booking_status": word(BOOKING_STATES),
    "sale_tone": lambda code: TONES.get(code, "plain"),
    "offer_tag": word(TAGS),
    "tag_icon": lambda code: TAG_ICONS.get(code, "star"),
    "objective": word(OBJECTIVES),
    "band": word(BANDS),
    "charge": word(CHARGES),
    "basis": word(BASES),
    "customs_mode": word(CUSTOMS),
    "booking_event": word(EVENTS),
    "quote_note": word(NOTES),
    "movement": word(track.EVENTS),
    "eta_basis": word(track.BASES),
    "event_actor": event_actor,
    "event_detail": event_detail,
    "note": note,
    "why": why,
}
