"""One booking of a plan: an exporter's parcels on one itinerary, all that still fit, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict
from app.ids import new_id
from app.models import (
    Booking,
    BookingLeg,
    BookingLine,
    Consignment,
    Parcel,
    Party,
    Plan,
    PlanBooking,
)
from app.usecases import space
from app.usecases.billing import check_credit
from app.usecases.booking import happened
from app.usecases.booking_amend import price
from app.usecases.booking_changes import rides_of_booking
from app.usecases.committing_facts import Item, Way
from app.usecases.committing_space import PlannedUnits, how_many_fit
from app.usecases.quoting_fx import FxBook
from app.usecases.space_rooms import Ride
from app.usecases.tariff_facts import TariffBook
from routing.committing import Stale, alike, travel
from routing.taking import Lot
from trade.numbering import tracking_number, waybill_number

SIZE = (
    "goods_class", "weight_g", "length_mm", "width_mm", "height_mm", "volume_cm3", "value_minor", "currency",
)  # fmt: skip
"""What parcels of one booked line have in common."""
SUMMED = ("quantity", "priced_minor", "amount_minor", "packages")


class NoPrice(Conflict):
    """A leg has no sell tariff, so nobody can say what the booking costs."""


@dataclass(frozen=True, slots=True)
class Prices:
    """The sell tariffs and rates of the day, read once for a chain."""

    tariffs: TariffBook
    fx: FxBook


@dataclass(frozen=True, slots=True)
class Made:
    """The booking that was made, the parcels that fill it, and those that found no room, with why."""

    booking: Booking | None
    inside: Sequence[Item]
    outside: Sequence[Item] = ()
    why: str = ""


def make_booking(
    session: Session,
    actor: Actor,
    now: datetime,
    plan: Plan,
    chain_id: int,
    way: Way,
    items: Sequence[Item],
    prices: Prices,
    units: PlannedUnits,
    *,
    dangerous: bool,
) -> Made:
    """Book the way for an exporter's parcels, as many as find room; they fill it at once, with tracking numbers.

    Raises CreditHold, CreditLimitExceeded, NoPrice, Conflict, CapacityGone: then nothing is to be kept of it.
    """
    units.look()
    exporter = session.get_one(Party, items[0].row.exporter_id)
    rides = _rides(way, units)
    lots = [Lot(1, item.row.weight_g, item.row.volume_cm3) for item in items]
    fits, why, rooms = how_many_fit(session, rides, lots, exporter.id, now, units)
    inside, outside = items[:fits], items[fits:]
    if not inside:
        return Made(None, (), outside, why)
    booking, filled = _new(exporter, way, inside, units, now, dangerous=dangerous)
    try:
        booking.charges = _summed(price(booking, prices.tariffs, prices.fx))
    except Conflict as error:
        raise NoPrice(error.detail) from error
    booking.total_minor = sum(line["amount_minor"] for line in booking.charges)
    check_credit(session, exporter, booking.currency, booking.total_minor, now)
    session.add(booking)
    session.flush()
    space.book(
        session,
        rides_of_booking(booking),
        [Lot(line.count, line.weight_g, line.volume_cm3) for line in booking.lines],
        exporter.id,
        now,
        booking_id=booking.id,
        opened_by=plan.public_id,
        narrow=units.narrow,
        rooms=rooms,
    )
    _fill(session, booking, inside, filled, now)
    _tell(session, actor, now, plan, booking, inside)
    link = {"plan_id": plan.id, "exporter_id": exporter.id, "itinerary_id": way.id, "chain_id": chain_id}
    session.add(PlanBooking(**link, booking_id=booking.id, parcels=len(inside)))
    session.flush()
    return Made(booking, inside, outside, why)


def _rides(way: Way, units: PlannedUnits) -> list[Ride]:
    return [
        Ride(
            seq, row.departure_id, row.board_seq or 0, row.alight_seq or 0, row.departure_id in units.in_units
        )
        for seq, row in enumerate(way.rows, start=1)
        if row.departure_id is not None
    ]


def _new(
    exporter: Party, way: Way, items: Sequence[Item], units: PlannedUnits, now: datetime, *, dangerous: bool
) -> tuple[Booking, list[list[int]]]:
    """Return the booking, not yet added, and for each of its lines the positions of the parcels that fill it."""
    groups = alike([tuple(getattr(item.row, name) for name in SIZE) for item in items])
    lines = []
    for seq, (size, inside) in enumerate(groups, start=1):
        facts: dict[str, Any] = dict(zip(SIZE, size, strict=True))  # type: ignore[call-overload]
        facts["value_currency"] = facts.pop("currency")
        lines.append(BookingLine(seq=seq, count=len(inside), filled=len(inside), **facts))
    modes = {item.row.customs_mode for item in items}
    booking = Booking(
        public_id=new_id("bkg"),
        exporter_id=exporter.id,
        status="RECEIVED",
        origin_id=way.rows[0].from_location_id,
        destination_id=way.rows[-1].to_location_id,
        customs_mode=modes.pop() if len(modes) == 1 else None,
        currency=exporter.credit_currency,
        total_minor=0,
        charges=[],
        created_at=now,
        lines=lines,
        legs=_legs(way, items, units, now, dangerous=dangerous),
        events=[],
        version=0,
    )
    return booking, [inside for _, inside in groups]


def _legs(
    way: Way, items: Sequence[Item], units: PlannedUnits, now: datetime, *, dangerous: bool
) -> list[BookingLeg]:
    """The legs with the times they have now, when the last of the parcels is ready."""
    times = travel(way.legs, max(now, *(item.row.ready_at for item in items)), dangerous=dangerous)
    if isinstance(times, Stale):
        raise Conflict(f"{times.code}: {times.fact}")
    found = []
    for seq, (row, leg, (departs, arrives)) in enumerate(
        zip(way.rows, way.legs, times, strict=True), start=1
    ):
        cutoff = None
        if leg.ride is not None:
            cutoff = min(leg.ride.book_until, leg.ride.closes_early_at) if dangerous else leg.ride.book_until
        names = ("mode", "service_id", "departure_id", "board_seq", "alight_seq")
        found.append(
            BookingLeg(
                seq=seq,
                **{name: getattr(row, name) for name in names},
                from_id=row.from_location_id,
                to_id=row.to_location_id,
                may_open=row.departure_id in units.in_units,
                cutoff_at=cutoff,
                departs_at=departs,
                arrives_at=arrives,
            )
        )
    return found


def _summed(charges: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add up charges of one leg that differ in nothing but how much: parcels are rarely of one size."""
    found: dict[tuple[tuple[str, Any], ...], dict[str, Any]] = {}
    for line in charges:
        key = tuple((name, value) for name, value in line.items() if name not in SUMMED)
        known = found.get(key)
        found[key] = line if known is None else known | {name: known[name] + line[name] for name in SUMMED}
    return list(found.values())


