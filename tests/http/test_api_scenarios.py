"""What-if over HTTP: asked for, listed, and read when it is solved."""

import dataclasses

import numpy as np
import pytest
from sqlalchemy import select

from app.models import Departure, RunInput, Scenario
from app.schemas.base import Accepted
from app.schemas.scenarios import ScenarioPage, ScenarioShape
from routing.assembling import assemble
from tests import factories as make
from tests.http.answers import faults, good, problem
from tests.unit.routing.networks import network, ride
from tests.unit.routing.pools import FREE, item, pool

SHARED = True


@pytest.fixture(scope="module")
def baseline(module_house):
    """The id of a plan whose problem is kept: one sailing from the hub to the warehouse."""
    with module_house.database.transaction() as session:
        known = select(Departure.id).where(Departure.public_id == module_house.world.ids["departure"])
        sailing = ride(session.scalars(known).one(), 1, (0, 5000), (1, 9000))
        kept = assemble(network(2, [sailing]), pool(item()), FREE).catalogue
        kept = dataclasses.replace(kept, location_code=np.array(["CNTAO-HUB", "DEDUI-WHS"]))
        plan = make.make_plan(session)
        session.add(RunInput(run_id=plan.run_id, problem=b"", catalogue=kept.to_bytes()))
        return plan.public_id


def asked(*patches, **more):
    return {"name": "What if", "patches": list(patches), **more}


NEW = {"kind": "new_warehouse", "location": "DEDUI-WHS", "daily_parcels": 40, "percent": "-12.5"}


def test_a_scenario_is_taken_on_listed_and_read_when_it_is_solved(operator, baseline, house, world):
    lost = {"kind": "cancelled", "departure_id": world.ids["departure"]}
    response = operator.post(f"/plans/{baseline}/scenarios", asked(NEW, lost, iterations=1, seed=7))
    job = good(response, Accepted, 202)
    assert response.headers["Location"] == job["poll_url"] == f"/api/v1/scenarios/{job['job_id']}"
    path = job["poll_url"].removeprefix("/api/v1")

    found = good(operator.get(path), ScenarioShape)
    assert (found["status"], found["plan_id"], found["answer_id"], found["moved"]) == (
        "queued", baseline, None, None,
    )  # fmt: skip
    assert found["patches"][0] | {"percent": -12.5} == found["patches"][0]
    assert [one["kind"] for one in found["patches"]] == ["new_warehouse", "cancelled"]
    listed = good(operator.get(f"/plans/{baseline}/scenarios"), ScenarioPage)["items"]
    assert [one["id"] for one in listed] == [job["job_id"]]

    with house.database.transaction() as session:
        scenario = session.scalars(select(Scenario).where(Scenario.public_id == job["job_id"])).one()
        answer = make.make_plan(session, objective=1_300_000.0)
        scenario.run_id = answer.run_id
        scenario.result = {
            "moved": 3, "affected": 2, "kept_minor": None, "new_warehouses": {"DEDUI-WHS": 2}, "new_itineraries": [],
        }  # fmt: skip
        answer_id = answer.public_id
    found = good(operator.get(path), ScenarioShape)
    assert (found["answer_id"], found["cost_before"], found["cost_after"], found["cost_kept"]) == (
        answer_id, "12500.00", "13000.00", None,
    )  # fmt: skip
    assert (found["moved"], found["affected"], found["through_new_warehouses"]) == (3, 2, 2)


@pytest.mark.parametrize(
    ("wanted", "field", "code"),
    [
        ({"patches": []}, "patches", "nothing_assumed"),
        ({"name": ""}, "name", "bad_length"),
        ({"name": " "}, "name", "wrong_length"),
        ({"patches": [{"kind": "magic"}]}, "patches.0.kind", "not_one_of"),
        ({"patches": [NEW | {"location": None}]}, "patches.0.location", "required"),
        ({"patches": [NEW | {"location": "CNTAO-HUB"}]}, "patches.0.location", "unknown_warehouse"),
        ({"patches": [NEW | {"percent": 0}]}, "patches.0.location", "never_short"),
        ({"patches": [NEW | {"percent": "0.1234"}]}, "patches.0.percent", "too_precise"),
        ({"patches": [NEW | {"daily_parcels": 0}]}, "patches.0.daily_parcels", "out_of_range"),
        ({"patches": [NEW, NEW]}, "patches.1.kind", "named_twice"),
    ],
)
def test_what_cannot_be_meant_is_named(operator, baseline, wanted, field, code):
    assert faults(operator.post(f"/plans/{baseline}/scenarios", asked(NEW) | wanted)) == {field: code}


def test_what_was_not_kept_cannot_be_asked_about(operator, house, world):
    with house.database.transaction() as session:
        plan = make.make_plan(session).public_id
    for one in (plan, world.ids["plan"]):
        problem(operator.post(f"/plans/{one}/scenarios", asked(NEW)), 409, "wrong_state")
