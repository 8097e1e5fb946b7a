"""Departures on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from app.models.departures import DEPARTURE_STATES
from app.models.services import CUTOFF_CODES, MODES
from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Day, Instant, PublicId, Text, Whole, Word
from app.schemas.layout import CLOCK
from app.schemas.places import CODE, PLACE, PlaceShape

FREE_BANDS = ("none", "low", "medium", "high")
INCHEON: dict[str, Any] = {**PLACE, "code": "KRINC-PORT", "unlocode": "KRINC", "country": "KR",
                          "name_en": "Incheon port", "name_zh": "仁川港", "time_zone": "Asia/Seoul"}  # fmt: skip
DEPARTURE: dict[str, Any] = {
    "id": "dep_0h3vk5m8q2r7t9xz",
    "service": {"code": "FER-TAO-INC", "name_en": "Ferry Qingdao – Incheon", "name_zh": "轮渡 青岛港—仁川港"},
    "number": "0412",
    "mode": "ferry",
    "charter": False,
    "carrier": "example",
    "aircraft": None,
    "from": PLACE,
    "to": INCHEON,
    "departs_at": "2026-11-24T19:00:00+08:00",
    "arrives_at": "2026-11-25T09:00:00+09:00",
    "status": "open",
    "closing": False,
    "accepts": ["general", "li_ion_contained"],
    "free_band": "medium",
    "next_cutoff": {"code": "FCO", "at": "2026-11-24T12:00:00+08:00", "place_code": "CNTAO-PORT"},
}


class DepartureQuery(PageQuery):
    """What narrows the departures."""

    mode = Word(*MODES, load_default=None)
    from_ = Text(
        longest=24, pattern=CODE, load_default=None, data_key="from",
        metadata={"description": "Calls here (our code or UN/LOCODE) …"},
    )  # fmt: skip
    to = Text(
        longest=24, pattern=CODE, load_default=None, metadata={"description": "… and here, later on the way."}
    )
    departs_from = Instant(load_default=None)
    departs_to = Instant(load_default=None, metadata={"description": "The first instant that is too late."})
    status = Word(*DEPARTURE_STATES, load_default=None)
    accepts = Text(
        longest=32, pattern=CODE, load_default=None, metadata={"description": "A goods class code."}
    )


class ServiceName(Answer):
    """The service a departure belongs to."""

    code = fields.String()
    name_en = fields.String()
    name_zh = fields.String()


class CutoffShape(Answer):
    """The latest moment for one task; the code is DCSA's."""

    code = fields.String(metadata={"enum": list(CUTOFF_CODES)})
    at = fields.String(metadata={"format": "date-time"})


class NextCutoff(CutoffShape):
    """The first cut-off still ahead."""

    place_code = fields.String()


class DepartureShape(Answer):
    """One dated sailing, flight, train or truck run."""

    example: ClassVar[dict[str, Any]] = DEPARTURE
    id = fields.String()
    service = fields.Nested(ServiceName)
    number = fields.String()
    mode = fields.String(metadata={"enum": list(MODES)})
    charter = fields.Boolean()
    carrier = fields.String(allow_none=True)
    aircraft = fields.String(allow_none=True)
    from_ = fields.Nested(PlaceShape, data_key="from")
    to = fields.Nested(PlaceShape)
    departs_at = fields.String(
        metadata={"format": "date-time", "description": "In the local offset of `from`."}
    )
    arrives_at = fields.String(
        metadata={"format": "date-time", "description": "In the local offset of `to`."}
    )
    status = fields.String(metadata={"enum": list(DEPARTURE_STATES)})
    closing = fields.Boolean(metadata={"description": "Open, with a cut-off within a day."})
    accepts = fields.List(fields.String(), metadata={"description": "Goods class codes carried."})
    free_band = fields.String(
        metadata={"enum": list(FREE_BANDS), "description": "What is free on the fullest segment."}
    )
    next_cutoff = fields.Nested(NextCutoff, allow_none=True)


class DeparturePage(Page):
    """Departures by time."""

    example: ClassVar[dict[str, Any]] = {"items": [DEPARTURE], "next_cursor": None}
    items = fields.List(fields.Nested(DepartureShape))


class CallShape(Answer):
    """The departure at one place; times are in the local offset."""

    seq = fields.Integer()
    place = fields.Nested(PlaceShape)
    arrives_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    departs_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    cutoffs = fields.List(fields.Nested(CutoffShape))


class SegmentShape(Answer):
    """Between two neighbouring calls."""

    seq = fields.Integer()
    from_code = fields.String()
    to_code = fields.String()
    distance_km = fields.Integer()
    free_band = fields.String(metadata={"enum": list(FREE_BANDS)})


class PoolShape(Answer):
    """So much of one dimension on one segment."""

    segment = fields.Integer()
    dimension = fields.String(
        metadata={"enum": ["kg", "m3", "teu", "slot20", "slot40", "slot45", "uld_position"]}
    )
    capacity = fields.String()
    held = fields.String()
    booked = fields.String()
    free = fields.String()
    allotment_of = fields.String(
        allow_none=True, metadata={"description": "Whose block it is; null: everybody's."}
    )
    release_at = fields.String(allow_none=True, metadata={"format": "date-time"})


