"""How long a search may last, and what it tells while it lasts."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from routing.arrays import ProblemError
from routing.plan import gap_between

Clock = Callable[[], float]


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop: seconds of wall time, a budget of iterations, or the gap that is good enough.

    With `iterations` set no stage looks at a clock, and the same problem, limits and seed give the same
    plan on every run. `time_limit_s` None means no limit of time.
    """

    time_limit_s: float | None = 60.0
    iterations: int | None = None
    gap: float = 1e-6
    threads: int = 1

    def __post_init__(self) -> None:
        if self.time_limit_s is not None and not self.time_limit_s > 0:
            raise ProblemError("wrong_limit", "time_limit_s", "must be above 0")
        if self.iterations is not None and self.iterations < 1:
            raise ProblemError("wrong_limit", "iterations", "must be at least 1")
        if not self.gap >= 0:
            raise ProblemError("wrong_limit", "gap", "must not be negative")
        if self.threads < 1:
            raise ProblemError("wrong_limit", "threads", "must be at least 1")


@dataclass(frozen=True, slots=True)
class Progress:
    """One sign of life: phase, best plan and proven bound so far (minor units), their gap, seconds used."""

    phase: str
    incumbent: float | None
    bound: float | None
    gap: float | None
    seconds: float


@dataclass(slots=True)
class Budget:
    """The one place where stages ask whether to go on; it alone knows the clock."""

    limits: Limits
    clock: Clock = time.perf_counter
    should_stop: Callable[[], bool] | None = None
    on_progress: Callable[[Progress], None] | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    incumbent: float | None = None
    bound: float | None = None
    reserve_s: float = 0.0
    """Seconds of the limit that are kept for what follows the search: proof and check."""
    _start: float = 0.0
    _phase: str = "read"
    _phase_start: float = 0.0

    def __post_init__(self) -> None:
        self._start = self._phase_start = self.clock()

    @property
    def reproducible(self) -> bool:
        """Whether every run must be the same: no stage then stops for time."""
        return self.limits.iterations is not None

    def elapsed_s(self) -> float:
        """Seconds since the search began; 0 in a reproducible run's decisions is the caller's affair."""
        return self.clock() - self._start

    def left_s(self) -> float:
        """Seconds left; inf where the budget counts iterations or has no limit."""
        if self.reproducible or self.limits.time_limit_s is None:
            return float("inf")
        return max(0.0, self.limits.time_limit_s - self.reserve_s - self.elapsed_s())

    def stopped(self) -> bool:
        """Whether to return the best plan found so far at once."""
        return (self.should_stop is not None and self.should_stop()) or self.left_s() <= 0

    def enough(self) -> bool:
        """Whether the gap that was asked for is reached."""
        if self.incumbent is None or self.bound is None:
            return False
        return gap_between(self.incumbent, self.bound) <= self.limits.gap

    def enter(self, phase: str) -> None:
        """Close the running phase's account and open the next one."""
        now = self.clock()
        self.seconds[self._phase] = self.seconds.get(self._phase, 0.0) + now - self._phase_start
        self._phase, self._phase_start = phase, now
        self.report()

    def found(self, *, incumbent: float | None = None, bound: float | None = None) -> None:
        """Take note of a better plan or bound and tell whoever listens."""
        if incumbent is not None and (self.incumbent is None or incumbent < self.incumbent):
            self.incumbent = incumbent
        if bound is not None and (self.bound is None or bound > self.bound):
            self.bound = bound
        self.report()

    def report(self) -> None:
        """Send one `Progress` to the listener, if there is one."""
        if self.on_progress is None:
            return
        known = self.incumbent is not None and self.bound is not None
        gap = gap_between(self.incumbent or 0.0, self.bound or 0.0) if known else None
        self.on_progress(Progress(self._phase, self.incumbent, self.bound, gap, self.elapsed_s()))
