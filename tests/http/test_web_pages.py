"""What the pages show, to whom, and that what they are asked for is what they answer."""

import json
import re

import pytest

from app.clock import now
from tests import factories as make
from tests.http.pages import person, small_world, words


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def world(database):
    return small_world(database)


@pytest.fixture
def operator(app, world):
    return person(app)


def test_the_tower_counts_and_every_tile_leads_to_its_list(operator, world):
    answer = operator.get("/")
    text = words(answer)
    assert "Departures ahead 1" in text
    assert "Parcels in the pool 2" in text
    assert "Unassigned 1" in text
    assert "Goods not carried" in text
    assert f'href="/plans/{world.plan.public_id}/unassigned"' in answer.text
    assert "booked 35.0%" in text


def test_the_board_shows_fill_in_words_and_the_cut_off_on_the_clock_of_the_place(operator, world):
    text = words(operator.get("/departures"))
    assert "VOY7" in text
    assert "35% · 13,000 free" in text
    assert "5,000 booked · 2,000 held · of 20,000" in text
    assert "120 booked · 0 held · of 400" in text
    assert "GMT+8" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("mode=sea", True),
        ("mode=rail", False),
        ("mode=charter", False),
        ("from=CNTAO-PORT&to=USLAX-PORT", True),
        ("from=USLAX-PORT&to=CNTAO-PORT", False),
        ("from=CNTAO", True),
        ("free=1", True),
        ("batteries=1", False),
        ("status=cancelled", False),
        ("week=1999-W01", False),
    ],
)
def test_the_board_is_what_its_address_says(operator, query, found):
    text = words(operator.get(f"/departures?{query}"))
    assert ("VOY7" in text) is found
    assert ("No departure matches" in text) is not found


@pytest.mark.parametrize("query", ["mode=boat", "week=tomorrow", "status=late", "cursor=abc", "from=a%00b"])
def test_an_address_that_cannot_be_meant_is_a_bad_request(operator, query):
    assert operator.get(f"/departures?{query}").status_code == 400


def test_a_filter_stays_in_the_address_of_the_next_page(database, operator):
    with database.transaction() as session:
        liner = make.make_service(session, mode="sea")
        stops = [make.make_location(session), make.make_location(session)]
        for day in range(1, 55):
            make.make_departure(session, liner, stops, departs_at=now() + day * make.DAY)
    answer = operator.get("/departures?mode=sea")
    link = next(line for line in answer.text.split('"') if "cursor=" in line)
    assert "mode=sea" in link
    following = operator.get(link.replace("&amp;", "&"))
    assert following.text.count('class="row-link"') == 5
    assert "First page" in words(following)


def test_a_departure_shows_calls_cut_offs_units_and_their_cost(operator, world):
    text = words(operator.get(f"/departures/{world.sailing.public_id}"))
    for part in ("Qingdao port", "Los Angeles port", "Full container delivery", "CN¥12,345.00", "1,000 km"):
        assert part in text


def test_exporters_see_their_own_goods_and_no_cost_and_no_exact_space(app, world):
    with app.extensions["fourport"]["database"].transaction() as session:
        stranger = make.make_parcel(session, reference="STRANGER")
    client = person(app, "exporter", exporter=world.exporter)
    assert client.get("/").location == "/portal"
    pool = words(client.get("/pool"))
    assert "RIDES" in pool
    assert "STRANGER" not in pool
    assert client.get(f"/pool/{stranger.public_id}").status_code == 404
    board = words(client.get("/departures"))
    assert "plenty" in board
    assert "13,000" not in board
    detail = words(client.get(f"/departures/{world.sailing.public_id}"))
    assert "12,345" not in detail
    assert "13,000" not in detail


@pytest.mark.parametrize(
    "path", ["/runs", "/warehouses", "/runs/{run}", "/plans/{plan}", "/plans/{plan}/unassigned"]
)
def test_exporters_see_no_run_and_no_plan(app, world, path):
    client = person(app, "exporter", exporter=world.exporter)
    assert client.get(path.format(run=world.run.public_id, plan=world.plan.public_id)).status_code == 403


def test_a_regulator_sees_departures_and_goods_but_not_what_space_costs(app, world):
    regulator = person(app, "regulator")

    assert regulator.get("/departures").status_code == 200
    assert regulator.get("/runs").status_code == 403
    assert regulator.get(f"/plans/{world.plan.public_id}").status_code == 403
    assert "/runs" not in regulator.get("/").text


def test_the_pool_says_what_the_last_plan_does(operator):
    text = words(operator.get("/pool"))
    assert "On time" in text
    assert "Goods not carried" in text
    assert "STAYS" in words(operator.get("/pool?unassigned=1"))
    assert "RIDES" not in words(operator.get("/pool?unassigned=1"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("direction=return", False),
        ("exporter=LINYI-TOYS", True),
        ("exporter=NOBODY", False),
        ("origin=CNTAO-HUB&destination=USLAX-WH", True),
        ("origin=USLAX-WH", False),
        ("goods=li_ion_alone", False),
        ("status=delivered", False),
        ("status=any", True),
        ("reference=RID", True),
        ("reference=ID", False),
        ("ready_from=2020-01-01&ready_to=2099-01-01", True),
        ("ready_to=2020-01-01", False),
    ],
)
def test_the_pool_is_what_its_address_says(operator, query, found):
    assert ("RIDES" in words(operator.get(f"/pool?{query}"))) is found


