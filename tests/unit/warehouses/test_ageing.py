from datetime import date, timedelta

from warehouses.ageing import BANDS, band_of, by_band
from warehouses.stock import NEVER

TODAY = date(2026, 11, 26)


def ago(days):
    return TODAY - timedelta(days=days)


def test_a_band_ends_on_its_last_day():
    assert [band_of(ago(days), TODAY) for days in (0, 30, 31, 180, 181, 366, 4000)] == [
        (0, 30), (0, 30), (31, 60), (91, 180), (181, 365), (366, None), (366, None),
    ]  # fmt: skip


def test_what_is_on_its_way_is_young():
    assert band_of(NEVER, TODAY) == (0, 30)


def test_every_band_is_there_even_with_nothing_in_it():
    assert by_band([(ago(3), 5), (ago(5), 2), (ago(70), 1)], TODAY) == {
        band: {(0, 30): 7, (61, 90): 1}.get(band, 0) for band in BANDS
    }
