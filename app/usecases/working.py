"""Background work: asked for in a transaction, claimed with a fencing token, repeated when lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from app.db import Doorbell, after_commit
from app.models import Job

RING_AGAIN = timedelta(seconds=60)
"""A queued job that no worker took by then is rung once more: Redis may have lost it."""
KEYS_KEPT = timedelta(days=7)
"""How long the answer of an idempotency key is kept for a retry."""
RUNG_FOR = 100
"""Of many jobs at once so many are rung for; to ring for all would keep who asks waiting."""
LEASE = timedelta(seconds=30)
"""A running job whose worker did not say so for this long is taken from it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write the result of a job; worthless as soon as somebody else claims it."""

    job_id: int
    kind: str
    subject: str
    attempt: int
    """The fencing token."""


def enqueue(session: Session, kind: str, queue: str, subject: str, now: datetime) -> Job:
    """Record work for the background; a worker is rung once the transaction is durable.

    The doorbell is found in `session.info["doorbell"]`; without one the sweeper rings.
    """
    job = Job(kind=kind, queue=queue, subject=subject, lease_until=now + RING_AGAIN, created_at=now, rings=1)
    session.add(job)
    session.flush()
    doorbell: Doorbell | None = session.info.get("doorbell")
    if doorbell is not None:
        job_id = job.id
        after_commit(session, lambda: doorbell.ring(queue, job_id, 0))
    return job


def enqueue_all(session: Session, kind: str, queue: str, subjects: Sequence[str], now: datetime) -> None:
    """Record much work of one kind; the sweeper rings for what is beyond `RUNG_FOR`."""
    if not subjects:
        return
    common = {"kind": kind, "queue": queue, "created_at": now}
    rung = {"rings": 1, "lease_until": now + RING_AGAIN}
    left = {"rings": 0, "lease_until": now}
    rows = [
        common | {"subject": subject} | (rung if place < RUNG_FOR else left)
        for place, subject in enumerate(subjects)
    ]
    ids = session.scalars(insert(Job).returning(Job.id, sort_by_parameter_order=True), rows).all()
    doorbell: Doorbell | None = session.info.get("doorbell")
    if doorbell is not None:
        for job_id in ids[:RUNG_FOR]:
            after_commit(session, partial(doorbell.ring, queue, job_id, 0))


def claim(session: Session, job_id: int, now: datetime, lease: timedelta = LEASE) -> Claim | None:
    """Take a job that is queued, or whose worker's lease ran out. None: somebody else has it, or it is over."""
    taken = session.execute(
        update(Job)
        .where(
            Job.id == job_id,
            Job.attempt < Job.max_attempts,
            or_(Job.status == "queued", (Job.status == "running") & (Job.lease_until < now)),
        )
        .values(status="running", attempt=Job.attempt + 1, lease_until=now + lease, started_at=now)
        .returning(Job.kind, Job.subject, Job.attempt)
    ).one_or_none()
    return Claim(job_id, *taken) if taken else None


def renew(session: Session, held: Claim, now: datetime, lease: timedelta = LEASE) -> bool:
    """Say that the worker is alive. False: the job was taken away, stop working."""
    return _write(session, held, lease_until=now + lease)


def finish(session: Session, held: Claim, now: datetime) -> bool:
    """Close the job in the transaction that stores its result. False: taken away, store nothing."""
    return _write(session, held, status="done", finished_at=now)


def fail(session: Session, held: Claim, now: datetime, error: str) -> bool:
    """Close the job as failed. False: taken away."""
    return _write(session, held, status="failed", finished_at=now, error=error[:2000])


def _write(session: Session, held: Claim, **values: object) -> bool:
    mine = (Job.id == held.job_id, Job.attempt == held.attempt, Job.status == "running")
    # RETURNING instead of a row count: it reads the same on every driver.
    return session.execute(update(Job).where(*mine).values(**values).returning(Job.id)).first() is not None


def sweep(session: Session, now: datetime, lease: timedelta = LEASE) -> tuple[list[Job], list[Job]]:
    """Find what was lost: (jobs to ring again, jobs given up after their last attempt)."""
    lost = session.scalars(
        select(Job)
        .where(Job.status.in_(("queued", "running")), Job.lease_until < now)
        .order_by(Job.id)
        .limit(500)
        .with_for_update(skip_locked=True)
    ).all()
    again, given_up = [], []
    for job in lost:
        if job.attempt >= job.max_attempts:
            job.status, job.finished_at, job.error = "failed", now, "worker_lost"
            given_up.append(job)
        else:
            job.status, job.lease_until, job.rings = "queued", now + max(lease, RING_AGAIN / 4), job.rings + 1
            again.append(job)
    session.flush()
    return again, given_up
