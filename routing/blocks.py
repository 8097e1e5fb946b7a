"""Blocks: parts of one run that are solved apart, in this process or wherever a runner takes them."""

from __future__ import annotations

import io
import logging
import math
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from routing import checks
from routing.arrays import ProblemError
from routing.files import plan_from_bytes, plan_to_bytes, problem_from_bytes, problem_to_bytes
from routing.limits import Budget, Limits
from routing.plan import Plan
from routing.problem import Problem
from routing.processes import Crew

log = logging.getLogger(__name__)

FORMAT = "fourport-block/1"


class BlockRefusedError(AssertionError):
    """The plan of a block breaks a rule of the block's problem: its text names the first violations."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A problem of its own cut out of a larger one, with how it is to be solved.

    `number` is unique among the blocks that are given to a runner together; `start` is a plan of this
    problem to begin with. The same block gives the same plan wherever it is solved, as far as its limits
    are reproducible.
    """

    number: int
    problem: Problem
    start: Plan | None
    limits: Limits
    seed: int

    def to_bytes(self) -> bytes:
        """Return the block as one `.npz` without pickles, for a database or a wire."""
        parts: dict[str, Any] = {
            "format": FORMAT,
            "number": self.number,
            "seed": self.seed,
            "time_limit_s": math.nan if self.limits.time_limit_s is None else self.limits.time_limit_s,
            "iterations": self.limits.iterations or 0,
            "gap": self.limits.gap,
            "threads": self.limits.threads,
            "problem": np.frombuffer(problem_to_bytes(self.problem), np.uint8),
        }
        if self.start is not None:
            parts["start"] = np.frombuffer(plan_to_bytes(self.start), np.uint8)
        stream = io.BytesIO()
        # The problem and the plan are compressed already.
        np.savez(stream, allow_pickle=False, **{key: np.asarray(value) for key, value in parts.items()})
        return stream.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Block:
        """Read what `to_bytes` wrote; `ProblemError` for anything else."""
        parts = _parts_of(data)
        start = parts.get("start")
        return cls(
            number=int(parts["number"]),
            problem=problem_from_bytes(parts["problem"].tobytes()),
            start=None if start is None else plan_from_bytes(start.tobytes()),
            limits=_limits_of(parts),
            seed=int(parts["seed"]),
        )


def _parts_of(data: bytes) -> dict[str, Any]:
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            parts: dict[str, Any] = {key: archive[key] for key in archive.files}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        raise ProblemError("not_readable", "block", "is not a whole .npz archive") from error
    found = str(parts.get("format"))
    if found != FORMAT:
        raise ProblemError("unknown_format", "format", f"is {found!r}, this program reads {FORMAT}")
    for key in ("number", "seed", "time_limit_s", "iterations", "gap", "threads", "problem"):
        if key not in parts:
            raise ProblemError("missing_key", key, "is missing")
    return parts


def _limits_of(parts: dict[str, Any]) -> Limits:
    time_limit_s = float(parts["time_limit_s"])
    return Limits(
        time_limit_s=None if math.isnan(time_limit_s) else time_limit_s,
        iterations=int(parts["iterations"]) or None,
        gap=float(parts["gap"]),
        threads=int(parts["threads"]),
    )


Stop = Callable[[], bool]
BlockRunner = Callable[[Sequence[Block], Stop], Iterator[tuple[int, Plan]]]
"""Solves blocks and yields `(number, plan)` as they are done, in any order, each plan legal for its block.

Blocks that were lost, came late, have no legal plan or failed the check are left out. It stops early once
the function it is given says so. With limits that count iterations the plans are those of `run_here`.
"""


def solve_block(block: Block, should_stop: Stop | None = None) -> Plan:
    """Solve one block as it is, without cutting it up further.

    A plan that claims to be legal is verified by `routing.checks`; a violation is a fault of the optimizer
    and raises `BlockRefusedError`.
    """
    from routing.searching import search  # which cuts large problems into blocks

    budget = Budget(block.limits, should_stop=should_stop)
    plan = search(block.problem, budget, block.seed, block.start, prove=False)
    wrong = checks.verify(block.problem, plan).violations if plan.legal else ()
    if wrong:
        raise BlockRefusedError("; ".join(map(str, wrong[:20])))
    return plan


def try_block(block: Block, should_stop: Stop | None = None) -> Plan | None:
    """Solve one block; None without a legal plan. A fault costs this block only: it is logged."""
    try:
        plan = solve_block(block, should_stop)
    except Exception:
        log.exception("block %d failed", block.number)
        return None
    return plan if plan.legal else None


def run_here(blocks: Sequence[Block], should_stop: Stop) -> Iterator[tuple[int, Plan]]:
    """Solve blocks one after the other in this process: the runner that all others must agree with."""
    for block in blocks:
        if should_stop():
            return
        plan = try_block(block, should_stop)
        if plan is not None:
            yield block.number, plan


class Processes:
    """A runner on processes of this machine that stay for the next blocks until it is closed.

    They are started with the first blocks, and `with` or `close` ends them. One set of blocks at a time.
    """

    def __init__(self, workers: int) -> None:
        self._crew: Crew[Block, Plan | None] = Crew(try_block, workers)

    def __call__(self, blocks: Sequence[Block], should_stop: Stop) -> Iterator[tuple[int, Plan]]:
        """Run as `BlockRunner` says. A process that dies costs its block a second try."""
        for position, plan in self._crew.work(blocks, should_stop):
            if plan is not None:
                yield blocks[position].number, plan

    def close(self) -> None:
        """End the processes; those that compute are stopped."""
        self._crew.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def run_in_processes(workers: int) -> Processes:
    """Return a `BlockRunner` on so many processes; use it as a context manager, so that they end with it."""
    return Processes(workers)
