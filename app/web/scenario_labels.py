"""Scenarios in words: what is assumed, whether it is true, and figures beside those of the baseline."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext

from app.queries.replans import NamedDeparture
from app.web import formats, labels
from app.web.labels import Words, word
from app.web.languages import lazy as _l

KINDS: Words = {
    "drop": _l("Do not use a departure"),
    "cancelled": _l("A departure is cancelled"),
    "delayed": _l("A departure is late"),
    "cutoff": _l("An earlier or later cut-off"),
    "capacity": _l("More or less room on a departure"),
    "mode": _l("Do not use a mode"),
    "warehouse": _l("A warehouse takes nothing in"),
    "intake": _l("A warehouse takes in more or less a day"),
    "new_warehouse": _l("A new warehouse beside a known one"),
    "fuel": _l("Fuel costs more or less"),
    "fx": _l("A currency costs more or less"),
}
HELP: Words = {
    "drop": _l("A decision: the plan can be promoted as it is."),
    "cancelled": _l("A fact: before the plan is promoted the departure must be cancelled in the system."),
    "delayed": _l(
        "A fact: connections may break. To promote the plan the departure must leave at that time."
    ),
    "cutoff": _l(
        "Counted back from each port where goods board. Earlier: goods that are there later take another way. Later: "
        "the ways it makes are looked for, and to promote the plan the departure must close so in the system."
    ),
    "capacity": _l("100 is as it is. Units stay whole: half of one container is none."),
    "mode": _l("A decision: the plan can be promoted as it is."),
    "warehouse": _l("What lies there may still leave. A decision: the plan can be promoted as it is."),
    "intake": _l("100 is as it is."),
    "new_warehouse": _l(
        "By the same departures. Dearer or cheaper are road and last-mile legs to and from it, and work in it. "
        "If the known one has room for all goods of the plan, a new one is of use only if it is cheaper. "
        "Its plan shows what the warehouse would be worth; it cannot be promoted."
    ),
    "fuel": _l("By what price lists state for fuel; fixed prices of containers and charters stay."),
    "fx": _l("What is priced in it, units too. The value of goods stays."),
}
CHECKS: Words = {
    "decision": _l("A decision that the plan already keeps: nothing must change for it."),
    "cancelled": _l("The departure is cancelled in the system."),
    "delayed": _l("The departure leaves in the system at the time assumed, within 15 minutes."),
    "cutoff": _l(
        "The departure closes no earlier in the system where the plan boards it, and no papers there are past."
    ),
    "capacity": _l("What the plan puts on the departure fits what is free on it now."),
    "intake": _l("The warehouse takes in so many parcels a day in the system."),
    "fuel": _l("The price lists state this price of fuel, within 0.5 %."),
    "fx": _l("The exchange rate in the system is the one assumed, within 0.5 %."),
    "new_warehouse": _l("The plan's ways lead only through warehouses that are there."),
    "parcels_wait": _l("All its parcels still wait and are not booked."),
    "departures_open": _l("All its departures are open and have not left."),
    "times_hold": _l("All its departures leave when the plan has them, within 15 minutes."),
}
STEPS: Words = {
    "cancelled": _l("Cancel the departure first, then come back."),
    "delayed": _l("Enter the new times first, then come back."),
    "cutoff": _l("Move the cut-off of the departure first, then come back."),
    "capacity": _l("Enter the room at the departure first, then come back."),
    "intake": _l("Enter the intake at the warehouse first, then come back."),
    "fuel": _l("Import the new price lists, then start a run: its costs are the true ones."),
    "fx": _l("Import the new exchange rates, then start a run: its costs are the true ones."),
    "new_warehouse": _l(
        "Enter the warehouse with its services and price lists, then start a run: its ways are the true ones."
    ),
    "parcels_wait": _l("Start a run for what waits now; decide in it as here."),
    "departures_open": _l("Start a run for the departures that are left."),
    "times_hold": _l("Start a run with the times as they are."),
}


def patch_words(patch: Mapping[str, Any], named: Mapping[str, NamedDeparture]) -> str:
    """One line that says what is assumed."""
    departure = named.get(patch.get("departure_id", ""))
    facts = {
        "departure": f"{departure.service_code} {departure.number}" if departure else "–",
        "mode": labels.FILTERS["mode"](patch.get("mode")),
        "place": patch.get("location", ""),
        "currency": patch.get("currency", ""),
        "hours": formats.duration(patch.get("delay_min") or patch.get("before_min") or 0),
        "percent": formats.number(patch.get("percent") or 0, 2),
        "parcels": formats.number(patch.get("daily_parcels") or 0),
        "change": ("+" if (patch.get("percent") or 0) > 0 else "")
        + formats.number(patch.get("percent") or 0, 2),
    }
    texts = {
        "drop": gettext("Without %(departure)s", **facts),
        "cancelled": gettext("%(departure)s cancelled", **facts),
        "delayed": gettext("%(departure)s %(hours)s late", **facts),
        "cutoff": gettext("%(departure)s closes %(hours)s before it leaves", **facts),
        "capacity": gettext("%(departure)s with %(percent)s %% of its room", **facts),
        "mode": gettext("Nothing by %(mode)s", **facts),
        "warehouse": gettext("%(place)s takes nothing in", **facts),
        "intake": gettext("%(place)s takes in %(percent)s %% of the parcels a day", **facts),
        "new_warehouse": gettext("New beside %(place)s: %(parcels)s parcels a day, %(change)s %%", **facts),
        "fuel": gettext("Fuel by %(mode)s %(change)s %%", **facts),
        "fx": gettext("%(currency)s %(change)s %%", **facts),
    }
    return texts.get(patch["kind"], patch["kind"])


FILTERS: dict[str, Callable[..., str]] = {
    "patch_kind": word(KINDS),
    "patch_help": word(HELP),
    "patch_words": patch_words,
    "promotion_check": word(CHECKS),
    "promotion_step": word(STEPS),
}
