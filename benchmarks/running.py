"""Run a peer on a problem in a process of its own, and judge its plan with the product's checker."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.circumstances import ROOT
from benchmarks.memory import Watch
from routing.checks import verify
from routing.files import read_plan
from routing.plan import gap_between
from routing.problem import FORMAT, Problem

GRACE_S = 120.0
"""Beyond its limit, for starting, reading and a last stage that does not look at the clock."""
MEMORY_GB = 8.0
"""What each process of a peer may ask the system for; more is refused."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a peer reached, as the checker accepts it: cost and proven bound in minor units.

    `bound_source` says whether the checker proved the bound anew (`certificate`) or took the solver's word;
    `off` is the difference between the reported and the recomputed cost, as a share of it. `objective` is
    NaN where there is no legal plan, and `failure` then says why; `seconds` is wall time without reading the
    problem; `peak_mb` is the largest memory of the peer's processes together. `signs` are seconds, cost and bound
    as the search went on.
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
    off: float = math.nan
    signs: tuple[tuple[float, float | None, float | None], ...] = ()

    @property
    def gap(self) -> float:
        """Proven gap; NaN without a plan or a bound."""
        return gap_between(self.objective, self.bound)

    def seconds_to(self, gap: float) -> float | None:
        """When the gap was first proven to be so small; None if never."""
        for seconds, incumbent, bound in self.signs:
            if incumbent is not None and bound is not None and gap_between(incumbent, bound) <= gap:
                return seconds
        return None


@dataclass(frozen=True, slots=True)
class Written:
    """A problem and the file it stands in."""

    problem: Problem
    path: Path


@contextmanager
def written(problem: Problem) -> Iterator[Written]:
    """The problem in a file that several peers can read, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="fourport-bench-") as folder:
        path = Path(folder, "problem.npz")
        columns = problem.columns()
        np.savez(path, allow_pickle=False, format=FORMAT, currency=problem.currency, **columns)
        yield Written(problem, path)


def run_peer(peer: str, given: Problem | Written, time_limit_s: float, seed: int = 1) -> Outcome:
    """Give a peer a problem and a limit of wall time; never raises for what the peer does."""
    if isinstance(given, Problem):
        with written(given) as file:
            return run_peer(peer, file, time_limit_s, seed)
    with tempfile.TemporaryDirectory(prefix="fourport-bench-") as folder:
        plan, measured = Path(folder, "plan.npz"), Path(folder, "measured.json")
        command = [sys.executable, "-m", "benchmarks.peers", peer, str(given.path), str(plan), str(measured)]
        command += ["--time-limit", str(time_limit_s), "--memory-gb", str(MEMORY_GB), "--seed", str(seed)]
        failure, peak_mb = _run(command, 2 * time_limit_s + GRACE_S)
        if failure:
            return Outcome(peer, failure=failure, peak_mb=peak_mb)
        return _judged(peer, given.problem, plan, json.loads(measured.read_text(encoding="utf-8")), peak_mb)


def _run(command: list[str], seconds: float) -> tuple[str, float]:
    """Why a command failed, empty if it did not, and the memory it took in MB."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True
        )
        with Watch(process.pid) as watch:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return "stopped: it went on long after its limit", watch.peak_mb
        if not process.returncode:
            return "", watch.peak_mb
        said.seek(0)
        return _reason(process.returncode, said.read()), watch.peak_mb


def _reason(code: int, said: str) -> str:
    last = (said.strip().splitlines() or [f"exit {code}"])[-1]
    if "MemoryError" in said or "bad_alloc" in said:
        return f"out of memory: it needs more than {MEMORY_GB:g} GB"
    return f"stopped by signal {-code}: {last}" if code < 0 else last


def _judged(peer: str, problem: Problem, path: Path, measured: dict, peak_mb: float) -> Outcome:
    plan = read_plan(path)
    signs = tuple(tuple(sign) for sign in measured.pop("signs"))
    common = {"status": plan.status, "peak_mb": peak_mb, "signs": signs, **measured}
    if not plan.legal:
        return Outcome(peer, failure=f"no legal plan: {plan.status}", **common)
    report = verify(problem, plan)
    if report.violations:
        return Outcome(peer, failure=str(report.violations[0]), illegal=True, **common)
    off = abs(plan.objective - report.objective) / max(1.0, abs(report.objective))
    return Outcome(
        peer, report.objective, plan.lower_bound, bound_source=plan.bound_source, off=off, **common
    )
