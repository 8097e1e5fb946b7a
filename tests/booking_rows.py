"""Rows of quotes and bookings for tests, in the manner of `tests.factories`."""

import itertools

from app.ids import new_id
from app.models import Booking, BookingEvent, BookingLeg, BookingLine, Consignment, Offer, Quote
from tests import factories as make
from tests.factories import DAY, NOW
from trade.numbering import waybill_number

LINE = {
    "count": 2, "weight_g": 1_000, "length_mm": 200, "width_mm": 150, "height_mm": 100, "volume_cm3": 3_000,
    "goods_class": "general", "description": "ceramic mugs", "hs_code": "691200", "value_minor": 2_500,
    "value_currency": "USD",
}  # fmt: skip
CHARGE = {
    "leg_seq": 1, "code": "freight", "basis": "per_kg", "quantity": 2_000, "unit_price_micros": 5_000_000,
    "priced_minor": 1_000, "priced_currency": "USD", "amount_minor": 1_000,
}  # fmt: skip
_numbers = itertools.count(1)


def make_quote(session, exporter=None, origin=None, destination=None, *, lines=(LINE,), **facts):
    """A quote of today in USD, good for a day."""
    exporter = exporter or make.make_party(session)
    origin, destination = origin or make.make_location(session), destination or make.make_location(session)
    asked = {
        "lines": list(lines), "direction": "export",
        "origin": {"type": "location", "code": origin.code},
        "destination": {"type": "location", "code": destination.code},
        "ready_at": NOW.isoformat(), "deliver_by": None, "incoterm": "DAP", "customs_mode": "9610",
        "preferences": {}, "currency": "USD", "hard_deadline": False,
        "apart_m": {"origin": None, "destination": None},
    }  # fmt: skip
    facts = {"currency": "USD", "fx": [], "messages": [], "created_at": NOW, "expires_at": NOW + DAY, **facts}
    ends = {"origin_id": origin.id, "destination_id": destination.id}
    return _save(
        session,
        Quote(
            public_id=new_id("qte"),
            exporter=exporter,
            asked=asked,
            offers=facts.pop("offers", []),
            **ends,
            **facts,
        ),
    )


def legs_of(departures, *, may_open=False):
    """Legs of an offer: every departure from its first call to its last."""
    return [
        {
            "seq": seq, "mode": "sea", "service_id": one.service_id, "departure_id": one.id,
            "board_seq": one.calls[0].seq, "alight_seq": one.calls[-1].seq,
            "from_id": one.calls[0].location_id, "to_id": one.calls[-1].location_id,
            "cutoff_at": (one.departs_at - DAY).isoformat(), "departs_at": one.departs_at.isoformat(),
            "arrives_at": one.arrives_at.isoformat(), "may_open": may_open,
        }
        for seq, one in enumerate(departures, start=1)
    ]  # fmt: skip


def make_offer(session, departures=None, quote=None, *, charges=(CHARGE,), may_open=False, **facts):
    """One offer over some departures, of a quote of its own if none is given."""
    departures = departures or [make.make_departure(session)]
    legs = legs_of(departures, may_open=may_open)
    quote = quote or make_quote(session)
    total = sum(line["amount_minor"] for line in charges)
    facts = {"seq": next(_numbers), "total_minor": total, "currency": quote.currency, "shown": {}, **facts}
    return _save(
        session,
        Offer(public_id=new_id("off"), quote=quote, legs=legs, charges=list(charges), **facts),
    )


def make_booking(session, offer=None, *, lines=(LINE,), **facts):
    """A confirmed booking of an offer: lines, legs, events and a consignment; no space is taken."""
    offer = offer or make_offer(session)
    quote = offer.quote
    facts = {
        "status": "CONFIRMED", "currency": offer.currency, "total_minor": offer.total_minor,
        "charges": offer.charges, "customs_mode": quote.asked["customs_mode"], "created_at": NOW, **facts,
    }  # fmt: skip
    ends = {"origin_id": quote.origin_id, "destination_id": quote.destination_id}
    booking = Booking(
        public_id=new_id("bkg"),
        exporter_id=quote.exporter_id,
        quote_id=quote.id,
        offer_id=offer.id,
        **ends,
        **facts,
    )
    booking.lines = [BookingLine(seq=seq, **line) for seq, line in enumerate(lines, start=1)]
    booking.legs = [_leg(leg) for leg in offer.legs]
    booking.events = [
        BookingEvent(
            public_id=new_id("evt"), seq=seq, kind=kind, at=NOW, actor_kind="key", actor="key_test", detail={}
        )
        for seq, kind in enumerate(("received", "confirmed"), start=1)
    ]
    _save(session, booking)
    _save(
        session,
        Consignment(
            public_id=new_id("cns"), booking_id=booking.id, waybill_number=waybill_number(), created_at=NOW,
            customs_mode=booking.customs_mode,
        ),
    )  # fmt: skip
    return booking


def fill_booking(session, booking, count=1, **facts):
    """Parcels that fill the first line of a booking, with tracking numbers."""
    from trade.numbering import tracking_number

    line = booking.lines[0]
    consignment = session.query(Consignment).filter_by(booking_id=booking.id).one()
    exporter = session.get_one(make.Party, booking.exporter_id)
    origin, destination = (
        session.get_one(make.Location, one) for one in (booking.origin_id, booking.destination_id)
    )
    parcels = [
        make.make_parcel(
            session, exporter, origin, destination, booking_line_id=line.id, consignment_id=consignment.id,
            tracking_number=tracking_number(), weight_g=line.weight_g, volume_cm3=line.volume_cm3, **facts,
        )
        for _ in range(count)
    ]  # fmt: skip
    line.filled += count
    session.flush()
    return parcels


def _leg(leg):
    from datetime import datetime

    moments = {
        name: datetime.fromisoformat(leg[name]) if leg[name] else None
        for name in ("cutoff_at", "departs_at", "arrives_at")
    }
    names = ("seq", "mode", "service_id", "departure_id", "board_seq", "alight_seq", "from_id", "to_id")
    return BookingLeg(**{name: leg[name] for name in names}, **moments)


def _save(session, row):
    session.add(row)
    session.flush()
    return row
