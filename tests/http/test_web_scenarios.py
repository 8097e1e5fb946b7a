"""The pages of what-if: the form, what it refuses, the figures side by side, who moves, promoting and putting aside."""

import dataclasses

import numpy as np
import pytest
from sqlalchemy import select, update

from app.models import OptimizationRun, PlanItem, RunInput, Scenario, ScenarioMove
from routing.assembling import assemble
from tests import factories as make
from tests.http.pages import person, small_world, words
from tests.unit.routing.networks import network, ride
from tests.unit.routing.pools import FREE, item, pool

NEW = {"kind-0": "new_warehouse", "location-0": "USLAX-WH", "parcels-0": "40", "percent-0": "-12.5"}


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def world(database):
    """A small world whose plan has a kept problem, and a scenario of it without the sailing, solved."""
    small = small_world(database)
    with database.transaction() as session:
        sailing = ride(small.sailing.id, 1, (0, 5000), (1, 9000))
        kept = assemble(network(2, [sailing]), pool(item()), FREE).catalogue
        kept = dataclasses.replace(kept, location_code=np.array(["CNTAO-HUB", "USLAX-WH"]))
        session.add(RunInput(run_id=small.run.id, problem=b"", catalogue=kept.to_bytes()))
        plan = make.make_plan(session, objective=1_300_000.0, assigned=0, on_time=0)
        make.make_plan_item(session, plan, small.rides, reason="NO_ROUTE")
        make.make_plan_item(session, plan, small.stays, reason="DG_NOT_ALLOWED")
        small.scenario = Scenario(
            public_id="scn_0h3vk5m8q2r7t9xz", plan_id=small.plan.id, run_id=plan.run_id, name="No liner",
            patches=[{"kind": "drop", "departure_id": small.sailing.public_id}],
            result={"moved": 1, "affected": 1, "kept_minor": 1_310_000.0},
            created_by="usr_test", created_at=make.NOW,
        )  # fmt: skip
        session.add(small.scenario)
        session.flush()
        move = {"parcel_id": small.rides.id, "before_minor": 5000, "after_minor": 19_500}
        session.add(ScenarioMove(scenario_id=small.scenario.id, **move))
        small.answer = plan
    return small


@pytest.fixture
def operator(app, world):
    return person(app)


def test_figures_stand_side_by_side_with_their_differences_in_words(operator, world):
    plan = f"/plans/{world.plan.public_id}"
    assert f'href="{plan}/compare"' in operator.get(plan).text
    text = words(operator.get(f"{plan}/compare?with={world.scenario.public_id}"))

    assert "No liner" in text
    assert "Without PAC1 VOY7" in text
    assert "CN¥12,500.00 CN¥13,000.00 +CN¥500.00 (+4.0%) worse" in text
    assert "CN¥13,100.00 +CN¥600.00 (+4.8%) worse" in text
    assert "Unassigned, by reason" in text
    assert "1 parcel" in text


def test_who_moves_is_listed_with_both_ways_and_costs(operator, world):
    text = words(operator.get(f"/scenarios/{world.scenario.public_id}/moved"))

    assert "RIDES" in text
    assert "Sea PAC1 VOY7" in text
    assert "CN¥50.00 → CN¥195.00" in text


def test_a_plan_that_asks_what_if_counts_for_nothing_until_it_is_promoted_by_hand(operator, world, database):
    plan = f"/plans/{world.answer.public_id}"
    assert "This plan only asks what if: No liner" in words(operator.get(plan))
    assert world.answer.public_id not in operator.get("/runs").text
    page = f"/scenarios/{world.scenario.public_id}/promote"
    text = words(operator.get(page))
    assert "Nothing is committed by this" in text
    assert "A decision that the plan already keeps" in text
    with database.transaction() as session:
        session.get_one(RunInput, world.run.id)
        session.merge(RunInput(run_id=world.answer.run_id, problem=b"", catalogue=b""))
    # The files of this plan are not there to be explained, so nothing is promoted half.
    assert operator.post(page).status_code == 404
    assert "This plan only asks what if" in words(operator.get(plan))


def test_a_scenario_is_put_aside_and_brought_back(operator, world):
    scenario = f"/scenarios/{world.scenario.public_id}"
    answer = operator.post(f"{scenario}/archive", follow_redirects=True)
    assert "Put aside. Bring it back" in words(answer)
    assert "No liner" not in words(operator.get("/scenarios"))
    assert "No liner" in words(operator.get("/scenarios?archived=1"))
    assert "Brought back." in words(operator.post(f"{scenario}/restore", follow_redirects=True))