def test_a_plan_shows_its_proof_and_its_load(operator, world):
    answer = operator.get(f"/plans/{world.plan.public_id}")
    text = words(answer)
    for part in ("CN¥12,500.00", "4.00%", "100.0%", "1 / 2", "VOY7", "40HC 1 / 10", "0" * 64):
        assert part in text
    parcels = words(
        operator.get(f"/plans/{world.plan.public_id}/parcels?departure={world.sailing.public_id}")
    )
    assert "RIDES" in parcels
    assert "STAYS" not in parcels


def test_what_a_plan_leaves_carries_its_reason_and_its_remedy(operator, world):
    text = words(operator.get(f"/plans/{world.plan.public_id}/unassigned?reason=DG_NOT_ALLOWED"))
    assert "PAC1 takes none" in text
    assert "Check the class, or find a service that accepts it." in text
    assert "Every parcel has a way" in words(
        operator.get(f"/plans/{world.plan.public_id}/unassigned?reason=LATE")
    )


def test_a_finished_run_is_not_polled_and_a_working_one_is(app, database, operator, world):
    with database.transaction() as session:
        working = make.make_run(session, status="running", phase="bound")
    assert "every 1s" not in operator.get(f"/runs/{world.run.public_id}").text
    answer = operator.get(f"/runs/{working.public_id}")
    assert "every 1s" in answer.text
    assert "Proving the bound" in words(answer)
    assert "Stop" in words(answer)


def test_a_run_is_started_with_what_the_form_says(operator, database):
    form = {
        "directions": ["export"],
        "time_limit_s": "20",
        "gap_percent": "1.5",
        "seed": "7",
        "horizon_days": "14",
    }
    answer = operator.post("/runs", data=form)
    assert answer.status_code == 303
    text = words(operator.get(answer.location))
    for part in ("14 days", "20 s", "1.50%", "Queued"):
        assert part in text


def test_a_wrong_form_comes_back_with_its_values_and_its_errors(operator):
    answer = operator.post("/runs", data={"time_limit_s": "9999", "seed": "x", "directions": ["export"]})
    assert answer.status_code == 422
    assert 'value="9999"' in answer.text
    assert "from 1 to 3600 seconds" in words(answer)


def test_only_operators_start_and_stop_runs(app, world):
    reader = person(app, "finance")
    assert reader.post("/runs", data={}).status_code == 403
    assert reader.post(f"/runs/{world.run.public_id}/stop").status_code == 403
    assert "Start a run" not in words(reader.get("/runs"))


def test_a_run_that_waits_is_stopped_at_once(operator):
    run = operator.post("/runs", data={"directions": ["export"]}).location
    assert operator.post(f"{run}/stop").status_code == 303
    assert "The run was stopped before it had a plan." in words(operator.get(run))


def test_the_directory_is_searched_by_group_and_service(operator):
    assert "example" in words(operator.get("/warehouses"))
    assert "40% · 4,000 free" in words(operator.get("/warehouses?group=US&service=returns"))
    assert "No warehouse matches" in words(operator.get("/warehouses?group=RCEP"))


def test_empty_pages_say_the_next_step(app):
    client = person(app)
    assert "start a run" in words(client.get("/"))
    assert "Import departures" in words(client.get("/departures"))
    assert "Import a file" in words(client.get("/pool"))
    assert "The pool is empty" in words(client.get("/runs"))
    assert "Import warehouses" in words(client.get("/warehouses"))
    assert "New quote" in words(client.get("/quotes"))
    assert "Ask for a quote" in words(client.get("/bookings"))


def test_pages_carry_no_inline_style_and_no_inline_script(operator, world):
    paths = [
        "/",
        "/departures",
        "/pool",
        "/runs",
        "/warehouses",
        "/pool/import",
        "/quotes",
        "/quotes/new",
        "/bookings",
        "/webhooks",
        f"/plans/{world.plan.public_id}",
    ]
    for path in paths:
        page = operator.get(path).text
        assert " style=" not in page
        assert " on" + "click=" not in page
        scripts = [part.split(">")[0] for part in page.split("<script")[1:]]
        assert all("src=" in tag or "application/json" in tag for tag in scripts)


def test_htmx_writes_no_inline_style(operator):
    """Neither its own, nor, as it swaps a part, the one that a chart has set on its box: a browser reports that."""
    told = re.search(r"name=\"htmx-config\" content='([^']+)'", operator.get("/").text)
    config = json.loads(told[1])
    assert config["includeIndicatorStyles"] is False
    assert "style" not in config["attributesToSettle"]
