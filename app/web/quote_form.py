"""The form of the quote composer: what was typed, what it asks for, and what is wrong with it by field."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import request

from app.clock import now
from app.errors import FieldError
from app.models.services import MODES
from app.queries.places import Place
from app.schemas.quotes import MOST_LINES
from app.usecases.quoting_goods import SIDES
from app.web import addresses, formats, sales_labels
from trade.money import Money
from trade.numbers import format_scaled

FIELDS = {
    "exporter": "", "origin": "", "destination": "", "ready_at": "", "deliver_by": "", "currency": "CNY",
    "objective": "balanced", "direction": "export", "customs_mode": "", "max_transit_days": "",
}  # fmt: skip
"""Name → what the field says at first."""
MORE = (
    "ready_at", "deliver_by", "currency", "objective", "direction", "customs_mode", "max_transit_days",
)  # fmt: skip
"""Fields that are folded away as long as nobody uses them."""
LINE = {
    "count": "1", "weight": "", "length": "", "width": "", "height": "", "goods_class": "general", "value": "",
    "description": "", "hs_code": "",
}  # fmt: skip
"""The fields of a line; in the form each has the number of its line behind it, from 0."""
MORE_OF_LINE = ("value", "hs_code", "description")
"""Fields of a line that are folded away likewise."""
CHECKS = {"hard_deadline": False, "hold": True, "allow_charter": True}
LONGEST_PLACE = 200
MARK = " · "
"""Between the name of a place and its code."""
CITY = re.compile(r"^(.+),\s*([A-Za-z]{2})$")
WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)
GRAMS, MILLIMETRES = 3, 1
"""Decimals of kilograms in grams, and of centimetres in millimetres."""


@dataclass(slots=True)
class QuoteForm:
    """The form as typed; `errors` are words by the name of the field."""

    values: dict[str, str] = field(default_factory=lambda: dict(FIELDS))
    lines: list[dict[str, str]] = field(default_factory=lambda: [dict(LINE)])
    modes: tuple[str, ...] = ()
    checks: dict[str, bool] = field(default_factory=lambda: dict(CHECKS))
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def empty(cls) -> "QuoteForm":
        """As it is shown first; the address may fill in fields."""
        return cls(
            {name: addresses.text(name, longest=LONGEST_PLACE) or default for name, default in FIELDS.items()}
        )

    @classmethod
    def read(cls) -> "QuoteForm":
        """From the request."""
        values = {name: request.form.get(name, "").strip() for name in FIELDS}
        checks = {name: name in request.form for name in CHECKS}
        modes = tuple(mode for mode in MODES if mode in request.form.getlist("modes"))
        return cls(values, _lines(), modes, checks)

    @classmethod
    def again(cls, asked: Mapping[str, Any], places: Iterable[Place], zone: ZoneInfo) -> "QuoteForm":
        """As it was for a quote that was made; times that have passed are left out."""
        wishes, known = asked["preferences"], {place.code: place for place in places}
        values = FIELDS | {
            "currency": asked["currency"],
            "objective": wishes.get("objective", FIELDS["objective"]),
            "direction": asked["direction"],
            "customs_mode": asked["customs_mode"] or "",
            "max_transit_days": str(wishes.get("max_transit_days") or ""),
            **{end: _place_text(asked[end], known) for end in ("origin", "destination")},
            **{name: _typed_time(asked[name], zone) for name in ("ready_at", "deliver_by")},
        }
        checks = CHECKS | {
            "hard_deadline": asked["hard_deadline"],
            "allow_charter": wishes.get("allow_charter", True),
        }
        lines = [_typed_line(line, asked["currency"]) for line in asked["lines"]]
        return cls(values, lines, tuple(wishes.get("modes", ())), checks)

    def change_lines(self, wish: str) -> None:
        """Do what a button of the lines says: `add`, or `remove-2`."""
        verb, _, number = wish.partition("-")
        if verb == "add" and len(self.lines) < MOST_LINES:
            self.lines.append(dict(LINE))
        elif verb == "remove" and WHOLE.fullmatch(number) and int(number) < len(self.lines) > 1:
            del self.lines[int(number)]

    def asked(self, places: Iterable[Place], zone: ZoneInfo, moment: datetime) -> dict[str, Any]:
        """As the API would be asked; goods without a time are ready now."""
        typed, known = self.values, {place.code: place for place in places}
        days = typed["max_transit_days"]
        return {
            "exporter": typed["exporter"] or None,
            **{end: place_given(typed[end], known) for end in ("origin", "destination")},
            "ready_at": _instant(typed["ready_at"], zone) or moment.isoformat(timespec="seconds"),
            "deliver_by": _instant(typed["deliver_by"], zone),
            "hard_deadline": self.checks["hard_deadline"],
            "currency": typed["currency"] or None,
            "direction": typed["direction"],
            "parcels": [_parcel(line) for line in self.lines],
            "preferences": {
                "objective": typed["objective"],
                "max_transit_days": whole(days) if days else None,
                "modes": list(self.modes),
                "allow_charter": self.checks["allow_charter"],
            },
            "customs": {"mode": typed["customs_mode"] or None},
            "hold": self.checks["hold"],
        }

    @property
    def more(self) -> bool:
        """Whether something beyond the usual is wished for, or wrong there."""
        usual = all(self.values[name] == FIELDS[name] for name in MORE) and self.checks == CHECKS
        return bool(self.modes) or not usual or any(name in self.errors for name in MORE)

    def told_more(self, number: int) -> bool:
        """Whether a line says more than what and how heavy it is, or something is wrong with that."""
        line = self.lines[number]
        return any(line[name] != LINE[name] or f"{name}-{number}" in self.errors for name in MORE_OF_LINE)

    def refuse(self, faults: Iterable[FieldError]) -> None:
        """Keep what is wrong beside the fields that are at fault."""
        for fault in faults:
            self.errors.setdefault(field_name(fault.field), sales_labels.fault(fault))


def field_name(path: str) -> str:
    """The field of the form that a member of the request comes from: parcels.0.weight → weight-0."""
    first, *rest = path.split(".")
    if first == "parcels" and len(rest) > 1:
        name = rest[1] if rest[1] in LINE else "length"
        return f"{name}-{rest[0]}"
    if first == "customs":
        return "customs_mode"
    return rest[0] if first == "preferences" and rest else first


def place_text(place: Place) -> str:
    """A place as the list of places offers it."""
    return f"{formats.named(place)}{MARK}{place.code}"


def place_given(text: str, known: Mapping[str, Place]) -> dict[str, Any]:
    """What is meant by a place as it was typed: one of the list, a name, `city, country`, or a code."""
    code = text.rpartition(MARK)[2].strip().upper()
    if not code or code in known:
        return {"type": "location", "code": code or None}
    name = text.casefold()
    named = [one.code for one in known.values() if name in (one.name_en.casefold(), one.name_zh.casefold())]
    if len(named) == 1:
        return {"type": "location", "code": named[0]}
    address = CITY.fullmatch(text)
    if address:
        return {"type": "address", "city": address[1].strip(), "country_code": address[2].upper()}
    return {"type": "iata" if len(code) == 3 else "unlocode", "code": code}


def whole(text: str) -> int | str:
    """A whole number; what is none stays as it is, and is refused by name."""
    return int(text) if WHOLE.fullmatch(text) else text


def _lines() -> list[dict[str, str]]:
    """The lines in the order of the form; rows in which nothing was typed are left out, but for the last one."""
    rows = []
    for number in range(MOST_LINES):
        if f"count-{number}" not in request.form:
            break
        rows.append({name: request.form.get(f"{name}-{number}", "").strip() for name in LINE})
    said = [row for row in rows if any(row[name] != LINE[name] for name in LINE)]
    return said or rows[:1] or [dict(LINE)]


def _parcel(line: Mapping[str, str]) -> dict[str, Any]:
    """A line as the API would be asked; what was not typed is left out."""
    given: dict[str, Any] = {name: text for name, text in line.items() if text}
    if "count" in given:
        given["count"] = whole(given["count"])
    return given


def _instant(text: str, zone: ZoneInfo) -> str | None:
    """A time on the reader's clock with its offset; what cannot be read stays as it is, and is refused by name."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).isoformat() if text else None
    except ValueError:
        return text


