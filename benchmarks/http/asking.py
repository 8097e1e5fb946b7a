"""Asking over HTTP and measuring it: kept connections, one request after the other, the yardstick in between."""

from __future__ import annotations

import http.client
import itertools
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from benchmarks.http.servers import Server

API = "/api/v1"


class UnexpectedAnswer(RuntimeError):
    """An answer with another status than the measurement is about; it ends the measurement."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and after how many seconds."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)

    def told(self, status: int) -> Any:
        """The body if the status is this one; UnexpectedAnswer."""
        if self.status != status:
            raise UnexpectedAnswer(f"{self.status} instead of {status}: {self.body[:600]!r}")
        return self.json()


class Caller:
    """One client with a connection that it keeps, and keys that it takes in turn: each has a rate of its own."""

    def __init__(self, server: Server, secrets: Sequence[str] = ()) -> None:
        self._server = server
        self._secrets = itertools.cycle(secrets or ("",))
        self._cookie = ""
        self._connection = server.asked()

    def get(self, path: str) -> Answer:
        """GET."""
        return self._ask("GET", path, None, {})

    def post(self, path: str, body: Any, key: str | None = None) -> Answer:
        """POST with an Idempotency-Key, a fresh one if none is given."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key or str(uuid4())}
        return self._ask("POST", path, json.dumps(body).encode(), headers)

    def sign_in(self, token: str) -> None:
        """Set a password by the one-time link of this token, and ask as that person from now on."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._ask("POST", f"/password/{token}", urlencode({"password": str(uuid4())}).encode(), form)
        if answer.status != HTTPStatus.SEE_OTHER:
            raise UnexpectedAnswer(f"{answer.status} to a one-time link")
        self._cookie = answer.headers["Set-Cookie"].partition(";")[0]

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        secret = next(self._secrets)
        headers |= {"Authorization": f"Bearer {secret}"} if secret else {}
        headers |= {"Cookie": self._cookie} if self._cookie else {}
        began = time.perf_counter()
        try:
            return self._once(method, path, body, headers, began)
        except (ConnectionError, http.client.RemoteDisconnected):
            # A kept connection may have been closed while nothing was asked; the first byte says so.
            self._connection.close()
            return self._once(method, path, body, headers, time.perf_counter())

    def _once(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], began: float
    ) -> Answer:
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        seconds = time.perf_counter() - began
        return Answer(response.status, dict(response.getheaders()), content, seconds)

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of the yardstick and of what is measured, taken in turns."""

    yardstick: list[float]
    ours: list[float]

    def figures(self) -> dict[str, float | int]:
        """Medians and 99th percentiles in ms, and their ratios."""
        b50, b99 = (1000 * percentile(self.yardstick, share) for share in (0.5, 0.99))
        p50, p99 = (1000 * percentile(self.ours, share) for share in (0.5, 0.99))
        return {
            "requests": len(self.ours),
            "b_p50_ms": round(b50, 3),
            "b_p99_ms": round(b99, 3),
            "p50_ms": round(p50, 3),
            "p99_ms": round(p99, 3),
            "ratio_p50": round(p50 / b50, 2),
            "ratio_p99": round(p99 / b99, 2),
        }


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that so large a share does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def in_turns(bare: Caller, ask: Callable[[int], float], seconds: float, least: int, warm_up: int) -> Times:
    """Ask the yardstick, then what is measured (`ask(n)` gives its seconds), for so long and at least so often.

    The first `warm_up` rounds do not count.
    """
    times = Times([], [])
    until = time.perf_counter() + seconds
    for number in itertools.count():
        if number == warm_up:
            until = time.perf_counter() + seconds
        if number >= warm_up + least and time.perf_counter() > until:
            return times
        hello = bare.get("/")
        if hello.body != b"hello":
            raise UnexpectedAnswer(f"the yardstick answers {hello.status}")
        took = ask(number)
        if number >= warm_up:
            times.yardstick.append(hello.seconds)
            times.ours.append(took)
    raise AssertionError("unreachable")
