"""The parts on generated problems and on the product's own pool: ours beside others."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from functools import partial

from benchmarks.generator import generate
from benchmarks.peers import NAMES, OURS, RULE, SHUTTING
from benchmarks.running import Outcome, Written, run_peer, written
from benchmarks.sample import sample_problem
from benchmarks.tasks import Figure, Figures, Line, Settings, Task, figures_of, number, ratio
from routing.problem import Problem

LEVELS = {"1 %": 0.01, "0.3 %": 0.003, "0.1 %": 0.001}
"""Gaps whose time is noted."""
Case = tuple[int, float, int]
"""Items, seconds, seeds."""
A: tuple[Case, ...] = ((10_000, 30.0, 3), (100_000, 60.0, 3), (1_000_000, 120.0, 1))
A_QUICK: tuple[Case, ...] = ((1_000, 5.0, 1), (10_000, 15.0, 1))
B: tuple[Case, ...] = ((1_000, 30.0, 3), (10_000, 60.0, 3), (100_000, 120.0, 3), (1_000_000, 300.0, 1))
B_QUICK: tuple[Case, ...] = ((1_000, 10.0, 1), (10_000, 20.0, 1))
PEERS: tuple[Case, ...] = ((1_000, 30.0, 1), (10_000, 60.0, 1))
PEERS_QUICK: tuple[Case, ...] = ((1_000, 10.0, 1),)
PEERS_LARGE: tuple[Case, ...] = ((100_000, 120.0, 1),)
FIRST: tuple[Case, ...] = ((1_000_000, 60.0, 1),)
FIRST_QUICK: tuple[Case, ...] = ((100_000, 10.0, 1),)


class Shelf:
    """The problem file that was asked for last: several peers read it, one after the other."""

    def __init__(self) -> None:
        """Nothing is on it yet."""
        self._key: object = None
        self._open = ExitStack()
        self._file: Written | None = None

    def get(self, key: object, make: Callable[[], Problem]) -> Written:
        """The file of a problem, made unless it is the one at hand."""
        if self._file is None or key != self._key:
            self._open.close()
            self._file = self._open.enter_context(written(make()))
            self._key = key
        return self._file


def a_tasks(settings: Settings) -> list[Task]:
    """Bought space: ours and greedy."""
    return _tasks("A", A_QUICK if settings.quick else A, (OURS, RULE), settings)


def b_tasks(settings: Settings) -> list[Task]:
    """Space to be opened: ours and greedy."""
    return _tasks("B", B_QUICK if settings.quick else B, (OURS, RULE), settings)


def first_tasks(settings: Settings) -> list[Task]:
    """Ours and greedy where the first plan counts."""
    return _tasks("B", FIRST_QUICK if settings.quick else FIRST, (OURS, RULE), settings)


def peers_tasks(settings: Settings) -> list[Task]:
    """Everybody on problems that a general solver can hold."""
    return _tasks("B", PEERS_QUICK if settings.quick else PEERS, NAMES, settings)


def peers_large_tasks(settings: Settings) -> list[Task]:
    """Everybody on one that it can hardly hold; nothing in the small set."""
    return [] if settings.quick else _tasks("B", PEERS_LARGE, NAMES, settings)


def _tasks(regime: str, cases: Iterable[Case], names: Sequence[str], settings: Settings) -> list[Task]:
    shelf = Shelf()
    tasks = []
    for items, usual_s, seeds in cases:
        limit_s = settings.time_limit_s or usual_s
        for seed in range(1, seeds + 1):
            tasks += [
                Task(
                    line_name(items, seed, name),
                    limit_s,
                    partial(_measure, shelf, (regime, items, seed), name, limit_s),
                )
                for name in names
            ]
    return tasks


def line_name(items: int, seed: int, peer: str) -> str:
    """How a line of a generated problem is called."""
    return f"{size_name(items)} #{seed} {peer}"


def size_name(items: int) -> str:
    """A number of items in few letters."""
    if items % 1000:
        return str(items)
    return f"{items // 1_000_000}M" if items % 1_000_000 == 0 else f"{items // 1000}k"


def _measure(shelf: Shelf, drawn: tuple[str, int, int], peer: str, limit_s: float) -> Line:
    _, items, seed = drawn
    outcome = run_peer(peer, shelf.get(drawn, lambda: generate(*drawn)), limit_s)
    return drawn_line(items, seed, outcome, limit_s)


def drawn_line(items: int, seed: int, outcome: Outcome, limit_s: float) -> Line:
    """A peer's figures on a generated problem."""
    figures: Figures = {
        "items": items,
        "seed": seed,
        "peer": outcome.peer,
        "limit_s": limit_s,
        **figures_of(outcome),
        "off": number(outcome.off),
        "first_s": number(outcome.first_s),
        "first_cost": number(outcome.first_cost),
    }
    figures |= {f"s to {level}": number(outcome.seconds_to(gap)) for level, gap in LEVELS.items()}
    return Line(line_name(items, seed, outcome.peer), figures, outcome.illegal)


def of_peer(lines: Sequence[Line], items: int, peer: str) -> list[Figures]:
    """A peer's lines at one size, by seed."""
    found = [line.figures for line in lines]
    return [one for one in found if (one["items"], one["peer"]) == (items, peer)]


def sizes_of(lines: Sequence[Line]) -> list[int]:
    """The sizes that were measured, smallest first."""
    return sorted({line.figures["items"] for line in lines})


def sum_up_a(lines: Sequence[Line]) -> Figures:
    """Gaps by size, the growth of time to the same gap, memory and what the checker found."""
    return _gaps(lines) | {"time of the largest to the one before, same gap": growth(lines)} | _checked(lines)


