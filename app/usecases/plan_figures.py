"""The figures of a plan that its header, the terminal and the API show."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from routing.catalogue import Catalogue
from routing.network import MODES
from routing.plan import Plan as Solution
from routing.problem import Problem


@dataclass(frozen=True, slots=True)
class Solved:
    """What the optimizer was asked, what it answered, and what the numbers mean."""

    problem: Problem
    solution: Solution
    catalogue: Catalogue


def summarise(solved: Solved, direction_of: Mapping[int, str], reasons: Mapping[str, int]) -> dict[str, Any]:
    """Counts and money by mode, direction, disposition and reason, CO2e, and seconds by phase."""
    catalogue, solution = solved.catalogue, solved.solution
    taken = np.flatnonzero(solution.item_option >= 0)
    options = solution.item_option[taken]
    directions: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for ref, option in zip(catalogue.item_ref.tolist(), solution.item_option.tolist(), strict=True):
        directions[direction_of[ref]][0] += 1
        directions[direction_of[ref]][1] += option >= 0
    modes = _by_mode(solved)
    co2e = catalogue.option_co2e_g_per_kg[options] * solved.problem.item_size[taken, 0] / 1000
    return {
        "modes": modes,
        "reasons": dict(reasons),
        "directions": {name: {"items": all_, "assigned": some} for name, (all_, some) in directions.items()},
        "dispositions": dict(Counter(catalogue.disposition(option) for option in options.tolist())),
        "co2e_g": round(float(co2e.sum())),
        "fixed_cost_minor": sum(mode["fixed_cost_minor"] for mode in modes.values()),
        "seconds": {phase: round(seconds, 2) for phase, seconds in solution.seconds.items()},
    }


def _by_mode(solved: Solved) -> dict[str, dict[str, int]]:
    """Per mode: departures (or services on demand) offered and used, parcels, grams, fixed cost."""
    catalogue = solved.catalogue
    offered: defaultdict[str, set[int]] = defaultdict(set)
    used: defaultdict[str, set[int]] = defaultdict(set)
    rows: defaultdict[str, Counter[str]] = defaultdict(Counter)
    mode_of: dict[int, str] = {}
    size = solved.problem.item_size
    options, inverse, counts = np.unique(solved.solution.item_option, return_inverse=True, return_counts=True)
    weights = np.bincount(inverse, weights=size[:, 0])
    for mode, ref, dated in _offered_legs(catalogue):
        offered[mode].add(ref)
        if dated:
            mode_of[ref] = mode
    for position, option in enumerate(options.tolist()):
        legs = catalogue.legs(option) if option >= 0 else []
        for mode in {leg.mode for leg in legs}:
            rows[mode].update(parcels=int(counts[position]), weight_g=round(float(weights[position])))
        for leg in legs:
            used[leg.mode].add(leg.ref)
    for unit in np.flatnonzero(solved.solution.units).tolist():
        departure = int(catalogue.resource_departure[solved.problem.unit_resource[unit]])
        cost = float(solved.problem.unit_cost[unit]) * int(solved.solution.units[unit])
        rows[mode_of[departure]].update(fixed_cost_minor=round(cost))
    return {
        mode: {
            "offered": len(offered[mode]),
            "used": len(used[mode]),
            "parcels": rows[mode]["parcels"],
            "weight_g": rows[mode]["weight_g"],
            "fixed_cost_minor": rows[mode]["fixed_cost_minor"],
        }
        for mode in sorted(offered)
    }


def _offered_legs(catalogue: Catalogue) -> list[tuple[str, int, bool]]:
    """Mode, number and datedness of every leg that some option offers."""
    keys = {
        (MODES[mode], int(ref), bool(dated))
        for mode, ref, dated in zip(catalogue.leg_mode, catalogue.leg_ref, catalogue.leg_dated, strict=True)
    }
    return sorted(keys)
