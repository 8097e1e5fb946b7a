"""Hand a list over, note what customs answered, open a rejected list again, and undo the last of it."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid
from app.models import DeclarationList
from app.usecases import auditing
from app.usecases.declaring.checking import OPEN, recheck
from app.usecases.declaring.finding import lock_list, stepped
from app.usecases.declaring.splitting import split_off
from trade.declarations import LIST_STEPS, NOT_UNDONE, undo
from trade.errors import TradeError

ANSWERS = {"accept": "accepted", "release": "released", "reject": "rejected", "take_back": "taken_back"}
"""What is noted of customs → the state it leads to. `take_back`: somebody had it taken back there (CEB605)."""
LONGEST_NUMBER, LONGEST_ANSWER = 20, 300


def check_list(session: Session, actor: Actor, now: datetime, public_id: str) -> DeclarationList:
    """Look at a list again; one that was not handed over passes or fails by it. Raises NotFound."""
    found = lock_list(session, public_id)
    before = found.status
    recheck(session, found, now)
    if found.status != before:
        _note(session, actor, now, found, "checked", before)
    return found


def submit_list(session: Session, actor: Actor, now: datetime, public_id: str) -> DeclarationList:
    """Note that somebody handed the list over in the single window; it is checked once more first.

    Raises NotFound, and Conflict where the list does not pass or was handed over already.
    """
    found = lock_list(session, public_id)
    before = found.status
    result = recheck(session, found, now)
    if found.status == "pre_check_failed":
        wrong = sum(one.is_wrong for one in result.lines)
        raise Conflict(f"{found.number} does not pass: {wrong} lines, {len(result.missing)} missing numbers")
    stepped(LIST_STEPS, found, "submit")
    _note(session, actor, now, found, "submitted", before)
    return found


def answer_list(
    session: Session,
    actor: Actor,
    now: datetime,
    public_id: str,
    step: str,
    *,
    number: str = "",
    answer: str = "",
    lines: str = "",
) -> DeclarationList:
    """Note what customs answered, one of ANSWERS, `reject` with its reason; for some `lines`, or all.

    Lines that are named go to a list of their own, which is returned then. Raises NotFound, Conflict, Invalid.
    """
    if step not in ANSWERS:
        raise _wrong("step", "choose what customs answered")
    if step == "reject" and not answer:
        raise _wrong("answer", "write down why it was rejected")
    if len(number) > LONGEST_NUMBER or len(answer) > LONGEST_ANSWER:
        raise _wrong("answer" if len(answer) > LONGEST_ANSWER else "number", "this is too long")
    found = lock_list(session, public_id)
    before = found.status
    found = split_off(session, actor, now, found, lines)
    stepped(LIST_STEPS, found, step)
    found.customs_number = number or found.customs_number
    found.answer = answer
    _note(session, actor, now, found, ANSWERS[step], before)
    recheck(session, found, now)
    return found


def reopen_list(session: Session, actor: Actor, now: datetime, public_id: str) -> DeclarationList:
    """Open a list again that was rejected, or cleared and no more true, to correct it and send it as a change.

    Raises NotFound, Conflict.
    """
    found = lock_list(session, public_id)
    before = found.status
    stepped(LIST_STEPS, found, "reopen")
    found.version += 1
    _note(session, actor, now, found, "reopened", before)
    recheck(session, found, now)
    return found


def undo_list_step(session: Session, actor: Actor, now: datetime, public_id: str) -> DeclarationList:
    """Take the last step back, because it was noted by mistake. Raises NotFound, Conflict."""
    found = lock_list(session, public_id)
    before = found.status
    if before in NOT_UNDONE and not (before in OPEN and len(found.path) > 1):
        raise Conflict(f"{found.number} is {before}: there is nothing to undo here")
    try:
        found.path = undo(found.path)
    except TradeError as error:
        raise Conflict(f"{found.number} is {before}: {error.detail}") from error
    found.status = found.path[-1]
    if before in OPEN:
        found.version -= 1
    elif found.status in ("draft", "submitted"):
        found.answer = ""
    _note(session, actor, now, found, "undone", before)
    recheck(session, found, now)
    return found


def _note(
    session: Session, actor: Actor, now: datetime, found: DeclarationList, verb: str, before: str
) -> None:
    after = {"status": found.status, "number": found.customs_number, "answer": found.answer}
    auditing.record(
        session, actor, now, f"customs.list_{verb}", found.public_id,
        before={"status": before}, after={name: value for name, value in after.items() if value},
    )  # fmt: skip
    session.flush()


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, (FieldError(field, "required", message),))
