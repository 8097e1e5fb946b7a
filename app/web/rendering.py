"""What every template can use: our components, filters and the few facts of the frame around a page."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, has_request_context, request, url_for
from flask_babel import gettext
from markupsafe import Markup

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
    navigation,
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
        navigation=navigation.navigation,
        current_area=navigation.current_area,
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
