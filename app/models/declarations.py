"""What is declared to customs: lists of parcels, the declarations they are merged into, and what both need to say."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.parties import Party
from app.models.places import Location
from app.models.pool import CUSTOMS_MODES, Parcel
from app.models.services import MODES
from trade.declarations import LIST_STATES, OUTCOMES, SUMMARY_STATES

CHANNELS = ("ceb", "h2018")
FLAGS = ("A", "B")
CODE_KINDS = ("enterprise", "name", "platform", "platform_name", "office", "dxp", "net_percent")


class CustomsCode(Base):
    """A number customs knows somebody or some place by: of the house, an exporter, or a port."""

    __tablename__ = "customs_code"
    __table_args__ = (UniqueConstraint("subject", "kind"),)

    id: Mapped[Key]
    subject: Mapped[str] = mapped_column(String(20))
    """Public id of the party or location; `house`: the operation itself."""
    kind: Mapped[str] = mapped_column(choice(*CODE_KINDS, name="customs_code_kind"))
    value: Mapped[str] = mapped_column(String(100))
    changed_at: Mapped[datetime]


class DeclarationSummary(Base):
    """A declaration that merges released lists of one exporter, mode, port, way of transport and month."""

    __tablename__ = "declaration_summary"
    __table_args__ = (
        CheckConstraint("(refund_minor IS NULL) = (refunded_on IS NULL)", name="refund"),
        CheckConstraint("(settled_on IS NULL) = (outcome IS NULL)", name="settled"),
        CheckConstraint("settled_on IS NULL OR refunded_on IS NOT NULL", name="settled_refund"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    number: Mapped[str] = mapped_column(String(24), unique=True)
    exporter_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    customs_mode: Mapped[str] = mapped_column(choice(*CUSTOMS_MODES, name="summary_customs_mode"))
    port_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    transport_mode: Mapped[str] = mapped_column(choice(*MODES, name="summary_transport_mode"))
    month: Mapped[date]
    """Its first day."""
    status: Mapped[str] = mapped_column(choice(*SUMMARY_STATES, name="summary_status"), index=True)
    path: Mapped[list[str]]
    """Every state up to the present one: what undo goes back along."""
    entry_id: Mapped[str | None] = mapped_column(String(18), unique=True)
    """The declaration number customs gave it."""
    answer: Mapped[str] = mapped_column(String(300), default="")
    refund_minor: Mapped[int | None]
    """Fen that came back; under mode 9810 before the goods are sold."""
    refunded_on: Mapped[date | None]
    settled_on: Mapped[date | None]
    """When a refund before the sale was settled."""
    outcome: Mapped[str | None] = mapped_column(choice(*OUTCOMES, name="summary_outcome"))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(40))
    exporter: Mapped[Party] = relationship(lazy="raise_on_sql")
    port: Mapped[Location] = relationship(lazy="raise_on_sql")
    lists: Mapped[list["DeclarationList"]] = relationship(
        back_populates="summary", order_by="DeclarationList.id", lazy="raise_on_sql"
    )


class DeclarationList(Base):
    """Up to a hundred parcels of one exporter that leave one port in one month under one customs mode.

    The sums and counts are those of its lines when they were last checked.
    """

    __tablename__ = "declaration_list"
    __table_args__ = (
        CheckConstraint("lines > 0 AND gross_g > 0 AND value_minor >= 0", name="sums"),
        CheckConstraint("mismatched >= 0 AND warned >= 0 AND moved >= 0", name="counts"),
        CheckConstraint("(summary_id IS NULL) = (status NOT IN ('summarised', 'refunded'))", name="summary"),
        Index("ix_declaration_list_month_id", "month", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    number: Mapped[str] = mapped_column(String(24), unique=True)
    exporter_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    customs_mode: Mapped[str] = mapped_column(choice(*CUSTOMS_MODES, name="list_customs_mode"))
    channel: Mapped[str] = mapped_column(choice(*CHANNELS, name="list_channel"))
    """`ceb`: a list of the e-commerce system; `h2018`: declared form by form in the single window."""
    statistics_flag: Mapped[str] = mapped_column(choice(*FLAGS, name="list_statistics_flag"))
    """A: simplified, counted from the list, no rebate; B: merged into a declaration later."""
    port_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    transport_mode: Mapped[str] = mapped_column(choice(*MODES, name="list_transport_mode"))
    month: Mapped[date]
    """Its first day."""
    status: Mapped[str] = mapped_column(choice(*LIST_STATES, name="list_status"), index=True)
    path: Mapped[list[str]]
    """Every state up to the present one: what undo goes back along."""
    version: Mapped[int] = mapped_column(default=1)
    """Counted up when a rejected list is opened again: it is sent as a change then."""
    lines: Mapped[int]
    gross_g: Mapped[int]
    net_g: Mapped[int | None]
    value_minor: Mapped[int]
    """Fen, of the lines whose currency has a rate."""
    mismatched: Mapped[int] = mapped_column(default=0)
    """Lines whose order, payment and waybill do not match."""
    warned: Mapped[int] = mapped_column(default=0)
    """Lines whose HS code is missing, short, or earns no rebate soon."""
    moved: Mapped[int] = mapped_column(default=0)
    """Lines that differ from the parcel as it is booked now."""
    checked_at: Mapped[datetime]
    customs_number: Mapped[str | None] = mapped_column(String(20))
    """What customs calls it."""
    answer: Mapped[str] = mapped_column(String(300), default="")
    summary_id: Mapped[int | None] = mapped_column(ForeignKey("declaration_summary.id"), index=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(40))
    exporter: Mapped[Party] = relationship(lazy="raise_on_sql")
    port: Mapped[Location] = relationship(lazy="raise_on_sql")
    summary: Mapped[DeclarationSummary | None] = relationship(back_populates="lists", lazy="raise_on_sql")
    rows: Mapped[list["DeclarationLine"]] = relationship(
        order_by="DeclarationLine.seq", lazy="raise_on_sql", cascade="all, delete-orphan"
    )


class DeclarationLine(Base):
    """A parcel as it is declared: what was true when the list was built, or brought up to date."""

    __tablename__ = "declaration_line"
    __table_args__ = (
        UniqueConstraint("list_id", "seq"),
        CheckConstraint("gross_g > 0 AND value_minor >= 0", name="size"),
    )

    id: Mapped[Key]
    list_id: Mapped[int] = mapped_column(ForeignKey("declaration_list.id", ondelete="CASCADE"))
    seq: Mapped[int]
    number: Mapped[str] = mapped_column(String(24), unique=True)
    """By which customs knows it (copNo); it stays when the line goes to another list."""
    customs_number: Mapped[str | None] = mapped_column(String(20))
    """What customs calls the line: to customs each parcel is a list of its own (invtNo)."""
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"), unique=True)
    """Unique: nothing is declared twice."""
    order_number: Mapped[str] = mapped_column(String(64))
    waybill_number: Mapped[str | None] = mapped_column(String(24), unique=True)
    """The parcel's tracking number: a house waybill holds many parcels, and customs wants a number for each."""
    hs_code: Mapped[str | None] = mapped_column(String(12))
    goods_class: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(250))
    country: Mapped[str] = mapped_column(String(2))
    """Where it goes in the end."""
    departure_number: Mapped[str | None] = mapped_column(String(40))
    departs_on: Mapped[date]
    value_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    value_cny_minor: Mapped[int | None]
    """At the rate of the day it was listed; none: no rate leads to CNY."""
    gross_g: Mapped[int]
    net_g: Mapped[int | None]
    parcel: Mapped[Parcel] = relationship(lazy="raise_on_sql")


class PaymentReceipt(Base):
    """That the order of a parcel was paid, as the desk noted it: the product takes no payments of buyers itself."""

    __tablename__ = "payment_receipt"

    id: Mapped[Key]
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id", ondelete="CASCADE"), unique=True)
    number: Mapped[str] = mapped_column(String(60))
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    noted_at: Mapped[datetime]
    noted_by: Mapped[str] = mapped_column(String(40))
