"""The page that moves cut-offs: times on the clock of the place, whom it touches, the way back."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.models import Departure
from tests.booking_rows import make_booking, make_offer
from tests.factories import DAY, HOUR
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
def page(world):
    return f"/departures/{world.sailing.public_id}/cutoffs"


def typed(operator, page, hours, code="FCO"):
    """The form as it is shown, with a cut-off moved by so many hours."""
    text = operator.get(page).text
    name = re.search(rf'name="(at-\d+-{code})" value="([^"]+)"', text)
    was = re.search(rf'name="(was-\d+-{code})" value="([^"]+)"', text)
    at = datetime.fromisoformat(name[2]) + timedelta(hours=hours)
    return {name[1]: f"{at:%Y-%m-%dT%H:%M}", was[1]: was[2], "reason": "strike at the gate"}


def test_a_cut_off_is_moved_on_the_clock_of_its_place_and_put_back(operator, page):
    before = operator.get(page).text
    answer = operator.post(page, data=typed(operator, page, 3))
    assert answer.status_code == 303
    text = operator.get(page).text
    assert "1 cut-off was moved." in text
    assert "strike at the gate" in words(operator.get(page))
    change = re.search(r'name="change" value="(\d+)"', text)[1]
    operator.post(f"{page}/back", data={"change": change})
    shown = re.compile(r'name="at-\d+-FCO" value="[^"]+"')
    assert shown.search(operator.get(page).text)[0] == shown.search(before)[0]


@pytest.fixture
def booking(database, world):
    """Goods that are at the port half a day before it closes."""
    with database.transaction() as session:
        query = select(Departure).where(Departure.public_id == world.sailing.public_id)
        sailing = session.scalars(query.options(selectinload(Departure.calls))).one()
        offer = make_offer(session, [sailing])
        ready = sailing.departs_at - DAY - 12 * HOUR
        offer.quote.asked = offer.quote.asked | {"ready_at": ready.isoformat()}
        return make_booking(session, offer, version=2).public_id


def test_goods_that_would_be_late_are_shown_first_and_left_behind_only_if_ticked(operator, page, booking):
    form = typed(operator, page, -24)
    late = "The goods of 1 booking would come too late."
    assert late in words(operator.post(f"{page}/touched", data=form))
    answer = operator.post(page, data=form)
    assert answer.status_code == 422
    assert late in words(answer)
    assert f"/bookings/{booking}" in answer.text
    assert operator.post(page, data=form | {"although_missed": "1"}).status_code == 303
    assert "strike at the gate" in words(operator.get(f"/bookings/{booking}?tab=history"))


def test_what_cannot_be_is_told_at_its_field_and_nothing_typed_is_lost(operator, page):
    form = typed(operator, page, 24 * 30)
    answer = operator.post(page, data=form)
    assert answer.status_code == 422
    assert "The departure has left there by then" in words(answer)
    assert 'value="strike at the gate"' in answer.text
    assert "The departure has left there by then" in words(operator.post(f"{page}/touched", data=form))


def test_one_that_is_there_is_not_added_again_and_nothing_typed_is_lost(operator, page):
    form = typed(operator, page, 0)
    seq = next(name for name in form if name.startswith("at-")).split("-")[1]
    answer = operator.post(
        page, data=form | {"add-call": seq, "add-code": "FCO", "add-at": "2026-11-24T10:30"}
    )
    assert answer.status_code == 422
    assert "The place has one already: change it above." in words(answer)
    assert 'value="2026-11-24T10:30"' in answer.text


def test_times_that_somebody_else_moved_are_shown_anew(operator, page):
    first, second = typed(operator, page, -1), typed(operator, page, -2)
    operator.post(page, data=first)
    answer = operator.post(page, data=second)
    assert answer.status_code == 409
    assert "Somebody else has changed a cut-off meanwhile" in words(answer)
    shown = re.search(r'name="at-\d+-FCO" value="([^"]+)"', answer.text)[1]
    assert shown in first.values()


def test_only_operators_move_them(app, page):
    assert person(app, role="finance").get(page).status_code == 403
