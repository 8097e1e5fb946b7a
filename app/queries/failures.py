"""Requests that failed: an exporter's own, for the operation everybody's."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.models import ApiKey, FailedRequest, Party
from app.queries.paging import Keyset, Page, instant

NEWEST = Keyset(FailedRequest.at, FailedRequest.id, read=instant, falling=True)
KINDS = {"4xx": (400, 499), "5xx": (500, 599)}
"""What the caller could have done otherwise, and what failed on our side."""
CODES = ("400", "401", "402", "403", "404", "405", "409", "410", "413", "415", "422", "429", "500", "503")
STATUSES = (*KINDS, *CODES)


@dataclass(frozen=True, slots=True)
class FailureFilter:
    """What narrows the list; None does not."""

    status: str | None = None
    """One of `STATUSES`."""
    exporter: str | None = None
    """Reference or public id."""
    request_id: str | None = None
    key: str | None = None
    """Public id of a key or person."""
    own: int | None = None
    """Row id of the exporter who looks."""

    @property
    def narrowed(self) -> bool:
        """Whether somebody chose less than all."""
        return any((self.status, self.exporter, self.request_id, self.key))


@dataclass(frozen=True, slots=True)
class FailureRow:
    """One failed request."""

    id: int
    at: datetime
    request_id: str
    method: str
    path: str
    status: int
    code: str
    detail: str
    actor: str | None
    key_name: str | None
    exporter: str | None


COLUMNS = (
    FailedRequest.id, FailedRequest.at, FailedRequest.request_id, FailedRequest.method, FailedRequest.path,
    FailedRequest.status, FailedRequest.code, FailedRequest.detail, FailedRequest.actor,
    ApiKey.name.label("key_name"), Party.reference.label("exporter"),
)  # fmt: skip


def list_failures(
    session: Session, where: FailureFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[FailureRow]:
    """Failed requests, the newest first."""
    query = (
        select(*COLUMNS)
        .outerjoin(Party, Party.id == FailedRequest.exporter_id)
        .outerjoin(ApiKey, ApiKey.public_id == FailedRequest.actor)
        .where(*_conditions(where))
    )
    rows = [FailureRow(*row) for row in session.execute(NEWEST.slice(query, cursor, limit))]
    return NEWEST.page(rows, limit, lambda row: (row.at, row.id))


def _conditions(where: FailureFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if where.status in KINDS:
        found.append(FailedRequest.status.between(*KINDS[where.status]))
    elif where.status:
        found.append(FailedRequest.status == int(where.status))
    if where.exporter:
        found.append(or_(Party.reference == where.exporter, Party.public_id == where.exporter))
    if where.request_id:
        found.append(FailedRequest.request_id == where.request_id)
    if where.key:
        found.append(FailedRequest.actor == where.key)
    if where.own is not None:
        found.append(FailedRequest.exporter_id == where.own)
    return found
