"""Whether a parcel or a smaller unit may go into a unit: facts from rows, rules from `warehouses` and `trade`."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.errors import FieldError, Invalid
from app.models import (
    Booking,
    BookingLeg,
    BookingLine,
    Departure,
    HandlingUnit,
    LoadUnit,
    Parcel,
    ParcelReceipt,
    Service,
)
from app.queries.paper_facts import DEAD
from app.usecases.loading.contents import Chain, classes_inside
from app.usecases.loading.finding import refused, refused_scan
from trade.errors import TradeError
from trade.goods import goods_class, refusal
from warehouses.loading import Candidate, Ride, Target, clash, obstacles


def hold_booking(session: Session, parcel: Parcel) -> None:
    """Keep the booking of a parcel as it is until the scan is over; those who scan do not wait for each other."""
    line = select(BookingLine.booking_id).where(BookingLine.id == parcel.booking_line_id)
    booking = select(Booking.id).where(Booking.id.in_(line))
    session.execute(booking.with_for_update(read=True)).all()


def check_parcel(session: Session, now: datetime, chain: Chain, parcel: Parcel) -> None:
    """Invalid naming everything that keeps a locked parcel out of a locked unit, each with its remedy."""
    unit = chain.unit
    found = list(obstacles(_candidate(session, unit, parcel), _target(session, unit)))
    if found:
        places = tuple(FieldError("scan", one.code, one.detail, one.remedy, "$.scan") for one in found)
        raise Invalid(f"parcel {parcel.reference}: {found[0].detail}", places)
    check_goods(session, unit, [parcel.goods_class], parcel.reference)
    _check_neighbours(session, now, chain, [parcel.goods_class], parcel.reference)


def check_unit(session: Session, now: datetime, chain: Chain, child: LoadUnit) -> None:
    """Invalid where a locked smaller unit may not stand in a locked unit."""
    unit = chain.unit
    if child.parent_id is not None:
        other = session.get_one(LoadUnit, child.parent_id)
        raise refused_scan(
            "in_other_unit", f"{child.number} stands in {other.number} already", "take it out there first"
        )
    if child.status not in ("open", "sealed"):
        raise refused_scan(
            "wrong_state", f"{child.number} is {child.status}", "scan a unit that is being built"
        )
    if child.location_id != unit.location_id:
        raise refused_scan("not_received", f"{child.number} is at another place", "bring it here first")
    same = ("departure_id", "board_seq", "alight_seq")
    if any(getattr(child, name) != getattr(unit, name) for name in same):
        raise refused_scan(
            "other_departure", f"{child.number} goes with another departure, or between other calls",
            "use a unit of its departure",
        )  # fmt: skip
    _check_neighbours(session, now, chain, classes_inside(session, child), child.number)


def check_goods(session: Session, unit: LoadUnit, classes: Collection[str], what: str) -> None:
    """Invalid where the departure does not take goods of these classes."""
    departure = session.scalars(
        select(Departure).where(Departure.id == unit.departure_id).options(joinedload(Departure.service))
    ).one()
    service: Service = departure.service
    for code in classes:
        try:
            goods = goods_class(code, departure.service_date)
        except TradeError as error:
            raise refused_scan(
                error.code, f"{what}: {error.detail}", "correct the parcel's goods class"
            ) from error
        aircraft = service.aircraft if service.aircraft in ("passenger", "freighter") else None
        finding = refusal(goods, service.mode, aircraft, departure.accepts)  # type: ignore[arg-type]
        if finding is not None:
            remedy = "use a departure that takes these goods; roll the booking"
            raise refused_scan(finding.code, f"{what}: {finding.detail}", remedy)


def _check_neighbours(
    session: Session, now: datetime, chain: Chain, classes: Collection[str], what: str
) -> None:
    for one in chain.units:
        finding = clash(one.kind, classes, classes_inside(session, one), now.date())
        if finding is not None:
            raise refused(finding, what)


def _target(session: Session, unit: LoadUnit) -> Target:
    ride = None if unit.departure_id is None else Ride(unit.departure_id, unit.board_seq, unit.alight_seq)
    whose = select(HandlingUnit.exporter_id).where(HandlingUnit.id == unit.handling_unit_id)
    return Target(unit.kind, ride, session.scalar(whose) if unit.handling_unit_id else None)


def _candidate(session: Session, unit: LoadUnit, parcel: Parcel) -> Candidate:
    booking = session.scalar(
        select(Booking)
        .join(BookingLine, BookingLine.booking_id == Booking.id)
        .where(BookingLine.id == parcel.booking_line_id)
    )
    receipt = select(ParcelReceipt.id).where(
        ParcelReceipt.parcel_id == parcel.id, ParcelReceipt.location_id == unit.location_id
    )
    other = select(LoadUnit.number).where(LoadUnit.id == parcel.load_unit_id)
    return Candidate(
        parcel.reference,
        owner=parcel.exporter_id,
        status=parcel.status,
        received=session.scalar(receipt) is not None,
        booked=booking is not None,
        booking_over=booking is not None and booking.status in DEAD,
        practice=booking is not None and booking.test_mode,
        rides=_rides(session, booking) if booking else (),
        other_unit=session.scalar(other) if parcel.load_unit_id is not None else None,
    )


def _rides(session: Session, booking: Booking) -> tuple[Ride, ...]:
    columns = (BookingLeg.departure_id, BookingLeg.board_seq, BookingLeg.alight_seq)
    legs = select(*columns).where(BookingLeg.booking_id == booking.id).order_by(BookingLeg.seq)
    return tuple(
        Ride(departure, board or 0, alight or 0)
        for departure, board, alight in session.execute(legs)
        if departure is not None
    )
