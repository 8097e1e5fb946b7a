"""Tracking events as they are shown: of one journey, and as a feed of everything that was reported."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.ids import SHAPE
from app.models import Booking, BookingLeg, BookingLine, Departure, Parcel, Service, TrackingEvent
from app.queries.paging import AnySelect, Keyset, Page, instant
from app.queries.places import Place, places
from routing.tracking import ARRIVES, DEPARTS, Leg

BY_RECEIPT = Keyset(TrackingEvent.received_at, TrackingEvent.id, read=instant)
OURS = "operations"
"""Who reported what our own people did; carriers are named."""
CLASSIFIERS = ("PLN", "EST", "ACT")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose things may be seen: all, or one exporter's; real ones, practice, or (None) both."""

    exporter_id: int | None = None
    test_mode: bool | None = None

    def sees(self) -> list[ColumnElement[bool]]:
        """As conditions on Booking."""
        mode = [] if self.test_mode is None else [Booking.test_mode == self.test_mode]
        return mode if self.exporter_id is None else [Booking.exporter_id == self.exporter_id, *mode]


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of a departure, a booking or a parcel."""

    id: str
    event_type: str
    classifier: str
    code: str
    happens_at: datetime
    reported_at: datetime
    place: Place | None
    departure: str | None
    """Public id, as `booking`; `parcel` is a tracking number."""
    service: str | None
    number: str | None
    booking: str | None
    parcel: str | None
    text: str
    source: str

    @property
    def order(self) -> tuple[datetime, int, str]:
        """By the time it happens; a plan before what became of it."""
        return self.happens_at, CLASSIFIERS.index(self.classifier), self.id


def planned_events(
    booking: str, legs: Sequence[Leg], known: dict[int, Place], at: datetime
) -> list[EventRow]:
    """What was planned when a booking was made or rolled: not kept as events, because its legs say it."""
    return [
        EventRow(
            f"{booking}-{seq}-{code}", "TRANSPORT", "PLN", code, moment, at, known[place], None, None, None,
            booking, None, "", OURS,
        )
        for seq, leg in enumerate(legs, start=1)
        for code, moment, place in (
            (DEPARTS, leg.departs_at, leg.from_place),
            (ARRIVES, leg.arrives_at, leg.to_place),
        )
    ]  # fmt: skip


def events_of(
    session: Session, legs: Iterable[Leg], parcel_id: int | None, booking_id: int | None
) -> list[EventRow]:
    """What was reported of a parcel, of a booking as a whole, and of its departures while the goods are aboard."""
    about: list[ColumnElement[bool]] = [
        and_(TrackingEvent.departure_id == leg.departure, _aboard(leg.board, leg.alight))
        for leg in legs
        if leg.departure is not None
    ]
    about += [] if parcel_id is None else [TrackingEvent.parcel_id == parcel_id]
    about += [] if booking_id is None else [TrackingEvent.booking_id == booking_id]
    return _rows(session, session.execute(_query().where(or_(*about))).all()) if about else []


def list_events(
    session: Session,
    viewer: Viewer,
    *,
    since: datetime | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[EventRow]:
    """What was reported, in the order in which it came; `since` leaves out what came before.

    An exporter sees what was reported of its parcels and bookings, and of departures while its goods are aboard.
    """
    query = _query()
    if viewer.exporter_id is not None or viewer.test_mode is not None:
        query = query.where(_concerns(viewer))
    if since is not None:
        query = query.where(TrackingEvent.received_at >= since)
    found = session.execute(BY_RECEIPT.slice(query, cursor, limit)).all()
    page = BY_RECEIPT.page(found, limit, lambda row: (row.received_at, row.row_id))
    return Page(_rows(session, page.items), page.next_cursor)


def _aboard(board: Any, alight: Any) -> ColumnElement[bool]:  # noqa: ANN401 (numbers, or columns of a leg)
    """As `routing.tracking.Leg.covers`."""
    left = and_(
        TrackingEvent.code == DEPARTS, TrackingEvent.call_seq >= board, TrackingEvent.call_seq < alight
    )
    there = and_(
        TrackingEvent.code == ARRIVES, TrackingEvent.call_seq > board, TrackingEvent.call_seq <= alight
    )
    return or_(left, there)


def _concerns(viewer: Viewer) -> ColumnElement[bool]:
    bookings = select(Booking.id).where(*viewer.sees())
    parcels = (select(Parcel.id).join(BookingLine).join(Booking, Booking.id == BookingLine.booking_id)).where(
        *viewer.sees()
    )
    legs = select(BookingLeg.id).join(Booking, Booking.id == BookingLeg.booking_id)
    aboard = legs.where(
        *viewer.sees(),
        BookingLeg.departure_id == TrackingEvent.departure_id,
        _aboard(BookingLeg.board_seq, BookingLeg.alight_seq),
    )
    found = [TrackingEvent.booking_id.in_(bookings), TrackingEvent.parcel_id.in_(parcels), aboard.exists()]
    if viewer.test_mode is not True and viewer.exporter_id is not None:
        loose = select(Parcel.id).where(
            Parcel.exporter_id == viewer.exporter_id, Parcel.booking_line_id.is_(None)
        )
        found.append(TrackingEvent.parcel_id.in_(loose))
    return or_(*found)


def _query() -> AnySelect:
    return (
        select(
            TrackingEvent.id.label("row_id"), TrackingEvent.received_at, TrackingEvent.location_id,
            TrackingEvent.detail, TrackingEvent.source, TrackingEvent.public_id, TrackingEvent.event_type,
            TrackingEvent.classifier, TrackingEvent.code, TrackingEvent.happens_at, TrackingEvent.reported_at,
            Departure.public_id.label("departure"), Service.code.label("service"), Departure.number,
            Booking.public_id.label("booking"), Parcel.tracking_number,
        )
        .outerjoin(Departure, Departure.id == TrackingEvent.departure_id)
        .outerjoin(Service, Service.id == Departure.service_id)
        .outerjoin(Booking, Booking.id == TrackingEvent.booking_id)
        .outerjoin(Parcel, Parcel.id == TrackingEvent.parcel_id)
    )  # fmt: skip


def _rows(session: Session, found: Collection[Any]) -> list[EventRow]:
    known = places(session, {row.location_id for row in found if row.location_id is not None})
    return [
        EventRow(
            row.public_id, row.event_type, row.classifier, row.code, row.happens_at, row.reported_at,
            known.get(row.location_id), row.departure, row.service, row.number, row.booking,
            row.tracking_number, str(row.detail.get("text", "")), OURS if SHAPE.match(row.source) else row.source,
        )
        for row in found
    ]  # fmt: skip
