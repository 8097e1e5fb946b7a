"""Why an item goes the way it goes: what its option costs, what the next ones would, and what stands in the way."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from routing.arrays import FloatArray
from routing.plan import Plan
from routing.problem import Problem, ProblemError


@dataclass(frozen=True, slots=True)
class Block:
    """Room that is missing for an option: `missing` of a dimension of a resource that can hold `capacity`."""

    resource: int
    dimension: int
    missing: float
    capacity: float


@dataclass(frozen=True, slots=True)
class Way:
    """One option of an item, or leaving it out (option -1), judged with the rest of the plan unchanged.

    Costs in minor units: `cost` is the sum of `by_feature` and `change_cost` (or the drop cost);
    `opening_cost` is what new units would cost, `price_cost` what the room taken is worth at the
    certificate's prices, `extra_cost` the cost with openings above that of the way taken.
    `binding` is the fullest (resource, dimension) on it; `blocked` says why it cannot be taken at all.
    """

    option: int
    cost: float
    by_feature: tuple[float, ...]
    change_cost: float
    opening_cost: float
    price_cost: float
    extra_cost: float
    binding: tuple[int, int] | None
    blocked: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The way an item takes, the next best ones, and the smallest single relaxation that would help.

    `alternatives` holds ways that can be taken first, by extra cost, then blocked ones. `relaxation` is
    the one piece of room, least relative to its capacity, that would open a cheaper way than the one taken.
    """

    item: int
    taken: Way
    alternatives: tuple[Way, ...]
    relaxation: Block | None


def explain(problem: Problem, plan: Plan, item: int, *, alternatives: int = 3) -> Explanation:
    """Explain one item of a plan; ProblemError where there is no such item or the plan is of another shape."""
    if not 0 <= item < problem.n:
        raise ProblemError("out_of_range", "item", f"{item} is none of 0..{problem.n - 1}")
    if len(plan.item_option) != problem.n or len(plan.units) != problem.t:
        raise ProblemError("wrong_shape", "plan", "is not a plan for this problem")
    room, capacity = _room_without(problem, plan, item)
    first, last = problem.class_ptr[problem.item_class[item] : problem.item_class[item] + 2]
    options = [-1, *range(int(first), int(last))]
    now = int(plan.item_option[item])
    if now not in options:
        raise ProblemError("out_of_range", "plan", f"option {now} is none of item {item}'s class")
    taken = _way(problem, plan, item, now, (room, capacity), 0.0)
    others = [
        _way(problem, plan, item, option, (room, capacity), taken.cost) for option in options if option != now
    ]
    others = [way for way in others if math.isfinite(way.cost)]
    others.sort(key=lambda way: (bool(way.blocked), way.extra_cost, way.option))
    return Explanation(item, taken, tuple(others[:alternatives]), _relaxation(others))


def _room_without(problem: Problem, plan: Plan, item: int) -> tuple[FloatArray, FloatArray]:
    """Room left [r, d] if the item were not there, and the capacity [r, d] with the units that are open."""
    capacity = problem.resource_free.copy()
    np.add.at(capacity, problem.unit_resource, problem.unit_size * plan.units[:, None])
    used = np.zeros_like(capacity)
    child = problem.unit_parent >= 0
    np.add.at(used, problem.unit_parent[child], problem.unit_takes[child] * plan.units[child, None])
    taken = np.flatnonzero(plan.item_option >= 0)
    option = plan.item_option[taken[taken != item]]
    taken = taken[taken != item]
    for step in range(int(np.diff(problem.option_ptr).max(initial=0))):
        use = problem.option_ptr[option] + step
        there = use < problem.option_ptr[option + 1]
        take = problem.item_size[taken[there]] * problem.use_factor[use[there]]
        np.add.at(used, problem.use_resource[use[there]], take)
    return capacity - used, capacity


