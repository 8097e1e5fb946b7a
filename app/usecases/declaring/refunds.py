"""What lists are expected to earn back: by the rates of the day each was handed to customs, or of today."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import AuditEvent, DeclarationList
from app.usecases.declaring.candidates import day_of
from app.usecases.declaring.splitting import SPLIT
from trade.rebates import rebate_minor

SUBMITTED = "customs.list_submitted"
Until = tuple[str, datetime]
"""Public id of a list, and until when its story is looked at."""


def expected_refund(session: Session, lists: Sequence[DeclarationList], now: datetime) -> int:
    """What the goods are expected to earn back, in fen: an estimate of declared values."""
    days = rebate_days(session, lists, now)
    return sum(
        rebate_minor(row.value_cny_minor or 0, row.hs_code or "", days[one.public_id])
        for one in lists
        if one.statistics_flag == "B"
        for row in one.rows
    )


def rebate_days(session: Session, lists: Sequence[DeclarationList], now: datetime) -> dict[str, date]:
    """Public id → the day whose rates hold: that of the last hand-over if it stands, else today."""
    handed = [one.public_id for one in lists if stands(one.path)]
    known = _handed_over(session, {(subject, now) for subject in handed})
    return {one.public_id: day_of(known.get((one.public_id, now), now)) for one in lists}


def _handed_over(session: Session, wanted: Collection[Until]) -> dict[Until, datetime]:
    """The last hand-over of each list until then; of one that was split off before its own, that of its origin."""
    query = select(AuditEvent.subject, AuditEvent.at).where(
        AuditEvent.action == SUBMITTED, AuditEvent.subject.in_({subject for subject, _ in wanted})
    )
    times = defaultdict(list)
    for subject, at in session.execute(query):
        times[subject].append(at)
    found: dict[Until, datetime] = {}
    for one in wanted:
        before = [at for at in times[one[0]] if at <= one[1]]
        if before:
            found[one] = max(before)
    lacking = [one for one in wanted if one not in found]
    if not lacking:
        return found
    origins = _origins(session, {subject for subject, _ in lacking})
    further = _handed_over(session, set(origins.values())) if origins else {}
    for one in lacking:
        origin = origins.get(one[0])
        if origin in further:
            found[one] = further[origin]
    return found


def _origins(session: Session, subjects: Collection[str]) -> dict[str, Until]:
    """List split off → the list it comes from, and when."""
    query = (
        select(DeclarationList.public_id, DeclarationList.id, AuditEvent.at, AuditEvent.after)
        .join(AuditEvent, AuditEvent.subject == DeclarationList.public_id)
        .where(AuditEvent.action == SPLIT, AuditEvent.subject.in_(subjects))
        .order_by(AuditEvent.id.desc())
    )
    # A list is split off before lines are split off from it: the first time counts, which comes last here.
    splits = {
        subject: (number, at, after["lists"][0]) for subject, number, at, after in session.execute(query)
    }
    others = select(DeclarationList.number, DeclarationList.public_id, DeclarationList.id)
    there = {
        number: (public_id, key)
        for number, public_id, key in session.execute(
            others.where(DeclarationList.number.in_({other for _, _, other in splits.values()}))
        )
    }
    return {
        subject: (there[other][0], at)
        for subject, (key, at, other) in splits.items()
        if other in there and there[other][1] < key  # made before: it is the origin, and not the part
    }


def stands(path: Sequence[str]) -> bool:
    """Whether a list was handed over and neither taken back to a draft nor undone since."""
    last = next((state for state in reversed(path) if state in ("draft", "submitted")), None)
    return last == "submitted"
