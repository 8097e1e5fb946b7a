"""Files in which several rows make one draft: rows of one exporter and reference belong together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from app.exchange.faults import CellError
from app.exchange.rows import Row
from app.usecases.importing.kinds import Run


def whole_drafts(run: Run, rows: Iterable[Row], head: Sequence[str], differ: str) -> Iterator[list[Row]]:
    """Yield the rows of each draft nothing is wrong with, in the order of the file.

    Exporter and warehouse must be known, and the columns of `head` alike in all rows of a draft; `differ` is the
    code of what is told where they are not.
    """
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        _look_up(run, row)
        groups[row.values["exporter_id"], row.values["reference"]].append(row)
    for group in groups.values():
        _check_alike(run, group, head, differ)
        if len(run.good(group)) == len(group):
            yield group


def _look_up(run: Run, row: Row) -> None:
    for name, what in (("exporter_id", "exporter"), ("warehouse", "warehouse")):
        try:
            if row.values[name] is not None:
                run.lookups.find(what, row.values[name])
        except CellError as fault:
            run.log.add(row.number, fault, what)


def _check_alike(run: Run, group: Sequence[Row], head: Sequence[str], differ: str) -> None:
    for row in group[1:]:
        for name in head:
            if row.values[name] != group[0].values[name]:
                run.refuse(row, differ, f"{name} is not that of row {group[0].number}",
                           "rows of one reference differ only in their goods", name)  # fmt: skip
