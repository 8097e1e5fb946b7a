"""What can be wrong with a file, a row or a cell, each with its code and its remedy."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any

from app.errors import BadRequest, FieldError

MANY = 1000
KEPT_ERRORS = 1000
"""So many errors are kept word for word; the count of the others stays exact."""


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing wrong in a file. `row` counts as a spreadsheet shows it: the header is row 1; 0 is the file itself.

    For JSON `column` is the path inside the entry, for SSIM the field of the record.
    """

    row: int
    column: str
    code: str
    message: str
    suggestion: str = ""

    def as_field_error(self) -> FieldError:
        """The same in the words of the one error tree."""
        place = f"row {self.row}, {self.column}" if self.row else self.column
        return FieldError(place, self.code, self.message, self.suggestion)

    def as_dict(self) -> dict[str, Any]:
        """As stored with an import batch."""
        return asdict(self)


class CellError(Exception):
    """One cell cannot be accepted; caught where the row and the column are known.

    A remedy that costs a search is given as a function: of a hundred thousand errors only a thousand are told.
    """

    def __init__(
        self, code: str, message: str, suggestion: str | Callable[[], str] = "", column: str = ""
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.column = code, message, column
        self._suggestion = suggestion

    @property
    def suggestion(self) -> str:
        """The remedy."""
        return self._suggestion if isinstance(self._suggestion, str) else self._suggestion()


class Unreadable(BadRequest):
    """The file as a whole cannot be read: not one row of it was looked at, or reading stopped half-way."""

    code, title = "unreadable_file", "The file cannot be read"

    def __init__(self, *faults: RowError) -> None:
        first = faults[0]
        detail = f"{first.message}; {first.suggestion}" if first.suggestion else first.message
        super().__init__(detail, tuple(fault.as_field_error() for fault in faults))
        self.faults = faults


def refuse(
    code: str, message: str, suggestion: str = "", *, row: int = 0, column: str = "file"
) -> Unreadable:
    """The error for a whole file, to be raised."""
    return Unreadable(RowError(row, column, code, message, suggestion))


class ErrorLog:
    """Collects the errors of one import: the first thousand in full, the number of all, and which rows fell."""

    def __init__(self, limit: int = KEPT_ERRORS) -> None:
        self.limit = limit
        self.kept: list[RowError] = []
        self.count = 0
        self.rows: set[int] = set()

    def add(self, row: int, fault: CellError, column: str = "") -> None:
        """Record one fault of one row."""
        self.count += 1
        self.rows.add(row)
        if len(self.kept) < self.limit:
            name = fault.column or column
            self.kept.append(RowError(row, name, fault.code, fault.message, fault.suggestion))


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """A remedy naming the up to three nearest known words; all of them if they are few and none is near."""
    # difflib takes its time: long words have no near code anyway, and of many codes only the likely ones are compared.
    likely = [code for code in known if code[:2] == word[:2]] if len(known) > MANY else known
    near = get_close_matches(word[:64], likely[:MANY], n=3, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"one of: {', '.join(known)}" if 0 < len(known) <= 20 else ""
