"""Several clients at once: every request is answered, and the space they took adds up exactly."""

from __future__ import annotations

import http.client
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from app.db import Database
from app.models import Booking
from app.queries import invariants
from benchmarks.http.asking import API, Caller, UnexpectedAnswer
from benchmarks.http.endpoints import Stage
from benchmarks.http.servers import Server
from benchmarks.http.world import World
from benchmarks.tasks import Figures, Line

CLIENTS = 8


@dataclass(slots=True)
class _Tally:
    """What one client sent and got."""

    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    booked: list[str] = field(default_factory=list)


class _CountingCaller(Caller):
    """A caller that counts."""

    def __init__(self, server: Server, secrets: Sequence[str], tally: _Tally) -> None:
        super().__init__(server, secrets)
        self._tally = tally

    def _ask(self, method, path, body, headers):  # type: ignore[no-untyped-def]
        self._tally.sent += 1
        answer = super()._ask(method, path, body, headers)
        self._tally.statuses[answer.status] += 1
        return answer


def in_parallel(
    name: str, server: Server, world: World, database: Database, seconds: float, now: datetime
) -> Line:
    """Quote, book and read with eight clients for so long, then count bookings and check every invariant."""
    began = time.perf_counter()
    shares = [world.secrets[client::CLIENTS] for client in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        tallies = list(pool.map(lambda secrets: _client(server, world, secrets, seconds), shares))
    took = time.perf_counter() - began
    sent, answered = sum(one.sent for one in tallies), sum(one.statuses.total() for one in tallies)
    statuses = sum((one.statuses for one in tallies), Counter())
    booked = [reference for one in tallies for reference in one.booked]
    with database.reading() as session:
        kept = session.scalar(select(func.count()).where(Booking.public_id.in_(booked))) or 0
        broken = invariants.broken(session, now)
    lost = sent - answered + sum(count for status, count in statuses.items() if status >= 500)
    figures: Figures = {
        "limit_s": seconds,
        "requests": sent,
        "statuses": " ".join(f"{status}:{count}" for status, count in sorted(statuses.items())),
        "lost": lost,
        "bookings": len(booked),
        "bookings_kept": kept,
        "invariants_broken": len(broken),
        "a_second": round(answered / took, 1),
        "met": "yes" if not lost and not broken and kept == len(booked) else "no",
    }
    return Line(name, figures, wrong=figures["met"] == "no")


def _client(server: Server, world: World, secrets: Sequence[str], seconds: float) -> _Tally:
    tally = _Tally()
    caller = _CountingCaller(server, secrets, tally)
    stage = Stage(world, caller, caller)
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        try:
            answer, _ = stage.book()
            reference = answer.json()["id"]
            tally.booked.append(reference)
            stage.caller.get(f"{API}/bookings/{reference}")
        except (UnexpectedAnswer, OSError, http.client.HTTPException):
            continue  # the tally says what was answered, and what was not
    stage.caller.close()
    return tally
