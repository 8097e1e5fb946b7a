"""The parts of the benchmark: each gives lines as they are measured, and figures that sum them up."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.circumstances import ROOT
from benchmarks.instances import Instance, gap_instances, sscflp_instances
from benchmarks.running import Outcome, run_peer
from benchmarks.sample import sample_problem

DATA = ROOT.parent / "shared" / "data"
QUICK_GAP = ("cattrysse1994/gap7-0", "cattrysse1994/gap12-4", "chu1997/b20200", "chu1997/c20200",
             "chu1997/d10200", "chu1997/d20200")  # fmt: skip
QUICK_SSCFLP = ("p1", "p12", "p30", "p41", "p56", "p71")

Figure = str | int | float | None
Figures = dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Settings:
    """Where published data is, whether to take the small set, and a limit of seconds other than the usual."""

    data: Path = DATA
    quick: bool = False
    time_limit_s: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement: what was measured, its figures, and whether a plan or its bound is wrong."""

    name: str
    figures: Figures
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One table: its title, what measures it line by line, and what sums the lines up.

    `sideways` prints one column for each problem, where there are more figures than problems.
    """

    title: str
    measure: Callable[[Settings], Iterator[Line]]
    summarise: Callable[[Sequence[Line]], Figures]
    sideways: bool = False


def measure_gap(settings: Settings) -> Iterator[Line]:
    """Published GAP instances against the best known values."""
    found = gap_instances(settings.data)
    return _published(found, QUICK_GAP, settings)


def measure_sscflp(settings: Settings) -> Iterator[Line]:
    """Published SSCFLP instances against their optima."""
    found = sscflp_instances(settings.data)
    return _published(found, QUICK_SSCFLP, settings)


def _published(found: Sequence[Instance], quick: Sequence[str], settings: Settings) -> Iterator[Line]:
    limit_s = settings.time_limit_s or (5.0 if settings.quick else 20.0)
    for instance in found:
        if settings.quick and instance.name not in quick:
            continue
        outcome = run_peer("fourport", instance.problem, limit_s)
        yield against_best(instance.name, outcome, instance.best, limit_s)


def against_best(name: str, outcome: Outcome, best: float, limit_s: float) -> Line:
    """An outcome beside the best value known; a bound above that value proves too much and is a fault."""
    figures = {
        "limit_s": limit_s,
        **figures_of(outcome),
        "best": best,
        "over_best": _over(outcome.objective, best),
    }
    wrong = outcome.bound > best * (1 + 1e-6)
    if wrong:
        figures["status"] = "bound above the best known value"
    return Line(name, figures, outcome.illegal or wrong)


def measure_sample(settings: Settings) -> Iterator[Line]:
    """The product's own sample pool, ours beside the greedy peer in the same time."""
    for parcels, usual, quick in ((1_000, 60.0, 20.0), (5_000, 120.0, 30.0)):
        limit_s = settings.time_limit_s or (quick if settings.quick else usual)
        problem = sample_problem(parcels)
        ours, peer = (run_peer(name, problem, limit_s) for name in ("fourport", "greedy"))
        yield Line(f"{parcels:,} parcels", compared(ours, peer, limit_s), ours.illegal or peer.illegal)


def compared(ours: Outcome, peer: Outcome, limit_s: float) -> Figures:
    """Ours with its ratios to a peer's: cost of the plans, cost of our first to its best, time to the first."""
    return {
        "limit_s": limit_s,
        **figures_of(ours),
        "first_s": ours.first_s,
        "first_cost": ours.first_cost,
        "greedy": number(peer.objective),
        "greedy_first_s": peer.first_s,
        "to_greedy": number(_ratio(ours.objective, peer.objective)),
        "first_to_greedy": number(_ratio(ours.first_cost, peer.objective)),
        "first_s_to_greedy": number(_ratio(ours.first_s, peer.first_s)),
    }


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


def number(value: float) -> float | None:
    """The number, None for what JSON cannot write."""
    return value if value - value == 0 else None


def _over(objective: float, best: float) -> float | None:
    return number(_ratio(objective, best) - 1)


def _ratio(ours: float | None, other: float | None) -> float:
    return ours / other if ours is not None and other else float("nan")


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


def sum_up_sample(lines: Sequence[Line]) -> Figures:
    """The largest of each figure that should be small."""
    wanted = {
        "worst proven gap": "gap",
        "worst objective to greedy": "to_greedy",
        "worst cost of first plan to greedy": "first_to_greedy",
        "worst time to first plan to greedy": "first_s_to_greedy",
    }
    return {title: _largest([line.figures[key] for line in lines]) for title, key in wanted.items()}


def _largest(values: Sequence[Figure]) -> Figure:
    return None if not values or None in values else max(values)


def _share(marks: Iterator[bool]) -> float | None:
    marked = list(marks)
    return sum(marked) / len(marked) if marked else None


PARTS = {
    "gap": Part("Generalized assignment, OR-Library", measure_gap, sum_up_published),
    "sscflp": Part("Facility location, Holmberg", measure_sscflp, sum_up_published),
    "sample": Part("The product's own sample pool", measure_sample, sum_up_sample, sideways=True),
}
