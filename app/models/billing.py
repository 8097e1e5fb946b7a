from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.parties import Party

INVOICE_KINDS = ("invoice", "credit_note")


class Invoice(Base):
    """Charges of a booking, as they were billed. Never changed: a correction is a credit note and a new invoice."""

    __tablename__ = "invoice"

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    number: Mapped[str] = mapped_column(String(24), unique=True)
    kind: Mapped[str] = mapped_column(choice(*INVOICE_KINDS, name="invoice_kind"), default="invoice")
    exporter_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), index=True)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"), unique=True)
    """Credit notes: the invoice they take back."""
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[int]
    """Sum of the lines, negative for a credit note."""
    issued_on: Mapped[date] = mapped_column(index=True)
    due_on: Mapped[date]
    created_at: Mapped[datetime]
    exporter: Mapped[Party] = relationship(lazy="raise_on_sql")
    lines: Mapped[list["InvoiceLine"]] = relationship(
        order_by="InvoiceLine.seq", lazy="raise_on_sql", cascade="all, delete-orphan"
    )


class InvoiceLine(Base):
    """One charge. `amount_minor` is in the invoice's currency and stands as it was quoted, FX included."""

    __tablename__ = "invoice_line"
    __table_args__ = (UniqueConstraint("invoice_id", "seq"),)

    id: Mapped[Key]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id", ondelete="CASCADE"), index=True)
    seq: Mapped[int]
    leg_seq: Mapped[int] = mapped_column(default=0)
    code: Mapped[str] = mapped_column(String(32))
    basis: Mapped[str] = mapped_column(String(16))
    quantity: Mapped[int]
    unit_price_micros: Mapped[int]
    priced_minor: Mapped[int]
    priced_currency: Mapped[str] = mapped_column(String(3))
    """As the tariff charges it; `amount_minor` is the same money in the invoice's currency."""
    amount_minor: Mapped[int]


class InvoiceSeries(Base):
    """The last number given in a year. Counted up in the transaction that issues, so that no number is missing."""

    __tablename__ = "invoice_series"

    kind: Mapped[str] = mapped_column(choice(*INVOICE_KINDS, name="invoice_series_kind"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Payment(Base):
    """Money that came in from an exporter."""

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("exporter_id", "reference"),
        CheckConstraint("amount_minor <> 0", name="amount"),
    )

    id: Mapped[Key]
    exporter_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    reference: Mapped[str] = mapped_column(String(64))
    """Of the bank; the same one is taken once."""
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    received_on: Mapped[date]
    recorded_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
