"""A stored plan, judged from the rows alone: it is legal and costs what it says, and damaged rows are noticed."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app import models
from app.actor import system
from app.ids import new_id
from app.usecases.facts import load_facts
from app.usecases.optimizing import Scope
from app.usecases.plan_figures import Solved
from app.usecases.planning import store_plan
from app.usecases.seeding import seed_reference, seed_sample_pool
from routing.assembling import assemble
from routing.digest import digest
from routing.limits import Limits
from routing.solve import solve
from tests import plan_prices, plan_reasons, plan_space
from tests.plan_rows import Rows, check_items

ACTOR = system("test")
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
PARCELS, SEED = 400, 7
CHECKS = (check_items, *plan_space.CHECKS, *plan_prices.CHECKS, *plan_reasons.CHECKS)
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.parametrize(
    "backend",
    ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.full])],
    indirect=True,
    scope="session",
)


def plan_pool(session):
    """Fill the house, plan what waits, store the plan as the worker does; returns its id."""
    seed_reference(session, ACTOR, NOW)
    seed_sample_pool(session, ACTOR, NOW, PARCELS, seed=SEED)
    facts = load_facts(session, Scope(), NOW)
    assembled = assemble(facts.network, facts.pool, facts.rates)
    solution = solve(assembled.problem, Limits(time_limit_s=None, iterations=2), seed=1)
    limits = {"time_limit_s": 60, "gap_limit": 0.0, "iterations": 2, "seed": 1}
    run = models.OptimizationRun(
        public_id=new_id("run"), requested_by=ACTOR.reference, scope=Scope().to_dict(), code_version="test",
        created_at=NOW, **limits,
    )  # fmt: skip
    session.add(run)
    session.flush()
    solved = Solved(assembled.problem, solution, assembled.catalogue)
    return store_plan(session, run, solved, digest(assembled.problem), NOW).id


@pytest.fixture(scope="module")
def planned(engine):
    """A connection with a stored plan in it, and the plan's id; undone after this module."""
    with engine.connect() as connection:
        transaction = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            plan_id = plan_pool(session)
            session.commit()
        yield connection, plan_id
        transaction.rollback()


@pytest.fixture
def session(planned):
    """A session on the plan, undone after each test."""
    connection, _ = planned
    savepoint = connection.begin_nested()
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        yield session
    savepoint.rollback()


@pytest.fixture(scope="module")
def rows(planned):
    """The rows as they were stored; tests that damage them read them again."""
    connection, plan_id = planned
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        return Rows(session, plan_id, NOW)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_nothing_is_wrong_with_a_plan(rows, check):
    assert list(check(rows)) == []


def test_the_plan_has_in_it_what_is_checked(rows):
    summary = rows.plan.summary
    assert {"air", "sea", "rail", "ferry", "road", "last_mile"} == {
        mode for mode, figures in summary["modes"].items() if figures["used"]
    }
    assert {"deliver", "return_to_china", "transfer", "reexport_with_exports", "restock"} <= set(
        summary["dispositions"]
    )
    assert {"COSTLIER", "DG_NOT_ALLOWED"} <= set(summary["reasons"])
    assert {unit.cost_minor > 0 for unit in rows.units} == {True, False}
    set_out = {(item.itinerary_id, rows.parcel[item.parcel_id].ready_at.date()) for item in rows.items}
    shared = [
        number for number, _ in set_out if number in rows.legs and not rows.legs[number][0].departure_id
    ]
    assert len(shared) > len(set(shared))
    flown = (rows.goods(rows.parcel[item.parcel_id], NOW) for item in rows.items if item.itinerary_id)
    assert sum(1 for goods in flown if goods.is_battery) > 20


def change(session, row, model, **values):
    """Write other values into one row."""
    session.execute(update(model).where(model.id == row.id).values(**values))


def some_item(rows, fits):
    """The first item whose parcel and legs fit."""
    for item in rows.items:
        legs = rows.legs_of(item)
        if legs and fits(rows.parcel[item.parcel_id], legs):
            return item, rows.parcel[item.parcel_id], legs
    raise LookupError("no item of the plan is like this")


def some_ride(rows):
    """The first parcel that rides a departure, and that leg."""
    item, parcel, legs = some_item(rows, lambda _, legs: any(leg.departure_id for leg in legs))
    return item, parcel, next(leg for leg in legs if leg.departure_id)


