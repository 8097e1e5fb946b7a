"""What papers are made of, and how it is written on them: exact, with its unit, the same in every language.

Weights are grams, volumes cm³, lengths millimetres, money minor units, instants aware.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from trade.money import Money
from trade.numbers import format_scaled

MODES = {
    "air": ("Air", "空运"),
    "sea": ("Sea", "海运"),
    "rail": ("Rail", "铁路"),
    "ferry": ("Ferry", "轮渡"),
    "road": ("Road", "公路"),
    "last_mile": ("Last mile", "尾程派送"),
}
"""Papers speak both languages at once, whoever prints them."""
CARGO_AIRCRAFT_ONLY = "CAO 仅限货机"
NO_BREAK = "\N{NO-BREAK SPACE}"
Bilingual = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where goods are handed over."""

    code: str
    name_en: str
    name_zh: str
    country: str
    unlocode: str | None
    time_zone: str

    @property
    def name(self) -> str:
        """In both languages, once where they are the same."""
        return both(self.name_en, self.name_zh)

    @property
    def named(self) -> str:
        """Name, code and country."""
        return f"{self.name} ({self.code}, {self.country})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A company as papers name it."""

    name: str
    reference: str
    country: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """A class of goods, and what handling it needs."""

    name_en: str
    name_zh: str
    un_number: str = ""
    packing_instruction: str = ""
    cargo_aircraft_only: bool = False

    @property
    def marks(self) -> str:
        """What those who handle it must see; empty where there is nothing to heed."""
        numbers = " ".join(filter(None, (self.un_number, self.packing_instruction)))
        return " · ".join(filter(None, (numbers, CARGO_AIRCRAFT_ONLY if self.cargo_aircraft_only else "")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One ride of the goods. `number` is the voyage, flight or train; none on demand."""

    seq: int
    mode: str
    service: str
    number: str | None
    origin: Place
    destination: Place
    departs_at: datetime
    arrives_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsLine:
    """So many like packages. `weight_g` and `volume_cm3` are of all of them together."""

    packages: int
    description: str
    goods: Goods
    hs_code: str | None
    weight_g: int
    volume_cm3: int


def both(english: str, chinese: str) -> str:
    """English and Chinese, once where they are the same."""
    return " ".join(dict.fromkeys(filter(None, (english, chinese))))


def kg(weight_g: int) -> str:
    """Grams as "2.500 kg"; a number and its unit stay on one line."""
    return f"{format_scaled(weight_g, 3)}{NO_BREAK}kg"


def m3(volume_cm3: int) -> str:
    """Cubic centimetres as "0.012 m³", with more decimals where they say something."""
    whole, _, decimals = format_scaled(volume_cm3, 6).partition(".")
    return f"{whole}.{decimals[:3]}{decimals[3:].rstrip('0')}{NO_BREAK}m³"


def cm(length_mm: int | None, width_mm: int | None, height_mm: int | None) -> str:
    """Dimensions as "30.0 × 20.0 × 15.0 cm"; empty where one is not known."""
    known = [format_scaled(side, 1) for side in (length_mm, width_mm, height_mm) if side is not None]
    return f"{f'{NO_BREAK}×{NO_BREAK}'.join(known)}{NO_BREAK}cm" if len(known) == 3 else ""


def money(minor: int, currency: str) -> str:
    """Minor units as "USD 49.90"."""
    return str(Money(minor, currency)).replace(" ", NO_BREAK)


def moment(at: datetime, zone: str) -> str:
    """An instant on the clock of a place, with its offset: "2026-11-25 10:00 UTC+08:00"."""
    local = at.astimezone(ZoneInfo(zone))
    offset = f"{local:%z}"
    return f"{local:%Y-%m-%d %H:%M} UTC{offset[:3]}:{offset[3:5]}"


def day(at: datetime, zone: str) -> str:
    """The date of an instant at a place."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d}"


def utc(at: datetime) -> str:
    """An instant as "2026-11-23 01:30 UTC"."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def leg_row(leg: Leg) -> dict[str, str]:
    """A leg as tables of legs show it."""
    return {
        "seq": str(leg.seq),
        "mode": both(*MODES[leg.mode]),
        "service": " ".join(filter(None, (leg.service, leg.number))),
        "origin": leg.origin.named,
        "destination": leg.destination.named,
        "departs": moment(leg.departs_at, leg.origin.time_zone),
        "arrives": moment(leg.arrives_at, leg.destination.time_zone),
    }


def goods_row(line: GoodsLine) -> dict[str, str]:
    """A line as tables of goods show it."""
    return {
        "packages": str(line.packages),
        "description": line.description or both(line.goods.name_en, line.goods.name_zh),
        "class": both(line.goods.name_en, line.goods.name_zh),
        "marks": line.goods.marks,
        "hs_code": line.hs_code or "",
        "weight": kg(line.weight_g),
        "volume": m3(line.volume_cm3),
    }


def totals(lines: tuple[GoodsLine, ...]) -> dict[str, str]:
    """What all lines are together."""
    return {
        "packages": str(sum(line.packages for line in lines)),
        "weight": kg(sum(line.weight_g for line in lines)),
        "volume": m3(sum(line.volume_cm3 for line in lines)),
    }
