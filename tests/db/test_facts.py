"""The optimizer's facts say what the rows say: space, times, goods, what can be done, and what is left out."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session, selectinload

from app.actor import system
from app.models import (
    Call,
    CapacityPool,
    Cutoff,
    Departure,
    DepartureUnit,
    FxRate,
    Location,
    Parcel,
    Party,
    Segment,
    Service,
    Tariff,
    Warehouse,
)
from app.usecases.facts import load_facts
from app.usecases.network_facts import EPOCH, minutes
from app.usecases.optimizing import Scope
from app.usecases.seeding import seed_reference, seed_sample_pool
from app.usecases.tariff_facts import as_tariff
from routing.assembling import assemble
from routing.network import ANYONE
from trade.charging import charge, total
from trade.money import exponent_of

ACTOR = system("test")
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
DAYS = timedelta(days=12)
SOON = Scope(horizon_days=20)
"""Far enough for one departure of every service: reading less is faster."""


@pytest.fixture(scope="module")
def loaded(engine):
    """A connection with the reference network and a small pool in it; undone after this module."""
    with engine.connect() as connection:
        transaction = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            seed_reference(session, ACTOR, NOW)
            seed_sample_pool(session, ACTOR, NOW, 400, seed=1)
            session.commit()
        yield connection
        transaction.rollback()


@pytest.fixture
def session(loaded):
    """A session on the loaded network, undone after each test."""
    savepoint = loaded.begin_nested()
    with Session(loaded, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
        yield session
    savepoint.rollback()


@pytest.fixture(scope="module")
def facts(loaded):
    """The facts of everything that was loaded."""
    with Session(loaded, join_transaction_mode="create_savepoint") as session:
        return load_facts(session, Scope(), NOW)


def departure_of(session, code):
    """The first departure of a service that leaves after the allotments' release days, as a row."""
    query = select(Departure).join(Service).where(Service.code == code, Departure.departs_at > NOW + DAYS)
    return session.scalars(query.order_by(Departure.departs_at).limit(1)).one()


def space_of(facts, row):
    position = [one.ref for one in facts.network.departures].index(row.id)
    return facts.network.departures[position], facts.network.spaces[position]


def pools_of(session, row, dimension):
    query = select(CapacityPool).join(Segment).where(Segment.departure_id == row.id)
    return session.scalars(query.where(CapacityPool.dimension == dimension).order_by(CapacityPool.id)).all()


def codes(facts):
    return {finding.code for finding in facts.findings}


def test_the_whole_reference_network_is_read_and_nothing_is_left_out(session, facts):
    departures = session.scalar(select(func.count()).select_from(Departure).where(Departure.departs_at > NOW))
    links = session.scalar(select(func.count()).select_from(Service).where(Service.schedule == "on_demand"))
    assert facts.findings == ()
    assert len(facts.network.departures) >= departures
    assert (len(facts.network.links), len(facts.pool)) == (links, 400)


def test_the_number_of_queries_does_not_grow_with_the_rows(session):
    def asked(scope):
        seen = []
        listener = lambda *_args: seen.append(1)  # noqa: E731
        event.listen(session.get_bind(), "before_cursor_execute", listener)
        load_facts(session, scope, NOW)
        event.remove(session.get_bind(), "before_cursor_execute", listener)
        session.expunge_all()
        return len(seen)

    # Rows behind rows are fetched five hundred parents at a time: a few more queries for many departures.
    assert asked(Scope(horizon_days=7)) <= 30
    assert asked(Scope()) <= 60


def test_most_goods_have_options_of_every_mode(facts):
    assembled = assemble(facts.network, facts.pool, facts.rates)
    offered = {mode for option in range(assembled.problem.o) for mode in assembled.catalogue.modes(option)}
    assert {"air", "sea", "rail", "ferry"} <= offered
    assert len(assembled.catalogue.none_class) < 0.05 * assembled.problem.k


