"""What is asked, and what it may cost in units of the yardstick."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from http import HTTPStatus
from statistics import median
from typing import Any
from uuid import uuid4

from benchmarks.http.asking import API, Answer, Caller, UnexpectedAnswer
from benchmarks.http.world import World

Ask = Callable[[int], float]
RECORD, LIST, PAGE, BOOKING, REPLAY = 5.0, 10.0, 12.0, 18.0, 7.0
QUOTE, QUOTE_OFFER = 6.0, 0.1
"""For a quote, and for each of its offers."""
NEXT_PAGE = re.compile(rb'rel="next" href="([^"]+)"')
GROWTH = 1.3
"""At ten times the bookings."""
GOODS = {"count": 4, "weight": "6.5", "length": "40", "width": "30", "height": "30", "hs_code": "691200",
         "value": "49.90", "value_currency": "USD"}  # fmt: skip


@dataclass(slots=True)
class Stage:
    """Who asks whom about what, and what came of it."""

    world: World
    caller: Caller
    operator: Caller
    """Signed in to the pages."""
    offers: list[int] = field(default_factory=list)
    """How many each quote had."""
    quotes: list[str] = field(default_factory=list)
    bookings: list[str] = field(default_factory=list)
    _lanes: Iterator[tuple[str, str]] | None = None

    def request(self) -> dict[str, Any]:
        """What a quote is asked for: the same goods, from one hub to one zone after the other."""
        self._lanes = self._lanes or itertools.cycle(self.world.lanes)
        hub, zone = next(self._lanes)
        ready = datetime.now(UTC) + timedelta(days=1)
        return {
            "origin": {"type": "warehouse", "code": hub},
            "destination": {"type": "location", "code": zone},
            "ready_at": ready.isoformat(timespec="seconds"),
            "currency": "USD",
            "parcels": [GOODS],
        }

    def quote(self) -> tuple[Answer, list[str]]:
        """Ask for a quote; the ids of its offers."""
        answer = self.caller.post(f"{API}/quotes", self.request())
        body = answer.told(201)
        self.quotes.append(body["id"])
        self.offers.append(len(body["offers"]))
        return answer, [offer["id"] for offer in body["offers"]]

    def book(self, key: str | None = None) -> tuple[Answer, dict[str, str]]:
        """Book the first offer of a new quote; the answer to the booking, and what was sent."""
        wanted = {"offer_id": self.quote()[1][0], "reference": str(uuid4())}
        answer = self.caller.post(f"{API}/bookings", wanted, key)
        self.bookings.append(answer.told(201)["id"])
        return answer, wanted


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Something to measure: `prepare` gives what is asked each time, `goal` the largest good ratio of the medians."""

    name: str
    prepare: Callable[[Stage], Ask]
    goal: Callable[[Stage], float]


def _records(kind: str, ids: Callable[[Stage], list[str] | tuple[str, ...]]) -> Callable[[Stage], Ask]:
    """Read one record after the other."""

    def prepare(stage: Stage) -> Ask:
        known = itertools.cycle(ids(stage))

        def ask(_number: int) -> float:
            answer = stage.caller.get(f"{API}/{kind}/{next(known)}")
            answer.told(200)
            return answer.seconds

        return ask

    return prepare


def _list_of_50(kind: str) -> Callable[[Stage], Ask]:
    """Read one page of 50 after the other, from the beginning again after the last."""

    def prepare(stage: Stage) -> Ask:
        after = ""

        def ask(_number: int) -> float:
            nonlocal after
            answer = stage.caller.get(f"{API}/{kind}?limit=50{after}")
            cursor = answer.told(200)["next_cursor"]
            after = f"&cursor={cursor}" if cursor else ""
            return answer.seconds

        return ask

    return prepare


def _pages(path: str) -> Callable[[Stage], Ask]:
    """Open one page of a list of 50 rows after the other, as a browser would, without what it loads beside it."""

    def prepare(stage: Stage) -> Ask:
        following = path

        def ask(_number: int) -> float:
            nonlocal following
            answer = stage.operator.get(following)
            if answer.status != HTTPStatus.OK:
                raise UnexpectedAnswer(f"{answer.status} for {following}")
            link = NEXT_PAGE.search(answer.body)
            following = unescape(link[1].decode()) if link else path
            return answer.seconds

        return ask

    return prepare


def _quoting(stage: Stage) -> Ask:
    stage.offers.clear()
    return lambda _number: stage.quote()[0].seconds


def _quoting_after_a_booking(stage: Stage) -> Ask:
    def ask(_number: int) -> float:
        stage.book()
        return stage.quote()[0].seconds

    stage.offers.clear()
    return ask


def _booking(stage: Stage) -> Ask:
    return lambda _number: stage.book()[0].seconds


def _replaying(stage: Stage) -> Ask:
    key = str(uuid4())
    first, wanted = stage.book(key)

    def ask(_number: int) -> float:
        answer = stage.caller.post(f"{API}/bookings", wanted, key)
        if answer.told(201) != first.json() or answer.headers.get("Idempotent-Replayed") != "true":
            raise UnexpectedAnswer("the same key had another answer")
        return answer.seconds

    return ask


def _fixed(goal: float) -> Callable[[Stage], float]:
    return lambda _stage: goal


def _by_offers(stage: Stage) -> float:
    return QUOTE + QUOTE_OFFER * median(stage.offers)


ENDPOINTS = (
    Endpoint("one departure", _records("departures", lambda stage: stage.world.departures), _fixed(RECORD)),
    Endpoint("one parcel", _records("parcels", lambda stage: stage.world.parcels), _fixed(RECORD)),
    Endpoint("one quote", _records("quotes", lambda stage: stage.quotes), _fixed(RECORD)),
    Endpoint("one booking", _records("bookings", lambda stage: stage.bookings), _fixed(RECORD)),
    Endpoint("50 departures", _list_of_50("departures"), _fixed(LIST)),
    Endpoint("50 parcels", _list_of_50("parcels"), _fixed(LIST)),
    Endpoint("50 quotes", _list_of_50("quotes"), _fixed(LIST)),
    Endpoint("50 bookings", _list_of_50("bookings"), _fixed(LIST)),
    Endpoint("page of departures", _pages("/departures"), _fixed(PAGE)),
    Endpoint("page of parcels", _pages("/pool"), _fixed(PAGE)),
    Endpoint("page of quotes", _pages("/quotes"), _fixed(PAGE)),
    Endpoint("page of bookings", _pages("/bookings"), _fixed(PAGE)),
    Endpoint("quote", _quoting, _by_offers),
    Endpoint("quote after a booking", _quoting_after_a_booking, _by_offers),
    Endpoint("booking", _booking, _fixed(BOOKING)),
    Endpoint("replay of a booking", _replaying, _fixed(REPLAY)),
)
