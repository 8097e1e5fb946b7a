"""Merge released lists into declarations, note their numbers and refunds, and undo each step."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby

from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid
from app.ids import new_id
from app.models import DeclarationList, DeclarationSummary, Location
from app.usecases import auditing
from app.usecases.declaring.candidates import day_of
from app.usecases.declaring.checking import check
from app.usecases.declaring.finding import lock_summary, stepped, whole_list
from app.usecases.warehousing.access import taken_means
from trade.declarations import (
    ENTRY_DIGITS,
    LIST_STEPS,
    OUTCOMES,
    PRE_REFUND_MODE,
    SUMMARY_STEPS,
    MergedLine,
    MergeKey,
    merge,
    undo,
)

LONGEST_ANSWER = 300


def build_summaries(
    session: Session, actor: Actor, now: datetime, mode: str, port: str, month: date
) -> list[DeclarationSummary]:
    """Merge the released lists of a mode, port and month that are to be declared, an exporter and transport each.

    Raises Conflict where there is none, or where one declares what is booked differently now.
    """
    lists = session.scalars(
        whole_list()
        .join(Location, Location.id == DeclarationList.port_id)
        .where(
            DeclarationList.status == "released", DeclarationList.statistics_flag == "B",
            DeclarationList.customs_mode == mode, Location.code == port, DeclarationList.month == month,
        )
        .order_by(
            DeclarationList.exporter_id, DeclarationList.transport_mode, DeclarationList.channel, DeclarationList.id
        )
        .with_for_update(of=DeclarationList)
    ).all()  # fmt: skip
    if not lists:
        raise Conflict("no released list waits for a declaration there")
    _refuse_moved(session, now, lists)
    groups = groupby(lists, key=lambda one: (one.exporter_id, one.transport_mode, one.channel))
    return [_merged(session, actor, now, list(group)) for _key, group in groups]


def _refuse_moved(session: Session, now: datetime, lists: Sequence[DeclarationList]) -> None:
    moved = [one.number for one in lists if any(row.moved for row in check(session, one, day_of(now)).lines)]
    if moved:
        raise Conflict(f"booked differently since customs cleared it: {', '.join(moved)}")


def _merged(
    session: Session, actor: Actor, now: datetime, lists: Sequence[DeclarationList]
) -> DeclarationSummary:
    first = lists[0]
    made = DeclarationSummary(
        public_id=new_id("dsm"), number=new_id("dsm"), exporter_id=first.exporter_id, port_id=first.port_id,
        customs_mode=first.customs_mode, transport_mode=first.transport_mode, month=first.month,
        status="draft", path=["draft"], created_at=now, created_by=actor.reference,
    )  # fmt: skip
    session.add(made)
    session.flush()
    made.number = f"S{made.customs_mode}-{made.month:%y%m}-{made.id:05d}"
    for one in lists:
        stepped(LIST_STEPS, one, "summarise")
        one.summary_id = made.id
    numbers = [one.number for one in lists]
    auditing.record(
        session, actor, now, "customs.summary_built", made.public_id,
        after={"number": made.number, "lists": numbers},
    )  # fmt: skip
    session.flush()
    return made


def submit_summary(session: Session, actor: Actor, now: datetime, public_id: str) -> DeclarationSummary:
    """Note that the declaration was handed over. Raises NotFound, Conflict."""
    return _step(session, actor, now, public_id, "submit", "submitted")


def accept_summary(
    session: Session, actor: Actor, now: datetime, public_id: str, entry_id: str
) -> DeclarationSummary:
    """Note the 18 digits customs gave the declaration. Raises NotFound, Conflict, Invalid."""
    if not (entry_id.isascii() and entry_id.isdigit() and len(entry_id) == ENTRY_DIGITS):
        raise _wrong("entry_id", "a declaration number has 18 digits")
    found = _step(session, actor, now, public_id, "accept", "accepted", entry_id=entry_id)
    with taken_means(session, "another declaration has this number already"):
        found.entry_id, found.answer = entry_id, ""
    return found


def reject_summary(
    session: Session, actor: Actor, now: datetime, public_id: str, answer: str
) -> DeclarationSummary:
    """Note why customs did not take it. Raises NotFound, Conflict, Invalid."""
    if not 0 < len(answer) <= LONGEST_ANSWER:
        raise _wrong("answer", "write down why it was rejected, in 300 characters")
    found = _step(session, actor, now, public_id, "reject", "rejected", answer=answer)
    found.answer = answer
    session.flush()
    return found


def reopen_summary(session: Session, actor: Actor, now: datetime, public_id: str) -> DeclarationSummary:
    """Open a rejected one again, to send it once more. Raises NotFound, Conflict."""
    return _step(session, actor, now, public_id, "reopen", "reopened")


def note_refund(
    session: Session, actor: Actor, now: datetime, public_id: str, amount_minor: int, on: date
) -> DeclarationSummary:
    """Note what the tax office paid, in fen, and when. Its lists are refunded then.

    Raises NotFound, Conflict, Invalid.
    """
    if amount_minor <= 0:
        raise _wrong("amount", "a refund is above zero")
    if on > day_of(now):
        raise _wrong("on", "a refund is noted once it has come")
    found = _step(
        session, actor, now, public_id, "refund", "refunded", amount_minor=amount_minor, on=on.isoformat()
    )
    found.refund_minor, found.refunded_on = amount_minor, on
    for one in found.lists:
        stepped(LIST_STEPS, one, "refund")
    session.flush()
    return found


def settle_refund(
    session: Session, actor: Actor, now: datetime, public_id: str, outcome: str, on: date
) -> DeclarationSummary:
    """Close a refund that came before the sale: `sold` as declared, or `reversed`.

    Raises NotFound, Conflict, Invalid.
    """
    if outcome not in OUTCOMES:
        raise _wrong("outcome", "sold as declared, or reversed")
    found = lock_summary(session, public_id)
    if found.customs_mode != PRE_REFUND_MODE or found.refunded_on is None or found.settled_on is not None:
        raise Conflict(f"{found.number} has no refund that waits to be settled")
    if not found.refunded_on <= on <= day_of(now):
        raise _wrong("on", "between the refund and today")
    found.settled_on, found.outcome = on, outcome
    auditing.record(
        session, actor, now, "customs.refund_settled", public_id,
        after={"outcome": outcome, "on": on.isoformat()},
    )  # fmt: skip
    session.flush()
    return found


def undo_summary_step(
    session: Session, actor: Actor, now: datetime, public_id: str
) -> DeclarationSummary | None:
    """Take the last step back; at its beginning the declaration is given up, and its lists are released again (None).

    Raises NotFound, Conflict.
    """
    found = lock_summary(session, public_id)
    before = found.status
    if found.settled_on is not None:
        found.settled_on = found.outcome = None
    elif len(found.path) == 1:
        for one in found.lists:
            _back(one)
        auditing.record(
            session, actor, now, "customs.summary_discarded", public_id, before={"number": found.number}
        )
        session.flush()
        session.delete(found)
        session.flush()
        return None
    else:
        found.path = undo(found.path)
        found.status = found.path[-1]
        _forget(found, before)
    auditing.record(
        session, actor, now, "customs.summary_undone", public_id,
        before={"status": before}, after={"status": found.status},
    )  # fmt: skip
    session.flush()
    return found


def _forget(found: DeclarationSummary, before: str) -> None:
    """What the step said that is undone."""
    if before == "refunded":
        found.refund_minor = found.refunded_on = None
        for one in found.lists:
            one.path = undo(one.path)
            one.status = one.path[-1]
    elif before == "accepted":
        found.entry_id = None
    elif before == "rejected":
        found.answer = ""


def _back(one: DeclarationList) -> None:
    one.path = undo(one.path)
    one.status, one.summary_id = one.path[-1], None


def merged_lines(found: DeclarationSummary) -> list[MergedLine]:
    """The lines of the declaration that its lists make, with a net weight of 0 where one is not known."""
    return merge(
        [
            (
                MergeKey(row.country, row.hs_code or "", row.currency),
                row.value_minor,
                row.gross_g,
                row.net_g or 0,
            )
            for one in found.lists
            for row in one.rows
        ]
    )


def _step(
    session: Session, actor: Actor, now: datetime, public_id: str, step: str, verb: str, **said: object
) -> DeclarationSummary:
    found = lock_summary(session, public_id)
    before = found.status
    stepped(SUMMARY_STEPS, found, step)
    auditing.record(
        session, actor, now, f"customs.summary_{verb}", public_id,
        before={"status": before}, after={"status": found.status, **said},
    )  # fmt: skip
    session.flush()
    return found


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, (FieldError(field, "invalid", message),))
