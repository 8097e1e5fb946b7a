"""Credit before a booking, and the papers after it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import CreditHold, CreditLimitExceeded
from app.models import Party
from app.queries.credit import owed_by, rates_on
from trade.billing import book_date, credit_refusal, exposure
from trade.errors import TradeError


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
