"""Rows of a file ↔ rows of one table, by natural key: one mechanism for every plain kind.

New keys are added, equal rows are unchanged, different ones updated (or refused, where rows are frozen), all in
bulk statements. A column that the file does not have leaves its field alone.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import Base
from app.exchange.cells import Reference
from app.exchange.faults import CellError
from app.exchange.rows import Column, Row
from app.ids import new_id
from app.usecases.importing.kinds import Kind, Run, table_writer
from app.usecases.importing.lookups import Lookups

Values = dict[str, Any]
Rule = Callable[[Values, Run], Iterable[CellError]]


def _no_rule(_values: Values, _run: Run) -> Iterable[CellError]:
    return ()


def table_of(model: type[Base]) -> Table:
    """The table of a model, typed as one."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 (no model here is mapped to a join)
    return table


@dataclass(frozen=True, slots=True)
class Mapping:
    """How the values of a row become those of a table row, and what must hold."""

    model: type[Base]
    key: tuple[str, ...]
    """Fields that identify a row for the user."""
    prefix: str | None = None
    """Of the public id, where the table has one."""
    rule: Rule = _no_rule
    """Yields what is wrong within one row; may replace file values by table values."""
    group_rule: Callable[[Run, list[Row]], None] | None = None
    """Records what is wrong between the good rows of a batch."""
    unfold: Callable[[Values], Values] = dict
    """Table values → file values: the way back from `rule`."""
    frozen: bool = False
    """Stored rows never change by import: a different one is a duplicate reference."""
    stamps: tuple[str, ...] = ()
    """Fields that are set to the time of the import when a row is written."""
    constants: Callable[[Run], Values] = lambda _run: {}
    """Further fields of new rows."""
    narrow: Callable[[Any, list[Row]], Any] | None = None
    """Restricts the query for stored rows to those a batch may touch; without it the whole table is loaded."""
    selection: Callable[[Any], Any] | None = None
    """Restricts what is exported."""

    @property
    def table(self) -> Table:
        """The table itself."""
        return table_of(self.model)


def save_rows(
    mapping: Mapping, run: Run, given: Sequence[Column], columns: Sequence[Column], rows: list[Row]
) -> None:
    """Check one batch and write what is good."""
    resolve_references(run, columns, rows)
    for row in run.good(rows):
        for fault in mapping.rule(row.values, run):
            run.log.add(row.number, fault)
    refuse_duplicates(run, mapping.key, run.good(rows))
    if mapping.group_rule:
        mapping.group_rule(run, run.good(rows))
    good = run.good(rows)
    stored = _stored(run.session, mapping, good)
    absent = {column.to for column in columns} - {column.to for column in given}
    new, changed = _sort_out(mapping, run, good, stored, absent)
    if run.saving:
        _write(run, mapping, new, changed)


def resolve_references(run: Run, columns: Sequence[Column], rows: list[Row]) -> None:
    """Replace codes by ids; what is unknown becomes a fault of its row."""
    for column in columns:
        if not isinstance(column.cell, Reference):
            continue
        field, what = column.to, column.cell.what
        known = run.lookups.ids(what)
        for row in rows:
            code = row.values[field]
            if code is None:
                continue
            row.values[field] = known.get(code)
            if row.values[field] is None:
                try:
                    run.lookups.find(what, code)
                except CellError as fault:
                    run.log.add(row.number, fault, column.name)


def refuse_duplicates(run: Run, key: tuple[str, ...], rows: Iterable[Row]) -> None:
    """Two rows of one file must not have the same key."""
    for row in rows:
        name = tuple(row.values[field] for field in key)
        first = run.seen.setdefault(name, row.number)
        if first != row.number:
            run.refuse(
                row,
                "duplicate_reference",
                f"row {first} has the same {', '.join(key)}".replace("_id", ""),
                "keep one of the two rows",
                key[-1].removesuffix("_id"),
            )


def _stored(session: Session, mapping: Mapping, rows: list[Row]) -> dict[tuple[Any, ...], Any]:
    if not rows:
        return {}
    query = select(mapping.table)
    if mapping.narrow:
        query = mapping.narrow(query, rows)
    found = session.execute(query).mappings()
    return {tuple(row[field] for field in mapping.key): row for row in found}


