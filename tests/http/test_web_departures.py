"""The departures board: what it costs, when a charter pays, the chart, adding one and switching many."""

import pytest
from sqlalchemy import select

from app.clock import now
from app.models import Departure, ServiceCall
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


@pytest.fixture
def weekly(database):
    """A service with a timetable of two calls."""
    with database.transaction() as session:
        service = make.make_service(session, "FER-1", "ferry")
        times = ({"depart_day": 0, "depart_local": "10:00"}, {"arrive_day": 1, "arrive_local": "08:00"})
        for seq, at in enumerate(times, start=1):
            place = make.make_location(session)
            session.add(ServiceCall(service_id=service.id, seq=seq, location_id=place.id, **at))
    return service


def test_the_chart_draws_each_departure_as_a_link_with_its_fill_in_words(operator, world):
    week = world.sailing.departs_at.isocalendar()
    answer = operator.get(f"/departures?view=gantt&week={week.year}-W{week.week:02}")
    assert f'href="/departures/{world.sailing.public_id}" aria-label="VOY7' in answer.text
    assert "VOY7 · 35%" in words(answer)


def test_exporters_see_no_fill_in_the_chart_and_no_cost(app, world):
    text = words(person(app, "exporter", exporter=world.exporter).get("/departures?view=gantt"))
    assert "35%" not in text
    assert "What it costs" not in words(person(app, "exporter", exporter=world.exporter).get("/departures"))


def test_the_board_shows_what_opening_a_unit_costs(operator):
    assert "CN¥12,345.00 each" in words(operator.get("/departures"))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("cutoffs=1", 0),
        ("client=LINYI-TOYS", 0),
        ("accepts=general", 1),
        ("accepts=li_ion_alone", 0),
        ("", 1),
    ],
)
def test_the_board_says_how_many_there_are(operator, query, count):
    assert f" {count} departure" in words(operator.get(f"/departures?{query}"))


def test_when_a_charter_pays_is_told_by_the_plan_or_that_there_is_none(operator, database, world):
    with database.transaction() as session:
        charter = make.make_service(session, mode="air", charter=True)
        flight = make.make_departure(session, charter, departs_at=now() + make.DAY)
    board = operator.get("/departures?mode=charter").text
    assert f"/departures/break-even?of={flight.public_id}" in board
    text = words(operator.get(f"/departures/break-even?of={flight.public_id}"))
    # The plan of this world was stored without its problem, so that nothing can be weighed.
    assert "no plan to weigh it by yet" in text


def test_a_departure_is_added_by_its_service_an_hour_later_than_usual(operator, database, weekly):
    day = (now() + 5 * make.DAY).date()
    form = {"service": "FER-1", "departs_on": f"{day}", "departs_local": "11:00", "number": "X1"}
    assert operator.post("/departures/new", data=form).status_code == 303
    with database.reading() as session:
        made = session.scalars(select(Departure).where(Departure.number == "X1")).one()
    assert (made.status, made.departs_at.hour, made.arrives_at.hour) == ("open", 3, 1)
    again = operator.post("/departures/new", data=form)
    assert again.status_code == 422
    assert "has a departure X1 already" in words(again)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"departs_on": "2020-01-06"}, "it would have left already"),
        ({"service": "NONE"}, "there is no service 'NONE'"),
        ({"departs_local": "25:00"}, "Add it"),
    ],
)
def test_what_cannot_leave_is_refused_at_its_field(operator, weekly, changed, said):
    form = {"service": "FER-1", "departs_on": f"{(now() + 5 * make.DAY).date()}"} | changed
    answer = operator.post("/departures/new", data=form)
    assert answer.status_code == 422
    assert said in words(answer)
    assert 'class="field-error"' in answer.text


def test_several_are_closed_at_once_and_what_cannot_be_stays(operator, database, world):
    with database.transaction() as session:
        gone = make.make_departure(session, status="departed").public_id
    chosen = {"departure": [world.sailing.public_id, gone], "step": "close", "back": "/departures?mode=sea"}
    answer = operator.post("/departures/switch", data=chosen)
    assert answer.location == "/departures?mode=sea"
    text = words(operator.get(answer.location))
    assert "Closed 1 departure." in text
    assert f"Not possible in their state: {gone}" in text


def test_only_operators_add_and_switch(app, world):
    reader = person(app, "finance")
    assert reader.get("/departures/new").status_code == 403
    assert reader.post("/departures/switch", data={"step": "close"}).status_code == 403
