"""The cut-offs of a departure call by call, for the page that moves them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Call, Cutoff, Departure
from app.queries.places import Place, places


@dataclass(frozen=True, slots=True)
class BoardingCall:
    """A call where goods board, and its cut-offs: code → instant, the first first."""

    seq: int
    place: Place
    departs_at: datetime
    cutoffs: dict[str, datetime]


def boarding_calls(session: Session, public_id: str) -> Sequence[BoardingCall]:
    """The calls of a departure where goods board, in order."""
    query = (
        select(Call.seq, Call.departs_at, Call.location_id, Cutoff.code, Cutoff.at)
        .join(Departure, Departure.id == Call.departure_id)
        .outerjoin(Cutoff, Cutoff.call_id == Call.id)
        .where(Departure.public_id == public_id, Call.departs_at.is_not(None))
        .order_by(Call.seq, Cutoff.at, Cutoff.code)
    )
    rows = session.execute(query).all()
    known = places(session, [row.location_id for row in rows])
    found: dict[int, BoardingCall] = {}
    for row in rows:
        call = found.setdefault(row.seq, BoardingCall(row.seq, known[row.location_id], row.departs_at, {}))
        if row.code is not None:
            call.cutoffs[row.code] = row.at
    return list(found.values())
