"""Lines of a list that customs answers differently from the others go their own way, on a list of their own."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import FieldError, Invalid
from app.ids import new_id
from app.models import DeclarationLine, DeclarationList
from app.usecases import auditing
from app.usecases.declaring.checking import add_up
from trade.declarations import lines_named
from trade.errors import TradeError

SPLIT = "customs.list_split"
SHARED = (
    "exporter_id", "customs_mode", "channel", "statistics_flag", "port_id", "transport_mode", "month", "status",
    "version", "answer", "customs_number", "checked_at",
)  # fmt: skip


def named_lines(found: DeclarationList, text: str) -> list[DeclarationLine]:
    """Lines of a list that are named as `3, 7-9`; none of an empty text. Invalid where it has no such line."""
    try:
        wanted = lines_named(text)
    except TradeError as error:
        raise _wrong(error.detail) from error
    missing = wanted - {row.seq for row in found.rows}
    if missing:
        raise _wrong(f"there is no line {min(missing)}")
    return [row for row in found.rows if row.seq in wanted]


def split_off(
    session: Session, actor: Actor, now: datetime, found: DeclarationList, text: str
) -> DeclarationList:
    """Put the named lines on a list that has gone the same way so far; the list itself where all or none are named.

    Lines keep their numbers: customs knows each by its own. Raises Invalid.
    """
    rows = named_lines(found, text)
    if len(rows) in (0, len(found.rows)):
        return found
    made = DeclarationList(
        public_id=new_id("dcl"), number=new_id("dcl"), path=list(found.path), created_at=now,
        created_by=actor.reference, mismatched=0, warned=0, moved=0,
        **{name: getattr(found, name) for name in SHARED},
    )  # fmt: skip
    made.exporter, made.port, made.rows = found.exporter, found.port, rows
    for row in rows:
        found.rows.remove(row)
    add_up(found)
    add_up(made)
    session.add(made)
    session.flush()
    made.number = list_number(made)
    lines = ", ".join(str(row.seq) for row in rows)
    for one, other in ((found, made), (made, found)):
        auditing.record(
            session,
            actor,
            now,
            SPLIT,
            one.public_id,
            after={"lists": [other.number], "line": lines},
        )
    return made


def list_number(one: DeclarationList) -> str:
    """What the desk calls a list once it has its id."""
    return f"{one.customs_mode}-{one.month:%y%m}-{one.id:05d}"


def _wrong(message: str) -> Invalid:
    return Invalid(message, (FieldError("lines", "lines_unreadable", message),))
