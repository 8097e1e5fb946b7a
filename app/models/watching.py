"""Every committed change of the network counts its revision up, whoever makes it and however it is written.

Watched are the statements themselves, so that a flush, a bulk update and SQL by hand through an engine of ours are
all seen. The count is the last statement before the commit: nobody waits for its row longer than a commit
takes, and nothing is locked after it. A second count leaves free space out, so that bookings do not move it.
"""

import re
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, event, text

from app.clock import now
from app.db import UTCDateTime

SPACE_TABLES = frozenset({"capacity_pool", "departure_unit", "handling_unit"})
"""What says how much is free: quotes look at it every time, plans keep it with the rest."""
TIMETABLE_TABLES = frozenset({
    "call", "country_group", "cutoff", "departure", "fx_rate", "location", "segment", "service", "service_call",
    "tariff", "tariff_break", "tariff_surcharge", "unit_type", "warehouse",
})  # fmt: skip
"""All else that the facts of a network are read from (`app.usecases.network_facts`)."""
CHANGED = "network_changed"
"""Where a connection notes what its transaction has changed: a set of "space" and "timetable"."""
_WRITES = re.compile(
    r'\s*(?:insert\s+(?:or\s+\w+\s+)?into|replace\s+into|update|delete\s+from|truncate(?:\s+table)?)\s+"?(\w+)',
    re.IGNORECASE,
)
_COUNT_UP = text(
    "INSERT INTO network_revision (id, value, timetable, changed_at) VALUES (1, 1, :timetable, :at) "
    "ON CONFLICT (id) DO UPDATE SET value = network_revision.value + 1, "
    "timetable = network_revision.timetable + excluded.timetable, changed_at = excluded.changed_at"
).bindparams(bindparam("at", type_=UTCDateTime))


def network_is_changed(connection: Connection) -> bool:
    """Whether the transaction of this connection has changed the network and is not yet committed."""
    return bool(connection.info.get(CHANGED))


def timetable_is_changed(connection: Connection) -> bool:
    """Whether that transaction has changed anything of the network but free space."""
    return "timetable" in connection.info.get(CHANGED, ())


@event.listens_for(Engine, "after_cursor_execute")
def _note_change(connection: Connection, _cursor: Any, statement: str, *_more: Any) -> None:  # noqa: ANN401
    found = _WRITES.match(statement)
    table = found[1].lower() if found else ""
    if table in TIMETABLE_TABLES or table in SPACE_TABLES:
        kind = "space" if table in SPACE_TABLES else "timetable"
        connection.info.setdefault(CHANGED, set()).add(kind)


@event.listens_for(Engine, "commit")
def _count_up(connection: Connection) -> None:
    changed = connection.info.pop(CHANGED, None)
    if changed:
        connection.execute(_COUNT_UP, {"at": now(), "timetable": int("timetable" in changed)})


@event.listens_for(Engine, "rollback")
def _forget_change(connection: Connection) -> None:
    connection.info.pop(CHANGED, None)
