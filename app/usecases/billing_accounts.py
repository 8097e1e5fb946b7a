"""Exporters' accounts: money that comes in, and how far each may go."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import FieldError, Invalid
from app.models import Party, Payment
from app.usecases.announcing import announce
from app.usecases.auditing import record
from trade.billing import book_date
from trade.errors import TradeError
from trade.money import Money, exponent_of


@dataclass(frozen=True, slots=True)
class NewPayment:
    """Money that came in, or, negative, that was paid back."""

    reference: str
    """Of the bank."""
    currency: str
    amount_minor: int
    received_on: date


class CreditChange(TypedDict, total=False):
    """What is to be changed about an exporter's credit; what is left out stays."""

    limit: str | None
    """Decimal string in the currency of the limit; None: no limit."""
    currency: str
    hold: bool
    reason: str
    """Why it is on hold."""


def parse_amount(text: str, currency: str, field: str) -> int:
    """Minor units of a decimal string; Invalid naming the field where the currency or the amount is at fault."""
    try:
        return Money.parse(text, currency, field).minor
    except TradeError as fault:
        raise _invalid(fault.field, fault.code, fault.detail) from fault


def record_payment(
    session: Session, actor: Actor, now: datetime, exporter: Party, payment: NewPayment
) -> Payment:
    """Note a payment; the same one noted again is the one that is there.

    Raises Invalid: `duplicate_reference` for another one under the same reference, `in_the_future`, `zero`.
    """
    if payment.amount_minor == 0:
        raise _invalid("amount", "zero", "the amount must not be zero")
    if payment.received_on > book_date(now):
        raise _invalid("received_on", "in_the_future", "money that is still to come cannot be noted")
    known = session.scalar(
        select(Payment).where(Payment.exporter_id == exporter.id, Payment.reference == payment.reference)
    )
    if known is not None:
        if payment != NewPayment(known.reference, known.currency, known.amount_minor, known.received_on):
            raise _invalid("reference", "duplicate_reference", "another payment stands under this reference")
        return known
    row = Payment(exporter_id=exporter.id, recorded_by=actor.reference, created_at=now, **asdict(payment))
    session.add(row)
    session.flush()
    facts = asdict(payment) | {"received_on": payment.received_on.isoformat()}
    record(session, actor, now, "payment.recorded", exporter.public_id, after=facts)
    return row


def set_credit(session: Session, actor: Actor, now: datetime, exporter: Party, wanted: CreditChange) -> None:
    """Change an exporter's credit limit and hold, leave a trace, and tell subscribers of a hold or its end.

    Raises Invalid: `nothing_to_change`, `currency_unknown`, `limit_needed` (a limit means nothing in another
    currency), `reason_needed` (a hold without one), `reason_without_hold`, and the codes of amounts for the limit.
    """
    if not wanted:
        raise _invalid("limit", "nothing_to_change", "give a limit, a currency or a hold")
    session.refresh(exporter, with_for_update={"key_share": True})
    before = _facts(exporter)
    _set_limit(exporter, wanted)
    _set_hold(exporter, wanted)
    session.flush()
    after = _facts(exporter)
    if after == before:
        return
    record(session, actor, now, "exporter.credit_set", exporter.public_id, before=before, after=after)
    if after["hold"] != before["hold"]:
        told = {"exporter": exporter.reference, "hold": after["hold"], "reason": after["reason"]}
        announce(session, now, "credit.hold", exporter.id, exporter.public_id, told)


def _facts(exporter: Party) -> dict[str, Any]:
    return {
        "limit_minor": exporter.credit_limit_minor,
        "currency": exporter.credit_currency,
        "hold": exporter.credit_hold,
        "reason": exporter.credit_hold_reason,
    }


def _set_limit(exporter: Party, wanted: CreditChange) -> None:
    currency = wanted.get("currency", exporter.credit_currency)
    try:
        exponent_of(currency)
    except TradeError as fault:
        raise _invalid("currency", fault.code, fault.detail) from fault
    if "limit" in wanted:
        limit = None if wanted["limit"] is None else parse_amount(wanted["limit"], currency, "limit")
        if limit is not None and limit < 0:
            raise _invalid("limit", "out_of_range", "a limit is not below zero")
        exporter.credit_limit_minor = limit
    elif currency != exporter.credit_currency and exporter.credit_limit_minor is not None:
        raise _invalid("limit", "limit_needed", "give the limit in the new currency as well")
    exporter.credit_currency = currency


def _set_hold(exporter: Party, wanted: CreditChange) -> None:
    hold = wanted.get("hold", exporter.credit_hold)
    reason = wanted.get("reason", exporter.credit_hold_reason if hold else None)
    if hold and not reason:
        raise _invalid("reason", "reason_needed", "say why: the exporter is told when it is refused")
    if reason and not hold:
        raise _invalid("reason", "reason_without_hold", "only a hold has a reason")
    exporter.credit_hold, exporter.credit_hold_reason = hold, reason


def _invalid(field: str, code: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", (FieldError(field, code, message, json_path=f"$.{field}"),))
