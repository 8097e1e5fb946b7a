"""Labels of parcels that fill a booking."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.documents.facts import Leg
from app.documents.labels import Label
from app.errors import NotFound, NothingToPrint, TooLarge
from app.models import Booking, BookingLine, Parcel
from app.queries.paper_facts import BookingFacts, live, sees, visible_booking, waybill_numbers

MAX_LABELS = 1_000
"""At once; one takes about a hundredth of a second."""
TRACKING_PAGE = "/track/"
"""Where the QR code of a label leads, below the installation's address."""


def booking_labels(
    session: Session,
    actor: Actor,
    booking_id: str,
    base_url: str,
    *,
    first: int = 1,
    count: int | None = None,
) -> list[Label]:
    """Labels of the parcels of a booking, in the order they were added: `count` from the `first` (of 1) on, or all.

    Raises NotFound, NothingToPrint where the booking is over or has no such parcels, and TooLarge where all
    would be too many at once.
    """
    facts = live(visible_booking(session, actor, booking_id))
    total = session.scalar(select(func.count()).where(facts.filling)) or 0
    if count is None and total - first >= MAX_LABELS:
        raise TooLarge(f"{total} labels; ask for {MAX_LABELS} at once at most, with `first` and `count`")
    query = select(Parcel).where(facts.filling).order_by(Parcel.id).offset(first - 1)
    query = query.limit(count or MAX_LABELS)
    parcels = session.scalars(query).all()
    if not parcels:
        raise NothingToPrint(
            f"this booking has {total} parcels"
            if total
            else "no parcels fill this booking yet; add them first"
        )
    waybills = waybill_numbers(session, facts)
    return [
        _label(facts, parcel, number, total, waybills, base_url)
        for number, parcel in enumerate(parcels, start=first)
    ]


def parcel_label(session: Session, actor: Actor, parcel_id: str, base_url: str) -> Label:
    """The label of one parcel. Raises NotFound, and NothingToPrint where it fills no booking."""
    row = session.execute(
        select(Parcel, Booking)
        .outerjoin(BookingLine, BookingLine.id == Parcel.booking_line_id)
        .outerjoin(Booking, Booking.id == BookingLine.booking_id)
        .where(Parcel.public_id == parcel_id)
    ).one_or_none()
    parcel, booking = row or (None, None)
    if parcel is None or actor.exporter_id not in (None, parcel.exporter_id):
        raise NotFound("there is no such parcel")
    if booking is None:
        raise NothingToPrint("the parcel fills no booking yet; it gets its number and label when it does")
    if not sees(actor, booking):
        raise NotFound("there is no such parcel")
    facts = live(visible_booking(session, actor, booking.public_id))
    ids = session.scalars(select(Parcel.id).where(facts.filling).order_by(Parcel.id)).all()
    if parcel.id not in ids:
        raise NothingToPrint("the parcel was cancelled")
    number = ids.index(parcel.id) + 1
    return _label(facts, parcel, number, len(ids), waybill_numbers(session, facts), base_url)


def main_leg(legs: Sequence[Leg]) -> Leg:
    """The leg people name a way by: the one that takes longest."""
    return max(legs, key=lambda leg: leg.arrives_at - leg.departs_at)


def _label(
    facts: BookingFacts, parcel: Parcel, number: int, count: int, waybills: dict[int, str], base_url: str
) -> Label:
    leg = main_leg(facts.legs)
    tracking_number = parcel.tracking_number or parcel.public_id
    return Label(
        tracking_number=tracking_number,
        scan=f"{base_url}{TRACKING_PAGE}{tracking_number}",
        sender=facts.consignor.name,
        origin=facts.origin,
        destination=facts.destination,
        service=" ".join(filter(None, (leg.service, leg.number))),
        weight_g=parcel.weight_g,
        length_mm=parcel.length_mm,
        width_mm=parcel.width_mm,
        height_mm=parcel.height_mm,
        goods=facts.goods(parcel.goods_class),
        reference=parcel.reference,
        booking=facts.booking.public_id,
        waybill_number=waybills.get(parcel.consignment_id or 0),
        customs_mode=parcel.customs_mode or facts.booking.customs_mode,
        number=number,
        count=count,
        test=facts.booking.test_mode,
    )
