"""Templates compiled once for each language, so that a page's fixed words are text before anyone asks for it."""

from collections.abc import Callable, Hashable, Iterator, MutableMapping
from datetime import datetime
from threading import Lock
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, request
from flask.templating import Environment
from jinja2 import Environment as AnyEnvironment
from jinja2 import Template
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup, escape

from app.clock import now
from app.web import formats, languages

COMPONENTS = ("page", "data", "time", "forms", "sales", "stock", "rows")
"""Templates whose macros every template has as `ui`."""
MOST_KEPT = 4_000
"""Texts that a process keeps of each macro in `KEYS`: about 2 kB each, with its key."""
MOST = {"place_select": 40, "navigation": 400}
"""Of what is longer: lists to choose from, a hundred times; an endpoint of the navigation has one entry."""
CALL = ["name", "lparen", "string"]
"""How a message begins: `_("words"`."""


def _place(where: Any) -> Hashable:  # noqa: ANN401 (whatever is called by a code and two names)
    return (where.code, where.name_en, where.name_zh, where.country) if where else None


def _clocks(at: datetime, place: Any = None) -> Hashable:  # noqa: ANN401 (a place, if any)
    """A moment is written on the reader's clock and on that of the place, without the year if it is this one there."""
    zone, moment = languages.zone(), now()
    if place is None:
        return at, zone, moment.astimezone(zone).year
    there = ZoneInfo(place.time_zone)
    return (
        at, zone, moment.astimezone(zone).year, there, moment.astimezone(there).year, place.name_en, place.name_zh,
    )  # fmt: skip


def _left(at: datetime | None) -> str | None:
    """What a countdown says."""
    return formats.until(at) if at else None


def _reader(*places: Any) -> Hashable:  # noqa: ANN401 (places, or none)
    """On what a line with addresses and moments depends beside what it shows."""
    if "reader" not in g:
        zone, moment = languages.zone(), now()
        g.reader = (request.script_root, zone, moment.astimezone(zone).year), moment, {}
    reader, moment, years = g.reader
    for place in places:
        if place.time_zone not in years:
            years[place.time_zone] = moment.astimezone(ZoneInfo(place.time_zone)).year
    return reader, *[years[place.time_zone] for place in places]


KEYS: dict[str, Callable[..., Hashable]] = {
    "badge": lambda status: status,
    "place": _place,
    "place_full": _place,
    "route": lambda origin, destination, border=None: (_place(origin), _place(destination), _place(border)),
    "when": _clocks,
    "local": _clocks,
    "cutoff": lambda line: (line.code, _left(line.at), _clocks(line.at, line.place)),
    "bar": lambda first, second=0: (first, second),
    "fill": lambda space: (space.dimension, space.capacity, space.booked, space.held, space.free),
    "quote_badge": lambda status: status,
    "booking_badge": lambda status: status,
    "parcel_row": lambda cell, columns, may_edit, currency: (
        cell, columns, may_edit, currency, _reader(cell.row.origin, cell.row.destination),
    ),
    "departure_row": lambda line, may_choose, roughly, sees_cost: (
        line, _left(line.next_cutoff and line.next_cutoff.at), may_choose, roughly, sees_cost,
        _reader(line.origin, *([line.next_cutoff.place] if line.next_cutoff else [])),
    ),
    "quote_row": lambda row: (row, _left(row.expires_at), _reader()),
    "booking_row": lambda row: (row, _reader()),
    "navigation": lambda entries, area: (tuple(one.endpoint for one in entries), area, request.script_root),
    "place_select": lambda name, label, places, value=None: (name, label, value, *map(_place, places)),
}  # fmt: skip
"""What macros that are kept depend on, beside the language; with the macro's own parameters."""


class SpokenEnvironment(Environment):
    """Hands out templates in the language in force; each language has an environment of its own."""

    language: str | None = None
    """The language of this one; None for the one that hands out."""

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 (Jinja's name)
    ) -> Template:
        """The template in the language in force. Raises jinja2.TemplateNotFound."""
        if self.language is not None:
            return super().get_template(name, parent, globals)
        return self._speaking(languages.current()).get_template(name, parent, globals)

    def _speaking(self, language: str) -> "SpokenEnvironment":
        spoken: dict[str, SpokenEnvironment] = self.__dict__.setdefault("spoken", {})
        if language not in spoken:
            with self.__dict__.setdefault("learning", Lock()):
                if language not in spoken:
                    spoken[language] = self._learned(language)
        return spoken[language]

    def _learned(self, language: str) -> "SpokenEnvironment":
        one = self.overlay(extensions=[FixedWords], cache_size=400)
        one.language = language
        one.globals = {**self.globals, "ui": SimpleNamespace()}
        for name in COMPONENTS:
            macros = vars(one.get_template(f"components/{name}.html").module)
            vars(one.globals["ui"]).update(
                {
                    key: kept(it, KEYS[key], MOST.get(key, MOST_KEPT)) if key in KEYS else it
                    for key, it in macros.items()
                    if key[0] != "_"
                }
            )
        return one


def kept(macro: Callable[..., str], key: Callable[..., Hashable], most: int) -> Callable[..., str]:
    """The macro, remembering what it wrote for each `key` of its arguments: lists show the same again and again."""
    written: dict[Hashable, str] = {}

    def show(*arguments: Any, **named: Any) -> str:  # noqa: ANN401 (whatever the macro takes)
        mark = key(*arguments, **named)
        found = written.get(mark)
        if found is None:
            if len(written) >= most:
                written.clear()
            found = written[mark] = macro(*arguments, **named)
        return found

    return show


class FixedWords(Extension):
    """Reads `_("words")` as the words in the language of the environment.

    `_("words")` becomes `("words"|safe)`, which is compiled into the page, and `_("in %(time)s", time=x)` becomes
    `"in %(time)s"|filled(time=x)`. Messages that are not written out there stay calls.
    """

    def __init__(self, environment: AnyEnvironment) -> None:
        super().__init__(environment)
        environment.filters["filled"] = filled

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """The tokens of a template with its messages replaced."""
        tokens = list(stream)
        at = 0
        while at < len(tokens):
            kinds, line = [token.type for token in tokens[at : at + 4]], tokens[at].lineno
            if tokens[at].value != "_" or kinds not in ([*CALL, "rparen"], [*CALL, "comma"]):
                yield tokens[at]
                at += 1
                continue
            words = languages.message(tokens[at + 2].value, self.environment.language)  # type: ignore[attr-defined]
            if kinds[3] == "rparen":
                yield from _tokens(
                    line,
                    ("lparen", "("),
                    ("string", words % ()),
                    ("pipe", "|"),
                    ("name", "safe"),
                    ("rparen", ")"),
                )
            else:
                yield from _tokens(
                    line, ("string", words), ("pipe", "|"), ("name", "filled"), ("lparen", "(")
                )
            at += 4


def _tokens(line: int, *pairs: tuple[str, str]) -> Iterator[Token]:
    return (Token(line, kind, value) for kind, value in pairs)


def filled(words: str, **values: Any) -> Markup:  # noqa: ANN401 (whatever a template can show)
    """A message with its variables, each escaped."""
    return Markup(words % {name: escape(value) for name, value in values.items()})  # noqa: S704 (of the catalogue)
