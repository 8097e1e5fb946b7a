"""A departure is opened, closed, cancelled, rolled and repeated; whoever has goods on it is told once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.errors import Conflict
from app.models import Booking, BookingEvent, Departure, ServiceCall, WebhookMessage, WebhookSubscription
from app.usecases.booking import book_offer
from app.usecases.departing import change_departure, repeat_weekly, roll_cargo
from tests import factories as make
from tests.booking_rows import make_offer, make_quote
from tests.factories import DAY, NOW

STAFF = Actor("user", "usr_test", "operator")


@pytest.fixture
def departure(session):
    return make.make_departure(session, pools={"g": (10_000, 0, 0), "cm3": (100_000, 0, 0)})


@pytest.fixture
def bookings(session, departure):
    return [booked(session, departure) for _ in range(2)]


def booked(session, departure):
    calls = departure.calls
    ends = [session.get_one(make.Location, call.location_id) for call in (calls[0], calls[-1])]
    offer = make_offer(session, [departure], make_quote(session, None, *ends))
    return book_offer(session, STAFF, NOW, offer.public_id)


def test_cancelling_tells_each_exporter_once_and_is_noted_on_its_bookings(session, departure, bookings):
    owner = bookings[0].exporter_id
    session.add(a_subscription(owner))

    change_departure(session, STAFF, NOW, departure.public_id, "cancel", "the vessel broke down")

    assert departure.status == "cancelled"
    (message,) = session.scalars(
        select(WebhookMessage).where(WebhookMessage.event_type == "departure.cancelled")
    )
    assert message.subject == departure.public_id
    noted = session.scalars(select(BookingEvent).where(BookingEvent.kind == "noted")).all()
    assert {one.booking_id for one in noted} == {one.id for one in bookings}
    assert noted[0].detail["reason"] == "the vessel broke down"
    assert {one.status for one in session.scalars(select(Booking))} == {"CONFIRMED"}


def test_what_has_left_is_not_cancelled(session, departure):
    departure.status = "departed"
    session.flush()
    with pytest.raises(Conflict):
        change_departure(session, STAFF, NOW, departure.public_id, "cancel")


def test_a_closed_departure_is_opened_again(session, departure):
    change_departure(session, STAFF, NOW, departure.public_id, "close")
    assert change_departure(session, STAFF, NOW, departure.public_id, "open").status == "open"


def test_cargo_rolls_as_far_as_there_is_room_and_the_rest_says_why(session, departure, bookings):
    stops = [session.get_one(make.Location, call.location_id) for call in departure.calls]
    service = session.get_one(make.Service, departure.service_id)
    later = make.make_departure(
        session, service, stops, departs_at=NOW + 10 * DAY, pools={"g": (2_000, 0, 0)}
    )

    first, second = roll_cargo(session, STAFF, NOW, departure.public_id, later.public_id, "cancelled")

    assert (first.booking, first.detail) == (bookings[0].public_id, "")
    assert second.booking == bookings[1].public_id
    assert "no room" in second.detail


def test_a_departure_is_repeated_on_the_same_weekday_once(session):
    stops = [make.make_location(session), make.make_location(session)]
    service = make.make_service(session)
    times = ({"depart_day": 0, "depart_local": "10:00"}, {"arrive_day": 2, "arrive_local": "08:00"})
    for seq, (stop, at) in enumerate(zip(stops, times, strict=True)):
        session.add(ServiceCall(service_id=service.id, seq=seq, location_id=stop.id, **at))
    first = make.make_departure(session, service, stops)

    made = repeat_weekly(session, STAFF, NOW, first.public_id, 3)

    days = [one.service_date for one in made]
    assert days == [first.service_date + timedelta(weeks=week) for week in (1, 2, 3)]
    assert repeat_weekly(session, STAFF, NOW, first.public_id, 3) == []
    assert session.scalar(select(Departure).where(Departure.id == made[0].id)).calls


def a_subscription(exporter_id):
    return WebhookSubscription(
        public_id="whk_0000000000000001", exporter_id=exporter_id, url="https://example.test/hook",
        secret="whsec_" + "x" * 32, event_types=["departure.cancelled"], created_at=NOW,
        created_by="test",
    )  # fmt: skip
