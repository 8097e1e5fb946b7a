"""An explanation of one item in lines a person can read."""

from __future__ import annotations

from collections.abc import Iterator

from routing.explain import Block, Explanation, Way

Names = dict[str, list[str]]


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
    if taken.price_cost:
        yield f"  the room it takes is worth {taken.price_cost:,.2f} to the rest of the plan"
    for way in explanation.alternatives:
        yield _alternative(way, names)
        for block in way.blocked:
            yield f"    {_block(block, names)}"
    if explanation.relaxation is not None:
        yield f"smallest change that would help: {_block(explanation.relaxation, names)}"


def _alternative(way: Way, names: Names) -> str:
    what = "leaving it out" if way.option < 0 else f"option {_name(names, 'option', way.option)}"
    parts = [f"{way.extra_cost:+,.2f}"]
    if way.opening_cost:
        parts.append(f"of it {way.opening_cost:,.2f} to open units")
    if way.price_cost:
        parts.append(f"takes room worth {way.price_cost:,.2f}")
    if way.binding is not None and not way.blocked:
        resource, dimension = way.binding
        parts.append(
            f"fullest on {_name(names, 'resource', resource)}, {_name(names, 'dimension', dimension)}"
        )
    return f"  {what}: {'cannot be taken, ' if way.blocked else ''}{', '.join(parts)}"


def _block(block: Block, names: Names) -> str:
    resource, dimension = _name(names, "resource", block.resource), _name(names, "dimension", block.dimension)
    return f"{block.missing:,.6g} more {dimension} on {resource} (holds {block.capacity:,.6g})"


def _name(names: Names, kind: str, number: int) -> str:
    known = names.get(kind, [])
    if number < len(known):
        return known[number]
    return str(number) if kind in ("item", "option") else f"{kind} {number}"
