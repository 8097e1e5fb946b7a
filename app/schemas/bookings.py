"""Bookings on the wire."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from app.models.bookings import AMENDMENT_STATES, BOOKING_STATES, CANCELLATION_STATES
from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Number, PublicId, Text, Whole, Word

MOST_PARCELS = 1000
LINE: dict[str, Any] = {
    "seq": 1, "count": 20, "filled": 0, "weight_kg": "12.500", "length_cm": "40.0", "width_cm": "30.0",
    "height_cm": "30.0", "volume_m3": "0.036000", "goods_class": "general", "description": "ceramic mugs",
    "hs_code": "691200", "value": "240.00", "currency": "USD",
}  # fmt: skip
LEG: dict[str, Any] = {
    "seq": 1, "mode": "sea", "service": "SEA-EU1", "departure_id": "dep_0h3vk5m8q2r7t9xz", "number": "048W",
    "from": "CNTAO-PORT", "to": "DEHAM-PORT", "cutoff_at": "2026-11-29T10:00:00+08:00",
    "departs_at": "2026-12-01T02:00:00+08:00", "arrives_at": "2027-01-04T06:00:00+01:00",
}  # fmt: skip
CHARGE: dict[str, Any] = {
    "leg": 1, "code": "freight", "basis": "per_kg", "priced": "125.00", "priced_currency": "USD", "amount": "125.00",
}  # fmt: skip
SUMMARY: dict[str, Any] = {
    "id": "bkg_0h3vk5m8q2r7t9xz", "status": "CONFIRMED", "amendment_status": None, "cancellation_status": None,
    "reference": "PO-2026-118", "exporter": "acme", "quote_id": "qte_0h3vk5m8q2r7t9xz",
    "offer_id": "off_0h3vk5m8q2r7t9xz", "test_mode": False, "origin": "CNQIN-HUB", "destination": "DEDUI-WHS",
    "customs_mode": "9810", "currency": "USD", "total": "125.00", "created_at": "2026-11-23T01:30:00+00:00",
}  # fmt: skip
EVENT = {"id": "evt_0h3vk5m8q2r7t9xz", "seq": 1, "kind": "received", "at": "2026-11-23T01:30:00+00:00"}
DETAIL: dict[str, Any] = SUMMARY | {
    "lines": [LINE], "legs": [LEG], "charges": [CHARGE], "events": [EVENT], "waybills": ["FPW12345678901"],
    "free_cancellation_until": "2026-11-29T02:00:00+00:00",
}  # fmt: skip


class NewBooking(Shape):
    """The offer to be booked. `quote_id` may be given to be sure that it is the one meant."""

    example: ClassVar[dict[str, Any]] = {"offer_id": "off_0h3vk5m8q2r7t9xz", "reference": "PO-2026-118"}
    offer_id = PublicId("off", required=True)
    quote_id = PublicId("qte", load_default=None, allow_none=True)
    reference = Text(longest=64, load_default=None, allow_none=True, metadata={"description": "Your own."})


class BookingQuery(PageQuery):
    """What narrows the bookings."""

    status = Word(*BOOKING_STATES, load_default=None)
    reference = Text(longest=64, load_default=None, metadata={"description": "Exactly this one."})
    exporter = Text(longest=40, load_default=None, metadata={"description": "Reference or id; for staff."})
    departure_id = PublicId("dep", load_default=None)


class AmendedLine(Shape):
    """What one line is to be: all its packages, and the size of one."""

    seq = Whole(least=1, most=100, required=True, metadata={"description": "The line that changes."})
    count = Whole(least=1, most=100_000, load_default=None, allow_none=True)
    weight_kg = Number(least="0", above=True, most="100000", places=3, load_default=None, allow_none=True)
    length_cm = Number(least="0", above=True, most="2000", places=1, load_default=None, allow_none=True)
    width_cm = Number(least="0", above=True, most="2000", places=1, load_default=None, allow_none=True)
    height_cm = Number(least="0", above=True, most="2000", places=1, load_default=None, allow_none=True)


class BookingAmendment(Shape):
    """What is to be different; what is left out stays."""

    example: ClassVar[dict[str, Any]] = {"lines": [{"seq": 1, "count": 24}]}
    reference = Text(longest=64, load_default=None, allow_none=True)
    lines = fields.List(
        fields.Nested(AmendedLine),
        load_default=list,
        validate=validate.Length(max=100, error="bad_length|100 at most"),
    )


class Cancellation(Shape):
    """Why it is cancelled."""

    example: ClassVar[dict[str, Any]] = {"reason": "the buyer withdrew"}
    reason = Text(longest=500, load_default="")


class RolledLeg(Shape):
    """Where one leg goes instead."""

    leg = Whole(least=1, most=20, required=True)
    departure_id = PublicId("dep", required=True)


class Roll(Shape):
    """Legs that travel with other departures of the same services."""

    example: ClassVar[dict[str, Any]] = {
        "legs": [{"leg": 1, "departure_id": "dep_0h3vk5m8q2r7t9xz"}],
        "reason": "goods are late",
    }
    legs = fields.List(
        fields.Nested(RolledLeg),
        required=True,
        validate=validate.Length(min=1, max=20, error="bad_length|1 to 20 legs"),
    )
    reason = Text(longest=500, load_default="")


class AddedParcels(Shape):
    """Parcels of the order pool that fill the booking: by id, or all of an import by its batch."""

    example: ClassVar[dict[str, Any]] = {"parcel_ids": ["pcl_0h3vk5m8q2r7t9xz"]}
    parcel_ids = fields.List(
        PublicId("pcl"),
        load_default=list,
        validate=validate.Length(max=MOST_PARCELS, error=f"bad_length|{MOST_PARCELS} at most; use batch_id"),
    )
    batch_id = PublicId("bat", load_default=None, allow_none=True)


class BookedLineShape(Answer):
    """Packages of one size that were booked; `filled` of them have a parcel."""

    seq = fields.Integer()
    count = fields.Integer()
    filled = fields.Integer()
    weight_kg = fields.String(metadata={"description": "Of one package, as the dimensions and the value."})
    length_cm = fields.String(allow_none=True)
    width_cm = fields.String(allow_none=True)
    height_cm = fields.String(allow_none=True)
    volume_m3 = fields.String()
    goods_class = fields.String()
    description = fields.String()
    hs_code = fields.String(allow_none=True)
    value = fields.String()
    currency = fields.String()


class BookedLegShape(Answer):
    """One leg: times are local at each place; legs on demand have no departure and no cut-off."""

    seq = fields.Integer()
    mode = fields.String()
    service = fields.String(metadata={"description": "Code of the service."})
    departure_id = fields.String(allow_none=True)
    number = fields.String(allow_none=True, metadata={"description": "Voyage, flight or train."})
    from_ = fields.String(data_key="from")
    to = fields.String()
    cutoff_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    departs_at = fields.String(metadata={"format": "date-time"})
    arrives_at = fields.String(metadata={"format": "date-time"})


class BookedChargeShape(Answer):
    """One charge: as the tariff has it, and in the currency of the booking."""

    leg = fields.Integer(metadata={"description": "0: the booking as a whole."})
    code = fields.String()
    basis = fields.String()
    priced = fields.String()
    priced_currency = fields.String()
    amount = fields.String()


class BookingEventShape(Answer):
    """Something that happened to the booking."""

    id = fields.String()
    seq = fields.Integer()
    kind = fields.String()
    at = fields.String(metadata={"format": "date-time"})


class BookingSummary(Answer):
    """A booking as lists show it."""

    example: ClassVar[dict[str, Any]] = SUMMARY
    id = fields.String()
    status = fields.String(metadata={"enum": list(BOOKING_STATES), "description": "As in DCSA Booking 2.0."})
    amendment_status = fields.String(allow_none=True, metadata={"enum": [*AMENDMENT_STATES, None]})
    cancellation_status = fields.String(allow_none=True, metadata={"enum": [*CANCELLATION_STATES, None]})
    reference = fields.String(allow_none=True)
    exporter = fields.String()
    quote_id = fields.String(allow_none=True)
    offer_id = fields.String(allow_none=True)
    test_mode = fields.Boolean()
    origin = fields.String(metadata={"description": "Code of the location."})
    destination = fields.String()
    customs_mode = fields.String(allow_none=True)
    currency = fields.String()
    total = fields.String()
    created_at = fields.String(metadata={"format": "date-time"})


class BookingDetail(BookingSummary):
    """A booking with its lines, legs, charges and events."""

    example: ClassVar[dict[str, Any]] = DETAIL
    lines = fields.List(fields.Nested(BookedLineShape))
    legs = fields.List(fields.Nested(BookedLegShape))
    charges = fields.List(fields.Nested(BookedChargeShape))
    events = fields.List(fields.Nested(BookingEventShape))
    waybills = fields.List(fields.String(), metadata={"description": "Numbers of the house waybills."})
    free_cancellation_until = fields.String(allow_none=True, metadata={"format": "date-time"})


class BookingPage(Page):
    """Bookings, the newest first."""

    example: ClassVar[dict[str, Any]] = {"items": [SUMMARY], "next_cursor": None}
    items = fields.List(fields.Nested(BookingSummary))


class FilledParcel(Answer):
    """A parcel that fills a booking, and the number on its label."""

    id = fields.String()
    reference = fields.String()
    tracking_number = fields.String()


class FilledBooking(Answer):
    """What fills the booking now by this request."""

    example: ClassVar[dict[str, Any]] = {
        "parcels": [
            {"id": "pcl_0h3vk5m8q2r7t9xz", "reference": "ORDER-1001", "tracking_number": "FP123456789012"}
        ]
    }
    parcels = fields.List(fields.Nested(FilledParcel))
