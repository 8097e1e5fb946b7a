"""Invoices, statements, payments and credit on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from app.models.billing import INVOICE_KINDS
from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Day, Flag, Number, PublicId, Text

REFERENCE = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$"
CURRENCY = r"^[A-Z]{3}$"
MONTH = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"
MOST = "100000000000"
LINE: dict[str, Any] = {
    "leg": 1, "code": "freight", "basis": "per_kg", "quantity": "250.000", "unit_price": "0.500000",
    "priced": "125.00", "priced_currency": "USD", "amount": "890.00",
}  # fmt: skip
HEAD: dict[str, Any] = {
    "id": "inv_0h3vk5m8q2r7t9xz", "number": "INV-2026-000042", "kind": "invoice", "exporter": "acme",
    "booking_id": "bkg_0h3vk5m8q2r7t9xz", "corrects": None, "corrected_by": None, "currency": "CNY",
    "total": "890.00", "issued_on": "2026-11-23", "due_on": "2026-12-23",
    "created_at": "2026-11-23T01:30:00+00:00",
}  # fmt: skip
ENTRY: dict[str, Any] = {
    "on": "2026-11-23", "kind": "invoice", "reference": "INV-2026-000042",
    "booking_id": "bkg_0h3vk5m8q2r7t9xz", "amount": "890.00", "balance": "1890.00",
}  # fmt: skip
OF_EXPORTER = {"description": "Reference or id; for staff. An exporter's own if left out."}


class InvoiceQuery(PageQuery):
    """What narrows the invoices."""

    exporter = Text(longest=40, pattern=REFERENCE, load_default=None, metadata=OF_EXPORTER)
    booking = PublicId("bkg", load_default=None)
    month = Text(longest=7, pattern=MONTH, load_default=None, metadata={"description": "Issued in it."})


class StatementQuery(Shape):
    """Whose statement, of which month."""

    month = Text(longest=7, pattern=MONTH, required=True, metadata={"example": "2026-11"})
    exporter = Text(longest=40, pattern=REFERENCE, load_default=None, metadata=OF_EXPORTER)


class NewPayment(Shape):
    """Money that came in from an exporter; a negative amount was paid back."""

    example: ClassVar[dict[str, Any]] = {
        "exporter": "acme", "reference": "ICBC-20261123-0017", "currency": "CNY", "amount": "890.00",
        "received_on": "2026-11-23",
    }  # fmt: skip
    exporter = Text(
        longest=40, pattern=REFERENCE, required=True, metadata={"description": "Reference or id."}
    )
    reference = Text(longest=64, required=True, metadata={"description": "The bank's; one is noted once."})
    currency = Text(longest=3, pattern=CURRENCY, required=True)
    amount = Number(least=f"-{MOST}", most=MOST, places=4, required=True)
    received_on = Day(required=True)


class CreditChange(Shape):
    """What is to be different about an exporter's credit; what is left out stays."""

    example: ClassVar[dict[str, Any]] = {"limit": "50000.00", "currency": "CNY"}
    limit = Number(
        least="0", most=MOST, places=4, allow_none=True,
        metadata={"description": "What may be owed and booked at most; null: no limit."},
    )  # fmt: skip
    currency = Text(longest=3, pattern=CURRENCY, metadata={"description": "Of the limit."})
    hold = Flag(metadata={"description": "On hold nothing is booked."})
    reason = Text(longest=200, metadata={"description": "Why it is on hold; the exporter is told."})


class InvoiceHead(Answer):
    """An invoice or credit note as lists show it."""

    example: ClassVar[dict[str, Any]] = HEAD
    id = fields.String()
    number = fields.String()
    kind = fields.String(metadata={"enum": list(INVOICE_KINDS)})
    exporter = fields.String(metadata={"description": "Reference of the exporter."})
    booking_id = fields.String(allow_none=True)
    corrects = fields.String(
        allow_none=True, metadata={"description": "Credit notes: id of what they take back."}
    )
    corrected_by = fields.String(
        allow_none=True, metadata={"description": "Invoices: id of the credit note that took it back."}
    )
    currency = fields.String()
    total = fields.String(metadata={"description": "The sum of the lines; below zero on credit notes."})
    issued_on = fields.String(metadata={"format": "date"})
    due_on = fields.String(metadata={"format": "date"})
    created_at = fields.String(metadata={"format": "date-time"})


