"""Receive parcels at a place by scanning them: once each, with the tracking event that everybody follows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict
from app.ids import new_id
from app.models import BookingLeg, BookingLine, Location, Parcel, ParcelReceipt
from app.usecases.loading.finding import Hand, check_same, find_parcel, refused_scan, work_place
from app.usecases.tracking import REJECTED, Report, Source, record_events
from app.usecases.warehousing.lots import insert_missing

TAKEN_IN, ALREADY_IN = "received", "already_received"
NEVER_COMES = ("cancelled", "delivered")


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a scan."""

    receipt: ParcelReceipt
    parcel: Parcel
    outcome: str


def receive_parcel(
    session: Session, actor: Actor, now: datetime, place: str, hand: Hand, *, anyway: bool = False
) -> Received:
    """Take a parcel in at a place. Scanned again it is there already, and nothing changes.

    Its status follows by a tracking event: it has come to its destination, begun its way, or come by. Raises
    NotFound, Conflict (it is cancelled or delivered), ScanReused, Invalid (`ambiguous`, `not_expected_here` unless
    `anyway`).
    """
    warehouse = work_place(session, actor, place)
    parcel = find_parcel(session, hand.text)
    earlier = _earlier(session, parcel, warehouse.location_id, hand)
    if earlier is not None:
        return Received(earlier, parcel, ALREADY_IN)
    if parcel.status in NEVER_COMES:
        raise Conflict(f"parcel {parcel.reference} is {parcel.status}: set it aside, and ask its owner")
    off_its_way = warehouse.location_id not in way_of(session, parcel)
    if off_its_way and not anyway:
        raise refused_scan(
            "not_expected_here",
            f"parcel {parcel.reference} does not come by here",
            "send it to where its label says, or receive it nevertheless",
        )
    values = {
        "public_id": new_id("rcp"), "parcel_id": parcel.id, "location_id": warehouse.location_id,
        "scan_id": hand.scan_id, "off_its_way": off_its_way, "received_by": actor.reference,
        "at": hand.made_at(now),
    }  # fmt: skip
    receipt = session.scalar(insert_missing(session, ParcelReceipt, [values]).returning(ParcelReceipt))
    if receipt is None:
        return Received(_receipt(session, parcel, warehouse.location_id), parcel, ALREADY_IN)
    _report(session, actor, now, receipt, parcel, warehouse.location)
    session.refresh(parcel)
    return Received(receipt, parcel, TAKEN_IN)


def way_of(session: Session, parcel: Parcel) -> set[int]:
    """The places a parcel comes by."""
    query = (
        select(BookingLeg.from_id, BookingLeg.to_id)
        .join(BookingLine, BookingLine.booking_id == BookingLeg.booking_id)
        .where(BookingLine.id == parcel.booking_line_id)
    )
    return {parcel.origin_id, parcel.destination_id, *(end for leg in session.execute(query) for end in leg)}


def _earlier(session: Session, parcel: Parcel, location_id: int, hand: Hand) -> ParcelReceipt | None:
    if hand.scan_id is not None:
        same = session.scalar(select(ParcelReceipt).where(ParcelReceipt.scan_id == hand.scan_id))
        if same is not None:
            check_same((same.parcel_id, same.location_id), (parcel.id, location_id), hand.scan_id)
            return same
    return session.scalar(_of(parcel, location_id))


def _receipt(session: Session, parcel: Parcel, location_id: int) -> ParcelReceipt:
    """What somebody else received between our look and our turn."""
    found = session.scalar(_of(parcel, location_id))
    if found is None:
        raise Conflict("this scan was used for another parcel at the same moment; scan again")
    return found


def _of(parcel: Parcel, location_id: int) -> Select[ParcelReceipt]:
    return select(ParcelReceipt).where(
        ParcelReceipt.parcel_id == parcel.id, ParcelReceipt.location_id == location_id
    )


def _report(
    session: Session, actor: Actor, now: datetime, receipt: ParcelReceipt, parcel: Parcel, place: Location
) -> None:
    begins = place.id == parcel.origin_id and place.id != parcel.destination_id
    report = Report(
        event_id=receipt.public_id,
        code="GTIN" if begins else "ARRI",
        happens_at=receipt.at,
        parcel=parcel.public_id,
        location=place.code,
    )
    (outcome,) = record_events(session, Source(actor.reference), now, [report])
    if outcome.outcome == REJECTED:
        raise refused_scan(outcome.code, outcome.message, outcome.suggestion)
