"""Uploads imported by a worker: the rows, the outcome and the end of the job are one transaction."""

from sqlalchemy.orm import Session

from app.clock import now
from app.errors import Conflict
from app.jobs import Work
from app.usecases import working
from app.usecases.importing import run_batch, set_failed, start_batch
from app.usecases.importing.wizard_checking import check_draft, end_check


def import_batch(work: Work) -> None:
    """Import the upload the job is about. Run twice, the second time finds nothing left to do."""
    with work.database.transaction() as session:
        start_batch(session, work.subject)
    with work.database.transaction() as session:
        run_batch(session, work.subject, now())
        if not working.finish(session, work.claim, now()):
            raise Conflict("the import was taken over by another worker")


def give_up(session: Session, subject: str, reason: str) -> None:
    """Tell the upload that nothing more will be tried."""
    set_failed(session, subject, now(), reason)


def check_file(work: Work) -> None:
    """Check a file that is taken in step by step: what is wrong is written down, nothing else is kept."""
    with work.database.transaction() as session:
        check_draft(session, work.subject, now())
        if not working.finish(session, work.claim, now()):
            raise Conflict("the check was taken over by another worker")


def give_up_check(session: Session, subject: str, reason: str) -> None:
    """Tell the file that nobody will check it."""
    end_check(session, subject, now(), reason)
