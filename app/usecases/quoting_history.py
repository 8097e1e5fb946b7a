"""What completed trips tell of punctuality: minutes behind schedule, by service and stretch."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import Pool as Connections
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.models import Call, Departure, TrackingEvent
from routing.arrays import IntArray

KEPT = timedelta(minutes=10)
"""Trips that end later are counted by then."""
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
    board, alight = aliased(Call), aliased(Call)
    query = (
        select(
            Departure.service_id,
            board.location_id.label("start"),
            alight.location_id.label("end"),
            Departure.id,
            alight.arrives_at,
            TrackingEvent.happens_at,
        )
        .join(Departure, Departure.id == TrackingEvent.departure_id)
        .join(alight, (alight.departure_id == Departure.id) & (alight.seq == TrackingEvent.call_seq))
        .join(board, (board.departure_id == Departure.id) & (board.seq < alight.seq))
        .where(Departure.service_id.in_({one[0] for one in stretches}))
        .where(Departure.departs_at > now - LOOKED_BACK, Departure.departs_at <= now)
        .where(TrackingEvent.code == "ARRI", TrackingEvent.classifier == "ACT")
        .order_by(TrackingEvent.received_at, TrackingEvent.id)
    )
    trips: dict[Stretch, dict[int, int]] = defaultdict(dict)
    for row in session.execute(query):
        stretch = (row.service_id, row.start, row.end)
        if stretch in stretches and row.arrives_at is not None:
            # What was reported last of an arrival holds.
            trips[stretch][row.id] = (row.happens_at - row.arrives_at) // timedelta(minutes=1)
    return {one: np.array(sorted(trips[one].values()), dtype=np.int64) for one in stretches}
