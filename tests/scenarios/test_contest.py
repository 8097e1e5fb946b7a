"""The last kilogram: fifty clients book it at once, one gets it, and the others are told that it is gone."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest
from sqlalchemy import select

from app.actor import Actor
from app.db import Database, make_engine
from app.errors import CapacityGone
from app.models import CapacityPool, SpaceAllocation
from app.usecases.booking import book_offer
from tests import factories as make
from tests.booking_rows import LINE, make_offer, make_quote
from tests.factories import NOW
from tests.live import SECRET, clean_environment
from tests.scenarios import selling
from tests.scenarios.webs import web

CLIENTS = 50
PROCESSES = 4
"""As many web processes, each with connections of its own."""
WEIGHT_G = LINE["count"] * LINE["weight_g"]


@pytest.fixture
def databases(database_url):
    """The database, as each of several processes has it."""
    engines = [make_engine(database_url) for _ in range(PROCESSES)]
    yield [Database(engine) for engine in engines]
    for engine in engines:
        engine.dispose()


def one_left(database):
    """A departure with room for one shipment, and an offer of it for each client; the pool and the offers."""
    with database.transaction() as session:
        departure = make.make_departure(session, pools={"g": (WEIGHT_G + 1_999, 0, 0), "cm3": (10**9, 0, 0)})
        exporters = [make.make_party(session) for _ in range(5)]
        offers = [
            (make_offer(session, [departure], make_quote(session, exporter)).public_id, exporter.id)
            for exporter in exporters
            for _ in range(CLIENTS // len(exporters))
        ]
        pool = next(one for one in departure.segments[0].pools if one.dimension == "g")
        return pool.id, offers


def book_all(databases, offers):
    """Book every offer at the same moment; what became of it how often."""
    start = Barrier(len(offers))

    def book(numbered):
        number, (offer, exporter) = numbered
        start.wait()
        try:
            with databases[number % PROCESSES].transaction() as session:
                book_offer(session, Actor("key", "key_test", "exporter", exporter), NOW, offer)
        except CapacityGone as gone:
            return gone.code
        return "booked"

    with ThreadPoolExecutor(len(offers)) as clients:
        return Counter(clients.map(book, enumerate(offers)))


@pytest.mark.parametrize("rounds", [2, pytest.param(50, marks=pytest.mark.full)])
def test_exactly_one_of_fifty_gets_the_last_space(databases, rounds):
    for _ in range(rounds):
        pool_id, offers = one_left(databases[0])

        assert book_all(databases, offers) == {"booked": 1, "capacity_gone": CLIENTS - 1}
        with databases[0].reading() as session:
            pool = session.get_one(CapacityPool, pool_id)
            taken = session.scalars(
                select(SpaceAllocation.quantity).where(SpaceAllocation.pool_id == pool_id)
            )
            assert (pool.booked, pool.held, list(taken)) == (WEIGHT_G, 0, [WEIGHT_G])


@pytest.fixture
def shop(database, database_url, redis_url, tmp_path):
    """The product on two processes, with an exporter."""
    built = selling.build(database)
    env = clean_environment(
        FOURPORT_DATA_DIR=str(tmp_path),
        FOURPORT_DATABASE_URL=database_url,
        FOURPORT_REDIS_URL=redis_url,
        FOURPORT_SECRET_KEY=SECRET,
    )
    with web(env) as server:
        yield server, built


def post_all(url, secrets, offers):
    """POST a booking of each offer at the same moment, once; the statuses and codes, and how often each came."""
    start = Barrier(len(offers))

    def post(numbered):
        number, offer = numbered
        headers = {"Authorization": f"Bearer {secrets[number % len(secrets)]}", "Idempotency-Key": offer}
        with httpx.Client(base_url=url, headers=headers, timeout=120) as caller:
            start.wait()
            return selling.outcome(caller.post("/api/v1/bookings", json={"offer_id": offer}))

    with ThreadPoolExecutor(len(offers)) as clients:
        return Counter(clients.map(post, enumerate(offers)))


@pytest.mark.parametrize("rounds", [1, pytest.param(5, marks=pytest.mark.full)])
def test_over_http_one_gets_it_and_the_others_hear_409(shop, database, rounds):
    server, built = shop
    with selling.client(server.url, built.secrets[0]) as exporter:
        quotes = [exporter.quotes.create(selling.request(built)) for _ in range(CLIENTS + rounds - 1)]
        offers = [offer["id"] for offer in quotes[0]["offers"]]
        loose, pools = selling.loose_offer(database, offers)
        rank = offers.index(loose)
        open_offers = [quote["offers"][rank]["id"] for quote in quotes]
        for _ in range(rounds):
            selling.leave_room(database, pools, selling.WEIGHT_G)

            outcomes = post_all(server.url, built.secrets, open_offers[:CLIENTS])
            assert outcomes == {201: 1, "capacity_gone": CLIENTS - 1}
            selling.assert_sound(database)
            booked = {booking["offer_id"] for booking in exporter.bookings.list()}
            open_offers = [offer for offer in open_offers if offer not in booked]
