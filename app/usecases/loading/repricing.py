"""What the scale makes of a booking's price: chargeable weight and money before and after, for a person to decide."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.models import Booking, BookingLine, Parcel, ParcelMeasure
from app.usecases.loading.measuring import size_of
from app.usecases.quoting_fx import load_fx
from app.usecases.quoting_lanes import PER_PACKAGE
from app.usecases.quoting_prices import Goods, Pricing
from app.usecases.tariff_facts import load_tariffs
from routing.network import MODES
from warehouses.measuring import Size


@dataclass(frozen=True, slots=True)
class LegEffect:
    """What one leg charges by, before and after: grams and minor units of the booking's currency."""

    leg: int
    chargeable_before_g: int
    chargeable_after_g: int
    before_minor: int
    after_minor: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a booking would cost with the measured parcels in it. `legs` is empty where a leg has no price any more."""

    booking: str
    currency: str
    measured: int
    legs: tuple[LegEffect, ...]

    @property
    def difference_minor(self) -> int:
        """How much more it would cost; below zero if less."""
        return sum(leg.after_minor - leg.before_minor for leg in self.legs)


def effect_of_measures(session: Session, booking_id: int) -> Effect | None:
    """Price a booking as it is and with what was measured, both by the tariffs of the day it was made.

    None where none of its parcels was measured. Packages without a measured parcel count as booked.
    """
    booking = session.scalars(
        select(Booking)
        .where(Booking.id == booking_id)
        .options(selectinload(Booking.lines), selectinload(Booking.legs))
    ).one()
    measured = _measured(session, booking)
    if not measured:
        return None
    as_booked = [_line(line.count, Size(line.weight_g, line.volume_cm3)) for line in booking.lines]
    legs = _priced(session, booking, as_booked, list(_as_measured(booking, measured)))
    count = sum(map(len, measured.values()))
    return Effect(booking.public_id, booking.currency, count, legs)


def effect_of_parcel(session: Session, parcel_id: int) -> Effect | None:
    """The same of the booking a parcel fills; None where it fills none."""
    line = select(Parcel.booking_line_id).where(Parcel.id == parcel_id).scalar_subquery()
    booking_id = session.scalar(select(BookingLine.booking_id).where(BookingLine.id == line))
    return None if booking_id is None else effect_of_measures(session, booking_id)


def _measured(session: Session, booking: Booking) -> dict[int, list[Size]]:
    """Sizes on the scale, by row id of the booked line."""
    query = (
        select(Parcel, ParcelMeasure)
        .join(ParcelMeasure, ParcelMeasure.parcel_id == Parcel.id)
        .where(
            Parcel.booking_line_id.in_([line.id for line in booking.lines]),
            Parcel.status != "cancelled",
            ParcelMeasure.latest,
        )
        .order_by(Parcel.id)
    )
    found: dict[int, list[Size]] = defaultdict(list)
    for parcel, measure in session.execute(query):
        found[parcel.booking_line_id or 0].append(size_of(parcel, measure))
    return found


def _line(count: int, size: Size) -> dict[str, Any]:
    return {"count": count, "weight_g": size.weight_g, "volume_cm3": size.volume_cm3}


def _as_measured(booking: Booking, measured: dict[int, list[Size]]) -> Iterable[dict[str, Any]]:
    for line in booking.lines:
        sizes = measured.get(line.id, [])
        yield from (_line(1, size) for size in sizes)
        rest = line.count - len(sizes)
        if rest > 0:
            yield _line(rest, Size(line.weight_g, line.volume_cm3))


def _priced(
    session: Session, booking: Booking, before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> tuple[LegEffect, ...]:
    day = booking.created_at.date()
    fx = load_fx(session, day)
    pricings = [Pricing(Goods(lines), booking.currency, fx) for lines in (before, after)]
    tariffs = load_tariffs(session, "sell", day, {leg.service_id for leg in booking.legs})
    found = []
    for leg in booking.legs:
        on = leg.departs_at.date()
        tariff = tariffs.find(leg.service_id, leg.from_id, leg.to_id, on, booking.exporter_id)
        if tariff is None:
            return ()
        each = leg.mode == MODES[PER_PACKAGE]
        one, other = (pricing.priced(tariff, per_package=each) for pricing in pricings)
        if one is None or other is None:
            return ()
        found.append(
            LegEffect(leg.seq, one.chargeable_g, other.chargeable_g, one.total_minor, other.total_minor)
        )
    return tuple(found)
