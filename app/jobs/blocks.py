"""Blocks of a run solved by whoever has time: this worker, and all that listen for blocks on any host."""

import contextlib
import itertools
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import jobs
from app.clock import now
from app.jobs import Work, kept_alive
from app.models import OptimizationRun
from app.usecases import blocks, working
from app.usecases.blocks import BlockState
from routing import checks
from routing.arrays import ProblemError
from routing.blocks import Block, BlockRunner, run_here, try_block
from routing.blocks import solve_block as solve
from routing.files import plan_from_bytes, plan_to_bytes
from routing.plan import Plan

log = structlog.get_logger(__name__)

POLL_S = 0.2
AHEAD = 2
"""So many blocks wait for each helper while this worker solves one of its own."""
LATE = 1.5
"""A block that took so many times its limit of time, and two leases, is not waited for."""

Stop = Callable[[], bool]


def solve_block(work: Work) -> None:
    """Solve the block that `work` is about and hand its plan in, unless the run no longer waits for it."""
    with work.database.reading() as session:
        content = blocks.problem_of(session, work.claim.job_id)
    plan = None if content is None else solve(Block.from_bytes(content), work.lost.is_set)
    with work.database.transaction() as session:
        if plan is None:
            working.finish(session, work.claim, now())
        elif not plan.legal:
            working.fail(session, work.claim, now(), f"plan_{plan.status}")
        elif not blocks.hand_in(session, work.claim, plan_to_bytes(plan), now()):
            log.warning("block_came_late", block=work.subject, attempt=work.claim.attempt)


def give_up(session: Session, subject: str, reason: str) -> None:
    """Nothing is left to tell: the run looks at the block's job and goes on without it."""
    del session
    log.warning("block_lost", block=subject, reason=reason)


def rq_runner(work: Work, run: OptimizationRun, alone: BlockRunner = run_here) -> BlockRunner:
    """Return a `BlockRunner` for the run that `work` is about, on all workers that listen for blocks.

    This worker takes blocks itself while it waits, so that it never waits for nobody. Where no other
    worker listens, or there is one block only, nothing travels: `alone` solves them.
    """
    rounds = itertools.count(1)

    def run_blocks(given: Sequence[Block], should_stop: Stop) -> Iterator[tuple[int, Plan]]:
        round_ = next(rounds)
        helpers = _helpers(work) if len(given) > 1 else 0
        if helpers:
            yield from _Round(work, run, round_, given, helpers).plans(should_stop)
        else:
            yield from alone(given, should_stop)

    return run_blocks


def _helpers(work: Work) -> int:
    """Workers that listen for blocks beside this one, which does so as well."""
    bell = work.database.doorbell
    return 0 if bell is None else max(0, bell.listeners(blocks.QUEUE) - 1)