def _fill(
    session: Session, booking: Booking, items: Sequence[Item], filled: Sequence[Sequence[int]], now: datetime
) -> None:
    """Put the parcels into the lines, those of each customs mode under a house waybill of their own."""
    waybills: dict[str | None, Consignment] = {}
    for mode in sorted({item.row.customs_mode for item in items}, key=str):
        waybills[mode] = Consignment(
            public_id=new_id("cns"),
            booking_id=booking.id,
            waybill_number=waybill_number(),
            customs_mode=mode,
            created_at=now,
        )
    session.add_all(waybills.values())
    session.flush()
    rows = [
        {
            "id": items[position].row.id,
            "booking_line_id": line.id,
            "consignment_id": waybills[items[position].row.customs_mode].id,
            "tracking_number": items[position].row.tracking_number or tracking_number(),
        }
        for line, inside in zip(booking.lines, filled, strict=True)
        for position in inside
    ]
    session.execute(update(Parcel), rows)


def _tell(
    session: Session, actor: Actor, now: datetime, plan: Plan, booking: Booking, items: Sequence[Item]
) -> None:
    # Nothing that is looked up on the way depends on the events: they are written together.
    with session.no_autoflush:
        happened(session, actor, now, booking, "received", {"plan": plan.public_id})
        happened(session, actor, now, booking, "confirmed", {}, tell="booking.confirmed")
        inside = {"parcels": [item.row.public_id for item in items]}
        happened(session, actor, now, booking, "parcels_added", inside)
