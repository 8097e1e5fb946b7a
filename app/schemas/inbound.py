"""Announced goods on the wire."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Day, Flag, PublicId, Text, Whole, Word
from warehouses.inbound import ASN_STATES, DISCREPANCIES
from warehouses.stock import CONDITIONS, CUSTOMS_STATES

MOST_LINES = 500
MOST_PIECES = 10_000_000
CODE = r"^[A-Za-z0-9][A-Za-z0-9 ._/+-]*$"
"""Codes of SKUs and batches, barcodes, and what is on the label of a bin."""
LINE: dict[str, Any] = {
    "line": 1, "sku": "MUG-350", "name_en": "ceramic mug", "name_zh": "陶瓷杯", "batch": "", "expires_on": None,
    "condition": "A", "cartons": 20, "cartons_received": 18, "expected": 480, "received": 428, "damaged": 4,
}  # fmt: skip
COUNTED: dict[str, Any] = {
    "line": 1, "sku": "MUG-350", "good": 428, "damaged": 4, "cartons": 18, "batch": "", "expires_on": None,
}  # fmt: skip
SUMMARY: dict[str, Any] = {
    "id": "asn_0h3vk5m8q2r7t9xz", "reference": "PO-2026-118", "warehouse": "DEDUI-WHS", "exporter": "acme",
    "status": "received", "expected_on": "2027-01-04", "booking_id": "bkg_0h3vk5m8q2r7t9xz",
    "container": "CSQU3054383", "container_type": "40HC", "pallets": 0, "customs_status": "free",
    "line_count": 1, "expected": 480, "received": 428, "damaged": 4,
    "arrived_at": "2027-01-04T08:10:00+00:00", "closed_at": "2027-01-04T15:30:00+00:00",
    "created_at": "2026-11-23T01:30:00+00:00",
}  # fmt: skip
WRONG = {"line": 1, "sku": "MUG-350", "kind": "shortage", "quantity": 48}
LYING = {
    "sku": "MUG-350", "condition": "A", "batch": "", "expires_on": None, "received_on": "2027-01-04", "quantity": 428,
}  # fmt: skip
RECEIPT: dict[str, Any] = {
    "id": "pst_0h3vk5m8q2r7t9xz", "at": "2027-01-04T09:00:00+00:00", "taken_back": False, "lines": [COUNTED],
}  # fmt: skip
DETAIL: dict[str, Any] = SUMMARY | {
    "lines": [LINE], "receipts": [RECEIPT], "discrepancies": [WRONG], "in_receiving": [LYING],
}  # fmt: skip
GIVEN_LINE = {"sku": "MUG-350", "quantity": 480, "cartons": 20}
GIVEN: dict[str, Any] = {
    "reference": "PO-2026-118", "expected_on": "2027-01-04", "container": "CSQU3054383",
    "container_type": "40HC", "lines": [GIVEN_LINE],
}  # fmt: skip


def some(shape: type[Shape], most: int = MOST_LINES, least: int = 1, **more: Any) -> fields.List[Any]:  # noqa: ANN401
    """A list of `least` to `most` of these."""
    length = validate.Length(min=least, max=most, error=f"bad_length|{least} to {most} of them")
    return fields.List(fields.Nested(shape), validate=length, **more)


class GivenLine(Shape):
    """So many pieces of a SKU, in so many cartons."""

    sku = Text(longest=64, required=True, metadata={"description": "Code, id or barcode."})
    quantity = Whole(least=1, most=MOST_PIECES, required=True, metadata={"description": "Pieces."})
    cartons = Whole(least=0, most=MOST_PIECES, load_default=0)
    batch = Text(longest=40, pattern=CODE, load_default=None, allow_none=True)
    expires_on = Day(load_default=None, allow_none=True)
    condition = Word(*CONDITIONS, load_default="A")


class AsnBody(Shape):
    """What is to come, by which booking, and when. Without `expected_on` it is the day the booking arrives."""

    example: ClassVar[dict[str, Any]] = GIVEN
    reference = Text(longest=64, required=True, metadata={"description": "Your own, used once."})
    expected_on = Day(load_default=None, allow_none=True)
    booking_id = PublicId("bkg", load_default=None, allow_none=True)
    container = Text(
        longest=20, load_default=None, allow_none=True,
        metadata={"description": "Number by ISO 6346; its check digit is checked."},
    )  # fmt: skip
    container_type = Text(longest=16, pattern=CODE, load_default=None, allow_none=True)
    pallets = Whole(least=0, most=10_000, load_default=0)
    customs_status = Word(*CUSTOMS_STATES, load_default="free")
    lines = some(GivenLine, required=True)


class NewAsn(AsnBody):
    """Goods that are to come to a warehouse."""

    example: ClassVar[dict[str, Any]] = {"warehouse": "DEDUI-WHS", **GIVEN, "announce": True}
    warehouse = Text(longest=24, required=True, metadata={"description": "Code of its location, or its id."})
    exporter = Text(longest=40, load_default=None, allow_none=True, metadata={"description": "For staff."})
    announce = Flag(load_default=False, metadata={"description": "Announce it at once; else it is a draft."})


class AsnQuery(PageQuery):
    """What narrows the ASNs."""

    status = Word(*ASN_STATES, load_default=None)
    warehouse = Text(longest=24, load_default=None, metadata={"description": "Code or id."})
    exporter = Text(longest=40, load_default=None, metadata={"description": "Reference or id; for staff."})
    reference = Text(longest=64, load_default=None, metadata={"description": "Begins with this."})
    booking = PublicId("bkg", load_default=None)
    expected_from = Day(load_default=None)
    expected_until = Day(load_default=None)


class AsnReason(Shape):
    """Why."""

    example: ClassVar[dict[str, Any]] = {"reason": "the supplier withdrew"}
    reason = Text(longest=200, load_default="")


class CountedLine(Shape):
    """What was counted of one SKU; `line` says on which line of the ASN, if it stands on several."""

    sku = Text(longest=64, required=True, metadata={"description": "Code, id or barcode."})
    good = Whole(least=0, most=MOST_PIECES, load_default=0, metadata={"description": "Pieces in good order."})
    damaged = Whole(least=0, most=MOST_PIECES, load_default=0, metadata={"description": "Kept as C."})
    cartons = Whole(least=0, most=MOST_PIECES, load_default=0)
    batch = Text(
        longest=40, pattern=CODE, load_default=None, allow_none=True,
        metadata={"description": "As found; null: as announced."},
    )  # fmt: skip
    expires_on = Day(load_default=None, allow_none=True)
    line = Whole(least=1, most=MOST_LINES * 2, load_default=None, allow_none=True)


class ReceiptBody(Shape):
    """One count of what came; the same `scan_id` is posted once."""

    example: ClassVar[dict[str, Any]] = {
        "scan_id": "gun7-000123", "lines": [{"sku": "MUG-350", "good": 428, "damaged": 4, "cartons": 18}]
    }  # fmt: skip
    scan_id = Text(longest=64, load_default=None, allow_none=True)
    lines = some(CountedLine, required=True)


class CloseBody(Shape):
    """End of receiving: for good, or for today."""

    example: ClassVar[dict[str, Any]] = {"more_to_come": False, "reason": "two cartons short"}
    more_to_come = Flag(load_default=False, metadata={"description": "The rest is still on its way."})
    reason = Text(longest=200, load_default="", metadata={"description": "Why something is short."})


class PutAwayLine(Shape):
    """So many pieces into one bin. What is null is any; of several lots the one received first goes first."""

    sku = Text(longest=64, required=True, metadata={"description": "Code, id or barcode."})
    to = Text(longest=24, required=True, metadata={"description": "What the label of the bin says."})
    quantity = Whole(least=1, most=MOST_PIECES, required=True)
    condition = Word(*CONDITIONS, load_default="A")
    batch = Text(longest=40, pattern=CODE, load_default=None, allow_none=True)
    expires_on = Day(load_default=None, allow_none=True)
    received_on = Day(load_default=None, allow_none=True)


class PutAwayBody(Shape):
    """Where goods were put. Without lines everything goes where the suggestion says."""

    example: ClassVar[dict[str, Any]] = {
        "scan_id": "gun7-000124", "lines": [{"sku": "MUG-350", "to": "A-03-2", "quantity": 428}]
    }  # fmt: skip
    scan_id = Text(longest=64, load_default=None, allow_none=True)
    lines = some(PutAwayLine, least=0, load_default=list)


class AsnLineShape(Answer):
    """A line: pieces announced, and counted so far."""

    line = fields.Integer()
    sku = fields.String()
    name_en = fields.String()
    name_zh = fields.String()
    batch = fields.String()
    expires_on = fields.String(allow_none=True, metadata={"format": "date"})
    condition = fields.String(metadata={"enum": list(CONDITIONS)})
    cartons = fields.Integer()
    cartons_received = fields.Integer()
    expected = fields.Integer(metadata={"description": "0: it came without being announced."})
    received = fields.Integer(metadata={"description": "In good order."})
    damaged = fields.Integer()


class CountedShape(Answer):
    """What one receipt says of a line."""

    line = fields.Integer()
    sku = fields.String()
    good = fields.Integer()
    damaged = fields.Integer()
    cartons = fields.Integer()
    batch = fields.String()
    expires_on = fields.String(allow_none=True, metadata={"format": "date"})


class ReceiptShape(Answer):
    """One count as it was posted; `id` is that of the posting."""

    id = fields.String()
    at = fields.String(metadata={"format": "date-time"})
    taken_back = fields.Boolean()
    lines = fields.List(fields.Nested(CountedShape))


class DiscrepancyShape(Answer):
    """Pieces that are not as announced."""

    line = fields.Integer()
    sku = fields.String()
    kind = fields.String(metadata={"enum": list(DISCREPANCIES)})
    quantity = fields.Integer()


class LyingShape(Answer):
    """Pieces that lie in the receiving area."""

    sku = fields.String()
    condition = fields.String(metadata={"enum": list(CONDITIONS)})
    batch = fields.String()
    expires_on = fields.String(allow_none=True, metadata={"format": "date"})
    received_on = fields.String(metadata={"format": "date"})
    quantity = fields.Integer()


class AsnSummary(Answer):
    """An ASN as lists show it; amounts are pieces."""

    example: ClassVar[dict[str, Any]] = SUMMARY
    id = fields.String()
    reference = fields.String()
    warehouse = fields.String(metadata={"description": "Code of its location."})
    exporter = fields.String()
    status = fields.String(metadata={"enum": list(ASN_STATES)})
    expected_on = fields.String(metadata={"format": "date"})
    booking_id = fields.String(allow_none=True)
    container = fields.String(allow_none=True)
    container_type = fields.String(allow_none=True)
    pallets = fields.Integer()
    customs_status = fields.String(metadata={"enum": list(CUSTOMS_STATES)})
    line_count = fields.Integer()
    expected = fields.Integer()
    received = fields.Integer()
    damaged = fields.Integer()
    arrived_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    closed_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    created_at = fields.String(metadata={"format": "date-time"})


class AsnDetailShape(AsnSummary):
    """An ASN with its lines, receipts, discrepancies, and what waits to be put away."""

    example: ClassVar[dict[str, Any]] = DETAIL
    lines = fields.List(fields.Nested(AsnLineShape))
    receipts = fields.List(fields.Nested(ReceiptShape))
    discrepancies = fields.List(fields.Nested(DiscrepancyShape))
    in_receiving = fields.List(fields.Nested(LyingShape))


class AsnPage(Page):
    """ASNs by the day they are expected."""

    example: ClassVar[dict[str, Any]] = {"items": [SUMMARY], "next_cursor": None}
    items = fields.List(fields.Nested(AsnSummary))


class SuggestedBin(LyingShape):
    """Pieces and the bin they should go into; null where no bin has room."""

    to = fields.String(allow_none=True)
    why = fields.String(
        metadata={"enum": ["same", "empty", "room", "no_room"]},
    )


class PutAwayShape(Answer):
    """Where what lies in receiving should go."""

    example: ClassVar[dict[str, Any]] = {"items": [LYING | {"to": "A-03-2", "why": "empty"}]}
    items = fields.List(fields.Nested(SuggestedBin))