class _Round:
    """One set of blocks: posted, waited for, and withdrawn whatever happens. No connection outlives a step."""

    def __init__(
        self, work: Work, run: OptimizationRun, number: int, given: Sequence[Block], helpers: int
    ) -> None:
        self.work, self.run, self.number, self.helpers = work, run, number, helpers
        self.open = {block.number: block for block in given}
        self.unposted = deque(given)
        self.states: list[BlockState] = []

    def plans(self, should_stop: Stop) -> Iterator[tuple[int, Plan]]:
        """Yield the plans of the blocks as they are done here or elsewhere."""

        def stop() -> bool:
            return should_stop() or self.work.lost.is_set()

        try:
            while self.open and not stop():
                self._post(stop)
                yield from self._handed_in()
                yield from self._own(stop)
            yield from self._handed_in()
        finally:
            self._withdraw()

    def _post(self, stop: Stop) -> None:
        """Have a few blocks wait for each helper: packing takes time, and what is solved here needs none."""
        waiting = sum(state.state == "waiting" for state in self.states)
        for _ in range(min(AHEAD * self.helpers - waiting, len(self.unposted))):
            block = self.unposted.popleft()
            content = block.to_bytes()
            if stop():
                return
            with _patient("block_not_posted"), self.work.database.transaction() as session:
                if self.work.still_ours(session):
                    blocks.post(session, self.run, self.number, block.number, content, now())
                continue
            # To the end, where this worker takes it at once: it may have been posted all the same.
            self.unposted.append(block)
            return

    def _handed_in(self) -> Iterator[tuple[int, Plan]]:
        """Look how far all are; give out what others have done, and forget what is lost or late."""
        found: dict[int, bytes | None] = {}
        self.states = []
        with _patient("blocks_not_read"), self.work.database.reading() as session:
            self.states = blocks.states(session, self.run.id, self.number, now())
            for block in self.states:
                if block.state == "done" and block.number in self.open:
                    found[block.number] = blocks.result_of(session, block.job_id)
        for number, content in found.items():
            plan = self._checked(self.open.pop(number), content)
            if plan is not None:
                yield number, plan
        for block in self.states:
            if block.number in self.open and (block.state == "lost" or self._late(block)):
                log.warning("block_left_out", run=self.run.public_id, block=block.number, state=block.state)
                del self.open[block.number]

    def _checked(self, block: Block, content: bytes | None) -> Plan | None:
        """The plan that was handed in, if it passes the check of the block's own problem."""
        try:
            plan = None if content is None else plan_from_bytes(content)
        except ProblemError as wrong:
            log.warning("block_refused", run=self.run.public_id, block=block.number, why=str(wrong))
            return None
        if plan is None:
            return None
        violations = checks.verify(block.problem, plan).violations
        if violations:
            why = "; ".join(map(str, violations[:5]))
            log.warning("block_refused", run=self.run.public_id, block=block.number, why=why)
        return None if violations else plan

    def _late(self, block: BlockState) -> bool:
        limits = self.open[block.number].limits
        if limits.iterations is not None or limits.time_limit_s is None or block.started_at is None:
            return False
        patience = timedelta(seconds=LATE * limits.time_limit_s) + 2 * jobs.lease
        return block.state == "running" and now() > block.started_at + patience

    def _own(self, stop: Stop) -> Iterator[tuple[int, Plan]]:
        """Solve a block here: one that nobody was offered, or one that waits; or wait where others have all."""
        number, plan = None, None
        if stop():
            return
        if self.unposted:
            # From the end, for the next helper is offered the first.
            number = self.unposted.pop().number
            plan = try_block(self.open.pop(number), stop)
        elif claimed := self._claim():
            number, claim = claimed
            plan = self._solve(claim, self.open.pop(number), stop)
        elif self.open:
            self.work.lost.wait(POLL_S)
        if number is not None and plan is not None:
            yield number, plan

    def _claim(self) -> tuple[int, working.Claim] | None:
        """Take the last of the blocks that wait; those of lost workers wait as well."""
        for state in reversed(self.states):
            if state.state != "waiting" or state.number not in self.open:
                continue
            with _patient("block_not_claimed"), self.work.database.transaction() as session:
                claim = working.claim(session, state.job_id, now(), jobs.lease)
                if claim is not None:
                    return state.number, claim
        return None

    def _solve(self, claim: working.Claim, block: Block, stop: Stop) -> Plan | None:
        mine = Work(self.work.database, claim)
        with kept_alive(mine):
            plan = try_block(block, stop)
        # Our plan is as good as anybody's, also where the job was taken from us meanwhile.
        with _patient("block_not_closed"), self.work.database.transaction() as session:
            working.finish(session, claim, now())
        return plan

    def _withdraw(self) -> None:
        with _patient("blocks_not_withdrawn"), self.work.database.transaction() as session:
            if self.work.still_ours(session):
                blocks.withdraw(session, self.run.id, now())


@contextlib.contextmanager
def _patient(what: str) -> Iterator[None]:
    """A database that is away for a moment, or locked for long, costs a step and not the run."""
    try:
        yield
    except OperationalError:
        log.warning(what, exc_info=True)
