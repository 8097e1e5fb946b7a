"""`fourport solve`, `verify` and `why`: the optimizer on files, without a database and without the web."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from routing.limits import Limits, Progress, cores
from routing.plan import Plan
from routing.problem import ProblemError

if TYPE_CHECKING:
    from routing.explain import Explainer


class _Unreadable(click.ClickException):
    """Wrong usage or unreadable input: exit 2 and one line."""

    exit_code = 2


@click.command()
@click.argument("problem_path", metavar="PROBLEM", type=click.Path(path_type=Path))
@click.option("-o", "--output", "plan_path", metavar="PLAN", required=True, type=click.Path(path_type=Path))
@click.option("--time-limit", type=float, default=60.0, show_default=True, help="Seconds of wall time.")
@click.option(
    "--iterations", type=int, help="Budget of iterations instead of time: every run gives the same plan."
)
@click.option("--gap", type=float, default=1e-6, show_default=True, help="Stop at this proven relative gap.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--threads", type=int, default=cores, show_default="all cores")
@click.option(
    "--start", "start_path", metavar="PLAN", type=click.Path(path_type=Path), help="Plan to start from."
)
@click.option("--max-changes", type=int, metavar="R", help="Change at most R of the bookings in the problem.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.pass_context
def solve(
    ctx: click.Context,
    problem_path: Path,
    plan_path: Path,
    time_limit: float,
    iterations: int | None,
    gap: float,
    seed: int,
    threads: int,
    start_path: Path | None,
    max_changes: int | None,
    as_json: bool,
) -> None:
    """Solve the problem file PROBLEM (.npz or .json) and write the plan.

    Exit 0 with a legal plan, 1 where there is none or none was found, 2 for unreadable input.
    """
    from routing.changes import solve_with_few_changes
    from routing.files import read_plan, read_problem, write_plan
    from routing.solve import solve as run

    try:
        limits = Limits(time_limit if iterations is None else None, iterations, gap, threads)
        _check_place(plan_path)
        problem = read_problem(problem_path)
        start = None if start_path is None else read_plan(start_path)
        with _shown_progress(time_limit, quiet=as_json) as show:
            if max_changes is None:
                plan = run(problem, limits, seed=seed, previous=start, on_progress=show)
            else:
                plan = solve_with_few_changes(
                    problem, limits, max_changes, seed=seed, previous=start, on_progress=show
                )
        write_plan(plan, plan_path)
    except ProblemError as error:
        raise _Unreadable(str(error)) from error
    _print_plan(plan, as_json=as_json)
    ctx.exit(0 if plan.legal else 1)


@click.command()
@click.argument("problem_path", metavar="PROBLEM", type=click.Path(path_type=Path))
@click.argument("plan_path", metavar="PLAN", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def verify(ctx: click.Context, problem_path: Path, plan_path: Path, as_json: bool) -> None:
    """Check every rule of a plan, add up its cost and prove its bound anew.

    Prints each violation as `code, index, detail`. Exit 0 if there is none, 1 if there is, 2 for
    unreadable input.
    """
    from routing import checks
    from routing.files import read_plan, read_problem

    try:
        problem, plan = read_problem(problem_path), read_plan(plan_path)
    except ProblemError as error:
        raise _Unreadable(str(error)) from error
    report = checks.verify(problem, plan)
    found = (*report.violations, *report.notes)
    if as_json:
        rows = [{"code": row.code, "index": row.index, "detail": row.detail} for row in found]
        figures = {"objective": report.objective, "lower_bound": report.lower_bound, "gap": report.gap}
        click.echo(json.dumps({"ok": report.ok, "violations": rows} | _plain(figures)))
    else:
        for row in found:
            click.echo(str(row))
        if report.ok:
            click.echo(f"ok: cost {_amount(report.objective)}, {_bound_line(report.lower_bound, report.gap)}")
    ctx.exit(0 if report.ok else 1)


@click.command()
@click.argument("problem_path", metavar="PROBLEM", type=click.Path(path_type=Path))
@click.argument("plan_path", metavar="PLAN", type=click.Path(path_type=Path))
@click.argument("item", required=False)
@click.option("--departures", is_flag=True, help="What one more unit of room is worth, and when units pay.")
@click.option("--alternatives", type=int, default=3, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON.")
def why(
    problem_path: Path, plan_path: Path, item: str | None, departures: bool, alternatives: int, as_json: bool
) -> None:
    """Explain one ITEM, given by its number or by its name in PROBLEM's .refs.json.

    Shows the option taken, the next best ones with what they would cost more, what stands in the way, and the
    smallest change that would help. With --departures instead: what a kilogram and a cubic metre more (one of
    any other dimension) would be worth on each resource, and how full a unit must be to pay for itself.
    """
    from routing.explain import Explainer
    from routing.files import read_names, read_plan, read_problem

    if (item is None) is not departures:
        raise click.UsageError("name an ITEM, or ask for --departures")
    try:
        problem, plan, names = read_problem(problem_path), read_plan(plan_path), read_names(problem_path)
        explainer = Explainer(problem, plan)
        if item is not None:
            _print_item(explainer, _number(item, names), names, alternatives, as_json=as_json)
        else:
            _print_departures(explainer, names, as_json=as_json)
    except ProblemError as error:
        raise _Unreadable(str(error)) from error


def _print_item(
    explainer: Explainer, item: int, names: dict[str, list[str]], alternatives: int, *, as_json: bool
) -> None:
    from dataclasses import asdict

    from app.cli.why_text import lines

    explanation = explainer.explain(item, alternatives=alternatives)
    if as_json:
        click.echo(json.dumps(_plain(asdict(explanation))))
        return
    for line in lines(explanation, names):
        click.echo(line)


def _print_departures(explainer: Explainer, names: dict[str, list[str]], *, as_json: bool) -> None:
    from dataclasses import asdict

    from app.cli.why_text import space_lines, steps
    from routing.worth import space_worth

    worth = space_worth(explainer, steps(names, explainer.problem.d))
    if as_json:
        click.echo(json.dumps(_plain({key: array.tolist() for key, array in asdict(worth).items()})))
        return
    for line in space_lines(explainer, worth, names):
        click.echo(line)


def _check_place(plan_path: Path) -> None:
    """Refuse before the search what could not be written after it."""
    if plan_path.suffix not in (".npz", ".json"):
        raise ProblemError("unknown_suffix", plan_path.name, "must end in .npz or .json")
    if not plan_path.parent.is_dir():
        raise ProblemError("not_writable", str(plan_path.parent), "is no folder")


def _number(item: str, names: dict[str, list[str]]) -> int:
    known = names.get("item", [])
    if item in known:
        return known.index(item)
    if item.isdecimal():
        return int(item)
    raise ProblemError("out_of_range", "item", f"{item!r} is no item of this problem")


class _shown_progress:  # noqa: N801 - reads as a verb where it is used
    """Progress for a person: a bar on a terminal, a line per phase and improvement elsewhere, on stderr."""

    def __init__(self, time_limit_s: float, *, quiet: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        self.console = Console(stderr=True)
        self.limit = time_limit_s
        self.quiet = quiet
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        hidden = quiet or not self.console.is_terminal
        self.bar = Bar(*columns, console=self.console, transient=True, disable=hidden)
        self.last = ""

    def __enter__(self) -> Callable[[Progress], None]:
        # HiGHS writes to the process's standard output in places; that is kept for the summary.
        sys.stdout.flush()
        self.stdout = os.dup(1)
        os.dup2(2, 1)
        self.bar.start()
        self.task = self.bar.add_task("reading", total=self.limit)
        return self.show

    def __exit__(self, *_: object) -> None:
        self.bar.stop()
        os.dup2(self.stdout, 1)
        os.close(self.stdout)

    def show(self, progress: Progress) -> None:
        """Show one sign of life; a repeated line is not printed twice."""
        line = describe(progress)
        self.bar.update(self.task, description=line, completed=min(progress.seconds, self.limit))
        if not (self.quiet or self.console.is_terminal or line == self.last):
            click.echo(f"{progress.seconds:7.1f} s  {line}", err=True)
        self.last = line


def describe(progress: Progress) -> str:
    """One line: phase, best cost, proven bound, gap."""
    parts = [progress.phase]
    if progress.incumbent is not None:
        parts.append(f"plan {_amount(progress.incumbent)}")
    if progress.bound is not None:
        parts.append(f"bound {_amount(progress.bound)}")
    if progress.gap is not None and math.isfinite(progress.gap):
        parts.append(f"gap {progress.gap:.4%}")
    return "  ".join(parts)


def _print_plan(plan: Plan, *, as_json: bool) -> None:
    figures = {
        "status": plan.status,
        "objective": plan.objective,
        "lower_bound": plan.lower_bound,
        "bound_source": plan.bound_source,
        "gap": plan.gap,
        "assigned": int((plan.item_option >= 0).sum()),
        "unassigned": int((plan.item_option < 0).sum()),
        "unplaced": len(plan.unplaced),
        "units": int(plan.units.sum()),
        "seconds": round(sum(plan.seconds.values()), 3),
    }
    if as_json:
        click.echo(json.dumps(_plain(figures)))
        return
    click.echo(f"{plan.status}: cost {_amount(plan.objective)}, {_bound_line(plan.lower_bound, plan.gap)}")
    click.echo(
        f"{figures['assigned']} assigned, {figures['unassigned']} left out, {figures['units']} units opened"
    )
    if len(plan.unplaced):
        shown = ", ".join(str(item) for item in plan.unplaced[:10])
        click.echo(f"{len(plan.unplaced)} items must be assigned and are not: {shown}")


def _bound_line(bound: float, gap: float) -> str:
    if math.isnan(bound):
        return "no bound proven"
    return f"lower bound {_amount(bound)}, gap {gap:.4%}"


def _amount(value: float) -> str:
    return "none" if math.isnan(value) else f"{value:,.2f}"


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever json.dumps takes
    """The same without NaN and infinity, which JSON does not know."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "inf" if value > 0 else None
    return value
