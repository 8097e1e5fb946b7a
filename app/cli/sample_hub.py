"""A hub at work, for the demo: bookings with parcels, some received and weighed, and units that are being built."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.actor import Actor
from app.errors import AppError
from app.models import Booking, BookingLeg, Call, Departure, LoadUnit, Location, Offer, Parcel, Quote
from app.schemas.quotes import QuoteRequest
from app.schemas.reading import read
from app.usecases.booking import book_offer
from app.usecases.booking_parcels import add_parcels
from app.usecases.loading.building import scan_in
from app.usecases.loading.finding import Hand
from app.usecases.loading.measuring import measure_parcel
from app.usecases.loading.opening import NewUnit, open_unit
from app.usecases.loading.receiving import receive_parcel
from app.usecases.loading.sealing import seal_unit
from app.usecases.pooling import add_parcel
from app.usecases.quoting import request_quote

HUB = "CNQIN-HUB"
WEIGHED_EVERY, HEAVIER_EVERY, HEAVIER_G = 3, 6, 1_250
BOX = "CSQU3054383"
"""An example number with the right check digit."""


@dataclass(frozen=True, slots=True)
class Order:
    """Packages somebody books and brings to the hub; the last of them do not come in time."""

    exporter: str
    destination: str
    count: int
    kg: int
    sides_cm: tuple[int, int, int]
    what: str
    hs_code: str
    late: int


ORDERS = (
    Order("EXP-QILU", "DEHAM-WH", 24, 9, (40, 30, 30), "ceramic tableware", "691110", 4),
    Order("EXP-LINYI", "NLRTM-WH", 18, 6, (40, 30, 25), "garden lamps", "940542", 3),
)


def seed_hub(session: Session, actor: Actor, now: datetime) -> int:
    """Let one hub of the reference network work; returns how many units are being built, 0 if it did before.

    An order that the network of the day cannot take is left out.
    """
    hub = session.scalar(select(Location).where(Location.code == HUB))
    if hub is None or session.scalar(select(LoadUnit.id).limit(1)) is not None:
        return 0
    made = 0
    for number, order in enumerate(ORDERS, start=1):
        booking = _booked(session, actor, now, order)
        ride = None if booking is None else _ride(booking)
        if booking is not None and ride is not None:
            parcels = _filled(session, actor, now, order, booking, number)
            _received(session, actor, now, order, parcels)
            made += _built(session, actor, now, ride, parcels[: len(parcels) - order.late], number)
    return made


def _booked(session: Session, actor: Actor, now: datetime, order: Order) -> Booking | None:
    """The cheapest offer with a departure for this order, booked; None where there is none."""
    length, width, height = order.sides_cm
    parcel = {
        "count": order.count, "weight": order.kg, "length": length, "width": width, "height": height,
        "description": order.what, "hs_code": order.hs_code, "value": "40", "value_currency": "USD",
    }  # fmt: skip
    asked: dict[str, Any] = {
        "exporter": order.exporter,
        "origin": {"type": "warehouse", "code": HUB},
        "destination": {"type": "warehouse", "code": order.destination},
        "ready_at": now.isoformat(timespec="seconds"),
        "currency": "USD",
        "customs": {"mode": "9710"},
        "parcels": [parcel],
    }
    wanted = read(QuoteRequest, asked)
    for end in ("origin", "destination"):
        wanted[end]["type"] = wanted[end].pop("type_")
    quote = request_quote(session, actor, now, wanted)
    offers = select(Offer).join(Quote).where(Quote.public_id == quote.public_id).order_by(Offer.total_minor)
    for offer in session.scalars(offers).all():
        if any(leg["departure_id"] for leg in offer.legs):
            try:
                with session.begin_nested():
                    booking = book_offer(
                        session, actor, now, offer.public_id, reference=f"DEMO-{order.exporter}"
                    )
            except AppError:
                continue
            return session.scalars(
                select(Booking)
                .where(Booking.id == booking.id)
                .options(selectinload(Booking.legs).joinedload(BookingLeg.departure))
                .execution_options(populate_existing=True)
            ).one()
    return None


def _ride(booking: Booking) -> BookingLeg | None:
    """The longest leg on a departure: the one units are built for."""
    rides = [leg for leg in booking.legs if leg.departure_id is not None]
    return max(rides, key=lambda leg: leg.arrives_at - leg.departs_at, default=None)


def _filled(
    session: Session, actor: Actor, now: datetime, order: Order, booking: Booking, number: int
) -> list[Parcel]:
    ends = {
        one.id: one.code
        for one in session.scalars(
            select(Location).where(Location.id.in_((booking.origin_id, booking.destination_id)))
        )
    }
    length, width, height = map(str, order.sides_cm)
    ids = [
        add_parcel(
            session, actor, now,
            {
                "exporter": order.exporter, "reference": f"DEMO-{number}-{at:03}", "direction": "export",
                "origin": ends[booking.origin_id], "destination": ends[booking.destination_id],
                "weight_kg": str(order.kg), "length_cm": length, "width_cm": width, "height_cm": height,
                "goods_class": "general", "value": "40", "currency": "USD",
                "ready_at": now.isoformat(timespec="seconds"),
            },
        )[0]
        for at in range(1, order.count + 1)
    ]  # fmt: skip
    return add_parcels(session, actor, now, booking.public_id, ids)


def _received(session: Session, actor: Actor, now: datetime, order: Order, parcels: list[Parcel]) -> None:
    for at, parcel in enumerate(parcels[: len(parcels) - order.late]):
        hand = Hand(parcel.public_id)
        receive_parcel(session, actor, now, HUB, hand)
        if at % WEIGHED_EVERY == 0:
            heavier = HEAVIER_G if at % HEAVIER_EVERY == 0 else 0
            measure_parcel(session, actor, now, HUB, hand, order.kg * 1000 + heavier)


def _built(
    session: Session, actor: Actor, now: datetime, ride: BookingLeg, parcels: list[Parcel], number: int
) -> int:
    """A sealed bag and a pallet that is being filled; for the first order in a container or loose."""
    departure = session.get_one(Departure, ride.departure_id)
    places = select(Call.seq, Location.code).join(Location, Location.id == Call.location_id)
    calls = {seq: code for seq, code in session.execute(places.where(Call.departure_id == departure.id))}  # noqa: C416

    def opened(kind: str, type_code: str, number: str | None = None) -> LoadUnit:
        wanted = NewUnit(
            kind=kind, departure=departure.public_id, type_code=type_code, number=number,
            board=calls[ride.board_seq or 0], alight=calls[ride.alight_seq or 0],
        )  # fmt: skip
        return open_unit(session, actor, now, HUB, wanted)

    bag, pallet = opened("bag", "MAILBAG"), opened("pallet", "EURPAL")
    units = [bag, pallet]
    for parcel in parcels[:3]:
        scan_in(session, actor, now, bag.public_id, Hand(parcel.public_id))
    session.refresh(bag)
    gross_g = bag.tare_g + bag.net_g + 120
    seal_unit(session, actor, now, bag.public_id, seal_number=f"DEMO{number:04}", gross_g=gross_g)
    for parcel in parcels[3:-2]:
        scan_in(session, actor, now, pallet.public_id, Hand(parcel.public_id))
    if ride.mode in ("sea", "rail") and number == 1:
        box = opened("container", "40HQ", BOX)
        units.append(box)
        for one in (bag, pallet):
            scan_in(session, actor, now, box.public_id, Hand(one.number))
    return len(units)
