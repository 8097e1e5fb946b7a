"""What is over: holds that ran out give their space back, and answers kept for retries are forgotten."""

from sqlalchemy import delete

from app.actor import system
from app.clock import now
from app.db import Database
from app.models import IdempotencyKey
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
