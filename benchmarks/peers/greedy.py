"""What a good dispatcher's rule does: everything by its cheapest way that still has room, dearest regret first.

Vectorised: each round takes every waiting item's cheapest way, in order of what the item would lose by its next one,
and prefix sums over each resource's queue say who still fits. Units are opened as they fill up. Before anything is
loaded, an item is charged a share of what the units on its way cost (0, ½ and the whole of its part of a full unit).
Where opening costs are high that alone is worse than sending nothing, so resources whose units cost more than
their items save are shut, the worst half at a time, and everything is loaded again. The best of all plans counts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from benchmarks.peers import Answer
from benchmarks.peers.loading import Loading, Mask, cheapest_types
from benchmarks.peers.ways import Floats, Ints, Ways, ways_of
from routing.checks import cost_of
from routing.digest import digest
from routing.plan import Plan
from routing.problem import Problem

SHARES = (1.0, 0.5, 0.0)
UNASSIGNED = -1


def answer(problem: Problem, time_limit_s: float, seed: int) -> Answer:
    """Load again and again until nothing more is to be shut or the time is over; nothing is drawn by lot."""
    begin = time.perf_counter()
    ways = ways_of(problem)
    best, first_s, first_cost = None, None, None
    for choice, units in _attempts(problem, ways):
        plan = _plan(problem, ways.leave, choice, units, seed)
        seconds = time.perf_counter() - begin
        if plan.legal and first_s is None:
            first_s, first_cost = seconds, plan.objective
        if best is None or (not plan.legal, plan.objective) < (not best.legal, best.objective):
            best = plan
        if seconds > time_limit_s:
            break
    return Answer(best, first_s, first_cost)


def _attempts(problem: Problem, ways: Ways) -> Iterator[tuple[Ints, Ints]]:
    for share in SHARES:
        shut = np.zeros(problem.r, np.bool_)
        while True:
            choice, units = fill(problem, ways, share, shut)
            yield choice, units
            loss = losses(problem, ways, choice, units)
            losing = np.flatnonzero(loss > 0)
            if not len(losing):
                break
            shut[losing[np.argsort(-loss[losing], kind="stable")[: (len(losing) + 1) // 2]]] = True


def losses(problem: Problem, ways: Ways, choice: Ints, units: Ints) -> Floats:
    """What the open units of each resource cost beyond what their items save against staying [r].

    `ways` are all ways of all items, in the order of the items and their options. An item on several resources
    with open units saves an equal part for each of them.
    """
    paid = np.bincount(problem.unit_resource, units * problem.unit_cost, minlength=problem.r)
    going = np.flatnonzero(choice >= 0)
    nth = choice[going] - problem.class_ptr[problem.item_class[going]]
    chosen = ways.picked(np.searchsorted(ways.item, going) + nth)
    resource, owner = chosen.use_resource, chosen.use_way
    charged = paid[resource] > 0
    resource, owner = resource[charged], owner[charged]
    parts = np.bincount(owner, minlength=len(going))
    saved = (ways.leave[going] - chosen.cost)[owner] / parts[owner]
    return paid - np.bincount(resource, saved, minlength=problem.r)


def fill(problem: Problem, ways: Ways, share: float, shut: Mask) -> tuple[Ints, Ints]:
    """Return the option of each item [n] (-1 unassigned) and the units opened [t], none on `shut` resources [r]."""
    loading = Loading(problem, shut)
    ways = ways.sorted_by(ways.cost + share * _opening_share(problem, ways))
    ways = ways.kept(ways.price < ways.leave[ways.item])
    choice = np.full(problem.n, UNASSIGNED, np.int64)
    while len(ways):
        ways = ways.kept(loading.fits_alone(ways))
        candidates, regret = _candidates(ways)
        order = candidates[np.argsort(-regret, kind="stable")]
        asking = ways.picked(order)
        accepted = loading.accept(asking)
        choice[asking.item[accepted]] = asking.option[accepted]
        keep = choice[ways.item] == UNASSIGNED
        if not accepted.any():
            keep[order] = False  # parents of parents: what fits alone may still be refused
        ways = ways.kept(keep)
    return choice, loading.units_needed()


def _candidates(ways: Ways) -> tuple[Ints, Ints]:
    """Each waiting item's cheapest way, and what the item would lose with its next one or by staying."""
    head = np.flatnonzero(np.diff(ways.item, prepend=-1))
    following = np.minimum(head + 1, max(len(ways) - 1, 0))
    has_next = (following > head) & (ways.item[following] == ways.item[head])
    second = np.where(has_next, ways.price[following], ways.leave[ways.item[head]])
    return head, second - ways.price[head]


def _opening_share(problem: Problem, ways: Ways) -> Floats:
    """What each way would pay for the units it needs if they were full, in their tightest dimension [ways]."""
    if not problem.t:
        return np.zeros(len(ways))
    cheapest = cheapest_types(problem, np.ones(problem.t, np.bool_))[ways.use_resource]
    size = np.where(cheapest[:, None] >= 0, problem.unit_size[cheapest], 0.0)
    part = np.divide(ways.use_take, size, out=np.zeros_like(size), where=size > 0).max(axis=1)
    return np.bincount(ways.use_way, part * problem.unit_cost[cheapest], minlength=len(ways))


def _plan(problem: Problem, leave: Floats, choice: Ints, units: Ints, seed: int) -> Plan:
    unplaced = np.flatnonzero((choice < 0) & np.isinf(leave))
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
        version="greedy/1",
    )
