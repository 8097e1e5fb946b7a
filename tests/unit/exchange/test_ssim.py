import io
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import AppError
from app.exchange import ssim
from app.exchange.faults import Unreadable
from app.exchange.rows import TooManyRows
from app.exchange.sailings import Journey, JourneyCall
from app.exchange.ssim import WIDTH, dates_of, read_flights
from app.exchange.ssim_out import fold, write_flights

CHINA = timezone(timedelta(hours=8))
GERMANY = timezone(timedelta(hours=1))
HEADER = "1AIRLINE STANDARD SCHEDULE DATA SET"
TRAILER = "5 CA 23NOV26"


def leg(flight="CA 0123", seq="01", period="23NOV2606DEC26", days="1 3    ", start="TAO20302030+0800",
        end="FRA00150015+0100", shifts="01", rate=" "):  # fmt: skip
    """A type 3 record written by hand, column by column."""
    return f"3 {flight}01{seq}F{period}{days}{rate}{start}  {end}  77W".ljust(192) + shifts + "000003"


def data_set(*records, mode="L"):
    lines = [HEADER, f"2{mode}CA  0008W26 23NOV2628MAR2723NOV26", *records, TRAILER]
    return "\r\n".join(line.ljust(WIDTH) if len(line) < WIDTH else line for line in lines).encode()


def read(content):
    return list(read_flights(content))


def flights(content):
    found = read(content)
    assert [fault for _row, faults in found for fault in faults] == []
    return [row.values["journey"] for row, _faults in found]


def fault(content):
    [(row, [found])] = read(content)
    return row.number, found.column, found.code


def refused(content):
    with pytest.raises(Unreadable) as error:
        read(content)
    return error.value.faults[0].code


def test_a_leg_is_one_flight_on_each_of_its_days():
    found = flights(data_set(leg()))
    assert [flight.service_date for flight in found] == [
        date(2026, 11, 23), date(2026, 11, 25), date(2026, 11, 30), date(2026, 12, 2),
    ]  # fmt: skip
    assert {flight.service_code for flight in found} == {"CA0123"}


def test_local_times_are_those_of_the_stations():
    first = flights(data_set(leg()))[0]
    assert [(call.place, call.arrives_at, call.departs_at) for call in first.calls] == [
        ("TAO", None, datetime(2026, 11, 23, 12, 30, tzinfo=UTC)),
        ("FRA", datetime(2026, 11, 23, 23, 15, tzinfo=UTC), None),
    ]


def test_in_utc_mode_days_and_times_are_those_of_utc():
    utc = leg(start="TAO23302330+0800", end="FRA10151015+0100", shifts="01")
    first = flights(data_set(utc, mode="U"))[0]
    assert first.calls[0].departs_at == datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert first.service_date == date(2026, 11, 24)
    assert first.calls[1].arrives_at == datetime(2026, 11, 24, 10, 15, tzinfo=UTC)


def test_an_arrival_may_lie_on_the_day_before():
    back = leg(start="TAO00300030+0800", end="LAX20302030-0800", shifts="0A")
    first = flights(data_set(back))[0]
    assert first.calls[1].arrives_at == datetime(2026, 11, 23, 4, 30, tzinfo=UTC)


def test_every_second_week_counts_from_the_first():
    found = flights(data_set(leg(rate="2")))
    assert [flight.service_date for flight in found] == [date(2026, 11, 23), date(2026, 11, 25)]


def test_legs_of_one_flight_are_joined():
    second = leg(seq="02", start="FRA02000200+0100", end="LGG03000300+0100", shifts="11")
    first = flights(data_set(leg(), second))[0]
    assert [call.place for call in first.calls] == ["TAO", "FRA", "LGG"]
    assert first.calls[1].departs_at == datetime(2026, 11, 24, 1, tzinfo=UTC)


def test_padding_and_segment_data_are_passed_over():
    segment = ("4 CA 01230101F".ljust(28) + "AB050TAOFRALH 8400").ljust(WIDTH)
    assert len(flights(data_set("0" * WIDTH, leg(), segment, "0" * WIDTH))) == 4


