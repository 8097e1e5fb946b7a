"""Which language and which time zone a page speaks: the person's own setting, else the browser's wish."""

from zoneinfo import ZoneInfo

from flask import Flask, request
from flask_babel import Babel, get_locale

from app.auth import signed_in

LANGUAGES = {"en": "English", "zh": "中文"}
HTML_LANGUAGES = {"en": "en", "zh": "zh-Hans"}
DEFAULT_ZONE = "Asia/Shanghai"
COOKIE = "language"


def register(app: Flask) -> None:
    """Attach flask-babel with our selectors."""
    Babel(
        app,
        default_locale="en",
        locale_selector=language,
        timezone_selector=lambda: zone().key,
        default_translation_directories="translations",
    )


def language() -> str:
    """The language of this request."""
    user = signed_in()
    wished = user.locale if user is not None else request.cookies.get(COOKIE)
    return wished if wished in LANGUAGES else request.accept_languages.best_match(LANGUAGES, "en")


def current() -> str:
    """The language in force: one of LANGUAGES."""
    locale = get_locale()
    return locale.language if locale is not None and locale.language in LANGUAGES else "en"


def zone() -> ZoneInfo:
    """The time zone of the person who asks."""
    user = signed_in()
    return ZoneInfo(user.time_zone if user is not None else DEFAULT_ZONE)
