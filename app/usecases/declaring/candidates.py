"""Booked exports as customs sees them: under which mode, over which port, on which day each leaves China."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from app.models import (
    Booking,
    BookingLeg,
    BookingLine,
    Consignment,
    DeclarationLine,
    Departure,
    Location,
    Parcel,
)
from trade.bookings import FINAL
from trade.declaration_checks import Booked

HOME = "CN"
ZONE = ZoneInfo("Asia/Shanghai")
"""The clock of customs: it decides in which month goods leave."""
EXPORTS = ("export", "stock_transfer")
GONE = FINAL - {"COMPLETED"}
START, END, TARGET = aliased(Location), aliased(Location), aliased(Location)
booked_mode = func.coalesce(Consignment.customs_mode, Booking.customs_mode)
declared_mode = func.coalesce(Parcel.customs_mode, booked_mode)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A parcel that fills a booking which leaves China, and what a declaration says of it."""

    parcel_id: int
    public_id: str
    exporter_id: int
    reference: str
    hs_code: str | None
    goods_class: str
    name: str
    house_number: str | None
    """Of the house waybill it goes under with others; customs asks for a number of its own."""
    booked: Booked


def _borders() -> Select[int, int]:
    """The first leg of each booking on which goods leave the country."""
    start, end = aliased(Location), aliased(Location)
    return (
        select(BookingLeg.booking_id, func.min(BookingLeg.seq).label("seq"))
        .join(start, start.id == BookingLeg.from_id)
        .join(end, end.id == BookingLeg.to_id)
        .where(start.country == HOME, end.country != HOME)
        .group_by(BookingLeg.booking_id)
    )


def booked_exports() -> Select[*tuple[object, ...]]:
    """Every booked export with its way over the border; callers narrow it."""
    border = _borders().subquery()
    return (
        select(
            Parcel.id, Parcel.public_id, Parcel.exporter_id, Parcel.reference,
            func.coalesce(Parcel.hs_code, BookingLine.hs_code).label("hs_code"), Parcel.goods_class,
            BookingLine.description, Parcel.value_minor, Parcel.currency, Parcel.weight_g,
            declared_mode.label("customs_mode"), booked_mode.label("booked_mode"),
            BookingLeg.from_id, BookingLeg.mode, BookingLeg.departs_at,
            Departure.number, Parcel.tracking_number, Consignment.waybill_number, TARGET.country,
        )
        .join(BookingLine, BookingLine.id == Parcel.booking_line_id)
        .join(Booking, Booking.id == BookingLine.booking_id)
        .join(border, border.c.booking_id == Booking.id)
        .join(BookingLeg, (BookingLeg.booking_id == Booking.id) & (BookingLeg.seq == border.c.seq))
        .join(TARGET, TARGET.id == Parcel.destination_id)
        .outerjoin(Consignment, Consignment.id == Parcel.consignment_id)
        .outerjoin(Departure, Departure.id == BookingLeg.departure_id)
        .where(
            Parcel.direction.in_(EXPORTS), Parcel.status != "cancelled", Booking.status.not_in(GONE),
            Booking.test_mode.is_(False),
        )
    )  # fmt: skip


def not_listed() -> ColumnElement[bool]:
    """What is on no list yet."""
    return ~select(DeclarationLine.id).where(DeclarationLine.parcel_id == Parcel.id).exists()


def day_of(at: datetime) -> date:
    """On which day it is for customs."""
    return at.astimezone(ZONE).date()


def read_candidates(session: Session, *conditions: ColumnElement[bool]) -> Iterator[Candidate]:
    """The booked exports that meet the conditions, as they are now, by departure and id."""
    query = booked_exports().where(*conditions).order_by(BookingLeg.departs_at, Parcel.id)
    for row in session.execute(query):
        booked = Booked(
            mode=row.customs_mode, port_id=row.from_id, transport_mode=row.mode,
            departs_on=day_of(row.departs_at), departure_number=row.number, waybill_number=row.tracking_number,
            value_minor=row.value_minor, currency=row.currency, gross_g=row.weight_g, country=row.country,
        )  # fmt: skip
        yield Candidate(
            row.id, row.public_id, row.exporter_id, row.reference, row.hs_code, row.goods_class,
            row.description, row.waybill_number, booked,
        )  # fmt: skip


def waiting_for(session: Session, mode: str, port_id: int, month: date) -> list[Candidate]:
    """What leaves a port in a month under a mode and is on no list yet."""
    found = read_candidates(session, not_listed(), declared_mode == mode, BookingLeg.from_id == port_id)
    return [one for one in found if one.booked.departs_on and one.booked.departs_on.replace(day=1) == month]


def as_booked(session: Session, parcels: Sequence[int]) -> dict[int, Candidate]:
    """Of some parcels by id those that are still booked, as they are now."""
    return {one.parcel_id: one for one in read_candidates(session, Parcel.id.in_(parcels))}
