from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.actor import ROLES
from app.db import Base, Key, choice, public_id


class Party(Base):
    """A company we deal with. `roles` say as what: exporter, carrier, warehouse operator, broker."""

    __tablename__ = "party"

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str]
    country: Mapped[str | None] = mapped_column(String(2))
    roles: Mapped[list[str]] = mapped_column(default=list)
    credit_hold: Mapped[bool] = mapped_column(default=False)
    """On hold: quotes are shown, nothing is booked and the optimizer leaves the goods where they are."""
    credit_hold_reason: Mapped[str | None] = mapped_column(String(200))
    """Told to the exporter when it is refused."""
    credit_limit_minor: Mapped[int | None]
    """What may be owed and booked but not yet paid, in `credit_currency`; none: no limit."""
    approves_returns: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Its contract asks for its word before a return goes anywhere but back on the shelf."""
    credit_currency: Mapped[str] = mapped_column(String(3), default="CNY", server_default="CNY")
    created_at: Mapped[datetime]


class User(Base):
    """A person who signs in."""

    __tablename__ = "user_account"

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """Lower case."""
    password_hash: Mapped[str | None]
    """Argon2id; none until the one-time link was used."""
    role: Mapped[str] = mapped_column(choice(*ROLES, name="user_role"))
    exporter_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    warehouse_id: Mapped[int | None] = mapped_column(ForeignKey("warehouse.id"))
    locale: Mapped[str] = mapped_column(String(8), default="en")
    time_zone: Mapped[str] = mapped_column(default="Asia/Shanghai")
    disabled: Mapped[bool] = mapped_column(default=False)
    session_epoch: Mapped[int] = mapped_column(default=0)
    """Counted up to end every session of this person at once."""
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("(role = 'exporter') = (exporter_id IS NOT NULL)", name="exporter_belongs"),
    )


class PasswordLink(Base):
    """A one-time link with which a person sets a password. Only the token's hash is kept."""

    __tablename__ = "password_link"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    user: Mapped[User] = relationship(lazy="raise_on_sql")


class ApiKey(Base):
    """A secret for scripts: an exporter's own, or one with a role of the operation. Shown once, kept hashed."""

    __tablename__ = "api_key"
    __table_args__ = (
        CheckConstraint("(role = 'exporter') = (exporter_id IS NOT NULL)", name="exporter_belongs"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the whole secret: 160 random bits need no slow hash."""
    hint: Mapped[str] = mapped_column(String(12))
    """First characters, to recognise it by."""
    name: Mapped[str | None] = mapped_column(String(80))
    """What it is for, in its owner's words."""
    scopes: Mapped[str | None] = mapped_column(String(200))
    """What it may be used for, words with spaces between; none: everything its role may."""
    test_mode: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Quotes and bookings made with it are practice: they take no space and are not billed."""
    role: Mapped[str] = mapped_column(choice(*ROLES, name="api_key_role"))
    exporter_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    warehouse_id: Mapped[int | None] = mapped_column(ForeignKey("warehouse.id"))
    """Of a key with the role warehouse: the one it works in."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
