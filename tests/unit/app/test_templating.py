"""Templates speak the language in force, and what they are given stays escaped."""

import pytest
from flask import Flask
from flask_babel import force_locale
from jinja2 import DictLoader

from app.web import languages
from app.web.templating import COMPONENTS, SpokenEnvironment

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
