"""What papers are made of, read from rows: places, parties, legs and goods of a booking."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.actor import Actor
from app.documents.facts import Goods, GoodsLine, Leg, Party, Place, both
from app.errors import NotFound, NothingToPrint
from app.models import Booking, BookingLeg, BookingLine, Consignment, Departure, Parcel, Quote, Service
from app.models import Party as PartyRow
from app.queries import places
from trade.goods import goods_classes

DEAD = ("CANCELLED", "REJECTED", "DECLINED")
"""Bookings nothing is printed for any more."""


@dataclass(frozen=True, slots=True)
class BookingFacts:
    """A booking as its papers show it."""

    booking: Booking
    consignor: Party
    origin: Place
    destination: Place
    legs: tuple[Leg, ...]
    lines: Mapping[int, BookingLine]
    """By row id."""
    incoterm: str | None

    def goods(self, code: str) -> Goods:
        """A goods class, with its marks for aircraft where a leg flies."""
        return goods_of(
            code, self.booking.created_at.date(), flies=any(leg.mode == "air" for leg in self.legs)
        )

    @property
    def filling(self) -> ColumnElement[bool]:
        """The condition on parcels that they fill it."""
        return Parcel.booking_line_id.in_(list(self.lines)) & (Parcel.status != "cancelled")

    @property
    def booked(self) -> tuple[GoodsLine, ...]:
        """The goods as they were booked."""
        return tuple(self.line(line, line.count) for line in self.lines.values())

    def line(
        self, line: BookingLine, packages: int, weight_g: int | None = None, volume_cm3: int | None = None
    ) -> GoodsLine:
        """So many packages of a line; weight and volume of all of them, as booked if not given."""
        return GoodsLine(
            packages=packages,
            description=line.description,
            goods=self.goods(line.goods_class),
            hs_code=line.hs_code,
            weight_g=line.weight_g * packages if weight_g is None else weight_g,
            volume_cm3=line.volume_cm3 * packages if volume_cm3 is None else volume_cm3,
        )


def visible_booking(session: Session, actor: Actor, public_id: str) -> BookingFacts:
    """The booking with this id; NotFound, also for another exporter's, and practice is apart from business."""
    booking = session.scalar(select(Booking).where(Booking.public_id == public_id))
    if booking is None or not sees(actor, booking):
        raise NotFound("there is no such booking")
    return facts_of(session, booking.id)


def sees(actor: Actor, booking: Booking) -> bool:
    """Whether the actor may know of a booking: exporters of their own, keys of their own mode only."""
    own = actor.exporter_id in (None, booking.exporter_id)
    return own and (actor.kind != "key" or booking.test_mode == actor.test_mode)


def live(facts: BookingFacts) -> BookingFacts:
    """The same, while there is something to print for it; NothingToPrint once it is over."""
    if facts.booking.status in DEAD:
        raise NothingToPrint(f"the booking is {facts.booking.status.lower()}")
    return facts


def waybill_numbers(session: Session, facts: BookingFacts) -> dict[int, str]:
    """The numbers of its house waybills, by row id of the consignment."""
    query = select(Consignment.id, Consignment.waybill_number).order_by(Consignment.id)
    found = session.execute(query.where(Consignment.booking_id == facts.booking.id))
    return {key: number for key, number in found}  # noqa: C416 (a row is no pair to the type checker)


def facts_of(session: Session, booking_id: int) -> BookingFacts:
    """Everything papers need of one booking, what is not committed yet included."""
    whole = (selectinload(Booking.lines), selectinload(Booking.legs), joinedload(Booking.exporter))
    booking = session.scalars(select(Booking).where(Booking.id == booking_id).options(*whole)).one()
    rows = session.execute(
        select(BookingLeg, Service, Departure.number)
        .join(Service, Service.id == BookingLeg.service_id)
        .outerjoin(Departure, Departure.id == BookingLeg.departure_id)
        .where(BookingLeg.booking_id == booking_id)
        .order_by(BookingLeg.seq)
    ).all()
    ends = {booking.origin_id, booking.destination_id}
    ends |= {place for leg, _, _ in rows for place in (leg.from_id, leg.to_id)}
    known = places_of(session, ends)
    asked = session.scalar(select(Quote.asked).where(Quote.id == booking.quote_id)) or {}
    return BookingFacts(
        booking,
        party_of(booking.exporter),
        known[booking.origin_id],
        known[booking.destination_id],
        tuple(_leg(leg, service, number, known) for leg, service, number in rows),
        {line.id: line for line in booking.lines},
        asked.get("incoterm"),
    )


def _leg(leg: BookingLeg, service: Service, number: str | None, known: Mapping[int, Place]) -> Leg:
    return Leg(
        seq=leg.seq,
        mode=leg.mode,
        service=both(service.name_en, service.name_zh),
        number=number,
        origin=known[leg.from_id],
        destination=known[leg.to_id],
        departs_at=leg.departs_at,
        arrives_at=leg.arrives_at,
    )


def party_of(row: PartyRow) -> Party:
    """A company."""
    return Party(name=row.name, reference=row.reference, country=row.country)


def places_of(session: Session, ids: Iterable[int]) -> dict[int, Place]:
    """Locations by row id."""
    names = Place.__slots__
    found = places.places(session, ids)
    return {key: Place(**{name: getattr(row, name) for name in names}) for key, row in found.items()}


def goods_of(code: str, on: date, *, flies: bool) -> Goods:
    """A goods class as the law had it on a day; one it does not know any more by its code."""
    known = goods_classes(on).get(code)
    if known is None:
        return Goods(name_en=code, name_zh="")
    return Goods(
        name_en=known.name_en,
        name_zh=known.name_zh,
        un_number=known.un_number,
        packing_instruction=known.packing_instruction if flies else "",
        cargo_aircraft_only=flies and known.cargo_aircraft_only,
    )
