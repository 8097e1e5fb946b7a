"""The page that plans anew: the form, what it refuses, and the comparison with the plan before."""

import pytest
from sqlalchemy import select

from app.models import OptimizationRun, Replan, RunInput
from tests import factories as make
from tests.http.pages import person, small_world, words


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def world(database):
    small = small_world(database)
    with database.transaction() as session:
        session.add(RunInput(run_id=small.run.id, problem=b"", catalogue=b""))
    return small


@pytest.fixture
def operator(app, world):
    return person(app)


def page(world):
    return f"/plans/{world.plan.public_id}/replan"


def test_the_plan_leads_to_a_form_with_its_departures(operator, world):
    assert f'href="{page(world)}"' in operator.get(f"/plans/{world.plan.public_id}").text
    text = words(operator.get(page(world)))
    assert "Something happened: plan anew" in text
    assert "PAC1 VOY7" in text
    assert "What changed against the plan before" not in text


def test_what_is_typed_becomes_a_run_with_its_page(operator, world, database):
    form = {
        "departure-0": world.sailing.public_id, "change-0": "delayed", "delay_hours-0": "36.5",
        "pinned": "RIDES\n\n", "withdrawn": world.stays.public_id, "change_price": "2.50",
        "max_changes": "7", "curve": "1", "time_limit_s": "30", "seed": "4",
    }  # fmt: skip
    answer = operator.post(page(world), data=form)

    assert answer.status_code == 303
    assert operator.get(answer.location).status_code == 200
    with database.reading() as session:
        wanted = session.scalars(select(Replan.wanted)).one()
        run = session.scalars(select(OptimizationRun).order_by(OptimizationRun.id.desc())).first()
    assert wanted == {
        "departures": [{"departure_id": world.sailing.public_id, "change": "delayed", "delay_min": 2190,
                        "capacity_share": 1.0}],
        "pinned": [world.rides.public_id], "withdrawn": [world.stays.public_id], "change_price_minor": 250,
        "max_changes": 7, "curve": True,
    }  # fmt: skip
    assert (run.time_limit_s, run.seed, run.status) == (30, 4, "queued")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "name a departure"),
        ({"pinned": "NOBODY"}, "the plan knows no parcel"),
        ({"pinned": "RIDES", "change_price": "much"}, "must be a decimal number"),
        ({"pinned": "RIDES", "max_changes": "x"}, "must not be negative"),
        ({"pinned": "RIDES", "time_limit_s": "0"}, "from 1 to 3600 seconds"),
    ],
)
def test_what_cannot_be_read_comes_back_with_the_reason(operator, world, typed, told):
    answer = operator.post(page(world), data=typed)

    assert answer.status_code == 422
    assert told in words(answer)


def test_the_comparison_shows_who_moved_and_what_it_costs(operator, world, database):
    with database.transaction() as session:
        after = make.make_plan(session, objective=1_262_000.0)
        make.make_plan_item(session, after, world.rides, reason="NO_ROUTE")
        change = {"departure_id": world.sailing.public_id, "change": "cancelled", "delay_min": 0}
        make.make_replan(
            session, world.plan, after, [world.rides],
            wanted={"departures": [change | {"capacity_share": 1.0}]},
            result={"curve": [{"max_changes": 0, "changed": 1, "cost_minor": 1_262_000.0},
                              {"max_changes": None, "changed": 1, "cost_minor": None}]},
        )  # fmt: skip
    text = words(operator.get(f"/plans/{after.public_id}/replan"))

    assert "PAC1 VOY7 Cancelled" in text
    assert "Had to move 1" in text
    assert "RIDES" in text
    assert "Stays or is left out" in text
    assert "Any number" in text


def test_only_operators_plan_anew(app, world):
    reader = person(app, role="finance")
    assert "Something happened" not in words(reader.get(page(world)))
    assert reader.post(page(world), data={"pinned": "RIDES"}).status_code == 403