class InvoiceLineShape(Answer):
    """One charge: as the tariff has it, and the same money in the currency of the invoice."""

    leg = fields.Integer(metadata={"description": "0: the booking as a whole."})
    code = fields.String()
    basis = fields.String()
    quantity = fields.String(
        metadata={"description": "kg, m3 or things; for `percent` the money it is taken of."}
    )
    unit_price = fields.String(
        metadata={"description": "In `priced_currency`; for `percent` a share of one."}
    )
    priced = fields.String()
    priced_currency = fields.String()
    amount = fields.String(metadata={"description": "In the currency of the invoice."})


class InvoiceShape(InvoiceHead):
    """An invoice or credit note with its lines."""

    example: ClassVar[dict[str, Any]] = HEAD | {"lines": [LINE]}
    lines = fields.List(fields.Nested(InvoiceLineShape))


class InvoicePage(Page):
    """Invoices and credit notes, the latest first."""

    example: ClassVar[dict[str, Any]] = {"items": [HEAD], "next_cursor": None}
    items = fields.List(fields.Nested(InvoiceHead))


class EntryShape(Answer):
    """Something that changed what is owed, and what is owed after it; payments are below zero."""

    on = fields.String(metadata={"format": "date"})
    kind = fields.String(metadata={"enum": [*INVOICE_KINDS, "payment"]})
    reference = fields.String(metadata={"description": "Number of the paper, or the bank's reference."})
    booking_id = fields.String(allow_none=True)
    amount = fields.String()
    balance = fields.String()


class AccountShape(Answer):
    """One currency of a statement."""

    currency = fields.String()
    opening = fields.String(metadata={"description": "What was owed before the month."})
    entries = fields.List(fields.Nested(EntryShape))
    closing = fields.String(metadata={"description": "What is owed at its end."})


class StatementShape(Answer):
    """What happened to an exporter's account in a month, a currency each."""

    example: ClassVar[dict[str, Any]] = {
        "exporter": "acme",
        "month": "2026-11",
        "accounts": [{"currency": "CNY", "opening": "1000.00", "entries": [ENTRY], "closing": "1890.00"}],
    }
    exporter = fields.String()
    month = fields.String()
    accounts = fields.List(fields.Nested(AccountShape))


class PaymentShape(Answer):
    """Money that came in."""

    example: ClassVar[dict[str, Any]] = NewPayment.example
    exporter = fields.String()
    reference = fields.String()
    currency = fields.String()
    amount = fields.String()
    received_on = fields.String(metadata={"format": "date"})


class OwedShape(Answer):
    """What is owed in one currency: invoiced and booked, less what was paid."""

    currency = fields.String()
    invoiced = fields.String()
    booked = fields.String(metadata={"description": "Charges of bookings that are not invoiced yet."})
    paid = fields.String()
    owed = fields.String()


class CreditShape(Answer):
    """How far an exporter may go. Amounts without a currency of their own are in `currency`."""

    example: ClassVar[dict[str, Any]] = {
        "exporter": "acme", "currency": "CNY", "limit": "50000.00", "exposure": "890.00", "left": "49110.00",
        "hold": False, "hold_reason": None,
        "owed": [{"currency": "CNY", "invoiced": "890.00", "booked": "0.00", "paid": "0.00", "owed": "890.00"}],
    }  # fmt: skip
    exporter = fields.String()
    currency = fields.String()
    limit = fields.String(allow_none=True, metadata={"description": "Null: no limit."})
    exposure = fields.String(
        allow_none=True,
        metadata={
            "description": "All that is owed and booked, at the day's rates; null where one is missing."
        },
    )
    left = fields.String(
        allow_none=True, metadata={"description": "What may still be booked; null without a limit."}
    )
    hold = fields.Boolean()
    hold_reason = fields.String(allow_none=True)
    owed = fields.List(fields.Nested(OwedShape))
