"""Pages of a list by keyset: the cursor names the last row seen, so page 20 000 costs as much as page 1."""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import orjson
from sqlalchemy import ColumnElement, Select, bindparam, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from app.errors import BadRequest

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Row = TypeVar("Row")
Filter = TypeVar("Filter", bound="DataclassInstance")
AnySelect: TypeAlias = Select[*tuple[Any, ...]]
MAX_LIMIT = 100
MOST_PREPARED = 200
"""Statements kept of each list, one for each way of filtering it."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """So many rows, and where the next page begins; None at the end."""

    items: list[Row]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Keyset:
    """The order of a list: a sort column, then the id; both rise, or both fall."""

    key: InstrumentedAttribute[Any]
    id: InstrumentedAttribute[int]
    read: Callable[[Any], Any] = lambda value: value
    """From the JSON value in the cursor to the column's value."""
    falling: bool = False

    def slice(self, query: AnySelect, cursor: str | None, limit: int) -> AnySelect:
        """`query` in this order, after `cursor`, with one row more than `limit` to see whether there is more."""
        return self._slice(query, decode(cursor, self.read) if cursor else None, limit)

    def prepared(self, query: AnySelect, limit: int, *, begun: bool) -> AnySelect:
        """A slice to keep: the same with parameters, if the list was `begun` before, that `place` gives."""
        after = bindparam("after", type_=self.key.type), bindparam("after_id", type_=self.id.type)
        return self._slice(query, tuple_(*after) if begun else None, limit)

    def place(self, cursor: str | None) -> dict[str, Any]:
        """The parameters of a prepared slice."""
        return dict(zip(("after", "after_id"), decode(cursor, self.read), strict=True)) if cursor else {}

    def _slice(self, query: AnySelect, last: Any, limit: int) -> AnySelect:  # noqa: ANN401 (a pair of values or parameters)
        columns = (self.key, self.id)
        if last is not None:
            row = tuple_(*columns)
            query = query.where(row < last if self.falling else row > last)
        order: list[ColumnElement[Any]] = [c.desc() if self.falling else c.asc() for c in columns]
        return query.order_by(*order).limit(limit + 1)

    def page(self, rows: Sequence[Row], limit: int, place: Callable[[Row], tuple[Any, int]]) -> Page[Row]:
        """Cut the extra row off; `place` gives sort value and id of a row."""
        more = len(rows) > limit
        kept = list(rows[:limit])
        return Page(kept, encode(*place(kept[-1])) if more else None)


def without_times(where: Filter, times: Iterable[str]) -> tuple[Filter, tuple[str, ...], dict[str, datetime]]:
    """A filter without its times, the names of those that it has, and their values.

    The first two say how a statement is built, which takes longer than to run it; the values are what it is told.
    """
    values: dict[str, datetime] = {name: at for name in times if (at := getattr(where, name)) is not None}
    return replace(where, **dict.fromkeys(values)), tuple(values), values


def with_times(rest: Filter, times: Mapping[str, Any], named: Iterable[str]) -> Filter:
    """The filter again, with parameters in place of those times."""
    return replace(rest, **{name: times[name] for name in named})


def decode(cursor: str, read: Callable[[Any], Any]) -> tuple[Any, int]:
    """The sort value and id of the row a cursor names; BadRequest for one that is none of ours."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        value, row_id = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if type(row_id) is not int or not 0 <= row_id < 2**63:
            raise TypeError
        return read(value), row_id
    except (binascii.Error, ValueError, TypeError) as error:
        raise BadRequest("this cursor is none of ours; begin again without it") from error


def encode(value: object, row_id: int) -> str:
    """The cursor after the row with this sort value and id."""
    return base64.urlsafe_b64encode(orjson.dumps([value, row_id])).decode().rstrip("=")


def instant(value: object) -> datetime:
    """Read an aware datetime from a cursor; ValueError or TypeError if it is none."""
    if not isinstance(value, str):
        raise TypeError("not a time")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("no offset")
    return moment


def day(value: object) -> date:
    """Read a date from a cursor; ValueError or TypeError if it is none."""
    if not isinstance(value, str):
        raise TypeError("not a date")
    return date.fromisoformat(value)


def whole(value: object) -> int:
    """Read an integer from a cursor; TypeError if it is none."""
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise TypeError("not a number")
    return value


def word(value: object) -> str:
    """Read text from a cursor; TypeError if it is none."""
    if not isinstance(value, str) or "\0" in value:
        raise TypeError("not a text")
    return value
