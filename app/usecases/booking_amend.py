"""Amend a booking: lines become larger or smaller, and space and price follow in the same transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid
from app.models import Booking, BookingLine, Parcel, Party
from app.usecases.billing import check_credit
from app.usecases.booking import happened, lock_booking
from app.usecases.booking_changes import retake
from app.usecases.papers import replace_documents
from app.usecases.quoting_fx import FxBook, load_fx
from app.usecases.quoting_lanes import PER_PACKAGE
from app.usecases.quoting_prices import Goods, Pricing
from app.usecases.tariff_facts import TariffBook, load_tariffs
from routing.network import MODES
from trade.weight import box_volume_cm3

SIDES = ("length_mm", "width_mm", "height_mm")


@dataclass(frozen=True, slots=True)
class LineChange:
    """What one line is to be; None stays. Lengths in mm, grams, of one package."""

    seq: int
    count: int | None = None
    weight_g: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None


@dataclass(frozen=True, slots=True)
class Amendment:
    """What is to be different about a booking."""

    reference: str | None = None
    lines: tuple[LineChange, ...] = ()

    @classmethod
    def read(cls, wanted: Mapping[str, Any]) -> "Amendment":
        """Take the members of a request: kilograms and centimetres become grams and millimetres."""
        return cls(wanted["reference"], tuple(_line_change(one) for one in wanted["lines"]))


def _line_change(given: Mapping[str, Any]) -> LineChange:
    scaled = {"weight_g": ("weight_kg", 1000)} | {side: (f"{side[:-3]}_cm", 10) for side in SIDES}
    sizes = {
        name: None if given[member] is None else int(given[member] * scale)
        for name, (member, scale) in scaled.items()
    }
    return LineChange(given["seq"], given["count"], **sizes)


def amend_booking(
    session: Session, actor: Actor, now: datetime, booking_id: str, wanted: Amendment
) -> Booking:
    """Change a booking before its first cut-off; what it costs follows the tariffs of the day it was made.

    Raises NotFound, Conflict (too late, or it is over), Invalid, CapacityGone, CreditHold, CreditLimitExceeded.
    """
    booking = lock_booking(session, actor, booking_id)
    detail: dict[str, Any] = {}
    if wanted.reference is not None:
        detail["reference"] = {"before": booking.reference, "after": wanted.reference}
        booking.reference = wanted.reference
    if wanted.lines:
        detail |= _amend_lines(session, booking, wanted.lines, now)
        replace_documents(session, booking, now)
    happened(session, actor, now, booking, "amended", detail, tell="booking.amended")
    return booking


def _amend_lines(
    session: Session, booking: Booking, changes: Sequence[LineChange], now: datetime
) -> dict[str, Any]:
    cutoffs = [leg.cutoff_at for leg in booking.legs if leg.cutoff_at is not None]
    if cutoffs and min(cutoffs) <= now:
        raise Conflict(f"the first cut-off passed at {min(cutoffs):%Y-%m-%d %H:%M} UTC")
    lines = {line.seq: line for line in booking.lines}
    for position, change in enumerate(changes):
        line = lines.get(change.seq)
        if line is None:
            raise _wrong(position, "seq", "no_such_line", f"the booking has no line {change.seq}")
        _change(session, line, change, position)
    before = booking.total_minor
    charges = reprice(session, booking)
    after = sum(line["amount_minor"] for line in charges)
    if not booking.test_mode and after > before:
        exporter = session.get_one(Party, booking.exporter_id)
        check_credit(session, exporter, booking.currency, after - before, now)
    retake(session, booking, now)
    booking.charges, booking.total_minor = charges, after
    return {"lines": [change.seq for change in changes], "total_before_minor": before, "total_minor": after}


def _change(session: Session, line: BookingLine, change: LineChange, position: int) -> None:
    line.count = line.count if change.count is None else change.count
    line.weight_g = line.weight_g if change.weight_g is None else change.weight_g
    if any(getattr(change, side) is not None for side in SIDES):
        for side in SIDES:
            given = getattr(change, side)
            setattr(line, side, getattr(line, side) if given is None else given)
        length, width, height = line.length_mm, line.width_mm, line.height_mm
        if length is None or width is None or height is None:
            raise _wrong(position, "length_cm", "dimension_missing", "give all three dimensions")
        line.volume_cm3 = box_volume_cm3(length, width, height)
    sums = (func.count(), func.sum(Parcel.weight_g), func.sum(Parcel.volume_cm3))
    with session.no_autoflush:
        filled, weight_g, volume_cm3 = session.execute(
            select(*sums).where(Parcel.booking_line_id == line.id)
        ).one()
    fits = line.count >= filled and line.count * line.weight_g >= (weight_g or 0)
    if not fits or line.count * line.volume_cm3 < (volume_cm3 or 0):
        raise _wrong(
            position, "count", "filled_already", f"{filled} parcels fill this line: take some out first"
        )


def reprice(session: Session, booking: Booking) -> list[dict[str, Any]]:
    """Return the charge lines of a booking as it is now, by the tariffs and rates of the day it was made.

    Raises Conflict where a leg has no price any more.
    """
    day = booking.created_at.date()
    tariffs = load_tariffs(session, "sell", day, {leg.service_id for leg in booking.legs})
    return price(booking, tariffs, load_fx(session, day))


def price(booking: Booking, tariffs: TariffBook, fx: FxBook) -> list[dict[str, Any]]:
    """Return the charge lines of a booking, kept or new, by tariffs and rates; Conflict where a leg has no price."""
    sizes = ("count", "weight_g", "volume_cm3")
    goods = Goods([{name: getattr(line, name) for name in sizes} for line in booking.lines])
    pricing = Pricing(goods, booking.currency, fx)
    charges = []
    for leg in booking.legs:
        on = leg.departs_at.date()
        tariff = tariffs.find(leg.service_id, leg.from_id, leg.to_id, on, booking.exporter_id)
        priced = (
            None if tariff is None else pricing.priced(tariff, per_package=leg.mode == MODES[PER_PACKAGE])
        )
        if priced is None:
            raise Conflict(f"leg {leg.seq} has no price any more; cancel, and ask for a new quote")
        charges += [one.kept(leg.seq) for one in priced.lines]
    return charges


def _wrong(position: int, member: str, code: str, message: str) -> Invalid:
    place = FieldError(f"lines.{position}.{member}", code, message, "", f"$.lines[{position}].{member}")
    return Invalid(message, (place,))
