"""A hub in China with a departure, a booking on it and its parcels, for tests of load building."""

from dataclasses import dataclass, field

from sqlalchemy import select

from app.actor import Actor, system
from app.models import Booking, Departure, LoadUnit, Location, Parcel, Service, Warehouse
from app.usecases.loading.building import scan_in
from app.usecases.loading.finding import Hand
from app.usecases.loading.opening import NewUnit, open_unit
from app.usecases.loading.receiving import receive_parcel
from tests import factories as make
from tests.booking_rows import LINE, fill_booking, make_booking, make_offer, make_quote
from tests.factories import NOW

SEAL = {"seal_number": "CN0001"}


@dataclass
class Hub:
    """One hub: `parcels` fill `booking`, which goes from the hub with `departure`."""

    place: Warehouse
    location: Location
    service: Service
    departure: Departure
    booking: Booking
    parcels: list[Parcel]
    staff: Actor
    actor: Actor = field(default_factory=lambda: system("test"))

    @property
    def code(self):
        return self.location.code


def a_hub(session, *, count=3, accepts=("general", "food", "li_ion_alone"), received=True, code=None):
    """A hub whose sea departure carries one booking of `count` parcels of 1 kg and 3 l; they are received there."""
    location = make.make_location(session, code, kind="origin_hub")
    place = make.make_warehouse(session, location)
    hamburg = make.make_location(session, kind="port", country="DE", time_zone="Europe/Berlin")
    service = make.make_service(session, mode="sea", accepts=list(accepts))
    stops = [location, hamburg]
    departure = make.make_departure(session, service, stops, accepts=list(accepts))
    booking = book(session, departure, count=count)
    hub = Hub(
        place,
        location,
        service,
        departure,
        booking,
        [],
        Actor("user", "usr_hub", "warehouse", warehouse_id=place.id),
    )
    hub.parcels = fill_booking(session, booking, count, ready_at=NOW)
    if received:
        for parcel in hub.parcels:
            receive_parcel(session, hub.actor, NOW, hub.code, Hand(parcel.tracking_number))
    return hub


def book(session, departure, *, count=3, exporter=None, **facts):
    """A booking of `count` packages of general goods from the first to the last call."""
    first, last = (session.get_one(Location, departure.calls[at].location_id) for at in (0, -1))
    lines = [LINE | {"count": count} | facts.pop("line", {})]
    quote = make_quote(session, exporter, first, last, lines=lines)
    return make_booking(session, make_offer(session, [departure], quote), lines=lines, **facts)


def another(session, hub, *, departure=None, received=True, line=None, **facts):
    """One more parcel at the hub, with a booking of its own."""
    booking = book(session, departure or hub.departure, count=1, line=line or {})
    parcel = fill_booking(session, booking, 1, **facts)[0]
    if received:
        receive_parcel(session, hub.actor, NOW, hub.code, Hand(parcel.tracking_number), anyway=True)
    return parcel


def a_unit(session, hub, kind="bag", type_code="MAILBAG", **facts):
    """An open unit for the hub's departure."""
    facts = {"departure": hub.departure.public_id, **facts}
    return open_unit(session, hub.actor, NOW, hub.code, NewUnit(kind=kind, type_code=type_code, **facts))


def packed(session, hub, unit, *parcels):
    """Scan parcels into a unit."""
    for parcel in parcels or hub.parcels:
        scan_in(session, hub.actor, NOW, unit.public_id, Hand(parcel.tracking_number))
    return session.scalars(
        select(LoadUnit).where(LoadUnit.id == unit.id).execution_options(populate_existing=True)
    ).one()