def test_space_that_is_held_or_booked_is_not_free(session):
    row = departure_of(session, "LCL-EU1")
    grams = pools_of(session, row, "g")
    grams[0].held, grams[0].booked = 1000, 500
    session.flush()
    _, space = space_of(load_facts(session, SOON, NOW), row)
    assert space.free_g[0] == grams[0].capacity - 1500
    assert space.free_g[1:] == tuple(float(pool.capacity) for pool in grams[1:])


def test_an_allotment_is_its_exporters_own_until_it_is_released(session):
    row = departure_of(session, "FER-WEI-ICN-TRUCK")
    own = next(pool for pool in pools_of(session, row, "g") if pool.exporter_id is not None)
    whole = next(pool for pool in pools_of(session, row, "g") if pool.id == own.parent_id)
    for pool in [*pools_of(session, row, "g"), *pools_of(session, row, "cm3")]:
        if pool.exporter_id is not None:
            pool.release_at = NOW + timedelta(minutes=1)
    session.flush()
    _, before = space_of(load_facts(session, SOON, NOW), row)
    _, after = space_of(load_facts(session, SOON, NOW + timedelta(minutes=1)), row)
    assert before.free_g[0] == whole.capacity - own.capacity
    assert [(one.exporter, one.free_g[0]) for one in before.allotments] == [(own.exporter_id, own.capacity)]
    assert set(before.allotments[0].rates.values()) == {0}
    assert (after.free_g[0], after.allotments) == (whole.capacity, ())


def test_a_customised_trains_slots_are_filled_with_boxes_that_cost_no_more(session, facts):
    row = departure_of(session, "RAIL-JZH-DUI")
    _, space = space_of(facts, row)
    exporter = session.scalars(select(Party.id).where(Party.reference == "EXP-QILU")).one()
    own = [box for box in space.boxes if box.exporter == exporter]
    everybody = [box for box in space.boxes if box.exporter == ANYONE]
    assert [box.name for box in own] == ["RAIL40"]
    assert set(own[0].cost.values()) == {0.0}
    assert space.slots[own[0].slot_kind] == (12.0,) * 5
    assert space.slots["slot40"] == (12.0,) * 5
    assert {box.name for box in everybody} == {"RAIL20", "RAIL40", "RAIL45"}


def test_a_charter_is_opened_in_whole_or_in_parts_at_its_cost(session, facts):
    row = departure_of(session, "AIR-TNA-LHR")
    _, space = space_of(facts, row)
    unit = session.scalars(select(DepartureUnit).where(DepartureUnit.departure_id == row.id)).one()
    rate = session.scalars(
        select(FxRate.rate_micros)
        .where(FxRate.base == "USD", FxRate.quote == "CNY", FxRate.as_of <= NOW.date())
        .order_by(FxRate.as_of.desc())
    ).first()
    [opening] = space.openings
    assert (opening.name, opening.max_units) == ("PART-B744F", unit.max_count)
    assert opening.cost == pytest.approx(unit.cost_minor * rate / 1e6)


def test_a_unit_that_was_opened_cannot_be_opened_again(session):
    row = departure_of(session, "AIR-TNA-LHR")
    session.execute(update(DepartureUnit).where(DepartureUnit.departure_id == row.id).values(opened=5))
    _, space = space_of(load_facts(session, SOON, NOW), row)
    assert space.openings[0].max_units == 15


def test_goods_close_at_the_cargo_cutoff_and_dangerous_goods_earlier(session, facts):
    row = departure_of(session, "AIR-TNA-LHR")
    departure, _ = space_of(facts, row)
    calls = select(Call).where(Call.departure_id == row.id).order_by(Call.seq)
    call = session.scalars(calls.limit(1)).one()
    at = {one.code: one.at for one in session.scalars(select(Cutoff).where(Cutoff.call_id == call.id))}
    assert at["DCO"] < at["FCO"]
    assert departure.calls[0].cutoff_min == minutes(at["FCO"])
    assert departure.calls[0].early_cutoff_min == minutes(at["DGC"])
    assert "li_ion_contained" in departure.calls[0].early_goods
    assert "general" not in departure.calls[0].early_goods


