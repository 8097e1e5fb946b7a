"""What is over is released or forgotten: holds, promised stock, kept answers, failed requests; figures are noted."""

from sqlalchemy import delete

from app.actor import system
from app.clock import now
from app.db import Database
from app.failures import KEPT as FAILURES_KEPT
from app.models import FailedRequest, IdempotencyKey
from app.queries.daily_figures import FIGURES, unnoted
from app.usecases import daily_figures
from app.usecases.space_release import sweep_holds
from app.usecases.warehousing import ledger
from app.usecases.warehousing.resuming import resume_all
from app.usecases.working import KEYS_KEPT


def release_holds(database: Database) -> None:
    """Give back space whose hold ran out; whoever needs it sooner has released it by then."""
    with database.transaction() as session:
        sweep_holds(session, now())


def release_stock(database: Database) -> None:
    """Give back stock that was promised until now."""
    with database.transaction() as session:
        ledger.release_expired(session, now())


def resume_orders(database: Database) -> None:
    """Confirm orders that waited for stock which has come."""
    with database.transaction() as session:
        resume_all(session, system("resume_orders"), now())


def forget_keys(database: Database) -> None:
    """Forget the answers of idempotency keys that are older than they are promised to be kept."""
    with database.transaction() as session:
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now() - KEYS_KEPT))


def forget_failures(database: Database) -> None:
    """Forget the failed requests that are older than they are kept."""
    with database.transaction() as session:
        session.execute(delete(FailedRequest).where(FailedRequest.at < now() - FAILURES_KEPT))


def note_figures(database: Database) -> None:
    """Note the figures of this day, once: they are counted before anything is locked."""
    moment = now()
    with database.reading() as session:
        values = {name: FIGURES[name](session, moment) for name in unnoted(session, moment.date())}
    if values:
        with database.transaction() as session:
            daily_figures.note_figures(session, moment, values)
