"""Values as people read them: in their language, their time zone and their units."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_date
from babel.dates import format_datetime as babel_datetime
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_precision
from flask_babel import gettext

from app.clock import now
from app.web import languages
from app.web.languages import told

MOMENT = {"en": "EEE d MMM HH:mm", "zh": "M月d日 EEE HH:mm"}
MOMENT_OF_YEAR = {"en": "d MMM y HH:mm", "zh": "y年M月d日 HH:mm"}
DAY = {"en": "EEE d MMM y", "zh": "y年M月d日 EEE"}
NOTHING = timedelta()
MINUTES_OF_HOUR, MINUTES_OF_DAY = 60, 24 * 60
UNITS = {"g": "kg", "cm3": "m³", "teu": "TEU"}
LARGE_MINOR = 100_000 * 100
kept = lru_cache(maxsize=20_000)
"""Lists show the same times, weights and amounts again and again, and Babel takes its time to write one."""


def moment(at: datetime, zone: tzinfo | str | None = None) -> str:
    """An instant on the clock of `zone` (default: the reader's)."""
    place = _zone(zone)
    return _moment(at, place, now().astimezone(place).year, languages.current())


@kept
def _moment(at: datetime, place: tzinfo, this_year: int, language: str) -> str:
    patterns = MOMENT if at.astimezone(place).year == this_year else MOMENT_OF_YEAR
    return babel_datetime(at, patterns[language], tzinfo=place, locale=language)


def offset(at: datetime, zone: tzinfo | str | None = None) -> str:
    """The offset of a zone at an instant: GMT+8, GMT+5:30."""
    return _offset(at, _zone(zone))


@kept
def _offset(at: datetime, place: tzinfo) -> str:
    text = babel_datetime(at, "ZZZZ", tzinfo=place, locale="en")
    return text.replace("+0", "+").replace("-0", "-").removesuffix(":00")


def machine(at: datetime) -> str:
    """An instant for the datetime attribute."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def day(on: date) -> str:
    """A date without a time."""
    return _day(on, languages.current())


@kept
def _day(on: date, language: str) -> str:
    return babel_date(on, DAY[language], locale=language)


def duration(span: timedelta | float) -> str:
    """How long, in the two largest units: 2 d 4 h, 35 min. A number is in minutes; the sign is dropped."""
    minutes = abs(round(span.total_seconds() / 60 if isinstance(span, timedelta) else span))
    return _duration(minutes, languages.current())


@kept
def _duration(minutes: int, language: str) -> str:
    days, rest = divmod(minutes, MINUTES_OF_DAY)
    hours, left = divmod(rest, MINUTES_OF_HOUR)
    # Collected for the catalogue in `rendering.frame`.
    d, h, m = (languages.message(unit, language) for unit in ("d", "h", "min"))
    if days:
        return f"{days} {d} {hours} {h}" if hours else f"{days} {d}"
    return f"{hours} {h} {left} {m}" if hours else f"{left} {m}"


def until(at: datetime) -> str:
    """How long until then, or since then."""
    left = at - now()
    words = told("in %(time)s") if left > NOTHING else told("%(time)s ago")
    return words % {"time": duration(left)}


def number(value: float | Decimal, digits: int = 0) -> str:
    """A number with separators."""
    return _number(round(Decimal(value), digits), languages.current())


@kept
def _number(value: Decimal, language: str) -> str:
    return format_decimal(value, locale=language)


def share(value: float, digits: int = 0) -> str:
    """A share as per cent."""
    return _share(value, digits, languages.current())


@kept
def _share(value: float, digits: int, language: str) -> str:
    pattern = "#,##0." + "0" * digits + "%" if digits else "#,##0%"
    return format_percent(value, format=pattern, locale=language)


def kg(grams: float) -> str:
    """Grams as kilograms: two decimals below 100 kg, none above."""
    value = Decimal(grams) / 1000
    return f"{number(value, 0 if abs(value) >= 100 else 2)} kg"


def m3(cm3: float) -> str:
    """Cubic centimetres as cubic metres: three decimals below 1 m³, one above."""
    value = Decimal(cm3) / 1_000_000
    return f"{number(value, 1 if abs(value) >= 1 else 3)} m³"


def quantity(value: float, dimension: str) -> str:
    """An amount of a capacity dimension with its unit: g and cm3 as they are, all others in hundredths."""
    return (
        f"{amount(value, dimension)} {UNITS[dimension]}" if dimension in UNITS else amount(value, dimension)
    )


def amount(value: float, dimension: str) -> str:
    """The same without the unit, where a heading names it."""
    if dimension == "g":
        return kg(value).removesuffix(" kg")
    if dimension == "cm3":
        return m3(value).removesuffix(" m³")
    return number(Decimal(value) / 100, 2 if value % 100 else 0)


def room(value: float, dimension: str) -> str:
    """An amount of room as a plan counts it: kilograms, cubic metres, or so many of whatever is counted."""
    if dimension in ("g", "cm3"):
        return quantity(value, dimension)
    text = number(value, 0 if float(value).is_integer() else 1)
    words = {
        "teu": gettext("%(count)s TEU", count=text),
        "slot20": gettext("%(count)s slots of 20 feet", count=text),
        "slot40": gettext("%(count)s slots of 40 feet", count=text),
        "slot45": gettext("%(count)s slots of 45 feet", count=text),
        "uld_position": gettext("%(count)s ULD positions", count=text),
        "parcels": gettext("%(count)s parcels’ handling", count=text),
        "boxes": gettext("%(count)s containers", count=text),
    }
    return words.get(dimension, text)


def money(minor: float, currency: str) -> str:
    """Minor units as an amount; without the decimals once they no longer matter."""
    return _money(minor, currency, languages.current())


@kept
def _money(minor: float, currency: str, language: str) -> str:
    digits = get_currency_precision(currency)
    major = Decimal(minor) / 10**digits
    whole = abs(minor) >= LARGE_MINOR
    pattern = "¤#,##0" if whole or not digits else "¤#,##0." + "0" * digits
    return format_currency(major, currency, format=pattern, currency_digits=False, locale=language)


def exact(amount: int | str, currency: str) -> str:
    """An amount to the last minor unit: minor units, or a decimal as it is on the wire."""
    return _exact(amount, currency, languages.current())


@kept
def _exact(amount: int | str, currency: str, language: str) -> str:
    digits = get_currency_precision(currency)
    major = Decimal(amount) if isinstance(amount, str) else Decimal(amount) / 10**digits
    pattern = "¤#,##0." + "0" * digits if digits else "¤#,##0"
    return format_currency(major, currency, format=pattern, currency_digits=False, locale=language)


def rate(value: str) -> str:
    """A unit price or an exchange rate with all its decimals."""
    return format_decimal(Decimal(value), format="#,##0.######", locale=languages.current())


def parsed(text: str) -> datetime:
    """An instant on the wire, on the clock of its place."""
    return datetime.fromisoformat(text)


def named(thing: Any) -> str:  # noqa: ANN401 (whatever has the two names)
    """The name of a place, service or unit type in the reader's language."""
    name: str = thing.name_zh if languages.current() == "zh" else thing.name_en
    return name


def _zone(zone: tzinfo | str | None) -> tzinfo:
    if zone is None:
        return languages.zone()
    return ZoneInfo(zone) if isinstance(zone, str) else zone


FILTERS = {
    "moment": moment,
    "offset": offset,
    "machine": machine,
    "day": day,
    "duration": duration,
    "until": until,
    "number": number,
    "share": share,
    "kg": kg,
    "m3": m3,
    "quantity": quantity,
    "amount": amount,
    "room": room,
    "money": money,
    "exact": exact,
    "rate": rate,
    "parsed": parsed,
    "named": named,
}
