"""Bookings and what belongs to them."""

from typing import TypedDict


class BookingSummary(TypedDict):
    """A booking as lists show it."""

    id: str
    status: str
    amendment_status: str | None
    cancellation_status: str | None
    reference: str | None
    exporter: str
    quote_id: str | None
    offer_id: str | None
    test_mode: bool
    origin: str
    destination: str
    customs_mode: str | None
    currency: str
    total: str
    created_at: str


class BookedLine(TypedDict):
    """Packages of one size that were booked; `filled` of them have a parcel."""

    seq: int
    count: int
    filled: int
    weight_kg: str
    length_cm: str | None
    width_cm: str | None
    height_cm: str | None
    volume_m3: str
    goods_class: str
    description: str
    hs_code: str | None
    value: str
    currency: str


BookedLeg = TypedDict(
    "BookedLeg",
    {
        "seq": int,
        "mode": str,
        "service": str,
        "departure_id": str | None,
        "number": str | None,
        "from": str,
        "to": str,
        "cutoff_at": str | None,
        "departs_at": str,
        "arrives_at": str,
    },
)
"""One leg: times are local at each place; legs on demand have no departure and no cut-off."""


class BookedCharge(TypedDict):
    """One charge: as the tariff has it, and in the currency of the booking."""

    leg: int
    code: str
    basis: str
    priced: str
    priced_currency: str
    amount: str


class BookingEvent(TypedDict):
    """Something that happened to the booking."""

    id: str
    seq: int
    kind: str
    at: str


class Booking(BookingSummary):
    """A booking with its lines, legs, charges and events."""

    lines: list[BookedLine]
    legs: list[BookedLeg]
    charges: list[BookedCharge]
    events: list[BookingEvent]
    waybills: list[str]
    free_cancellation_until: str | None


class FilledParcel(TypedDict):
    """A parcel that fills a booking, and the number on its label."""

    id: str
    reference: str
    tracking_number: str


class FilledBooking(TypedDict):
    """What fills the booking now by this request."""

    parcels: list[FilledParcel]
