"""The revision of the network: what tells one committed state of it from another."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import NetworkRevision, network_is_changed, timetable_is_changed

REVISION = select(NetworkRevision.value, NetworkRevision.changed_at, NetworkRevision.timetable)


class Revision(NamedTuple):
    """What tells one committed state from another; a part is None within a change of it."""

    everything: tuple[int, datetime | None] | None
    timetable: int | None


def read_revision(session: Session) -> Revision:
    """Return the revision of the network, and that of all of it but free space."""
    connection = session.connection()
    row = connection.execute(REVISION).first()
    value, changed_at, timetable = (0, None, 0) if row is None else row
    return Revision(
        None if network_is_changed(connection) else (value, changed_at),
        None if timetable_is_changed(connection) else timetable,
    )
