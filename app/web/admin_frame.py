"""What the pages of administration share: their tabs, what is typed and what is wrong with it, and values in words."""

from typing import Any

from flask import current_app, render_template, request
from flask_babel import LazyString, gettext

from app import auth
from app.errors import Invalid
from app.queries.audit import Changed
from app.web import formats, sales_labels
from app.web.labels import Words
from app.web.languages import lazy as _l

SECTIONS = (
    ("admin_users.index", _l("Users"), "users"),
    ("admin_roles.show", _l("Roles"), "list-check"),
    ("admin_clients.index", _l("Clients and credit"), "coin"),
    ("admin_rates.index", _l("Rate cards"), "receipt"),
    ("api_keys.index", _l("API keys"), "key"),
    ("admin_deliveries.index", _l("Deliveries"), "bell"),
    ("admin_failures.index", _l("Failed requests"), "alert-circle"),
    ("admin_jobs.index", _l("Job runs"), "progress"),
    ("admin_audit.index", _l("Audit log"), "history"),
    ("country_groups.index", _l("Country groups"), "world"),
)
"""Endpoint, words and icon of each page; who may open it is said by the page itself."""
HELP: Words = {
    "admin_users.index": _l("Invite, give a role, shut out and let in again."),
    "admin_roles.show": _l("What each role may see and do, read from the product itself."),
    "admin_clients.index": _l("Balance, limit, exposure, what is overdue, and holds."),
    "admin_rates.index": _l("What is asked for space and what it costs us, with samples and history."),
    "api_keys.index": _l("Secrets for scripts: made, rotated, revoked, last used."),
    "admin_deliveries.index": _l("What webhooks were told, failing addresses first; send it again."),
    "admin_failures.index": _l("Which requests got an error, by the id that their caller was shown."),
    "admin_jobs.index": _l("Work in the background: what waits, runs and failed, and who works."),
    "admin_audit.index": _l("Who changed what, when, before and after."),
    "country_groups.index": _l("Which country belongs to which group, from when to when."),
}


def render(template: str, **values: Any) -> str:  # noqa: ANN401 (whatever the page shows)
    """A page of administration, with the tabs of those this person may open."""
    return render_template(f"admin/{template}.html", sections=sections(), shown=shown, **values)


def sections() -> list[tuple[str, LazyString, str]]:
    """(endpoint, words, icon) of the pages this person may open."""
    views, actor = current_app.view_functions, auth.actor()
    return [one for one in SECTIONS if one[0] in views and actor.may(*getattr(views[one[0]], "access", ()))]


def typed(name: str, longest: int = 200) -> str | None:
    """A field of the form as typed; None if it is empty. What is too long is cut, for a rule to refuse."""
    return request.form.get(name, "").replace("\0", "").strip()[: longest + 1] or None


def faults(error: Invalid) -> dict[str, str]:
    """What is wrong, by field."""
    return {fault.field.partition(".")[0]: sales_labels.fault(fault) for fault in error.errors}


def shown(changed: Changed, side: str) -> str:
    """One value of the log in words."""
    return in_words(getattr(changed, side))


def in_words(value: object) -> str:
    """A value as JSON has it: lists and objects part by part."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {in_words(one)}" for name, one in value.items())
    if value is None:
        return gettext("nothing")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(in_words(one) for one in value)
    if isinstance(value, int):
        return formats.number(value)
    return str(value)
