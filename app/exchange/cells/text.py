"""Text, codes and words. Text that a spreadsheet would run as a formula is refused, and escaped on the way out."""

import re
import unicodedata
from dataclasses import dataclass

from app.exchange.cells.base import Cell
from app.exchange.faults import CellError, did_you_mean

FORMULA_SIGNS = "=+-@\t\r＝＋－＠"
"""A spreadsheet runs text that begins with one of these (OWASP, CSV injection)."""
_FORMULA = re.compile(rf"'*[{re.escape(FORMULA_SIGNS)}]")
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def escape(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe stands before what looks like one."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape(text: str) -> str:
    """Undo `escape`; text that looks like a formula and was not escaped is refused."""
    leading = text[:1]
    text = text.strip()
    if not _FORMULA.match(text) and leading not in ("\t", "\r"):
        return text
    if text[:1] != "'":
        raise CellError(
            "formula",
            f"the text begins with {leading!r}, which spreadsheets run as a formula",
            f"remove the {leading!r}, or put an apostrophe before it if it is meant",
        )
    return text[1:]


@dataclass(frozen=True, slots=True)
class Text(Cell):
    """Free text of one line, in NFC, without control characters."""

    longest: int = 200

    def read(self, text: str) -> str:
        """The text without blanks around it."""
        text = unescape(text)
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
        if not text.isprintable() and any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text):
            raise CellError(
                "control_character", "there is a line break or control character inside", "put it on one line"
            )
        if len(text) > self.longest:
            raise CellError("too_long", f"{len(text)} characters; at most {self.longest} fit", "shorten it")
        return text

    def write(self, value: str) -> str:
        """Escaped where a spreadsheet would run it."""
        return escape(value)


@dataclass(frozen=True, slots=True)
class Code(Text):
    """An identifier: no blanks inside. The two sides of a reference must match to the letter."""

    longest: int = 40
    pattern: str = r"[^\s;]+"
    example: str = "CNTAO-PORT"

    def read(self, text: str) -> str:
        """The code as it stands."""
        value = Text.read(self, text)
        if not re.fullmatch(self.pattern, value):
            raise CellError(
                "bad_code", f"{value!r} is not written as a code", f"write it like {self.example}"
            )
        return value


@dataclass(frozen=True, slots=True)
class Reference(Code):
    """The code of something stored elsewhere; `what` names the lookup that knows it."""

    what: str = "location"


@dataclass(frozen=True, slots=True)
class Choice(Cell):
    """One of a few words."""

    words: tuple[str, ...]
    code: str = "unknown_choice"

    def read(self, text: str) -> str:
        """The word itself, or a refusal that names the nearest."""
        word = text.strip()
        if word in self.words:
            return word
        raise CellError(self.code, f"{word[:60]!r} is not known here", lambda: did_you_mean(word, self.words))


@dataclass(frozen=True, slots=True)
class ListOf(Cell):
    """Several of one type in one cell, separated by `;` or blanks; the order is kept, doubles are not."""

    item: Cell

    def read(self, text: str) -> list[str]:
        """The items; empty cells never come here."""
        return list(dict.fromkeys(self.item.read(part) for part in re.split(r"[;\s]+", text.strip()) if part))

    def write(self, value: list[str]) -> str:
        """Joined by `;`."""
        return ";".join(value)


@dataclass(frozen=True, slots=True)
class Flag(Cell):
    """Yes or no."""

    def read(self, text: str) -> bool:
        """True or false."""
        try:
            return _FLAGS[text.strip().lower()]
        except KeyError:
            raise CellError(
                "not_a_flag", f"{text[:60]!r} is neither true nor false", "true or false"
            ) from None

    def write(self, value: bool) -> str:
        """`true` or `false`."""
        return "true" if value else "false"
