"""Why a parcel goes as it does, and the proof of a plan, from a run that was really solved."""

from datetime import date

import pytest
from sqlalchemy import select

from app import jobs
from app.models import Departure, Job, Location, Service, Tariff, TariffBreak
from app.schemas.base import Accepted
from app.schemas.explanations import SpacePage, WhyShape
from app.schemas.plans import PlanItemPage, PlanShape
from app.schemas.runs import RunDetail
from routing import checks
from routing.files import plan_from_bytes, problem_from_bytes
from tests import factories as make
from tests.http.answers import good


@pytest.fixture
def backend():
    return "sqlite"


def port_to_port(database):
    """What can be planned: two parcels from port to port, one of them too heavy for what is free, and a price."""
    with database.transaction() as session:
        service = session.scalars(select(Service).where(Service.code == "SEA-1")).one()
        owner = make.make_party(session, "initech")
        ends = [session.scalars(select(Location).where(Location.code == code)).one()
                for code in ("CNTAO-PORT", "DEHAM-PORT")]  # fmt: skip
        session.add(
            Tariff(
                code="BUY-SEA-1",
                side="buy",
                service_id=service.id,
                currency="CNY",
                valid_from=date(2026, 1, 1),
                breaks=[TariffBreak(from_g=0, rate_micros_per_kg=2_000_000)],
            )
        )
        departure = session.scalars(select(Departure).where(Departure.service_id == service.id)).one()
        # A departure that is sold by the TEU carries nothing without a container that can be opened.
        make.make_departure_unit(
            session, departure, make.make_unit_type(session), currency="CNY", cost_minor=0
        )
        facts = {"currency": "CNY", "value_minor": 90_000, "goods_class": "general"}
        make.make_parcel(session, owner, *ends, reference="LIGHT", weight_g=3_000, **facts)
        make.make_parcel(session, owner, *ends, reference="HEAVY", weight_g=9_000_000, **facts)


@pytest.fixture
def plan_path(operator, database):
    """The path of the plan of a run that a worker did."""
    port_to_port(database)
    job = good(operator.post("/optimization-runs", {"iterations": 2}), Accepted, 202)
    with database.reading() as session:
        job_id = session.scalars(select(Job.id).where(Job.subject == job["job_id"])).one()
    jobs.perform_with(database, job_id)
    run = good(operator.get(f"/optimization-runs/{job['job_id']}"), RunDetail)
    assert (run["status"], run["failure"]) == ("completed", None)
    return f"/plans/{run['plan_id']}"


def test_a_parcel_that_goes_shows_its_way_and_what_else_there_was(operator, plan_path):
    by_reference = good(operator.get(f"{plan_path}/why", item="LIGHT"), WhyShape)

    assert good(operator.get(f"{plan_path}/why", item=by_reference["parcel_id"]), WhyShape) == by_reference
    assert (by_reference["reason"], by_reference["taken"]["left_out"]) == (None, False)
    (leg,) = by_reference["taken"]["legs"]
    assert (leg["from"], leg["to"], leg["departs_at"]) == (
        "CNTAO-PORT",
        "DEHAM-PORT",
        "2026-11-26T09:30:00+08:00",
    )
    parts = {part["code"]: part["amount"] for part in by_reference["taken"]["components"]}
    assert parts[f"tariff {leg['service_code']}"] == "6.00"
    assert float(by_reference["taken"]["cost"]) == pytest.approx(sum(map(float, parts.values())), abs=0.02)


def test_a_parcel_that_stays_shows_the_reason(operator, plan_path):
    items = good(operator.get(f"{plan_path}/items", reference="HEAVY"), PlanItemPage)["items"]
    found = good(operator.get(f"{plan_path}/why", item="HEAVY", alternatives=0), WhyShape)

    assert found["taken"]["left_out"]
    assert found["alternatives"] == []
    assert found["reason"] == items[0]["reason"] != None  # noqa: E711 (all three are the same, and there)


def test_anyone_with_the_files_can_check_the_plan(operator, plan_path):
    plan = good(operator.get(plan_path), PlanShape)
    problem = problem_from_bytes(operator.get(f"{plan_path}/files/problem.npz").data)
    solution = plan_from_bytes(operator.get(f"{plan_path}/files/plan.npz").data)

    verdict = checks.verify(problem, solution)
    assert not verdict.violations
    assert float(plan["cost"]) * 100 == pytest.approx(solution.objective, abs=0.51)


def space(caller, plan_path, **query):
    return good(caller.get(f"{plan_path}/space", **query), SpacePage)["items"]


def test_the_relaxation_of_a_parcel_that_stays_has_a_size_and_a_price(operator, plan_path):
    found = good(operator.get(f"{plan_path}/why", item="HEAVY"), WhyShape)

    assert found["relaxation"] is not None
    assert found["relaxation"]["change"] in {"room", "unit", "money"}
    assert float(found["relaxation"]["cost"]) >= 0


def test_the_way_taken_names_the_limit_it_comes_nearest_to(operator, plan_path):
    binding = good(operator.get(f"{plan_path}/why", item="LIGHT"), WhyShape)["taken"]["binding"]

    assert binding["dimension"] in {"g", "cm3", "teu"}
    assert 0 < binding["fill"] <= 1


def test_a_departure_shows_what_room_is_worth_and_when_its_container_pays(operator, plan_path):
    (row,) = space(operator, plan_path)
    units = [unit for room in row["rooms"] for unit in room["units"]]

    assert row["departure_id"].startswith("dep_")
    assert {room["from"] for room in row["rooms"]} == {"CNTAO-PORT"}
    (unit,) = units
    assert (unit["opened"], unit["cost"], unit["goods"]) == (1, "0.00", 1)
    assert unit["verdict"] == "pays"
    assert unit["break_even"] == 0


def test_the_worth_of_space_can_be_narrowed_and_paged(operator, plan_path):
    assert len(space(operator, plan_path, show="opened", mode="sea")) == 1
    assert space(operator, plan_path, mode="air") == []
    assert operator.get(f"{plan_path}/space", show="everything").status_code == 422
    assert operator.get(f"{plan_path}/space", cursor="xyz").status_code == 400
    assert operator.get(f"{plan_path}/space", cursor="7").status_code == 400


def test_a_plan_whose_files_cannot_be_read_has_no_worth_of_space(operator, world):
    assert operator.get(f"/plans/{world.ids['plan']}/space").status_code == 404
