"""One peer on one problem file: writes the plan, and what it took as JSON (solvers may print what they like)."""

from __future__ import annotations

import json
import resource
import time
from pathlib import Path

import click

from benchmarks.peers import peer, warm_up
from routing.files import read_problem, write_plan


@click.command()
@click.argument("name")
@click.argument("problem_path", type=click.Path(path_type=Path))
@click.argument("plan_path", type=click.Path(path_type=Path))
@click.argument("measured_path", type=click.Path(path_type=Path))
@click.option("--time-limit", type=float, required=True)
@click.option("--memory-gb", type=float, required=True)
@click.option("--seed", type=int, required=True)
def main(
    name: str,
    problem_path: Path,
    plan_path: Path,
    measured_path: Path,
    time_limit: float,
    memory_gb: float,
    seed: int,
) -> None:
    """Let peer NAME solve a problem; reading and writing files is not counted."""
    limit = int(memory_gb * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    solver = peer(name)
    problem = read_problem(problem_path)
    warm_up(name, problem)
    begin = time.perf_counter()
    answer = solver(problem, time_limit, seed)
    seconds = time.perf_counter() - begin
    write_plan(answer.plan, plan_path)
    measured = {
        "seconds": seconds,
        "first_s": answer.first_s,
        "first_cost": answer.first_cost,
        "signs": [[sign.seconds, sign.incumbent, sign.bound] for sign in answer.signs],
    }
    measured_path.write_text(json.dumps(measured), encoding="utf-8")


if __name__ == "__main__":
    main()
