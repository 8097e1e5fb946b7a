"""The network as it is sold: read once a timetable, whatever is booked, and never by what space costs to buy."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from app.db import Database, make_engine
from app.models import CapacityPool, Departure, Location, Tariff
from app.usecases.quoting_lanes import lane
from app.usecases.quoting_network import read_sell_network, sell_network
from tests.factories import DAY, NOW, make_departure_unit, make_party, make_unit_type
from tests.quote_rows import open_shop, sell


@pytest.fixture
def shop(database):
    """The small network that sells, committed."""
    with database.transaction() as session:
        return open_shop(session)


def read(database, now=NOW):
    with database.reading() as session:
        return sell_network(session, now)


def position(net, code):
    return next(at for at, place in enumerate(net.places) if place.code == code)


def ways(net, start="CNTAO-HUB", end="DEDUI-WHS"):
    return lane(net, position(net, start), position(net, end))


def test_it_is_read_once_while_nothing_but_space_changes(database, shop):
    first = read(database)
    with database.transaction() as session:
        session.execute(update(CapacityPool).values(booked=7))
    assert read(database) is first
    assert read(database, NOW + timedelta(hours=5)) is first


@pytest.mark.parametrize("statement", [
    "UPDATE departure SET status = 'closed'", "DELETE FROM tariff_break", "UPDATE fx_rate SET rate_micros = 1",
    "UPDATE location SET name_en = 'Elsewhere'", "UPDATE country_group SET code = 'XX'",
])  # fmt: skip
def test_what_another_process_changes_is_seen(database, shop, statement):
    first = read(database)
    other = Database(make_engine(database.engine.url.render_as_string(hide_password=False)))
    with other.transaction() as session:
        session.execute(text(statement))
    other.engine.dispose()
    again = read(database)
    assert again is not first
    assert read(database) is again


def test_a_transaction_sees_its_own_change_and_nobody_else_does(database, shop):
    first = read(database)
    with pytest.raises(RuntimeError), database.transaction() as session:
        session.scalars(select(Location).where(Location.code == "CNTAO-HUB")).one().code = "CNTAO-NEW"
        session.flush()
        position(sell_network(session, NOW), "CNTAO-NEW")
        raise RuntimeError
    assert read(database) is first


def test_the_next_day_reads_it_again(database, shop):
    first = read(database)
    assert first.until == datetime(2026, 11, 24, tzinfo=UTC)
    assert read(database, first.until) is not first


def test_full_departures_are_in_it(database, shop):
    before = len(ways(read(database)))
    with database.transaction() as session:
        session.execute(update(CapacityPool).values(booked=CapacityPool.capacity))
        session.execute(update(Departure).values(status="open"))
    assert len(ways(read(database))) == before > 0


def test_what_space_costs_to_buy_is_not_in_it(database, shop):
    with database.transaction() as session:
        session.execute(update(Tariff).values(side="buy"))
        kind = make_unit_type(session)
        make_departure_unit(session, session.get(Departure, shop.departures["sea0"].id), kind)
    net = read(database)
    assert len(ways(net)) > 0
    assert all(net.tariff(leg, None) is None for leg in range(len(net.timetable.legs)))


def test_an_exporters_own_tariff_goes_before_everybodys(session):
    rows = open_shop(session)
    mine = make_party(session)
    own = sell(session, rows.services["sea"], rate=1, exporter_id=mine.id)
    sell(session, rows.services["air"], rate=1, exporter_id=mine.id, valid_to=date(2026, 11, 24))
    net = read_sell_network(session, NOW)
    legs = net.timetable.legs
    by_service = {
        name: next(leg for leg in range(len(legs)) if legs.service[leg] == rows.services[name].id)
        for name in ("sea", "air")
    }
    assert net.tariff(by_service["sea"], mine.id).code == own.code
    assert net.tariff(by_service["sea"], make_party(session).id).code == rows.tariffs["sea"].code
    # It sails on the 26th, and the agreed price holds until the 24th.
    assert net.tariff(by_service["air"], mine.id).code == rows.tariffs["air"].code


def test_a_lane_is_searched_once(database, shop):
    net = read(database)
    assert ways(net) is ways(net)


def test_ways_by_chain_rise_by_the_time_goods_must_be_ready(database, shop):
    found = ways(read(database))
    assert len(found.first) >= 2
    for begin, end in zip(found.first, [*found.first[1:], len(found)], strict=True):
        assert len(set(found.chain[begin:end].tolist())) == 1
        assert found.ready_by[begin:end].tolist() == sorted(found.ready_by[begin:end].tolist())


def test_departures_beyond_the_horizon_are_not_read(database, shop):
    with database.transaction() as session:
        late = NOW + 200 * DAY
        session.execute(update(Departure).values(departs_at=late, arrives_at=late + DAY))
    assert len(read(database).dated) == 0
