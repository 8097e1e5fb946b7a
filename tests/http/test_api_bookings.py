"""Bookings over HTTP: made once, shown to their owner, and changed by PATCH and POST."""

import pytest

from app.models import Location, Party
from tests import factories as make
from tests.booking_rows import make_offer, make_quote
from tests.factories import DAY, NOW


@pytest.fixture
def offer_id(house):
    with house.database.transaction() as session:
        owner = session.query(Party).filter_by(reference="acme").one()
        departure = make.make_departure(session, pools={"g": (3_000, 0, 0)})
        ends = [
            session.get_one(Location, call.location_id) for call in (departure.calls[0], departure.calls[-1])
        ]
        return make_offer(session, [departure], make_quote(session, owner, *ends)).public_id


def test_a_booking_is_made_read_listed_and_cancelled(acme, offer_id):
    made = acme.post("/bookings", {"offer_id": offer_id, "reference": "PO-7"})
    assert made.status_code == 201, made.json
    booking = made.json
    assert made.headers["Location"] == f"/api/v1/bookings/{booking['id']}"
    assert (booking["status"], booking["total"], booking["currency"]) == ("CONFIRMED", "10.00", "USD")
    assert [event["kind"] for event in booking["events"]] == ["received", "confirmed"]
    assert acme.get(f"/bookings/{booking['id']}").json == booking
    listed = acme.get("/bookings", reference="PO-7").json
    assert [one["id"] for one in listed["items"]] == [booking["id"]]
    cancelled = acme.post(f"/bookings/{booking['id']}/cancel", {"reason": "buyer withdrew"})
    assert (cancelled.status_code, cancelled.json["status"]) == (200, "CANCELLED")
    assert cancelled.json["total"] == "0.00"


def test_the_same_key_replays_and_another_booking_is_refused(acme, offer_id):
    first = acme.post("/bookings", {"offer_id": offer_id}, key="k-1")
    again = acme.post("/bookings", {"offer_id": offer_id}, key="k-1")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json == first.json
    other = acme.post("/bookings", {"offer_id": offer_id})
    assert (other.status_code, other.json["code"]) == (409, "wrong_state")


def test_space_that_is_gone_is_409_and_nothing_was_booked(acme, house, offer_id):
    from sqlalchemy import update

    from app.models import CapacityPool

    with house.database.transaction() as session:
        session.execute(update(CapacityPool).where(CapacityPool.capacity == 3_000).values(booked=2_000))
    refused = acme.post("/bookings", {"offer_id": offer_id})
    assert (refused.status_code, refused.json["code"]) == (409, "capacity_gone")
    assert acme.get("/bookings").json["items"] == []


def test_others_find_nothing(acme, globex, operator, offer_id):
    assert globex.post("/bookings", {"offer_id": offer_id}).status_code == 404
    booking = acme.post("/bookings", {"offer_id": offer_id}).json["id"]
    assert globex.get(f"/bookings/{booking}").status_code == 404
    assert globex.post(f"/bookings/{booking}/cancel", {}).status_code == 404
    assert booking not in globex.get("/bookings").get_data(as_text=True)
    assert operator.get(f"/bookings/{booking}").json["exporter"] == "acme"


def test_an_expired_quote_is_410(acme, house):
    with house.database.transaction() as session:
        owner = session.query(Party).filter_by(reference="acme").one()
        quote = make_quote(session, owner, expires_at=NOW - DAY)
        offer = make_offer(session, [make.make_departure(session)], quote).public_id
    refused = acme.post("/bookings", {"offer_id": offer})
    assert (refused.status_code, refused.json["code"]) == (410, "quote_expired")


def test_credit_that_is_used_up_is_402_and_a_hold_403(acme, house, offer_id):
    with house.database.transaction() as session:
        session.query(Party).filter_by(reference="acme").one().credit_limit_minor = 0
        session.query(Party).filter_by(reference="acme").one().credit_currency = "USD"
    refused = acme.post("/bookings", {"offer_id": offer_id})
    assert (refused.status_code, refused.json["code"]) == (402, "credit_limit_exceeded")
    with house.database.transaction() as session:
        session.query(Party).filter_by(reference="acme").one().credit_hold = True
    refused = acme.post("/bookings", {"offer_id": offer_id})
    assert (refused.status_code, refused.json["code"]) == (403, "credit_hold")


def test_parcels_fill_it_by_id(acme, house, offer_id):
    booking = acme.post("/bookings", {"offer_id": offer_id}).json
    with house.database.transaction() as session:
        owner = session.query(Party).filter_by(reference="acme").one()
        ends = [
            session.query(Location).filter_by(code=booking[end]).one() for end in ("origin", "destination")
        ]
        parcel = make.make_parcel(session, owner, *ends, weight_g=900, volume_cm3=2_000).public_id
    filled = acme.post(f"/bookings/{booking['id']}/parcels", {"parcel_ids": [parcel]})
    assert filled.status_code == 200, filled.json
    assert filled.json["parcels"][0]["id"] == parcel
    assert filled.json["parcels"][0]["tracking_number"]
    assert acme.get(f"/bookings/{booking['id']}").json["lines"][0]["filled"] == 1
