"""The part `real`: the problems of both backtests, ours beside CP-SAT."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from app.backtests.brunel_run import run_brunel
from app.backtests.running import Runner, Solved
from app.backtests.scms_run import run_scms
from benchmarks.instances import MissingDataError
from benchmarks.peers import OURS
from benchmarks.running import Outcome, run_peer, written
from benchmarks.tasks import Figures, Line, Settings, Task, figures_of, number, ratio
from routing.limits import Limits

BRUNEL = "brunel-supply-chain-logistics.xlsx"
SCMS = "scms-delivery-history.csv.gz"
USUAL_S, QUICK_S = 60.0, 15.0
OTHER = "cp-sat"


def real_tasks(settings: Settings) -> list[Task]:
    """One task for each problem of the backtests."""
    limit_s = settings.limit_s(USUAL_S, QUICK_S)
    kinds: dict[str, Callable[[Runner], Solved]] = {
        "brunel, most served": lambda runner: run_brunel(settings.data / BRUNEL, runner).first,
        "brunel, least cost": lambda runner: run_brunel(settings.data / BRUNEL, runner).second,
        "scms, modes": lambda runner: run_scms(settings.data / SCMS, runner).solved,
    }
    for name in (BRUNEL, SCMS):
        if not (settings.data / name).is_file():
            raise MissingDataError(
                f"the data of the backtests is not here: {settings.data / name} is no file"
            )
    return [Task(name, limit_s, partial(_measure, name, solve, limit_s)) for name, solve in kinds.items()]


def _measure(name: str, solve: Callable[[Runner], Solved], limit_s: float) -> Line:
    with tempfile.TemporaryDirectory(prefix="fourport-bench-") as folder:
        problem = solve(Runner(Path(folder), Limits(time_limit_s=limit_s))).problem
    with written(problem) as file:
        ours, other = (run_peer(peer, file, limit_s) for peer in (OURS, OTHER))
    return beside(name, ours, other, limit_s)


def beside(name: str, ours: Outcome, other: Outcome, limit_s: float) -> Line:
    """Our figures with those of CP-SAT."""
    figures: Figures = {
        "limit_s": limit_s,
        **figures_of(ours),
        "cp_sat": number(other.objective),
        "cp_sat_status": other.failure or other.status,
        "cp_sat_s": number(other.seconds),
        "to_cp_sat": ratio(number(ours.objective), number(other.objective)),
    }
    return Line(name, figures, ours.illegal or other.illegal)


def sum_up_real(lines: Sequence[Line]) -> Figures:
    """Whether ours is never worse, and how many are proved."""
    ratios = [line.figures["to_cp_sat"] for line in lines]
    return {
        "worst objective / CP-SAT's": None if not ratios or None in ratios else max(ratios),
        "proved optimal": sum(line.figures["status"] == "optimal" for line in lines) / max(1, len(lines)),
    }
