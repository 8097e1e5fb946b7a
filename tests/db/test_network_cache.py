"""The network is read once a revision, and again as soon as somebody else, or the clock, has changed it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update

from app.db import Database, make_engine
from app.ids import new_id
from app.models import (
    CapacityPool,
    Cutoff,
    Departure,
    HandlingUnit,
    Location,
    NetworkRevision,
    Parcel,
    Tariff,
    Warehouse,
)
from app.usecases import network_cache
from app.usecases.facts import load_facts
from app.usecases.network_cache import midnight_after, network_facts
from app.usecases.optimizing import Scope
from routing.assembling import assemble
from routing.chains import ChainStore
from tests.factories import (
    NOW,
    make_departure,
    make_location,
    make_parcel,
    make_service,
    make_unit_type,
    make_warehouse,
)

DAYS = 30
SOON = NOW + timedelta(minutes=1)


@pytest.fixture
def departure(database):
    """A departure in three days, with a price, in a committed network of its own."""
    with database.transaction() as session:
        row = make_departure(session, make_service(session, "LINE"))
        session.add(
            Tariff(
                code="BUY", side="buy", currency="CNY", valid_from=date(2026, 1, 1), service_id=row.service_id,
                flat_minor=500, minimum_minor=0, per_m3_micros=0, rounding_g=1, source="example",
            )
        )  # fmt: skip
    return row.id


def read(database, now=NOW, days=DAYS):
    with database.reading() as session:
        return network_facts(session, now, days)


def grams(facts):
    return facts.network.spaces[0].free_g


def test_the_network_is_read_once_while_nobody_changes_it(database, departure):
    first = read(database)
    assert first.network.departures[0].ref == departure
    assert read(database, SOON) is first
    assert read(database, days=DAYS + 1) is not first


def book(session):
    session.execute(update(CapacityPool).where(CapacityPool.dimension == "g").values(booked=7))


def rename(session):
    session.scalars(select(Location)).first().name_en = "Elsewhere"


def close(session):
    session.execute(text("UPDATE departure SET status = 'closed'"))


def add_cutoff(session):
    call = session.execute(text("SELECT min(id) FROM call")).scalar_one()
    session.add(Cutoff(call_id=call, code="DCO", at=NOW + timedelta(days=1)))


def drop_price(session):
    session.connection().exec_driver_sql("DELETE FROM tariff")


@pytest.mark.parametrize("change", [book, rename, close, add_cutoff, drop_price])
def test_what_somebody_else_commits_is_seen(database, departure, change):
    first = read(database)
    other = Database(make_engine(database.engine.url.render_as_string(hide_password=False)))
    with other.transaction() as session:
        change(session)
        session.flush()
        assert read(database) is first
    other.engine.dispose()
    again = read(database)
    assert again is not first
    assert read(database) is again


def test_what_is_rolled_back_changes_nothing(database, departure):
    first = read(database)
    with pytest.raises(RuntimeError), database.transaction() as session:
        book(session)
        raise RuntimeError
    assert read(database) is first


def test_other_rows_do_not_count_as_the_network(database, departure):
    first = read(database)
    with database.transaction() as session:
        make_parcel(session, origin=session.get(Location, 1), destination=session.get(Location, 2))
    assert read(database) is first
    with database.transaction() as session:
        session.execute(update(Parcel).values(weight_g=5))
    assert read(database) is first


def test_a_transaction_sees_its_own_change_and_nobody_else_does(database, departure):
    before = grams(read(database))
    with pytest.raises(RuntimeError), database.transaction() as session:
        book(session)
        assert grams(network_facts(session, NOW, DAYS)) == tuple(one - 7 for one in before)
        raise RuntimeError
    assert grams(read(database)) == before


def test_every_commit_counts_the_revision_up_once(database, departure):
    def revision():
        with database.reading() as session:
            return session.scalar(select(NetworkRevision.value)) or 0

    before = revision()
    with database.transaction() as session:
        book(session)
        rename(session)
    assert revision() == before + 1
    with database.transaction() as session:
        session.execute(select(Departure.id))
    assert revision() == before + 1


def counts(database):
    with database.reading() as session:
        return session.execute(select(NetworkRevision.value, NetworkRevision.timetable)).one()


def open_unit(session):
    kind = make_unit_type(session)
    session.flush()
    row = session.scalars(select(Departure)).first()
    unit = HandlingUnit(
        public_id=new_id("hun"), departure_id=row.id, unit_type_id=kind.id, board_seq=0, alight_seq=1,
        payload_g=1, volume_cm3=1, opened_by="usr_test", opened_at=NOW,
    )  # fmt: skip
    session.add(unit)


def add_kind(session):
    make_unit_type(session)


def fill_unit(session):
    session.execute(update(HandlingUnit).values(booked_g=1))


@pytest.mark.parametrize("change", [rename, close, add_cutoff, drop_price, add_kind])
def test_what_is_more_than_free_space_counts_the_timetable_up(database, departure, change):
    value, timetable = counts(database)
    with database.transaction() as session:
        change(session)
    assert counts(database) == (value + 1, timetable + 1)


def test_free_space_does_not_count_the_timetable_up(database, departure):
    with database.transaction() as session:
        open_unit(session)
    for change in (book, fill_unit):
        value, timetable = counts(database)
        with database.transaction() as session:
            change(session)
        assert counts(database) == (value + 1, timetable)
    with database.transaction() as session:
        book(session)
        rename(session)
    assert counts(database) == (value + 2, timetable + 1)


def test_the_network_is_read_again_when_its_next_change_has_come(database, departure):
    with database.transaction() as session:
        session.execute(update(CapacityPool).values(release_at=None))
        session.execute(update(Departure).values(arrives_at=NOW + timedelta(hours=5)))
    first = read(database)
    assert first.until == NOW + timedelta(hours=5)
    assert read(database, first.until - timedelta(seconds=1)) is first
    assert read(database, first.until) is not first
    assert read(database, NOW - timedelta(seconds=1)) is not first


def test_the_day_of_a_warehouse_moves_on_at_its_own_midnight(database, departure):
    with database.transaction() as session:
        place = make_location(session, kind="overseas", time_zone="America/Los_Angeles")
        make_warehouse(session, place, daily_parcels=5)
    evening = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
    assert read(database, evening).until == datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_midnight_comes_an_hour_later_by_utc_when_clocks_have_gone_back():
    berlin = ZoneInfo("Europe/Berlin")
    assert midnight_after(datetime(2026, 10, 24, 12, tzinfo=UTC), berlin) == datetime(
        2026, 10, 24, 22, tzinfo=UTC
    )
    assert midnight_after(datetime(2026, 10, 25, 12, tzinfo=UTC), berlin) == datetime(
        2026, 10, 25, 23, tzinfo=UTC
    )


def test_only_the_last_networks_are_kept(database, departure):
    first = read(database)
    for more in range(network_cache.MOST_KEPT):
        read(database, days=DAYS + 1 + more)
    assert read(database) is not first


def test_a_second_run_enumerates_nothing_even_if_space_was_booked(database, departure):
    with database.transaction() as session:
        ends = session.execute(text("SELECT location_id FROM call ORDER BY seq")).scalars().all()
        origin, destination = (session.get(Location, place) for place in (ends[0], ends[-1]))
        make_parcel(session, origin=origin, destination=destination, currency="CNY")

    store = ChainStore()

    def run():
        with database.reading() as session:
            facts = load_facts(session, Scope(horizon_days=DAYS), NOW)
        before = store.enumerated
        problem = assemble(facts.network, facts.pool, facts.rates, store=store).problem
        return problem.o, store.enumerated - before

    assert run() == (1, 1)
    with database.transaction() as session:
        book(session)
    assert run() == (1, 0)


def test_a_warehouse_that_takes_other_goods_is_another_network(database, departure):
    with database.transaction() as session:
        make_warehouse(session)
    first = read(database)
    with database.transaction() as session:
        session.scalars(select(Warehouse)).one().accepts = ["food"]
    assert read(database) is not first
