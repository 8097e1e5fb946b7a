"""What a benchmark is made of: parts of tasks, each task measures one line of figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.circumstances import ROOT
from benchmarks.running import Outcome

DATA = ROOT.parent / "shared" / "data"

Figure = str | int | float | None
Figures = dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Settings:
    """Where published data is, whether to take the small set, and a limit of seconds other than the usual."""

    data: Path = DATA
    quick: bool = False
    time_limit_s: float | None = None

    def limit_s(self, usual: float, quick: float) -> float:
        """Seconds for one problem."""
        return self.time_limit_s or (quick if self.quick else usual)


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement: what was measured, its figures, and whether a plan or its bound is wrong."""

    name: str
    figures: Figures
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be measured: `name` and `limit_s` tell it from the other tasks of its part."""

    name: str
    limit_s: float
    measure: Callable[[], Line]


@dataclass(frozen=True, slots=True)
class Part:
    """One table: its title, its tasks, and what sums their lines up.

    `sideways` prints one column for each problem, where there are more figures than problems; figures in
    `unprinted` are kept in the file only.
    """

    title: str
    tasks: Callable[[Settings], Sequence[Task]]
    summarise: Callable[[Sequence[Line]], Figures]
    sideways: bool = False
    unprinted: tuple[str, ...] = ()


def figures_of(outcome: Outcome) -> Figures:
    """What stands on a line for every peer; None where there is no plan or no bound."""
    return {
        "objective": number(outcome.objective),
        "bound": number(outcome.bound),
        "gap": number(outcome.gap),
        "status": outcome.failure or outcome.status,
        "bound_by": outcome.bound_source,
        "seconds": number(outcome.seconds),
        "peak_mb": number(outcome.peak_mb),
    }


def number(value: float | None) -> float | None:
    """JSON and tables have no NaN and no infinity."""
    return value if value is not None and math.isfinite(value) else None


def ratio(one: Figure, other: Figure) -> float | None:
    """One figure to another; None where one of them is missing or the other is 0."""
    if not isinstance(one, int | float) or not isinstance(other, int | float) or not other:
        return None
    return number(one / other)
