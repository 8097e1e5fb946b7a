"""The part `replan`: the busiest departure of a plan is cancelled; what changes, how long it takes, what it costs.

As a program it does one such experiment, in a process of its own: plan, cancel, plan again with tier 0 and with
tier 1, and solve the disrupted problem freely with the limit and seed of the first plan.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click
import numpy as np

from benchmarks.circumstances import ROOT
from benchmarks.generator import generate
from benchmarks.peers import fourport
from benchmarks.regimes import size_name
from benchmarks.running import GRACE_S
from benchmarks.tasks import Figures, Line, Settings, Task, ratio
from routing.checks import check
from routing.disruption import Disruption, disrupt
from routing.limits import Limits
from routing.plan import Plan
from routing.problem import Problem
from routing.replan import Replan, replan
from routing.solve import solve

CASES = ((100_000, 120.0), (1_000_000, 300.0))
QUICK = ((10_000, 15.0),)
SHARE = 0.05
"""Share of the plan's time that planning again may take."""


def replan_tasks(settings: Settings) -> list[Task]:
    """One experiment for each regime and size."""
    cases = QUICK if settings.quick else CASES
    return [
        Task(f"{regime} {size_name(items)}", limit_s, partial(_measure, regime, items, limit_s))
        for items, limit_s in ((items, settings.time_limit_s or usual) for items, usual in cases)
        for regime in ("A", "B")
    ]


def _measure(regime: str, items: int, limit_s: float) -> Line:
    with tempfile.TemporaryDirectory(prefix="fourport-bench-") as folder:
        result = Path(folder, "figures.json")
        command = [sys.executable, "-m", "benchmarks.disruptions", regime, str(items), str(result)]
        done = subprocess.run(
            [*command, "--time-limit", str(limit_s)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=4 * limit_s + 4 * GRACE_S,
        )
        name = f"{regime} {size_name(items)}"
        if done.returncode:
            last = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
            return Line(name, {"limit_s": limit_s, "status": last})
        figures = json.loads(result.read_text(encoding="utf-8"))
        return Line(name, {"limit_s": limit_s, **figures}, figures["status"] == "illegal")


def experiment(problem: Problem, limit_s: float) -> Figures:
    """Plan, cancel the busiest departure, plan again in both ways."""
    whole = Limits(time_limit_s=limit_s, threads=fourport.THREADS)
    begin = time.perf_counter()
    plan = solve(problem, whole)
    plan_s = time.perf_counter() - begin
    resource, booked = busiest(problem, plan)
    begin = time.perf_counter()
    left = disrupt(problem, plan.item_option, plan.units, Disruption(cancelled=np.array([resource])))
    disrupt_s = time.perf_counter() - begin
    short = Limits(time_limit_s=SHARE * limit_s, threads=fourport.THREADS)
    figures: Figures = {"plan": plan.objective, "plan_s": plan_s, "booked": booked}
    free = solve(left.problem, whole)
    status = "legal" if free.legal else free.status
    for tier in (0, 1):
        begin = time.perf_counter()
        again = replan(left, short, tier=tier, before=plan)
        seconds = disrupt_s + time.perf_counter() - begin
        status = _worse(status, left.problem, again)
        figures |= {
            f"t{tier}_s": seconds,
            f"t{tier}_to_plan_s": ratio(seconds, plan_s),
            f"t{tier}_changed": ratio(len(again.changed), booked),
            f"t{tier}_over_free": _over(again.plan, free),
        }
    return {"status": status, **figures}


def busiest(problem: Problem, plan: Plan) -> tuple[int, int]:
    """The departure with most items in a plan, and how many: a resource that takes grams."""
    going = plan.item_option[plan.item_option >= 0]
    count = np.diff(problem.option_ptr)[going]
    first = np.repeat(problem.option_ptr[going], count)
    use = first + np.arange(len(first)) - np.repeat(np.cumsum(count) - count, count)
    use = use[problem.use_factor[use, 0] > 0]
    items = np.bincount(problem.use_resource[use], minlength=problem.r)
    return int(items.argmax()), int(items.max(initial=0))


def _over(plan: Plan, free: Plan) -> float | None:
    to_free = ratio(plan.objective, free.objective) if plan.legal and free.legal else None
    return None if to_free is None else to_free - 1


def _worse(status: str, problem: Problem, again: Replan) -> str:
    if not again.plan.legal:
        return f"tier {again.tier}: {again.plan.status}"
    return "illegal" if check(problem, again.plan) else status


def sum_up_replan(lines: Sequence[Line]) -> Figures:
    """The worst of each figure, for both tiers."""
    titles = {
        "to_plan_s": "time / full plan",
        "changed": "changed / booked on it",
        "over_free": "cost over free",
    }
    summed: Figures = {}
    for tier in (0, 1):
        for key, title in titles.items():
            values = [line.figures.get(f"t{tier}_{key}") for line in lines]
            summed[f"tier {tier}: {title}, worst"] = None if not values or None in values else max(values)
    return summed


@click.command()
@click.argument("regime")
@click.argument("items", type=int)
@click.argument("result", type=click.Path(path_type=Path))
@click.option("--time-limit", type=float, required=True)
def main(regime: str, items: int, result: Path, time_limit: float) -> None:
    """Do one experiment and write its figures as JSON."""
    problem = generate(regime, items, 1)
    fourport.warm_up(problem)
    result.write_text(json.dumps(experiment(problem, time_limit)), encoding="utf-8")


if __name__ == "__main__":
    main()