def board_call(rows):
    _, _, leg = some_ride(rows)
    return rows.call[leg.departure_id, leg.board_seq]


def cancel_a_departure(session, rows):
    change(session, rows.departure[some_ride(rows)[2].departure_id], models.Departure, status="cancelled")


def move_a_departure(session, rows):
    call = board_call(rows)
    change(session, call, models.Call, departs_at=call.departs_at + HOUR / 2)


def close_early(session, rows):
    call = board_call(rows)
    at = call.departs_at - timedelta(days=30)
    session.execute(delete(models.Cutoff).where(models.Cutoff.call_id == call.id))
    session.add(models.Cutoff(call_id=call.id, code="FCO", at=at))
    session.flush()


def close_early_for_dangerous_goods(session, rows):
    dangerous = {"li_ion_contained", "li_ion_packed", "li_ion_alone", "li_metal_contained", "magnetic"}
    _, _, legs = some_item(
        rows,
        lambda parcel, legs: parcel.goods_class in dangerous and any(leg.departure_id for leg in legs),
    )
    leg = next(leg for leg in legs if leg.departure_id)
    call = rows.call[leg.departure_id, leg.board_seq]
    session.execute(
        delete(models.Cutoff).where(models.Cutoff.call_id == call.id, models.Cutoff.code == "DGC")
    )
    session.add(models.Cutoff(call_id=call.id, code="DGC", at=NOW))
    session.flush()


def let_papers_be_overdue(session, rows):
    call = board_call(rows)
    session.execute(
        delete(models.Cutoff).where(models.Cutoff.call_id == call.id, models.Cutoff.code == "DCO")
    )
    session.add(models.Cutoff(call_id=call.id, code="DCO", at=NOW - HOUR))
    session.flush()


def be_ready_later(session, rows):
    change(session, some_ride(rows)[1], models.Parcel, ready_at=NOW + timedelta(days=50), deliver_by=None)


def want_it_earlier(session, rows):
    item, parcel, _ = some_ride(rows)
    due = item.arrives_at - HOUR
    change(session, parcel, models.Parcel, deliver_by=due, hard_deadline=True)


def change_more_slowly(session, rows):
    _, _, legs = some_item(rows, lambda _, legs: len(legs) > 1)
    place = rows.place[legs[1].from_location_id]
    change(session, place, models.Location, min_transfer_min=100_000)


def lose_the_first_leg(session, rows):
    _, _, legs = some_item(rows, lambda _, legs: len(legs) > 1)
    session.execute(delete(models.PlanLeg).where(models.PlanLeg.id == legs[0].id))


def refuse_the_goods(session, rows):
    change(session, rows.departure[some_ride(rows)[2].departure_id], models.Departure, accepts=["food"])


def close_a_warehouse_to_the_goods(session, rows):
    _, parcel, legs = some_item(rows, lambda _, legs: legs[-1].to_location_id in rows.warehouse)
    place = rows.warehouse[legs[-1].to_location_id]
    others = [code for code in place.accepts if code != parcel.goods_class]
    change(session, place, models.Warehouse, accepts=others)


def call_it_restocked(session, rows):
    item, _, _ = some_item(rows, lambda parcel, _: parcel.direction == "return")
    change(session, rows.itinerary[item.itinerary_id], models.PlanItinerary, disposition="restock")


def withdraw_credit(session, rows):
    change(session, rows.party[some_ride(rows)[1].exporter_id], models.Party, credit_hold=True)


