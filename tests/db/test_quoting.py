"""Quotes as a use case: a handful of statements, one reading for many at once, and nothing of what is bought shown."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import event, select, update

from app.actor import Actor
from app.db import Database, make_engine
from app.models import CapacityPool, Offer
from app.usecases import quoting_network
from app.usecases.quoting import request_quote
from tests import factories as make
from tests.quote_rows import open_shop

MOST_STATEMENTS = 9


@pytest.fixture
def shop(database):
    """The small network that sells, and an exporter, committed."""
    with database.transaction() as session:
        rows = open_shop(session)
        rows.owner = make.make_party(session, "acme")
    return rows


def asker(shop):
    return Actor("key", "key_test", "exporter", shop.owner.id)


def wanted(**changed):
    parcel = {
        "count": 10, "weight": Decimal(10), "weight_unit": "KG", "length": Decimal(40), "width": Decimal(30),
        "height": Decimal(25), "dimension_unit": "CM", "volume_m3": None, "goods_class": "general",
        "description": "", "hs_code": None, "value": None, "value_currency": None,
    }  # fmt: skip
    return {
        "exporter": None, "origin": {"type": "warehouse", "code": "CNTAO-HUB"},
        "destination": {"type": "warehouse", "code": "DEDUI-WHS"},
        "ready_at": datetime(2026, 11, 23, 2, tzinfo=UTC), "deliver_by": None, "hard_deadline": False,
        "incoterm": None, "currency": "USD", "parcels": [parcel], "direction": "export", "preferences": None,
        "customs": None, "hold": False,
    } | changed  # fmt: skip


def ask(database, shop, **changed):
    with database.transaction() as session:
        return request_quote(session, asker(shop), make.NOW, wanted(**changed))


def statements(database, call):
    seen = []
    listener = lambda _c, _cursor, statement, *_more: seen.append(statement)  # noqa: E731
    event.listen(database.engine, "before_cursor_execute", listener)
    call()
    event.remove(database.engine, "before_cursor_execute", listener)
    return seen


def departures_of(made):
    return [leg["number"] for offer in made.offers for leg in offer["legs"] if leg["number"]]


def test_a_quote_takes_a_handful_of_statements(database, shop):
    ask(database, shop)
    assert len(statements(database, lambda: ask(database, shop))) <= MOST_STATEMENTS


def test_free_space_is_looked_at_again_once_anybody_has_taken_some(database, shop):
    first = departures_of(ask(database, shop))
    assert not any("capacity_pool" in one for one in statements(database, lambda: ask(database, shop)))
    other = Database(make_engine(database.engine.url.render_as_string(hide_password=False)))
    with other.transaction() as session:
        full = [pool.id for segment in shop.departures["sea0"].segments for pool in segment.pools]
        session.execute(
            update(CapacityPool).where(CapacityPool.id.in_(full)).values(booked=CapacityPool.capacity)
        )
    other.engine.dispose()
    asked = statements(database, lambda: departures_of(ask(database, shop)))
    assert any("capacity_pool" in one for one in asked)
    again = departures_of(ask(database, shop))
    assert shop.departures["sea0"].number in first
    assert shop.departures["sea0"].number not in again


def test_space_taken_in_the_same_transaction_counts(database, shop):
    ask(database, shop)
    with database.transaction() as session:
        session.execute(update(CapacityPool).values(booked=CapacityPool.capacity))
        assert request_quote(session, asker(shop), make.NOW, wanted()).offers == []
    assert ask(database, shop).offers == []


def test_many_at_once_read_the_network_once(database, shop, monkeypatch):
    read = []
    original = quoting_network.read_sell_network

    def counted(session, now):
        read.append(now)
        return original(session, now)

    monkeypatch.setattr(quoting_network, "read_sell_network", counted)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: ask(database, shop), range(8)))
    assert len(read) == 1
    assert len({json.dumps([offer["total"] for offer in one.offers]) for one in made}) == 1


def test_what_space_costs_to_buy_is_shown_nowhere(database, shop):
    def box(session):
        row = session.merge(shop.departures["sea0"])
        kind = make.make_unit_type(
            session, "20GP", payload_g=1_000_000, volume_cm3=3_000_000, takes_quantity=100
        )
        make.make_departure_unit(session, row, kind, cost_minor=1_357, currency="USD")
        for segment in row.segments:
            session.add(CapacityPool(segment_id=segment.id, dimension="teu", capacity=500))

    with database.transaction() as session:
        box(session)
    made = ask(database, shop)
    assert shop.departures["sea0"].number in departures_of(made)
    with database.reading() as session:
        kept = [[one.shown, one.legs, one.charges] for one in session.scalars(select(Offer))]
    text = json.dumps([kept, made.row.messages])
    assert "13.57" not in text
    assert "1357" not in text


def test_two_databases_do_not_share_what_is_known(database, shop, tmp_path):
    from app import schema

    ask(database, shop)
    engine = make_engine(f"sqlite:///{tmp_path / 'other.db'}")
    schema.upgrade(engine)
    other = Database(engine)
    with other.transaction() as session:
        rows = open_shop(session, weeks=1)
        rows.owner = make.make_party(session, "globex")
    numbers = departures_of(ask(other, rows))
    engine.dispose()
    assert set(numbers) <= {departure.number for departure in rows.departures.values()}
