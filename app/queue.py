"""The doorbell: Redis wakes a worker for a job row; the row in the database stays the truth."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue as RqQueue
from rq import Worker
from rq.exceptions import DuplicateJobError
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer

log = structlog.get_logger(__name__)

SERVED = {
    "default": ("default", "webhooks"),
    "solver": ("solver", "blocks"),
    "blocks": ("blocks",),
    "webhooks": ("webhooks",),
}
"""Queue of a worker → the queues it takes work from, the first first.

`default`: short work (imports, sweeps), and webhooks when there is none. `solver`: optimisation runs, which keep a
core busy for minutes; who waits for one helps other runs with their blocks. `blocks`: those alone, for hosts that
only help. `webhooks`: those alone, so that a receiver who is slow to answer holds up nobody else's work.
"""
QUEUES = tuple(SERVED)
ENTRY_POINT = "app.jobs.perform"
JOB_TIMEOUT_S = 7200
"""Far above any time limit a run may ask for: RQ's timeout cannot interrupt the optimizer anyway."""


def connect(url: str, *, patient: bool = False) -> Redis:
    """A client. The web's gives up within a second, a worker's (`patient`) waits for the next job."""
    if patient:
        return Redis.from_url(url)
    return Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_timeout=1, socket_connect_timeout=0.5)


class Doorbell:
    """Rings workers. Redis being away costs delay, never work: the sweeper rings again."""

    def __init__(self, url: str | None) -> None:
        self.url = url

    def ring(self, queue: str, job_id: int, attempt: int) -> bool:
        """Wake a worker of `queue` for a job row that was claimed `attempt` times so far.

        A job stands in line once, however often it is rung for. Returns whether Redis took it.
        """
        if self.url is None:
            return False
        name = f"job-{job_id}-{attempt}"
        try:
            bell = RqQueue(queue, connection=connect(self.url), serializer=JSONSerializer)
            try:
                _enqueue(bell, job_id, name)
            except DuplicateJobError:
                if bell.get_job_position(name) is None:
                    # Whoever took it from the line died before claiming the row.
                    bell.connection.delete(RqJob.key_for(name))
                    _enqueue(bell, job_id, name)
        except DuplicateJobError:
            return True
        except RedisError as error:
            log.warning("redis_unreachable", job=job_id, error=str(error))
            return False
        return True

    def listeners(self, queue: str) -> int:
        """How many workers take work from a queue; those that died lately may be among them."""
        if self.url is None:
            return 0
        try:
            return int(Worker.count(queue=RqQueue(queue, connection=connect(self.url))))
        except RedisError as error:
            log.warning("redis_unreachable", queue=queue, error=str(error))
            return 0

    def reachable(self) -> bool:
        """Whether Redis answers at this moment."""
        if self.url is None:
            return False
        try:
            return bool(connect(self.url).ping())
        except RedisError:
            return False

    def state(self) -> "State | None":
        """What stands in line and who works at this moment; None where Redis does not answer."""
        if self.url is None:
            return None
        try:
            redis = connect(self.url)
            lines = {
                name: RqQueue(name, connection=redis, serializer=JSONSerializer).count for name in QUEUES
            }
            found = Worker.all(connection=redis, serializer=JSONSerializer)
            workers = [
                WorkerState(
                    one.name, tuple(one.queue_names()), one.get_state(), one.last_heartbeat, one.birth_date
                )
                for one in found
            ]
        except RedisError as error:
            log.warning("redis_unreachable", error=str(error))
            return None
        return State(lines, tuple(sorted(workers, key=lambda one: (one.queues, one.name))))


@dataclass(frozen=True, slots=True)
class WorkerState:
    """A worker as Redis knows it."""

    name: str
    queues: tuple[str, ...]
    doing: str
    """`idle`, `busy`, `suspended` or `started`."""
    heard_at: datetime | None
    born_at: datetime | None


@dataclass(frozen=True, slots=True)
class State:
    """The doorbell at a moment: how many stand in each line, and who takes from it."""

    lines: dict[str, int]
    workers: tuple[WorkerState, ...]

    def serving(self, queue: str) -> int:
        """How many workers take work from a queue."""
        return sum(queue in worker.queues for worker in self.workers)


def _enqueue(bell: RqQueue, job_id: int, name: str) -> None:
    bell.enqueue(
        ENTRY_POINT,
        job_id,
        job_id=name,
        unique=True,
        job_timeout=JOB_TIMEOUT_S,
        result_ttl=60,
        failure_ttl=3600,
    )
