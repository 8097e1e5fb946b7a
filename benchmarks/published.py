"""The parts `gap` and `sscflp`: published instances against the best values known."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from functools import partial

from benchmarks.instances import Instance, gap_instances, sscflp_instances
from benchmarks.peers import OURS
from benchmarks.running import Outcome, run_peer
from benchmarks.tasks import Figures, Line, Settings, Task, figures_of, ratio

QUICK_GAP = ("cattrysse1994/gap7-0", "cattrysse1994/gap12-4", "chu1997/b20200", "chu1997/c20200",
             "chu1997/d10200", "chu1997/d20200")  # fmt: skip
QUICK_SSCFLP = ("p1", "p12", "p30", "p41", "p56", "p71")
USUAL_S, QUICK_S = 20.0, 5.0


def gap_tasks(settings: Settings) -> list[Task]:
    """Published GAP instances against the best known values."""
    return _tasks(gap_instances(settings.data), QUICK_GAP, settings)


def sscflp_tasks(settings: Settings) -> list[Task]:
    """Published SSCFLP instances against their optima."""
    return _tasks(sscflp_instances(settings.data), QUICK_SSCFLP, settings)


def _tasks(found: Sequence[Instance], quick: Sequence[str], settings: Settings) -> list[Task]:
    limit_s = settings.limit_s(USUAL_S, QUICK_S)
    some = [instance for instance in found if not settings.quick or instance.name in quick]
    return [Task(one.name, limit_s, partial(_measure, one, limit_s)) for one in some]


def _measure(instance: Instance, limit_s: float) -> Line:
    outcome = run_peer(OURS, instance.problem, limit_s)
    return against_best(instance.name, outcome, instance.best, limit_s)


def against_best(name: str, outcome: Outcome, best: float, limit_s: float) -> Line:
    """An outcome beside the best value known; a bound above that value proves too much and is a fault."""
    to_best = ratio(figures_of(outcome)["objective"], best)
    figures = {
        "limit_s": limit_s,
        **figures_of(outcome),
        "best": best,
        "over_best": None if to_best is None else to_best - 1,
    }
    wrong = outcome.bound > best * (1 + 1e-6)
    if wrong:
        figures["status"] = "bound above the best known value"
    return Line(name, figures, outcome.illegal or wrong)


def sum_up_published(lines: Sequence[Line]) -> Figures:
    """Mean and worst over the best known value of those solved; those without a plan are counted apart."""
    over = {line.name: line.figures["over_best"] for line in lines if line.figures["over_best"] is not None}
    worst = max(over, key=lambda name: over[name], default=None)
    return {
        "instances": len(lines),
        "without a legal plan": len(lines) - len(over),
        "mean over best known": statistics.fmean(over.values()) if over else None,
        "worst over best known": over.get(worst),
        "worst instance": worst,
        "at best known": _share(value <= 1e-9 for value in over.values()),
        "proved optimal": _share(line.figures["status"] == "optimal" for line in lines),
    }


def _share(marks: Iterator[bool]) -> float | None:
    marked = list(marks)
    return sum(marked) / len(marked) if marked else None
