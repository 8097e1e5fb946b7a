"""Tracking on the wire: events as DCSA Track and Trace names their members, and journeys made of them."""

from typing import Any, ClassVar

from marshmallow import fields

from app.models.pool import PARCEL_STATES
from app.models.services import MODES
from app.models.tracking import CLASSIFIERS, EVENT_TYPES
from app.schemas.base import Answer, Page, PageQuery
from app.schemas.fields import Instant
from app.schemas.places import PLACE, PlaceShape

LOCATION = {
    "locationName": "Port of Hamburg",
    "locationCode": "DEHAM-PORT",
    "UNLocationCode": "DEHAM",
    "countryCode": "DE",
    "latitude": 53.5,
    "longitude": 9.9,
}
EVENT: dict[str, Any] = {
    "eventID": "evt_0h3vk5m8q2r7t9xz",
    "eventType": "TRANSPORT",
    "eventClassifierCode": "ACT",
    "code": "ARRI",
    "eventDateTime": "2026-12-20T06:40:00+01:00",
    "eventCreatedDateTime": "2026-12-20T05:45:00+00:00",
    "location": LOCATION,
    "departure": "dep_0h3vk5m8q2r7t9xz",
    "service": "SEA-EU1",
    "number": "048W",
    "booking": None,
    "trackingNumber": None,
    "text": "",
    "source": "EX-LINER",
}
MOMENT = {
    "planned": "2026-12-20T04:00:00+01:00",
    "estimated": "2026-12-20T08:00:00+01:00",
    "actual": "2026-12-20T06:40:00+01:00",
    "late_min": 160,
}


class EventLocation(Answer):
    """Where an event happens."""

    location_name = fields.String(data_key="locationName")
    location_code = fields.String(data_key="locationCode", metadata={"description": "Our own code."})
    un_location_code = fields.String(data_key="UNLocationCode", allow_none=True)
    country_code = fields.String(data_key="countryCode")
    latitude = fields.Float()
    longitude = fields.Float()


class EventShape(Answer):
    """One tracking event."""

    example: ClassVar[dict[str, Any]] = EVENT
    event_id = fields.String(data_key="eventID")
    event_type = fields.String(data_key="eventType", metadata={"enum": list(EVENT_TYPES)})
    classifier = fields.String(data_key="eventClassifierCode", metadata={"enum": list(CLASSIFIERS)})
    code = fields.String()
    happens_at = fields.String(data_key="eventDateTime", metadata={"format": "date-time"})
    created_at = fields.String(data_key="eventCreatedDateTime", metadata={"format": "date-time"})
    location = fields.Nested(EventLocation, allow_none=True)
    departure = fields.String(allow_none=True, metadata={"description": "Id of the departure it is about."})
    service = fields.String(allow_none=True)
    number = fields.String(allow_none=True)
    booking = fields.String(allow_none=True)
    tracking_number = fields.String(data_key="trackingNumber", allow_none=True)
    text = fields.String()
    source = fields.String(metadata={"description": "Reference of the carrier, or `operations`."})


class EventQuery(PageQuery):
    """What narrows the feed."""

    since = Instant(load_default=None, metadata={"description": "Received at this instant or later."})


class EventPage(Page):
    """Events in the order in which they were received."""

    example: ClassVar[dict[str, Any]] = {"items": [EVENT], "next_cursor": None}
    items = fields.List(fields.Nested(EventShape))


class MomentShape(Answer):
    """One departure or arrival."""

    example: ClassVar[dict[str, Any]] = MOMENT
    planned = fields.String(metadata={"format": "date-time", "description": "When it was booked or rolled."})
    estimated = fields.String(allow_none=True, metadata={"format": "date-time"})
    actual = fields.String(allow_none=True, metadata={"format": "date-time"})
    late_min = fields.Integer(metadata={"description": "Of the best that is known; negative if earlier."})


class TrackedLeg(Answer):
    """One leg of the journey."""

    seq = fields.Integer()
    mode = fields.String(metadata={"enum": list(MODES)})
    service = fields.String()
    departure_id = fields.String(allow_none=True, metadata={"description": "Null: on demand."})
    number = fields.String(allow_none=True)
    from_ = fields.Nested(PlaceShape, data_key="from")
    to = fields.Nested(PlaceShape)
    departs = fields.Nested(MomentShape)
    arrives = fields.Nested(MomentShape)
    connection_missed = fields.Boolean(
        metadata={"description": "It leaves before the leg before it is expected to arrive."}
    )


class StatusCount(Answer):
    """How many parcels have one status."""

    status = fields.String(metadata={"enum": list(PARCEL_STATES)})
    parcels = fields.Integer()


class EtaShape(Answer):
    """When the goods are expected at their destination, or came there."""

    p50 = fields.String(metadata={"format": "date-time"})
    basis = fields.String(metadata={"enum": ["actual", "estimate", "history", "schedule"]})


class TrackingShape(Answer):
    """Where the goods are, and when they arrive."""

    example: ClassVar[dict[str, Any]] = {
        "number": "FP000000000000001234",
        "kind": "parcel",
        "status": "in_transit",
        "parcels": [{"status": "in_transit", "parcels": 1}],
        "booking": "bkg_0h3vk5m8q2r7t9xz",
        "origin": PLACE,
        "destination": PLACE | {"code": "DEHAM-PORT"},
        "eta": {"p50": "2026-12-20T08:00:00+01:00", "basis": "estimate"},
        "legs": [
            {
                "seq": 1, "mode": "sea", "service": "SEA-EU1", "departure_id": "dep_0h3vk5m8q2r7t9xz",
                "number": "048W", "from": PLACE, "to": PLACE | {"code": "DEHAM-PORT"},
                "departs": MOMENT, "arrives": MOMENT, "connection_missed": False,
            }
        ],
        "events": [EVENT],
    }  # fmt: skip
    number = fields.String()
    kind = fields.String(metadata={"enum": ["parcel", "waybill", "booking"]})
    status = fields.String(
        metadata={
            "enum": list(PARCEL_STATES),
            "description": "Of several parcels that of the one furthest behind.",
        }
    )
    parcels = fields.List(fields.Nested(StatusCount))
    booking = fields.String(allow_none=True)
    origin = fields.Nested(PlaceShape)
    destination = fields.Nested(PlaceShape)
    eta = fields.Nested(EtaShape, allow_none=True)
    legs = fields.List(fields.Nested(TrackedLeg))
    events = fields.List(
        fields.Nested(EventShape),
        metadata={
            "description": "By the time they happen. Of a waybill or booking those of its departures and its "
            "own; each parcel's are under its tracking number."
        },
    )
