"""Invoices and statements, and which bookings wait for an invoice."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from app.errors import NotFound
from app.models import Booking, BookingLeg, Call, Departure, Invoice, InvoiceLine, Party, Payment
from app.queries.credit import WITHOUT_CHARGE
from app.queries.paging import AnySelect, Keyset, Page, day
from trade.billing import Account, BilledLine, Entry, account

REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""What exporters are called by; nothing else is asked for in the database."""
BY_DAY = Keyset(Invoice.issued_on, Invoice.id, read=day, falling=True)
OVER = ("CANCELLED", "COMPLETED", *WITHOUT_CHARGE)
"""Statuses of bookings that are billed without waiting for a departure."""
NOTE = aliased(Invoice, name="note")
"""The credit note that takes an invoice back."""
CORRECTED = aliased(Invoice, name="corrected")
COLUMNS = (
    Invoice.id, Invoice.public_id, Invoice.number, Invoice.kind, Party.reference.label("exporter"),
    Party.name.label("exporter_name"), Booking.public_id.label("booking"), CORRECTED.public_id.label("corrects"),
    NOTE.public_id.label("corrected_by"), Invoice.currency, Invoice.total_minor, Invoice.issued_on,
    Invoice.due_on, Invoice.created_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFilter:
    """What narrows the list: the exporter a reference or public id, the booking a public id, days from and before."""

    exporter: str | None = None
    booking: str | None = None
    issued_from: date | None = None
    issued_before: date | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """As conditions on Invoice, Party and Booking."""
        found: list[ColumnElement[bool]] = []
        if self.exporter:
            found.append((Party.reference == self.exporter) | (Party.public_id == self.exporter))
        if self.booking:
            found.append(Booking.public_id == self.booking)
        if self.issued_from:
            found.append(Invoice.issued_on >= self.issued_from)
        if self.issued_before:
            found.append(Invoice.issued_on < self.issued_before)
        return found


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice or credit note; the total is the sum of its lines, in minor units."""

    id: int
    public_id: str
    number: str
    kind: str
    exporter: str
    exporter_name: str
    booking: str | None
    corrects: str | None
    """Credit notes: the invoice they take back."""
    corrected_by: str | None
    """Invoices: the credit note that took it back."""
    currency: str
    total_minor: int
    issued_on: date
    due_on: date
    created_at: datetime
    lines: tuple[BilledLine, ...] = ()
    """Only where one invoice is asked for."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What happened to an exporter's account in a month, a currency each; the month ends before `until`."""

    exporter: str
    exporter_name: str
    country: str | None
    since: date
    until: date
    accounts: tuple[Account, ...]


def find_exporter(session: Session, reference: str, *, exporter_id: int | None = None) -> Party:
    """An exporter by reference or public id; NotFound, also where `exporter_id` asks about somebody else."""
    query = select(Party).where((Party.reference == reference) | (Party.public_id == reference))
    if exporter_id is not None:
        query = query.where(Party.id == exporter_id)
    found = session.scalar(query) if REFERENCE.fullmatch(reference) else None
    if found is None or "exporter" not in found.roles:
        raise NotFound("there is no such exporter")
    return found


def list_invoices(
    session: Session,
    where: InvoiceFilter | None = None,
    *,
    exporter_id: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[InvoiceRow]:
    """Invoices and credit notes, the latest first; `exporter_id` sees only its own."""
    query = _base(exporter_id).where(*(where or InvoiceFilter()).conditions())
    found = session.execute(BY_DAY.slice(query, cursor, limit)).all()
    page = BY_DAY.page(found, limit, lambda row: (row.issued_on, row.id))
    return Page([InvoiceRow(*row) for row in page.items], page.next_cursor)


def get_invoice(session: Session, public_id: str, *, exporter_id: int | None = None) -> InvoiceRow:
    """One invoice or credit note with its lines; NotFound, also for somebody else's."""
    row = session.execute(_base(exporter_id).where(Invoice.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no invoice {public_id!r}")
    lines = session.scalars(
        select(InvoiceLine).where(InvoiceLine.invoice_id == row.id).order_by(InvoiceLine.seq)
    )
    return replace(InvoiceRow(*row), lines=_billed(lines.all()))


def _base(exporter_id: int | None) -> AnySelect:
    query = (
        select(*COLUMNS)
        .join(Party, Party.id == Invoice.exporter_id)
        .outerjoin(Booking, Booking.id == Invoice.booking_id)
        .outerjoin(CORRECTED, CORRECTED.id == Invoice.corrects_id)
        .outerjoin(NOTE, NOTE.corrects_id == Invoice.id)
    )
    return query if exporter_id is None else query.where(Invoice.exporter_id == exporter_id)


def live_invoice(session: Session, booking_id: int) -> Invoice | None:
    """The invoice of a booking that no credit note has taken back, with its lines."""
    query = (
        select(Invoice)
        .outerjoin(NOTE, NOTE.corrects_id == Invoice.id)
        .where(Invoice.booking_id == booking_id, Invoice.kind == "invoice", NOTE.id.is_(None))
        .options(selectinload(Invoice.lines))
    )
    return session.scalars(query).one_or_none()


def lines_of(invoice: Invoice) -> tuple[BilledLine, ...]:
    """The lines of an invoice as `trade` knows them."""
    return _billed(invoice.lines)


def _billed(lines: Sequence[InvoiceLine]) -> tuple[BilledLine, ...]:
    return tuple(BilledLine(**{name: getattr(line, name) for name in BilledLine.__slots__}) for line in lines)


def bookings_to_invoice(session: Session, now: datetime) -> Sequence[int]:
    """Ids of the bookings whose papers are not what they cost: on their way, over, or changed since their invoice."""
    billed = (
        select(func.coalesce(func.sum(Invoice.total_minor), 0))
        .where(Invoice.booking_id == Booking.id)
        .scalar_subquery()
    )
    charged = case((Booking.status.in_(WITHOUT_CHARGE), 0), else_=Booking.total_minor)
    left = (
        select(BookingLeg.id)
        .join(Departure, Departure.id == BookingLeg.departure_id)
        .join(Call, and_(Call.departure_id == Departure.id, Call.seq == BookingLeg.board_seq))
        .where(BookingLeg.booking_id == Booking.id, Departure.status != "cancelled", Call.departs_at <= now)
    )
    query = select(Booking.id).where(
        Booking.test_mode.is_(False),
        billed != charged,
        or_(billed != 0, Booking.status.in_(OVER), left.exists()),
    )
    return session.scalars(query.order_by(Booking.id)).all()


def statement(session: Session, exporter: Party, since: date, until: date) -> Statement:
    """What an exporter owed before `since`, and everything that changed it from then to before `until`."""
    opening = _owed_before(session, exporter.id, since)
    entries = _entries(session, exporter.id, since, until)
    currencies = sorted({*opening, *entries})
    accounts = (account(one, opening.get(one, 0), entries.get(one, [])) for one in currencies)
    return Statement(exporter.reference, exporter.name, exporter.country, since, until, tuple(accounts))


def _owed_before(session: Session, exporter_id: int, on: date) -> dict[str, int]:
    owed: dict[str, int] = {}
    invoiced = (
        select(Invoice.currency, func.sum(Invoice.total_minor))
        .where(Invoice.exporter_id == exporter_id, Invoice.issued_on < on)
        .group_by(Invoice.currency)
    )
    paid = (
        select(Payment.currency, -func.sum(Payment.amount_minor))
        .where(Payment.exporter_id == exporter_id, Payment.received_on < on)
        .group_by(Payment.currency)
    )
    for query in (invoiced, paid):
        for currency, minor in session.execute(query):
            owed[currency] = owed.get(currency, 0) + int(minor)
    return owed


def _entries(session: Session, exporter_id: int, since: date, until: date) -> dict[str, list[Entry]]:
    """By currency, in the order they were made within each day."""
    invoices: AnySelect = (
        select(
            Invoice.currency, Invoice.created_at, Invoice.id, Invoice.issued_on, Invoice.kind, Invoice.number,
            Invoice.total_minor, Booking.public_id,
        )
        .outerjoin(Booking, Booking.id == Invoice.booking_id)
        .where(Invoice.exporter_id == exporter_id, Invoice.issued_on >= since, Invoice.issued_on < until)
    )  # fmt: skip
    payments = select(
        Payment.currency,
        Payment.created_at,
        Payment.id,
        Payment.received_on,
        Payment.reference,
        Payment.amount_minor,
    ).where(Payment.exporter_id == exporter_id, Payment.received_on >= since, Payment.received_on < until)
    found: list[tuple[Any, str, Entry]] = [
        ((on, made, 0, key), currency, Entry(on, kind, number, minor, booking))
        for currency, made, key, on, kind, number, minor, booking in session.execute(invoices)
    ]
    found += [
        ((on, made, 1, key), currency, Entry(on, "payment", reference, -minor))
        for currency, made, key, on, reference, minor in session.execute(payments)
    ]
    entries: dict[str, list[Entry]] = {}
    for _order, currency, entry in sorted(found, key=lambda one: one[0]):
        entries.setdefault(currency, []).append(entry)
    return entries
