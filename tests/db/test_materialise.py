from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.exchange.faults import CellError
from app.models import Call, Departure, Segment, Service
from app.usecases.scheduling import load_patterns, materialise, materialise_departure, service_dates
from tests.db.importing import CALLS, SERVICES, load, load_network

MONDAY = date(2026, 11, 23)


def loaded(session, number="20261123"):
    query = select(Departure).where(Departure.number == number).options(
        selectinload(Departure.calls).selectinload(Call.cutoffs),
        selectinload(Departure.segments).selectinload(Segment.pools),
        selectinload(Departure.units),
    )  # fmt: skip
    return session.scalars(query.execution_options(populate_existing=True)).one()


def test_a_pattern_becomes_a_departure_in_utc(session):
    load_network(session)
    materialise(session, MONDAY, 1)
    departure = loaded(session)
    times = [(call.arrives_at, call.departs_at) for call in departure.calls]
    assert times == [
        (None, datetime(2026, 11, 23, 12, 0, tzinfo=UTC)),
        (datetime(2026, 11, 24, 9, 0, tzinfo=UTC), datetime(2026, 11, 24, 21, 0, tzinfo=UTC)),
        (datetime(2026, 12, 27, 4, 0, tzinfo=UTC), None),
    ]
    assert (departure.departs_at, departure.arrives_at) == (times[0][1], times[2][0])
    assert departure.accepts == ["general", "li_ion_packed"]


def test_cutoffs_are_counted_back_from_the_departure_of_their_call(session):
    load_network(session)
    materialise(session, MONDAY, 1)
    cutoffs = {cutoff.code: cutoff.at for cutoff in loaded(session).calls[0].cutoffs}
    assert cutoffs == {
        "FCO": datetime(2026, 11, 21, 12, 0, tzinfo=UTC),
        "DGC": datetime(2026, 11, 23, 10, 30, tzinfo=UTC),
    }


def test_an_allotment_is_cut_out_of_the_open_pool_and_released_in_time(session):
    load_network(session)
    materialise(session, MONDAY, 1)
    first = loaded(session).segments[0]
    whole, block = sorted(first.pools, key=lambda pool: pool.exporter_id is not None)
    assert (whole.capacity, whole.parent_id) == (4000, None)
    assert (block.capacity, block.parent_id) == (450, whole.id)
    assert block.release_at == datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


def test_space_of_one_segment_stands_on_that_segment_only(session):
    load_network(session)
    materialise(session, MONDAY, 1)
    weights = [[pool.capacity for pool in segment.pools if pool.dimension == "g"]
               for segment in loaded(session).segments]  # fmt: skip
    assert weights == [[], [900_000_500]]


def test_units_and_sea_distances_come_with_the_departure(session):
    load_network(session)
    materialise(session, MONDAY, 1)
    departure = loaded(session)
    assert [(unit.max_count, unit.cost_minor, unit.currency) for unit in departure.units] == [
        (6, 284_050, "USD")
    ]
    near, far = (segment.distance_m for segment in departure.segments)
    assert 550_000 < near < 750_000
    assert 18_000_000 < far < 23_000_000


def test_materialising_twice_adds_nothing(session):
    load_network(session)
    assert (materialise(session, MONDAY, 8).added, materialise(session, MONDAY, 8).added) == (16, 0)
    assert materialise(session, MONDAY, 9).added == 2


def test_a_service_runs_only_within_its_validity_and_every_second_week():
    service = Service(
        weekdays="13", every_weeks=2, valid_from=date(2026, 11, 11), valid_to=date(2026, 12, 21)
    )
    assert service_dates(service, date(2026, 11, 1), 8) == [
        date(2026, 11, 11), date(2026, 11, 23), date(2026, 11, 25), date(2026, 12, 7), date(2026, 12, 9),
    ]  # fmt: skip


def test_a_departure_time_that_the_clock_skips_is_reported_and_not_guessed(session):
    night = [{**CALLS[0], "location_code": "DEHAM-PORT", "depart_local": "02:30"},
             {**CALLS[1], "depart_day": "", "depart_local": "", "arrive_day": "40"}]  # fmt: skip
    load_network(session, services=[{**SERVICES[0], "weekdays": "7"}], service_calls=night, service_space=[
        {"service_code": "SEA-1", "dimension": "teu", "capacity": "4"}
    ])  # fmt: skip
    made = materialise(session, date(2027, 3, 22), 2)
    assert made.added == 1
    assert [(skip.service_code, skip.departs_on, skip.code) for skip in made.skipped] == [
        ("SEA-1", date(2027, 3, 28), "nonexistent_local_time")
    ]
    assert "03:30" in made.skipped[0].suggestion


def test_a_pattern_that_arrives_before_it_left_makes_no_departure(session):
    load_network(session)
    late = [{**CALLS[0], "depart_local": "23:30"}, {**CALLS[1], "arrive_day": "0", "arrive_local": "23:45"}]
    load(session, "service-calls", late)
    service = next(iter(load_patterns(session).values()))
    with pytest.raises(CellError) as refused:
        materialise_departure(session, service, MONDAY, "X")
    assert refused.value.code == "arrival_before_departure"
