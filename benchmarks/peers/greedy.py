"""What a good dispatcher's rule does: everything by its cheapest way that still has room, dearest regret first.

Vectorised: each round takes every waiting item's cheapest way, in order of what the item would lose by its next one,
and prefix sums over each resource's queue say who still fits. Units are opened as they fill up. Before anything is
loaded, an item is charged a share of what the units on its way cost (0, ½ and the whole of its part of a full unit).
The best of the three plans counts.

`shutting` goes on: where opening costs are high the rule alone is worse than sending nothing, so resources whose units
cost more than their items save are shut, the worst half at a time, and everything is loaded again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from benchmarks.peers import Answer
from benchmarks.peers.loading import Loading, cheapest_types
from benchmarks.peers.ways import Floats, Ints, Mask, all_pairs, costs_of, leaving_costs, ways_of
from routing.checks import cost_of
from routing.digest import digest
from routing.plan import Plan
from routing.problem import Problem

SHARES = (1.0, 0.5, 0.0)
UNASSIGNED = -1
FEW = 30


def answer(problem: Problem, time_limit_s: float, seed: int) -> Answer:
    """Load with each share of opening costs; nothing is drawn by lot."""
    nothing = np.zeros(problem.r, np.bool_)
    return _best(problem, (fill(problem, share, nothing) for share in SHARES), time_limit_s, seed)


def shutting(problem: Problem, time_limit_s: float, seed: int) -> Answer:
    """Load again and again until nothing more is to be shut or the time is over."""
    return _best(problem, _attempts(problem), time_limit_s, seed)


def _best(problem: Problem, attempts: Iterator[tuple[Ints, Ints]], time_limit_s: float, seed: int) -> Answer:
    begin = time.perf_counter()
    best, first_s, first_cost = None, None, None
    for choice, units in attempts:
        seconds = time.perf_counter() - begin
        plan = plan_of(problem, choice, units, "greedy", seed)
        if plan.legal and first_s is None:
            first_s, first_cost = seconds, plan.objective
        if best is None or (not plan.legal, plan.objective) < (not best.legal, best.objective):
            best = plan
        if seconds > time_limit_s:
            break
    return Answer(best, first_s, first_cost)


def _attempts(problem: Problem) -> Iterator[tuple[Ints, Ints]]:
    for share in SHARES:
        shut = np.zeros(problem.r, np.bool_)
        while True:
            choice, units = fill(problem, share, shut)
            yield choice, units
            loss = losses(problem, choice, units)
            losing = np.flatnonzero(loss > 0)
            if not len(losing):
                break
            shut[losing[np.argsort(-loss[losing], kind="stable")[: (len(losing) + 1) // 2]]] = True


def losses(problem: Problem, choice: Ints, units: Ints) -> Floats:
    """What the open units of each resource cost beyond what their items save against their dearest way [r].

    That is leaving the item, or the most expensive of its ways that needs no resource. An item on several
    resources with open units saves an equal part for each of them.
    """
    paid = np.bincount(problem.unit_resource, units * problem.unit_cost, minlength=problem.r)
    going = np.flatnonzero(choice >= 0)
    chosen = ways_of(problem, going, choice[going])
    charged = paid[chosen.use_resource] > 0
    resource, owner = chosen.use_resource[charged], chosen.use_way[charged]
    parts = np.bincount(owner, minlength=len(going))
    spared = _without_resources(problem)[going] - costs_of(problem, going, choice[going])
    return paid - np.bincount(resource, spared[owner] / parts[owner], minlength=problem.r)


def _without_resources(problem: Problem) -> Floats:
    """What each item costs at most if it uses nothing: left where it is, or by an option without uses [n]."""
    cost = leaving_costs(problem)
    idle = np.diff(problem.option_ptr) == 0
    for item, option in all_pairs(problem, np.arange(problem.n)):
        some = idle[option]
        np.minimum.at(cost, item[some], costs_of(problem, item[some], option[some]))
    return cost


def fill(problem: Problem, share: float, shut: Mask, start: Ints | None = None) -> tuple[Ints, Ints]:
    """Return the option of each item [n] (-1 unassigned) and the units opened [t], none on `shut` resources [r].

    With `start`, items are first loaded by the options that it names, as many as fit.
    """
    loading = Loading(problem, shut)
    tolls = Tolls(problem, share)
    choice = np.full(problem.n, UNASSIGNED, np.int64)
    leave = leaving_costs(problem)
    if start is not None:
        named = np.flatnonzero(start >= 0)
        begun = ways_of(problem, named, start[named])
        loaded = loading.accept(begun)
        choice[named[loaded]] = start[named[loaded]]
    has_options = np.diff(problem.class_ptr)[problem.item_class] > 0
    waiting = np.flatnonzero(has_options & (choice == UNASSIGNED))
    refused = np.zeros(0, np.int64)  # pairs, for parents of parents: what fits alone may still be refused
    while len(waiting):
        item, option, regret = _asking(problem, loading, tolls, leave, waiting, refused)
        order = np.argsort(-regret, kind="stable")
        asking = ways_of(problem, item[order], option[order])
        accepted = loading.accept(asking)
        choice[asking.item[accepted]] = asking.option[accepted]
        if not accepted.any():
            refused = np.append(refused, asking.item * problem.o + asking.option)
        waiting = np.sort(asking.item[~accepted])
    return choice, loading.units_needed()


def _asking(
    problem: Problem, loading: Loading, tolls: Tolls, leave: Floats, waiting: Ints, refused: Ints
) -> tuple[Ints, Ints, Floats]:
    """Items that still have a way, their cheapest, and what each would lose by its next one or by staying."""
    full, tight = _states(problem, loading, waiting)
    found = []
    for item, option in all_pairs(problem, waiting):
        keep = ~full[option]
        if len(refused):
            keep &= ~np.isin(item * problem.o + option, refused)
        doubtful = np.flatnonzero(keep & tight[option])
        keep[doubtful] = loading.fits_alone(ways_of(problem, item[doubtful], option[doubtful]))
        item, option = item[keep], option[keep]
        price = costs_of(problem, item, option) + tolls.of(item, option)
        worth = price < leave[item]
        if worth.any():
            found.append(_cheapest(item[worth], option[worth], price[worth], leave))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    item, option, regret = (np.concatenate(column) for column in zip(*found, strict=True))
    return item, option, regret


def _states(problem: Problem, loading: Loading, waiting: Ints) -> Iterator[Mask]:
    """Which options are full, and which must be looked at item by item: all where few items wait."""
    if FEW * len(waiting) < problem.n:
        return iter((np.zeros(problem.o, np.bool_), np.ones(problem.o, np.bool_)))
    return loading.state_of_options(problem.item_size[waiting])


def _cheapest(item: Ints, option: Ints, price: Floats, leave: Floats) -> tuple[Ints, Ints, Floats]:
    """The cheapest way of each item of a sorted list, and its distance to the second or to staying."""
    head = np.flatnonzero(np.diff(item, prepend=-1))
    owner = np.repeat(np.arange(len(head)), np.diff(head, append=len(item)))
    least = np.minimum.reduceat(price, head)
    hits = np.flatnonzero(price == least[owner])
    best = hits[np.flatnonzero(np.diff(owner[hits], prepend=-1))]
    others = price.copy()
    others[best] = np.inf
    second = np.minimum(np.minimum.reduceat(others, head), leave[item[head]])
    return item[head], option[best], second - least


class Tolls:
    """What an item pays beforehand for the units on its way: a share of their price if they were full."""

    def __init__(self, problem: Problem, share: float) -> None:
        """Keep, for each option, its uses of resources with units and their price per size."""
        self.problem = problem
        self._priced = np.zeros((problem.o, 0), np.int64)
        if not problem.t or share == 0:
            return
        cheapest = cheapest_types(problem, np.ones(problem.t, np.bool_))[problem.use_resource]
        use = np.flatnonzero(cheapest >= 0)
        size = problem.unit_size[cheapest[use]]
        price = share * problem.unit_cost[cheapest[use], None] * problem.use_factor[use]
        self._price = np.divide(price, size, out=np.zeros_like(size), where=size > 0)
        option = np.searchsorted(problem.option_ptr, use, side="right") - 1
        nth = np.arange(len(use)) - np.searchsorted(option, option)
        self._priced = np.full((problem.o, int(nth.max(initial=-1)) + 1), -1)
        self._priced[option, nth] = np.arange(len(use))

    def of(self, item: Ints, option: Ints) -> Floats:
        """The toll of pairs, in each unit's tightest dimension."""
        toll = np.zeros(len(item))
        for column in self._priced.T:
            some = np.flatnonzero(column[option] >= 0)
            parts = self.problem.item_size[item[some]] * self._price[column[option[some]]]
            toll[some] += parts.max(axis=1, initial=0.0)
        return toll


def plan_of(problem: Problem, choice: Ints, units: Ints, name: str, seed: int) -> Plan:
    """A plan without a bound; `unknown` where an item that must go is left."""
    unplaced = np.flatnonzero((choice < 0) & np.isinf(leaving_costs(problem)))
    legal = not len(unplaced)
    return Plan(
        status="feasible" if legal else "unknown",
        item_option=choice,
        units=units,
        objective=cost_of(problem, choice, units) if legal else np.nan,
        unplaced=unplaced,
        lower_bound=np.nan,
        bound_source="none",
        problem_sha256=digest(problem),
        seed=seed,
        version=f"{name}/1",
    )
