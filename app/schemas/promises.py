"""Promises on the wire: which warehouse serves an order, and why no other does."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from app.schemas.base import Answer, Shape
from app.schemas.fields import Flag, Instant, Text, Whole
from warehouses.promise import REASONS

MOST_LINES = 50
OFFER: dict[str, Any] = {
    "service": "LM-DEDUIW-DE", "leaves_at": "2026-11-26T16:00:00+01:00",
    "arrives_at": "2026-11-28T17:00:00+01:00", "handling": "1.20", "delivery": "4.90", "cost": "6.10",
}  # fmt: skip
JUDGED: dict[str, Any] = {"warehouse": "DEDUI-WHS", "reason": "chosen", "missing": [], **OFFER}
PART: dict[str, Any] = {"warehouse": "DEDUI-WHS", "lines": [{"sku": "MUG-01", "quantity": 2}], **OFFER}


class PromiseDestination(Shape):
    """Country and postal code; the delivery zone follows from them."""

    country_code = Text(longest=2, shortest=2, pattern="^[A-Z]{2}$", required=True)
    postal_code = Text(longest=16, shortest=0, load_default="")


class PromisedLine(Shape):
    """So many pieces of a SKU, named by its code, id or barcode."""

    sku = Text(longest=64, required=True)
    quantity = Whole(least=1, most=100_000, required=True)


class PromiseRequest(Shape):
    """What is to be where, and by when."""

    example: ClassVar[dict[str, Any]] = {
        "lines": [{"sku": "MUG-01", "quantity": 2}], "currency": "EUR",
        "destination": {"country_code": "DE", "postal_code": "47051"},
        "deliver_by": "2026-11-30T18:00:00+01:00",
    }  # fmt: skip
    exporter = Text(
        longest=40, load_default=None, allow_none=True, metadata={"description": "Whose goods; for staff."}
    )
    lines = fields.List(
        fields.Nested(PromisedLine),
        required=True,
        validate=validate.Length(min=1, max=MOST_LINES, error=f"bad_length|1 to {MOST_LINES} lines"),
    )
    destination = fields.Nested(PromiseDestination, required=True)
    deliver_by = Instant(load_default=None, allow_none=True)
    currency = Text(longest=3, shortest=3, pattern="^[A-Z]{3}$", load_default="EUR")
    split = Flag(
        load_default=False,
        metadata={"description": "true: several warehouses may share it, if none can alone."},
    )


class PromisedPieces(Answer):
    """Pieces of a SKU."""

    sku = fields.String()
    quantity = fields.Integer()


class PromiseOffer(Answer):
    """With what it leaves and when, and what that costs; null where it cannot be."""

    service = fields.String(allow_none=True)
    leaves_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    arrives_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    handling = fields.String(allow_none=True, metadata={"description": "The warehouse's fees."})
    delivery = fields.String(allow_none=True, metadata={"description": "The last mile."})
    cost = fields.String(allow_none=True)


class JudgedHouse(PromiseOffer):
    """One warehouse and why it is or is not the one."""

    warehouse = fields.String()
    reason = fields.String(metadata={"enum": list(REASONS)})
    missing = fields.List(fields.Nested(PromisedPieces))


class PromisedPart(PromiseOffer):
    """What one warehouse sends."""

    warehouse = fields.String()
    lines = fields.List(fields.Nested(PromisedPieces))


class PromiseAnswer(Answer):
    """Who serves the order; `parts` is empty where nobody can, and `warehouses` says why."""

    example: ClassVar[dict[str, Any]] = {
        "exporter": "acme", "currency": "EUR", "cost": "6.10", "arrives_at": OFFER["arrives_at"],
        "parts": [PART], "warehouses": [JUDGED],
    }  # fmt: skip
    exporter = fields.String()
    currency = fields.String()
    cost = fields.String(allow_none=True)
    arrives_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    parts = fields.List(fields.Nested(PromisedPart))
    warehouses = fields.List(fields.Nested(JudgedHouse))
