"""The number customs gave each parcel of a list: to customs every parcel is a list of its own."""

import re
from datetime import datetime

from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid
from app.usecases import auditing
from app.usecases.declaring.finding import lock_list

NUMBERED = ("submitted", "accepted", "released", "summarised")
"""Where customs has what its number is for."""
LINE = re.compile(r"\s*(.{1,64}?)\s*[\t;,]\s*([0-9A-Za-z]{0,20})\s*")
LONGEST_TEXT = 20_000
FAULTS = 20


def note_customs_numbers(session: Session, actor: Actor, now: datetime, public_id: str, text: str) -> int:
    """Note numbers of customs, a line each as `order, number`; none takes one away. Returns how many.

    Nothing is kept of a text with a line at fault: Invalid names each. Raises NotFound, Conflict.
    """
    found = lock_list(session, public_id)
    if found.status not in NUMBERED:
        raise Conflict(f"{found.number} is {found.status}: customs has no number for it")
    rows = {row.order_number: row for row in found.rows}
    read, faults = {}, []
    for at, line in enumerate(text[: LONGEST_TEXT + 1].splitlines(), start=1):
        match = LINE.fullmatch(line)
        if match and match[1] in rows:
            read[match[1]] = match[2] or None
        elif line.strip():
            faults.append(_wrong(f"line {at}: write an order of this list and its number"))
    if len(text) > LONGEST_TEXT or not read:
        faults.append(_wrong("write a line for each order of this list"))
    if faults:
        raise Invalid("the numbers were not noted", tuple(faults[:FAULTS]))
    for order, number in read.items():
        rows[order].customs_number = number
    auditing.record(session, actor, now, "customs.numbers_noted", public_id, after={"lines": len(read)})
    session.flush()
    return len(read)


def _wrong(message: str) -> FieldError:
    return FieldError("numbers", "invalid", message)
