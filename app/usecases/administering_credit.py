"""Holds of exporters in the hands of finance: asked for by the operation, set and lifted with a reason."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid
from app.models import Party
from app.usecases.auditing import record
from app.usecases.billing_accounts import set_credit

MOST_LETTERS = 200
REQUESTS = ("hold", "lift")


def hold(session: Session, actor: Actor, now: datetime, exporter: Party, reason: str) -> None:
    """Put an exporter on hold; it is told the reason when it is refused. Invalid without one."""
    set_credit(session, actor, now, exporter, {"hold": True, "reason": _reason(reason)})


def lift(session: Session, actor: Actor, now: datetime, exporter: Party, reason: str) -> None:
    """Lift the hold; the reason stays in the audit log. Invalid without one, Conflict where there is no hold."""
    why = _reason(reason)
    if not exporter.credit_hold:
        raise Conflict("this exporter is not on hold")
    set_credit(session, actor, now, exporter, {"hold": False})
    record(session, actor, now, "exporter.hold_lifted", exporter.public_id, after={"reason": why})


def ask(session: Session, actor: Actor, now: datetime, exporter: Party, what: str, reason: str) -> None:
    """Ask finance for a hold or for its end; nothing changes but the log. Conflict where it is so already."""
    if what not in REQUESTS:
        raise _invalid("what", "not_one_of", "ask for a hold or for its end")
    if exporter.credit_hold == (what == "hold"):
        raise Conflict("it is so already")
    facts = {"asked": what, "reason": _reason(reason)}
    record(session, actor, now, "exporter.credit_asked", exporter.public_id, after=facts)


def _reason(text: str) -> str:
    found = text.strip()
    if not 0 < len(found) <= MOST_LETTERS:
        raise _invalid("reason", "bad_length" if found else "required", f"say why, in {MOST_LETTERS} letters")
    return found


def _invalid(field: str, code: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", (FieldError(field, code, message, json_path=f"$.{field}"),))
