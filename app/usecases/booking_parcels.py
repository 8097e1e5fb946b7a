"""Fill the booked lines with parcels of the order pool, and take them out again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, ExceedsBooking, FieldError, Invalid, NotFound
from app.models import Booking, BookingLine, Consignment, ImportBatch, Parcel
from app.usecases.booking import happened, lock_booking
from trade.bookings import BookedLine, fill_lines
from trade.errors import TradeError
from trade.numbering import tracking_number


def add_parcels(
    session: Session, actor: Actor, now: datetime, booking_id: str, which: Sequence[str] | str
) -> list[Parcel]:
    """Fill a booking with parcels by their ids, or with all of an import by the id of its batch.

    Parcels that fill it already stay as they are, so that asking twice is safe. Each new one gets its tracking
    number. Raises NotFound, Conflict (the booking is over), ExceedsBooking and Invalid naming each parcel.
    """
    booking = lock_booking(session, actor, booking_id)
    parcels = _parcels(session, booking, which)
    lines = {line.id: line for line in booking.lines}
    new = [one for one in parcels if one.booking_line_id not in lines]
    _check_fit(booking, new)
    if not new:
        return parcels
    ordered = booking.lines
    try:
        found = fill_lines(
            _booked(session, ordered), [(one.goods_class, one.weight_g, one.volume_cm3) for one in new]
        )
    except TradeError as error:
        raise _exceeds(error, new) from error
    consignment = session.scalars(
        select(Consignment).where(Consignment.booking_id == booking.id).order_by(Consignment.id)
    ).first()
    for parcel, index in zip(new, found, strict=True):
        parcel.booking_line_id = ordered[index].id
        parcel.consignment_id = consignment.id if consignment else None
        parcel.tracking_number = parcel.tracking_number or tracking_number()
        ordered[index].filled += 1
    happened(session, actor, now, booking, "parcels_added", {"parcels": [one.public_id for one in new]})
    return parcels


def remove_parcel(session: Session, actor: Actor, now: datetime, booking_id: str, parcel_id: str) -> Booking:
    """Take a parcel out of a booking; it waits in the order pool again. Raises NotFound, Conflict."""
    booking = lock_booking(session, actor, booking_id)
    lines = {line.id: line for line in booking.lines}
    parcel = session.scalar(select(Parcel).where(Parcel.public_id == parcel_id).with_for_update())
    if parcel is None or parcel.booking_line_id not in lines:
        raise NotFound("this parcel does not fill the booking")
    if parcel.status != "pending":
        raise Conflict(f"the parcel is {parcel.status} and cannot be taken out any more")
    lines[parcel.booking_line_id].filled -= 1
    parcel.booking_line_id = parcel.consignment_id = None
    happened(session, actor, now, booking, "parcels_removed", {"parcels": [parcel_id]})
    return booking


def _parcels(session: Session, booking: Booking, which: Sequence[str] | str) -> list[Parcel]:
    """Return the exporter's parcels that are meant, locked, in id order; NotFound where one is not there."""
    if isinstance(which, str):
        batch = select(ImportBatch.id).where(ImportBatch.public_id == which)
        wanted: ColumnElement[bool] = Parcel.batch_id == batch.scalar_subquery()
    else:
        wanted = Parcel.public_id.in_(which)
    query = select(Parcel).where(wanted, Parcel.exporter_id == booking.exporter_id)
    parcels = list(session.scalars(query.order_by(Parcel.id).with_for_update()))
    missing = [] if isinstance(which, str) else sorted(set(which) - {one.public_id for one in parcels})
    if missing or not parcels:
        raise NotFound(
            f"there is no parcel {', '.join(missing[:5])}" if missing else "there are no such parcels"
        )
    return parcels


def _check_fit(booking: Booking, parcels: Sequence[Parcel]) -> None:
    places = []
    for parcel in parcels:
        if parcel.booking_line_id is not None:
            places.append((parcel, "booked_elsewhere", "it fills another booking"))
        elif parcel.status != "pending":
            places.append((parcel, "wrong_state", f"it is {parcel.status}"))
        elif (parcel.origin_id, parcel.destination_id) != (booking.origin_id, booking.destination_id):
            places.append((parcel, "other_lane", "its origin or destination is not that of the booking"))
    if places:
        errors = tuple(
            FieldError(f"parcel {one.reference}", code, text, "leave it out", "$.parcel_ids")
            for one, code, text in places[:100]
        )
        raise Invalid(f"{len(places)} parcels do not fit this booking", errors)


def _booked(session: Session, lines: Sequence[BookingLine]) -> list[BookedLine]:
    query = (
        select(Parcel.booking_line_id, func.sum(Parcel.weight_g), func.sum(Parcel.volume_cm3))
        .where(Parcel.booking_line_id.in_([line.id for line in lines]))
        .group_by(Parcel.booking_line_id)
    )
    inside = {line: (int(weight_g), int(volume_cm3)) for line, weight_g, volume_cm3 in session.execute(query)}
    return [
        BookedLine(
            line.goods_class,
            line.count,
            line.count * line.weight_g,
            line.count * line.volume_cm3,
            line.filled,
            *inside.get(line.id, (0, 0)),
        )
        for line in lines
    ]


def _exceeds(error: TradeError, parcels: Sequence[Parcel]) -> ExceedsBooking:
    parcel = parcels[int(error.field)]
    remedy = "amend the booking, or leave the parcel out"
    place = FieldError(f"parcel {parcel.reference}", error.code, error.detail, remedy, "$.parcel_ids")
    return ExceedsBooking(f"parcel {parcel.reference} is more than was booked: {error.detail}", (place,))
