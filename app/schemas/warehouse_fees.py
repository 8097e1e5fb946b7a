"""Price lists and statements of warehouses on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.billing import MONTH, OF_EXPORTER, REFERENCE
from app.schemas.fields import Day, Text, Whole
from app.schemas.places import CODE
from trade.warehouse_fees import FEE_BASES, FEES, MINIMUM

FEE: dict[str, Any] = {
    "code": "storage", "basis": "m3_day", "band_from": 31, "band_to": 61, "price": "0.500000", "currency": "USD",
    "free_days": 0, "minimum": "0.00", "divisor_cm3_per_kg": None, "effective_from": "2024-01-01",
    "effective_to": None, "agreed": False, "replaced": False, "source": "example",
}  # fmt: skip
HEAD: dict[str, Any] = {
    "id": "wst_0h3vk5m8q2r7t9xz", "warehouse_id": "whs_0h3vk5m8q2r7t9xz", "warehouse": "DEDUI-WH",
    "exporter": "acme", "month": "2026-10", "currency": "EUR", "total": "418.20",
    "invoice_id": "inv_0h3vk5m8q2r7t9xz", "invoice_number": "INV-2026-000042",
    "created_at": "2026-11-01T00:20:00+00:00",
}  # fmt: skip
LINE: dict[str, Any] = {
    "line": 1, "code": "storage", "basis": "m3_day", "quantity": "61.380000", "unit_price": "0.500000",
    "amount": "30.69",
}  # fmt: skip
CHARGE: dict[str, Any] = {
    "charge": 4711, "day": "2026-10-14", "code": "storage", "basis": "m3_day", "quantity": "1.980000",
    "unit_price": "0.500000", "amount": "0.990000000000", "posting": None,
    "lot": {"sku": "LAMP-7", "batch": "", "condition": "A", "received_on": "2026-09-10", "age_days": 34,
            "pieces": 990},
}  # fmt: skip
MOVE: dict[str, Any] = {
    "posting": "pst_0h3vk5m8q2r7t9xz", "kind": "receive", "subject": "asn_0h3vk5m8q2r7t9xz",
    "at": "2026-09-10T08:30:00+00:00", "sku": "LAMP-7", "batch": "", "from": "supplier", "to": "receiving",
    "quantity": 1000, "stays": 1000,
}  # fmt: skip


class FeeQuery(Shape):
    """Of which day, and agreed with whom."""

    on = Day(load_default=None)
    exporter = Text(longest=40, pattern=REFERENCE, load_default=None, metadata=OF_EXPORTER)


class StatementsQuery(PageQuery):
    """What narrows the statements."""

    exporter = Text(longest=40, pattern=REFERENCE, load_default=None, metadata=OF_EXPORTER)
    warehouse = Text(longest=24, pattern=CODE, load_default=None, metadata={"description": "Code or id."})
    month = Text(longest=7, pattern=MONTH, load_default=None)


class ChargesQuery(PageQuery):
    """Of which line."""

    line = Whole(least=1, most=10_000, from_text=True, load_default=None)


class MovesQuery(PageQuery):
    """Of which charge."""

    charge = Whole(
        least=1, most=2**53, from_text=True, load_default=None, metadata={"description": "Needed."}
    )


class NewStatements(Shape):
    """The month of a warehouse that is to be stated and invoiced; of one exporter, or of all."""

    example: ClassVar[dict[str, Any]] = {"warehouse": "DEDUI-WH", "month": "2026-10"}
    warehouse = Text(longest=24, pattern=CODE, required=True, metadata={"description": "Code or id."})
    month = Text(longest=7, pattern=MONTH, required=True)
    exporter = Text(
        longest=40, pattern=REFERENCE, load_default=None, metadata={"description": "Reference or id."}
    )


class FeeShape(Answer):
    """A row of a price list: what one of something costs, within a band."""

    example: ClassVar[dict[str, Any]] = FEE
    code = fields.String(metadata={"enum": list(FEES)})
    basis = fields.String(metadata={"enum": list(FEE_BASES)})
    band_from = fields.Integer(
        metadata={"description": "Days of age (m3_day), g (weight_band) or pieces: this and more."}
    )
    band_to = fields.Integer(allow_none=True, metadata={"description": "Less than this; null: no end."})
    price = fields.String(metadata={"description": "Of one m3 for a day, piece, order, carton, package …"})
    currency = fields.String()
    free_days = fields.Integer()
    minimum = fields.String(metadata={"description": "The least a month's statement charges for the fee."})
    divisor_cm3_per_kg = fields.Integer(
        allow_none=True, metadata={"description": "The larger of weight and volume by this counts."}
    )
    effective_from = fields.String(metadata={"format": "date"})
    effective_to = fields.String(
        allow_none=True, metadata={"format": "date", "description": "First day it no longer holds."}
    )
    agreed = fields.Boolean(metadata={"description": "With this exporter alone."})
    replaced = fields.Boolean(metadata={"description": "Published, but an agreed price goes before it."})
    source = fields.String()


class FeePage(Page):
    """The price list of a warehouse on a day, whole."""

    example: ClassVar[dict[str, Any]] = {"items": [FEE], "next_cursor": None}
    items = fields.List(fields.Nested(FeeShape))


class WarehouseStatementHead(Answer):
    """A statement as lists show it."""

    example: ClassVar[dict[str, Any]] = HEAD
    id = fields.String()
    warehouse_id = fields.String()
    warehouse = fields.String(metadata={"description": "Code of its location."})
    exporter = fields.String(metadata={"description": "Reference."})
    month = fields.String()
    currency = fields.String()
    total = fields.String(metadata={"description": "The sum of the lines, and of the invoice."})
    invoice_id = fields.String(allow_none=True)
    invoice_number = fields.String(allow_none=True)
    created_at = fields.String(metadata={"format": "date-time"})


class WarehouseStatementLine(Answer):
    """One fee at one price: its charges added up and rounded once."""

    line = fields.Integer(metadata={"description": "Ask for its charges by this."})
    code = fields.String(metadata={"enum": list(FEES)})
    basis = fields.String(metadata={"enum": [*FEE_BASES, MINIMUM]})
    quantity = fields.String(metadata={"description": "m3 lying for a day, or things."})
    unit_price = fields.String()
    amount = fields.String()


class WarehouseStatementShape(WarehouseStatementHead):
    """A statement with its lines, which are those of its invoice."""

    example: ClassVar[dict[str, Any]] = HEAD | {"lines": [LINE]}
    lines = fields.List(fields.Nested(WarehouseStatementLine))


class WarehouseStatementPage(Page):
    """Statements, the latest month first."""

    example: ClassVar[dict[str, Any]] = {"items": [HEAD], "next_cursor": None}
    items = fields.List(fields.Nested(WarehouseStatementHead))


class ChargedPosting(Answer):
    """The posting that did the work."""

    id = fields.String()
    kind = fields.String()
    subject = fields.String(allow_none=True, metadata={"description": "ASN, order, return or work order."})
    at = fields.String(metadata={"format": "date-time"})


class ChargedLot(Answer):
    """The lot that lay there at the end of the day."""

    sku = fields.String()
    batch = fields.String()
    condition = fields.String()
    received_on = fields.String(metadata={"format": "date"})
    age_days = fields.Integer()
    pieces = fields.Integer()


class StatementChargeShape(Answer):
    """What one day, lot or posting costs: exact, because only lines are rounded."""

    charge = fields.Integer(metadata={"description": "Ask for its moves by this."})
    day = fields.String(metadata={"format": "date", "description": "By the calendar of the warehouse."})
    code = fields.String()
    basis = fields.String()
    quantity = fields.String()
    unit_price = fields.String()
    amount = fields.String(metadata={"description": "Quantity times price, with all decimals."})
    posting = fields.Nested(ChargedPosting, allow_none=True)
    lot = fields.Nested(ChargedLot, allow_none=True)


class ChargePage(Page):
    """Charges by day."""

    example: ClassVar[dict[str, Any]] = {"items": [CHARGE], "next_cursor": None}
    items = fields.List(fields.Nested(StatementChargeShape))


class ChargedMove(Answer):
    """A move behind a charge."""

    posting = fields.String()
    kind = fields.String()
    subject = fields.String(allow_none=True)
    at = fields.String(metadata={"format": "date-time"})
    sku = fields.String()
    batch = fields.String()
    from_ = fields.String(data_key="from")
    to = fields.String()
    quantity = fields.Integer()
    stays = fields.Integer(metadata={"description": "By how much it changes what lies in the warehouse."})


class ChargedMovePage(Page):
    """The moves behind a charge, in their order; of storage their `stays` add up to its pieces."""

    example: ClassVar[dict[str, Any]] = {"items": [MOVE], "next_cursor": None}
    items = fields.List(fields.Nested(ChargedMove))
