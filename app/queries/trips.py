"""Trips that ended, as history: how they were planned and how they came out."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.models import Call, Departure, TrackingEvent
from routing.tracking import ACTUAL, ARRIVES

Lane = tuple[int, int, int]
"""Service, place where goods board, place where they alight, by row id."""


class Trip(NamedTuple):
    """When a departure was planned to arrive, and when it did."""

    planned: datetime
    actual: datetime


def trips(
    session: Session, lanes: Collection[Lane], since: datetime, until: datetime
) -> dict[Lane, list[Trip]]:
    """The completed trips of each lane that left in a span of time, oldest departure first; one query for all.

    An arrival that was reported more than once is where the report that was written last says.
    """
    wanted = set(lanes)
    board, alight = aliased(Call), aliased(Call)
    query = (
        select(
            Departure.service_id, board.location_id, alight.location_id, Departure.id, alight.seq,
            alight.arrives_at, TrackingEvent.happens_at,
        )
        .join(Departure, Departure.id == TrackingEvent.departure_id)
        .join(alight, (alight.departure_id == Departure.id) & (alight.seq == TrackingEvent.call_seq))
        .join(board, (board.departure_id == Departure.id) & (board.seq < alight.seq))
        .where(Departure.service_id.in_({service for service, _, _ in wanted}))
        .where(board.location_id.in_({start for _, start, _ in wanted}))
        .where(alight.location_id.in_({end for _, _, end in wanted}))
        .where(Departure.departs_at >= since, Departure.departs_at < until)
        .where(TrackingEvent.code == ARRIVES, TrackingEvent.classifier == ACTUAL)
        .order_by(
            Departure.departs_at, Departure.id, TrackingEvent.reported_at, TrackingEvent.source,
            TrackingEvent.source_id,
        )
    )  # fmt: skip
    found: dict[Lane, dict[tuple[int, int], Trip]] = {lane: {} for lane in wanted}
    for service, start, end, departure, seq, planned, actual in session.execute(query):
        if (service, start, end) in wanted and planned is not None:
            found[service, start, end][departure, seq] = Trip(planned, actual)
    return {lane: list(ended.values()) for lane, ended in found.items()}
