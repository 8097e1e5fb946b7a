"""What an exporter owes and has booked, and what is left of its credit. Always added up, never kept."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from app.models import Booking, FxRate, Invoice, Party, Payment
from trade.billing import THROUGH, Rates, book_date, exposure
from trade.errors import TradeError

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
    invoiced, billed = {}, {}
    of_booking = func.sum(case((Invoice.booking_id.is_not(None), Invoice.total_minor), else_=0))
    query = select(Invoice.currency, func.sum(Invoice.total_minor), of_booking)
    for currency, all_minor, booking_minor in session.execute(
        query.where(Invoice.exporter_id == exporter_id).group_by(Invoice.currency)
    ):
        invoiced[currency], billed[currency] = int(all_minor), int(booking_minor)
    charged = _sums(
        session,
        select(Booking.currency, func.sum(Booking.total_minor))
        .where(Booking.exporter_id == exporter_id, Booking.test_mode.is_(False))
        .where(Booking.status.not_in(WITHOUT_CHARGE))
        .group_by(Booking.currency),
    )
    paid = _sums(
        session,
        select(Payment.currency, func.sum(Payment.amount_minor))
        .where(Payment.exporter_id == exporter_id)
        .group_by(Payment.currency),
    )
    return tuple(
        Owed(
            currency,
            invoiced.get(currency, 0),
            charged.get(currency, 0) - billed.get(currency, 0),
            paid.get(currency, 0),
        )
        for currency in sorted({*invoiced, *charged, *paid})
    )


def _sums(session: Session, query: Select[str, int]) -> dict[str, int]:
    # PostgreSQL adds BIGINTs up to a NUMERIC, which arrives as a Decimal.
    return {currency: int(minor) for currency, minor in session.execute(query)}


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
    owed = owed_by(session, exporter.id)
    net = {one.currency: one.net_minor for one in owed}
    rates = rates_on(session, {*net, exporter.credit_currency}, book_date(now))
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