def test_a_segment_record_of_ours_names_the_service():
    segment = ("4 CA 01230101F".ljust(28) + "AB999TAOFRAAIR-TAO-FRA").ljust(WIDTH)
    assert {flight.service_code for flight in flights(data_set(leg(), segment))} == {"AIR-TAO-FRA"}


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"period": "23XXX2606DEC26"}, "period from (15-21)", "not_a_date"),
        ({"period": "23NOV2600XXX00"}, "period to (22-28)", "open_period"),
        ({"period": "23NOV2622NOV26"}, "period to (22-28)", "ends_before_it_begins"),
        ({"days": "       "}, "days (29-35)", "bad_weekdays"),
        ({"start": "TA 20302030+0800"}, "departure station (37-39)", "bad_code"),
        ({"start": "TAO20302530+0800"}, "departure (44-47)", "not_a_time"),
        ({"end": "FRA001500150100 "}, "UTC variation (66-70)", "bad_utc_variation"),
        ({"shifts": "0X"}, "date variation (194)", "bad_date_variation"),
        ({"flight": "C  ABCD"}, "flight (2-9)", "bad_flight"),
        ({"seq": "02"}, "leg (12-13)", "legs_differ"),
    ],
)
def test_a_fault_names_the_record_and_the_columns(change, column, code):
    assert fault(data_set(leg(**change))) == (3, column, code)


def test_a_record_of_another_length_is_named():
    assert fault(data_set(leg() + "X")) == (3, "record", "bad_length")


def test_an_unknown_record_type_is_named():
    assert fault(data_set("9".ljust(WIDTH))) == (3, "record type", "unknown_record")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"code,name\n", "bad_ssim"),
        (data_set(leg())[:-WIDTH], "truncated"),
        (data_set(leg(), mode="X"), "bad_ssim"),
        ("\n".join([HEADER.ljust(WIDTH), leg()]).encode(), "bad_ssim"),
        ("1青岛".encode(), "bad_encoding"),
    ],
    ids=["empty", "CSV", "no trailer", "time mode", "no carrier", "Chinese"],
)
def test_a_file_that_is_not_ssim_is_refused(content, code):
    assert refused(content) == code


def test_periods_that_make_too_many_flights_are_refused(monkeypatch):
    monkeypatch.setattr(ssim, "MAX_ROWS", 3)
    with pytest.raises(TooManyRows):
        read(data_set(leg()))


def flight(day, code="AIR-TAO-FRA", hour=20):
    departs = datetime(day.year, day.month, day.day, hour, 30, tzinfo=CHINA)
    arrives = (departs + timedelta(hours=11)).astimezone(GERMANY)
    return Journey(
        code, "name", None, day, (JourneyCall("TAO", None, departs), JourneyCall("FRA", arrives, None))
    )


def written(journeys):
    stream = io.BytesIO()
    write_flights(stream, journeys, date(2026, 11, 23), {})
    return stream.getvalue()


def test_every_record_has_two_hundred_characters_in_blocks_of_five():
    lines = written([flight(date(2026, 11, 24))]).decode().split("\r\n")
    assert lines.pop() == ""
    assert {len(line) for line in lines} == {WIDTH}
    assert len(lines) % 5 == 0
    assert [line[0] for line in lines if line.strip("0")] == ["1", "2", "3", "4", "5"]


def test_a_designator_of_its_own_needs_no_segment_record():
    lines = written([flight(date(2026, 11, 24), "CA0123")]).decode().split("\r\n")
    assert [line[0] for line in lines if line.strip("0")] == ["1", "2", "3", "5"]


days = st.sets(st.dates(date(2026, 11, 2), date(2027, 2, 28)), min_size=1, max_size=40)


@given(days)
def test_folding_dates_into_periods_loses_none_and_adds_none(found):
    periods = fold(sorted(found))
    expanded = [day for first, last, weekdays in periods for day in dates_of(first, last, weekdays)]
    assert sorted(expanded) == sorted(found)


def test_a_regular_schedule_is_one_period():
    assert len(fold(dates_of(date(2026, 11, 23), date(2027, 1, 17), "135"))) == 1


@given(days, days)
def test_flights_written_are_read_back(early, late):
    journeys = [flight(day, "AIR-1", 8) for day in sorted(early)] + [
        flight(day, "AIR-2", 20) for day in sorted(late)
    ]
    again = flights(written(journeys))
    as_rows = {(found.service_code, found.service_date, found.calls[0].departs_at, found.calls[1].arrives_at)
               for found in again}  # fmt: skip
    assert len(again) == len(journeys)
    assert as_rows == {
        (sent.service_code, sent.service_date, sent.calls[0].departs_at, sent.calls[1].arrives_at)
        for sent in journeys
    }


@given(st.binary(max_size=250))
def test_no_bytes_make_reading_raise_anything_but_an_app_error(content):
    for start in (b"", HEADER.ljust(WIDTH).encode() + b"\n2L".ljust(WIDTH + 1) + b"\n3"):
        try:
            read(start + content)
        except AppError as error:
            assert error.code


@given(st.integers(0, 199), st.text(st.characters(codec="ascii"), min_size=1, max_size=6))
def test_no_damage_to_a_leg_makes_reading_raise_anything_but_an_app_error(at, noise):
    damaged = (leg()[:at] + noise + leg()[at + len(noise) :])[:WIDTH]
    try:
        read(data_set(damaged))
    except AppError as error:
        assert error.code