def test_goods_do_not_go_where_the_papers_are_overdue(session):
    row = departure_of(session, "AIR-TNA-LHR")
    call = session.scalars(select(Call).where(Call.departure_id == row.id).order_by(Call.seq).limit(1)).one()
    papers = update(Cutoff).where(Cutoff.call_id == call.id, Cutoff.code == "DCO")
    session.execute(papers.values(at=NOW - timedelta(minutes=1)))
    departure, _ = space_of(load_facts(session, SOON, NOW), row)
    assert departure.calls[0].cutoff_min < minutes(NOW)


def test_goods_do_not_go_to_a_warehouse_that_does_not_take_them(session, facts):
    warehouse = session.scalars(select(Warehouse).join(Location).where(Location.code == "USLAX-WH")).one()
    assert "liquid" in warehouse.accepts
    warehouse.accepts = ["general"]
    session.flush()
    place = [one.code for one in facts.network.locations].index("USLAX-WH")
    found = load_facts(session, SOON, NOW).network.links
    assert {one.accepts for one in found if one.destination == place} == {frozenset({"general"})}
    assert any("liquid" in one.accepts for one in found if one.origin == place)


def test_a_passenger_aircraft_takes_no_cargo_aircraft_goods(session, facts):
    names = {one.ref: one.accepts for one in facts.network.departures}
    query = (
        select(Departure.id).join(Service).where(Service.aircraft == "passenger", Departure.departs_at > NOW)
    )
    assert not any("li_ion_alone" in names[number] for number in session.scalars(query) if number in names)


def test_a_service_without_a_buy_tariff_is_left_out_by_name(session):
    service = session.scalars(select(Service).where(Service.code == "LCL-EU1")).one()
    session.execute(update(Tariff).where(Tariff.service_id == service.id).values(side="sell"))
    facts = load_facts(session, SOON, NOW)
    assert [(one.code, one.subject) for one in facts.findings] == [("no_buy_tariff", "LCL-EU1")]
    assert service.id not in {one.service for one in facts.network.departures}


def test_tariffs_and_units_in_a_currency_without_a_rate_are_left_out(session):
    service = session.scalars(select(Service).where(Service.code == "AIR-TNA-LHR")).one()
    row = departure_of(session, "AIR-TNA-LHR")
    session.execute(update(Tariff).where(Tariff.service_id == service.id).values(currency="KWD"))
    session.execute(update(DepartureUnit).where(DepartureUnit.departure_id == row.id).values(currency="KWD"))
    assert codes(load_facts(session, SOON, NOW)) == {"no_exchange_rate", "no_buy_tariff"}


def test_a_departure_that_has_no_room_to_speak_of_is_left_out(session):
    row = departure_of(session, "LCL-EU1")
    for pool in [*pools_of(session, row, "g"), *pools_of(session, row, "cm3")]:
        session.delete(pool)
    session.flush()
    facts = load_facts(session, SOON, NOW)
    assert codes(facts) == {"no_capacity"}
    assert row.id not in {one.ref for one in facts.network.departures}


@pytest.mark.parametrize("code", ["AIR-YNT-LGG", "AIR-TNA-LHR"])
def test_goods_do_not_travel_loose_where_no_box_or_charter_can_be_opened(session, code):
    row = departure_of(session, code)
    session.execute(update(DepartureUnit).where(DepartureUnit.departure_id == row.id).values(currency="KWD"))
    facts = load_facts(session, SOON, NOW)
    assert codes(facts) == {"no_exchange_rate", "no_capacity"}
    assert row.id not in {one.ref for one in facts.network.departures}


