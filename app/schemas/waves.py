"""Waves and picks on the wire."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Flag, PublicId, Text, Whole, Word
from warehouses.outbound import WAVE_STATES

WAVE: dict[str, Any] = {
    "id": "wav_0h3vk5m8q2r7t9xz", "warehouse": "DEDUI-WHS", "status": "open",
    "created_at": "2026-11-26T09:00:00+00:00", "done_at": None,
}  # fmt: skip
STOP: dict[str, Any] = {
    "bin": "A-01", "sku": "MUG-01", "name_en": "mug", "name_zh": "杯子", "barcode": "4000000000017",
    "exporter": "acme", "batch": "", "expires_on": None, "quantity": 2,
    "orders": [{"id": "ord_0h3vk5m8q2r7t9xz", "reference": "SO-1001", "quantity": 2}],
}  # fmt: skip


class NewWave(Shape):
    """Orders for one walk: those named, or the most urgent that wait."""

    example: ClassVar[dict[str, Any]] = {"warehouse": "DEDUI-WHS", "most": 40}
    warehouse = Text(longest=24, required=True, metadata={"description": "Code or id."})
    order_ids = fields.List(
        PublicId("ord"), load_default=list, validate=validate.Length(max=200, error="bad_length|200 at most")
    )
    most = Whole(least=1, most=200, load_default=40)


class WaveQuery(PageQuery):
    """What narrows the waves."""

    warehouse = Text(longest=24, load_default=None, metadata={"description": "Code or id."})
    status = Word(*WAVE_STATES, load_default=None)


class NewPick(Shape):
    """One scan at the rack. `short`: the bin held no more. The same `scan_id` counts once."""

    example: ClassVar[dict[str, Any]] = {
        "bin": "A-01", "sku": "4000000000017", "quantity": 2, "scan_id": "scanner-7-000123",
    }  # fmt: skip
    bin = Text(longest=24, required=True)
    sku = Text(longest=64, required=True, metadata={"description": "Code, id or barcode."})
    quantity = Whole(least=0, most=100_000, required=True)
    short = Flag(load_default=False)
    scan_id = Text(longest=64, load_default=None, allow_none=True)


class PickStopOrder(Answer):
    """Which order gets how many."""

    id = fields.String()
    reference = fields.String()
    quantity = fields.Integer()


class PickStop(Answer):
    """What is taken from one bin, of one lot, for all orders together."""

    bin = fields.String()
    sku = fields.String()
    name_en = fields.String()
    name_zh = fields.String()
    barcode = fields.String(allow_none=True)
    exporter = fields.String()
    batch = fields.String()
    expires_on = fields.String(allow_none=True, metadata={"format": "date"})
    quantity = fields.Integer()
    orders = fields.List(fields.Nested(PickStopOrder))


class WaveSummary(Answer):
    """A wave as lists show it."""

    example: ClassVar[dict[str, Any]] = WAVE
    id = fields.String()
    warehouse = fields.String()
    status = fields.String(metadata={"enum": list(WAVE_STATES)})
    created_at = fields.String(metadata={"format": "date-time"})
    done_at = fields.String(allow_none=True, metadata={"format": "date-time"})


class WaveOrder(Answer):
    """An order of a wave."""

    id = fields.String()
    reference = fields.String()
    status = fields.String()


class WaveDetail(WaveSummary):
    """A wave with its orders and what is left of its walk, in walking order."""

    example: ClassVar[dict[str, Any]] = WAVE | {
        "orders": [{"id": "ord_0h3vk5m8q2r7t9xz", "reference": "SO-1001", "status": "confirmed"}],
        "stops": [STOP],
    }  # fmt: skip
    orders = fields.List(fields.Nested(WaveOrder))
    stops = fields.List(fields.Nested(PickStop))


class WavePage(Page):
    """Waves, the newest first."""

    example: ClassVar[dict[str, Any]] = {"items": [WAVE], "next_cursor": None}
    items = fields.List(fields.Nested(WaveSummary))
