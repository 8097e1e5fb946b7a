"""A shipment from its quote to its delivery, and a quote that ran out, on the product as people run it."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update

from app.actor import system
from app.clock import now
from app.db import Database, make_engine
from app.models import Offer, Quote, SpaceAllocation
from app.usecases import api_keys
from fourport_client import CapacityGone, QuoteExpired
from tests.conftest import fresh_database
from tests.live import running_product
from tests.scenarios import selling


@pytest.fixture(scope="module")
def database_url(backend, request, tmp_path_factory):
    """One installation a backend for all tests here; each has a lane of its own."""
    yield from fresh_database(backend, request, tmp_path_factory.mktemp("bookings"))


@pytest.fixture(scope="module")
def database(database_url):
    """Its rows."""
    engine = make_engine(database_url)
    yield Database(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def shop(database, database_url, tmp_path_factory):
    """The product with workers, a world that sells, and the key of an operator."""
    built = selling.build(database)
    with database.transaction() as session:
        operator = api_keys.add_api_key(session, system("test"), now(), role="operator")[1]
    with running_product(tmp_path_factory.mktemp("product"), database_url) as product:
        yield product, built, operator


@pytest.fixture
def exporter(shop):
    product, built, _ = shop
    with selling.client(product.url, built.secrets[0]) as found:
        yield found


@pytest.fixture
def report(shop):
    """Report what happened, as the operation does: to what, and how many minutes ago."""
    product, _, operator = shop

    def send(subject, code, minutes_ago, **facts):
        at = now() - timedelta(minutes=minutes_ago)
        event = {"eventID": f"{subject} {code}", "code": code, "eventDateTime": at.isoformat(), **facts}
        headers = {"Authorization": f"Bearer {operator}", "Idempotency-Key": event["eventID"]}
        answer = httpx.post(f"{product.url}/api/v1/{subject}/events", json=event, headers=headers, timeout=60)
        assert (answer.status_code, answer.json()["outcome"]) == (200, "accepted"), answer.text

    return send


def allocations(database, **owner):
    """State and quantity of the space in kilograms that an offer or a booking has."""
    with database.reading() as session:
        query = select(SpaceAllocation.state, SpaceAllocation.quantity).where(
            SpaceAllocation.dimension == "g"
        )
        return sorted(tuple(row) for row in session.execute(query.filter_by(**owner)))


def row_id(database, offer):
    with database.reading() as session:
        return session.scalars(select(Offer.id).where(Offer.public_id == offer)).one()


def pool_parcels(exporter, built, count):
    """Parcels as large as what was quoted, in the order pool."""
    hub, zone = built.lanes[0]
    facts = {
        "direction": "export", "origin": hub, "destination": zone, "weight_kg": "6.5", "length_cm": 40, "width_cm": 30,
        "height_cm": 30, "goods_class": "general", "value": "49.90", "currency": "USD",
        "ready_at": (now() + timedelta(hours=20)).isoformat(timespec="seconds"),
    }  # fmt: skip
    return [exporter.parcels.create(facts | {"reference": f"MUGS-{n}"})["id"] for n in range(count)]


def test_a_shipment_is_quoted_held_booked_labelled_tracked_and_delivered(shop, database, exporter, report):
    _, built, _ = shop
    quote = exporter.quotes.create(selling.request(built, hold=True))
    offer = quote["offers"][0]
    held = allocations(database, offer_id=row_id(database, offer["id"]))
    assert offer["capacity"]["held_until"] is not None
    assert {state for state, _ in held} == {"held"}

    booking = exporter.bookings.create(offer["id"], reference="PO-1")
    assert (booking["status"], booking["total"]) == ("CONFIRMED", offer["total"])
    assert exporter.quotes.get(quote["id"])["status"] == "accepted"
    booked = allocations(database, offer_id=row_id(database, offer["id"]))
    assert [("booked", weight_g) for _, weight_g in held] == [one for one in booked if one[0] == "booked"]

    filled = exporter.bookings.add_parcels(booking["id"], pool_parcels(exporter, built, 4))
    numbers = [parcel["tracking_number"] for parcel in filled["parcels"]]
    assert len(set(numbers)) == 4
    assert exporter.bookings.labels(booking["id"]).startswith(b"%PDF-")
    assert exporter.bookings.labels(booking["id"], "zpl").count(b"^XA") == 4

    assert exporter.tracking.get(numbers[0])["status"] == "pending"
    for leg in (leg for leg in booking["legs"] if leg["departure_id"]):
        report(f"departures/{leg['departure_id']}", "DEPA", 30, location=leg["from"])
        assert exporter.tracking.get(numbers[0])["status"] == "in_transit"
        report(f"departures/{leg['departure_id']}", "ARRI", 20, location=leg["to"])
    for parcel in filled["parcels"]:
        report(f"parcels/{parcel['id']}", "delivered", 10)

    assert {exporter.tracking.get(number)["status"] for number in numbers} == {"delivered"}
    assert exporter.bookings.get(booking["id"])["status"] == "COMPLETED"
    selling.assert_sound(database)


def test_a_quote_that_ran_out_is_410_and_its_space_is_anybodys(shop, database, exporter):
    _, built, _ = shop
    quote = exporter.quotes.create(selling.request(built, 1, hold=True))
    other = exporter.quotes.create(selling.request(built, 1))
    offer, pools = selling.loose_offer(database, [quote["offers"][0]["id"]])
    (same,) = [one["id"] for one in other["offers"] if rides(one) == rides(quote["offers"][0])]
    selling.leave_room(database, pools, 0)
    with pytest.raises(CapacityGone):
        exporter.bookings.create(same)
    let_time_pass(database, quote["id"], offer)

    with pytest.raises(QuoteExpired) as refused:
        exporter.bookings.create(offer)
    read = exporter.quotes.get(quote["id"])
    assert refused.value.status == 410
    assert (read["status"], read["offers"][0]["id"]) == ("expired", offer)
    assert exporter.bookings.create(same)["status"] == "CONFIRMED"
    selling.assert_sound(database)


def let_time_pass(database, quote, offer):
    """As if the quote and its hold had run out a minute ago."""
    ago = now() - timedelta(minutes=1)
    with database.transaction() as session:
        session.execute(update(Quote).where(Quote.public_id == quote).values(expires_at=ago))
        of_offer = SpaceAllocation.offer_id == row_id(database, offer)
        session.execute(update(SpaceAllocation).where(of_offer).values(expires_at=ago))


def rides(offer):
    """How an offer travels."""
    return [(leg["departure_id"], leg["from"], leg["to"]) for leg in offer["legs"]]
