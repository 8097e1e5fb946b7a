"""How a quote writes what it shows: times with the offset of a place, rates, places, factors and amounts."""

from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from app.queries.places import Place
from app.usecases.network_facts import EPOCH
from app.usecases.quoting_fx import Fx
from trade.emissions import emission_factor
from trade.money import exponent_of
from trade.numbers import format_scaled

MOST_TIMES = 16_384
"""Instants that are kept as they are written: the departures of a lane are shown again and again."""


def instant(minute: int) -> datetime:
    """Return minutes since 1970 as an instant."""
    return EPOCH + timedelta(minutes=minute)


@lru_cache(maxsize=MOST_TIMES)
def utc_text(minute: int) -> str:
    """Return minutes since 1970 as booking reads them back."""
    return instant(minute).isoformat()


@lru_cache(maxsize=MOST_TIMES)
def local_text(minute: int, zone: str) -> str:
    """Return minutes since 1970 with the offset of a place."""
    return local(instant(minute), zone)


def local(at: datetime, zone: str) -> str:
    """Return an instant with the offset of a place."""
    return at.astimezone(_zone(zone)).isoformat(timespec="seconds")


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def stop(place: Place) -> dict[str, Any]:
    """Return a place as legs show it."""
    return {
        "code": place.code,
        "unlocode": place.unlocode,
        "country": place.country,
        "name_en": place.name_en,
        "name_zh": place.name_zh,
    }


def fx_shown(fx: Fx) -> dict[str, Any]:
    """Return a rate with its source and day."""
    return {
        "base": fx.base,
        "quote": fx.quote,
        "rate": format_scaled(fx.rate_micros, 6),
        "source": fx.source,
        "as_of": fx.as_of.isoformat(),
    }


@cache
def factor_shown(mode: str, on: date) -> dict[str, Any]:
    """Return the emission factor of a mode on a day."""
    factor = emission_factor(mode, on)
    return {
        "mode": mode,
        "g_per_tkm": format_scaled(factor.mg_per_tkm, 3),
        "scope": factor.scope,
        "standing": factor.fact.standing,
        "source": factor.fact.source,
    }


def amount(minor: int, currency: str) -> str:
    """Return minor units as a decimal string of the currency."""
    return format_scaled(minor, exponent_of(currency))


def hours(minutes: int) -> float:
    """Return minutes as hours with one decimal."""
    return round(minutes / 60, 1)
