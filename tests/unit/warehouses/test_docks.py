from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from warehouses.docks import slot_at, slots

BERLIN = ZoneInfo("Europe/Berlin")


def of(day, opens, closes, minutes):
    return [
        begins.astimezone(BERLIN).strftime("%H:%M")
        for begins, _ in slots(day, opens, closes, minutes, BERLIN)
    ]


def test_a_day_is_cut_into_slots_that_end_by_closing_time():
    assert of(date(2026, 11, 26), "08:00", "10:30", 45) == ["08:00", "08:45", "09:30"]


def test_slots_are_in_the_warehouses_own_time():
    first = next(slots(date(2026, 7, 1), "08:00", "09:00", 60, BERLIN))
    assert first == (datetime(2026, 7, 1, 6, tzinfo=UTC), datetime(2026, 7, 1, 7, tzinfo=UTC))


def test_a_day_without_an_hour_has_an_hours_slots_less_and_one_with_two_of_them_more():
    assert len(of(date(2026, 3, 29), "00:00", "24:00", 60)) == 23
    assert of(date(2026, 10, 25), "01:00", "04:00", 60) == ["01:00", "02:00", "02:00", "03:00"]


def test_a_slot_is_found_by_the_instant_it_begins():
    begins = datetime(2026, 11, 26, 7, 45, tzinfo=UTC)
    assert slot_at(begins, "08:00", "17:00", 45, BERLIN) == (
        begins,
        datetime(2026, 11, 26, 8, 30, tzinfo=UTC),
    )
    assert slot_at(datetime(2026, 11, 26, 7, 30, tzinfo=UTC), "08:00", "17:00", 45, BERLIN) is None


def test_a_slot_after_midnight_utc_belongs_to_the_local_day():
    tokyo = ZoneInfo("Asia/Tokyo")
    begins = datetime(2026, 11, 25, 23, tzinfo=UTC)
    assert slot_at(begins, "08:00", "17:00", 60, tokyo) == (begins, datetime(2026, 11, 26, 0, tzinfo=UTC))