@pytest.mark.parametrize("status", ["closed", "departed", "cancelled"])
def test_departures_that_cannot_be_booked_are_not_offered(session, status):
    row = departure_of(session, "LCL-EU1")
    row.status = status
    session.flush()
    assert row.id not in {one.ref for one in load_facts(session, SOON, NOW).network.departures}


def test_the_scope_chooses_directions_exporter_and_horizon(session, facts):
    exporter = session.scalars(select(Party).where(Party.reference == "EXP-3C")).one()
    returns = load_facts(session, Scope(("return",), 20), NOW)
    own = load_facts(session, Scope(horizon_days=20, exporter="EXP-3C"), NOW)
    near = load_facts(session, Scope(horizon_days=7), NOW)
    assert 0 < len(returns.pool) < len(facts.pool)
    assert set(own.pool.exporter.tolist()) == {exporter.id}
    assert len(load_facts(session, Scope(horizon_days=20, exporter=exporter.public_id), NOW).pool) == len(
        own.pool
    )
    last = minutes(NOW + timedelta(days=7))
    assert max(one.calls[0].depart_min for one in near.network.departures) <= last


def test_goods_that_do_not_wait_are_not_planned(session):
    session.execute(update(Parcel).where(Parcel.direction == "return").values(status="in_transit"))
    facts = load_facts(session, Scope(("return",), 20), NOW)
    assert len(facts.pool) == 0
    assert assemble(facts.network, facts.pool, facts.rates).problem.n == 0


def test_goods_ready_in_the_past_are_ready_now(session):
    session.execute(update(Parcel).values(ready_at=NOW - timedelta(days=9)))
    assert set(load_facts(session, SOON, NOW).pool.ready_min.tolist()) == {minutes(NOW)}


def test_goods_of_an_unknown_class_are_left_out_and_counted(session):
    session.execute(update(Parcel).where(Parcel.direction == "return").values(goods_class="unobtainium"))
    facts = load_facts(session, SOON, NOW)
    lost = session.scalar(select(func.count()).select_from(Parcel).where(Parcel.direction == "return"))
    [finding] = facts.findings
    assert (finding.code, finding.subject) == ("goods_class_unknown", "unobtainium")
    assert finding.text.startswith(f"{lost} parcels left out")
    assert len(facts.pool) == 400 - lost


def test_goods_of_an_exporter_on_credit_hold_stay_where_they_are(session):
    session.execute(update(Party).where(Party.reference == "EXP-3C").values(credit_hold=True))
    facts = load_facts(session, Scope(horizon_days=20, exporter="EXP-3C"), NOW)
    assembled = assemble(facts.network, facts.pool, facts.rates)
    assert assembled.problem.o == 0
    assert set(assembled.catalogue.none_code.tolist()) == {"CREDIT_HOLD"}


def test_returns_can_be_treated_where_the_warehouse_does_it_and_as_their_grade_allows(session):
    row = session.scalars(
        select(Parcel)
        .join(Location, Location.id == Parcel.origin_id)
        .join(Warehouse, Warehouse.location_id == Location.id)
        .where(Parcel.direction == "return", Location.country != "CN")
    ).first()
    warehouse = session.scalars(select(Warehouse).where(Warehouse.location_id == row.origin_id)).one()
    destination = session.get(Location, row.destination_id)
    moved = "return_to_china" if destination.country == "CN" else "transfer"

    def choices(grade, services):
        row.grade, row.goods_class, warehouse.services = grade, "general", services
        session.flush()
        pool = load_facts(session, Scope(("return",), 20), NOW).pool
        menu = pool.menus[pool.menu[pool.ref.tolist().index(row.id)]]
        return {one.disposition for one in menu}

    assert choices("A", ["returns", "relabel"]) == {moved, "restock", "relabel", "destroy"}
    assert choices("C", ["returns", "refurbish"]) == {"refurbish", "destroy"} | ({moved} - {"transfer"})
    assert choices("D", ["storage"]) == {"destroy"}


