"""What completed trips tell of punctuality: minutes behind schedule, by service and stretch."""

from datetime import datetime, timedelta
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import Pool as Connections
from sqlalchemy.orm import Session

from app.queries.trips import trips
from routing.arrays import IntArray

KEPT = timedelta(minutes=10)
"""Trips that end later are counted by then."""
MINUTE = timedelta(minutes=1)
LOOKED_BACK = timedelta(days=365)
MOST_KEPT = 2_000
"""Lanes whose stretches are kept together."""
Stretch = tuple[int, int, int]
"""Service, place where goods board, place where they alight, by row id."""


class _Known:
    """Delays of one database, and what was asked for together."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.delays: dict[Stretch, tuple[datetime, IntArray]] = {}
        self.together: dict[frozenset[Stretch], tuple[datetime, dict[Stretch, IntArray]]] = {}


_known: WeakKeyDictionary[Connections, _Known] = WeakKeyDictionary()


def delays_of(session: Session, stretches: frozenset[Stretch], now: datetime) -> dict[Stretch, IntArray]:
    """Return minutes behind schedule on arrival [trips], ascending, of each stretch: one query at most."""
    known = _known.setdefault(session.connection().engine.pool, _Known())
    kept = known.together.get(stretches)
    if kept is not None and timedelta() <= now - kept[0] < KEPT:
        return kept[1]
    with known.lock:
        fresh = {one: some for one, some in known.delays.items() if timedelta() <= now - some[0] < KEPT}
        missing = stretches - fresh.keys()
    read = _read(session, set(missing), now) if missing else {}
    with known.lock:
        known.delays = fresh | {one: (now, delays) for one, delays in read.items()}
        if len(known.together) > MOST_KEPT:
            known.together.clear()
        found = {one: known.delays[one] for one in stretches}
        since = min((at for at, _ in found.values()), default=now)
        known.together[stretches] = since, {one: delays for one, (_, delays) in found.items()}
        return known.together[stretches][1]


def _read(session: Session, stretches: set[Stretch], now: datetime) -> dict[Stretch, IntArray]:
    known = trips(session, stretches, now - LOOKED_BACK, now)
    late = {one: [(trip.actual - trip.planned) // MINUTE for trip in some] for one, some in known.items()}
    return {one: np.array(sorted(some), dtype=np.int64) for one, some in late.items()}
