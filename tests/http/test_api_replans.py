"""Plans made anew over HTTP: asked for, and what they change."""

import pytest
from sqlalchemy import select

from app.models import Departure, Parcel, Plan, Replan
from app.schemas.base import Accepted
from app.schemas.replans import MovePage, ReplanShape
from tests import factories as make
from tests.http.answers import faults, good, problem

SHARED = True


@pytest.fixture(scope="module")
def again(module_house):
    """The id of a plan that was made anew from the plan of the house, with one parcel moved."""
    ids = module_house.world.ids
    with module_house.database.transaction() as session:
        before = session.scalars(select(Plan).where(Plan.public_id == ids["plan"])).one()
        parcel = session.scalars(select(Parcel).where(Parcel.public_id == ids["my_parcel"])).one()
        departure = session.scalars(select(Departure).where(Departure.public_id == ids["departure"])).one()
        after = make.make_plan(session, objective=1_260_000.0, lower_bound=1_210_000.9, gap=0.0413)
        make.make_plan_item(session, after, parcel)
        change = {"departure_id": departure.public_id, "change": "cancelled", "delay_min": 0}
        make.make_replan(
            session, before, after, [parcel],
            wanted={"departures": [change | {"capacity_share": 1.0}], "max_changes": 3, "curve": True},
            result={"curve": [{"max_changes": 0, "changed": 1, "cost_minor": 1_270_000.4}]},
        )  # fmt: skip
        return after.public_id


def replans(world):
    return f"/plans/{world.ids['plan']}/replans"


def cancelled(world):
    return {"departures": [{"departure_id": world.ids["departure"], "change": "cancelled"}]}


def test_a_replan_is_taken_on_as_a_run_with_the_scope_of_the_plan(operator, world, house):
    wanted = cancelled(world) | {
        "pinned": [world.ids["my_parcel"]], "change_price": "5.25", "max_changes": 10, "curve": True,
        "iterations": 1,
    }  # fmt: skip
    response = operator.post(replans(world), wanted)

    job = good(response, Accepted, 202)
    assert response.headers["Location"] == job["poll_url"] == f"/api/v1/optimization-runs/{job['job_id']}"
    run = operator.get(f"/optimization-runs/{job['job_id']}").get_json()
    assert run["scope"] == operator.get(f"/optimization-runs/{world.ids['run']}").get_json()["scope"]
    with house.database.reading() as session:
        stored = session.scalars(select(Replan.wanted).order_by(Replan.id.desc())).first()
    assert (stored["change_price_minor"], stored["max_changes"], stored["curve"]) == (525, 10, True)


def test_asking_twice_with_one_key_plans_anew_once(operator, world):
    first = operator.post(replans(world), cancelled(world), key="anew")
    again = operator.post(replans(world), cancelled(world), key="anew")

    assert first.get_json() == again.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("wanted", "field", "code"),
    [
        ({}, "departures", "nothing_happened"),
        ({"departures": [{"departure_id": "dep_0000000000000000", "change": "cancelled"}]},
         "departures.0.departure_id", "unknown_departure"),
        ({"departures": [{"departure_id": "dep_1", "change": "cancelled"}]},
         "departures.0.departure_id", "bad_shape"),
        ({"departures": [{"departure_id": "dep_0000000000000000", "change": "sunk"}]},
         "departures.0.change", "not_one_of"),
        ({"pinned": ["pcl_0000000000000000"]}, "pinned.0", "unknown_parcel"),
        ({"change_price": "1.234"}, "change_price", "too_precise"),
        ({"max_changes": -1}, "max_changes", "out_of_range"),
        ({"speed": 1}, "speed", "unknown_field"),
        ({"pinned": ["pcl_0000000000000000"] * 1001}, "pinned", "too_many"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_named(operator, world, wanted, field, code):
    assert faults(operator.post(replans(world), wanted)) == {field: code}


def test_a_delay_needs_its_minutes_and_a_cut_its_share(operator, world):
    one = {"departure_id": world.ids["departure"]}
    delayed = operator.post(replans(world), {"departures": [one | {"change": "delayed"}]})
    cut = operator.post(replans(world), {"departures": [one | {"change": "cut"}]})

    assert faults(delayed) == {"departures.0.delay_min": "out_of_range"}
    assert faults(cut) == {"departures.0.capacity_share": "out_of_range"}


def test_a_plan_made_anew_tells_what_it_changes(operator, world, again):
    found = good(operator.get(f"/plans/{again}/replan"), ReplanShape)

    assert found["plan_before_id"] == world.ids["plan"]
    assert found["departures"][0]["change"] == "cancelled"
    assert (found["cost_before"], found["cost_after"]) == ("12500.01", "12600.00")
    assert (found["lower_bound"], found["gap"]) == ("12100.00", 0.0413)
    assert found["curve"] == [{"max_changes": 0, "changed": 1, "cost": "12700.00"}]
    assert (found["affected"], found["changed"], found["max_changes"]) == (1, 1, 3)


def test_each_parcel_that_moved_has_its_price(operator, world, again):
    (move,) = good(operator.get(f"/plans/{again}/replan/moves"), MovePage)["items"]

    assert (move["parcel_id"], move["affected"]) == (world.ids["my_parcel"], True)
    assert (move["cost_before"], move["cost_after"], move["change_price"]) == ("38.40", "41.10", "0.00")
    assert [leg["departure_id"] for leg in move["legs_before"]] == [world.ids["departure"]]
    assert move["legs_after"] == []


def test_a_plan_of_its_own_changes_nothing(operator, world):
    for part in ("", "/moves"):
        problem(operator.get(f"/plans/{world.ids['plan']}/replan{part}"), 404, "not_found")


@pytest.mark.parametrize("role", ["warehouse", "customs", "finance"])
def test_others_of_the_operation_read_and_do_not_plan(call, world, again, role):
    assert call(role).get(f"/plans/{again}/replan").status_code == 200
    problem(call(role).post(replans(world), cancelled(world)), 403, "forbidden")


@pytest.mark.parametrize("caller", ["acme", "regulator"])
def test_outsiders_see_no_costs(call, world, again, caller):
    problem(call(caller).get(f"/plans/{again}/replan"), 403, "forbidden")
    problem(call(caller).get(f"/plans/{again}/replan/moves"), 403, "forbidden")
