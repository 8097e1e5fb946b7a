"""Work orders on the wire."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Text, Whole, Word
from warehouses.stock import CONDITIONS, CUSTOMS_STATES
from warehouses.value_added import WORK_KINDS, WORK_ROLES, WORK_SOURCES, WORK_STATES

MOST_LINES = 50
MOST_PIECES = 1_000_000
SUMMARY: dict[str, Any] = {
    "id": "wko_0h3vk5m8q2r7t9xz", "warehouse": "DEDUI-WHS", "exporter": "acme", "reference": "KIT-2026-7",
    "kind": "kit", "status": "released", "instructions": "one card in each box", "source": "bin",
    "customs_status": "free", "created_at": "2026-11-26T09:00:00+00:00", "done_at": None, "done_by": None,
    "lines": [
        {"seq": 1, "role": "consume", "sku": "MUG-01", "condition": "A", "quantity": 20},
        {"seq": 2, "role": "consume", "sku": "CARD-01", "condition": "A", "quantity": 10},
        {"seq": 3, "role": "produce", "sku": "GIFT-01", "condition": "A", "quantity": 10},
    ],
}  # fmt: skip
DETAIL: dict[str, Any] = SUMMARY | {
    "kept": [{"line": 1, "place": "A-03-2", "quantity": 20}, {"line": 2, "place": "A-04-1", "quantity": 10}],
    "posting_id": None,
}


class WorkLineShape(Shape):
    """Pieces of an article in a condition that go in or come out."""

    role = Word(*WORK_ROLES, required=True)
    sku = Text(longest=64, required=True, metadata={"description": "Code, id or barcode of the owner's."})
    quantity = Whole(least=1, most=MOST_PIECES, required=True)
    condition = Word(*CONDITIONS, load_default="A")


class NewWorkOrder(Shape):
    """Work on an owner's stock. It consumes and produces; a photo only looks."""

    example: ClassVar[dict[str, Any]] = {
        "warehouse": "DEDUI-WHS",
        "exporter": "acme",
        "reference": "KIT-2026-7",
        "kind": "kit",
        "instructions": "one card in each box",
        "lines": [
            {"role": "consume", "sku": "MUG-01", "quantity": 20},
            {"role": "consume", "sku": "CARD-01", "quantity": 10},
            {"role": "produce", "sku": "GIFT-01", "quantity": 10},
        ],
    }
    warehouse = Text(longest=24, required=True, metadata={"description": "Code of the location, or its id."})
    exporter = Text(
        longest=40,
        load_default=None,
        allow_none=True,
        metadata={"description": "Whose stock; staff names it."},
    )
    reference = Text(longest=64, required=True)
    kind = Word(*WORK_KINDS, required=True)
    instructions = Text(longest=500, shortest=0, load_default="")
    source = Word(
        *WORK_SOURCES,
        load_default="bin",
        metadata={"description": "Where its stock lies: in bins, or where returns are kept."},
    )
    customs_status = Word(*CUSTOMS_STATES, load_default="free")
    lines = fields.List(
        fields.Nested(WorkLineShape),
        required=True,
        validate=validate.Length(min=1, max=MOST_LINES, error=f"bad_length|1 to {MOST_LINES} lines"),
    )


class Finished(Shape):
    """The bin what came out was put into; a photo needs none."""

    example: ClassVar[dict[str, Any]] = {"bin": "A-03-2", "scan_id": "0b8e5c1e-6f0a-4f7e-9a53-0d7c1a1f2b90"}
    bin = Text(longest=200, load_default=None, allow_none=True)
    scan_id = Text(longest=64, load_default=None, allow_none=True)


class WorkReason(Shape):
    """Why."""

    example: ClassVar[dict[str, Any]] = {"reason": "the cards were of last year"}
    reason = Text(longest=200, shortest=0, load_default="")


class WorkQuery(PageQuery):
    """What narrows the work orders."""

    warehouse = Text(longest=24, load_default=None)
    status = Word(*WORK_STATES, load_default=None)
    kind = Word(*WORK_KINDS, load_default=None)
    exporter = Text(longest=40, load_default=None, metadata={"description": "Reference or id; for staff."})


class WorkLineAnswer(Answer):
    """What goes in or comes out."""

    seq = fields.Integer()
    role = fields.String(metadata={"enum": list(WORK_ROLES)})
    sku = fields.String()
    condition = fields.String(metadata={"enum": list(CONDITIONS)})
    quantity = fields.Integer(metadata={"description": "Pieces."})


class WorkSummary(Answer):
    """A work order as lists show it."""

    example: ClassVar[dict[str, Any]] = SUMMARY
    id = fields.String()
    warehouse = fields.String()
    exporter = fields.String()
    reference = fields.String()
    kind = fields.String(metadata={"enum": list(WORK_KINDS)})
    status = fields.String(metadata={"enum": list(WORK_STATES)})
    instructions = fields.String()
    source = fields.String(metadata={"enum": list(WORK_SOURCES)})
    customs_status = fields.String(metadata={"enum": list(CUSTOMS_STATES)})
    created_at = fields.String(metadata={"format": "date-time"})
    done_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    done_by = fields.String(allow_none=True)
    lines = fields.List(fields.Nested(WorkLineAnswer))


class KeptShape(Answer):
    """Where stock waits for a line."""

    line = fields.Integer()
    place = fields.String()
    quantity = fields.Integer()


class WorkDetail(WorkSummary):
    """A work order, where its stock waits, and what was posted."""

    example: ClassVar[dict[str, Any]] = DETAIL
    kept = fields.List(fields.Nested(KeptShape))
    posting_id = fields.String(allow_none=True)


class WorkPage(Page):
    """Work orders, the newest first."""

    example: ClassVar[dict[str, Any]] = {"items": [SUMMARY], "next_cursor": None}
    items = fields.List(fields.Nested(WorkSummary))
