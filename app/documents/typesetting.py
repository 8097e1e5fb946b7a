"""Pages from a template of `templates/` and plain data: as PDF with every font embedded, or as a picture."""

import json
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

TEMPLATES = Path(__file__).parent / "templates"
FONT_PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")
"""Noto Sans for Latin, Greek, Cyrillic and many other scripts; Noto Sans CJK."""
JOINERS = "\u200c\u200d"
"""Invisible, but part of how words of some scripts are written."""


@cache
def _fonts() -> typst.Fonts:
    # Only what the lock file pins: a paper looks the same on every machine.
    folders = [str(files(package)) for package in FONT_PACKAGES]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def pdf(template: str, data: Mapping[str, Any], made_at: datetime) -> bytes:
    """Typeset a template with its data; the same data and instant give the same bytes."""
    return _compile(template, data, format="pdf", timestamp=int(made_at.timestamp()))


def png(template: str, data: Mapping[str, Any], dots_per_inch: float) -> bytes:
    """Typeset a template of one page as a picture."""
    return _compile(template, data, format="png", ppi=dots_per_inch)


def _compile(template: str, data: Mapping[str, Any], **options: Any) -> bytes:  # noqa: ANN401 (typst's own)
    given = {"data": json.dumps(printable(data), ensure_ascii=False)}
    made = typst.compile(
        str(TEMPLATES / template), root=str(TEMPLATES), font_paths=_fonts(), sys_inputs=given, **options
    )
    if not isinstance(made, bytes):
        raise TypeError(f"{template} has more than the one page it is meant to have")
    return made


def printable(value: Any) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """The same without characters that have no shape: controls become blanks, marks of direction vanish."""
    if isinstance(value, str):
        return "".join(map(_shown, value)) if not value.isprintable() else value
    if isinstance(value, Mapping):
        return {name: printable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [printable(inner) for inner in value]
    return value


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return "\n" if character == "\n" else " "
    if category in ("Cs", "Co", "Cn"):
        return "\N{REPLACEMENT CHARACTER}"
    return "" if category == "Cf" and character not in JOINERS else character
