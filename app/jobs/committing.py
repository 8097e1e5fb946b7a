"""A plan committed by a worker: one transaction for each chain of departures, and a second worker goes on."""

from sqlalchemy.orm import Session

from app.clock import now
from app.jobs import Work
from app.usecases import working
from app.usecases.committing import begin_commit, commit_next, fail_commit


def commit_plan(work: Work) -> None:
    """Commit the plan the job is about. Run twice, the second time goes on with the first chain that waits."""
    with work.database.transaction() as session:
        if not work.still_ours(session):
            return
        more = begin_commit(session, now(), work.subject)
    while more:
        with work.database.transaction() as session:
            # Fenced in the same transaction: whoever lost the job books nothing.
            if not work.still_ours(session):
                return
            more = commit_next(session, now(), work.subject)
    with work.database.transaction() as session:
        working.finish(session, work.claim, now())


def give_up(session: Session, subject: str, reason: str) -> None:
    """Tell the commit that nothing more will be tried before somebody asks for it."""
    fail_commit(session, subject, reason)
