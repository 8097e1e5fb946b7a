"""Plans over HTTP: what they cost, what they do with each parcel, and the files that prove it."""

import pytest

from app.schemas.plans import PlanItemPage, PlannedDeparturePage, PlanShape
from tests.http.answers import faults, good, problem

SHARED = True


@pytest.fixture
def path(world):
    return f"/plans/{world.ids['plan']}"


def test_a_plan_shows_its_cost_and_a_bound_that_stays_one(operator, world, path):
    plan = good(operator.get(path), PlanShape)

    assert (plan["id"], plan["run_id"]) == (world.ids["plan"], world.ids["run"])
    assert (plan["cost"], plan["lower_bound"], plan["currency"]) == ("12500.01", "12000.00", "CNY")
    assert (plan["assigned"], plan["on_time"], plan["on_time_share"]) == (1, 1, 1.0)


def items(caller, path, **query):
    return good(caller.get(f"{path}/items", **query), PlanItemPage)["items"]


def test_a_plan_says_how_each_parcel_goes_or_why_it_stays(operator, world, path):
    goes, stays = items(operator, path)

    assert (goes["parcel_id"], goes["assigned"], goes["reason"]) == (world.ids["my_parcel"], True, None)
    assert (goes["cost"], goes["currency"]) == ("50.00", "CNY")
    (leg,) = goes["legs"]
    assert (leg["departure_id"], leg["from"], leg["to"]) == (
        world.ids["departure"],
        "CNTAO-PORT",
        "DEHAM-PORT",
    )
    assert (leg["departs_at"], leg["arrives_at"]) == (
        "2026-11-26T09:30:00+08:00",
        "2026-11-27T02:30:00+01:00",
    )
    assert (stays["assigned"], stays["legs"], stays["arrives_at"]) == (False, [], None)
    assert stays["reason"] == {"code": "WEIGHT_FULL", "fact": "SEA-1 001W lacks 2.5 kg"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"assigned": "true"}, ["mine-1"]),
        ({"assigned": "false"}, ["other-1"]),
        ({"late": "true"}, []),
        ({"reason": "WEIGHT_FULL"}, ["other-1"]),
        ({"reason": "NO_ROUTE"}, []),
        ({"departure": "dep_0000000000000000"}, []),
        ({"exporter": "globex"}, ["other-1"]),
        ({"reference": "mi"}, ["mine-1"]),
        ({"limit": 1}, ["mine-1"]),
    ],
)
def test_filters_narrow_the_items(operator, path, query, found):
    assert [item["reference"] for item in items(operator, path, **query)] == found


def test_the_items_of_one_departure_can_be_listed(operator, world, path):
    assert len(items(operator, path, departure=world.ids["departure"])) == 1


def test_a_plan_says_what_it_puts_on_each_departure(operator, world, path):
    (row,) = good(operator.get(f"{path}/departures"), PlannedDeparturePage)["items"]

    assert (row["departure_id"], row["parcels"], row["weight_kg"]) == (world.ids["departure"], 1, "2.500")
    (unit,) = row["units"]
    assert (unit["opened"], unit["from_call"], unit["to_call"], unit["cost"]) == (1, 0, 1, "13000.00")
    assert good(operator.get(f"{path}/departures", mode="air"), PlannedDeparturePage)["items"] == []


@pytest.mark.parametrize(
    ("name", "content"), [("problem.npz", b"problem bytes"), ("plan.npz", b"plan bytes")]
)
def test_the_files_of_a_plan_can_be_downloaded_for_verification(operator, path, name, content):
    response = operator.get(f"{path}/files/{name}")

    assert (response.status_code, response.data) == (200, content)
    assert response.content_type == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="pln_')


@pytest.mark.parametrize("part", ["", "/items", "/departures", "/why?item=mine-1"])
@pytest.mark.parametrize("caller", ["acme", "regulator"])
def test_plans_hold_buy_costs_so_outsiders_see_none(call, path, caller, part):
    problem(call(caller).get(path + part), 403, "forbidden")


@pytest.mark.parametrize("role", ["acme", "finance", "warehouse", "customs", "regulator"])
def test_the_files_are_for_those_who_run_the_operation(call, path, role):
    for name in ("problem.npz", "plan.npz"):
        problem(call(role).get(f"{path}/files/{name}"), 403, "forbidden")


@pytest.mark.parametrize(
    "part", ["", "/items", "/departures", "/why?item=mine-1", "/files/problem.npz", "/files/plan.npz"]
)
def test_a_plan_that_is_not_there_is_not_found(operator, part):
    problem(operator.get(f"/plans/pln_0000000000000000{part}"), 404, "not_found")


def test_queries_that_cannot_be_meant_are_named(operator, path):
    assert faults(operator.get(f"{path}/items", reason="BORED")) == {"query.reason": "not_one_of"}
    assert faults(operator.get(f"{path}/items", departure="x")) == {"query.departure": "bad_shape"}
    assert faults(operator.get(f"{path}/items", assigned="on")) == {"query.assigned": "not_boolean"}
    assert faults(operator.get(f"{path}/departures", mode="x")) == {"query.mode": "not_one_of"}
    assert faults(operator.get(f"{path}/why")) == {"query.item": "required"}
    problem(operator.get(f"{path}/items", cursor="nonsense"), 400, "bad_request")


def test_a_parcel_the_plan_does_not_know_is_not_found(operator, path):
    problem(operator.get(f"{path}/why", item="nothing"), 404, "not_found")
