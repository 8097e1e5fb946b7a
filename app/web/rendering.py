"""What every template can use: our components, filters and the few facts of the frame around a page."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, has_request_context, request, url_for
from flask_babel import LazyString, gettext
from markupsafe import Markup

from app.actor import PLANNERS, READERS, ROLES
from app.auth import signed_in
from app.clock import now
from app.web import (
    addresses,
    admin_labels,
    commit_labels,
    customs_labels,
    fee_labels,
    formats,
    import_labels,
    inbound_labels,
    interface_labels,
    labels,
    languages,
    load_labels,
    plan_labels,
    pool_labels,
    readiness_labels,
    return_labels,
    sales_labels,
    shipment_labels,
    stock_labels,
    tower_words,
    work_labels,
)
from app.web.languages import lazy as _l

SEE_QUOTES = ("operator", "finance", "exporter")
NAVIGATION = (
    ("tower.show", _l("Control tower"), "layout-dashboard", READERS),
    ("quotes.index", _l("Quotes"), "receipt", SEE_QUOTES),
    ("bookings.index", _l("Bookings"), "clipboard-list", ROLES),
    ("departures.board", _l("Departures"), "calendar", ROLES),
    ("asns.index", _l("Inbound"), "package-import", ("operator", "exporter")),
    ("replenishment.index", _l("Replenishment"), "refresh", ("operator", "exporter")),
    ("parcels.pool", _l("Order pool"), "packages", ROLES),
    ("orders.index", _l("Orders"), "package-export", ("operator", "customs", "finance", "exporter")),
    ("runs.index", _l("Optimiser"), "route", PLANNERS),
    ("returns.index", _l("Returns"), "truck-return", ROLES),
    ("customs.index", _l("Customs and tax"), "file-text", ("operator", "customs", "finance", "regulator")),
    ("warehouses.directory", _l("Warehouses"), "building-warehouse", READERS),
    ("warehouse_fees.statements", _l("Statements"), "coin", SEE_QUOTES),
    ("stock.index", _l("Stock"), "stack-2", ("operator", "exporter")),
    ("hubs.index", _l("Hubs"), "box", ("operator", "warehouse")),
    ("webhooks.index", _l("Webhooks"), "bell", ("operator", "exporter")),
    ("api_keys.index", _l("API keys"), "key", ("exporter",)),
    ("admin.index", _l("Administration"), "settings", ("operator", "finance", "regulator")),
)
"""Endpoint, words, icon, and the roles that may open it; the admin may open all."""
DIRECTORY = ("directory.index", _l("Warehouses"), "building-warehouse")
"""What exporters see of the warehouses."""
START = ("portal.show", _l("Start"), "layout-dashboard")
"""Where exporters begin."""
MINE = _l("My warehouse")
"""Where the staff of one begin."""
THEMES = ("light", "dark")
WORDS = (
    formats,
    labels,
    admin_labels,
    commit_labels,
    customs_labels,
    fee_labels,
    import_labels,
    inbound_labels,
    interface_labels,
    load_labels,
    plan_labels,
    pool_labels,
    readiness_labels,
    return_labels,
    sales_labels,
    shipment_labels,
    stock_labels,
    tower_words,
    work_labels,
)
"""Where the filters of the pages are."""
STATIC = Path(__file__).parent / "static"


def register(app: Flask) -> None:
    """Attach filters and the frame's facts."""
    env = app.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    env.policies["ext.i18n.trimmed"] = True
    for words in WORDS:
        env.filters.update(words.FILTERS)
    env.filters["in_words"] = lambda codes, name: [(code, env.filters[name](code)) for code in codes]
    env.globals.update(
        now=now,
        static=static,
        icon=icon,
        current_url=addresses.with_changes,
        navigation=navigation,
        languages=languages.LANGUAGES,
        error_titles=labels.ERROR_TITLES,
    )
    app.context_processor(frame)


def frame() -> dict[str, Any]:
    """What the base template needs on each page."""
    wish = request.cookies.get("theme", "")
    return {
        "language": languages.current(),
        "html_language": languages.HTML_LANGUAGES[languages.current()],
        "theme": wish if wish in THEMES else "auto",
        "me": signed_in(),
        "zone": languages.zone(),
        "units": {"d": gettext("d"), "h": gettext("h"), "min": gettext("min")},
    }


def navigation() -> list[tuple[str, LazyString, str]]:
    """(endpoint, text, icon) of the pages this person may open."""
    user = signed_in()
    if user is None:
        return []
    house = [("floor.mine", MINE, "forklift")] if user.role == "warehouse" and user.warehouse_id else []
    if user.role == "exporter":
        house = [START]
    found = [
        (endpoint, words, symbol)
        for endpoint, words, symbol, roles in NAVIGATION
        if user.role in ("admin", *roles)
    ]
    return [*house, *found, *([DIRECTORY] if user.role == "exporter" else [])]


def static(name: str) -> str:
    """The address of a static file, with a digest of its content so that it may be kept for long."""
    return _address(name, request.script_root if has_request_context() else "")


@cache
def _address(name: str, root: str) -> str:
    """The files stay as they are while a process runs (see `app.web.assets`), so each is read once for each `root`."""
    del root
    path = STATIC / name
    version = hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else None
    return url_for("static", filename=name, v=version)


def icon(name: str) -> Markup:
    """One of the Tabler icons that icons.txt names; decoration, so it is hidden from screen readers."""
    return _icon(name, static("vendor/icons.svg"))


@cache
def _icon(name: str, sprite: str) -> Markup:
    return Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>').format(
        sprite, name
    )
