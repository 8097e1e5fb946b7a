"""Cycle counts on the wire."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Day, Text, Whole, Word
from warehouses.counting import BIN_STATES, COUNT_STATES, MOST_TOLERANCE_PERMILLE, TOLERANCE_PERMILLE
from warehouses.stock import CONDITIONS

MOST_BINS = 500
MOST_FOUND = 500
MOST_PIECES = 1_000_000
WEEK_S = 7 * 24 * 3600
SUMMARY: dict[str, Any] = {
    "id": "cnt_0h3vk5m8q2r7t9xz", "warehouse": "DEDUI-WHS", "status": "counted", "reason": "weekly",
    "tolerance_permille": 5, "bins": 1, "bins_left": 0, "created_at": "2026-11-26T09:00:00+00:00",
    "created_by": "usr_0h3vk5m8q2r7t9xz", "decided_at": None, "decided_by": None,
}  # fmt: skip
BIN: dict[str, Any] = {
    "code": "A-03-2", "state": "counted", "counted_by": "usr_1h3vk5m8q2r7t9xz",
    "counted_at": "2026-11-26T09:20:00+00:00", "recounted_by": "usr_2h3vk5m8q2r7t9xz",
    "recounted_at": "2026-11-26T10:05:00+00:00",
}  # fmt: skip
LINE: dict[str, Any] = {
    "bin": "A-03-2", "exporter": "acme", "sku": "MUG-01", "batch": None, "expires_on": None, "condition": "A",
    "expected": 40, "counted": 37, "recount_expected": 40, "recounted": 38, "difference": -2, "moved_since": False,
}  # fmt: skip


class NewCount(Shape):
    """Which bins of a warehouse are counted: all that fit everything that is given and stand in no other count."""

    example: ClassVar[dict[str, Any]] = {
        "warehouse": "DEDUI-WHS",
        "zone": "A",
        "most": 20,
        "reason": "weekly",
    }
    warehouse = Text(longest=24, required=True, metadata={"description": "Code of the location, or its id."})
    bins = fields.List(
        Text(longest=24),
        load_default=list,
        validate=validate.Length(max=MOST_BINS, error=f"bad_length|{MOST_BINS} at most"),
    )
    zone = Text(longest=16, load_default=None, allow_none=True)
    sku = Text(
        longest=64,
        load_default=None,
        allow_none=True,
        metadata={"description": "Bins it lies in now: its code, id or barcode."},
    )
    not_counted_since = Day(load_default=None, allow_none=True)
    most = Whole(
        least=1,
        most=MOST_BINS,
        load_default=None,
        allow_none=True,
        metadata={"description": "So many of them, drawn by lot."},
    )
    tolerance_permille = Whole(
        least=0,
        most=MOST_TOLERANCE_PERMILLE,
        load_default=TOLERANCE_PERMILLE,
        metadata={"description": "A difference of more thousandths of what was expected is counted again."},
    )
    reason = Text(longest=200, shortest=0, load_default="")


class FoundShape(Shape):
    """So many pieces that look alike."""

    code = Text(
        longest=200,
        required=True,
        metadata={"description": "As scanned: code, id, EAN, or GS1-128 with batch and expiry."},
    )
    quantity = Whole(least=0, most=MOST_PIECES, required=True)
    condition = Word(*CONDITIONS, load_default="A")
    batch = Text(longest=40, load_default=None, allow_none=True)
    expires_on = Day(load_default=None, allow_none=True)
    exporter = Text(
        longest=40,
        load_default=None,
        allow_none=True,
        metadata={"description": "Whose it is, where two have the same code."},
    )


class CountedBin(Shape):
    """All that lies in one bin. What is not named is not there: an empty list says that the bin is empty."""

    example: ClassVar[dict[str, Any]] = {
        "bin": "A-03-2",
        "found": [{"code": "MUG-01", "quantity": 38}],
        "began_s_ago": 95,
        "scan_id": "0b8e5c1e-6f0a-4f7e-9a53-0d7c1a1f2b90",
    }
    bin = Text(longest=200, required=True)
    found = fields.List(
        fields.Nested(FoundShape),
        required=True,
        validate=validate.Length(max=MOST_FOUND, error=f"bad_length|{MOST_FOUND} at most"),
    )
    began_s_ago = Whole(
        least=0,
        most=WEEK_S,
        load_default=0,
        metadata={
            "description": "Seconds since the counting of this bin began. Stock of it that moved since makes "
            "the finding unclear: 409 `count_unclear`."
        },
    )
    scan_id = Text(longest=64, load_default=None, allow_none=True)


class CountDecision(Shape):
    """Why it is decided so."""

    example: ClassVar[dict[str, Any]] = {"reason": "two mugs broken, seen by the shift leader"}
    reason = Text(longest=200, shortest=0, load_default="")


class CountAgain(CountDecision):
    """Bins to be counted again; none named: all that differ."""

    example: ClassVar[dict[str, Any]] = {"bins": ["A-03-2"], "reason": "two cartons stood behind"}
    bins = fields.List(
        Text(longest=24),
        load_default=list,
        validate=validate.Length(max=MOST_BINS, error=f"bad_length|{MOST_BINS} at most"),
    )


class CountQuery(PageQuery):
    """What narrows the counts."""

    warehouse = Text(longest=24, load_default=None)
    status = Word(*COUNT_STATES, load_default=None)


class CountSummary(Answer):
    """A count as lists show it."""

    example: ClassVar[dict[str, Any]] = SUMMARY
    id = fields.String()
    warehouse = fields.String()
    status = fields.String(metadata={"enum": list(COUNT_STATES)})
    reason = fields.String()
    tolerance_permille = fields.Integer()
    bins = fields.Integer(metadata={"description": "How many bins it looks at."})
    bins_left = fields.Integer(metadata={"description": "How many are still to be counted, or again."})
    created_at = fields.String(metadata={"format": "date-time"})
    created_by = fields.String()
    decided_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    decided_by = fields.String(allow_none=True)


class CountBinShape(Answer):
    """A bin of a count, and who counted it."""

    code = fields.String()
    state = fields.String(metadata={"enum": list(BIN_STATES)})
    counted_by = fields.String(allow_none=True)
    counted_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    recounted_by = fields.String(allow_none=True)
    recounted_at = fields.String(allow_none=True, metadata={"format": "date-time"})


class CountLineShape(Answer):
    """One lot in one bin: expected, found, found again."""

    bin = fields.String()
    exporter = fields.String()
    sku = fields.String()
    batch = fields.String(allow_none=True)
    expires_on = fields.String(allow_none=True, metadata={"format": "date"})
    condition = fields.String(metadata={"enum": list(CONDITIONS)})
    expected = fields.Integer()
    counted = fields.Integer()
    recount_expected = fields.Integer(allow_none=True)
    recounted = fields.Integer(allow_none=True)
    difference = fields.Integer(metadata={"description": "What is adjusted; below zero: missing."})
    moved_since = fields.Boolean(metadata={"description": "Stock of it moved since it was counted last."})


class CountDetail(CountSummary):
    """A count with its bins; `lines` is null for who counted, and for everybody while it is counted."""

    example: ClassVar[dict[str, Any]] = SUMMARY | {"places": [BIN], "lines": [LINE], "posting_id": None}
    places = fields.List(fields.Nested(CountBinShape))
    lines = fields.List(fields.Nested(CountLineShape), allow_none=True)
    posting_id = fields.String(allow_none=True, metadata={"description": "The adjusting moves."})


class CountPage(Page):
    """Counts, the newest first."""

    example: ClassVar[dict[str, Any]] = {"items": [SUMMARY], "next_cursor": None}
    items = fields.List(fields.Nested(CountSummary))
