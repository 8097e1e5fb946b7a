"""What a wrong cell would be right with, where that can be told from the cell itself and from its fault."""

import re
from datetime import date

from app.exchange.cells import Cell, Instant
from app.exchange.faults import CellError

_NEAREST = re.compile(r"^did you mean (\S+?)(?: or |\?)")
_ROUND = re.compile(r"^(?:round it to|write it with a decimal point:) (\S+)$")
_YMD = re.compile(
    r"^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::\d{2})?)?\s*(Z|[+-]\d{2}:\d{2})?$"
)
_DMY = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$")
_GROUPED = re.compile(r"^-?\d{1,3}(?:[,'\u00a0\u202f ]\d{3})+(?:\.\d+)?$")
_DECIMAL_COMMA = re.compile(r"^-?\d{1,3}(?:\.\d{3})*,\d+$")
_NUMBER_WITH_UNIT = re.compile(
    r"^(-?\d+(?:\.\d+)?)\s*(?:kg|kgs|cm|m3|m³|cbm|usd|eur|cny|rmb|公斤|千克|厘米|元)$", re.IGNORECASE
)
_FLAGS = {"是": "true", "对": "true", "y": "true", "✓": "true", "否": "false", "不": "false", "n": "false"}
OFFSET = "+08:00"
"""What is proposed for a time that says no zone: the goods begin their way in China; the person decides."""


def propose(cell: Cell, code: str, text: str, suggestion: str) -> str:
    """A text the cell takes, or nothing. It is only proposed: the person takes it or not."""
    for found in _candidates(cell, code, text.strip(), suggestion):
        try:
            cell.read(found)
        except CellError:
            continue
        return found
    return ""


def _candidates(cell: Cell, code: str, text: str, suggestion: str) -> list[str]:
    told = _NEAREST.match(suggestion) or _ROUND.match(suggestion)
    found = [told[1]] if told else []
    if code == "not_a_number":
        found += _number(text)
    elif code == "not_a_flag":
        found += [_FLAGS[text.lower()]] if text.lower() in _FLAGS else []
    elif code in ("not_a_date", "not_an_instant", "naive_time"):
        found += _moment(text, whole=isinstance(cell, Instant))
    elif code == "formula":
        found += [text.lstrip("=+-@＝＋－＠\t\r "), f"'{text}"]
    elif code in ("unknown_choice", "unknown_goods_class", "bad_code", "unknown_currency", "unknown_country"):
        found += [text.lower(), text.upper(), text.upper().replace(" ", "-"), text.lower().replace(" ", "_")]
    elif code == "control_character":
        found += [" ".join(text.split())]
    return found


def _number(text: str) -> list[str]:
    if _GROUPED.match(text):
        return [re.sub(r"[,'\u00a0\u202f ]", "", text)]
    if _DECIMAL_COMMA.match(text):
        return [text.replace(".", "").replace(",", ".")]
    unit = _NUMBER_WITH_UNIT.match(text)
    if unit:
        return [unit[1]]
    bare = re.sub(r"^[$€¥￥£]\s*|\s*[$€¥￥£]$", "", text)
    return [bare, *_number(bare)] if bare != text else []


def _moment(text: str, *, whole: bool) -> list[str]:
    found = _YMD.match(text)
    if found:
        parts = (int(found[1]), int(found[2]), int(found[3]))
        clock = f"{int(found[4]):02d}:{found[5]}" if found[4] else "00:00"
        zone = found[6] or OFFSET
    else:
        turned = _DMY.match(text)
        # 03/04 may be either: nobody but the writer knows.
        if not turned or (int(turned[1]) <= 12 and int(turned[2]) <= 12 and turned[1] != turned[2]):
            return []
        first, second = int(turned[1]), int(turned[2])
        parts = (int(turned[3]), second, first) if second <= 12 else (int(turned[3]), first, second)
        clock, zone = "00:00", OFFSET
    try:
        day = date(*parts).isoformat()
    except ValueError:
        return []
    return [f"{day}T{clock}{zone}"] if whole else [day]
