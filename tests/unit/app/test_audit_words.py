"""The audit log shows values as words, never as code."""

import pytest
from flask import Flask
from flask_babel import force_locale

from app.web import languages
from app.web.admin_frame import in_words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "yes"),
        (1234, "1,234"),
        ("open", "open"),
        (["air", "sea"], "air, sea"),
        ({"cost": 1, "time": {"day": 1500}, "modes": ["air", None]}, "cost: 1, time: day: 1,500, modes: air, nothing"),
    ],
)  # fmt: skip
def test_values_of_the_log_in_words(value, words):
    app = Flask("app.web")
    languages.register(app)
    with app.test_request_context(), force_locale("en"):
        assert in_words(value) == words
