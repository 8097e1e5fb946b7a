"""What follows from the timetable alone is read once, and kept by this process until somebody changes the timetable.

Only looks that see one state of the database keep and are told: what a transaction has changed is not committed.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Pool as Connections
from sqlalchemy.orm import Session

from app.db import Look
from app.queries.network_revision import read_revision

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
MOST_KEPT = 5_000
"""Facts kept for each database, up to 4 kB each."""
TIMETABLE = "timetable"
"""Where a look keeps which timetable it sees."""


@dataclass(slots=True)
class _Known:
    """Facts of one timetable, by what they are and whose."""

    timetable: int
    facts: dict[tuple[str, Hashable], Any] = field(default_factory=dict)


_known: WeakKeyDictionary[Connections, _Known] = WeakKeyDictionary()


def kept(
    session: Session, what: str, wanted: Iterable[K], read: Callable[[list[K]], dict[K, V]]
) -> dict[K, V]:
    """For each of `wanted` what `read` finds for it; it is asked for what is not known, and finds all of that."""
    keys = list(wanted)
    known = _known_to(session)
    if known is None:
        return read(keys)
    if missing := [one for one in keys if (what, one) not in known.facts]:
        known.facts.update({(what, one): fact for one, fact in read(missing).items()})
    return {one: known.facts[what, one] for one in keys}


def _known_to(session: Session) -> _Known | None:
    if not isinstance(session, Look):
        return None
    if TIMETABLE not in session.info:
        session.info[TIMETABLE] = read_revision(session).timetable
    timetable: int | None = session.info[TIMETABLE]
    if timetable is None:
        return None
    connections = session.connection().engine.pool
    known = _known.get(connections)
    if known is None or known.timetable != timetable or len(known.facts) > MOST_KEPT:
        known = _known[connections] = _Known(timetable)
    return known