def _typed_time(text: str | None, zone: ZoneInfo) -> str:
    at = datetime.fromisoformat(text) if text else None
    return f"{at.astimezone(zone):%Y-%m-%dT%H:%M}" if at is not None and now() < at else ""


def _place_text(given: Mapping[str, Any], known: Mapping[str, Place]) -> str:
    if given["type"] == "address":
        return f"{given['city']}, {given['country_code']}" if given.get("city") else ""
    place = known.get(given["code"])
    return place_text(place) if place is not None else str(given["code"])


def _typed_line(line: Mapping[str, Any], currency: str) -> dict[str, str]:
    """A line of a quote in the form, where values are in the currency of the whole."""
    sides = {
        name: "" if line[f"{name}_mm"] is None else plain(line[f"{name}_mm"], MILLIMETRES) for name in SIDES
    }
    kept = line["value_minor"] and line["value_currency"] == currency
    return {
        "count": str(line["count"]),
        "weight": plain(line["weight_g"], GRAMS),
        **sides,
        "goods_class": line["goods_class"],
        "value": Money(line["value_minor"], currency).format() if kept else "",
        "description": line["description"],
        "hs_code": line["hs_code"] or "",
    }


def plain(units: int, places: int) -> str:
    """An integer of 10^-places as people type it: no zeros behind."""
    return format(Decimal(format_scaled(units, places)).normalize(), "f")
