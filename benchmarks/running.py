"""Run a peer on a problem in a process of its own, and judge its plan with the product's checker."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.circumstances import ROOT
from routing.checks import verify
from routing.files import read_plan, write_problem
from routing.plan import gap_between
from routing.problem import Problem

GRACE_S = 120.0
"""Beyond its limit, for starting, reading and a last stage that does not look at the clock."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a peer reached, as the checker accepts it: cost and proven bound in minor units.

    `bound_source` says whether the checker proved the bound anew (`certificate`) or took the solver's word.
    `objective` is NaN where there is no legal plan, and `failure` then says why; `seconds` is wall time
    without reading the problem; `peak_mb` is the largest resident memory of the peer's process.
    """

    peer: str
    objective: float = math.nan
    bound: float = math.nan
    status: str = "none"
    bound_source: str = "none"
    seconds: float = math.nan
    first_s: float | None = None
    first_cost: float | None = None
    peak_mb: float = math.nan
    failure: str = ""
    illegal: bool = False

    @property
    def gap(self) -> float:
        """Proven gap; NaN without a plan or a bound."""
        return gap_between(self.objective, self.bound)


def run_peer(peer: str, problem: Problem, time_limit_s: float, seed: int = 1) -> Outcome:
    """Give a peer a problem and a limit of wall time; never raises for what the peer does."""
    with tempfile.TemporaryDirectory(prefix="fourport-bench-") as folder:
        paths = problem_path, plan_path, measured_path = [
            Path(folder, name) for name in ("problem.npz", "plan.npz", "measured.json")
        ]
        write_problem(problem, problem_path)
        command = [sys.executable, "-m", "benchmarks.peers", peer, *map(str, paths)]
        command += ["--time-limit", str(time_limit_s), "--seed", str(seed)]
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
                timeout=2 * time_limit_s + GRACE_S,
            )
        except subprocess.TimeoutExpired:
            return Outcome(peer, failure="stopped: it went on long after its limit")
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or [f"exit {done.returncode}"]
            return Outcome(peer, failure=last[0])
        return _judged(peer, problem, plan_path, json.loads(measured_path.read_text(encoding="utf-8")))


def _judged(peer: str, problem: Problem, plan_path: Path, measured: dict[str, float]) -> Outcome:
    plan = read_plan(plan_path)
    if not plan.legal:
        return Outcome(peer, status=plan.status, failure=f"no legal plan: {plan.status}", **measured)
    report = verify(problem, plan)
    if report.violations:
        return Outcome(peer, status=plan.status, failure=str(report.violations[0]), illegal=True, **measured)
    return Outcome(peer, report.objective, plan.lower_bound, plan.status, plan.bound_source, **measured)
