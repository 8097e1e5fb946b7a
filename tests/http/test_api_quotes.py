"""Quotes over HTTP: who may ask, what is kept, held and read again."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.actor import system
from app.models import CapacityPool, Offer, Quote, Segment, SpaceAllocation
from app.schemas.quotes import QuotePage, QuoteShape
from app.usecases import api_keys
from tests import factories as make
from tests.http.answers import faults, good, problem
from tests.http.conftest import Caller
from tests.http.selling import opened
from tests.quote_rows import asking


@pytest.fixture
def counter(app, database):
    with opened(app, database) as found:
        yield found


@pytest.fixture
def acme(counter):
    return counter.caller("acme")


def quoted(caller, **changed):
    return good(caller.post("/quotes", asking(**changed)), QuoteShape, 201)


def held(counter):
    with counter.database.reading() as session:
        query = select(func.coalesce(func.sum(SpaceAllocation.quantity), 0))
        return session.scalar(query.where(SpaceAllocation.dimension == "g", SpaceAllocation.state == "held"))


def test_a_quote_is_kept_as_it_was_given(acme):
    response = acme.post("/quotes", asking())

    body = good(response, QuoteShape, 201)
    assert response.headers["Location"] == f"/api/v1/quotes/{body['id']}"
    assert (body["status"], body["exporter"], body["booking_id"]) == ("offered", "acme", None)
    assert body["offer_count"] == len(body["offers"]) == 2
    assert [offer["rank"] for offer in body["offers"]] == [1, 2]
    assert good(acme.get(f"/quotes/{body['id']}"), QuoteShape) == body


def test_the_same_key_gets_the_same_quote(acme):
    first = acme.post("/quotes", asking(), key="mine")
    again = acme.post("/quotes", asking(), key="mine")

    assert again.get_json() == first.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"


def test_it_is_valid_for_a_day_and_each_offer_until_its_first_cutoff(acme):
    body = quoted(acme)
    assert body["expires_at"] == "2026-11-24T01:30:00+00:00"
    assert {offer["bookable_until"] for offer in body["offers"]} == {"2026-11-24T01:30:00+00:00"}


def test_it_never_outlives_its_last_offer(counter, acme):
    counter.clock.move_to(make.NOW + 2 * make.DAY - timedelta(hours=5))
    body = quoted(acme, ready_at="2026-11-23T08:00:00Z", preferences={"max_transit_days": 5})
    assert [offer["modes"] for offer in body["offers"]] == [["road", "air"]]
    # The cut-off is at 01:30; before it come two hours on the road and two at the airport.
    assert body["expires_at"] == body["offers"][0]["bookable_until"] == "2026-11-24T21:30:00+00:00"


def test_a_quote_that_ran_out_is_read_like_any_other(counter, acme):
    body = quoted(acme)
    counter.clock.move_to(make.NOW + make.DAY)
    again = good(acme.get(f"/quotes/{body['id']}"), QuoteShape)
    assert again == body | {"status": "expired"}


def test_a_quote_that_was_booked_says_so(acme):
    body = quoted(acme)
    booking = acme.post("/bookings", {"offer_id": body["offers"][0]["id"]})
    assert booking.status_code == 201, booking.get_data(as_text=True)
    again = good(acme.get(f"/quotes/{body['id']}"), QuoteShape)
    assert (again["status"], again["booking_id"]) == ("accepted", booking.get_json()["id"])


def test_every_offer_can_be_booked_as_it_is(acme):
    for rank in (0, 1):
        offer = quoted(acme)["offers"][rank]
        booking = acme.post("/bookings", {"offer_id": offer["id"]}).get_json()
        assert (booking["total"], booking["currency"]) == (offer["total"], offer["currency"])
        assert [leg["mode"] for leg in booking["legs"]] == [leg["mode"] for leg in offer["legs"]]
        assert [leg["from"] for leg in booking["legs"]] == [leg["from"]["code"] for leg in offer["legs"]]


def test_space_is_held_for_the_first_offer_for_two_hours(counter, acme):
    body = quoted(acme, hold=True)

    first, *others = body["offers"]
    assert first["capacity"]["held_until"] == "2026-11-23T03:30:00+00:00"
    assert all(offer["capacity"]["held_until"] is None for offer in others)
    assert held(counter) == 100_000
    assert good(acme.get(f"/quotes/{body['id']}"), QuoteShape) == body


def test_nothing_is_held_unless_it_is_asked_for(counter, acme):
    quoted(acme)
    assert held(counter) == 0


def test_practice_holds_nothing(counter):
    secret = counter.change(
        lambda session: api_keys.add_api_key(
            session, system("test"), make.NOW, exporter="acme", test_mode=True
        )[1]
    )
    body = quoted(Caller(counter.client, secret), hold=True)
    assert (body["test_mode"], held(counter)) == (True, 0)
    assert "practice" in {one["code"] for one in body["messages"]}
    problem(counter.caller("acme").get(f"/quotes/{body['id']}"), 404, "not_found")


def test_the_operation_asks_for_an_exporter_and_must_name_it(counter):
    operator = counter.caller("operator")
    assert faults(operator.post("/quotes", asking())) == {"exporter": "required"}
    body = quoted(operator, exporter="globex")
    assert body["exporter"] == "globex"
    assert good(counter.caller("globex").get(f"/quotes/{body['id']}"), QuoteShape) == body
    problem(operator.post("/quotes", asking(exporter="nobody")), 404, "not_found")


def test_an_exporter_asks_for_nobody_else(acme):
    assert quoted(acme, exporter="acme")["exporter"] == "acme"
    assert faults(acme.post("/quotes", asking(exporter="globex"))) == {"exporter": "not_yours"}


def test_an_exporter_sees_nothing_of_anothers(counter, acme):
    body = quoted(acme)
    globex = counter.caller("globex")
    problem(globex.get(f"/quotes/{body['id']}"), 404, "not_found")
    assert good(globex.get("/quotes"), QuotePage)["items"] == []


@pytest.mark.parametrize("role", ["warehouse", "customs", "regulator", "finance"])
def test_who_does_not_sell_may_not_ask(counter, role):
    problem(counter.caller(role).post("/quotes", asking()), 403, "forbidden")


def test_quotes_are_listed_the_newest_first(counter, acme):
    ids = []
    for hour in range(3):
        counter.clock.move_to(make.NOW + timedelta(hours=hour))
        ids.append(quoted(acme)["id"])
    first = good(acme.get("/quotes", limit=2), QuotePage)
    rest = good(acme.get("/quotes", limit=2, cursor=first["next_cursor"]), QuotePage)
    assert [one["id"] for one in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next_cursor"] is None
    assert [one["id"] for one in good(acme.get("/quotes", status="expired"), QuotePage)["items"]] == []
    operator = counter.caller("operator")
    assert len(good(operator.get("/quotes", exporter="acme", status="offered"), QuotePage)["items"]) == 3
    assert good(operator.get("/quotes", exporter="globex"), QuotePage)["items"] == []


def test_on_credit_hold_one_may_still_ask(counter, acme):
    def stop(session):
        session.merge(counter.owners["acme"]).credit_hold = True

    counter.change(stop)
    assert quoted(acme)["status"] == "offered"


def test_without_an_offer_a_quote_has_failed_and_says_why(counter, acme):
    counter.change(lambda session: session.execute(update(CapacityPool).values(booked=CapacityPool.capacity)))
    body = quoted(acme, hold=True)
    assert (body["status"], body["offers"], body["lowest_total"]) == ("failed", [], None)
    assert {one["code"] for one in body["messages"]} == {"full"}
    assert {one["channel"] for one in body["messages"]} == {"LCL-1", "AIR-1"}
    numbers = [counter.rows.departures[f"sea{week}"].number for week in range(3)]
    assert f"not enough room is left on {', '.join(numbers)}" in {one["text"] for one in body["messages"]}


WRONG = {
    "origin.code": ({"origin": {"type": "unlocode"}}, "required"),
    "destination.country_code": ({"destination": {"type": "address", "city": "Berlin"}}, "required"),
    "origin.type": ({"origin": {"type": "moon", "code": "X"}}, "not_one_of"),
    "parcels": ({"parcels": []}, "bad_length"),
    "parcels.0.weight": ({"parcel": {"weight": "-1"}}, "out_of_range"),
    "parcels.0.count": ({"parcel": {"count": 0}}, "out_of_range"),
    "parcels.0.goods_class": ({"parcel": {"goods_class": "unobtainium"}}, "goods_class_unknown"),
    "parcels.0.hs_code": ({"parcel": {"hs_code": "12"}}, "bad_shape"),
    "ready_at": ({"ready_at": "2026-11-23T10:00:00"}, "bad_instant"),
    "deliver_by": ({"deliver_by": "2026-11-20T10:00:00Z"}, "deadline_before_ready"),
    "currency": ({"currency": "QQQ"}, "currency_unknown"),
    "preferences.modes.0": ({"preferences": {"modes": ["rocket"]}}, "not_one_of"),
    "customs.mode": ({"customs": {"mode": "1234"}}, "not_one_of"),
    "incoterm": ({"incoterm": "XXX"}, "not_one_of"),
    "colour": ({"colour": "red"}, "unknown_field"),
}


@pytest.mark.parametrize("field", WRONG)
def test_what_cannot_be_understood_is_named(acme, field):
    changed, code = WRONG[field]
    assert faults(acme.post("/quotes", asking(**changed))) == {field: code}


def test_a_quote_and_its_offers_keep_what_booking_needs(counter, acme):
    body = quoted(acme, deliver_by="2027-02-01T00:00:00Z", incoterm="DAP", customs={"mode": "9810"})
    with counter.database.reading() as session:
        quote = session.scalars(select(Quote)).one()
        offers = session.scalars(select(Offer).order_by(Offer.seq)).all()
        segments = session.scalar(select(func.count()).select_from(Segment))
    assert segments > 0
    assert [offer.public_id for offer in offers] == [one["id"] for one in body["offers"]]
    assert (quote.asked["customs_mode"], quote.asked["incoterm"]) == ("9810", "DAP")
    assert quote.asked["lines"][0]["count"] == 10
    for offer in offers:
        assert sum(line["amount_minor"] for line in offer.charges) == offer.total_minor
        assert [leg["seq"] for leg in offer.legs] == list(range(1, len(offer.legs) + 1))
        for leg in offer.legs:
            dated = leg["departure_id"] is not None
            assert (leg["cutoff_at"] is not None, leg["board_seq"] is not None) == (dated, dated)
