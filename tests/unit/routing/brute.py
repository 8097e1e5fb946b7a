"""The truth about tiny problems: every assignment and every number of units, one after the other."""

from __future__ import annotations

import itertools
import math

import numpy as np

from routing.problem import Problem


def choices(problem: Problem, item: int) -> list[tuple[int, float]]:
    """Every (option or -1, cost) of an item, infinite costs left out."""
    of_class = problem.item_class[item]
    options = range(problem.class_ptr[of_class], problem.class_ptr[of_class + 1])
    features, rates = problem.item_features[item], problem.option_rates
    found = [(-1, float(problem.item_drop_cost[item]))]
    found += [(option, float(features @ rates[option])) for option in options]
    if problem.item_option_now is not None and problem.item_change_cost is not None:
        now, change = problem.item_option_now[item], problem.item_change_cost[item]
        if now >= 0:
            found = [(option, cost + (0 if option == now else change)) for option, cost in found]
    return [(option, cost) for option, cost in found if math.isfinite(cost)]


def best_cost(problem: Problem) -> float:
    """Cost of the best legal plan; inf where there is none."""
    unit_choices = [range(int(most) + 1) for most in problem.unit_max]
    rooms = []
    for units in itertools.product(*unit_choices):
        room = problem.resource_free.copy()
        for unit, count in enumerate(units):
            room[problem.unit_resource[unit]] += problem.unit_size[unit] * count
        capacity = room.copy()
        for unit, count in enumerate(units):
            if problem.unit_parent[unit] >= 0:
                room[problem.unit_parent[unit]] -= problem.unit_takes[unit] * count
        slack = 1e-9 * np.maximum(1.0, np.where(np.isinf(capacity), 1.0, capacity))
        rooms.append((float(problem.unit_cost @ np.array(units, float)), room + slack))
    best = math.inf
    for chosen in itertools.product(*(choices(problem, item) for item in range(problem.n))):
        cost = sum(cost for _, cost in chosen)
        if cost >= best:
            continue
        load = np.zeros((problem.r, problem.d))
        for item, (option, _) in enumerate(chosen):
            if option >= 0:
                for use in range(problem.option_ptr[option], problem.option_ptr[option + 1]):
                    load[problem.use_resource[use]] += problem.item_size[item] * problem.use_factor[use]
        for unit_cost, room in rooms:
            if cost + unit_cost < best and (load <= room).all():
                best = cost + unit_cost
    return best
