"""What a kind of file is, and the state of one import while it runs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from app.actor import Actor
from app.exchange.faults import CellError, ErrorLog
from app.exchange.rows import Column, Row, Source
from app.exchange.tables import FORMATS, Table, reading_table, write_table
from app.usecases.importing.lookups import Lookups

BATCH_ROWS = 2000
"""Rows validated and saved together: enough for bulk statements, few enough to keep memory flat."""
WHOLE_FILE = 10**9
"""Batch size of kinds whose rows belong together."""


@dataclass(slots=True)
class Run:
    """One import at work: what it may see, and what it counted so far."""

    session: Session
    actor: Actor
    now: datetime
    lookups: Lookups
    partial: bool = False
    batch_id: int | None = None
    log: ErrorLog = field(default_factory=ErrorLog)
    seen: dict[tuple[Any, ...], int] = field(default_factory=dict)
    """Natural key → the row that had it first."""
    added: int = 0
    updated: int = 0
    unchanged: int = 0

    @property
    def saving(self) -> bool:
        """Whether good rows are still worth writing: not once an all-or-nothing import has failed."""
        return self.partial or not self.log.count

    def good(self, rows: Iterable[Row]) -> list[Row]:
        """The rows without a fault so far."""
        return [row for row in rows if row.number not in self.log.rows]

    def refuse(self, row: Row, code: str, message: str, suggestion: str = "", column: str = "") -> None:
        """Record a fault of a row."""
        self.log.add(row.number, CellError(code, message, suggestion, column))


Read = Callable[[Source, Sequence[Column], str], AbstractContextManager[Table]]
Save = Callable[[Run, Sequence[Column], list[Row]], None]
Write = Callable[[BinaryIO, str, Session, datetime], None]
"""Takes the stream, the format, the session and the time of the export."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its columns as data, how its rows are saved, and how they are written out again."""

    name: str
    doc: str
    columns: tuple[Column, ...]
    save: Save
    write: Write
    read: Read = reading_table
    formats: tuple[str, ...] = FORMATS
    roles: tuple[str, ...] = ("operator",)
    """Who may import it, beside the admin."""
    batch_rows: int = BATCH_ROWS


Dump = Callable[[Session, Lookups], Iterator[dict[str, Any]]]


def table_writer(name: str, columns: tuple[Column, ...], dump: Dump) -> Write:
    """Writes the rows that `dump` gives as a table, one column a value."""

    def write(stream: BinaryIO, form: str, session: Session, _now: datetime) -> None:
        write_table(stream, form, columns, dump(session, Lookups(session)), name)

    return write
