"""Outbound orders and their boxes on the wire."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Flag, Instant, Number, Text, Whole, Word
from warehouses.outbound import ORDER_STATES
from warehouses.stock import CONDITIONS, CUSTOMS_STATES

MOST_LINES = 200
CONSIGNEE: dict[str, Any] = {
    "person_name": "Ada Example", "company_name": None, "address_line1": "Königsallee 1", "address_line2": None,
    "city": "Duisburg", "state_code": None, "postal_code": "47051", "country_code": "DE", "phone": None,
}  # fmt: skip
ORDER: dict[str, Any] = {
    "id": "ord_0h3vk5m8q2r7t9xz", "reference": "SO-1001", "exporter": "acme", "warehouse": "DEDUI-WHS",
    "status": "confirmed", "consignee": CONSIGNEE, "service": "", "ship_by": "2026-11-26T15:00:00+00:00",
    "wave_id": None, "tracking_number": None, "waits_for": [], "created_at": "2026-11-26T09:00:00+00:00",
    "handed_over_at": None, "delivered_at": None,
}  # fmt: skip
LINE: dict[str, Any] = {
    "seq": 1, "sku": "MUG-01", "name_en": "mug", "name_zh": "杯子", "condition": "A", "customs_status": "free",
    "quantity": 2, "reserved": 2, "picked": 0, "packed": 0,
}  # fmt: skip
BOX: dict[str, Any] = {
    "tracking_number": "FP123456789012345675", "seq": 1, "weight_kg": "1.250", "length_cm": "30.0",
    "width_cm": "20.0", "height_cm": "15.0", "expected_weight_kg": "1.000", "expected_volume_m3": "0.004000",
    "varies": False, "contents": [{"line_seq": 1, "sku": "MUG-01", "quantity": 2}],
    "packed_at": "2026-11-26T10:00:00+00:00",
}  # fmt: skip
DETAIL = ORDER | {
    "lines": [LINE], "packages": [],
    "events": [{"at": "2026-11-26T09:00:00+00:00", "status": "draft"}],
}  # fmt: skip


def _many(what: type[Shape], most: int, **given: Any) -> fields.List[Any]:  # noqa: ANN401 (of the field)
    return fields.List(
        fields.Nested(what), validate=validate.Length(max=most, error=f"bad_length|{most} at most"), **given
    )


class Consignee(Shape):
    """Who gets it. What is missing may come later; until it is there the order waits."""

    person_name = Text(longest=80, load_default=None, allow_none=True)
    company_name = Text(longest=80, load_default=None, allow_none=True)
    address_line1 = Text(longest=120, load_default=None, allow_none=True)
    address_line2 = Text(longest=120, load_default=None, allow_none=True)
    city = Text(longest=80, load_default=None, allow_none=True)
    state_code = Text(longest=40, load_default=None, allow_none=True)
    postal_code = Text(longest=16, load_default=None, allow_none=True)
    country_code = Text(longest=2, shortest=2, pattern="^[A-Z]{2}$", load_default=None, allow_none=True)
    phone = Text(longest=40, load_default=None, allow_none=True)


class OutboundOrderLine(Shape):
    """So many pieces of a SKU, named by its code, id or barcode."""

    sku = Text(longest=64, required=True)
    quantity = Whole(least=1, most=100_000, required=True)
    condition = Word(*CONDITIONS, load_default="A")
    customs_status = Word(*CUSTOMS_STATES, load_default="free")


def _lines(**given: Any) -> fields.List[Any]:  # noqa: ANN401 (of the field)
    length = validate.Length(min=1, max=MOST_LINES, error=f"bad_length|1 to {MOST_LINES} lines")
    return fields.List(fields.Nested(OutboundOrderLine), validate=length, **given)


class NewOutboundOrder(Shape):
    """What is sent from which warehouse to whom."""

    example: ClassVar[dict[str, Any]] = {
        "warehouse": "DEDUI-WHS", "reference": "SO-1001", "consignee": CONSIGNEE,
        "lines": [{"sku": "MUG-01", "quantity": 2}], "confirm": True,
    }  # fmt: skip
    warehouse = Text(longest=24, required=True, metadata={"description": "Code or id."})
    exporter = Text(
        longest=40, load_default=None, allow_none=True, metadata={"description": "Whose goods; for staff."}
    )
    reference = Text(longest=64, required=True, metadata={"description": "Your own; each is used once."})
    consignee = fields.Nested(Consignee, required=True)
    lines = _lines(required=True)
    service = Text(longest=40, shortest=0, load_default="", metadata={"description": "Last-mile service."})
    ship_by = Instant(
        load_default=None, allow_none=True, metadata={"description": "Default: the warehouse's next cut-off."}
    )
    confirm = Flag(load_default=False, metadata={"description": "true: confirmed at once."})
    hold_minutes = Whole(
        least=1, most=1440, load_default=None, allow_none=True,
        metadata={"description": "Keep stock for the draft that long."},
    )  # fmt: skip


class OrderChanges(Shape):
    """What is to be different; what is left out stays. Of the consignee only members that are not null."""

    example: ClassVar[dict[str, Any]] = {"consignee": {"postal_code": "47051"}}
    consignee = fields.Nested(Consignee, load_default=dict)
    lines = _lines(load_default=None, allow_none=True)
    service = Text(longest=40, shortest=0, load_default=None, allow_none=True)
    ship_by = Instant(load_default=None, allow_none=True)


class OrderQuery(PageQuery):
    """What narrows the orders."""

    status = Word(*ORDER_STATES, load_default=None)
    warehouse = Text(longest=24, load_default=None, metadata={"description": "Code or id."})
    exporter = Text(longest=40, load_default=None, metadata={"description": "Reference or id; for staff."})
    reference = Text(longest=64, load_default=None, metadata={"description": "Exactly this one."})


class OrderVoid(Shape):
    """Why it is given up, and where staff put back what was picked (default: the bins it came from)."""

    example: ClassVar[dict[str, Any]] = {"reason": "the buyer withdrew"}
    reason = Text(longest=200, shortest=0, load_default="")
    bin = Text(longest=24, load_default=None, allow_none=True)


class PutBack(Shape):
    """Where what was picked goes; default: the bins it came from."""

    example: ClassVar[dict[str, Any]] = {"bin": "A-01"}
    bin = Text(longest=24, load_default=None, allow_none=True)


class BoxContent(Shape):
    """So many pieces of a SKU (code, id or barcode) in a box."""

    sku = Text(longest=64, required=True)
    quantity = Whole(least=1, most=100_000, required=True)


class NewBox(Shape):
    """A box as it was weighed and measured; without contents it holds everything that is not packed yet."""

    example: ClassVar[dict[str, Any]] = {
        "weight_kg": "1.25", "length_cm": 30, "width_cm": 20, "height_cm": 15,
        "contents": [{"sku": "MUG-01", "quantity": 2}],
    }  # fmt: skip
    weight_kg = Number(least="0", above=True, most="1000", places=3, required=True)
    length_cm = Number(least="0", above=True, most="500", places=1, required=True)
    width_cm = Number(least="0", above=True, most="500", places=1, required=True)
    height_cm = Number(least="0", above=True, most="500", places=1, required=True)
    contents = _many(BoxContent, MOST_LINES, load_default=list)


class HandOver(Shape):
    """The labels scanned at the door: all boxes of the order, or none to hand over unscanned."""

    example: ClassVar[dict[str, Any]] = {"labels": ["FP123456789012345675"]}
    labels = fields.List(
        Text(longest=24), load_default=list, validate=validate.Length(max=100, error="bad_length|100 at most")
    )


class OrderTracking(Shape):
    """Where an order that left is; `at` in the past, or now."""

    example: ClassVar[dict[str, Any]] = {"status": "delivered"}
    status = Word("delivering", "delivered", required=True)
    at = Instant(load_default=None, allow_none=True)


class ConsigneeShape(Answer):
    """Who gets it."""

    person_name = fields.String(allow_none=True)
    company_name = fields.String(allow_none=True)
    address_line1 = fields.String(allow_none=True)
    address_line2 = fields.String(allow_none=True)
    city = fields.String(allow_none=True)
    state_code = fields.String(allow_none=True)
    postal_code = fields.String(allow_none=True)
    country_code = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)


class WaitsFor(Answer):
    """What the owner has to do: send stock of `sku`, or fill in `member` of the consignee."""

    code = fields.String(metadata={"enum": ["stock_short", "address_incomplete"]})
    sku = fields.String(allow_none=True)
    wanted = fields.Integer(allow_none=True)
    missing = fields.Integer(allow_none=True)
    member = fields.String(allow_none=True)


class OutboundOrderSummary(Answer):
    """An order as lists show it."""

    example: ClassVar[dict[str, Any]] = ORDER
    id = fields.String()
    reference = fields.String()
    exporter = fields.String()
    warehouse = fields.String(metadata={"description": "Its code."})
    status = fields.String(metadata={"enum": list(ORDER_STATES)})
    consignee = fields.Nested(ConsigneeShape)
    service = fields.String()
    ship_by = fields.String(metadata={"format": "date-time"})
    wave_id = fields.String(allow_none=True)
    tracking_number = fields.String(allow_none=True, metadata={"description": "Of its first box."})
    waits_for = fields.List(fields.Nested(WaitsFor))
    created_at = fields.String(metadata={"format": "date-time"})
    handed_over_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    delivered_at = fields.String(allow_none=True, metadata={"format": "date-time"})


class OutboundLineShape(Answer):
    """One line: pieces asked for, reserved in bins, picked, and in boxes."""

    seq = fields.Integer()
    sku = fields.String()
    name_en = fields.String()
    name_zh = fields.String()
    condition = fields.String()
    customs_status = fields.String()
    quantity = fields.Integer()
    reserved = fields.Integer()
    picked = fields.Integer()
    packed = fields.Integer()


class BoxContentShape(Answer):
    """Pieces in a box."""

    line_seq = fields.Integer()
    sku = fields.String()
    quantity = fields.Integer()


class OutboundBox(Answer):
    """A box as measured, and what its goods make."""

    example: ClassVar[dict[str, Any]] = BOX
    tracking_number = fields.String()
    seq = fields.Integer()
    weight_kg = fields.String()
    length_cm = fields.String()
    width_cm = fields.String()
    height_cm = fields.String()
    expected_weight_kg = fields.String()
    expected_volume_m3 = fields.String()
    varies = fields.Boolean(metadata={"description": "Further from what is expected than the rule allows."})
    contents = fields.List(fields.Nested(BoxContentShape))
    packed_at = fields.String(metadata={"format": "date-time"})


class OutboundEvent(Answer):
    """A state the order came to."""

    at = fields.String(metadata={"format": "date-time"})
    status = fields.String()


class OutboundOrderDetail(OutboundOrderSummary):
    """An order with its lines, boxes and history."""

    example: ClassVar[dict[str, Any]] = DETAIL
    lines = fields.List(fields.Nested(OutboundLineShape))
    packages = fields.List(fields.Nested(OutboundBox))
    events = fields.List(fields.Nested(OutboundEvent))


class OutboundOrderPage(Page):
    """Orders, those that must leave first."""

    example: ClassVar[dict[str, Any]] = {"items": [ORDER], "next_cursor": None}
    items = fields.List(fields.Nested(OutboundOrderSummary))
