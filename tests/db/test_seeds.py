"""The reference network and the sample pool load through the importers, and loading them again changes nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.actor import system
from app.cli.seeding import seed
from app.errors import Conflict, Invalid
from app.models import (
    Asn,
    AuditEvent,
    Call,
    CapacityPool,
    Departure,
    Dock,
    Location,
    Parcel,
    Party,
    Service,
    StockBalance,
    StockLot,
)
from app.models.watching import CHANGED, network_is_changed
from app.seeds import reference as seeds
from app.usecases.seeding import seed_reference, seed_sample_pool
from app.usecases.seeding_inbound import seed_sample_inbound
from app.usecases.seeding_stock import seed_sample_stock

ACTOR = system("test")
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def count(session, model, *where):
    return session.scalar(select(func.count()).select_from(model).where(*where))


@pytest.fixture(scope="module")
def loaded(engine):
    """A connection with the network in it, and what loading it said; undone after this module."""
    with engine.connect() as connection:
        transaction = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            network = seed_reference(session, ACTOR, NOW)
            session.commit()
        yield connection, network
        transaction.rollback()


@pytest.fixture
def network(loaded):
    return loaded[1]


@pytest.fixture
def session(loaded):
    """A session on the loaded network, undone after each test."""
    connection, _network = loaded
    savepoint = connection.begin_nested()
    with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
        yield session
    savepoint.rollback()


def test_the_network_loads_as_a_whole_and_a_second_time_changes_nothing(session, network):
    assert network.added == network.rows
    assert network.skipped == ()
    assert network.departures_added >= 300
    assert count(session, Departure) == network.departures_added
    assert network_is_changed(session.connection())
    session.connection().info.pop(CHANGED)
    again = seed_reference(session, ACTOR, NOW + timedelta(hours=1))
    assert (again.added, again.updated, again.departures_added) == (0, 0, 0)
    assert again.departures_kept == network.departures_added
    assert not network_is_changed(session.connection())
    seeded = count(session, AuditEvent, AuditEvent.action == "seed.reference")
    imported = count(session, AuditEvent, AuditEvent.action == "import")
    assert (seeded, imported) == (2, len(seeds.KINDS))


def test_a_week_later_only_the_departures_of_that_week_are_added(session, network):
    later = seed_reference(session, ACTOR, NOW + timedelta(days=7))
    assert (later.added, later.updated) == (0, 0)
    weekly = network.departures_added / 8
    assert 0.8 * weekly < later.departures_added < 1.2 * weekly


def test_every_dated_mode_departs_and_allotments_are_cut_out_of_the_whole(session):
    modes = set(session.scalars(select(Service.mode).join(Departure, Departure.service_id == Service.id)))
    assert modes == {"air", "sea", "rail", "ferry"}
    pools = session.scalars(select(CapacityPool).where(CapacityPool.exporter_id.is_not(None))).all()
    assert pools
    assert all(pool.parent_id is not None and pool.release_at is not None for pool in pools)


def test_the_truck_on_the_ferry_reaches_incheon_airport_before_noon_and_a_flight_leaves_the_same_day(session):
    def calls(code, place):
        query = (
            select(Call)
            .join(Departure, Call.departure_id == Departure.id)
            .join(Service, Departure.service_id == Service.id)
            .join(Location, Call.location_id == Location.id)
            .where(Service.code == code, Location.code == place)
        )
        return session.scalars(query).all()

    arrivals = [call.arrives_at for call in calls("FER-WEI-ICN-TRUCK", "KRICN-AIR")]
    leaving = {call.departs_at.date() for call in calls("AIR-ICN-LAX", "KRICN-AIR")}
    assert all(arrival.hour == 3 for arrival in arrivals), "12:00 in Seoul"
    assert {arrival.date() for arrival in arrivals} & leaving


def test_a_pool_grows_to_the_size_asked_for_and_no_parcel_comes_twice(session):
    first = seed_sample_pool(session, ACTOR, NOW, 300, 1)
    again = seed_sample_pool(session, ACTOR, NOW + timedelta(days=1), 300, 1)
    more = seed_sample_pool(session, ACTOR, NOW, 400, 1)
    other = seed_sample_pool(session, ACTOR, NOW, 50, 2)
    assert [(seed.added, seed.kept) for seed in (first, again, more, other)] == [
        (300, 0),
        (0, 300),
        (100, 300),
        (50, 0),
    ]
    assert count(session, Parcel) == 450


def test_rows_of_a_pool_are_complete_and_belong_to_several_exporters(session):
    seed_sample_pool(session, ACTOR, NOW, 500, 1)
    assert count(session, Parcel, Parcel.status == "pending", Parcel.deliver_by > Parcel.ready_at) == 500
    assert count(session, Parcel, Parcel.ready_at <= NOW) == 0
    returns = Parcel.direction == "return"
    assert count(
        session, Parcel, returns, Parcel.grade.is_not(None), Parcel.exported_on.is_not(None)
    ) == count(session, Parcel, returns)
    owners = select(func.count(Parcel.exporter_id.distinct())).join(Party, Parcel.exporter_id == Party.id)
    assert session.scalar(owners) == 8


@pytest.mark.parametrize(("parcels", "seed"), [(-1, 1), (10, -1), (10, 2**31), (10**9, 1)])
def test_sizes_and_seeds_that_cannot_be_meant_are_refused(session, parcels, seed):
    with pytest.raises(Invalid):
        seed_sample_pool(session, ACTOR, NOW, parcels, seed)


def test_a_pool_needs_the_network_first(session):
    session.execute(update(Party).where(Party.reference == "EXP-3C").values(reference="GONE"))
    with pytest.raises(Conflict, match="EXP-3C is not there"):
        seed_sample_pool(session, ACTOR, NOW, 10, 1)


def test_a_file_that_does_not_fit_the_stored_rows_says_which_row(session, tmp_path, monkeypatch):
    (tmp_path / "parties.csv").write_text("reference,name,country,roles\nX,Y,ZZ,exporter\n", encoding="utf-8")
    monkeypatch.setattr(seeds, "FOLDER", tmp_path)
    with pytest.raises(Conflict, match=r"parties\.csv, row 2, country"):
        seed_reference(session, ACTOR, NOW)


def test_the_command_loads_network_and_pool_into_the_installations_own_database(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURPORT_DATA_DIR", str(tmp_path))
    done = CliRunner().invoke(seed, ["demo", "--parcels", "20"])
    assert done.exit_code == 0, done.output
    assert "departures added" in done.output
    assert "20 parcels added, 0 there already" in done.output


def test_three_warehouses_hold_stock_of_every_age_and_again_nothing_is_added(session):
    first = seed_sample_stock(session, ACTOR, NOW)
    again = seed_sample_stock(session, ACTOR, NOW + timedelta(days=3))

    assert first.skus == 22
    assert first.bins == 92
    assert first.lots > 90
    assert (again.skus, again.bins, again.lots) == (0, 0, 0)
    assert count(session, StockBalance, StockBalance.here) == first.lots
    assert count(session, Dock) == 7
    states = set(session.scalars(select(StockLot.customs_status)))
    assert states == {"free", "bonded", "supervised"}
    ages = {(NOW.date() - day).days // 30 for day in session.scalars(select(StockLot.received_on))}
    assert len(ages) >= 6


def test_goods_are_on_their_way_in_every_state_and_again_nothing_is_added(session):
    seed_sample_stock(session, ACTOR, NOW)

    assert seed_sample_inbound(session, ACTOR, NOW) == 11
    assert seed_sample_inbound(session, ACTOR, NOW + timedelta(days=3)) == 0
    assert set(session.scalars(select(Asn.status))) == {
        "draft", "announced", "in_transit", "arrived", "receiving", "received", "putaway_done",
    }  # fmt: skip
