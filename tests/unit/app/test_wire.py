"""How values are written on the wire."""

from datetime import UTC, datetime

import pytest

from app.api import wire
from app.api.departures import free_band
from app.queries.departure_rows import Space
from app.queries.places import Place


def place(zone):
    return Place(1, "DEHAM-PORT", "port", "Hamburg", "汉堡", "DE", "DEHAM", zone, 53.5, 9.9)


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), "2026-10-25T00:30:00+02:00"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25T02:30:00+02:00"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25T02:30:00+01:00"),
    ],
)
def test_an_hour_that_comes_twice_is_told_apart_by_its_offset(moment, shown):
    assert wire.local(moment, place("Europe/Berlin")) == shown
    assert datetime.fromisoformat(shown) == moment


def test_money_has_the_decimals_of_its_currency():
    assert wire.money(1250, "CNY") == "12.50"
    assert wire.money(1250, "KRW") == "1250"
    assert wire.money(1250, "KWD") == "1.250"
    assert wire.money(None, "CNY") is None


def test_a_cost_is_rounded_and_a_bound_is_never_rounded_up():
    assert wire.cost(1250.5, "CNY") == "12.51"
    assert wire.cost(-0.4, "CNY") == "0.00"
    assert wire.bound(1250.999, "CNY") == "12.50"
    assert wire.bound(-0.1, "CNY") == "-0.01"


def test_quantities_are_exact_in_the_unit_of_their_name():
    assert wire.kilograms(1) == "0.001"
    assert wire.cubic_metres(2**62) == "4611686018427.387904"
    assert wire.centimetres(205) == "20.5"
    assert (wire.quantity(225, "teu"), wire.dimension_name("teu")) == ("2.25", "teu")
    assert (wire.quantity(1500, "g"), wire.dimension_name("g")) == ("1.500", "kg")


@pytest.mark.parametrize(
    ("booked", "band"),
    [(0, "high"), (49, "high"), (50, "medium"), (84, "medium"), (85, "low"), (99, "low"), (100, "none")],
)
def test_the_free_band_is_that_of_the_fullest_open_pool(booked, band):
    empty = Space(0, "cm3", 100, 0, 0)
    allotted = Space(1, "g", 100, 0, 100, "acme")

    assert free_band([empty, Space(1, "g", 100, 0, booked), allotted]) == band


def test_where_nothing_is_open_to_everybody_nothing_is_free():
    assert free_band([]) == "none"
    assert free_band([Space(0, "g", 100, 0, 0, "acme")]) == "none"
    assert free_band([Space(0, "g", 0, 0, 0)]) == "none"
