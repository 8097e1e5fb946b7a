"""Optimisation runs over HTTP: asked for, followed, stopped."""

import pytest
from sqlalchemy import select

from app.models import Job, Parcel
from app.schemas.base import Accepted
from app.schemas.runs import RunDetail, RunPage
from tests.http.answers import faults, good, problem

SHARED = True


def test_a_run_is_taken_on_and_can_be_followed(operator, house):
    scope = {
        "directions": ["export"], "horizon_days": 14, "exporter": "acme", "origin": None, "destination": None,
        "modes": ["sea", "road"], "weights": {"time": 2.5, "co2e_per_tonne": 80.0},
    }  # fmt: skip
    wanted = {"time_limit_s": 5, "gap_limit": "0.01", "seed": 7, "iterations": 100, "scope": scope}
    response = operator.post("/optimization-runs", wanted)

    job = good(response, Accepted, 202)
    assert response.headers["Location"] == job["poll_url"]
    run = good(operator.get(job["poll_url"].removeprefix("/api/v1")), RunDetail)
    assert run["id"] == job["job_id"]
    assert (run["status"], run["plan_id"], run["failure"]) == ("queued", None, None)
    assert (run["time_limit_s"], run["gap_limit"], run["seed"], run["iterations"]) == (5, 0.01, 7, 100)
    assert run["scope"] == scope | {"parcels": None}
    with house.database.reading() as session:
        assert len(session.scalars(select(Job).where(Job.subject == job["job_id"])).all()) == 1


def test_an_empty_object_is_a_run_of_everything(operator):
    job = good(operator.post("/optimization-runs", {}), Accepted, 202)
    run = good(operator.get(f"/optimization-runs/{job['job_id']}"), RunDetail)

    assert run["scope"] == {
        "directions": ["export", "return", "stock_transfer"],
        "horizon_days": 56,
        "exporter": None,
        "origin": None,
        "destination": None,
        "modes": ["air", "sea", "rail", "ferry", "road"],
        "weights": {"time": 1.0, "co2e_per_tonne": 0.0},
        "parcels": None,
    }


def test_a_run_of_named_parcels_names_them_and_refuses_what_does_not_wait(operator, house, world):
    with house.database.reading() as session:
        waiting = session.scalars(select(Parcel.public_id).where(Parcel.status == "pending").limit(2)).all()
    named = {"scope": {"parcels": [*waiting, waiting[0]]}}
    job = good(operator.post("/optimization-runs", named), Accepted, 202)
    run = good(operator.get(f"/optimization-runs/{job['job_id']}"), RunDetail)
    assert (run["scope"]["parcels"], run["parcels_named"]) == (list(waiting), len(waiting))
    (listed,) = [one for one in good(operator.get("/optimization-runs"), RunPage)["items"]
                 if one["id"] == run["id"]]  # fmt: skip
    assert "parcels" not in listed["scope"], "a list would be long"
    assert listed["parcels_named"] == len(waiting)
    wrong = {"scope": {"parcels": [waiting[0], "pcl_0000000000000000"]}}
    response = operator.post("/optimization-runs", wrong)
    assert faults(response) == {"scope.parcels": "not_waiting"}


def test_asking_twice_with_one_key_starts_one_run(operator):
    first = operator.post("/optimization-runs", {}, key="mine")
    again = operator.post("/optimization-runs", {}, key="mine")

    assert first.get_json() == again.get_json()
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("wanted", "field", "code"),
    [
        ({"time_limit_s": 0}, "time_limit_s", "out_of_range"),
        ({"time_limit_s": 1.9}, "time_limit_s", "not_whole"),
        ({"time_limit_s": True}, "time_limit_s", "not_whole"),
        ({"time_limit_s": 2**63}, "time_limit_s", "out_of_range"),
        ({"gap_limit": 1}, "gap_limit", "out_of_range"),
        ({"gap_limit": "0.1234567"}, "gap_limit", "too_precise"),
        ({"seed": -1}, "seed", "out_of_range"),
        ({"scope": {"directions": ["sideways"]}}, "scope.directions.0", "not_one_of"),
        ({"scope": {"weeks": 2}}, "scope.weeks", "unknown_field"),
        ({"scope": []}, "scope", "not_an_object"),
        ({"speed": "fast"}, "speed", "unknown_field"),
    ],
)
def test_limits_that_cannot_be_meant_are_named(operator, wanted, field, code):
    assert faults(operator.post("/optimization-runs", wanted)) == {field: code}


def test_a_finished_run_tells_its_figures_as_exact_money(operator, world):
    run = good(operator.get(f"/optimization-runs/{world.ids['run']}"), RunDetail)

    assert run["plan_id"] == world.ids["plan"]
    assert run["progress"] == {"incumbent": "12500.01", "bound": "12000.00", "currency": "CNY", "gap": 0.04}


def test_a_failed_run_says_why(operator, world):
    run = good(operator.get(f"/optimization-runs/{world.ids['failed']}"), RunDetail)

    assert run["failure"] == {"code": "plan_infeasible", "detail": "no legal plan exists"}


def test_the_list_can_be_narrowed_by_status(operator, world):
    (run,) = good(operator.get("/optimization-runs", status="failed"), RunPage)["items"]

    assert run["id"] == world.ids["failed"]
    assert faults(operator.get("/optimization-runs", status="lost")) == {"query.status": "not_one_of"}
    problem(operator.get("/optimization-runs", cursor="nonsense"), 400, "bad_request")


def test_a_waiting_run_is_stopped_at_once_and_only_once(operator):
    job = good(operator.post("/optimization-runs", {}), Accepted, 202)
    path = f"/optimization-runs/{job['job_id']}/cancel"

    assert good(operator.post(path), RunDetail)["status"] == "cancelled"
    problem(operator.post(path), 409, "wrong_state")


def test_a_run_that_is_not_there_is_not_found(operator):
    for path in ("run_0000000000000000", "nonsense"):
        problem(operator.get(f"/optimization-runs/{path}"), 404, "not_found")
        problem(operator.post(f"/optimization-runs/{path}/cancel"), 404, "not_found")


@pytest.mark.parametrize("role", ["warehouse", "customs", "finance"])
def test_others_of_the_operation_read_runs_and_start_none(call, world, role):
    assert call(role).get("/optimization-runs").status_code == 200
    problem(call(role).post("/optimization-runs", {}), 403, "forbidden")
    problem(call(role).post(f"/optimization-runs/{world.ids['waiting']}/cancel"), 403, "forbidden")


@pytest.mark.parametrize("caller", ["acme", "regulator"])
def test_runs_hold_buy_costs_so_outsiders_see_none(call, world, caller):
    problem(call(caller).get("/optimization-runs"), 403, "forbidden")
    problem(call(caller).get(f"/optimization-runs/{world.ids['run']}"), 403, "forbidden")