def _sort_out(
    mapping: Mapping, run: Run, rows: list[Row], stored: dict[tuple[Any, ...], Any], absent: set[str]
) -> tuple[list[Row], list[tuple[int, Row]]]:
    """Split rows into new ones and changed ones (with the stored id); count the unchanged."""
    new: list[Row] = []
    changed: list[tuple[int, Row]] = []
    for row in rows:
        old = stored.get(tuple(row.values[field] for field in mapping.key))
        if old is None:
            new.append(row)
            continue
        differing = [name for name, value in row.values.items() if name not in absent and old[name] != value]
        if not differing:
            run.unchanged += 1
        elif mapping.frozen:
            run.refuse(
                row,
                "duplicate_reference",
                f"it is stored already, with another {', '.join(differing)}",
                "give a new reference, or leave the row out",
                "reference",
            )
        else:
            changed.append((old["id"], Row(row.number, {name: row.values[name] for name in differing})))
    return new, changed


def _write(run: Run, mapping: Mapping, new: list[Row], changed: list[tuple[int, Row]]) -> None:
    stamps = dict.fromkeys(mapping.stamps, run.now)
    extra = mapping.constants(run) | stamps
    inserts = [(row, _new_values(mapping, row, extra)) for row in new]
    run.added += _bulk(run, inserts, functools.partial(run.session.execute, insert(mapping.table)))
    # One statement serves only rows in which the same fields change.
    by_fields: dict[tuple[str, ...], list[tuple[Row, Values]]] = {}
    for key, row in changed:
        fields = tuple(row.values)
        values = {f"new_{name}": value for name, value in (row.values | stamps).items()}
        by_fields.setdefault(fields, []).append((row, values | {"key": key}))
    for fields, updates in by_fields.items():
        names = {*fields, *mapping.stamps}
        statement = (
            update(mapping.table)
            .where(mapping.table.c.id == bindparam("key"))
            .values({name: bindparam(f"new_{name}") for name in names})
        )
        run.updated += _bulk(run, updates, functools.partial(run.session.execute, statement))


def _new_values(mapping: Mapping, row: Row, extra: Values) -> Values:
    public = {"public_id": new_id(mapping.prefix)} if mapping.prefix else {}
    return {**row.values, **extra, **public}


def _bulk(run: Run, rows: list[tuple[Row, Values]], execute: Callable[[list[Values]], object]) -> int:
    """Write all rows at once; if the database refuses, one by one, so that the row at fault is named."""
    if not rows:
        return 0
    try:
        with run.session.begin_nested():
            execute([values for _row, values in rows])
    except IntegrityError:
        return sum(_single(run, row, values, execute) for row, values in rows)
    return len(rows)


def _single(run: Run, row: Row, values: Values, execute: Callable[[list[Values]], object]) -> int:
    try:
        with run.session.begin_nested():
            execute([values])
    except IntegrityError as error:
        reason = str(error.orig).splitlines()[0][:200]
        run.refuse(row, "database_refused", f"the database refuses the row: {reason}", "correct the row")
        return 0
    return 1


def dump_rows(
    mapping: Mapping, columns: Sequence[Column], session: Session, lookups: Lookups
) -> Iterator[Values]:
    """Every stored row as file values, ordered by its natural key as people read it."""
    query = select(mapping.table).order_by(mapping.table.c.id)
    if mapping.selection:
        query = mapping.selection(query)
    references = [(column.to, column.cell.what) for column in columns if isinstance(column.cell, Reference)]
    for row in session.execute(query.execution_options(yield_per=1000)).mappings():
        values = mapping.unfold(dict(row))
        for field, what in references:
            if values[field] is not None:
                values[field] = lookups.codes(what)[values[field]]
        yield values


def table_kind(name: str, doc: str, columns: tuple[Column, ...], mapping: Mapping, **options: Any) -> Kind:  # noqa: ANN401
    """A kind that is one table."""

    def save(run: Run, given: Sequence[Column], rows: list[Row]) -> None:
        save_rows(mapping, run, given, columns, rows)

    def dump(session: Session, lookups: Lookups) -> Iterator[Values]:
        return dump_rows(mapping, columns, session, lookups)

    return Kind(name, doc, columns, save, table_writer(name, columns, dump), **options)