def sum_up_b(lines: Sequence[Line]) -> Figures:
    """Gaps by size, cost against greedy, memory and what the checker found."""
    return _gaps(lines) | _against_greedy(lines, "objective", "objective") | _checked(lines)


def sum_up_first(lines: Sequence[Line]) -> Figures:
    """Our first plan against greedy's first pass in time, and against greedy's best plan in cost."""
    return _against_greedy(lines, "first_s", "first_s") | _against_greedy(lines, "first_cost", "objective")


def sum_up_peers(lines: Sequence[Line]) -> Figures:
    """Our cost against the best of all others, and against each of them."""
    summed: Figures = {}
    for items in sizes_of(lines):
        ours = _first(of_peer(lines, items, OURS), "objective")
        others = {name: _first(of_peer(lines, items, name), "objective") for name in NAMES if name != OURS}
        reached = {name: cost for name, cost in others.items() if cost is not None}
        plain = [cost for name, cost in reached.items() if name not in SHUTTING]
        best = min(reached.values(), default=None)
        summed[f"objective / best peer's at {size_name(items)}"] = ratio(ours, min(plain, default=None))
        summed[f"objective / best of all at {size_name(items)}"] = ratio(ours, best)
        summed |= {
            f"objective / {name}'s at {size_name(items)}": ratio(ours, cost) for name, cost in others.items()
        }
    return summed


def _gaps(lines: Sequence[Line]) -> Figures:
    summed: Figures = {}
    for items in sizes_of(lines):
        gaps = [one["gap"] for one in of_peer(lines, items, OURS)]
        whole = bool(gaps) and None not in gaps
        summed[f"gap at {size_name(items)}, median"] = statistics.median(gaps) if whole else None
        summed[f"gap at {size_name(items)}, worst"] = max(gaps) if whole else None
    return summed


def _against_greedy(lines: Sequence[Line], ours: str, greedys: str) -> Figures:
    """The worst ratio of a figure of ours to one of greedy's, by size."""
    summed: Figures = {}
    for items in sizes_of(lines):
        other = {one["seed"]: one[greedys] for one in of_peer(lines, items, RULE)}
        ratios = [ratio(one[ours], other.get(one["seed"])) for one in of_peer(lines, items, OURS)]
        title = f"{TITLES[ours]} / {TITLES[greedys] if ours != greedys else 'greedy'}'s at {size_name(items)}, worst"
        summed[title] = largest(ratios)
    return summed


TITLES = {
    "objective": "objective",
    "first_s": "time to the first plan",
    "first_cost": "cost of the first plan",
}


def growth(lines: Sequence[Line]) -> float | None:
    """How many times longer the largest size takes than the one before to the smallest gap that both reach."""
    sizes = sizes_of(lines)
    if len(sizes) < 2:
        return None
    before, last = (of_peer(lines, items, OURS) for items in sizes[-2:])
    for level in reversed(LEVELS):
        times = [[one[f"s to {level}"] for one in some] for some in (before, last)]
        if all(some and None not in some for some in times):
            return ratio(statistics.median(times[1]), statistics.median(times[0]))
    return None


def _checked(lines: Sequence[Line]) -> Figures:
    """The largest memory, the largest difference to the checker's cost, and how many plans it refused, of ours."""
    ours = [line for line in lines if line.figures["peer"] == OURS]
    return {
        "peak MB at the largest": largest(
            [line.figures["peak_mb"] for line in ours if line.figures["items"] == sizes_of(lines)[-1]]
        ),
        "largest difference to the checker's cost": largest([line.figures["off"] for line in ours]),
        "plans with violations": sum(line.wrong for line in ours),
    }


def _first(lines: Sequence[Figures], key: str) -> Figure:
    return lines[0][key] if lines else None


def largest(values: Sequence[Figure]) -> Figure:
    """The largest of figures that are all there; None otherwise."""
    return None if not values or None in values else max(values)


def sample_tasks(settings: Settings) -> list[Task]:
    """The product's own sample pool, ours beside greedy in the same time."""
    cases = ((1_000, 60.0, 20.0), (5_000, 120.0, 30.0))
    return [
        Task(f"{parcels:,} parcels", limit_s, partial(_measure_sample, parcels, limit_s))
        for parcels, limit_s in ((parcels, settings.limit_s(*limits)) for parcels, *limits in cases)
    ]


def _measure_sample(parcels: int, limit_s: float) -> Line:
    with written(sample_problem(parcels)) as problem:
        ours, peer = (run_peer(name, problem, limit_s) for name in (OURS, RULE))
    return Line(f"{parcels:,} parcels", compared(ours, peer, limit_s), ours.illegal or peer.illegal)


def compared(ours: Outcome, peer: Outcome, limit_s: float) -> Figures:
    """Ours with its ratios to a peer's: cost of the plans, cost of our first to its best, time to the first."""
    greedy = number(peer.objective)
    return {
        "limit_s": limit_s,
        **figures_of(ours),
        "first_s": ours.first_s,
        "first_cost": ours.first_cost,
        "greedy": greedy,
        "greedy_first_s": peer.first_s,
        "to_greedy": ratio(number(ours.objective), greedy),
        "first_to_greedy": ratio(ours.first_cost, greedy),
        "first_s_to_greedy": ratio(ours.first_s, peer.first_s),
    }


def sum_up_sample(lines: Sequence[Line]) -> Figures:
    """The largest of each figure that should be small."""
    wanted = {
        "worst proven gap": "gap",
        "worst objective to greedy": "to_greedy",
        "worst cost of first plan to greedy": "first_to_greedy",
        "worst time to first plan to greedy": "first_s_to_greedy",
    }
    return {title: largest([line.figures[key] for line in lines]) for title, key in wanted.items()}
