import io
import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import AppError
from app.exchange.dcsa import read_schedules, write_schedules
from app.exchange.faults import Unreadable
from app.exchange.sailings import Journey, JourneyCall

CHINA = timezone(timedelta(hours=8))


def stamp(kind, moment, classifier="PLN"):
    return {"eventTypeCode": kind, "eventClassifierCode": classifier, "eventDateTime": moment}


def call(place, voyages, *stamps, **more):
    arriving, leaving = voyages
    return {
        "transportCallReference": place, "carrierImportVoyageNumber": arriving, "carrierExportVoyageNumber": leaving,
        "location": {"UNLocationCode": place}, "timestamps": list(stamps), **more,
    }  # fmt: skip


def schedule(*calls, **vessel):
    return [{"carrierServiceName": "Loop", "carrierServiceCode": "FE1",
             "vesselSchedules": [{"isDummyVessel": False, "transportCalls": list(calls), **vessel}]}]  # fmt: skip


QINGDAO = call("CNTAO", ("001W", "002W"), stamp("ARRI", "2026-12-01T06:00:00+08:00"),
               stamp("DEPA", "2026-12-02T00:30:00+08:00"),
               cutOffTimes=[{"cutOffDateTimeCode": "FCO", "cutOffDateTime": "2026-11-30T00:30:00+08:00"}])  # fmt: skip
BUSAN = call("KRPUS", ("002W", "002W"), stamp("ARRI", "2026-12-03T08:00:00+09:00"),
             stamp("DEPA", "2026-12-04T08:00:00+09:00"))  # fmt: skip
HAMBURG = call("DEHAM", ("002W", "003E"), stamp("ARRI", "2027-01-05T08:00:00+01:00"),
               stamp("DEPA", "2027-01-06T08:00:00+01:00"))  # fmt: skip


def read(document):
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(read_schedules(content))


def journeys(document):
    found = read(document)
    assert [fault for _row, faults in found for fault in faults] == []
    return [row.values["journey"] for row, _faults in found]


def fault(document):
    [(_row, [found])] = read(document)
    return found


def refused(content):
    with pytest.raises(Unreadable) as error:
        read(content)
    return error.value.faults[0].code


def test_the_calls_of_a_vessel_are_cut_into_voyages():
    [voyage] = journeys(schedule(QINGDAO, BUSAN, HAMBURG, vessel={"vesselIMONumber": "9321483"}))
    assert (voyage.service_code, voyage.number, voyage.vessel_imo) == ("FE1", "002W", "9321483")
    assert [stop.place for stop in voyage.calls] == ["CNTAO", "KRPUS", "DEHAM"]
    assert voyage.calls[0].arrives_at is None
    assert voyage.calls[-1].departs_at is None
    assert voyage.calls[0].cutoffs == {"FCO": datetime(2026, 11, 29, 16, 30, tzinfo=UTC)}


def test_the_service_date_is_the_local_one():
    [voyage] = journeys(schedule(QINGDAO, BUSAN, HAMBURG))
    assert voyage.service_date == date(2026, 12, 2)
    assert voyage.calls[0].departs_at == datetime(2026, 12, 1, 16, 30, tzinfo=UTC)


def test_an_actual_time_goes_before_an_estimate_and_the_plan():
    moved = call("CNTAO", ("002W", "002W"), stamp("DEPA", "2026-12-02T04:00:00+08:00", "ACT"),
                 stamp("DEPA", "2026-12-02T00:30:00+08:00"),
                 stamp("DEPA", "2026-12-02T02:00:00+08:00", "EST"))  # fmt: skip
    [voyage] = journeys(schedule(moved, BUSAN))
    assert voyage.calls[0].departs_at == datetime(2026, 12, 1, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"timestamps": [stamp("DEPA", "2026-12-02T00:30:00")]}, "timestamps[0].eventDateTime", "naive_time"),
        (
            {"timestamps": [stamp("SAIL", "2026-12-02T00:30:00Z")]},
            "timestamps[0].eventTypeCode",
            "unknown_choice",
        ),
        ({"timestamps": "soon"}, "timestamps", "not_a_list"),
        ({"location": {}}, "location.UNLocationCode", "required"),
        ({"location": {"UNLocationCode": "QINGDAO"}}, "location.UNLocationCode", "too_long"),
        ({"location": 5}, "location", "not_an_object"),
        ({"carrierImportVoyageNumber": 7}, "carrierImportVoyageNumber", "not_text"),
        ({"carrierImportVoyageNumber": "\ud800"}, "carrierImportVoyageNumber", "control_character"),
    ],
)
def test_a_fault_names_its_path(change, path, code):
    found = fault(schedule({**QINGDAO, **change}, BUSAN))
    assert (found.column, found.code) == (f"$[0].vesselSchedules[0].transportCalls[0].{path}", code)


def test_a_voyage_without_its_first_departure_is_refused():
    arrived = call("CNTAO", ("002W", "002W"), stamp("ARRI", "2026-12-01T06:00:00+08:00"))
    assert fault(schedule(arrived, BUSAN)).code == "calls_incomplete"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b'[{"carrierServiceCode": "FE', "truncated"),
        (b'[{"carrierServiceCode": "FE1"}', "truncated"),
        (b"[1, ]", "bad_json"),
        (b"{}", "bad_json"),
        (b"[NaN]", "bad_json"),
        (b"[" + b"9" * 5000 + b"]", "bad_json"),
        (b"[" * 100_000, "bad_json"),
        ('["青岛"]'.encode("gb18030"), "bad_encoding"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_document_that_cannot_be_read_is_refused(content, code):
    assert refused(content) == code


def test_what_is_written_is_read_back():
    voyage = Journey(
        "FE1", "Great Lion Service", "002W", date(2026, 12, 2),
        (
            JourneyCall("CNTAO", None, datetime(2026, 12, 2, 0, 30, tzinfo=CHINA),
                        {"FCO": datetime(2026, 11, 29, 16, 30, tzinfo=UTC)}),
            JourneyCall("DEHAM", datetime(2027, 1, 5, 7, tzinfo=UTC), None),
        ),
        "9321483",
    )  # fmt: skip
    stream = io.BytesIO()
    write_schedules(stream, [voyage])
    [again] = journeys(stream.getvalue())
    assert (again.service_code, again.number, again.service_date, again.vessel_imo) == (
        voyage.service_code, voyage.number, voyage.service_date, voyage.vessel_imo,
    )  # fmt: skip
    assert [(stop.place, stop.arrives_at, stop.departs_at, stop.cutoffs) for stop in again.calls] == [
        (stop.place, stop.arrives_at, stop.departs_at, stop.cutoffs) for stop in voyage.calls
    ]


def test_a_document_beyond_the_limit_is_not_parsed():
    with pytest.raises(AppError) as error:
        read(b"[" + b"[]," * 4_000_000 + b"[]]")
    assert error.value.code == "too_large"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["carrierServiceCode", "vesselSchedules", "transportCalls", "timestamps", "location", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
)


@given(st.lists(anything, max_size=3))
def test_no_document_makes_reading_raise_anything_but_an_app_error(document):
    try:
        read(document)
    except AppError as error:
        assert error.code


@given(st.binary(max_size=100))
def test_no_bytes_make_reading_raise_anything_but_an_app_error(content):
    try:
        read(content)
    except AppError as error:
        assert error.code
