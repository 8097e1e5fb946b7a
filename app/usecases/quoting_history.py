"""What completed trips tell of punctuality: minutes behind schedule, by service and stretch."""

from collections.abc import Iterable
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
MOST_KEPT = 20_000
Stretch = tuple[int, int, int]
"""Service, place where goods board, place where they alight, by row id."""


class _Known:
    """Delays of one database."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.delays: dict[Stretch, tuple[datetime, IntArray]] = {}


_known: WeakKeyDictionary[Connections, _Known] = WeakKeyDictionary()


def delays_of(session: Session, stretches: Iterable[Stretch], now: datetime) -> dict[Stretch, IntArray]:
    """Return minutes behind schedule on arrival [trips], ascending, of each stretch: one query at most."""
    known = _known.setdefault(session.connection().engine.pool, _Known())
    wanted = set(stretches)
    with known.lock:
        found = {
            one: kept[1]
            for one in wanted
            if (kept := known.delays.get(one)) is not None and timedelta() <= now - kept[0] < KEPT
        }
    missing = wanted - found.keys()
    if missing:
        read = _read(session, missing, now)
        with known.lock:
            if len(known.delays) > MOST_KEPT:
                known.delays.clear()
            known.delays.update({one: (now, delays) for one, delays in read.items()})
        found |= read
    return found


def _read(session: Session, stretches: set[Stretch], now: datetime) -> dict[Stretch, IntArray]:
    known = trips(session, stretches, now - LOOKED_BACK, now)
    late = {one: [(trip.actual - trip.planned) // MINUTE for trip in some] for one, some in known.items()}
    return {one: np.array(sorted(some), dtype=np.int64) for one, some in late.items()}
