"""What lists are expected to earn back: by the rates of the day each was handed to customs, or of today."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import AuditEvent, DeclarationList
from app.usecases.declaring.candidates import day_of
from trade.rebates import rebate_minor

SUBMITTED = "customs.list_submitted"


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
    query = (
        select(AuditEvent.subject, func.max(AuditEvent.at))
        .where(AuditEvent.action == SUBMITTED, AuditEvent.subject.in_(handed))
        .group_by(AuditEvent.subject)
    )
    known = {subject: day_of(at) for subject, at in session.execute(query)}
    return {one.public_id: known.get(one.public_id, day_of(now)) for one in lists}


def stands(path: Sequence[str]) -> bool:
    """Whether a list was handed over and neither taken back to a draft nor undone since."""
    last = next((state for state in reversed(path) if state in ("draft", "submitted")), None)
    return last == "submitted"
