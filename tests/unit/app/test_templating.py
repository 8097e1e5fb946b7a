"""Templates speak the language in force, what they are given stays escaped, and what is kept is kept for its like."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from inspect import signature
from itertools import product
from types import SimpleNamespace

import pytest
from flask import Flask, g
from flask_babel import force_locale
from jinja2 import DictLoader

from app.queries.bookings import BookingSummary
from app.queries.departure_facts import CutoffRow
from app.queries.departure_rows import Space, UnitRow
from app.queries.departures_costs import VariableCost
from app.queries.parcels import ParcelRow
from app.queries.parcels_grid import Ride, RuleRow
from app.queries.places import Place
from app.queries.quotes import QuoteRow
from app.web import (
    bookings,
    departures,
    formats,
    languages,
    navigation,
    parcels,
    pool_labels,
    quotes,
    rendering,
    templating,
)
from app.web.departures import BoardLine
from app.web.navigation import FIND
from app.web.parcels import GridRow
from app.web.templating import COMPONENTS, KEYS, SpokenEnvironment

PAGES = {
    "fixed.html": '{{ _("Route") }}|{{ "<b>"|upper }}',
    "open.html": '{{ _("until %(time)s", time=when) }}',
    "choice.html": '{{ (_("Air") if flies else _("Sea"))|upper ~ "!" }}',
    "counted.html": '{{ ngettext("%(count)s day", "%(count)s days", days, count=days) }}',
    "per_cent.html": '{{ _("100%% sure") }}',
} | {f"components/{name}.html": "" for name in COMPONENTS}


@pytest.fixture(scope="module")
def app():
    app = Flask("app.web")
    app.jinja_environment = SpokenEnvironment
    app.jinja_options = {"loader": DictLoader(PAGES)}
    languages.register(app)
    return app


def shown(app, name: str, language: str, **values: object) -> str:
    with app.test_request_context(), force_locale(language):
        return app.jinja_env.get_template(name).render(**values)


def test_a_template_speaks_the_language_of_each_request_whoever_came_first(app):
    said = [shown(app, "fixed.html", language) for language in ("zh", "en", "zh")]
    assert said == ["路线|&lt;B&gt;", "Route|&lt;B&gt;", "路线|&lt;B&gt;"]


def test_variables_of_a_message_are_escaped(app):
    assert shown(app, "open.html", "en", when="<i>") == "until &lt;i&gt;"


def test_messages_inside_expressions_and_with_per_cent_signs_stay_what_they_are(app):
    assert shown(app, "choice.html", "zh", flies=True) == "空运!"
    assert shown(app, "per_cent.html", "en") == "100% sure"


def test_messages_with_a_number_choose_their_form_when_shown(app):
    assert [shown(app, "counted.html", "en", days=days) for days in (1, 2)] == ["1 day", "2 days"]


def test_words_of_tables_follow_the_language_in_force(app):
    word = languages.lazy("Route")
    with app.test_request_context(), force_locale("zh"):
        assert str(word) == "路线"
    with app.test_request_context(), force_locale("en"):
        assert str(word) == "Route"


PLACES = {
    "LAX": Place(
        1, "LAX", "airport", "Los Angeles", "洛杉矶", "US", None, "America/Los_Angeles", 34.0, -118.0
    ),
    "PVG": Place(2, "PVG", "airport", "Shanghai", "上海", "CN", None, "Asia/Shanghai", 31.0, 122.0),
}
NEW_YEARS_EVE = datetime(2026, 12, 31, 18, tzinfo=UTC)
"""2027 in Shanghai, 2026 in Los Angeles."""
ALL_COLUMNS = tuple((name, str(words)) for name, words in pool_labels.COLUMNS.items())
RULES = [
    (
        RuleRow("ban", "mode", "air", None, until, "USR_1"),
        RuleRow("pin", "service", "CA1", None, None, "USR_1"),
    )
    for until in (None, NEW_YEARS_EVE)
]


def cell(rules=(), **changes):
    """A parcel in the grid; due on New Year's Eve."""
    row = ParcelRow(
        id=1, public_id="PCL_1", reference="A-1", exporter_reference="EXP", exporter_name="Exporter",
        direction="export", origin=PLACES["PVG"], destination=PLACES["LAX"], weight_g=900, length_mm=None,
        width_mm=None, height_mm=None, volume_cm3=5000, goods_class="general", value_minor=100, currency="USD",
        ready_at=NEW_YEARS_EVE - timedelta(days=9), deliver_by=NEW_YEARS_EVE, hard_deadline=True,
        customs_mode="9610", grade=None, status="pending", created_at=NEW_YEARS_EVE, planned=True,
        arrives_at=NEW_YEARS_EVE - timedelta(hours=5), cost_minor=500,
    )  # fmt: skip
    return GridRow(replace(row, **changes), Ride("DEP_1", "1", "CA1", "air", NEW_YEARS_EVE), rules)


def line(booked=100, opened=0, rate=None, minutes=0, **changes):
    """A departure of New Year's Eve on the board, with a cut-off there and then or a little later."""
    at = None if minutes is None else NEW_YEARS_EVE + timedelta(minutes=minutes)
    unit = UnitRow("PMC", "Pallet", "板", 4, opened, 100_000, "CNY", 5_000_000, 10_000_000)
    whole = BoardLine(
        public_id="DEP_1", number="1", name_en="West", name_zh="西", carrier="CA", mode="air", charter=True,
        status="open", batteries=False, origin=PLACES["PVG"], destination=PLACES["LAX"], border=None,
        departs_at=NEW_YEARS_EVE, arrives_at=NEW_YEARS_EVE + timedelta(hours=11),
        next_cutoff=CutoffRow("DCO", at, PLACES["LAX"]) if at else None, has_cutoffs=True,
        spaces=(Space(1, "g", 1000, 0, booked),), units=(unit,), rate=rate,
    )  # fmt: skip
    return replace(whole, **changes)


