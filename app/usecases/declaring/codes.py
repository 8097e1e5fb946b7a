"""Numbers customs knows the house, its exporters and its ports by: kept by the desk, asked for by every message."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import FieldError, Invalid
from app.models import CustomsCode, Location, Party
from app.usecases import auditing
from app.usecases.warehousing.access import taken_means

HOUSE = "house"
OF_HOUSE = ("name", "enterprise", "dxp")
OF_EXPORTER = ("enterprise", "platform", "platform_name", "net_percent")
OF_PORT = ("office",)
SHAPES = {
    "enterprise": r"[0-9A-Z]{10}|[0-9A-Z]{18}",
    "name": r".{1,100}",
    "platform": r"[0-9A-Z]{10}|[0-9A-Z]{18}|无",
    "platform_name": r".{1,100}",
    "office": r"[0-9]{4}",
    "dxp": r"[0-9A-Z]{1,30}",
    "net_percent": r"100|[1-9][0-9]?",
}
"""What each kind looks like; a foreign platform without a code is 无."""
Codes = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Missing:
    """A number that nobody noted yet, and whose it is: `house`, or a public id."""

    kind: str
    subject: str
    name: str


def read_codes(session: Session, subjects: Iterable[str]) -> dict[tuple[str, str], str]:
    """(subject, kind) → value, of some subjects and the house."""
    query = select(CustomsCode.subject, CustomsCode.kind, CustomsCode.value)
    rows = session.execute(query.where(CustomsCode.subject.in_([HOUSE, *subjects])))
    return {(subject, kind): value for subject, kind, value in rows}


def missing_codes(codes: Codes, exporter: Party, port: Location) -> list[Missing]:
    """What a message of an exporter over a port lacks."""
    wanted = [
        *((kind, HOUSE, "") for kind in OF_HOUSE),
        *((kind, exporter.public_id, exporter.name) for kind in OF_EXPORTER),
        *((kind, port.public_id, port.code) for kind in OF_PORT),
    ]
    return [Missing(kind, subject, name) for kind, subject, name in wanted if (subject, kind) not in codes]


def set_codes(
    session: Session, actor: Actor, now: datetime, subject: str, values: Mapping[str, str]
) -> dict[str, str]:
    """Note the numbers of the house, an exporter or a port; an empty one is taken away. Returns what changed.

    Raises Invalid naming each number that has not its shape, or a subject that is none; Conflict where somebody else
    notes the same at this moment.
    """
    kinds = _kinds_of(session, subject)
    faults = tuple(
        FieldError(kind, "customs_code_shape", f"{value!r} is not written like this", json_path=f"$.{kind}")
        for kind, value in values.items()
        if kind not in kinds or (value and not re.fullmatch(SHAPES[kind], value))
    )
    if faults:
        raise Invalid("some numbers are not written as customs writes them", faults)
    known = select(CustomsCode).where(CustomsCode.subject == subject).with_for_update()
    rows = {row.kind: row for row in session.scalars(known)}
    before = {kind: row.value for kind, row in rows.items()}
    changed = {kind: value for kind, value in values.items() if value != before.get(kind, "")}
    with taken_means(session, "somebody noted these numbers at the same moment: look again"):
        for kind, value in changed.items():
            row = rows.get(kind)
            if row is not None and not value:
                session.delete(row)
            elif row is not None:
                row.value, row.changed_at = value, now
            elif value:
                session.add(CustomsCode(subject=subject, kind=kind, value=value, changed_at=now))
    if changed:
        auditing.record(
            session, actor, now, "customs.codes_set", subject,
            before={kind: before.get(kind) for kind in changed}, after=changed,
        )  # fmt: skip
    session.flush()
    return changed


def _kinds_of(session: Session, subject: str) -> tuple[str, ...]:
    if subject == HOUSE:
        return OF_HOUSE
    if session.scalar(select(Party.id).where(Party.public_id == subject)) is not None:
        return OF_EXPORTER
    if session.scalar(select(Location.id).where(Location.public_id == subject)) is not None:
        return OF_PORT
    raise Invalid("nobody is called so", (FieldError("subject", "unknown", "no exporter and no port"),))
