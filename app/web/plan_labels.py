"""The words of plans: costs, decisions, bounds, room and what a unit that is opened is worth."""

from collections.abc import Callable

from flask_babel import gettext

from app.web.labels import Words, word
from app.web.languages import lazy as _l

COST_PARTS: Words = {
    "one": _l("Work on it"),
    "kg": _l("By weight"),
    "value": _l("Value lost"),
    "day": _l("Value of time"),
    "late": _l("Lateness"),
    "store": _l("Storage while waiting"),
    "duty": _l("Duty and tax without relief"),
    "co2e": _l("CO₂e at the price of the run"),
}
DECISIONS: Words = {
    "lock": _l("Locked"),
    "override": _l("Sent another way"),
    "leave": _l("Left out"),
}
DECISIONS_HELD: Words = {
    "lock": _l("Locked"),
    "override": _l("Changed by hand"),
    "leave": _l("Left out by hand"),
}
BOUND_SOURCES: Words = {
    "certificate": _l("Certificate"),
    "solver": _l("Solver"),
    "none": _l("None"),
}
BOUND_WORDS: Words = {
    "certificate": _l("The plan file carries the proof, and anyone can recompute it with fourport verify."),
    "solver": _l(
        "The integer solver proved it; fourport verify says whether the plan file is enough to prove it again."
    ),
    "none": _l(
        "Nothing is proven yet about how much cheaper a plan could be. A longer run may prove a bound."
    ),
}
ONE_MORE: Words = {
    "g": _l("1 kg more"),
    "cm3": _l("1 m³ more"),
    "teu": _l("1 TEU more"),
    "slot20": _l("1 slot of 20 feet more"),
    "slot40": _l("1 slot of 40 feet more"),
    "slot45": _l("1 slot of 45 feet more"),
    "uld_position": _l("1 ULD position more"),
    "boxes": _l("1 container more"),
    "parcels": _l("1 parcel more"),
}
ROOM_KINDS: Words = {
    "payload": _l("Charter"),
    "segment": _l("Segment"),
    "slots": _l("Slots"),
    "boxes": _l("Containers"),
    "allotment": _l("Allotment"),
    "throughput": _l("Warehouse"),
}
VERDICTS: Words = {
    "needed": _l("Needed"),
    "pays": _l("Pays"),
    "does_not_pay": _l("Does not pay"),
    "would_pay": _l("Would pay"),
    "would_not_pay": _l("Would not pay"),
}
VERDICT_TONES = {
    "needed": "info",
    "pays": "good",
    "does_not_pay": "warn",
    "would_pay": "warn",
    "would_not_pay": "plain",
}
SHOWN_SPACE: Words = {
    "scarce": _l("Scarce room"),
    "opened": _l("Opened units"),
    "shut": _l("Units that stay shut"),
}


def cost_part(code: str) -> str:
    """A cost component; the charges of a tariff go by its code."""
    kind, _, tariff = code.partition(" ")
    return gettext("Tariff %(code)s", code=tariff) if kind == "tariff" else word(COST_PARTS)(code)


FILTERS: dict[str, Callable[..., str]] = {
    "decision": word(DECISIONS),
    "decision_held": word(DECISIONS_HELD),
    "bound_source": word(BOUND_SOURCES),
    "bound_words": word(BOUND_WORDS),
    "one_more": word(ONE_MORE),
    "room_kind": word(ROOM_KINDS),
    "verdict": word(VERDICTS),
    "verdict_tone": lambda code: VERDICT_TONES.get(code, "plain"),
    "shown_space": word(SHOWN_SPACE),
}
