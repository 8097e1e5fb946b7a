"""Who is compared: each peer takes a problem and gives a plan, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from routing.plan import Plan
from routing.problem import Problem


@dataclass(frozen=True, slots=True)
class Answer:
    """A peer's plan, and when its first legal one was there (seconds from the start; None: it never was)."""

    plan: Plan
    first_s: float | None
    first_cost: float | None


Peer = Callable[[Problem, float, int], Answer]
"""Problem, seconds it may take, seed."""


def peers() -> Mapping[str, Peer]:
    """Every peer by its name; ours among them."""
    from benchmarks.peers import fourport, greedy

    return {"fourport": fourport.answer, "greedy": greedy.answer, "greedy-shut": greedy.shutting}