class UnitShape(Answer):
    """Handling units of one type that may be opened, and what one costs the operation."""

    code = fields.String()
    name_en = fields.String()
    name_zh = fields.String()
    max_count = fields.Integer()
    opened = fields.Integer()
    payload_kg = fields.String()
    volume_m3 = fields.String()
    cost = fields.String(allow_none=True, metadata={"description": "For operators and finance; else null."})
    currency = fields.String(allow_none=True)


class DepartureDetail(DepartureShape):
    """One departure with its calls, cut-offs and segments."""

    example: ClassVar[dict[str, Any]] = {
        **DEPARTURE,
        "border": None,
        "gauge_changes": 0,
        "wagon_count": None,
        "vessel_imo": None,
        "min_payload_kg": None,
        "calls": [
            {"seq": 0, "place": PLACE, "arrives_at": None, "departs_at": "2026-11-24T19:00:00+08:00",
             "cutoffs": [{"code": "FCO", "at": "2026-11-24T12:00:00+08:00"}]},
            {"seq": 1, "place": INCHEON, "arrives_at": "2026-11-25T09:00:00+09:00", "departs_at": None,
             "cutoffs": []},
        ],
        "segments": [{"seq": 0, "from_code": "CNTAO-PORT", "to_code": "KRINC-PORT", "distance_km": 584,
                      "free_band": "medium"}],
        "pools": [{"segment": 0, "dimension": "teu", "capacity": "40.00", "held": "2.00", "booked": "20.00",
                   "free": "18.00", "allotment_of": None, "release_at": None}],
        "units": [{"code": "22G1", "name_en": "20-foot container", "name_zh": "20 英尺集装箱", "max_count": 40,
                   "opened": 20, "payload_kg": "21700.000", "volume_m3": "28.000000", "cost": None,
                   "currency": None}],
    }  # fmt: skip
    border = fields.Nested(PlaceShape, allow_none=True)
    gauge_changes = fields.Integer()
    wagon_count = fields.Integer(allow_none=True)
    vessel_imo = fields.String(allow_none=True)
    min_payload_kg = fields.String(allow_none=True)
    calls = fields.List(fields.Nested(CallShape))
    segments = fields.List(fields.Nested(SegmentShape))
    pools = fields.List(
        fields.Nested(PoolShape), metadata={"description": "An exporter sees its own allotments only."}
    )
    units = fields.List(fields.Nested(UnitShape), metadata={"description": "Empty for exporters."})


class DepartureReason(Shape):
    """Why it is done; exporters whose goods are concerned read it."""

    example: ClassVar[dict[str, Any]] = {"reason": "the vessel broke down"}
    reason = Text(longest=200, load_default="")


class CancelledDeparture(Shape):
    """Why the departure does not run; exporters with goods on it are told."""

    example: ClassVar[dict[str, Any]] = {"reason": "the vessel broke down"}
    reason = Text(longest=200, required=True)


class CargoRoll(Shape):
    """The departure of the same service that takes the goods instead."""

    example: ClassVar[dict[str, Any]] = {"onto": "dep_0h3vk5m8q2r7t9xy", "reason": "the vessel broke down"}
    onto = PublicId("dep", required=True)
    reason = Text(longest=200, load_default="")


class RolledBookingShape(Answer):
    """What became of one booking."""

    booking_id = fields.String()
    exporter = fields.String()
    rolled = fields.Boolean()
    detail = fields.String(metadata={"description": "Why it stays where it is; empty where it was rolled."})


class CargoRolled(Answer):
    """What became of the bookings of a departure, the oldest first."""

    example: ClassVar[dict[str, Any]] = {
        "items": [
            {"booking_id": "bkg_0h3vk5m8q2r7t9xz", "exporter": "acme", "rolled": True, "detail": ""},
        ]
    }
    items = fields.List(fields.Nested(RolledBookingShape))


class WeeklySeries(Shape):
    """For how many weeks a departure is repeated."""

    example: ClassVar[dict[str, Any]] = {"weeks": 4}
    weeks = Whole(least=1, most=26, required=True)


class RepeatedDeparture(Answer):
    """The departures that were made; weeks that had one already are not among them."""

    example: ClassVar[dict[str, Any]] = {
        "items": [
            {"id": "dep_0h3vk5m8q2r7t9xy", "number": "20261201", "departs_at": "2026-12-01T11:00:00+00:00"}
        ]
    }
    items = fields.List(fields.Dict())


class NewDeparture(Shape):
    """A departure of a service on a day, and what differs from the service's pattern."""

    example: ClassVar[dict[str, Any]] = {"service": "FER-TAO-INC", "departs_on": "2026-12-01"}
    service = Text(longest=40, required=True)
    departs_on = Day(required=True)
    departs_local = Text(longest=5, pattern=CLOCK, load_default=None)
    number = Text(longest=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$", load_default=None)
    status = Word("planned", "open", load_default="open")