def quote(**changes):
    """A quote of New Year's Eve."""
    whole = QuoteRow(
        1, "QUO_1", "EXP", False, "offered", "CNY", NEW_YEARS_EVE - timedelta(hours=1), NEW_YEARS_EVE,
        PLACES["PVG"], PLACES["LAX"], None, 2, 1234, {}, [], [],
    )  # fmt: skip
    return replace(whole, **changes)


def booking(**changes):
    """A booking of New Year's Eve."""
    whole = BookingSummary(
        PLACES["PVG"], PLACES["LAX"], 1, "BKG_1", "R-1", "EXP", NEW_YEARS_EVE, 1234, "CNY", "CONFIRMED", False
    )
    return replace(whole, **changes)


ENTRIES = [one for one in navigation.ENTRIES if one.area in ("quotes", "bookings", "departures", "parcels")]
SHOWN = {
    "badge": [("open",), ("closed",)],
    "place": [(place,) for place in PLACES.values()],
    "place_full": [(place,) for place in PLACES.values()],
    "route": [
        (PLACES["LAX"], PLACES["PVG"]),
        (PLACES["PVG"], PLACES["LAX"]),
        (PLACES["PVG"], PLACES["LAX"], PLACES["LAX"]),
    ],
    "when": [(NEW_YEARS_EVE, place) for place in (None, *PLACES.values())],
    "local": [(NEW_YEARS_EVE, place) for place in PLACES.values()],
    "cutoff": [
        (CutoffRow(code, NEW_YEARS_EVE + timedelta(minutes=minutes), place),)
        for code, minutes, place in product(("VGM", "DCO"), (0, 1), PLACES.values())
    ],
    "bar": [(0.5,), (0.5, 0.2), (0.95,)],
    "fill": [
        (SimpleNamespace(dimension=dimension, capacity=10_000, booked=1_000, held=held, free=9_000 - held),)
        for dimension in ("g", "cm3")
        for held in (0, 500)
    ],
    "quote_badge": [("offered",), ("expired",)],
    "booking_badge": [("confirmed",), ("cancelled",)],
    "parcel_row": [
        (cell(**change), columns, may_edit, currency)
        for change in (
            {},
            {"reference": "B-2"},
            {"weight_g": 7},
            {"late_min": 90},
            {"contents": [{"quantity": 3}]},
        )
        for columns, may_edit, currency in ((ALL_COLUMNS, True, "CNY"), (ALL_COLUMNS[:3], False, None))
    ]
    + [(cell(rules=rules), ALL_COLUMNS, True, "CNY") for rules in RULES],
    "departure_row": [
        (line(**change), *flags)
        for change in (
            {},
            {"number": "2"},
            {"status": "closing"},
            {"batteries": True},
            {"border": PLACES["PVG"]},
            {"booked": 900},
            {"opened": 1},
            {"rate": VariableCost("CNY", 10_000, 10_000)},
            {"minutes": 1},
            {"minutes": None},
        )
        for flags in ((True, False, True), (False, False, True), (False, True, False))
    ],
    "quote_row": [
        (quote(**change),)
        for change in (
            {},
            {"status": "expired"},
            {"booking": "BKG_1"},
            {"offers": 3},
            {"best_total_minor": None},
            {"expires_at": NEW_YEARS_EVE + timedelta(minutes=1)},
        )
    ],
    "booking_row": [
        (booking(),),
        (booking(reference=None),),
        (booking(test_mode=True),),
        (booking(status="CANCELLED"),),
    ],
    "navigation": [
        (entries, area)
        for entries in (ENTRIES, ENTRIES[:2], [FIND._replace(endpoint="parcels.pool")])
        for area in ("parcels", "quotes", "elsewhere")
    ],
    "place_select": [
        ("from", "From", list(PLACES.values()), None),
        ("from", "From", list(PLACES.values()), "LAX"),
        ("to", "From", list(PLACES.values()), "LAX"),
        ("from", "From", [PLACES["PVG"]], None),
    ],
}


@pytest.fixture(scope="module")
def pages():
    app = Flask("app.web", template_folder="templates")
    app.jinja_environment = SpokenEnvironment
    languages.register(app)
    rendering.register(app)
    for module in (parcels, departures, bookings, quotes):
        app.register_blueprint(module.pages)
    return app


@pytest.mark.parametrize("name", KEYS)
def test_a_kept_macro_writes_what_it_would_write_anew(pages, name, monkeypatch):
    def asked(now, language, zone):
        monkeypatch.setattr(formats, "now", lambda: now)
        monkeypatch.setattr(templating, "now", lambda: now)
        with pages.test_request_context(), force_locale(language):
            g.user = SimpleNamespace(time_zone=zone, locale=language)
            kept = getattr(pages.jinja_env.get_template("error.html").environment.globals["ui"], name)
            spoken = pages.jinja_env.spoken[language]
            modules = [spoken.get_template(f"components/{one}.html").module for one in COMPONENTS]
            bare = next(getattr(module, name) for module in modules if hasattr(module, name))
            assert list(signature(KEYS[name]).parameters) == list(bare.arguments)
            return [(kept(*values), bare(*values)) for values in SHOWN[name]]

    circumstances = product(
        (NEW_YEARS_EVE - timedelta(days=1), NEW_YEARS_EVE, NEW_YEARS_EVE + timedelta(days=1)),
        ("en", "zh"),
        ("Asia/Shanghai", "America/Los_Angeles"),
    )
    for one in circumstances:
        for kept, bare in asked(*one):
            assert kept == bare
