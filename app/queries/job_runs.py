"""Background work as its rows tell: what waits, what runs, what failed and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Job
from app.queries.paging import Keyset, Page, whole

NEWEST = Keyset(Job.id, Job.id, read=whole, falling=True)
STATES = ("queued", "running", "silent", "done", "failed")
"""`silent`: running, and its worker has not said so for longer than its lease."""


@dataclass(frozen=True, slots=True)
class JobFilter:
    """What narrows the list; None does not."""

    state: str | None = None
    kind: str | None = None
    queue: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job as it stands."""

    id: int
    kind: str
    queue: str
    subject: str
    state: str
    """One of `STATES`."""
    attempt: int
    max_attempts: int
    rings: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None

    @property
    def code(self) -> str:
        """What went wrong, as a code."""
        return (self.error or "").partition(":")[0]

    @property
    def told(self) -> str:
        """The rest of what went wrong."""
        return (self.error or "").partition(":")[2].strip()

    @property
    def took(self) -> timedelta | None:
        """How long the last attempt took."""
        return self.finished_at - self.started_at if self.finished_at and self.started_at else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One queue as the rows see it."""

    queued: int = 0
    oldest: datetime | None = None
    running: int = 0


def list_jobs(
    session: Session, now: datetime, where: JobFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[JobRow]:
    """Jobs, the newest first."""
    query = select(Job).where(*_conditions(where, now))
    found = session.scalars(NEWEST.slice(query, cursor, limit)).all()
    page = NEWEST.page(found, limit, lambda row: (row.id, row.id))
    return Page([_row(row, now) for row in page.items], page.next_cursor)


def get_job(session: Session, now: datetime, job_id: int) -> JobRow:
    """One job; NotFound if there is none."""
    found = session.get(Job, job_id)
    if found is None:
        raise NotFound("there is no such job")
    return _row(found, now)


def waiting(session: Session) -> dict[str, Waiting]:
    """By queue: how many wait, since when the oldest, and how many run."""
    live = Job.status.in_(("queued", "running"))
    query = select(Job.queue, Job.status, func.count(), func.min(Job.created_at)).where(live)
    counts: dict[str, dict[str, tuple[int, datetime]]] = {}
    for queue, status, count, oldest in session.execute(query.group_by(Job.queue, Job.status)):
        counts.setdefault(queue, {})[status] = (count, oldest)
    return {
        queue: Waiting(
            found.get("queued", (0, None))[0],
            found.get("queued", (0, None))[1],
            found.get("running", (0, None))[0],
        )
        for queue, found in counts.items()
    }


def _row(job: Job, now: datetime) -> JobRow:
    silent = job.status == "running" and job.lease_until < now
    return JobRow(
        job.id, job.kind, job.queue, job.subject, "silent" if silent else job.status, job.attempt, job.max_attempts,
        job.rings, job.created_at, job.started_at, job.finished_at, job.error,
    )  # fmt: skip


def _conditions(where: JobFilter, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if where.state in ("running", "silent"):
        found += [
            Job.status == "running",
            Job.lease_until < now if where.state == "silent" else Job.lease_until >= now,
        ]
    elif where.state:
        found.append(Job.status == where.state)
    if where.kind:
        found.append(Job.kind == where.kind)
    if where.queue:
        found.append(Job.queue == where.queue)
    if where.subject:
        found.append(Job.subject == where.subject)
    return found
