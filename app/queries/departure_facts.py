"""What the timetable says of a departure: its calls and cut-offs."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from app.db import fetch
from app.models import Call, Cutoff, Location
from app.queries.places import COLUMNS as PLACE
from app.queries.places import Place, places
from app.queries.timetable import kept

IDS: BindParameter[Any] = bindparam("ids", expanding=True)
CALLS = (
    select(Call.departure_id, Call.seq, Call.arrives_at, Call.departs_at, *PLACE)
    .join(Location, Location.id == Call.location_id)
    .where(Call.departure_id.in_(IDS))
    .order_by(Call.departure_id, Call.seq)
)
CUTOFFS = (
    select(Call.departure_id, Call.location_id, Cutoff.code, Cutoff.at)
    .join(Call, Call.id == Cutoff.call_id)
    .where(Call.departure_id.in_(IDS))
    .order_by(Cutoff.at, Cutoff.code)
)


@dataclass(frozen=True, slots=True)
class CutoffRow:
    """The latest moment for one task at one call."""

    code: str
    at: datetime
    place: Place


@dataclass(frozen=True, slots=True)
class CallRow:
    """The departure at one place."""

    seq: int
    place: Place
    arrives_at: datetime | None
    departs_at: datetime | None


@dataclass(frozen=True, slots=True)
class DepartureFacts:
    """Where and when a departure calls, and until when what must be done."""

    border: Place | None
    calls: tuple[CallRow, ...]
    cutoffs: tuple[CutoffRow, ...]


def departure_facts(session: Session, borders: Mapping[int, int | None]) -> dict[int, DepartureFacts]:
    """Of the departures that are named by row id, each with the id of the place where its way changes gauge."""
    return kept(session, "departure", borders, lambda ids: _read(session, {one: borders[one] for one in ids}))


def _read(session: Session, borders: Mapping[int, int | None]) -> dict[int, DepartureFacts]:
    if not borders:
        return {}
    place: dict[int, Place] = {}
    calls: dict[int, list[CallRow]] = defaultdict(list)
    for row in fetch(session, CALLS, ids=list(borders)).all():
        departure_id, seq, arrives_at, departs_at, place_id, *facts = tuple[Any, ...](row)
        if place_id not in place:
            place[place_id] = Place(place_id, *facts)
        calls[departure_id].append(CallRow(seq, place[place_id], arrives_at, departs_at))
    cutoffs: dict[int, list[CutoffRow]] = defaultdict(list)
    for departure_id, location_id, code, at in fetch(session, CUTOFFS, ids=list(borders)).all():
        cutoffs[departure_id].append(CutoffRow(code, at, place[location_id]))
    place |= places(session, {one for one in borders.values() if one is not None and one not in place})
    return {
        one: DepartureFacts(
            place[border] if border is not None else None, tuple(calls[one]), tuple(cutoffs[one])
        )
        for one, border in borders.items()
    }