def test_rows_are_added_and_taken_away_and_what_is_typed_becomes_a_run(operator, world, database):
    page = f"/plans/{world.plan.public_id}/what-if"
    assert "Nothing yet: choose a change" in words(operator.get(page))
    answer = operator.post(page, data={"rows": "add", "add_kind": "delayed", "name": "Late"})
    assert 'name="hours-0"' in answer.text
    assert 'value="Late"' in answer.text
    two = {"kind-0": "delayed", "hours-0": "24", "kind-1": "mode", "name": "Late"}
    assert "hours-0" not in operator.post(page, data=two | {"rows": "remove-0"}).text

    typed = {
        "kind-0": "delayed",
        "departure-0": world.sailing.public_id,
        "hours-0": "36.5",
        "name": "Late liner",
    }
    answer = operator.post(page, data=typed | {"time_limit_s": "30", "seed": "4"})
    assert answer.status_code == 303
    assert "Late liner" in words(operator.get(answer.location))
    with database.reading() as session:
        found = session.scalars(select(Scenario).order_by(Scenario.id.desc())).first()
        run = session.get_one(OptimizationRun, found.run_id)
    assert found.patches[0]["delay_min"] == 2190
    assert (run.time_limit_s, run.seed, run.status) == (30, 4, "queued")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "assume something"),
        ({"kind-0": "drop", "departure-0": ""}, "is needed for this kind of change"),
        ({"kind-0": "mode", "mode-0": "air"}, "no way of the plan"),
        ({"kind-0": "fuel", "mode-0": "sea", "percent-0": "much"}, "must be a decimal number"),
        ({"kind-0": "mode", "mode-0": "sea", "name": " "}, "from 1 to 80 characters"),
        (NEW | {"location-0": "USLAX-PORT"}, "there is no such warehouse"),
        (NEW | {"parcels-0": "1.5"}, "from 1 to 10000000 parcels a day"),
        (NEW | {"percent-0": "0"}, "it has room for all goods of the plan"),
    ],
)
def test_what_cannot_be_asked_comes_back_with_the_reason(operator, world, typed, told):
    answer = operator.post(f"/plans/{world.plan.public_id}/what-if", data={"name": "What if", **typed})

    assert answer.status_code == 422
    assert told in words(answer)


def test_what_cannot_be_asked_is_told_in_chinese_with_its_limits(operator, world):
    operator.post("/language", data={"language": "zh"})
    wrong = NEW | {"percent-0": "-95", "kind-1": "drop", "name": "?", "seed": "x", "time_limit_s": "0"}
    page = f"/plans/{world.plan.public_id}/what-if"
    assert "请填写 -90 到 1000 之间的数字。" in words(operator.post(page, data=wrong))
    typed = {"kind-0": "fuel", "mode-0": "sea", "percent-0": "much", "name": "?"}
    assert "请填写数字，例如 12.5。" in words(operator.post(page, data=typed))
    assert "请先假设点什么：添加一项变动。" in words(operator.post(page, data={"name": "?"}))


def test_a_new_warehouse_is_asked_for_and_told_in_figures_and_ways_but_not_promoted(
    operator, world, database
):
    page = f"/plans/{world.plan.public_id}/what-if"
    answer = operator.post(page, data={"rows": "add", "add_kind": "new_warehouse"})
    assert 'name="parcels-0"' in answer.text
    assert '<option value="USLAX-WH">' in answer.text
    answer = operator.post(page, data=NEW | {"name": "One more"})
    assert answer.status_code == 303
    assert "New beside USLAX-WH: 40 parcels a day, -12.5 %" in words(operator.get(answer.location))

    with database.transaction() as session:
        asked = session.scalars(select(Scenario).order_by(Scenario.id.desc())).first()
        assert asked.patches == [
            {"kind": "new_warehouse", "location": "USLAX-WH", "daily_parcels": 40, "percent": -12.5}
        ]
        way = make.make_itinerary(session, world.answer, [world.sailing])
        session.execute(
            update(PlanItem).where(PlanItem.plan_id == world.answer.id).values(itinerary_id=way.id)
        )
        found = session.get_one(Scenario, world.scenario.id)
        found.patches = asked.patches
        found.result = found.result | {"new_warehouses": {"USLAX-WH": 1}, "new_itineraries": [way.id]}
    text = words(operator.get(f"/plans/{world.plan.public_id}/compare?with={world.scenario.public_id}"))
    assert "Parcels through new warehouses – 1" in text
    moved = words(operator.get(f"/scenarios/{world.scenario.public_id}/moved"))
    assert "Through the new warehouse" in moved
    promote = f"/scenarios/{world.scenario.public_id}/promote"
    assert "Enter the warehouse with its services and price lists" in words(operator.get(promote))
    assert operator.post(promote).status_code == 409


def test_a_later_cut_off_is_asked_of_any_open_departure_and_told_in_figures(operator, world, database):
    page = f"/plans/{world.plan.public_id}/what-if"
    answer = operator.post(page, data={"rows": "add", "add_kind": "cutoff"})
    assert 'label="Not used by the plan"' in answer.text
    typed = {
        "kind-0": "cutoff",
        "departure-0": world.sailing.public_id,
        "hours-0": "6",
        "name": "Open longer",
    }
    answer = operator.post(page, data=typed)
    assert answer.status_code == 303
    assert "PAC1 VOY7 closes 6" in words(operator.get(answer.location))

    with database.transaction() as session:
        asked = session.scalars(select(Scenario).order_by(Scenario.id.desc())).first()
        assert list(asked.patches[0]["assumed"]["closes_at"]) == ["0"]
        make.make_itinerary(session, world.answer, [world.sailing])
        found = session.get_one(Scenario, world.scenario.id)
        found.patches, found.result = asked.patches, found.result | {"by_later_cutoff": 1}
    text = words(operator.get(f"/plans/{world.plan.public_id}/compare?with={world.scenario.public_id}"))
    assert "Parcels that only a later cut-off lets ride – 1" in text
    promote = words(operator.get(f"/scenarios/{world.scenario.public_id}/promote"))
    assert "Move the cut-off of the departure first" in promote


def test_only_operators_ask_what_if(app, world):
    reader = person(app, role="finance")
    compare = reader.get(f"/plans/{world.plan.public_id}/compare")
    assert "Ask what if" not in words(compare)
    assert reader.get(f"/plans/{world.plan.public_id}/what-if").status_code == 403
    assert reader.post(f"/scenarios/{world.scenario.public_id}/archive").status_code == 403
    assert reader.get(f"/scenarios/{world.scenario.public_id}/promote").status_code == 403
