"""The web killed in the middle of bookings, and Redis gone: nothing is lost, and nothing happens twice."""

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import func, select

from app.models import Booking, Consignment, SpaceAllocation
from app.servers import private_redis
from tests.live import INSTALL, SECRET, clean_environment
from tests.scenarios import selling
from tests.scenarios.webs import web

CLIENTS = 4
EACH = 6
MANY = 1_000
"""Attempts: clients go on until the web is there again."""


@pytest.fixture
def built(database):
    """A world that sells."""
    return selling.build(database)


@pytest.fixture
def environment(database_url, tmp_path):
    """What the web is told, but for Redis."""
    return clean_environment(
        FOURPORT_DATA_DIR=str(tmp_path), FOURPORT_DATABASE_URL=database_url, FOURPORT_SECRET_KEY=SECRET
    )


class Kills:
    """Kills the web a while after so many bookings were answered, and starts it again, so many times."""

    def __init__(self, server, times):
        self._server, self._wanted = server, times
        self._answered = itertools.count(1)
        self._due = threading.Semaphore(0)
        self.done = 0

    def heard(self):
        """One more booking was answered."""
        if next(self._answered) % (CLIENTS * EACH // (self._wanted + 1)) == 0:
            self._due.release()

    def run(self):
        """Do it; each kill hits whatever is under way."""
        while self.done < self._wanted:
            assert self._due.acquire(timeout=120)
            time.sleep(0.02 * (self.done + 1))
            self._server.kill()
            self._server.start()
            self.done += 1


@pytest.mark.parametrize("times", [1, pytest.param(5, marks=pytest.mark.full)])
def test_a_killed_web_loses_no_booking_and_makes_none_twice(database, built, environment, redis_url, times):
    with web(environment | {"FOURPORT_REDIS_URL": redis_url}) as server:
        kills = Kills(server, times)

        def book(number):
            """Quote, then book each with a key of its own; offer and booking, as the answers say."""
            secret, found = built.secrets[number], {}
            with selling.client(server.url, secret, attempts=MANY, pause_s=0.05) as exporter:
                for step in range(EACH):
                    quote = exporter.quotes.create(selling.request(built, step % len(built.lanes)))
                    offer = quote["offers"][0]["id"]
                    found[offer] = exporter.bookings.create(offer, key=f"key-of-{offer}")["id"]
                    kills.heard()
            return found

        with ThreadPoolExecutor(CLIENTS + 1) as threads:
            killing = threads.submit(kills.run)
            told = {key: value for one in threads.map(book, range(CLIENTS)) for key, value in one.items()}
            killing.result()
        with selling.client(server.url, built.secrets[0]) as exporter:
            again = {offer: exporter.bookings.create(offer, key=f"key-of-{offer}")["id"] for offer in told}
            listed = [booking["id"] for booking in exporter.bookings.list()]

    assert kills.done == times
    assert again == told
    assert sorted(listed) == sorted(told.values())
    assert len(set(told.values())) == len(told) == CLIENTS * EACH
    with database.reading() as session:
        counts = (session.scalar(select(func.count(model.id))) for model in (Booking, Consignment))
        assert list(counts) == [CLIENTS * EACH] * 2
        of_nobody = select(SpaceAllocation.id).where(SpaceAllocation.booking_id.not_in(select(Booking.id)))
        assert session.scalars(of_nobody).all() == []
    selling.assert_sound(database)


def test_without_redis_quotes_and_bookings_still_work(database, built, environment, tmp_path):
    with (
        private_redis(tmp_path, durable=False, install=INSTALL) as redis_url,
        web(environment | {"FOURPORT_REDIS_URL": redis_url}) as server,
    ):
        with selling.client(server.url, built.secrets[0]) as exporter:
            before = exporter.quotes.create(selling.request(built))
        stop_redis(redis_url)

        ready = httpx.get(f"{server.url}/readyz")
        with selling.client(server.url, built.secrets[0]) as exporter:
            booked = exporter.bookings.create(before["offers"][0]["id"])
            held = exporter.quotes.create(selling.request(built, hold=True))
            second = exporter.bookings.create(held["offers"][0]["id"], key="once")
            again = exporter.bookings.create(held["offers"][0]["id"], key="once")

    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert booked["status"] == second["status"] == "CONFIRMED"
    assert again == second
    selling.assert_sound(database)


def stop_redis(url):
    """Take it away under the product."""
    from redis import Redis
    from redis.exceptions import ConnectionError as Gone

    with pytest.raises(Gone):
        Redis.from_url(url).shutdown(nosave=True)
        Redis.from_url(url).ping()
