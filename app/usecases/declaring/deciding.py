"""Decide the customs mode of booked exports that came without one: the order pool does not change what is booked."""

from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid
from app.models import BookingLeg, Location, Parcel
from app.models.pool import CUSTOMS_MODES
from app.usecases import auditing
from app.usecases.declaring.candidates import booked_mode, not_listed, read_candidates


def give_mode(
    session: Session, actor: Actor, now: datetime, port: str, month: date, mode: str, was: str = ""
) -> int:
    """Give what waits at a port in a month a mode its booking does not have; an empty one takes the mode `was` back.

    Returns how many parcels. Raises Invalid, Conflict where none waits so.
    """
    place = session.scalar(select(Location).where(Location.code == port).with_for_update(key_share=True))
    for field, known in (("port", place is not None), ("mode", mode in (*CUSTOMS_MODES, ""))):
        if not known:
            raise Invalid(f"there is no such {field}", (FieldError(field, "invalid", f"no such {field}"),))
    waiting = read_candidates(
        session,
        not_listed(),
        booked_mode.is_(None),
        func.coalesce(Parcel.customs_mode, "") == was,
        BookingLeg.from_id == (place.id if place else 0),
    )
    days = {one.parcel_id: one.booked.departs_on for one in waiting}
    parcels = [parcel for parcel, day in days.items() if day and day.replace(day=1) == month]
    if not parcels:
        raise Conflict("nothing waits there whose mode the desk decides")
    session.execute(update(Parcel).where(Parcel.id.in_(parcels)).values(customs_mode=mode or None))
    auditing.record(
        session, actor, now, "customs.mode_given", place.public_id if place else "",
        before={"customs_mode": was}, after={"customs_mode": mode, "month": f"{month:%Y-%m}", "parcels": len(parcels)},
    )  # fmt: skip
    return len(parcels)
