"""Which language and which time zone a page speaks: the person's own setting, else the browser's wish."""

from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.support import NullTranslations, Translations
from flask import Flask, g, request
from flask_babel import Babel, LazyString, get_locale

from app.auth import signed_in

LANGUAGES = {"en": "English", "zh": "中文"}
HTML_LANGUAGES = {"en": "en", "zh": "zh-Hans"}
DEFAULT_ZONE = "Asia/Shanghai"
COOKIE = "language"
TRANSLATIONS = Path(__file__).parent / "translations"


def register(app: Flask) -> None:
    """Attach flask-babel with our selectors; a page has hundreds of words and looks its language up once."""
    Babel(
        app,
        default_locale="en",
        locale_selector=language,
        timezone_selector=lambda: zone().key,
        default_translation_directories="translations",
    )
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=told,
        ngettext=lambda one, many, count: catalogue().ungettext(one, many, count),
        newstyle=True,
    )


def language() -> str:
    """The language of this request."""
    user = signed_in()
    wished = user.locale if user is not None else request.cookies.get(COOKIE)
    return wished if wished in LANGUAGES else request.accept_languages.best_match(LANGUAGES, "en")


def catalogue() -> NullTranslations:
    """The messages of the language in force."""
    return _catalogue(current())


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(TRANSLATIONS, [language])


def current() -> str:
    """The language in force: one of LANGUAGES."""
    try:
        found: str | None = g.get("language")
    except RuntimeError:  # no request
        return "en"
    if found is None:
        locale = get_locale()
        known = locale is not None and locale.language in LANGUAGES
        found = g.language = locale.language if known else "en"
    return found


class Phrase(LazyString):
    """Words in whatever language is in force when they are shown."""

    def __init__(self, text: str) -> None:
        super().__init__(told, text)
        self.text = text

    def __str__(self) -> str:
        return told(self.text)

    __html__ = __str__


def lazy(text: str) -> LazyString:
    """For tables of words that are made before any request."""
    return Phrase(text)


def told(text: str) -> str:
    """A message in the language in force; looked up once, since catalogues stay as they are while a process runs."""
    return message(text, current())


@cache
def message(text: str, language: str) -> str:
    """A message in one of LANGUAGES."""
    return _catalogue(language).ugettext(text)


def zone() -> ZoneInfo:
    """The time zone of the person who asks."""
    user = signed_in()
    return ZoneInfo(user.time_zone if user is not None else DEFAULT_ZONE)
