"""What an exception says: what it is about, why, how its money was worked out, and where it is dealt with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import LazyString, gettext, ngettext

from app.queries.exceptions import ExceptionRow
from app.web import formats
from app.web.languages import lazy as _l

KINDS: dict[str, LazyString] = {
    "departure_cancelled": _l("Cancelled with goods on it"),
    "closing_underfilled": _l("Closes underfilled"),
    "hold_expiring": _l("Hold runs out"),
    "goods_late": _l("Goods late"),
    "customs_hold": _l("Customs hold"),
    "relief_deadline": _l("Relief deadline"),
    "webhook_failing": _l("Webhook failing"),
    "run_failed": _l("Run failed"),
    "count_differs": _l("Stock differs"),
}
HOW: dict[str, LazyString] = {
    "departure_cancelled": _l("what its live bookings are charged"),
    "closing_underfilled": _l("the cost of the opened units, times the share that is empty"),
    "hold_expiring": _l("the price of the dearest offer that holds space"),
    "goods_late": _l("what the booking is charged"),
    "customs_hold": _l("the declared value of the parcels"),
    "relief_deadline": _l("the value of the goods, times duty and tax without relief"),
}
"""How money at risk is computed; kinds without money are not named."""


@dataclass(frozen=True, slots=True)
class Told:
    """An exception in words."""

    title: str
    text: str
    href: str


def tell(row: ExceptionRow) -> Told:
    """One exception in the reader's language."""
    facts = row.facts
    title, text, href = {
        "departure_cancelled": _cancelled,
        "closing_underfilled": _underfilled,
        "hold_expiring": _hold,
        "goods_late": _late,
        "customs_hold": _customs,
        "relief_deadline": _relief,
        "webhook_failing": _webhook,
        "run_failed": _run,
        "count_differs": _count,
    }[row.kind](row.subject, facts)
    return Told(title, text, href)


Words = tuple[str, str, str]


def _cancelled(subject: str, facts: dict[str, Any]) -> Words:
    text = ngettext(
        "%(count)s booking waits to be rolled or planned anew",
        "%(count)s bookings wait to be rolled or planned anew",
        facts["bookings"],
        count=formats.number(facts["bookings"]),
    )
    return _departure(facts), text, url_for("departures.show", public_id=subject)


def _underfilled(subject: str, facts: dict[str, Any]) -> Words:
    text = ngettext(
        "%(count)s opened unit is %(share)s full",
        "%(count)s opened units are %(share)s full",
        facts["units"],
        count=formats.number(facts["units"]),
        share=formats.share(facts["fill"]),
    )
    return _departure(facts), text, url_for("departures.show", public_id=subject)


def _hold(subject: str, facts: dict[str, Any]) -> Words:
    text = gettext("the space that this quote holds is given back unless it is booked")
    return facts["client"], text, url_for("quotes.show", public_id=subject)


def _late(subject: str, facts: dict[str, Any]) -> Words:
    text = ngettext(
        "%(count)s parcel comes %(late)s after it was due",
        "%(count)s parcels come %(late)s after they were due",
        facts["parcels"],
        count=formats.number(facts["parcels"]),
        late=formats.duration(facts["late"]),
    )
    return f"{facts['client']} · {subject}", text, url_for("bookings.show", public_id=subject)


def _customs(subject: str, facts: dict[str, Any]) -> Words:
    del subject
    text = ngettext(
        "customs holds %(count)s parcel",
        "customs holds %(count)s parcels",
        facts["parcels"],
        count=formats.number(facts["parcels"]),
    )
    where = url_for("parcels.pool", status="customs_hold", exporter=facts["client"])
    return facts["client"], text, where


def _relief(subject: str, facts: dict[str, Any]) -> Words:
    text = gettext(
        "after the deadline, duty and tax of about %(share)s are due in China",
        share=formats.share(facts["permille"] / 1000, 1),
    )
    return f"{facts['client']} · {facts['reference']}", text, url_for("returns.show", public_id=subject)


def _webhook(subject: str, facts: dict[str, Any]) -> Words:
    text = ngettext(
        "%(count)s message could not be delivered",
        "%(count)s messages could not be delivered",
        facts["messages"],
        count=formats.number(facts["messages"]),
    )
    if not facts["enabled"]:
        text = gettext("switched off after failing")
    whose = facts["client"] or gettext("our own")
    return f"{whose} · {facts['url']}", text, url_for("webhooks.show", public_id=subject)


def _run(subject: str, facts: dict[str, Any]) -> Words:
    text = gettext("the run ended with %(code)s", code=facts["code"] or gettext("an error"))
    return subject, text, url_for("runs.show", public_id=subject)


def _count(subject: str, facts: dict[str, Any]) -> Words:
    text = ngettext(
        "%(count)s lot was counted otherwise than the ledger says",
        "%(count)s lots were counted otherwise than the ledger says",
        facts["lines"],
        count=formats.number(facts["lines"]),
    )
    where = url_for("counts.show", code=facts["warehouse"], public_id=subject)
    return f"{facts['warehouse']} · {subject}", text, where


def _departure(facts: dict[str, Any]) -> str:
    return f"{facts['number']} · {facts['service']}"


FILTERS: dict[str, Callable[..., Any]] = {
    "exception_kind": lambda code: str(KINDS[code]),
    "exception_how": lambda code: str(HOW[code]) if code in HOW else "",
    "exception_told": tell,
}
