"""The words of API keys and webhooks: what keys may reach, what can be told, and what became of it."""

from collections.abc import Callable

from app.web.labels import Words, word
from app.web.languages import lazy as _l

AREAS: Words = {
    "network": _l("Departures, locations and warehouses"),
    "quotes": _l("Quotes, offers and rates"),
    "bookings": _l("Bookings, their papers and labels"),
    "parcels": _l("The order pool and its imports"),
    "plans": _l("Optimisation runs, plans and re-plans"),
    "tracking": _l("Tracking"),
    "billing": _l("Invoices, statements and payments"),
    "webhooks": _l("Webhooks"),
    "keys": _l("API keys"),
}
VERBS: Words = {"read": _l("look"), "write": _l("look and change")}
EVENT_TYPES: Words = {
    "quote.hold_expired": _l("The space a quote held is free again"),
    "booking.received": _l("A booking was taken on and waits to be confirmed"),
    "booking.confirmed": _l("A booking has its space for certain"),
    "booking.amended": _l("What was booked has changed"),
    "booking.cancelled": _l("A booking was cancelled"),
    "booking.rolled": _l("A booking travels with another departure"),
    "booking.completed": _l("Everything that was booked has arrived"),
    "departure.delayed": _l("A departure with these goods leaves or arrives later"),
    "departure.cancelled": _l("A departure with these goods does not run"),
    "departure.cutoff_changed": _l("A departure with these goods closes earlier or later"),
    "parcel.status_changed": _l("A parcel has another status"),
    "order.status_changed": _l("An order out of a warehouse has another status"),
    "invoice.issued": _l("An invoice is ready"),
    "plan.completed": _l("An optimisation run ended with a plan"),
    "plan.failed": _l("An optimisation run ended without a plan"),
    "inbound.received": _l("Announced goods were received at a warehouse"),
    "return.received": _l("A return was received at a warehouse"),
    "return.graded": _l("Pieces of a return were graded"),
    "return.decided": _l("What becomes of a return was chosen, approved or vetoed"),
    "return.sent_off": _l("Pieces of a return left a warehouse"),
    "return.closed": _l("Everything of a return is where it shall be"),
    "credit.hold": _l("An exporter was put on credit hold, or the hold was lifted"),
    "webhook.disabled": _l("Another webhook is told nothing any more"),
    "ping": _l("A test"),
}
DELIVERIES: Words = {"waiting": _l("On its way"), "delivered": _l("Delivered"), "failed": _l("Given up")}
DELIVERY_TONES = {"waiting": "info", "delivered": "good", "failed": "bad"}
FILTERS: dict[str, Callable[..., str]] = {
    "area": word(AREAS),
    "verb": word(VERBS),
    "event_type": word(EVENT_TYPES),
    "delivery": word(DELIVERIES),
    "delivery_tone": lambda code: DELIVERY_TONES.get(code, "plain"),
}
