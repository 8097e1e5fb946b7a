"""Templates compiled once for each language, so that a page's fixed words are text before anyone asks for it."""

from collections.abc import Iterator, MutableMapping
from threading import Lock
from types import SimpleNamespace
from typing import Any

from flask.templating import Environment
from jinja2 import Environment as AnyEnvironment
from jinja2 import Template
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup, escape

from app.web import languages

COMPONENTS = ("page", "data", "time", "forms", "sales", "stock")
"""Templates whose macros every template has as `ui`."""
CALL = ["name", "lparen", "string"]
"""How a message begins: `_("words"`."""


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
        """Made while this language is in force, so that its catalogue is the one that templates are compiled with."""
        one = self.overlay(extensions=[FixedWords], cache_size=400)
        one.language = language
        one.globals = {**self.globals, "ui": SimpleNamespace()}
        for name in COMPONENTS:
            macros = vars(one.get_template(f"components/{name}.html").module)
            vars(one.globals["ui"]).update({key: it for key, it in macros.items() if not key.startswith("_")})
        return one


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
            words = languages.catalogue().ugettext(tokens[at + 2].value)
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
