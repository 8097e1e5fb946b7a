"""Trips that ended are history, by service and stretch."""

from datetime import timedelta

import pytest

from app.queries.trips import trips
from app.usecases.tracking import Report, Source, record_events
from tests import factories as make
from tests.factories import DAY, HOUR, NOW

SPAN = (NOW - 365 * DAY, NOW)


@pytest.fixture
def line(session):
    """A line over three ports, and its places."""
    stops = [make.make_location(session) for _ in range(3)]
    return make.make_service(session), stops


def sail(session, line, days_ago, arrivals):
    """A departure of the line; `arrivals` = {call: hours behind schedule}."""
    service, stops = line
    departure = make.make_departure(session, service, stops, departs_at=NOW - days_ago * DAY)
    reports = [
        Report(event_id=f"{departure.id}-{call}", code="ARRI", departure=departure.public_id, call=call,
               happens_at=departure.calls[call].arrives_at + timedelta(hours=late))
        for call, late in arrivals.items()
    ]  # fmt: skip
    record_events(session, Source("usr_test"), NOW, reports)
    return departure


def hours(found):
    return [(trip.actual - trip.planned) / HOUR for trip in found]


def test_a_trip_counts_for_each_stretch_it_completed_oldest_first(session, line):
    service, (first, second, third) = line
    sail(session, line, 20, {1: 2, 2: 5})
    sail(session, line, 30, {1: -1})
    whole, begun, none = (
        (service.id, first.id, third.id),
        (service.id, first.id, second.id),
        (service.id, 0, 1),
    )
    found = trips(session, [whole, begun, none], *SPAN)
    assert {lane: hours(some) for lane, some in found.items()} == {whole: [5], begun: [-1, 2], none: []}


def test_the_report_of_an_arrival_that_was_written_last_holds(session, line):
    service, (first, _, third) = line
    departure = sail(session, line, 20, {2: 5})
    arrives = departure.calls[2].arrives_at
    for event_id, late, written in (("b", 6, NOW + HOUR / 2), ("c", 7, NOW - DAY)):
        one = Report(event_id=event_id, code="ARRI", departure=departure.public_id, created_at=written,
                     happens_at=arrives + timedelta(hours=late))  # fmt: skip
        record_events(session, Source("usr_test"), NOW + HOUR, [one])
    found = trips(session, [(service.id, first.id, third.id)], *SPAN)
    assert hours(found[service.id, first.id, third.id]) == [6]


def test_trips_of_another_time_or_line_do_not_count(session, line):
    service, (first, _, third) = line
    sail(session, line, 400, {2: 5})
    sail(session, (make.make_service(session), line[1]), 20, {2: 5})
    assert trips(session, [(service.id, first.id, third.id)], *SPAN) == {(service.id, first.id, third.id): []}