def test_returns_in_china_leave_with_the_exports(session, facts):
    query = select(Parcel.id).join(Location, Location.id == Parcel.origin_id)
    number = session.scalars(query.where(Parcel.direction == "return", Location.country == "CN")).first()
    menu = facts.pool.menus[facts.pool.menu[facts.pool.ref.tolist().index(number)]]
    assert menu[0].disposition == "reexport_with_exports"


def test_a_warehouse_day_lasts_twenty_five_hours_when_the_clock_is_put_back(session):
    before = datetime(2026, 10, 28, tzinfo=UTC)
    network = load_facts(session, Scope(horizon_days=1), before).network
    code = session.scalars(
        select(Location.code).join(Warehouse).where(Location.time_zone == "America/Los_Angeles")
    ).first()
    windows = [one for one in network.throughputs if network.locations[one.location].code == code]
    assert {one.ends_min - one.starts_min for one in windows} == {24 * 60, 25 * 60}
    assert all(a.ends_min == b.starts_min for a, b in pairwise(windows))
    assert windows[0].starts_min <= minutes(before) < windows[1].ends_min


def fen(minor, currency, session):
    """An amount in fen, by the latest rate: the reference network has one to CNY for all but EUR pairs."""
    if currency == "CNY":
        return float(minor)
    query = select(FxRate.rate_micros).where(FxRate.base == currency, FxRate.quote == "CNY")
    rate = session.scalars(query.where(FxRate.as_of <= NOW.date()).order_by(FxRate.as_of.desc())).first()
    return minor * 10.0 ** (2 - exponent_of(currency)) * rate / 1e6


def charged(session, leg, catalogue, parcel):
    """What `trade` charges a parcel for one leg by the tariff of its service and places, in fen."""
    if leg.carried == "allotment" and leg.mode == "ferry":
        return 0.0  # loose space that was paid before; boxed goods still pay for their handling
    codes = [str(catalogue.location_code[place]) for place in (leg.origin, leg.destination)]
    start, end = (session.scalars(select(Location.id).where(Location.code == code)).one() for code in codes)
    rows = session.scalars(
        select(Tariff).where(Tariff.service_id == leg.service, Tariff.side == "buy").options(
            selectinload(Tariff.breaks), selectinload(Tariff.surcharges)
        )
    )  # fmt: skip
    own = [row for row in rows if (row.from_location_id or start, row.to_location_id or end) == (start, end)]
    day = (EPOCH + timedelta(minutes=leg.departs_min)).date()
    [tariff] = [tariff for tariff in map(as_tariff, own) if tariff.valid_on(day)]
    amount = total(charge(tariff, parcel.weight_g, parcel.volume_cm3), tariff.currency).minor
    return fen(amount, tariff.currency, session)


def test_an_option_costs_what_trade_charges_for_its_legs_to_the_minor_unit(session, facts):
    assembled = assemble(facts.network, facts.pool, facts.rates)
    problem, catalogue = assembled.problem, assembled.catalogue
    draw = np.random.default_rng(5)
    compared = 0
    for item in draw.choice(problem.n, 40, replace=False).tolist():
        parcel = session.get(Parcel, int(catalogue.item_ref[item]))
        index = problem.item_class[item]
        options = range(problem.class_ptr[index], problem.class_ptr[index + 1])
        for option in draw.permutation(options)[:3].tolist():
            if catalogue.disposition(option) != "deliver":
                continue
            costs = [charged(session, leg, catalogue, parcel) for leg in catalogue.legs(option)]
            days = problem.item_features[item, :2] @ problem.option_rates[option, :2]
            found = problem.item_features[item] @ problem.option_rates[option] - days
            assert found == pytest.approx(sum(costs), abs=1e-6)
            compared += 1
    assert compared > 60
