"""Rate cards change by new cards with their own days; the days of one that is there may be cut or stretched."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import FieldError, Invalid, NotFound
from app.models import Tariff
from app.usecases.auditing import record


def set_end(session: Session, actor: Actor, now: datetime, card_id: int, valid_to: date | None) -> Tariff:
    """Let a card hold up to before `valid_to`, or without an end; quotes that were given keep their price.

    Raises Invalid `ends_before_it_begins`, and `ends_in_the_past` for a day before today: what was priced
    stays priced.
    """
    card = session.get(Tariff, card_id, with_for_update=True)
    if card is None:
        raise NotFound("there is no such rate card")
    if valid_to is not None and valid_to <= card.valid_from:
        raise _invalid("ends_before_it_begins", "the first day without it must follow its first day")
    if valid_to is not None and valid_to < now.date():
        raise _invalid("ends_in_the_past", "it can end today at the earliest: what was priced stays priced")
    before = card.valid_to
    if valid_to != before:
        card.valid_to = valid_to
        session.flush()
        record(
            session, actor, now, "tariff.end_set", card_subject(card_id),
            before={"code": card.code, "valid_to": before.isoformat() if before else "open"},
            after={"code": card.code, "valid_to": valid_to.isoformat() if valid_to else "open"},
        )  # fmt: skip
    return card


def card_subject(card_id: int) -> str:
    """The name by which the audit log knows a card; its code may be longer than a subject."""
    return f"tariff-{card_id}"


def _invalid(code: str, message: str) -> Invalid:
    fault = FieldError("valid_to", code, message, json_path="$.valid_to")
    return Invalid(f"valid_to: {message}", (fault,))
