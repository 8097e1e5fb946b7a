"""Blocks of a run on their way through the database: posted, taken by any worker, handed in, withdrawn."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.models import Job, OptimizationRun, RunBlock
from app.usecases import working

QUEUE = "blocks"
JOB = "solve_block"
TRIES = 2
"""A block that two workers died of is left out; the run keeps what it has for its goods."""


@dataclass(frozen=True, slots=True)
class BlockState:
    """How far one block is."""

    number: int
    job_id: int
    state: str
    """`waiting` for anybody to take it, `running`, `done`, or `lost` for good."""
    started_at: datetime | None


def post(
    session: Session, run: OptimizationRun, round_: int, number: int, content: bytes, now: datetime
) -> None:
    """Offer a block of a run to all workers for blocks; they are rung once the transaction is durable."""
    job = working.enqueue(session, JOB, QUEUE, f"{run.public_id}/{round_}/{number}", now)
    job.max_attempts = TRIES
    session.add(RunBlock(run_id=run.id, job_id=job.id, round=round_, number=number, problem=content))
    session.flush()


def states(session: Session, run_id: int, round_: int, now: datetime) -> list[BlockState]:
    """How far the blocks of one round are, by number."""
    query = (
        select(RunBlock.number, Job)
        .join(Job, Job.id == RunBlock.job_id)
        .where(RunBlock.run_id == run_id, RunBlock.round == round_)
        .order_by(RunBlock.number)
    )
    return [
        BlockState(number, job.id, _state(job, now), job.started_at) for number, job in session.execute(query)
    ]


def _state(job: Job, now: datetime) -> str:
    if job.status == "done":
        return "done"
    if job.status == "running" and job.lease_until >= now:
        return "running"
    return "lost" if job.status == "failed" or job.attempt >= job.max_attempts else "waiting"


def problem_of(session: Session, job_id: int) -> bytes | None:
    """The block that a job is about; None where it was withdrawn."""
    return session.scalar(select(RunBlock.problem).where(RunBlock.job_id == job_id))


def result_of(session: Session, job_id: int) -> bytes | None:
    """The plan that was handed in for a block; None where there is none."""
    return session.scalar(select(RunBlock.result).where(RunBlock.job_id == job_id))


def hand_in(session: Session, held: working.Claim, content: bytes, now: datetime) -> bool:
    """Store the plan of a block and close its job. False: taken away or withdrawn, nothing is stored."""
    if not working.finish(session, held, now):
        return False
    session.execute(update(RunBlock).where(RunBlock.job_id == held.job_id).values(result=content))
    return True


def withdraw(session: Session, run_id: int, now: datetime) -> None:
    """Remove all blocks of a run with their jobs; whoever is at work on one finds out and stops.

    Jobs go first, as whoever hands in takes them first; their blocks go with them. The newest job of all
    stays, closed: SQLite gives the number of a last row that was removed to the next one, and a fencing
    token must never fit another job.
    """
    ours = select(RunBlock.job_id).where(RunBlock.run_id == run_id)
    newest = session.scalar(select(func.max(Job.id)))
    if newest is None:
        return
    session.execute(delete(Job).where(Job.id.in_(ours), Job.id < newest))
    session.execute(
        update(Job)
        .where(Job.id.in_(ours), Job.status.in_(("queued", "running")))
        .values(status="failed", finished_at=now, error="withdrawn")
    )
    session.execute(delete(RunBlock).where(RunBlock.run_id == run_id))
