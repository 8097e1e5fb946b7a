"""Every committed change of the network counts its revision up, whoever makes it and however it is written.

Watched are the statements themselves, so that a flush, a bulk update and SQL by hand through an engine of ours are
all seen. The count is the last statement before the commit: nobody waits for its row longer than a commit
takes, and nothing is locked after it.
"""

import re
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, event, text

from app.clock import now
from app.db import UTCDateTime

NETWORK_TABLES = frozenset({
    "call", "capacity_pool", "cutoff", "departure", "departure_unit", "fx_rate", "location", "segment", "service",
    "service_call", "tariff", "tariff_break", "tariff_surcharge", "unit_type", "warehouse",
})  # fmt: skip
"""What the facts of a network are read from (`app.usecases.network_facts`)."""
CHANGED = "network_changed"
_WRITES = re.compile(
    r'\s*(?:insert\s+(?:or\s+\w+\s+)?into|replace\s+into|update|delete\s+from|truncate(?:\s+table)?)\s+"?(\w+)',
    re.IGNORECASE,
)
_COUNT_UP = text(
    "INSERT INTO network_revision (id, value, changed_at) VALUES (1, 1, :at) ON CONFLICT (id) "
    "DO UPDATE SET value = network_revision.value + 1, changed_at = excluded.changed_at"
).bindparams(bindparam("at", type_=UTCDateTime))


def network_is_changed(connection: Connection) -> bool:
    """Whether the transaction of this connection has changed the network and is not yet committed."""
    return bool(connection.info.get(CHANGED, False))


@event.listens_for(Engine, "after_cursor_execute")
def _note_change(connection: Connection, _cursor: Any, statement: str, *_more: Any) -> None:  # noqa: ANN401
    found = _WRITES.match(statement)
    if found and found[1].lower() in NETWORK_TABLES:
        connection.info[CHANGED] = True


@event.listens_for(Engine, "commit")
def _count_up(connection: Connection) -> None:
    if not connection.info.pop(CHANGED, False):
        return
    connection.execute(_COUNT_UP, {"at": now()})


@event.listens_for(Engine, "rollback")
def _forget_change(connection: Connection) -> None:
    connection.info.pop(CHANGED, None)