def _way(
    problem: Problem, plan: Plan, item: int, option: int, rooms: tuple[FloatArray, FloatArray], taken: float
) -> Way:
    change = _change_cost(problem, item, option)
    if option < 0:
        cost = float(problem.item_drop_cost[item]) + change
        return Way(-1, cost, (), change, 0.0, 0.0, cost - taken, None, ())
    room, capacity = rooms
    by_feature = problem.item_features[item] * problem.option_rates[option]
    cost = float(by_feature.sum()) + change
    uses = slice(problem.option_ptr[option], problem.option_ptr[option + 1])
    resource = problem.use_resource[uses]
    take = problem.item_size[item] * problem.use_factor[uses]
    opening, blocked = _openings(problem, plan, resource, take, (room, capacity))
    price = 0.0
    if plan.certificate_price is not None:
        price = float((plan.certificate_price[resource] * take).sum())
    extra = cost + opening - taken
    binding = _binding(resource, take, room, capacity)
    return Way(option, cost, tuple(by_feature.tolist()), change, opening, price, extra, binding, blocked)


def _change_cost(problem: Problem, item: int, option: int) -> float:
    now, change = problem.item_option_now, problem.item_change_cost
    if now is None or change is None or now[item] < 0 or now[item] == option:
        return 0.0
    return float(change[item])


def _openings(
    problem: Problem, plan: Plan, resource: np.ndarray, take: FloatArray, rooms: tuple[FloatArray, FloatArray]
) -> tuple[float, tuple[Block, ...]]:
    """What opening units for a take would cost, and what is missing where none can be opened."""
    room, capacity = rooms
    total, blocked = 0.0, []
    for where, amount in zip(resource.tolist(), take, strict=True):
        limit = capacity[where]
        slack = 1e-9 * np.maximum(1.0, np.where(np.isinf(limit), 1.0, limit))
        missing = np.where((amount > 0) & (amount > room[where] + slack), amount - room[where], 0.0)
        if not missing.any():
            continue
        costs = [
            cost
            for unit in np.flatnonzero(problem.unit_resource == where)
            if math.isfinite(cost := _cost_of_opening(problem, plan, int(unit), missing, room))
        ]
        if costs:
            total += min(costs)
        else:
            dimensions = np.flatnonzero(missing > 0).tolist()
            blocked += [Block(where, j, float(missing[j]), float(limit[j])) for j in dimensions]
    return total, tuple(blocked)


def _cost_of_opening(problem: Problem, plan: Plan, unit: int, missing: FloatArray, room: FloatArray) -> float:
    """Cost of as many units of one type as give the missing room; inf where they cannot be opened."""
    size = problem.unit_size[unit]
    if (size[missing > 0] <= 0).any():
        return math.inf
    count = math.ceil(float((missing[missing > 0] / size[missing > 0]).max()) - 1e-9)
    if plan.units[unit] + count > problem.unit_max[unit]:
        return math.inf
    parent = problem.unit_parent[unit]
    if parent >= 0 and (problem.unit_takes[unit] * count > room[parent] + 1e-9).any():
        return math.inf
    return float(problem.unit_cost[unit]) * count


def _binding(
    resource: np.ndarray, take: FloatArray, room: FloatArray, capacity: FloatArray
) -> tuple[int, int] | None:
    """The (resource, dimension) that would be fullest with the item on it; None where nothing is limited."""
    limited = np.isfinite(capacity[resource]) & (take > 0)
    if not limited.any():
        return None
    held = np.maximum(np.where(limited, capacity[resource], 1.0), 1e-12)
    fullness = np.where(limited, 1.0 - (np.where(limited, room[resource], 0.0) - take) / held, -np.inf)
    use, dimension = np.unravel_index(int(np.argmax(fullness)), fullness.shape)
    return int(resource[use]), int(dimension)


def _relaxation(others: list[Way]) -> Block | None:
    """Of the ways that lack one piece of room only and would be cheaper, the smallest piece."""
    useful = [way.blocked[0] for way in others if len(way.blocked) == 1 and way.extra_cost < 0]
    return min(useful, key=lambda block: block.missing / max(block.capacity, block.missing), default=None)
