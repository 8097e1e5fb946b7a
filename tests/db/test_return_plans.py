"""Returns beside exports in one plan: each piece goes where it is worth most, in time, and out of China again."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app import models
from app.actor import system
from app.ids import new_id
from app.models import FxRate, Parcel, StockMove, Tariff
from app.queries.manifests import manifest
from app.queries.papers import commercial_invoice
from app.usecases.explaining import why
from app.usecases.facts import load_facts
from app.usecases.optimizing import Scope
from app.usecases.plan_figures import Solved
from app.usecases.planning import store_plan
from app.usecases.returning.carrying_out import carry_out
from app.usecases.returning.deciding import Chosen, adopt_plan, choose_dispositions
from app.usecases.returning.sending_back import send_off, take_in
from routing.assembling import assemble
from routing.digest import digest
from routing.files import problem_to_bytes
from routing.limits import Limits
from routing.solve import solve
from tests import factories as make
from tests.return_rows import balances, booked, graded, lands, photographed
from tests.stock_rows import NOW

DAY = timedelta(days=1)
STAFF = system("test")


@pytest.fixture
def world(session):
    """The two places with a sailing each way a week from now, and one homeward later; SKU-1 is worth 15 EUR."""
    found = lands(session)
    here, home = found.house.warehouse.location, found.home
    found.homeward = [line(session, [here, home], NOW + days * DAY) for days in (5, 40)]
    found.outward = line(session, [home, here], NOW + 60 * DAY)
    return found


def line(session, stops, departs_at):
    """A departure of a line of its own that takes 20 days and costs 2 yuan a parcel."""
    row = make.make_departure(session, make.make_service(session), stops, departs_at=departs_at, leg=20 * DAY)
    session.add(
        Tariff(code=new_id("tar")[:20], side="buy", currency="CNY", valid_from=date(2026, 1, 1),
               service_id=row.service_id, flat_minor=200)
    )  # fmt: skip
    session.flush()
    return row


def planned(session, now=NOW):
    """Plan what waits and store the plan as the worker does."""
    facts = load_facts(session, Scope(horizon_days=90), now)
    assembled = assemble(facts.network, facts.pool, facts.rates)
    solution = solve(assembled.problem, Limits(time_limit_s=None, iterations=2), seed=1)
    run = make.make_run(session, status="running", phase="solving")
    session.add(
        models.RunInput(run_id=run.id, problem=problem_to_bytes(assembled.problem),
                        catalogue=assembled.catalogue.to_bytes())
    )  # fmt: skip
    session.flush()
    solved = Solved(assembled.problem, solution, assembled.catalogue)
    return store_plan(session, run, solved, digest(assembled.problem), now)


def proposed(found):
    return {item.grade: item.proposal["options"][0]["disposition"] for item in found.items}


def test_five_come_back_two_are_restocked_two_leave_china_again_and_one_is_destroyed(
    session, world, tmp_path
):
    found = graded(session, world, "AABBD")
    photographed(session, world, found, tmp_path)

    planned(session)

    assert proposed(found) == {"A": "restock", "B": "return_to_china", "D": "destroy"}
    way = found.items[1].proposal["options"][0]
    assert (way["relief"], way["to"], way["departures"]) == (
        "allowed", "CNJZH-RET", [world.homeward[0].public_id],
    )  # fmt: skip
    assert found.items[1].proposal["saving_minor"] > 0
    assert all(item.disposition is None for item in found.items), "a plan decides nothing"

    other = make.make_plan(session)
    assert adopt_plan(session, STAFF, NOW, other.public_id) == [], "it did not look at this return"
    assert adopt_plan(session, STAFF, NOW) == [found.public_id]
    carry_out(session, STAFF, NOW, found.public_id, 1, place="A-01")
    carry_out(session, STAFF, NOW, found.public_id, 3, note="crushed by Remondis")
    home = session.get_one(Parcel, found.items[1].parcel_id)
    booked(session, [home], world.homeward[0])
    send_off(session, STAFF, NOW + 5 * DAY, found.public_id, [2])
    assert balances(session, world.house.warehouse) == {
        "customer": -5,
        "A-01": 2,
        "scrap": 1,
        "in_transit": 2,
    }

    later = NOW + 25 * DAY
    take_in(session, STAFF, later, found.public_id, [2])
    assert balances(session, world.house.warehouse) == {"customer": -3, "A-01": 2, "scrap": 1}
    assert balances(session, world.centre) == {"customer": -2, "returns": 2}
    assert later.date() <= found.relief_deadline

    export = make.make_parcel(session, world.house.owner, world.home, world.house.warehouse.location,
                              reference="NEW-1", ready_at=later, deliver_by=None)  # fmt: skip
    again = planned(session, later)
    assert proposed(found)["B"] == "reexport_with_exports"
    assert adopt_plan(session, STAFF, later, again.public_id) == [found.public_id]
    back = session.get_one(Parcel, found.items[1].parcel_id)
    assert (back.direction, back.return_id) == ("export", found.id)
    sailing = booked(session, [back, export], world.outward)
    send_off(session, STAFF, later, found.public_id, [2])

    assert (found.status, [item.status for item in found.items]) == ("closed", ["done"] * 3)
    assert balances(session, world.centre) == {}
    invoice = commercial_invoice(session, STAFF, sailing.public_id, later)
    assert [(one.returned, one.packages, one.customs_mode) for one in invoice.lines] == [
        (False, 1, None), (True, 1, "9810"),
    ]  # fmt: skip
    on_board = manifest(session, world.outward.public_id, later).lines
    assert sorted((one.returned, one.packages) for one in on_board) == [(False, 1), (True, 1)]
    assert balanced(session)


def balanced(session):
    """Whether what left places is what came to places, lot by lot, which double entry makes true of itself."""
    out = dict(
        session.execute(
            select(StockMove.lot_id, func.sum(StockMove.quantity)).group_by(StockMove.lot_id)
        ).all()
    )
    held = dict(
        session.execute(
            select(models.StockBalance.lot_id, func.sum(models.StockBalance.on_hand)).group_by(
                models.StockBalance.lot_id
            )
        ).all()
    )
    return out.keys() == held.keys() and not any(held.values())


def test_past_its_deadline_relief_has_lapsed_and_the_plan_weighs_duty(session, world):
    found = graded(session, world, "BB", exported_on=NOW.date() - 250 * DAY)

    planned(session)

    item = found.items[0]
    options = {one["disposition"]: one for one in item.proposal["options"]}
    assert item.proposal["options"][0]["disposition"] != "return_to_china"
    home = options["return_to_china"]
    assert home["relief"] == "relief_lapsed"
    assert home["parts"]["duty"] == pytest.approx(0.215 * 3000 * 7.8, abs=2)


def test_goods_travel_in_time_and_an_earlier_sailing_saves_the_duty_a_later_one_costs(session, world):
    in_time = NOW.date() + 30 * DAY  # the first sailing arrives after 25 days, the second after 60
    found = graded(session, world, "BB", exported_on=exported_for(in_time))

    plan = planned(session)

    explained = why(session, plan.public_id, session.get_one(Parcel, found.items[0].parcel_id).public_id,
                    alternatives=10)  # fmt: skip
    ways = [explained["taken"], *explained["alternatives"]]
    home = [one for one in ways if one["disposition"] == "return_to_china"]
    duty = {leg["departure_id"]: any(part["code"] == "duty" for part in one["components"])
            for one in home for leg in one["legs"]}  # fmt: skip
    assert duty == {world.homeward[0].public_id: False, world.homeward[1].public_id: True}
    assert {"restock", "relabel", "refurbish", "destroy"} <= {one["disposition"] for one in ways}
    stored = {leg["departure_id"]: part["amount_minor"] for one in home for leg in one["legs"]
              for part in one["components"] if part["code"] == "store"}  # fmt: skip
    first, second = (stored[one.public_id] for one in world.homeward)
    assert second - first == pytest.approx(35 * 350 * 0.004, abs=2), (
        "waiting for the later one is paid in storage"
    )


def exported_for(deadline):
    """An export day whose relief ends on a day."""
    month = deadline.month - 6
    return date(deadline.year + (month < 1 and -1), (month - 1) % 12 + 1, deadline.day)


def test_what_is_vetoed_is_not_planned_and_what_is_chosen_is_all_that_is(session, world):
    found = graded(session, world, "BB")
    item = found.items[0]
    item.vetoed = ["return_to_china", "transfer"]
    session.flush()
    planned(session)
    assert "return_to_china" not in {one["disposition"] for one in item.proposal["options"]}

    choose_dispositions(session, STAFF, NOW, found.public_id, [Chosen(1, "refurbish")])
    facts = load_facts(session, Scope(horizon_days=90), NOW)
    [menu] = {facts.pool.menu[at] for at, ref in enumerate(facts.pool.ref) if ref == item.parcel_id}
    assert {one.disposition for one in facts.pool.menus[menu]} == {"refurbish"}


def test_work_costs_what_the_price_list_of_the_warehouse_says(session, world):
    graded(session, world, "BB")
    session.add_all(
        models.WarehouseFee(
            warehouse_id=world.house.warehouse.id, code=code, basis=basis, band_from=0, price_micros=micros,
            currency="CNY", effective_from=date(2026, 1, 1), source="example",
        )
        for code, basis, micros in (("work_relabel", "unit", 9_000_000), ("storage", "m3_day", 50_000_000))
    )  # fmt: skip
    session.flush()
    assert session.scalar(select(func.count()).select_from(FxRate))
    planned(session)
    [item] = session.query(models.ReturnItem).all()
    relabel = next(one for one in item.proposal["options"] if one["disposition"] == "relabel")
    assert relabel["parts"]["handling"] == 1800
    assert relabel["parts"]["storage"] == pytest.approx(5000 * 0.004 * 2.5, abs=2)
