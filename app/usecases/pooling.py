"""Put goods into the order pool one by one: a file of one row, so that one set of rules holds for both."""

import io
import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import FieldError, Invalid
from app.exchange.cells import Text
from app.exchange.csv_file import write_csv
from app.exchange.faults import CellError, RowError, refuse
from app.exchange.rows import MAX_ROWS, TooManyRows
from app.models import Parcel, Party
from app.usecases.importing import find_kind, import_file

KINDS = ("parcels", "returns")
"""Kinds of file that fill the pool."""


def add_parcel(session: Session, actor: Actor, now: datetime, values: Mapping[str, str]) -> tuple[str, bool]:
    """Add one parcel or return from texts by column name; `deliver_by` "" is the same as none.

    Returns its public id, and whether it is new: the same parcel sent again is the one that is there. Raises
    Invalid with the codes of the file import.
    """
    kind = find_kind("returns" if values.get("direction") == "return" else "parcels")
    given = {name: text for name, text in values.items() if text.strip()}
    known = {column.name for column in kind.columns}
    foreign = [
        FieldError(name, "only_for_returns", "only returns have this", "leave it out", f"$.{name}")
        for name in given
        if name not in known
    ]
    if foreign:
        raise Invalid("some members are for returns only", tuple(foreign))
    if not given:
        raise Invalid("nothing is given", (FieldError("reference", "required", "this member must be given"),))
    needed = {column.name for column in kind.columns if column.required}
    if actor.role == "exporter":
        needed.remove("exporter")
    names = [column.name for column in kind.columns if column.name in given or column.name in needed]
    content = _csv(names, [[given.get(name, "") for name in names]])
    result = import_file(session, actor, now, kind.name, "one parcel", content)
    if result.errors:
        places = tuple(_place(error) for error in result.errors)
        raise Invalid("; ".join(f"{place.field}: {place.message}" for place in places), places)
    return _find(session, actor, given), bool(result.added)


def _place(error: RowError) -> FieldError:
    return FieldError(error.column, error.code, error.message, error.suggestion, f"$.{error.column}")


def _find(session: Session, actor: Actor, given: Mapping[str, str]) -> str:
    query = select(Parcel.public_id).where(Parcel.reference == Text().read(given["reference"]))
    if actor.role == "exporter":
        query = query.where(Parcel.exporter_id == actor.exporter_id)
    else:
        query = query.join(Party).where(Party.reference == Text().read(given["exporter"]))
    return session.scalars(query).one()


def _csv(names: list[str], rows: list[list[str]]) -> bytes:
    stream = io.BytesIO()
    write_csv(stream, names, rows)
    return stream.getvalue()


def table_of_json_lines(content: bytes) -> bytes:
    """JSON lines (one object a line) as the CSV file that says the same; the first object becomes row 2.

    Raises Unreadable naming the row that cannot be read, TooManyRows.
    """
    objects = []
    for number, line in enumerate(content.splitlines(), start=2):
        if line.strip():
            objects.append(_object(number, line))
        if len(objects) > MAX_ROWS:
            raise TooManyRows(f"row {number} is beyond {MAX_ROWS:,} rows: split the file into several")
    names = list(dict.fromkeys(name for entry in objects for name in entry))
    return _csv(names, [[entry.get(name, "") for name in names] for entry in objects])


def looks_like_json_lines(content: bytes) -> bool:
    """Whether the first thing in a file opens a JSON object; no header of a table does."""
    return content[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def _object(row: int, line: bytes) -> dict[str, str]:
    try:
        entry = json.loads(line.decode("utf-8-sig"), parse_float=Decimal, parse_int=Decimal)
        if not isinstance(entry, dict):
            raise TypeError
        return {_clean(name): _text(value) for name, value in entry.items()}
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        raise refuse(
            "bad_json", "the line is not one JSON object of plain values", "one object on each line", row=row
        ) from None
    except CellError as fault:
        raise refuse(fault.code, fault.message, fault.suggestion, row=row) from None


def _text(value: Any) -> str:  # noqa: ANN401 (whatever JSON holds)
    """The text a cell would have."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < 30:
        return format(value, "f")
    if isinstance(value, str):
        return _clean(value)
    raise TypeError("not a plain value")


def _clean(text: str) -> str:
    if "\0" in text or (not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text)):
        raise CellError("control_character", "there is a NUL or half a surrogate pair inside", "remove it")
    return text