def halve_the_pools(session, rows):
    for pool in (pool for pools in rows.pools.values() for pool in pools):
        if pool.dimension in ("g", "cm3"):
            change(session, pool, models.CapacityPool, capacity=pool.capacity // 20)


def offer_no_boxes(session, rows):
    unit = next(unit for unit in rows.units if unit.cost_minor)
    mine = models.DepartureUnit.departure_id == unit.departure_id
    session.execute(update(models.DepartureUnit).where(mine).values(max_count=0))


def shrink_the_slots(session, rows):
    for pool in (pool for pools in rows.pools.values() for pool in pools):
        if pool.dimension not in ("g", "cm3"):
            change(session, pool, models.CapacityPool, capacity=pool.capacity // 50)


def shrink_a_box(session, rows):
    paid = (rows.unit_type[unit.unit_type_id] for unit in rows.units if unit.cost_minor)
    box = next(kind for kind in paid if kind.takes_dimension)
    change(session, box, models.UnitType, payload_g=1)


def give_the_blocks_away(session, rows):
    session.execute(update(models.CapacityPool).where(models.CapacityPool.exporter_id.is_not(None)).values(
        release_at=NOW))  # fmt: skip


def miscount_a_load(session, rows):
    change(session, rows.loads[0], models.PlanLoad, weight_g=rows.loads[0].weight_g + 1)


def take_in_one_a_day(session, rows):
    session.execute(update(models.Warehouse).values(daily_parcels=1))


def raise_a_price(session, rows):
    _, parcel, leg = some_ride(rows)
    tariff = plan_prices.tariff_of(rows, leg, parcel)
    change(session, tariff, models.Tariff, flat_minor=tariff.flat_minor + 100)


def raise_the_price_of_a_box(session, rows):
    unit = next(unit for unit in rows.units if unit.cost_minor)
    mine = models.DepartureUnit.departure_id == unit.departure_id
    session.execute(
        update(models.DepartureUnit).where(mine).values(cost_minor=models.DepartureUnit.cost_minor + 99)
    )


def end_a_tariff(session, rows):
    _, parcel, leg = some_ride(rows)
    tariff = plan_prices.tariff_of(rows, leg, parcel)
    change(session, tariff, models.Tariff, valid_to=leg.departs_at.date())


def cheapen_the_plan(session, rows):
    change(session, rows.plan, models.Plan, objective=rows.plan.objective * 0.999)


def overstate_punctuality(session, rows):
    change(session, rows.plan, models.Plan, on_time=rows.plan.on_time + 1)


def excuse_oneself(session, rows):
    mine = models.PlanItem.reason == "COSTLIER"
    session.execute(update(models.PlanItem).where(mine).values(reason="NO_ROUTE"))


def let_one_wait(session, rows):
    session.execute(delete(models.PlanItem).where(models.PlanItem.id == some_ride(rows)[0].id))


DAMAGE = [
    (cancel_a_departure, check_items, "cancelled"),
    (move_a_departure, check_items, "the calls say"),
    (close_early, check_items, "after the cut-off FCO"),
    (close_early_for_dangerous_goods, check_items, "after the cut-off DGC"),
    (let_papers_be_overdue, check_items, "papers were due"),
    (be_ready_later, check_items, "before it is ready"),
    (want_it_earlier, check_items, "60 min late and must not be"),
    (change_more_slowly, check_items, "after arrival, less than"),
    (lose_the_first_leg, check_items, "does not start where the goods are"),
    (refuse_the_goods, check_items, "goods_not_listed"),
    (close_a_warehouse_to_the_goods, check_items, "does not take"),
    (call_it_restocked, check_items, "which is done on the spot"),
    (withdraw_credit, check_items, "on credit hold"),
    (let_one_wait, check_items, "waits and is not in the plan"),
    (halve_the_pools, plan_space.check_space, "of open space taken"),
    (offer_no_boxes, plan_space.check_space, "opened, 0 may be"),
    (shrink_the_slots, plan_space.check_space, "taken, "),
    (shrink_a_box, plan_space.check_space, "do not fit the boxes"),
    (miscount_a_load, plan_space.check_loads, "stored load"),
    (take_in_one_a_day, plan_space.check_intake, "it can take 1"),
    (give_the_blocks_away, plan_prices.check_prices, "its rows say"),
    (raise_a_price, plan_prices.check_prices, "its rows say"),
    (raise_the_price_of_a_box, plan_prices.check_prices, "of its"),
    (end_a_tariff, plan_prices.check_prices, "has no buying tariff"),
    (cheapen_the_plan, plan_prices.check_prices, "its parts cost"),
    (overstate_punctuality, plan_prices.check_figures, "on time"),
    (excuse_oneself, plan_reasons.check_reasons, "there is a way"),
]


@pytest.mark.parametrize(("damage", "check", "words"), DAMAGE, ids=lambda one: getattr(one, "__name__", ""))
def test_damaged_rows_are_noticed(session, rows, planned, damage, check, words):
    damage(session, rows)
    assert [text for text in check(Rows(session, planned[1], NOW)) if words in text]
