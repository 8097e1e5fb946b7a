"""The workbench: the form that weighs, the drawer that answers why, and decisions with their undo."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from app.models import OptimizationRun, Parcel, PlanDecision, PlanItem, RunInput
from app.usecases import explaining
from tests import factories as make
from tests.http.pages import person, small_world, words
from tests.planned import plan_made

DRAWER = {"HX-Request": "true", "HX-Target": "drawer-body"}


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def planned(planned_network, database):
    """(plan, parcel, option of another way) of a small real plan."""
    plan = plan_made(database)
    with database.reading() as session:
        rides = select(Parcel.public_id).join(PlanItem, PlanItem.parcel_id == Parcel.id)
        for parcel in session.scalars(rides.where(PlanItem.itinerary_id.is_not(None)).order_by(PlanItem.id)):
            for way in explaining.why(session, plan, parcel)["alternatives"]:
                if not way["blocked"] and way["legs"]:
                    return plan, parcel, way
    raise AssertionError("no parcel has another way")


def test_the_form_takes_scope_weights_and_modes_and_the_pages_say_them(app, database):
    small_world(database)
    operator = person(app)
    shown = operator.get("/runs?direction=return&destination=USLAX-WH&exporter=LINYI-TOYS").text
    assert '<option value="USLAX-WH" selected>' in shown
    form = {
        "directions": ["export"], "exporter": "LINYI-TOYS", "origin": "CNTAO-HUB", "destination": "USLAX-WH",
        "modes_shown": "1", "modes": ["sea", "road"], "time": "2.5", "co2e_per_tonne": "80", "time_limit_s": "30",
        "gap_percent": "1", "horizon_days": "20", "seed": "3",
    }  # fmt: skip
    answer = operator.post("/runs", data=form)
    assert answer.status_code == 303
    with database.reading() as session:
        scope = session.scalars(select(OptimizationRun.scope).order_by(OptimizationRun.id.desc())).first()
    assert scope == {
        "directions": ["export"], "horizon_days": 20, "exporter": "LINYI-TOYS", "origin": "CNTAO-HUB",
        "destination": "USLAX-WH", "modes": ["sea", "road"], "weights": {"time": 2.5, "co2e_per_tonne": 80.0},
        "parcels": None,
    }  # fmt: skip
    text = words(operator.get(answer.location))
    assert "× 2.5 its planning price" in text
    assert "CN¥80.00 a tonne" in text
    assert "Sea, Road" in text


def test_rows_that_were_selected_are_planned_and_no_others(app, database):
    world = small_world(database)
    with database.transaction() as session:
        stuck = make.make_parcel(session, world.exporter, status="customs_hold")
    operator = person(app)
    pool = operator.get("/pool").text
    assert 'formaction="/runs" data-send' in pool
    shown = operator.get(f"/runs?which=selected&id={world.rides.public_id}&id={stuck.public_id}")
    assert "1 selected parcel, and no other · 1 that does not wait is left out" in words(shown)
    assert world.stays.public_id not in shown.text
    form = {"parcels": world.rides.public_id, "modes_shown": "1", "modes": ["sea"], "exporter": "ignored"}
    answer = operator.post("/runs", data=form)
    with database.reading() as session:
        scope = session.scalars(select(OptimizationRun.scope).order_by(OptimizationRun.id.desc())).first()
    assert (scope["parcels"], scope["exporter"], scope["modes"]) == ([world.rides.public_id], None, ["sea"])
    page = operator.get(answer.location)
    assert "1 that was selected" in words(page)
    assert f"/pool/{world.rides.public_id}" in page.text
    refused = operator.post("/runs", data=form | {"parcels": stuck.public_id})
    assert refused.status_code == 422
    assert "no parcel that waits to be planned" in words(refused)
    assert "None of the parcels that were selected waits" in words(operator.get("/runs?which=selected"))


def test_filters_that_a_run_has_not_are_sent_as_the_parcels_that_match(app, database):
    world = small_world(database)
    operator = person(app)
    plain = operator.get("/pool?exporter=LINYI-TOYS&sort=heaviest").text
    assert 'href="/runs?exporter=LINYI-TOYS"' in plain
    every = operator.get("/runs?which=matching&exporter=LINYI-TOYS&sort=newest&status=pending").text
    assert '<option value="LINYI-TOYS" selected>' in every
    assert 'name="parcels"' not in every, "what a run can say itself needs no names"
    link = re.search(r'href="(/runs\?[^"]*which=matching[^"]*)"', operator.get("/pool?goods=general").text)[1]
    shown = operator.get(unescape(link))
    assert "1 selected parcel, and no other" in words(shown)
    assert f'name="parcels" value="{world.rides.public_id}"' in shown.text


def test_a_weight_or_place_that_cannot_be_is_said_at_its_field(app, database):
    small_world(database)
    operator = person(app)
    for field, value in (
        ("time", "11"),
        ("co2e_per_tonne", "dear"),
        ("origin", "NOWHERE"),
        ("modes", "teleport"),
    ):
        form = {"directions": ["export"], "modes_shown": "1", "modes": ["sea"]} | {field: value}
        answer = operator.post("/runs", data=form)
        assert answer.status_code == 422, field
        assert "field-error" in answer.text


def test_the_drawer_says_why_and_what_else_costs_and_a_decision_there_refreshes_the_page(
    app, database, planned
):
    plan, parcel, way = planned
    operator = person(app)
    address = f"/plans/{plan}/why/{parcel}"
    assert "<html" in operator.get(address).text
    drawer = operator.get(address, headers=DRAWER)
    assert "<html" not in drawer.text
    assert "The next best ways" in words(drawer)

    sent = {"version": "0", "kind": "override", "option": str(way["option"])}
    done = operator.post(f"/plans/{plan}/decisions/{parcel}", data=sent, headers=DRAWER)
    assert (done.status_code, done.headers["HX-Trigger"]) == (200, "plan-changed")
    assert "Sent another way" in words(done)
    again = operator.post(f"/plans/{plan}/decisions/{parcel}", data=sent | {"option": "-1"}, headers=DRAWER)
    assert again.status_code == 409
    assert "somebody else has changed the plan" in words(again)

    log = words(operator.get(f"/plans/{plan}/decisions"))
    assert "Sent another way" in log
    back = operator.post(
        f"/plans/{plan}/decisions/1/undo", data={"version": "1", "parcel": parcel}, headers=DRAWER
    )
    assert (back.status_code, back.headers["HX-Trigger"]) == (200, "plan-changed")
    with database.reading() as session:
        assert session.scalars(select(PlanDecision.undone_at)).one() is not None


def test_a_parcel_dropped_on_a_departure_has_the_best_way_there_chosen(app, planned):
    plan, parcel, way = planned
    departure = next(leg["departure_id"] for leg in way["legs"] if leg["departure_id"])
    shown = person(app).get(f"/plans/{plan}/why/{parcel}?departure={departure}", headers=DRAWER).text
    assert shown.count(" checked") == 1


def test_without_script_the_page_decides_as_well_and_locks_are_shown(app, planned):
    plan, parcel, _ = planned
    operator = person(app)
    locked = operator.post(f"/plans/{plan}/decisions/{parcel}", data={"version": "0", "kind": "lock"})
    assert locked.status_code == 303
    assert "Locked" in words(operator.get(f"/plans/{plan}/parcels"))
    refused = operator.post(
        f"/plans/{plan}/decisions/{parcel}", data={"version": "0", "kind": "override", "option": "-1"}
    )
    assert refused.status_code == 409
    assert operator.post(f"/plans/{plan}/decisions/1/undo", data={"version": "0"}).status_code == 303
    twice = operator.post(f"/plans/{plan}/decisions/1/undo", data={"version": "0"})
    assert (twice.status_code, "taken back already" in words(twice)) == (409, True)


def test_readers_look_and_decide_nothing(app, planned):
    plan, parcel, _ = planned
    reader = person(app, "finance")
    assert "Change the way" not in words(reader.get(f"/plans/{plan}/why/{parcel}", headers=DRAWER))
    assert reader.post(f"/plans/{plan}/decisions/{parcel}", data={}).status_code == 403
    assert reader.post(f"/plans/{plan}/decisions/1/undo", data={}).status_code == 403
    assert reader.get(f"/plans/{plan}/files/problem.npz").status_code == 403
    assert person(app, "exporter").get(f"/plans/{plan}/decisions").status_code == 403


def test_the_plan_goes_out_as_files_and_cells_are_never_formulas(app, database):
    world = small_world(database)
    with database.transaction() as session:
        session.add(RunInput(run_id=world.run.id, problem=b"the problem", catalogue=b""))
        session.get(Parcel, world.rides.id).reference = "=RIDES"
    operator = person(app)
    base = f"/plans/{world.plan.public_id}/files"
    lines = operator.get(f"{base}/assignments.csv").data.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("parcel_id,reference,exporter")
    assert any(",'=RIDES,LINYI-TOYS,export,CNTAO-HUB,USLAX-WH," in line and ",yes," in line for line in lines)
    assert any(",no," in line and "DG_NOT_ALLOWED" in line for line in lines)
    assert operator.get(f"{base}/problem.npz").data == b"the problem"
    assert operator.get(f"{base}/plan.npz").status_code == 200
