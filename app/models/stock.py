from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Key, choice, public_id
from app.models.layout import StockPlace
from app.models.parties import Party
from warehouses.stock import CONDITIONS, CUSTOMS_STATES, ISSUE_RULES, POSTING_KINDS, RESERVATION_STATES

HERE: dict[str, Any] = {"sqlite_where": text("here = 1"), "postgresql_where": text("here")}
"""What an index holds that leads only to places where stock lies."""


class Sku(Base):
    """An article of one exporter as it is kept: its size, its barcode, and in which order its lots leave."""

    __tablename__ = "sku"
    __table_args__ = (
        UniqueConstraint("owner_id", "code"),
        Index("ix_sku_code_id", "code", "id"),
        CheckConstraint("weight_g > 0 AND volume_cm3 > 0", name="size"),
        CheckConstraint("value_minor >= 0", name="value"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    owner_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    code: Mapped[str] = mapped_column(String(64))
    """The owner's own."""
    name_en: Mapped[str] = mapped_column(String(200))
    name_zh: Mapped[str] = mapped_column(String(200), default="")
    barcode: Mapped[str | None] = mapped_column(String(64), index=True)
    weight_g: Mapped[int]
    """Of one piece, as its dimensions, volume and value."""
    length_mm: Mapped[int | None]
    width_mm: Mapped[int | None]
    height_mm: Mapped[int | None]
    volume_cm3: Mapped[int]
    goods_class: Mapped[str] = mapped_column(String(32), default="general")
    hs_code: Mapped[str | None] = mapped_column(String(12))
    origin_country: Mapped[str | None] = mapped_column(String(2))
    value_minor: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String(3))
    issue_rule: Mapped[str] = mapped_column(choice(*ISSUE_RULES, name="sku_issue_rule"), default="fifo")
    """The owner's choice: first in or first to expire goes out first."""
    created_at: Mapped[datetime]
    owner: Mapped[Party] = relationship(lazy="raise_on_sql")


class StockLot(Base):
    """Pieces of a SKU that are alike in everything the ledger tells apart. Never changed, only moved out of.

    `received_on` and `expires_on` are `warehouses.stock.NEVER` where it is still on its way or does not expire, and
    `batch` is empty where there is none, because NULLs would be distinct.
    """

    __tablename__ = "stock_lot"
    __table_args__ = (
        UniqueConstraint("sku_id", "batch", "expires_on", "condition", "customs_status", "received_on"),
        Index("ix_stock_lot_owner_id_id", "owner_id", "id"),
    )

    id: Mapped[Key]
    owner_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    sku_id: Mapped[int] = mapped_column(ForeignKey("sku.id"))
    batch: Mapped[str] = mapped_column(String(40), default="")
    expires_on: Mapped[date]
    condition: Mapped[str] = mapped_column(choice(*CONDITIONS, name="stock_lot_condition"))
    customs_status: Mapped[str] = mapped_column(choice(*CUSTOMS_STATES, name="stock_lot_customs_status"))
    received_on: Mapped[date]
    """The day its age and its storage are counted from."""
    sku: Mapped[Sku] = relationship(lazy="raise_on_sql")


class StockPosting(Base):
    """Moves that were made together by one hand. Never changed: a mistake is taken back by a reverse posting."""

    __tablename__ = "stock_posting"
    __table_args__ = (
        UniqueConstraint("warehouse_id", "scan_id"),
        Index("ix_stock_posting_warehouse_id_at", "warehouse_id", "at"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouse.id"))
    kind: Mapped[str] = mapped_column(choice(*POSTING_KINDS, name="stock_posting_kind"))
    subject: Mapped[str | None] = mapped_column(String(40), index=True)
    """Public id of the ASN, order, count, work order or return it was for."""
    reason: Mapped[str] = mapped_column(String(200), default="")
    scan_id: Mapped[str | None] = mapped_column(String(64))
    """Given by the device that scanned; the same scan is posted once."""
    content_sha256: Mapped[str] = mapped_column(String(64))
    """Of what was asked for, so that a scan id used for something else is noticed."""
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("stock_posting.id"), unique=True)
    actor_kind: Mapped[str] = mapped_column(String(8))
    actor: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    moves: Mapped[list["StockMove"]] = relationship(order_by="StockMove.seq", lazy="raise_on_sql")


class StockMove(Base):
    """So many pieces of a lot from one place to another: the double entry. Never changed, never deleted."""

    __tablename__ = "stock_move"
    __table_args__ = (
        UniqueConstraint("posting_id", "seq"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("from_id <> to_id", name="two_places"),
        Index("ix_stock_move_lot_id_from_id", "lot_id", "from_id"),
        Index("ix_stock_move_lot_id_to_id", "lot_id", "to_id"),
    )

    id: Mapped[Key]
    posting_id: Mapped[int] = mapped_column(ForeignKey("stock_posting.id"))
    seq: Mapped[int]
    lot_id: Mapped[int] = mapped_column(ForeignKey("stock_lot.id"))
    from_id: Mapped[int] = mapped_column(ForeignKey("stock_place.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("stock_place.id"))
    quantity: Mapped[int]
    lot: Mapped[StockLot] = relationship(lazy="raise_on_sql")
    from_place: Mapped[StockPlace] = relationship(foreign_keys=[from_id], lazy="raise_on_sql")
    to_place: Mapped[StockPlace] = relationship(foreign_keys=[to_id], lazy="raise_on_sql")


class StockBalance(Base):
    """What the moves of a lot at a place add up to, and how much of it is reserved: a cache `fsck` can rebuild."""

    __tablename__ = "stock_balance"
    __table_args__ = (
        CheckConstraint("open_ended OR (reserved >= 0 AND reserved <= on_hand)", name="never_negative"),
        Index("ix_stock_balance_place_id_here_lot_id", "place_id", "here", "lot_id"),
        Index("ix_stock_balance_here_lot_id", "lot_id", "place_id", **HERE),
    )

    lot_id: Mapped[int] = mapped_column(ForeignKey("stock_lot.id"), primary_key=True, autoincrement=False)
    place_id: Mapped[int] = mapped_column(ForeignKey("stock_place.id"), primary_key=True, autoincrement=False)
    on_hand: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)
    open_ended: Mapped[bool]
    """Copied from the kind of place: the outside ends of the ledger may go below zero."""
    here: Mapped[bool] = mapped_column(Computed("on_hand > 0 AND NOT open_ended", persisted=True))
    """Stock lies there. Most balances of an old ledger are of lots that have left: lists look at these alone."""


class StockReservation(Base):
    """A pending move: stock promised to somebody until it is posted or released, once, or runs out."""

    __tablename__ = "stock_reservation"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_stock_reservation_state_expires_at", "state", "expires_at"),
        Index("ix_stock_reservation_lot_id_from_id_state", "lot_id", "from_id", "state"),
    )

    id: Mapped[Key]
    subject: Mapped[str] = mapped_column(String(40), index=True)
    """Public id of the order, work order or return it is for."""
    line_seq: Mapped[int] = mapped_column(default=0)
    """Which line of it."""
    lot_id: Mapped[int] = mapped_column(ForeignKey("stock_lot.id"))
    from_id: Mapped[int] = mapped_column(ForeignKey("stock_place.id"))
    quantity: Mapped[int]
    state: Mapped[str] = mapped_column(
        choice(*RESERVATION_STATES, name="stock_reservation_state"), default="pending"
    )
    expires_at: Mapped[datetime | None]
    """None: until the order it is for is done or void."""
    posting_id: Mapped[int | None] = mapped_column(ForeignKey("stock_posting.id"))
    """The posting that moved it."""
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    lot: Mapped[StockLot] = relationship(lazy="raise_on_sql")
    place: Mapped[StockPlace] = relationship(lazy="raise_on_sql")
