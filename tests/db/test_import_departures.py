import csv
import io
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.models import AuditEvent, Call, CapacityPool, Departure
from app.usecases.importing import import_file
from app.usecases.scheduling import materialise
from tests.db.importing import CALLS, NOW, OPERATOR, SERVICES, faults, load, load_network
from tests.db.test_export import exported
from tests.factories import HOUR


@pytest.fixture
def network(session):
    load_network(session)
    return session


def departure(number="001W", **facts):
    return {"service_code": "SEA-1", "number": number, "departs_on": "2026-12-04", **facts}


def stored(session, number="001W"):
    calls = selectinload(Departure.calls).selectinload(Call.cutoffs)
    query = select(Departure).where(Departure.number == number).options(calls)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def test_a_departure_takes_its_times_from_the_pattern(network):
    assert load(network, "departures", [departure()]).added == 1
    row = stored(network)
    assert (row.service_date, row.status) == (date(2026, 12, 4), "planned")
    assert row.departs_at == datetime(2026, 12, 4, 12, 0, tzinfo=UTC)
    assert len(network.scalars(select(CapacityPool)).all()) == 5


def test_given_times_override_the_ends(network):
    load(
        network,
        "departures",
        [departure(etd="2026-12-04T22:00+08:00", eta="2027-01-08T07:00+01:00", status="open")],
    )
    row = stored(network)
    assert (row.departs_at, row.arrives_at, row.status) == (
        datetime(2026, 12, 4, 14, tzinfo=UTC), datetime(2027, 1, 8, 6, tzinfo=UTC), "open",
    )  # fmt: skip


def test_given_calls_replace_the_pattern(network):
    calls = "CNTAO-PORT@/2026-12-04T20:00+08:00;DEHAM-PORT@2027-01-03T05:00+01:00/"
    load(network, "departures", [departure(calls=calls)])
    assert [call.departs_at for call in stored(network).calls] == [
        datetime(2026, 12, 4, 12, tzinfo=UTC),
        None,
    ]


