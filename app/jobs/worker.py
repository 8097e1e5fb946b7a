"""`fourport worker`: a supervisor that keeps one RQ worker running, and sweeps for lost work."""

import multiprocessing
import signal
import threading
from datetime import timedelta
from importlib import import_module

import structlog
from rq import Queue as RqQueue
from rq import SimpleWorker, Worker
from rq.serializers import JSONSerializer
from sqlalchemy.orm import configure_mappers

from app import jobs
from app.carriers.addresses import Allowed
from app.clock import now
from app.config import Settings
from app.db import Database
from app.logs import configure
from app.queue import SERVED, Doorbell, connect
from app.usecases import announcing, working

log = structlog.get_logger(__name__)

LONGEST_PAUSE_S = 30.0
OPTIMIZER = ("app.jobs.optimization", "app.jobs.blocks")
KERNELS = "routing.kernels"


def supervise(settings: Settings, queue: str, lease: timedelta = working.LEASE) -> None:
    """Run until SIGTERM, or SIGINT, which is told to the caller as KeyboardInterrupt once all has ended.

    A worker that dies (Redis gone, out of memory) is started again.
    """
    stop = threading.Event()
    told: list[int] = []

    def hear(sign: int, _frame: object) -> None:
        told.append(sign)
        stop.set()

    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, hear)
    jobs.lease = lease
    Allowed.read(settings.webhook_allow)  # refuses to start with what cannot be read
    database = jobs.open_database(settings)
    worker, pause = _start(settings, queue, lease), 1.0
    try:
        while not stop.wait(lease.total_seconds() / 4):
            sweep(database, Doorbell(settings.redis_url))
            jobs.see_to_due(database)
            if worker.is_alive():
                pause = 1.0
            elif not stop.wait(pause):
                log.warning("worker_restarted", queue=queue, exit_code=worker.exitcode)
                worker, pause = _start(settings, queue, lease), min(2 * pause, LONGEST_PAUSE_S)
    finally:
        worker.terminate()
        worker.join(10)
        worker.kill()
    if signal.SIGINT in told:
        raise KeyboardInterrupt


def sweep(database: Database, doorbell: Doorbell) -> int:
    """Ring again for what was lost, and tell the subjects of what is given up. Returns how many were lost."""
    asked = now()
    try:
        with database.transaction() as session:
            session.connection()
            if now() - asked > jobs.lease / 4:
                # A long write held us up, and with us every worker that wants to renew its lease: judge none.
                return 0
            again, given_up = working.sweep(session, now(), jobs.lease)
            for job in given_up:
                jobs.give_up(session, job.kind, job.subject, "worker_lost")
    except Exception:
        # A database that is away for a moment must not end the supervisor; the next round tries again.
        log.warning("sweep_failed", exc_info=True)
        return 0
    for job in again:
        if not doorbell.ring(job.queue, job.id, job.attempt):
            # Redis is away: do not wait for it once a job. The next rounds ring again.
            break
    return len(again) + len(given_up)


def _start(settings: Settings, queue: str, lease: timedelta) -> multiprocessing.process.BaseProcess:
    # `spawn`, not `fork`: the supervisor has threads and database connections a child must not share.
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(settings, queue, lease))
    process.start()
    return process


def _work(settings: Settings, queue: str, lease: timedelta) -> None:
    configure(settings.log)
    jobs.die_with_parent(signal.SIGTERM)
    # Until RQ listens to them: Ctrl-C reaches the whole group, and the supervisor says what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    jobs.lease = lease
    configure_mappers()  # once, and not in the process of every job
    warm_up(queue)
    connection = connect(settings.redis_url or "", patient=True)
    # A process a job is what a job's crash costs nobody else. Deliveries are many and small: one process for all.
    kind = SimpleWorker if queue == announcing.QUEUE else Worker
    worker = kind(
        [RqQueue(name, connection=connection, serializer=JSONSerializer) for name in SERVED[queue]],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=30,
        job_monitoring_interval=5,
        maintenance_interval=15,
    )
    worker.work(logging_level="WARNING")


def warm_up(queue: str) -> None:
    """Load and compile the optimizer before the first job, where the queue has work for it.

    The processes of the jobs are forked from this one and have it then; no lease runs meanwhile.
    """
    if "blocks" not in SERVED[queue]:
        return
    try:
        for name in OPTIMIZER:
            import_module(name)
        import_module(KERNELS).warm_up()
    except Exception:
        # A job that needs what could not be loaded fails by itself, and says so in its row.
        log.exception("not_warmed_up", queue=queue)
