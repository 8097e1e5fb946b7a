"""The control tower: each figure is the length of the list it leads to, and exceptions are looked after."""

import re

import pytest

from app.clock import now
from app.models import Scenario
from app.usecases.daily_figures import note_figures
from tests import factories as make
from tests.booking_rows import make_booking, make_offer
from tests.http.pages import person, small_world, words


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def world(database):
    small = small_world(database)
    with database.transaction() as session:
        air = make.make_service(session, mode="air")
        make.make_departure(session, air, departs_at=now() + 30 * make.HOUR)
        make.make_departure(session, air, departs_at=now() + 60 * make.HOUR, status="closed")
        gone = make.make_departure(session, air, departs_at=now() + make.DAY, status="cancelled")
        make_booking(session, make_offer(session, [gone]))
        make.make_parcel(session, small.exporter, status="customs_hold")
        small.gone = gone
    return small


@pytest.fixture
def operator(app, world):
    return person(app)


def tile(page, key):
    """The value of a tile, and where it leads."""
    found = re.search(rf'href="([^"]+)" data-tile="{key}">.*?tile-value">([^<]+)<', page, re.DOTALL)
    return found[2], found[1].replace("&amp;", "&")


@pytest.mark.parametrize("query", ["", "?mode=air", "?mode=rail", "?from=CNTAO-PORT", "?client=LINYI-TOYS"])
@pytest.mark.parametrize("key", ["departures", "cutoffs"])
def test_a_figure_is_what_the_board_counts_under_its_link(operator, query, key):
    value, link = tile(operator.get(f"/{query}").text, key)
    assert f"{value} departure" in words(operator.get(link))


def test_unassigned_late_and_held_goods_are_as_many_as_their_lists_show(operator):
    page = operator.get("/").text
    for key, row in (("unassigned", "STAYS"), ("customs", "P0")):
        value, link = tile(page, key)
        assert value == "1"
        assert row in words(operator.get(link))


def test_an_exception_says_what_it_is_and_what_is_at_risk(operator, world):
    text = words(operator.get("/"))
    assert "Cancelled with goods on it" in text
    assert "1 booking waits to be rolled or planned anew" in text
    assert world.gone.public_id in operator.get("/tower/exceptions?kind=departure_cancelled").text
    assert "Nothing of this kind" in words(operator.get("/tower/exceptions?mode=sea"))


def test_an_exception_is_put_aside_and_brought_back(operator, world):
    about = {"kind": "departure_cancelled", "subject": world.gone.public_id, "back": "/tower/exceptions"}
    assert operator.post("/tower/exceptions/snooze", data=about | {"hours": "4"}).location == about["back"]
    assert "Cancelled with goods on it" not in words(operator.get("/"))
    assert "put aside until" in words(operator.get("/tower/exceptions?snoozed=1"))
    operator.post("/tower/exceptions/wake", data=about)
    assert "Cancelled with goods on it" in words(operator.get("/"))


def test_an_exception_is_taken_and_found_among_ones_own(operator, world):
    about = {"kind": "departure_cancelled", "subject": world.gone.public_id, "owner": "me"}
    operator.post("/tower/exceptions/assign", data=about)
    assert "Cancelled with goods on it" in words(operator.get("/tower/exceptions?mine=1"))
    assert "1 exception" in words(operator.get("/tower/exceptions?mine=1"))


def test_a_regulator_sees_no_money_and_looks_after_nothing(app, world):
    regulator = person(app, "regulator")
    assert "at risk" not in words(regulator.get("/"))
    assert regulator.get("/tower/exceptions").status_code == 403
    assert regulator.post("/tower/exceptions/wake").status_code == 403


def test_the_map_is_asked_again_for_what_moves(operator, database):
    with database.transaction() as session:
        liner = make.make_service(session, mode="sea")
        make.make_departure(session, liner, departs_at=now() - make.HOUR, number="UNDERWAY")
    told = operator.get("/tower/map.json?mode=sea").json
    assert [one["name"].split(" · ")[0] for one in told["vehicles"]] == ["UNDERWAY"]
    assert {leg["mode"] for leg in told["legs"]} == {"sea"}
    text = words(operator.get("/"))
    assert "1 departure under way" in text
    assert "UNDERWAY" in text


def test_a_figure_whose_past_no_row_tells_says_how_it_was_noted(operator, database):
    with database.transaction() as session:
        note_figures(session, now() - make.DAY, {"customs": 3, "pool": 0})
        note_figures(session, now() - 3 * make.DAY, {"relief": 0})
    text = words(operator.get("/"))
    assert "parcel held by customs · down 2 since yesterday" in text
    assert "since yesterday" in text.partition("Parcels in the pool")[2]
    assert "returns near their deadline · the same as" in text
    assert 'class="spark"' in operator.get("/").text.partition('data-tile="customs"')[2].partition("</a>")[0]
    assert "down 2" not in words(operator.get("/?client=LINYI-TOYS")), "what is noted is of all clients"


def test_what_only_asks_what_if_is_not_the_last_plan(operator, database, world):
    _, link = tile(operator.get("/").text, "on_time")
    with database.transaction() as session:
        run = make.make_run(session)
        make.make_plan(session, run, created_at=now())
        session.add(
            Scenario(
                public_id="scn_0000000000000001", plan_id=world.plan.id, run_id=run.id, name="less", patches=[],
                created_by="usr_test", created_at=now(),
            )
        )  # fmt: skip
    assert tile(operator.get("/").text, "on_time")[1] == link


def test_the_page_asks_no_more_the_more_there_is(operator, database, queries_of):
    few = queries_of(lambda: operator.get("/"))
    with database.transaction() as session:
        liner = make.make_service(session, mode="sea")
        for day in range(1, 8):
            gone = make.make_departure(session, liner, departs_at=now() + day * make.DAY, status="cancelled")
            make_booking(session, make_offer(session, [gone]))
            make.make_departure(session, liner, departs_at=now() + day * make.DAY)
    assert queries_of(lambda: operator.get("/")) <= few


@pytest.fixture
def queries_of(database):
    """How many statements a call needs."""
    from sqlalchemy import event

    def count(call):
        seen = []
        listen = ("before_cursor_execute", lambda *args: seen.append(args[2]))
        event.listen(database.engine, *listen)
        call()
        event.remove(database.engine, *listen)
        return len(seen)

    return count
