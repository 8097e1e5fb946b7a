"""Rows for tests of billing: bookings that cost something, and exchange rates."""

import itertools
from datetime import date

from app.ids import new_id
from app.models import Booking, BookingEvent, BookingLeg, FxRate, Payment
from tests.factories import DAY, NOW, make_location, make_service

TODAY = NOW.date()
_numbers = itertools.count(1)


def charge(
    amount_minor, currency="CNY", code="freight", *, leg_seq=1, priced_minor=None, priced_currency=None
):
    """A charge line as offers have it: flat, priced in the booking's currency if nothing else is said."""
    priced = amount_minor if priced_minor is None else priced_minor
    return {
        "leg_seq": leg_seq, "code": code, "basis": "flat", "quantity": 1, "unit_price_micros": priced * 10_000,
        "priced_minor": priced, "priced_currency": priced_currency or currency, "amount_minor": amount_minor,
    }  # fmt: skip


def make_booking(session, exporter, *amounts, departure=None, **facts):
    """A confirmed booking with a flat charge for each amount, on one leg: `departure`'s, or a service on demand."""
    currency = facts.get("currency", "CNY")
    start, end = facts.pop("ends", None) or (make_location(session), make_location(session))
    facts = {
        "status": "CONFIRMED", "currency": currency, "total_minor": sum(amounts), "created_at": NOW,
        "charges": [charge(amount, currency, f"charge_{number}") for number, amount in enumerate(amounts, 1)],
        "origin_id": start.id, "destination_id": end.id, **facts,
    }  # fmt: skip
    booking = Booking(public_id=new_id("bkg"), exporter_id=exporter.id, **facts)
    session.add(booking)
    session.flush()
    on = {"service_id": departure.service_id, "departure_id": departure.id, "board_seq": 0, "alight_seq": 1,
          "departs_at": departure.departs_at} if departure else {"departs_at": NOW + DAY}  # fmt: skip
    on = {"service_id": on.get("service_id") or make_service(session).id, **on}
    ends = {"from_id": start.id, "to_id": end.id, "arrives_at": on["departs_at"] + 5 * DAY}
    session.add(BookingLeg(booking_id=booking.id, seq=1, mode="sea", **ends, **on))
    session.add_all(_events(booking))
    session.flush()
    return booking


def _events(booking):
    """Those its status follows from."""
    kinds = ["received"] if booking.status == "REJECTED" else ["received", "confirmed"]
    if booking.status != "CONFIRMED":
        kinds.append(booking.status.lower())
    booking.version = len(kinds)
    who = {"actor_kind": "key", "actor": "key_test", "detail": {}, "at": NOW, "booking_id": booking.id}
    return [
        BookingEvent(public_id=new_id("evt"), seq=seq, kind=kind, **who)
        for seq, kind in enumerate(kinds, start=1)
    ]


def recharge(booking, *amounts, **facts):
    """Change what a booking costs, as amending and cancelling do."""
    booking.charges = [charge(amount, booking.currency, f"charge_{n}") for n, amount in enumerate(amounts, 1)]
    booking.total_minor = sum(amounts)
    for name, value in facts.items():
        setattr(booking, name, value)


def make_payment(session, exporter, amount_minor, currency="CNY", *, received_on=TODAY):
    """Money that came in."""
    row = Payment(exporter_id=exporter.id, reference=f"BANK-{next(_numbers)}", currency=currency,
                  amount_minor=amount_minor, received_on=received_on, recorded_by="usr_test",
                  created_at=NOW)  # fmt: skip
    session.add(row)
    session.flush()
    return row


def make_rate(session, base, quote, rate_micros, as_of=date(2026, 11, 1)):
    """An exchange rate."""
    row = FxRate(base=base, quote=quote, rate_micros=rate_micros, as_of=as_of, source="example")
    session.add(row)
    session.flush()
    return row
