"""What a quote offers: ways with room now, at prices that add up, and a reason for every channel that is missing."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from app.ids import new_id
from app.models import CapacityPool, Departure, DepartureUnit, HandlingUnit, Service, Tariff
from tests import factories as make
from tests.http.selling import by_mode, codes, opened, quoted
from tests.quote_rows import link, sell


@pytest.fixture
def counter(app, database):
    with opened(app, database) as found:
        yield found


@pytest.fixture
def acme(counter):
    return counter.caller("acme")


def pools(counter, name, **values):
    """Change every pool of a departure."""

    def change(session):
        segments = [one.id for one in counter.rows.departures[name].segments]
        session.execute(update(CapacityPool).where(CapacityPool.segment_id.in_(segments)).values(**values))

    counter.change(change)


# prices


def test_every_line_is_quantity_times_price_and_the_total_is_their_sum(acme):
    for offer in quoted(acme)["offers"]:
        for line in offer["charges"]:
            product = Decimal(line["quantity"]) * Decimal(line["unit_price"])
            assert Decimal(line["amount"]) == product.quantize(Decimal("0.01"))
            assert (line["amount"], line["fx_rate"]) == (line["amount_quote_ccy"], None)
        assert sum(Decimal(line["amount"]) for line in offer["charges"]) == Decimal(offer["total"])
    # 100 kg: 5 to the port, 20 by sea, 15 to the warehouse; 6, 400 and 20 by air.
    assert {mode: one["total"] for mode, one in by_mode(quoted(acme)).items()} == {
        "sea": "40.00",
        "air": "426.00",
    }


def test_another_currency_is_converted_line_by_line_with_rate_source_and_day(acme):
    body = quoted(acme, currency="CNY")
    assert by_mode(body)["sea"]["total"] == "280.00"
    assert body["fx"] == [
        {"base": "USD", "quote": "CNY", "rate": "7.000000", "source": "test rate", "as_of": "2026-11-20"}
    ]
    assert {line["fx_rate"] for line in body["offers"][0]["charges"]} == {"7.000000"}


def test_a_currency_no_rate_leads_to_is_a_message_and_never_a_guess(acme):
    body = quoted(acme, currency="GBP")
    assert (body["status"], body["offers"]) == ("failed", [])
    assert ("no_exchange_rate", "LCL-1") in codes(body)


def test_bulky_goods_are_charged_by_volume_and_the_divisor_is_told(counter, acme):
    counter.change(lambda session: session.execute(update(Tariff).values(divisor_cm3_per_kg=1000)))
    offer = by_mode(quoted(acme))["sea"]
    # Ten boxes of 30 dm3 are 300 kg at 1000 cm3 to the kg.
    assert (offer["chargeable_weight_kg"], offer["volumetric_divisor"]) == ("300.000", 1000)
    assert offer["total"] == "120.00"


def test_last_mile_is_priced_package_by_package(counter, acme):
    def add(session):
        whs = session.merge(counter.rows.places["whs"])
        zone = make.make_location(session, "DE-ZONE", "zone", country="DE")
        last = link(session, "LAST-DE", whs, zone, mode="last_mile", transit_min=1440)
        sell(session, last, rate=100_000, minimum_minor=250, surcharges=[("BOX", "per_unit", 500_000)])

    counter.change(add)
    body = quoted(acme, destination={"type": "location", "code": "DE-ZONE"})
    lines = [line for line in by_mode(body)["sea"]["charges"] if line["packages"] == 10]
    # Each box of 10 kg: 1.00 by weight, 1.50 up to the minimum, 0.50 as a piece.
    assert [(line["code"], line["amount"]) for line in lines] == [
        ("freight", "10.00"), ("minimum", "15.00"), ("BOX", "5.00")
    ]  # fmt: skip


def test_an_exporter_pays_its_own_tariff_and_others_never_see_it(counter, acme):
    def agree(session):
        service = session.merge(counter.rows.services["sea"])
        sell(session, service, rate=100_000, exporter_id=counter.owners["acme"].id)

    counter.change(agree)
    assert by_mode(quoted(acme))["sea"]["total"] == "30.00"
    assert by_mode(quoted(counter.caller("globex")))["sea"]["total"] == "40.00"
    assert by_mode(quoted(counter.caller("operator"), exporter="acme"))["sea"]["total"] == "30.00"


def test_a_way_without_a_price_is_not_offered_and_named(counter, acme):
    counter.change(
        lambda session: session.execute(
            update(Tariff).where(Tariff.service_id == counter.rows.services["air"].id).values(side="buy")
        )
    )
    body = quoted(acme)
    assert list(by_mode(body)) == ["sea"]
    assert codes(body) == {("no_sell_tariff", "AIR-1")}


def test_where_nothing_at_all_is_priced_the_services_are_named(counter, acme):
    counter.change(lambda session: session.execute(update(Tariff).values(side="buy")))
    body = quoted(acme)
    assert body["status"] == "failed"
    assert {("no_sell_tariff", "LCL-1"), ("no_sell_tariff", "AIR-1")} <= codes(body)


def test_a_price_holds_on_the_day_of_departure(counter, acme):
    def raise_prices(session):
        old = update(Tariff).where(Tariff.id == counter.rows.tariffs["sea"].id)
        session.execute(old.values(valid_to=date(2026, 12, 1)))
        sell(session, session.merge(counter.rows.services["sea"]), rate=900_000, valid_from=date(2026, 12, 1))

    counter.change(raise_prices)
    assert by_mode(quoted(acme))["sea"]["total"] == "40.00"
    assert by_mode(quoted(acme, ready_at="2026-11-27T00:00:00Z"))["sea"]["total"] == "110.00"


# ways


def test_goods_take_the_first_departure_they_can_reach(counter, acme):
    first = by_mode(quoted(acme))["sea"]["legs"][1]["departure_id"]
    later = by_mode(quoted(acme, ready_at="2026-11-25T00:00:00Z"))["sea"]["legs"][1]["departure_id"]
    assert (first, later) == tuple(counter.rows.departures[name].public_id for name in ("sea0", "sea1"))


def test_legs_follow_each_other_with_cutoffs_in_local_time(acme):
    road, sea, truck = by_mode(quoted(acme))["sea"]["legs"]
    assert (road["etd"], road["departure_id"], road["cutoffs"]) == ("2026-11-23T10:00:00+08:00", None, [])
    assert sea["cutoffs"] == [{"code": "FCO", "at": "2026-11-25T09:30:00+08:00"}]
    assert sea["hand_over_by"] == "2026-11-25T09:30:00+08:00"
    assert truck["etd"] > sea["eta"]


@pytest.mark.parametrize(
    ("preferences", "modes"),
    [
        ({"modes": ["sea"]}, ["sea"]),
        ({"modes": ["air", "rail"]}, ["air"]),
        ({"max_transit_days": 10}, ["air"]),
        ({"objective": "cost"}, ["sea", "air"]),
        ({"objective": "time"}, ["air", "sea"]),
    ],
)
def test_preferences_narrow_and_order_what_is_offered(acme, preferences, modes):
    assert list(by_mode(quoted(acme, preferences=preferences))) == modes


def test_charters_are_left_out_where_they_are_not_wanted(counter, acme):
    sea = counter.rows.services["sea"].id
    counter.change(
        lambda session: session.execute(update(Service).where(Service.id == sea).values(charter=True))
    )
    assert list(by_mode(quoted(acme, preferences={"allow_charter": False}))) == ["air"]
    assert set(by_mode(quoted(acme))) == {"sea", "air"}


def test_what_nothing_serves_is_said(acme):
    assert codes(quoted(acme, preferences={"modes": ["rail"]})) == {("nothing_preferred", None)}
    assert codes(quoted(acme, ready_at="2027-06-01T00:00:00Z")) == {("no_departure", None)}


def test_batteries_travel_only_where_they_are_taken(counter, acme):
    alone = {"parcel": {"goods_class": "li_ion_alone"}}
    assert codes(quoted(acme, **alone)) == {("goods_refused", None)}

    def take(session):
        session.execute(update(Service).values(accepts=["general", "li_ion_alone"]))
        session.execute(update(Departure).values(accepts=["general", "li_ion_alone"]))

    counter.change(take)
    assert set(by_mode(quoted(acme, **alone))) == {"sea", "air"}
    counter.change(lambda session: session.execute(update(Service).values(aircraft="passenger")))
    assert list(by_mode(quoted(acme, **alone))) == ["sea"]


def test_what_arrives_late_is_offered_and_flagged(acme):
    body = quoted(acme, deliver_by="2026-12-10T00:00:00Z")
    air, sea = by_mode(body)["air"], by_mode(body)["sea"]
    assert (air["rank"], air["late"], air["late_risk"]) == (1, False, 0.0)
    assert "only_on_time" in air["tags"]
    assert (sea["rank"], sea["late"], sea["late_risk"]) == (2, True, 1.0)
    assert "late" in {one["code"] for one in sea["why"]}


def test_a_hard_deadline_leaves_the_late_out(acme):
    body = quoted(acme, deliver_by="2026-12-10T00:00:00Z", hard_deadline=True)
    assert list(by_mode(body)) == ["air"]
    assert codes(body) == {("too_late", None)}


def test_without_a_deadline_nothing_is_said_of_lateness(acme):
    assert {offer["late_risk"] for offer in quoted(acme)["offers"]} == {None}


def test_each_offer_says_what_it_is_best_at_and_what_it_emits(acme):
    air, sea = (by_mode(quoted(acme))[mode] for mode in ("air", "sea"))
    assert (air["tags"], sea["tags"]) == (["fastest"], ["cheapest", "greenest"])
    assert Decimal(air["co2e"]["kg"]) > Decimal(sea["co2e"]["kg"]) > 0
    assert {factor["mode"] for factor in air["co2e"]["factors"]} == {"road", "air"}
    assert all(factor["source"] for factor in air["co2e"]["factors"])
    assert sea["transit_hours"] == {"p50": 803.5, "p90": None, "basis": "schedule", "trips": None}


# space


def test_a_full_departure_makes_way_for_the_next(counter, acme):
    pools(counter, "sea0", booked=10_000_000)
    body = quoted(acme)
    assert by_mode(body)["sea"]["legs"][1]["departure_id"] == counter.rows.departures["sea1"].public_id
    assert codes(body) == {("full", "LCL-1")}


def test_a_block_is_its_exporters_until_it_is_released(counter, acme):
    release = make.NOW + timedelta(hours=2)

    def block(session):
        for pool in [pool for one in counter.rows.departures["sea0"].segments for pool in one.pools]:
            make.make_allotment(
                session,
                session.merge(pool),
                counter.owners["globex"],
                capacity=pool.capacity,
                release_at=release,
            )

    counter.change(block)
    mine = counter.rows.departures["sea0"].public_id

    def first(caller):
        return by_mode(quoted(caller))["sea"]["legs"][1]["departure_id"]

    assert first(acme) != mine
    assert first(counter.caller("globex")) == mine
    counter.clock.move_to(release)
    assert first(acme) == mine


@pytest.fixture
def boxed(counter):
    """The first sailing takes goods in boxes only; one costs 100 USD to open."""

    def change(session):
        row = session.merge(counter.rows.departures["sea0"])
        kind = make.make_unit_type(
            session, "20GP", payload_g=1_000_000, volume_cm3=3_000_000, takes_quantity=100
        )
        make.make_departure_unit(session, row, kind, max_count=2, cost_minor=10_000)
        for segment in row.segments:
            session.add(CapacityPool(segment_id=segment.id, dimension="teu", capacity=500))
        return kind.id

    return counter.change(change)


def test_a_box_is_not_opened_for_freight_that_does_not_pay_for_it(counter, acme, boxed):
    body = quoted(acme)
    assert by_mode(body)["sea"]["legs"][1]["departure_id"] == counter.rows.departures["sea1"].public_id
    assert codes(body) == {("unit_not_open", "LCL-1")}


def test_a_box_is_opened_for_freight_that_pays_for_it(counter, acme, boxed):
    # 600 kg pay 120 USD by sea.
    offer = by_mode(quoted(acme, parcel={"count": 60}))["sea"]
    assert offer["legs"][1]["departure_id"] == counter.rows.departures["sea0"].public_id
    assert "own_unit" in {one["code"] for one in offer["why"]}
    booked = acme.post("/bookings", {"offer_id": offer["id"]})
    assert booked.status_code == 201, booked.get_data(as_text=True)


def test_what_is_open_takes_goods_that_would_not_pay_for_it(counter, acme, boxed):
    def open_one(session):
        unit = HandlingUnit(
            public_id=new_id("hun"), departure_id=counter.rows.departures["sea0"].id, unit_type_id=boxed,
            board_seq=0, alight_seq=1, payload_g=1_000_000, volume_cm3=3_000_000, booked_g=850_000,
            opened_by="usr_test", opened_at=make.NOW,
        )  # fmt: skip
        session.add(unit)

    counter.change(open_one)
    offer = by_mode(quoted(acme))["sea"]
    assert offer["legs"][1]["departure_id"] == counter.rows.departures["sea0"].public_id
    assert "own_unit" not in {one["code"] for one in offer["why"]}
    # Sixteen boxes are 160 kg: more than the 150 kg that are left in it.
    later = by_mode(quoted(acme, parcel={"count": 16}))["sea"]
    assert later["legs"][1]["departure_id"] == counter.rows.departures["sea1"].public_id


def test_where_no_box_is_left_to_open_the_departure_is_full(counter, acme, boxed):
    counter.change(lambda session: session.execute(update(DepartureUnit).values(opened=2)))
    body = quoted(acme, parcel={"count": 60})
    assert codes(body) == {("full", "LCL-1")}


def test_what_is_left_is_told_in_bands(counter, acme):
    assert by_mode(quoted(acme))["sea"]["capacity"]["kg_left_band"] == "high"
    pools(counter, "sea0", booked=9_800_000)
    assert by_mode(quoted(acme))["sea"]["capacity"]["kg_left_band"] == "low"


def test_a_departure_that_sells_no_room_is_not_offered(counter, acme):
    def close(session):
        segments = [one.id for one in counter.rows.departures["air0"].segments]
        session.execute(CapacityPool.__table__.delete().where(CapacityPool.segment_id.in_(segments)))

    counter.change(close)
    assert ("no_capacity", "AIR-1") in codes(quoted(acme))
