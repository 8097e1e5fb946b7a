"""The words of the pool's grid and of edits of many parcels."""

from collections.abc import Callable

from flask_babel import gettext

from app.queries.parcels_grid import RuleRow
from app.web import labels
from app.web.labels import Words
from app.web.languages import lazy as _l

COLUMNS: Words = {
    "client": _l("Client"),
    "route": _l("Route"),
    "goods": _l("Goods"),
    "hs": _l("HS code"),
    "pieces": _l("Pieces"),
    "weight": _l("Gross / chargeable"),
    "volume": _l("m³"),
    "value": _l("Value"),
    "ready": _l("Ready"),
    "due": _l("Deliver by"),
    "customs": _l("Customs"),
    "departure": _l("Departure"),
    "cost": _l("Cost"),
    "slack": _l("Slack"),
    "status": _l("Status"),
}
"""Columns that may be chosen, in their order; the reference always stands first."""
USUAL = (
    "client", "route", "goods", "weight", "volume", "value", "ready", "due", "customs", "departure", "cost", "slack",
)  # fmt: skip
SORTS: Words = {
    "ready": _l("Ready first"),
    "deadline": _l("Due first"),
    "heaviest": _l("Heaviest first"),
    "newest": _l("Newest first"),
}
REFUSALS: Words = {
    "booked": _l("It fills a booking: amend the booking instead"),
    "loaded": _l("It is loaded: take it out of its unit first"),
    "under_way": _l("It is under way or delivered"),
    "withdrawn": _l("It is withdrawn: reactivate it first"),
    "of_a_return": _l("It belongs to a return: decide it at the returns desk"),
    "deliver_by_before_ready": _l("It would have to be there before it is ready"),
    "deadline_missing": _l("A firm date needs a deliver-by date"),
}
FIELDS: Words = {
    "ready_at": _l("Ready"),
    "deliver_by": _l("Deliver by"),
    "hard_deadline": _l("Firm date"),
    "goods_class": _l("Goods class"),
    "customs_mode": _l("Customs mode"),
    "status": _l("Status"),
    "channels": _l("Pinned and forbidden"),
}
WANTED: Words = {
    **FIELDS,
    "state": _l("In the pool"),
    "rule": _l("Pinned or forbidden"),
    "clear_rules": _l("Pins and bans taken back"),
}
"""What an edit may be asked for."""
KEYS: Words = {
    "↑ ↓ PgUp PgDn Home End": _l("go to a row"),
    "Space": _l("select the row"),
    "Shift ↑ ↓": _l("select rows one after the other"),
    "a": _l("select all on this page; once more: all that match; once more: none"),
    "Enter": _l("open the parcel"),
    "e": _l("edit what is selected"),
    "o": _l("send what is selected to the optimiser"),
    "n": _l("next page"),
    "/": _l("go to the filters"),
    "?": _l("show or hide these keys"),
}


def rule_words(kind: str, name: str) -> str:
    """A pin or ban in a few words; `name` is a mode in words, a service or a departure."""
    if kind == "pin":
        return gettext("Only by %(channel)s", channel=name)
    return gettext("Not by %(channel)s", channel=name)


def channel_rule(rule: RuleRow) -> str:
    """A pin or ban of a parcel in a few words."""
    return rule_words(rule.kind, labels.FILTERS["mode"](rule.name) if rule.by == "mode" else rule.name)


FILTERS: dict[str, Callable[..., str]] = {"channel_rule": channel_rule}
