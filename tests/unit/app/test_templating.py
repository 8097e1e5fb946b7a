"""Templates speak the language in force, what they are given stays escaped, and what is kept is kept for its like."""

from datetime import UTC, datetime, timedelta
from inspect import signature
from itertools import product
from types import SimpleNamespace

import pytest
from flask import Flask, g
from flask_babel import force_locale
from jinja2 import DictLoader

from app.web import formats, languages, rendering, templating
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
    "LAX": SimpleNamespace(
        code="LAX", name_en="Los Angeles", name_zh="洛杉矶", country="US", time_zone="America/Los_Angeles"
    ),
    "PVG": SimpleNamespace(
        code="PVG", name_en="Shanghai", name_zh="上海", country="CN", time_zone="Asia/Shanghai"
    ),
}
NEW_YEARS_EVE = datetime(2026, 12, 31, 18, tzinfo=UTC)
"""2027 in Shanghai, 2026 in Los Angeles."""
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
    "bar": [(0.5,), (0.5, 0.2), (0.95,)],
    "fill": [
        (SimpleNamespace(dimension=dimension, capacity=10_000, booked=1_000, held=held, free=9_000 - held),)
        for dimension in ("g", "cm3")
        for held in (0, 500)
    ],
    "quote_badge": [("offered",), ("expired",)],
    "booking_badge": [("confirmed",), ("cancelled",)],
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
