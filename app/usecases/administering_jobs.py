"""Background work in the hands of a person: rung for again, tried again, or given up.

The row in the database stays the truth: a worker that comes back to work that was given up finds that its claim
is worth nothing, and writes nothing.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.actor import Actor
from app.db import Doorbell, after_commit
from app.errors import Conflict, NotFound
from app.models import Job, OptimizationRun, WebhookMessage
from app.usecases import blocks, optimizing, webhooks
from app.usecases.auditing import record
from app.usecases.importing import set_failed
from app.usecases.working import RING_AGAIN

ABANDONED = "abandoned"
MORE_ATTEMPTS = 3
AGAIN = frozenset({"charge_warehouse", "invoice_bookings"})
"""Kinds whose failed job may simply be done once more: what they have done already they find done."""


def ring_again(session: Session, actor: Actor, now: datetime, job_id: int) -> Job:
    """Wake a worker once more for a job that waits; Conflict for one that does not."""
    job = _find(session, job_id)
    if job.status != "queued":
        raise Conflict("this job does not wait for a worker any more")
    _put_on(session, job, now)
    record(session, actor, now, "job.rung", job_subject(job), after={"kind": job.kind, "rings": job.rings})
    return job


def retry(session: Session, actor: Actor, now: datetime, job_id: int) -> Job:
    """Do a failed job once more: with fresh attempts, or, for a delivery, as a message that is sent again.

    Conflict for one that has not failed, and for a kind that is started anew where it was asked for.
    """
    job = _find(session, job_id)
    if job.status != "failed":
        raise Conflict("only a job that failed is tried again")
    if job.kind == "deliver_webhook":
        webhooks.replay(session, actor, now, job.subject)
        return job
    if job.kind not in AGAIN:
        raise Conflict("start this one anew where it was asked for: its subject has ended with it")
    before = {"status": job.status, "attempt": job.attempt, "error": job.error}
    job.status, job.error, job.finished_at = "queued", None, None
    job.max_attempts = job.attempt + MORE_ATTEMPTS
    _put_on(session, job, now)
    after = {"status": job.status, "attempt": job.attempt, "error": None}
    record(session, actor, now, "job.retried", job_subject(job), before=before, after=after)
    return job


def abandon(session: Session, actor: Actor, now: datetime, job_id: int) -> Job:
    """Give a waiting or running job up, and tell its subject; a worker that has it stops by itself.

    Conflict for one that is over, and for a kind that ends with its run or where it was asked for.
    """
    job = _find(session, job_id)
    if job.status not in ("queued", "running"):
        raise Conflict("this job is over already")
    if job.kind not in TOLD:
        raise Conflict("this kind is given up where it was asked for, or ends with its run")
    before = {"status": job.status, "attempt": job.attempt, "error": job.error}
    job.status, job.finished_at, job.error = "failed", now, f"{ABANDONED}: given up by a person"
    session.flush()
    TOLD[job.kind](session, job.subject, now)
    after = {"status": "failed", "attempt": job.attempt, "error": job.error}
    record(session, actor, now, "job.abandoned", job_subject(job), before=before, after=after)
    return job


def job_subject(job: Job) -> str:
    """The name by which the audit log knows a job."""
    return f"job-{job.id}"


def _find(session: Session, job_id: int) -> Job:
    job = session.get(Job, job_id, with_for_update=True)
    if job is None:
        raise NotFound("there is no such job")
    return job


def _put_on(session: Session, job: Job, now: datetime) -> None:
    job.lease_until, job.rings = now + RING_AGAIN, job.rings + 1
    session.flush()
    doorbell: Doorbell | None = session.info.get("doorbell")
    if doorbell is not None:
        queue, job_id, attempt = job.queue, job.id, job.attempt
        after_commit(session, lambda: doorbell.ring(queue, job_id, attempt))


def _end_run(session: Session, subject: str, now: datetime) -> None:
    optimizing.fail_run(session, subject, now, ABANDONED, "it was given up by a person")
    run_id = session.scalar(select(OptimizationRun.id).where(OptimizationRun.public_id == subject))
    if run_id is not None:
        blocks.withdraw(session, run_id, now)


def _end_import(session: Session, subject: str, now: datetime) -> None:
    set_failed(session, subject, now, "it was given up by a person")


def _end_delivery(session: Session, subject: str, _now: datetime) -> None:
    waiting = (WebhookMessage.public_id == subject, WebhookMessage.status == "waiting")
    session.execute(update(WebhookMessage).where(*waiting).values(status="failed", next_at=None))


def _nothing(_session: Session, _subject: str, _now: datetime) -> None:
    """The next night makes up for it."""


TOLD: dict[str, Callable[[Session, str, datetime], None]] = {
    "charge_warehouse": _nothing,
    "deliver_webhook": _end_delivery,
    "import_batch": _end_import,
    "invoice_bookings": _nothing,
    "replan_run": _end_run,
    "solve_run": _end_run,
}
"""Kind of job → how its subject learns that nothing more will be tried."""
