"""Explanations of a plan in lines a person can read: of one item, and of what its space is worth."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from routing.arrays import FloatArray
from routing.explain import Block, Explainer, Explanation, Relaxation, Way
from routing.worth import SpaceWorth

Names = dict[str, list[str]]
LARGER = {"g": ("kg", 1_000.0), "cm3": ("m3", 1_000_000.0)}
"""Names of dimensions that people count in something larger."""


def steps(names: Names, dimensions: int) -> FloatArray:
    """What "one more" is of each dimension: a kilogram, a cubic metre, one of any other."""
    known = names.get("dimension", [])
    return np.array([LARGER.get(name, ("", 1.0))[1] for name in known[:dimensions]] or [1.0] * dimensions)


def lines(explanation: Explanation, names: Names) -> Iterator[str]:
    """The way taken with its cost by feature, the alternatives, and what would help."""
    taken = explanation.taken
    subject = _name(names, "item", explanation.item)
    if taken.option < 0:
        yield f"item {subject} is left out, cost {taken.cost:,.2f}"
    else:
        yield f"item {subject} takes option {_name(names, 'option', taken.option)}, cost {taken.cost:,.2f}"
    for feature, cost in enumerate(taken.by_feature):
        if cost:
            yield f"  {_name(names, 'feature', feature)}: {cost:,.2f}"
    if taken.change_cost:
        yield f"  change of booking: {taken.change_cost:,.2f}"
    if taken.opening_cost:
        yield f"  units are open for it alone: {taken.opening_cost:,.2f} more"
    if taken.price_cost:
        yield f"  the room it takes is worth {taken.price_cost:,.2f} to the rest of the plan"
    if taken.binding is not None:
        yield f"  {_nearest(taken, names)}"
    for way in explanation.alternatives:
        yield _alternative(way, names)
        for block in way.blocked:
            yield f"    {_block(block, names)}"
    if explanation.relaxation is not None:
        yield f"smallest change that would help: {_relaxation(explanation.relaxation, names)}"


def _alternative(way: Way, names: Names) -> str:
    what = "leaving it out" if way.option < 0 else f"option {_name(names, 'option', way.option)}"
    parts = [f"{way.extra_cost:+,.2f}"]
    if way.opening_cost:
        parts.append(f"of it {way.opening_cost:,.2f} to open units")
    if way.price_cost:
        parts.append(f"takes room worth {way.price_cost:,.2f}")
    if way.priced_extra_cost != way.extra_cost:
        parts.append(f"{way.priced_extra_cost:+,.2f} with all room at its worth")
    if way.binding is not None and not way.blocked:
        parts.append(_nearest(way, names))
    return f"  {what}: {'cannot be taken, ' if way.blocked else ''}{', '.join(parts)}"


def _nearest(way: Way, names: Names) -> str:
    if way.binding is None:
        return ""
    limit = way.binding
    resource, dimension = _name(names, "resource", limit.resource), _name(names, "dimension", limit.dimension)
    return f"fullest on {resource}, {dimension} ({limit.fill:.0%})"


def _block(block: Block, names: Names) -> str:
    resource, dimension = _name(names, "resource", block.resource), _name(names, "dimension", block.dimension)
    return f"{block.missing:,.6g} more {dimension} on {resource} (holds {block.capacity:,.6g})"


def _relaxation(found: Relaxation, names: Names) -> str:
    way = f"option {_name(names, 'option', found.option)}"
    if found.kind == "money":
        return f"{found.missing:,.2f} more for leaving it out, then {way} would be cheaper"
    where = _name(names, "resource", found.resource or 0)
    if found.unit is not None:
        kind = _name(names, "unit", found.unit)
        what = f"{found.missing:,.6g} more {kind} on {where} (of {found.capacity:,.6g})"
    else:
        block = Block(found.resource or 0, found.dimension or 0, found.missing, found.capacity)
        what = _block(block, names)
    saving = f", saves {-found.extra_cost:,.2f}" if math.isfinite(found.extra_cost) else ""
    return f"{what} for {found.cost:,.2f}: opens {way}{saving}"


def space_lines(explainer: Explainer, worth: SpaceWorth, names: Names) -> Iterator[str]:
    """Each resource that is limited: how full, what one more is worth; and its unit types, when they pay."""
    space = explainer.tables.space
    for resource in range(len(worth.value)):
        types = space.type_of[space.type_ptr[resource] : space.type_ptr[resource + 1]].tolist()
        rooms = [
            _room(worth, resource, j, names)
            for j in np.flatnonzero(~np.isnan(worth.value[resource])).tolist()
        ]
        if types or rooms:
            source = "" if worth.certified[resource] or not rooms else " (in this plan)"
            yield f"{_name(names, 'resource', resource)}: {'; '.join(rooms) or 'nothing opened'}{source}"
        for unit in types:
            yield f"  {_unit(explainer, worth, unit, names)}"


def _room(worth: SpaceWorth, resource: int, dimension: int, names: Names) -> str:
    name = _name(names, "dimension", dimension)
    more = LARGER.get(name, (name, 1.0))[0] if worth.step[dimension] > 1 else name
    value = worth.value[resource, dimension]
    return f"{name} {worth.fill[resource, dimension]:.0%} full, one more {more} is worth {value:,.4g}"


def _unit(explainer: Explainer, worth: SpaceWorth, unit: int, names: Names) -> str:
    problem, opened = explainer.problem, int(explainer.plan.units[unit])
    name, cost = _name(names, "unit", unit), float(problem.unit_cost[unit])
    fill, goods = float(worth.unit_fill[unit]), int(worth.unit_goods[unit])
    if opened:
        head = f"{name}: {opened} of {int(problem.unit_max[unit])} opened at {cost:,.2f}, {fill:.0%} full"
    else:
        head = f"{name}: shut, {cost:,.2f} to open, {goods} items would gain and fill {fill:.0%}"
    return f"{head}, {_pays(worth, unit)}"


def _pays(worth: SpaceWorth, unit: int) -> str:
    share, captive = float(worth.unit_break_even[unit]), int(worth.unit_captive[unit])
    if captive:
        return f"{captive} items have no other way"
    if math.isinf(share):
        return "saves nothing"
    return f"pays from {share:.0%} full" if share <= 1 else f"pays from {share:.0%} full, so never"


def _name(names: Names, kind: str, number: int) -> str:
    known = names.get(kind, [])
    if number < len(known):
        return known[number]
    return str(number) if kind in ("item", "option") else f"{kind} {number}"
