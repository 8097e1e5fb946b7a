"""Rows in bulk: collected with ids of their own, written table by table."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from app.db import Base
from app.ids import ALPHABET, LENGTH


class Rows:
    """What is to be written. Every row of a table names the same columns; tables are written as they came up."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rows: dict[type[Base], list[dict[str, Any]]] = defaultdict(list)
        self._last: dict[type[Base], int] = {}

    def add(self, model: Any, **values: Any) -> int:
        """Keep a row; returns the id it will have."""
        if model not in self._last:
            self._last[model] = self._session.scalar(select(func.max(model.id))) or 0
        self._last[model] += 1
        self._rows[model].append({"id": self._last[model], **values})
        return self._last[model]

    def write(self) -> None:
        """Insert everything; PostgreSQL counts on from there, and looks at it as it does by itself later."""
        for model, rows in self._rows.items():
            self._session.execute(insert(model.__table__), rows)  # type: ignore[arg-type]
            if self._session.get_bind().dialect.name == "postgresql":
                table = model.__tablename__
                last = (
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
                )
                for statement in (last, f"ANALYZE {table}"):
                    self._session.execute(text(statement))
        self._rows.clear()


def public_id(prefix: str, number: int) -> str:
    """The public id of the n-th row of a kind: the same in every world with the same seed."""
    digits = []
    for _ in range(LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return f"{prefix}_{''.join(reversed(digits))}"
