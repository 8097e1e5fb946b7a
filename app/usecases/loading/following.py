"""Units leave with their departure: what its events say of them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.actor import system
from app.models import LoadUnit, TrackingEvent
from app.usecases import auditing
from app.usecases.loading.contents import lock_units
from app.usecases.warehousing.refusals import step
from routing.tracking import ACTUAL, DEPARTS
from warehouses.loading import LOAD_STEPS

FOLLOWER = system("tracking")


def follow_departed(session: Session, now: datetime, departures: Collection[int]) -> None:
    """Units loaded on departures that have left the calls where they boarded are under way."""
    left = exists().where(
        TrackingEvent.departure_id == LoadUnit.departure_id,
        TrackingEvent.classifier == ACTUAL,
        TrackingEvent.code == DEPARTS,
        TrackingEvent.call_seq >= LoadUnit.board_seq,
    )
    ids = select(LoadUnit.id).where(LoadUnit.departure_id.in_(departures), LoadUnit.status == "loaded", left)
    for unit in lock_units(session, session.scalars(ids).all()):
        if unit.status == "loaded":
            unit.status, unit.departed_at = step(LOAD_STEPS, "depart", unit.status), now
            auditing.record(session, FOLLOWER, now, "load_unit.departed", unit.public_id)
    session.flush()
