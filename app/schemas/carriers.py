"""What carriers and staff report, and what carriers sign it with, on the wire."""

from dataclasses import dataclass
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate

from app.schemas.base import Answer, Shape
from app.schemas.fields import COMMON, Instant, PublicId, Text, Whole, Word
from app.usecases.tracking import MOST_EVENTS, OUTCOMES

REPORTED = ("EST", "ACT")
"""What can be reported; what is planned is known from the booking."""
OUTCOME = {"eventID": "liner-77812", "outcome": "accepted", "code": "", "message": "", "suggestion": ""}


class NewEvent(Shape):
    """What is expected of, or happened to, the thing in the path; staff report it."""

    example: ClassVar[dict[str, Any]] = {
        "eventClassifierCode": "EST",
        "code": "ARRI",
        "eventDateTime": "2026-12-20T08:00:00+01:00",
        "location": "DEHAM",
        "text": "storm off Biscay",
    }
    event_id = Text(
        data_key="eventID",
        longest=64,
        load_default=None,
        metadata={"description": "Your own; the same event sent again under it is a duplicate."},
    )
    classifier = Word(*REPORTED, data_key="eventClassifierCode", load_default="ACT")
    code = Text(
        longest=32,
        metadata={
            "description": "DCSA event code (DEPA, ARRI, LOAD, CUSR …) or a tracking status of a parcel."
        },
        required=True,
    )
    happens_at = Instant(data_key="eventDateTime", required=True)
    created_at = Instant(
        data_key="eventCreatedDateTime",
        load_default=None,
        metadata={"description": "When it was written; the report written last holds. Default: now."},
    )
    location = Text(
        longest=24,
        load_default=None,
        metadata={"description": "Our code, a UN/LOCODE or an IATA code; of a departure it names the call."},
    )
    call = Whole(
        least=0,
        most=999,
        load_default=None,
        metadata={"description": "Number of the call, beside its place."},
    )
    text = Text(longest=500, shortest=0, load_default="")


class CarrierEvent(NewEvent):
    """The same with what it is about: a departure (its id, or service and number), or a parcel."""

    example: ClassVar[dict[str, Any]] = {
        "eventID": "liner-77812",
        "eventClassifierCode": "ACT",
        "code": "ARRI",
        "eventDateTime": "2026-12-20T06:40:00+01:00",
        "service": "SEA-EU1",
        "number": "048W",
        "location": "DEHAM",
    }
    event_id = Text(data_key="eventID", longest=64, required=True)
    departure = PublicId("dep", load_default=None)
    service = Text(longest=40, load_default=None)
    number = Text(longest=40, load_default=None)
    parcel = Text(data_key="trackingNumber", longest=24, load_default=None)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An event of a report that cannot be read, and the first thing that is wrong with it."""

    event_id: str
    message: str


class Alone(fields.Nested):
    """An object that is judged by itself: what is wrong with it keeps nobody from reading those beside it."""

    def _deserialize(self, value: object, *about: Any, **kwargs: Any) -> object:  # noqa: ANN401 (as above it)
        try:
            return super()._deserialize(value, *about, **kwargs)
        except ValidationError as error:
            known = value.get("eventID") if isinstance(value, dict) else None
            return Unreadable(_printable(known), _first(error.messages))


def _printable(text: object) -> str:
    return text if isinstance(text, str) and len(text) <= 64 and text.isprintable() else ""


def _first(messages: object) -> str:
    """The first message of a nest of them, after the member it is about."""
    if isinstance(messages, dict):
        name, inner = next(iter(messages.items()))
        return _first(inner) if name == "_schema" else f"{name}: {_first(inner)}"
    return str(messages[0] if isinstance(messages, list) else messages).partition("|")[2]


class CarrierReport(Shape):
    """What a carrier reports at once."""

    example: ClassVar[dict[str, Any]] = {"events": [CarrierEvent.example]}
    events = fields.List(
        Alone(CarrierEvent),
        required=True,
        validate=validate.Length(1, MOST_EVENTS, error=f"bad_length|1 to {MOST_EVENTS} events at once"),
        error_messages=COMMON | {"invalid": "not_a_list|must be a list"},
    )


class EventOutcome(Answer):
    """What became of one event."""

    example: ClassVar[dict[str, Any]] = OUTCOME
    event_id = fields.String(data_key="eventID")
    outcome = fields.String(metadata={"enum": list(OUTCOMES)})
    code = fields.String(metadata={"description": "Why it was rejected; docs/tracking.md lists the codes."})
    message = fields.String()
    suggestion = fields.String()


class ReportOutcome(Answer):
    """What became of each event, in the order in which they were sent."""

    example: ClassVar[dict[str, Any]] = {"results": [OUTCOME]}
    results = fields.List(fields.Nested(EventOutcome))


class CarrierSecretShape(Answer):
    """A secret that a carrier signs its reports with, itself left out."""

    example: ClassVar[dict[str, Any]] = {
        "id": "key_0h3vk5m8q2r7t9xz",
        "carrier": "EX-LINER",
        "created_at": "2026-11-23T01:30:00+00:00",
        "revoked_at": None,
    }
    id = fields.String()
    carrier = fields.String()
    created_at = fields.String(metadata={"format": "date-time"})
    revoked_at = fields.String(allow_none=True, metadata={"format": "date-time"})


class CarrierSecretList(Answer):
    """The secrets of a carrier, the newest first."""

    example: ClassVar[dict[str, Any]] = {"items": [CarrierSecretShape.example], "next_cursor": None}
    items = fields.List(fields.Nested(CarrierSecretShape))
    next_cursor = fields.String(allow_none=True, metadata={"description": "Always null: they are few."})


class NewCarrierSecret(CarrierSecretShape):
    """A fresh secret; it is shown in this answer alone, and null where the answer is replayed."""

    example: ClassVar[dict[str, Any]] = CarrierSecretShape.example | {"secret": "whsec_…"}
    secret = fields.String(allow_none=True)
