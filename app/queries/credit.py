"""What an exporter owes and has booked, and what is left of its credit. Always added up, never kept."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from app.models import Booking, FxRate, Invoice, Party, Payment
from trade.billing import THROUGH, Rates, book_date, exposure
from trade.errors import TradeError

Sums = dict[tuple[int, str], int]
"""Minor units by exporter and currency."""
WITHOUT_CHARGE = ("REJECTED", "DECLINED")
"""Statuses of bookings whose charges nobody owes; a cancelled one owes the fee that is left of them."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What one exporter owes in one currency, in minor units; practice bookings do not count."""

    currency: str
    invoiced_minor: int
    """Invoices less credit notes."""
    booked_minor: int
    """Charges of bookings that are not invoiced yet; negative where an invoice is still to be taken back."""
    paid_minor: int

    @property
    def net_minor(self) -> int:
        """What is owed in all."""
        return self.invoiced_minor + self.booked_minor - self.paid_minor


@dataclass(frozen=True, slots=True)
class Credit:
    """How far an exporter may go. Amounts are minor units of `currency`."""

    exporter: str
    currency: str
    limit_minor: int | None
    hold: bool
    hold_reason: str | None
    owed: tuple[Owed, ...]
    exposure_minor: int | None
    """None: an exchange rate is missing."""

    @property
    def left_minor(self) -> int | None:
        """What may still be booked, negative beyond the limit; None without a limit or an exposure."""
        if self.limit_minor is None or self.exposure_minor is None:
            return None
        return self.limit_minor - self.exposure_minor


def owed_by(session: Session, exporter_id: int) -> tuple[Owed, ...]:
    """What an exporter owes, a currency each, by currency."""
    return owed_by_each(session, [exporter_id])[exporter_id]


def owed_by_each(session: Session, exporter_ids: Collection[int]) -> dict[int, tuple[Owed, ...]]:
    """The same of several exporters, read at once; whoever owes nothing has an empty tuple."""
    ids = list(exporter_ids)
    invoiced: Sums = {}
    billed: Sums = {}
    of_booking = func.sum(case((Invoice.booking_id.is_not(None), Invoice.total_minor), else_=0))
    whose = (Invoice.exporter_id, Invoice.currency)
    query = select(*whose, func.sum(Invoice.total_minor), of_booking)
    for exporter_id, currency, all_minor, booking_minor in session.execute(
        query.where(Invoice.exporter_id.in_(ids)).group_by(*whose)
    ):
        invoiced[exporter_id, currency], billed[exporter_id, currency] = int(all_minor), int(booking_minor)
    charged = _sums(
        session,
        select(Booking.exporter_id, Booking.currency, func.sum(Booking.total_minor))
        .where(Booking.exporter_id.in_(ids), Booking.test_mode.is_(False))
        .where(Booking.status.not_in(WITHOUT_CHARGE))
        .group_by(Booking.exporter_id, Booking.currency),
    )
    paid = _sums(
        session,
        select(Payment.exporter_id, Payment.currency, func.sum(Payment.amount_minor))
        .where(Payment.exporter_id.in_(ids))
        .group_by(Payment.exporter_id, Payment.currency),
    )
    found: dict[int, list[Owed]] = {one: [] for one in ids}
    for one in sorted({*invoiced, *charged, *paid}):
        booked = charged.get(one, 0) - billed.get(one, 0)
        found[one[0]].append(Owed(one[1], invoiced.get(one, 0), booked, paid.get(one, 0)))
    return {one: tuple(owed) for one, owed in found.items()}


def overdue_of(session: Session, exporter_ids: Collection[int], today: date) -> dict[int, dict[str, int]]:
    """By exporter and currency: invoices that were due before today, credit notes and payments taken off."""
    whose = (Invoice.exporter_id, Invoice.currency)
    due = case((Invoice.kind == "invoice", Invoice.due_on < today), else_=True)
    query = select(*whose, func.sum(Invoice.total_minor)).where(Invoice.exporter_id.in_(exporter_ids), due)
    owed = _sums(session, query.group_by(*whose))
    whose_paid = (Payment.exporter_id, Payment.currency)
    paid = select(*whose_paid, func.sum(Payment.amount_minor)).where(Payment.exporter_id.in_(exporter_ids))
    for one, minor in _sums(session, paid.group_by(*whose_paid)).items():
        owed[one] = owed.get(one, 0) - minor
    found: dict[int, dict[str, int]] = {}
    for (exporter_id, currency), minor in owed.items():
        if minor > 0:
            found.setdefault(exporter_id, {})[currency] = minor
    return found


def _sums(session: Session, query: Select[int, str, int]) -> Sums:
    # PostgreSQL adds BIGINTs up to a NUMERIC, which arrives as a Decimal.
    return {(owner, currency): int(minor) for owner, currency, minor in session.execute(query)}


def rates_on(session: Session, currencies: Collection[str], on: date) -> Rates:
    """The latest exchange rate up to a day of every pair of these currencies and the one that is crossed through."""
    wanted = sorted({*currencies, THROUGH})
    pair = (FxRate.base, FxRate.quote)
    latest = (
        select(*pair, func.max(FxRate.as_of).label("as_of"))
        .where(FxRate.base.in_(wanted), FxRate.quote.in_(wanted), FxRate.as_of <= on)
        .group_by(*pair)
        .subquery()
    )
    same = (
        (FxRate.base == latest.c.base) & (FxRate.quote == latest.c.quote) & (FxRate.as_of == latest.c.as_of)
    )
    rows = session.execute(select(*pair, FxRate.rate_micros).join(latest, same))
    return {(base, quote): rate for base, quote, rate in rows}


def credit_of(session: Session, exporter: Party, now: datetime) -> Credit:
    """What is left of an exporter's credit, at the day's exchange rates."""
    return credits_of(session, [exporter], now)[0]


def credits_of(session: Session, exporters: Collection[Party], now: datetime) -> list[Credit]:
    """The same of several exporters, in their order."""
    owed = owed_by_each(session, [one.id for one in exporters])
    currencies = {one.credit_currency for one in exporters}
    currencies |= {part.currency for parts in owed.values() for part in parts}
    rates = rates_on(session, currencies, book_date(now))
    return [_credit(one, owed[one.id], rates) for one in exporters]


def _credit(exporter: Party, owed: tuple[Owed, ...], rates: Rates) -> Credit:
    net = {one.currency: one.net_minor for one in owed}
    try:
        exposed: int | None = exposure(net, exporter.credit_currency, rates)
    except TradeError:
        exposed = None
    return Credit(
        exporter.reference,
        exporter.credit_currency,
        exporter.credit_limit_minor,
        exporter.credit_hold,
        exporter.credit_hold_reason,
        owed,
        exposed,
    )
