"""Who is compared: each peer takes a problem and gives a plan, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from routing.plan import Plan
from routing.problem import Problem

OURS = "fourport"
RULE = "greedy"
SOLVERS = ("cp-sat", "scip", "highs", "class-highs", "cbc")
SHUTTING = ("greedy-shut", "class-highs-shut")
"""The rule that shuts what does not pay, and the solver that makes most of its plan."""
NAMES = (OURS, RULE, *SOLVERS, *SHUTTING)


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of life of a search: seconds from its start, best cost and proven bound so far, None where none."""

    seconds: float
    incumbent: float | None
    bound: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A peer's plan, and when its first legal one was there (seconds from the start; None: it never was)."""

    plan: Plan
    first_s: float | None
    first_cost: float | None
    signs: tuple[Sign, ...] = ()


Peer = Callable[[Problem, float, int], Answer]
"""Problem, seconds it may take, seed."""


def peer(name: str) -> Peer:
    """A peer by its name; its solver is imported only now. Raises `KeyError` for a name that nobody has."""
    from benchmarks.peers import greedy
    from benchmarks.peers.finishing import with_start

    if name == OURS:
        from benchmarks.peers import fourport

        return fourport.answer
    if name in (RULE, "greedy-shut"):
        return greedy.answer if name == RULE else greedy.shutting
    if name == "cp-sat":
        from benchmarks.peers.cp_sat import cp_sat as solver
    elif name in ("scip", "highs"):
        from benchmarks.peers import mathopt_mips

        solver = {"scip": mathopt_mips.scip, "highs": mathopt_mips.highs}[name]
    elif name in ("class-highs", "class-highs-shut"):
        from benchmarks.peers.class_mip import class_highs as solver
    elif name == "cbc":
        from benchmarks.peers.cbc import cbc as solver
    else:
        raise KeyError(name)
    return with_start(name, solver, greedy.shutting if name in SHUTTING else greedy.answer)


def warm_up(name: str, problem: Problem) -> None:
    """What a peer does once on a machine, not for each problem: ours compiles its loops."""
    if name == OURS:
        from benchmarks.peers import fourport

        fourport.warm_up(problem)
