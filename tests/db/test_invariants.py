"""Each invariant of `fourport fsck` finds the damage it is there for, and is silent about healthy rows."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from app.models import Job
from app.queries import invariants
from app.usecases import working
from tests import factories

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def broken(session):
    return {violation.invariant for violation in invariants.broken(session, NOW)}


@pytest.fixture
def healthy(session):
    """An installation with a plan whose numbers add up."""
    departure = factories.make_departure(session)
    run = factories.make_run(session, status="completed")
    plan = factories.make_plan(session, run, items=2, assigned=1)
    way = factories.make_itinerary(session, plan, [departure], parcels=1)
    parcel = factories.make_parcel(session)
    factories.make_plan_item(session, plan, parcel, way)
    factories.make_load(session, plan, departure, weight_g=parcel.weight_g)
    factories.make_plan_item(session, plan, factories.make_parcel(session))
    factories.make_departure_unit(session, departure, factories.make_unit_type(session))
    working.enqueue(session, "solve_run", "solver", "run_x", NOW)
    return departure, run, plan


def test_a_healthy_database_breaks_nothing(session, healthy):
    assert broken(session) == set()


@pytest.mark.parametrize(
    ("damage", "invariant"),
    [
        ("DELETE FROM segment", "segments_join_all_calls"),
        ("UPDATE plan SET assigned = 2", "plans_add_up"),
        ("UPDATE plan_itinerary SET parcels = 7", "itineraries_count_their_parcels"),
        ("UPDATE plan_load SET parcels = parcels + 1", "planned_loads_add_up"),
        ("DELETE FROM plan_load", "planned_loads_add_up"),
        ("UPDATE plan_load SET segment_seq = segment_seq + 1", "planned_loads_add_up"),
        ("UPDATE plan_item SET reason = NULL", "unassigned_items_have_a_reason"),
        ("UPDATE optimization_run SET status = 'failed'", "completed_runs_have_a_plan"),
        ("UPDATE call SET arrives_at = '2020-01-01 00:00:00+00' WHERE seq > 0", "calls_follow_each_other"),
    ],
)
def test_damage_is_found_by_the_invariant_that_guards_it(session, healthy, damage, invariant):
    session.execute(text("DELETE FROM capacity_pool"))
    session.execute(text(damage))

    assert invariant in broken(session)


def test_a_parcel_that_is_weighed_again_damages_no_plan(session, healthy):
    session.execute(text("UPDATE parcel SET weight_g = weight_g + 7"))

    assert broken(session) == set()


def test_calls_are_followed_in_order_whatever_their_numbers(session, healthy):
    session.execute(text("UPDATE call SET seq = 7 * seq"))
    session.execute(text("UPDATE call SET arrives_at = '2020-01-01 00:00:00+00' WHERE seq > 0"))

    assert "calls_follow_each_other" in broken(session)


def test_an_import_nobody_works_on_is_found(session, healthy):
    factories.make_batch(session, status="running")

    assert broken(session) == {"open_imports_have_an_open_job"}


def test_a_run_nobody_works_on_is_found(session, healthy):
    factories.make_run(session, status="queued")

    assert broken(session) == {"open_runs_have_an_open_job"}


def test_a_job_nobody_rang_for_an_hour_is_found(session, healthy):
    job = session.scalars(select(Job)).one()
    job.lease_until = NOW - timedelta(hours=2)
    session.flush()

    assert broken(session) == {"no_job_is_forgotten"}


def test_an_allotment_beyond_its_pool_is_found(session, healthy):
    departure, _, _ = healthy
    whole = departure.segments[0].pools[0]
    exporter = factories.make_party(session)
    part = type(whole)(
        segment_id=whole.segment_id,
        dimension=whole.dimension,
        capacity=whole.capacity + 1,
        parent_id=whole.id,
        exporter_id=exporter.id,
    )
    session.add(part)
    session.flush()

    assert broken(session) == {"allotments_fit_their_pool"}


def test_the_database_itself_refuses_to_oversell(session, healthy):
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError):
        session.execute(text("UPDATE capacity_pool SET booked = capacity + 1"))
