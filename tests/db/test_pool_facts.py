"""The order pool is read exactly: instants to the minute, every batch, and the same costs from a table or computed."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from app.models import Tariff
from app.usecases import pool_facts, pricing_facts
from app.usecases.facts import load_facts
from app.usecases.network_facts import minutes
from app.usecases.optimizing import Scope
from routing.assembling import assemble
from routing.itineraries import FOREVER
from tests.booking_rows import make_booking
from tests.factories import DAY, NOW, make_departure, make_location, make_parcel, make_party, make_service

SCOPE = Scope(horizon_days=30)
ODD = (
    timedelta(0), timedelta(microseconds=1), timedelta(seconds=59, microseconds=999_999), timedelta(seconds=60),
    timedelta(days=200, seconds=1),
)  # fmt: skip


@pytest.fixture
def ends(session):
    """Two places with a departure between them that has a price."""
    places = [make_location(session), make_location(session)]
    row = make_departure(session, make_service(session), places)
    session.add(Tariff(code="B", side="buy", currency="CNY", valid_from=date(2026, 1, 1), service_id=row.service_id,
                       flat_minor=500))  # fmt: skip
    return places


def parcel(session, ends, **facts):
    given = {"currency": "CNY", "exporter": make_party(session), "deliver_by": None, **facts}
    return make_parcel(session, origin=ends[0], destination=ends[1], **given)


def test_goods_are_ready_when_a_begun_minute_is_over_and_due_when_it_begins(session, ends):
    base = datetime(2026, 12, 1, 5, 7, tzinfo=UTC)
    for late in ODD:
        parcel(session, ends, ready_at=base + late, deliver_by=base + late + timedelta(days=300))
    pool = load_facts(session, SCOPE, NOW).pool
    assert pool.ready_min.tolist() == [-int(-(base + late).timestamp() // 60) for late in ODD]
    assert pool.due_min.tolist() == [minutes(base + late + timedelta(days=300)) for late in ODD]


def test_goods_are_not_ready_before_now_and_need_not_be_due(session, ends):
    parcel(session, ends, ready_at=NOW - DAY)
    pool = load_facts(session, SCOPE, NOW + timedelta(seconds=1)).pool
    assert (pool.ready_min.tolist(), pool.due_min.tolist()) == ([minutes(NOW) + 1], [FOREVER])


def test_parcels_are_read_batch_by_batch_in_order_of_their_ids(session, ends, monkeypatch):
    monkeypatch.setattr(pool_facts, "BATCH", 2)
    ids = [parcel(session, ends, weight_g=100 + nth).id for nth in range(5)]
    pool = load_facts(session, SCOPE, NOW).pool
    assert pool.ref.tolist() == ids
    assert pool.weight_g.tolist() == [100, 101, 102, 103, 104]


def test_parcels_that_fill_a_booking_are_not_planned_again(session, ends):
    booking = make_booking(session)
    parcel(session, ends, booking_line_id=booking.lines[0].id)
    waiting = parcel(session, ends)
    pool = load_facts(session, SCOPE, NOW).pool
    assert pool.ref.tolist() == [waiting.id]


def test_an_empty_pool_is_read(session, ends):
    assert len(load_facts(session, SCOPE, NOW).pool) == 0


def test_charges_computed_as_needed_make_the_same_problem_as_a_table(session, ends, monkeypatch):
    for nth in range(4):
        parcel(session, ends, weight_g=700 + 300 * nth)

    def problem():
        facts = load_facts(session, SCOPE, NOW)
        return facts.pool.features.shape[1], assemble(
            facts.network, facts.pool, facts.rates
        ).problem.columns()

    tabled, table = problem()
    monkeypatch.setattr(pricing_facts, "DENSE_CELLS", 0)
    computed, needed = problem()
    assert (tabled, computed) == (9, 8)
    assert table["option_rates"].size > 0
    assert all(np.array_equal(table[key], needed[key]) for key in table)


def test_goods_without_a_price_or_a_class_are_left_out_in_the_order_they_came(session, ends):
    for facts in (
        {"currency": "XTS"},
        {"goods_class": "unheard_of", "currency": "XTS"},
        {},
        {"currency": "XTS"},
    ):
        parcel(session, ends, **facts)
    facts = load_facts(session, SCOPE, NOW)
    left = [(one.code, one.subject, one.text.split(" ")[0]) for one in facts.findings[-2:]]
    assert left == [("no_exchange_rate", "XTS", "2"), ("goods_class_unknown", "unheard_of", "1")]
    assert len(facts.pool) == 1


def test_parcels_that_are_named_are_read_and_no_others(session, ends):
    some = [parcel(session, ends) for _ in range(3)]
    gone = parcel(session, ends, status="customs_hold")
    named = Scope(horizon_days=30, parcels=(some[2].public_id, some[0].public_id, gone.public_id))
    assert load_facts(session, named, NOW).pool.ref.tolist() == [some[0].id, some[2].id]
