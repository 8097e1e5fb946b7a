"""A crew of processes that do one kind of task: each on a pipe of its own, so that a death costs one task."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

Task = TypeVar("Task")
Answer = TypeVar("Answer")
Do = Callable[[Task, Callable[[], bool]], Answer]

TRIES = 2
"""A task is given to so many processes; one that killed them all is left out."""
FALSE_STARTS = 3
"""After so many processes that died before they were ready, the tasks are done here."""
POLL_S = 0.05
GRACE_S = 1.0
"""Who is told to stop has so long to hand in the best it has."""


@dataclass(eq=False, slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    ready: bool = False
    task: tuple[int, int] | None = None
    """Round and position of the task it has."""
    told: bool = False
    """Whether it was told to stop that task."""


class Crew(Generic[Task, Answer]):
    """Does tasks with `do`, a function that a new process can import, in up to `workers` processes.

    Processes are spawned, not forked: threads and solvers may be loaded here. They stay for the next
    tasks, end with `close` or with this process, and stop a task when they are told to.
    """

    def __init__(self, do: Do[Task, Answer], workers: int) -> None:
        if workers < 1:
            raise ValueError("a crew needs at least one worker")
        self._do = do
        self._size = workers
        self._workers: list[_Worker] = []
        self._round = 0
        self._false_starts = 0

    def work(self, tasks: Sequence[Task], should_stop: Callable[[], bool]) -> Iterator[tuple[int, Answer]]:
        """Yield `(position, answer)` as tasks are done; those whose processes died are left out."""
        self._round += 1
        waiting, tries = deque(range(len(tasks))), [0] * len(tasks)
        until = float("inf")
        try:
            while (waiting or self._busy()) and time.monotonic() < until:
                if until == float("inf") and should_stop():
                    waiting.clear()
                    self._tell_to_stop()
                    until = time.monotonic() + GRACE_S
                self._hire(len(waiting))
                if waiting and self._false_starts >= FALSE_STARTS:
                    log.warning("processes do not start: %d tasks are done in this one", len(waiting))
                    yield from self._here(tasks, waiting, should_stop)
                self._hand_out(tasks, waiting)
                for position, answer in self._hear():
                    if answer:
                        yield position, answer[0]
                        continue
                    tries[position] += 1
                    if tries[position] < TRIES and until == float("inf"):
                        waiting.append(position)
        finally:
            self._tell_to_stop()

    def close(self) -> None:
        """End all processes; what they were doing is dropped."""
        for worker in self._workers:
            # The end of its pipe tells a process to stop and to end.
            worker.pipe.close()
        for worker in self._workers:
            worker.process.join(GRACE_S)
            worker.process.kill()
            worker.process.join()
            worker.process.close()
        self._workers.clear()

    def _here(
        self, tasks: Sequence[Task], waiting: deque[int], should_stop: Callable[[], bool]
    ) -> Iterator[tuple[int, Answer]]:
        while waiting and not should_stop():
            position = waiting.popleft()
            yield position, self._do(tasks[position], should_stop)

    def _busy(self) -> list[_Worker]:
        """Those at work on the tasks of this round; others may still be stopping an older one."""
        return [worker for worker in self._workers if worker.task and worker.task[0] == self._round]

    def _tell_to_stop(self) -> None:
        for worker in self._workers:
            if worker.task and not worker.told:
                worker.told = True
                _send(worker, None)

    def _hire(self, wanted: int) -> None:
        """Have as many processes as there are tasks to hand out, up to the size of the crew."""
        free = sum(worker.task is None for worker in self._workers)
        for _ in range(min(self._size - len(self._workers), wanted - free)):
            if self._false_starts >= FALSE_STARTS:
                return
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, self._do), daemon=True)
            process.start()
            # Only with its own end alone does either side hear of the other's death.
            theirs.close()
            self._workers.append(_Worker(process, ours))

    def _hand_out(self, tasks: Sequence[Task], waiting: deque[int]) -> None:
        for worker in self._workers:
            if waiting and worker.ready and worker.task is None:
                position = waiting.popleft()
                worker.task, worker.told = (self._round, position), False
                _send(worker, tasks[position])

    def _hear(self) -> list[tuple[int, tuple[Answer] | None]]:
        """What came in within a moment, of this round's tasks: the answer, or None where its process died."""
        heard: list[tuple[int, tuple[Answer] | None]] = []
        speaking = wait([worker.pipe for worker in self._workers], POLL_S)
        for worker in [worker for worker in self._workers if worker.pipe in speaking]:
            task = worker.task
            answer = self._listen(worker)
            if task is not None and task[0] == self._round:
                heard.append((task[1], answer))
        return heard

    def _listen(self, worker: _Worker) -> tuple[Answer] | None:
        try:
            answer: tuple[Answer] | None = worker.pipe.recv()
        except (EOFError, OSError):
            self._bury(worker)
            return None
        worker.ready, worker.task, self._false_starts = True, None, 0
        return answer

    def _bury(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        self._false_starts += not worker.ready
        worker.pipe.close()
        worker.process.join(GRACE_S)
        worker.process.kill()
        worker.process.join()
        log.warning("a process of the crew ended by itself with %s", worker.process.exitcode)
        worker.process.close()


def _send(worker: _Worker, message: object) -> None:
    try:
        worker.pipe.send(message)
    except OSError:
        # It is dead; the end of its pipe says so to whoever listens next.
        log.debug("a message to a dead process was dropped")


def _serve(pipe: Connection, do: Do[Task, Answer]) -> None:
    """Do tasks until the other end is closed. Any word while a task is done, or the end, means to stop it."""
    # Ctrl-C reaches the whole group; who gives the tasks decides what becomes of them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        pipe.send(None)
        while True:
            task = pipe.recv()
            if task is not None:
                pipe.send((do(task, pipe.poll),))
    except (EOFError, OSError):
        return
