"""Requests that failed, kept as rows so that whoever is asked about one finds it by its id.

They are written once the caller has the answer, by a thread that lives as long as there is something to write: a
database that is locked or away holds up nobody, and what cannot be kept is in the log all the same.
"""

import threading
from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import insert

from app.db import Database
from app.limits import Counter
from app.models import FailedRequest

log = structlog.get_logger(__name__)

KEPT = timedelta(days=30)
RATE = "100 per hour"
"""So many of one key or person are kept …"""
RATE_LIMITED, RATE_OF_THEM = 429, "1 per hour"
"""… and of refusals by the rate limit, which all say the same, one."""
MOST_WAITING = 200
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed request, as its row is."""

    at: datetime
    request_id: str
    method: str
    path: str
    status: int
    code: str
    detail: str
    actor: str | None
    exporter_id: int | None


def fit(text: str, most: int) -> str:
    """What a column of this length takes of a text that anybody sent."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")[:most]


class FailureLog:
    """The failures that wait to be written."""

    def __init__(self, database: Database, counter: Counter) -> None:
        self._database = database
        self._counter = counter
        self._waiting: deque[Failure] = deque()
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None

    def add(self, failure: Failure) -> None:
        """Have it written; where too many wait already it is left out."""
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                return
            self._waiting.append(failure)
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="failures", daemon=True)
                self._writer.start()

    def flush(self) -> None:
        """Wait until what was added is written."""
        writer = self._writer
        if writer is not None:
            writer.join()

    def _write(self) -> None:
        while found := self._take():
            try:
                kept = [one for one in found if not self._one_too_many(one)]
                if kept:
                    with self._database.transaction() as session:
                        session.execute(insert(FailedRequest), [asdict(one) for one in kept])
            except Exception:
                log.warning("failures_not_kept", count=len(found), exc_info=True)

    def _take(self) -> list[Failure]:
        with self._lock:
            found = list(self._waiting)
            self._waiting.clear()
            if not found:
                self._writer = None
            return found

    def _one_too_many(self, failure: Failure) -> bool:
        limited = failure.status == RATE_LIMITED
        scope = f"failures-{RATE_LIMITED}" if limited else "failures"
        return self._counter.exceeds(RATE_OF_THEM if limited else RATE, scope, failure.actor or NOBODY)
