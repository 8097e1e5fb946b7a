"""Credit before a booking, and the papers after it."""

from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, CreditHold, CreditLimitExceeded
from app.ids import new_id
from app.models import Booking, Invoice, InvoiceLine, InvoiceSeries, Party
from app.queries.billing import lines_of, live_invoice
from app.queries.credit import WITHOUT_CHARGE, owed_by, rates_on
from app.usecases.announcing import announce
from app.usecases.auditing import record
from trade.billing import (
    BilledLine,
    billed_lines,
    book_date,
    credit_refusal,
    due_date,
    exposure,
    paper_number,
    taken_back,
    total_of,
)
from trade.errors import TradeError
from trade.money import Money


def check_credit(session: Session, exporter: Party, currency: str, amount_minor: int, now: datetime) -> None:
    """Let `amount_minor` more be booked, or say why not; call it before the booking is written or changed.

    `amount_minor` is the whole charge of a new booking, or what a change adds to one. Bookings of test mode are not
    asked about, nor changes that add nothing. Where there is a limit, whoever asks next for the same exporter waits
    until this transaction is over, so two bookings cannot both take what is left: ask before space is taken.
    Raises CreditHold, CreditLimitExceeded.
    """
    if exporter.credit_limit_minor is not None:
        # NO KEY UPDATE: rows that only refer to the exporter can be written meanwhile.
        exporter = session.scalars(
            select(Party)
            .where(Party.id == exporter.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        ).one()
    if exporter.credit_hold:
        reason = f": {exporter.credit_hold_reason}" if exporter.credit_hold_reason else ""
        raise CreditHold(f"{exporter.reference} is on credit hold and cannot book{reason}")
    if exporter.credit_limit_minor is not None:
        _check_limit(session, exporter, exporter.credit_limit_minor, currency, amount_minor, now)


def _check_limit(
    session: Session, exporter: Party, limit_minor: int, currency: str, amount_minor: int, now: datetime
) -> None:
    owed = {one.currency: one.net_minor for one in owed_by(session, exporter.id)}
    after = owed | {currency: owed.get(currency, 0) + amount_minor}
    home = exporter.credit_currency
    rates = rates_on(session, {*after, home}, book_date(now))
    try:
        refusal = credit_refusal(limit_minor, exposure(owed, home, rates), exposure(after, home, rates), home)
    except TradeError as error:
        refusal = f"what is owed cannot be held against the credit limit: {error.detail}; ask for the rate to be added"
    if refusal is not None:
        raise CreditLimitExceeded(refusal)


def invoice_booking(session: Session, actor: Actor, booking: Booking, now: datetime) -> Invoice | None:
    """Bring the papers of a booking in line with its charges, and return its live invoice.

    Without an invoice one is issued. Where the charges have changed since, a credit note takes it back whole and a
    new one follows. None where nothing is charged. Done again, it changes nothing. Conflict for practice bookings.
    """
    if booking.test_mode:
        raise Conflict("a booking of test mode is practice and is not billed")
    # One after the other, and not while somebody changes the charges.
    session.execute(select(Booking.id).where(Booking.id == booking.id).with_for_update(key_share=True))
    session.refresh(booking, ["charges", "currency", "status"])
    lines = () if booking.status in WITHOUT_CHARGE else billed_lines(booking.charges)
    live = live_invoice(session, booking.id)
    if live is not None:
        billed = lines_of(live)
        if billed == lines:
            return live
        _issue(session, actor, booking, "credit_note", taken_back(billed), now, corrects=live)
    return _issue(session, actor, booking, "invoice", lines, now) if lines else None


def invoice_lines(
    session: Session,
    actor: Actor,
    now: datetime,
    exporter_id: int,
    currency: str,
    lines: tuple[BilledLine, ...],
) -> Invoice:
    """Invoice what belongs to no booking, such as a month in a warehouse; whoever asks sees that it is done once."""
    return _issue(session, actor, Account(exporter_id, currency), "invoice", lines, now)


@dataclass(frozen=True, slots=True)
class Account:
    """Who is billed in which currency, where no booking says so."""

    exporter_id: int
    currency: str


def _issue(
    session: Session,
    actor: Actor,
    billed: Booking | Account,
    kind: str,
    lines: tuple[BilledLine, ...],
    now: datetime,
    *,
    corrects: Invoice | None = None,
) -> Invoice:
    issued_on = book_date(now)
    booking = billed if isinstance(billed, Booking) else None
    invoice = Invoice(
        public_id=new_id("inv"),
        number=_next_number(session, kind, issued_on.year),
        kind=kind,
        exporter_id=billed.exporter_id,
        booking_id=booking.id if booking else None,
        corrects_id=corrects.id if corrects else None,
        currency=billed.currency,
        total_minor=total_of(lines, billed.currency).minor,
        issued_on=issued_on,
        due_on=due_date(issued_on) if kind == "invoice" else issued_on,
        created_at=now,
        lines=[InvoiceLine(seq=seq, **asdict(line)) for seq, line in enumerate(lines, start=1)],
    )
    session.add(invoice)
    session.flush()
    facts = {
        "id": invoice.public_id,
        "number": invoice.number,
        "kind": kind,
        "booking": booking.public_id if booking else None,
        "corrects": corrects.public_id if corrects else None,
        "currency": invoice.currency,
        "total": Money(invoice.total_minor, invoice.currency).format(),
        "issued_on": issued_on.isoformat(),
        "due_on": invoice.due_on.isoformat(),
    }
    record(session, actor, now, f"{kind}.issued", invoice.public_id, after=facts)
    announce(session, now, "invoice.issued", billed.exporter_id, invoice.public_id, facts)
    return invoice


def _next_number(session: Session, kind: str, year: int) -> str:
    """Count up in this transaction: who comes next waits, and what is rolled back gives its number to the next."""
    count_up = (
        update(InvoiceSeries)
        .where(InvoiceSeries.kind == kind, InvoiceSeries.year == year)
        .values(last=InvoiceSeries.last + 1)
        .returning(InvoiceSeries.last)
        .execution_options(synchronize_session=False)
    )
    count = session.scalar(count_up)
    if count is None:
        # The first of the year; somebody else may begin it at the same moment.
        with suppress(IntegrityError), session.begin_nested():
            session.execute(insert(InvoiceSeries).values(kind=kind, year=year, last=0))
        count = session.scalars(count_up).one()
    return paper_number(kind, year, count)
