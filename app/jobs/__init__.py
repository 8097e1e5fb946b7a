"""RQ entry points: the id of a job row in, rows out. Every job can run twice without harm."""

import ctypes
import functools
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.clock import now
from app.config import Settings
from app.db import Database, make_engine
from app.errors import AppError
from app.queue import Doorbell
from app.usecases import working

log = structlog.get_logger(__name__)

HANDLERS = {
    "charge_warehouse": "app.jobs.storage:charge_warehouse",
    "check_draft": "app.jobs.importing:check_file",
    "commit_plan": "app.jobs.committing:commit_plan",
    "deliver_webhook": "app.jobs.webhooks:deliver_webhook",
    "import_batch": "app.jobs.importing:import_batch",
    "invoice_bookings": "app.jobs.invoicing:invoice_bookings",
    "replan_run": "app.jobs.replanning:replan_run",
    "solve_block": "app.jobs.blocks:solve_block",
    "solve_run": "app.jobs.optimization:solve_run",
    "solve_scenario": "app.jobs.scenarios:solve_scenario",
}
"""Kind of job → the function that does it, imported when needed: OR-Tools takes half a second."""
GIVE_UP = {
    "charge_warehouse": "app.jobs.storage:give_up",
    "check_draft": "app.jobs.importing:give_up_check",
    "commit_plan": "app.jobs.committing:give_up",
    "deliver_webhook": "app.jobs.webhooks:give_up",
    "import_batch": "app.jobs.importing:give_up",
    "invoice_bookings": "app.jobs.invoicing:give_up",
    "replan_run": "app.jobs.optimization:give_up",
    "solve_block": "app.jobs.blocks:give_up",
    "solve_run": "app.jobs.optimization:give_up",
    "solve_scenario": "app.jobs.optimization:give_up",
}
"""Kind of job → what is done with its subject when no attempt is left."""
DUE = (
    "app.jobs.invoicing:ring_nightly",
    "app.jobs.storage:ring_nightly",
    "app.jobs.webhooks:ring_due",
    "app.jobs.sweeping:release_holds",
    "app.jobs.sweeping:release_stock",
    "app.jobs.sweeping:resume_orders",
    "app.jobs.sweeping:forget_keys",
    "app.jobs.sweeping:forget_failures",
    "app.jobs.sweeping:note_figures",
)
"""What every supervisor looks for beside lost jobs: functions of the database that do what has come due."""

lease = working.LEASE
"""How long a silent worker keeps a job; `fourport worker --lease` sets it before the first job."""


@dataclass
class Work:
    """A claimed job and what doing it needs. Results are written only while `claim` is worth something."""

    database: Database
    claim: working.Claim
    lost: threading.Event = field(default_factory=threading.Event)
    """Set when the job was taken away: stop, write nothing."""
    webhook_allow: tuple[str, ...] = ()
    """Hosts and networks inside that webhooks may reach."""

    @property
    def subject(self) -> str:
        """Public id of what the job is about."""
        return self.claim.subject

    def still_ours(self, session: Session) -> bool:
        """Renew the lease in this transaction; False, and `lost` is set, where the job was taken away."""
        mine = working.renew(session, self.claim, now(), lease)
        if not mine:
            self.lost.set()
        return mine


def perform(job_id: int) -> None:
    """Do the job, if it is still there to be done. RQ calls this by name in a process of its own."""
    die_with_parent(signal.SIGKILL)
    settings = Settings.from_env()
    perform_with(_database(settings), job_id, settings.webhook_allow)


def open_database(settings: Settings) -> Database:
    """A database that rings workers after commits."""
    return Database(make_engine(settings.database_url), Doorbell(settings.redis_url))


_database = functools.cache(open_database)
"""One for all jobs of a process; where each has a process of its own, that is one for each."""


def perform_with(database: Database, job_id: int, webhook_allow: tuple[str, ...] = ()) -> None:
    """Claim the job, keep its lease alive, run its handler; what goes wrong ends up in the row."""
    with database.transaction() as session:
        claim = working.claim(session, job_id, now(), lease)
    if claim is None:
        return
    work = Work(database, claim, webhook_allow=webhook_allow)
    with kept_alive(work):
        try:
            _resolve(HANDLERS[claim.kind])(work)
        except AppError as error:
            _close(work, f"{error.code}: {error.detail}")
        except OperationalError:
            # The database was away or locked for too long: the lease runs out and another attempt is made.
            log.warning("job_interrupted", job=job_id, kind=claim.kind, subject=claim.subject, exc_info=True)
        except Exception as error:
            log.exception("job_failed", job=job_id, kind=claim.kind, subject=claim.subject)
            _close(work, f"internal_error: {type(error).__name__}")


def see_to_due(database: Database) -> None:
    """Do everything whose time has come; what goes wrong with one thing waits for the next round alone."""
    for name in DUE:
        try:
            _resolve(name)(database)
        except Exception:
            log.warning("due_work_failed", work=name, exc_info=True)


def give_up(session: Session, kind: str, subject: str, reason: str) -> None:
    """Tell the subject of a job that nothing more will be tried, in the transaction that closes the job."""
    _resolve(GIVE_UP[kind])(session, subject, reason)


def _close(work: Work, reason: str) -> None:
    with work.database.transaction() as session:
        if working.fail(session, work.claim, now(), reason):
            give_up(session, work.claim.kind, work.subject, reason)


def _resolve(name: str) -> Callable[..., None]:
    module, function = name.split(":")
    found: Callable[..., None] = getattr(import_module(module), function)
    return found


@contextmanager
def kept_alive(work: Work) -> Iterator[None]:
    """Renew the lease from a thread: the optimizer may compute for long without calling back."""
    done = threading.Event()
    thread = threading.Thread(target=_renew, args=(work, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renew(work: Work, done: threading.Event) -> None:
    pause_s = lease.total_seconds() / 3
    while not (work.lost.is_set() or done.wait(pause_s)):
        pause_s = lease.total_seconds() / 3
        try:
            with work.database.transaction() as session:
                work.still_ours(session)
        except Exception:
            # The database may be away for a moment, or locked by a long import: stand in line again at once,
            # to be there before the sweep takes the silence for death.
            log.warning("lease_not_renewed", job=work.claim.job_id, exc_info=True)
            pause_s /= 10


def die_with_parent(sign: signal.Signals) -> None:
    """Ask Linux to end this process with its parent, so that a killed worker leaves nothing running."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, int(sign))
