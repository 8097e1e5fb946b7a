"""Where goods are: events name their members as DCSA does."""

from typing import TypedDict

from fourport_client.shapes.places import Location


class StatusCount(TypedDict):
    """How many parcels have one status."""

    status: str
    parcels: int


class Eta(TypedDict):
    """When the goods are expected at their destination, or came there."""

    p50: str
    basis: str


class Moment(TypedDict):
    """One departure or arrival."""

    planned: str
    estimated: str | None
    actual: str | None
    late_min: int


TrackedLeg = TypedDict(
    "TrackedLeg",
    {
        "seq": int,
        "mode": str,
        "service": str,
        "departure_id": str | None,
        "number": str | None,
        "from": Location,
        "to": Location,
        "departs": Moment,
        "arrives": Moment,
        "connection_missed": bool,
    },
)
"""One leg of the journey."""


class EventLocation(TypedDict):
    """Where an event happens."""

    locationName: str
    locationCode: str
    UNLocationCode: str | None
    countryCode: str
    latitude: float
    longitude: float


class Event(TypedDict):
    """One tracking event."""

    eventID: str
    eventType: str
    eventClassifierCode: str
    code: str
    eventDateTime: str
    eventCreatedDateTime: str
    location: EventLocation | None
    departure: str | None
    service: str | None
    number: str | None
    booking: str | None
    trackingNumber: str | None
    text: str
    source: str


class Tracking(TypedDict):
    """Where the goods are, and when they arrive."""

    number: str
    kind: str
    status: str
    parcels: list[StatusCount]
    booking: str | None
    origin: Location
    destination: Location
    eta: Eta | None
    legs: list[TrackedLeg]
    events: list[Event]