@pytest.mark.parametrize(
    ("facts", "column", "code"),
    [
        ({"eta": "2026-12-04T12:00+01:00"}, "eta", "arrival_before_departure"),
        ({"etd": "2026-12-04T20:00"}, "etd", "naive_time"),
        ({"service_code": "SEA-9"}, "service_code", "unknown_service"),
        ({"service_code": "TRUCK"}, "service_code", "service_on_demand"),
        ({"status": "sailing"}, "status", "unknown_choice"),
        ({"accepts": "general batteries"}, "accepts", "unknown_goods_class"),
        ({"calls": "CNTAO-PORT@/2026-12-04T20:00+08:00"}, "calls", "calls_incomplete"),
        ({"calls": "CNTAO-PORT@/2026-12-04T20:00Z;XXHAM-PORT@2027-01-03T05:00Z/"}, "calls", "unknown_location"),
        ({"calls": "CNTAO-PORT@/2026-12-04T20:00Z;DEHAM-PORT@2026-12-03T05:00Z/"}, "eta", "arrival_before_departure"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(network, facts, column, code):
    assert faults(load(network, "departures", [departure(**facts)])) == [(2, column, code)]


def night_service(session, hour):
    """A weekly sailing out of Hamburg in the hour of the clock change."""
    calls = [{**CALLS[0], "location_code": "DEHAM-PORT", "depart_local": hour},
             {**CALLS[2], "seq": "2", "location_code": "KRINC-PORT"}]  # fmt: skip
    load_network(session, services=[SERVICES[0]], service_calls=calls, service_space=[
        {"service_code": "SEA-1", "dimension": "teu", "capacity": "4"}])  # fmt: skip


def test_a_local_time_that_does_not_exist_is_refused_and_an_instant_helps(session):
    night_service(session, "02:30")
    bad = departure(departs_on="2027-03-28")
    result = load(session, "departures", [bad])
    assert faults(result) == [(2, "departs_on", "nonexistent_local_time")]
    assert "03:30" in result.errors[0].suggestion
    assert load(session, "departures", [{**bad, "etd": "2027-03-28T03:30+02:00"}]).added == 1


def test_a_local_time_that_comes_twice_is_refused_and_its_offset_decides(session):
    night_service(session, "02:30")
    bad = departure(departs_on="2026-10-25")
    result = load(session, "departures", [bad])
    assert faults(result) == [(2, "departs_on", "ambiguous_local_time")]
    assert "2026-10-25T02:30+01:00" in result.errors[0].suggestion
    load(session, "departures", [{**bad, "etd": "2026-10-25T02:30+01:00"}])
    assert stored(session).departs_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_two_time_zones_on_one_day_are_told_apart(session):
    """Seoul is an hour ahead of Qingdao: leaving at 09:30 there is before leaving at 09:00 here."""
    last = {"arrive_day": "0", "arrive_local": "09:30", "depart_day": "", "depart_local": ""}
    calls = [{**CALLS[0], "depart_local": "09:00"}, {**CALLS[1], **last}]
    load_network(session, services=[SERVICES[0]], service_calls=calls, service_space=[
        {"service_code": "SEA-1", "dimension": "teu", "capacity": "4"}])  # fmt: skip
    assert faults(load(session, "departures", [departure()])) == [(2, "eta", "arrival_before_departure")]


def test_the_same_departures_again_are_unchanged(network):
    load(network, "departures", [departure(), departure("002W", departs_on="2026-12-07")])
    again = load(network, "departures", [departure(), departure("002W", departs_on="2026-12-07")])
    assert (again.added, again.updated, again.unchanged) == (0, 0, 2)


def test_a_later_time_moves_calls_cutoffs_and_releases(network):
    load(network, "departures", [departure()])
    before = [pool.release_at for pool in network.scalars(select(CapacityPool)) if pool.release_at]
    result = load(network, "departures", [departure(etd="2026-12-04T22:00+08:00")])
    assert result.updated == 1
    assert stored(network).calls[0].departs_at == datetime(2026, 12, 4, 14, tzinfo=UTC)
    after = [pool.release_at for pool in network.scalars(select(CapacityPool)) if pool.release_at]
    assert [(new - old).total_seconds() for new, old in zip(after, before, strict=True)] == [7200, 7200]


def gate(session, number="001W"):
    """Code → so long before it leaves the first port closes."""
    call = stored(session, number).calls[0]
    return {one.code: (call.departs_at - one.at) / HOUR for one in call.cutoffs}


def test_a_delayed_departure_of_an_export_moves_with_the_cut_offs_it_names(network):
    load(network, "departures", [departure()])
    (row,) = csv.DictReader(io.StringIO(exported(network, "departures", "csv").decode()))
    first, rest = row["calls"].split(";", 1)
    assert "2026-12-04T12:00" in first
    later = row | {"etd": "2026-12-05T00:00Z", "departs_on": "2026-12-05"}
    later["calls"] = f"{first.replace('2026-12-04T12', '2026-12-05T00')};{rest}"
    assert later["cutoffs"].startswith("DGC=90m FCO=48h")
    again = load(network, "departures", [later])
    assert (again.updated, again.errors) == (1, ())
    assert gate(network) == {"FCO": 48, "DGC": 1.5}


@pytest.mark.parametrize("hours", [60, 54])
def test_a_delayed_departure_closes_when_the_file_says(network, hours):
    load(network, "departures", [departure(etd="2026-12-04T20:00+08:00", status="open")])
    later = departure(etd="2026-12-05T08:00+08:00", cutoffs=f"FCO={hours}h")
    again = load(network, "departures", [later])
    assert (again.updated, again.errors) == (1, ())
    assert gate(network) == {"FCO": hours, "DGC": 1.5}
    assert load(network, "departures", [later]).unchanged == 1
    logged = network.scalars(select(AuditEvent).where(AuditEvent.action == "departure.cutoffs_changed")).all()
    # 60 hours before is when it closed before: what stays is no change.
    assert [one.before["1 FCO"] for one in logged] == ["2026-12-02T12:00:00+00:00"] * (hours == 54)


def test_a_delayed_voyage_of_a_dcsa_file_closes_when_the_file_says(network):
    load(network, "departures", [departure(status="open")])
    content = exported(network, "schedule-dcsa", "json")
    assert content.count(b"2026-12-04T20:00:00+08:00") == 1
    later = content.replace(b"2026-12-04T20:00:00+08:00", b"2026-12-05T02:00:00+08:00")
    again = import_file(network, OPERATOR, NOW, "schedule-dcsa", "x", later)
    assert (again.updated, again.errors) == (1, ())
    assert gate(network) == {"FCO": 54, "DGC": 7.5}


def test_another_route_under_the_same_number_is_refused(network):
    load(network, "departures", [departure()])
    calls = "CNTAO-PORT@/2026-12-04T20:00+08:00;DEHAM-PORT@2027-01-03T05:00+01:00/"
    assert faults(load(network, "departures", [departure(calls=calls)])) == [(2, "calls", "route_changed")]


def test_a_number_twice_is_a_duplicate(network):
    assert faults(load(network, "departures", [departure(), departure()])) == [
        (3, "number", "duplicate_reference")
    ]


def test_one_bad_row_keeps_all_departures_out(network):
    result = load(network, "departures", [departure(), departure("002W", status="sailing")])
    assert (result.saved, network.scalars(select(Departure)).all()) == (False, [])


def test_an_imported_date_is_not_made_again(network):
    load(network, "departures", [departure()])
    made = materialise(network, date(2026, 11, 30), 1)
    assert (made.added, made.kept) == (1, 1)
