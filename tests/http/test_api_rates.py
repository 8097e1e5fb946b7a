"""Rates at a glance: between ports or countries, without a key, without a trace."""

import pytest
from sqlalchemy import func, select, update

from app.models import CapacityPool, IdempotencyKey, Quote, Tariff
from app.schemas.rates import RatesShape
from tests import factories as make
from tests.http.answers import faults, good, problem
from tests.http.selling import opened
from tests.quote_rows import sell

WANTED = {
    "origin": {"type": "country", "code": "CN"},
    "destination": {"type": "country", "code": "DE"},
    "weight": "500",
    "currency": "USD",
}


@pytest.fixture
def counter(app, database):
    with opened(app, database) as found:
        yield found


def told(counter, name="acme", **changed):
    return good(counter.estimate(name, WANTED | changed), RatesShape)


def totals(body):
    return {tuple(rate["modes"]): rate["total"] for rate in body["rates"]}


def test_between_countries_the_direct_departures_are_priced(counter):
    body = told(counter)
    assert (body["bookable"], totals(body)) == (False, {("sea",): "100.00"})
    assert "volume_missing" in {one["code"] for one in body["messages"]}


def test_between_ports_every_way_is_priced_the_cheapest_first(counter):
    ends = {
        "origin": {"type": "unlocode", "code": "CNTAO"},
        "destination": {"type": "warehouse", "code": "DEDUI-WHS"},
    }
    body = told(counter, **ends)
    assert totals(body) == {("sea", "road"): "175.00", ("air", "road"): "2100.00"}
    assert [rate["modes"][0] for rate in body["rates"]] == ["sea", "air"]


def test_a_country_and_a_port_may_be_mixed(counter):
    body = told(counter, destination={"type": "unlocode", "code": "DEHAM"})
    assert ("sea",) in totals(body)


def test_where_no_departure_is_direct_ways_with_changes_are_tried(counter):
    counter.change(lambda session: make.make_location(session, "FRPAR-WHS", "overseas", country="FR"))
    assert faults(counter.estimate("acme", WANTED | {"destination": {"type": "country", "code": "FR"}})) == {
        "destination": "place_not_served"
    }
    body = told(counter, origin={"type": "country", "code": "BE"})
    assert totals(body) == {("road",): "100.00"}


def test_volume_counts_where_it_is_given(counter):
    counter.change(lambda session: session.execute(update(Tariff).values(divisor_cm3_per_kg=1000)))
    body = told(counter, volume_m3="2")
    assert totals(body) == {("sea",): "400.00"}
    assert body["messages"] == []


def test_free_space_does_not_matter(counter):
    counter.change(lambda session: session.execute(update(CapacityPool).values(booked=CapacityPool.capacity)))
    assert totals(told(counter)) == {("sea",): "100.00"}


def test_nothing_is_kept(counter):
    told(counter)
    with counter.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Quote)) == 0
        assert session.scalar(select(func.count()).select_from(IdempotencyKey)) == 0


def test_own_tariffs_are_the_exporters_and_staff_see_them_by_naming_it(counter):
    counter.change(
        lambda session: sell(
            session,
            session.merge(counter.rows.services["sea"]),
            rate=1_000,
            exporter_id=counter.owners["acme"].id,
        )
    )
    assert totals(told(counter)) == {("sea",): "0.50"}
    assert totals(told(counter, "globex")) == totals(told(counter, "operator")) == {("sea",): "100.00"}
    assert totals(told(counter, "operator", exporter="acme")) == {("sea",): "0.50"}
    assert faults(counter.estimate("globex", WANTED | {"exporter": "acme"})) == {"exporter": "not_yours"}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"origin": {"type": "country", "code": "China"}}, {"origin.code": "bad_shape"}),
        ({"origin": {"type": "country", "code": "US"}}, {"origin": "place_not_served"}),
        ({"origin": {"type": "unlocode", "code": "XXXXX"}}, {"origin": "place_unknown"}),
        ({"weight": "0"}, {"weight": "out_of_range"}),
        ({"currency": "QQQ"}, {"currency": "currency_unknown"}),
        ({"goods_class": "unobtainium"}, {"goods_class": "goods_class_unknown"}),
    ],
)
def test_what_cannot_be_understood_is_named(counter, changed, found):
    assert faults(counter.estimate("acme", WANTED | changed)) == found


def test_the_modes_asked_for_are_the_only_ones(counter):
    assert totals(told(counter, modes=["air"])) == {}
    assert {one["code"] for one in told(counter, modes=["air"])["messages"]} >= {"nothing_preferred"}


def test_who_does_not_sell_may_not_ask(counter):
    problem(counter.estimate("regulator", WANTED), 403, "forbidden")
