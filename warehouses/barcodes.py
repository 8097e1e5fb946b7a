"""What a scanned code says: EAN/UPC, GS1-128 with its application identifiers, SSCC, and codes of our own.

A scanner sends the characters of a symbol, perhaps with a symbology identifier (`]C1` is GS1-128) and with FNC1 as
the control character GS (or as none, where a keyboard cannot type it). Source: GS1 General Specifications, section 3.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date

from warehouses.numbers import gs1_check_digit

GS = "\x1d"
TYPED_GS = re.compile(r"<GS>|\{GS\}|␝|\\x1d", re.IGNORECASE)
"""What scanners send for FNC1 where they act as a keyboard that has no such key."""
SYMBOLOGY = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
BRACKETS = re.compile(r"\((\d{2,4})\)")
FIXED = {
    "00": 18, "01": 14, "02": 14, "03": 14, "04": 16, "11": 6, "12": 6, "13": 6, "14": 6, "15": 6, "16": 6,
    "17": 6, "18": 6, "19": 6, "20": 2,
}  # fmt: skip
"""Application identifiers of fixed length: they need no separator behind them."""
VARIABLE = {
    "10": 20,
    "21": 20,
    "22": 20,
    "30": 8,
    "37": 8,
    "240": 30,
    "241": 30,
    "250": 30,
    "251": 30,
    "400": 30,
    "401": 30,
}
"""Those of variable length, with the most characters they take."""
MEASURES = re.compile(r"3[1-6]\d\d")
"""Weights and lengths: four digits of identifier, six of value."""
DIGITS = re.compile(r"\d+")
RETAIL_LENGTHS = (8, 12, 13, 14)
CENTURY = 2000


@dataclass(frozen=True, slots=True)
class Scanned:
    """One scan. `text` is what to look up; `batch`, `expires_on` and `quantity` where the symbol says them.

    `kind`: `sscc` (18 digits of a logistic unit), `gtin` (a trade item), `code` (anything else).
    """

    kind: str
    text: str
    batch: str | None = None
    expires_on: date | None = None
    quantity: int | None = None
    serial: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The ways in which the same number is written down: a GTIN-14 begins with the zeros of an EAN-13 or UPC."""
        if self.kind != "gtin":
            return (self.text,)
        digits = self.text.lstrip("0")
        shorter = (digits.rjust(length, "0") for length in RETAIL_LENGTHS if len(digits) <= length)
        return tuple(dict.fromkeys((self.text, *shorter)))


def is_checked(digits: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    return len(digits) > 1 and digits[-1] == gs1_check_digit(digits[:-1])


def read_scan(raw: str) -> Scanned:
    """Return what a scan says. Never refuses: what is no GS1 symbol is a code to be looked up as it is."""
    text, is_gs1 = TYPED_GS.sub(GS, raw).strip(" \t\r\n"), False
    if SYMBOLOGY.match(text):
        is_gs1 = text[:3] in ("]C1", "]e0", "]d2", "]Q3")
        text = text[3:]
    if BRACKETS.match(text):
        parts: dict[str, str] | None = _bracketed(text)
    elif is_gs1 or GS in text or _like_gs1(text):
        parts = _elements(text.lstrip(GS))
    else:
        parts = None
    return _said(parts) if parts and ("00" in parts or "01" in parts or "02" in parts) else _plain(text)


def _plain(text: str) -> Scanned:
    if DIGITS.fullmatch(text):
        if len(text) == 18 and is_checked(text):
            return Scanned("sscc", text)
        if len(text) in RETAIL_LENGTHS and is_checked(text):
            return Scanned("gtin", text)
    return Scanned("code", text.replace(GS, ""))


def _like_gs1(text: str) -> bool:
    """Without a symbology identifier: SSCC or GTIN behind its identifier, told by the check digit."""
    return bool(
        (re.match(r"00\d{18}", text) and is_checked(text[2:20]))
        or (re.match(r"0[12]\d{14}", text) and len(text) >= 16 and is_checked(text[2:16]))
    )


def _bracketed(text: str) -> dict[str, str]:
    """`(01)04006381333931(10)AB-7`, as it is printed below the bars and typed by people."""
    pieces = BRACKETS.split(text)[1:]
    return {name: value.strip(f" {GS}") for name, value in zip(pieces[::2], pieces[1::2], strict=True)}


def _elements(text: str) -> dict[str, str] | None:
    """Identifier → value of a string of elements; None where it is not one."""
    found: dict[str, str] = {}
    while text:
        name, length = _identifier(text)
        if name is None:
            return None
        body = text[len(name) :]
        if length:
            value, text = body[:length], body[length:]
            if len(value) < length or not value.isdigit():
                return None
            text = text.removeprefix(GS)
        else:
            most = VARIABLE[name]
            value, _, text = body.partition(GS)
            if not 0 < len(value) <= most:
                return None
        found[name] = value
    return found


def _identifier(text: str) -> tuple[str | None, int]:
    if MEASURES.match(text):
        return text[:4], 6
    for width in (2, 3):
        name = text[:width]
        if name in FIXED or name in VARIABLE:
            return name, FIXED.get(name, 0)
    return None, 0


def _said(parts: dict[str, str]) -> Scanned:
    number = parts.get("00") or parts.get("01") or parts["02"]
    count = parts.get("37") or parts.get("30") or ""
    return Scanned(
        "sscc" if "00" in parts else "gtin",
        number,
        batch=parts.get("10"),
        expires_on=_day(parts.get("17") or parts.get("15")),
        quantity=int(count) if count.isdigit() and int(count) else None,
        serial=parts.get("21"),
    )


def _day(digits: str | None) -> date | None:
    """YYMMDD; day 00 is the last of the month. None where it is no day."""
    if digits is None or not (len(digits) == 6 and digits.isdigit()):
        return None
    year, month, day = CENTURY + int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if not 1 <= month <= 12:
        return None
    last = calendar.monthrange(year, month)[1]
    return date(year, month, day or last) if day <= last else None
