"""Transit times by history: nine of ten trips, and how likely a deadline is missed, where enough trips back it."""

from datetime import timedelta

import pytest

from app.ids import new_id
from app.models import TrackingEvent
from app.schemas.quotes import QuoteShape
from tests import factories as make
from tests.http.answers import good
from tests.http.selling import opened
from tests.quote_rows import asking


@pytest.fixture
def counter(app, database):
    with opened(app, database) as found:
        yield found


def sail(counter, trips):
    """Past sailings, of which the n-th arrived n hours late."""

    def past(session):
        ends = [session.merge(counter.rows.places[name]) for name in ("port", "hamburg")]
        service = session.merge(counter.rows.services["sea"])
        for trip in range(trips):
            leaves = make.NOW - (60 + trip) * make.DAY
            row = make.make_departure(
                session, service, ends, departs_at=leaves, leg=30 * make.DAY, status="arrived"
            )
            arrived = row.arrives_at + timedelta(hours=trip + 1)
            session.add(
                TrackingEvent(
                    public_id=new_id("evt"), departure_id=row.id, call_seq=1, event_type="TRANSPORT", classifier="ACT",
                    code="ARRI", happens_at=arrived, received_at=arrived, reported_at=arrived, source="test",
                    source_id=f"arrival-{trip}", detail={},
                )
            )  # fmt: skip

    counter.change(past)


def sea(counter, **changed):
    body = good(counter.caller("acme").post("/quotes", asking(**changed)), QuoteShape, 201)
    return next(offer for offer in body["offers"] if "sea" in offer["modes"])


def test_thirty_trips_say_what_nine_of_ten_keep_to(counter):
    sail(counter, 30)
    offer = sea(counter)
    assert offer["transit_hours"] == {"p50": 803.5, "p90": 830.5, "basis": "history", "trips": 30}
    assert "past_trips" in {one["code"] for one in offer["why"]}


def test_fewer_say_nothing(counter):
    sail(counter, 29)
    assert sea(counter)["transit_hours"] == {"p50": 803.5, "p90": None, "basis": "schedule", "trips": None}


def test_the_risk_of_being_late_is_the_share_of_trips_that_would_have_been(counter):
    sail(counter, 30)
    # By the schedule it arrives on 26 December at 13:30; ten of thirty trips were more than 20 hours late.
    offer = sea(counter, deliver_by="2026-12-27T09:30:00Z")
    assert (offer["late"], offer["late_risk"]) == (False, 0.333)
    assert sea(counter, deliver_by="2026-12-26T13:00:00Z")["late_risk"] == 1.0
