"""Results for people, as tables, and for later runs, as one line of JSON each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.circumstances import Circumstances
from benchmarks.parts import Figure, Line, Part

WIDTH = 160
SHARES = ("gap", "over_best", "mean over best known", "worst over best known", "at best known",
          "proved optimal", "worst proven gap")  # fmt: skip
HEADINGS = {
    "limit_s": "limit s",
    "bound_by": "bound by",
    "peak_mb": "peak MB",
    "best": "best known",
    "over_best": "over best",
    "first_s": "first plan s",
    "first_cost": "first plan cost",
    "greedy": "greedy: cost",
    "greedy_first_s": "greedy: first plan s",
    "to_greedy": "cost / greedy",
    "first_to_greedy": "first plan cost / greedy",
    "first_s_to_greedy": "first plan s / greedy's",
}


def print_part(console: Console, part: Part, lines: Sequence[Line], at: Circumstances) -> None:
    """One table of the lines, with the circumstances above and the figures that sum it up below."""
    console.print(f"\n{part.title}\n{at}", highlight=False)
    keys = list(lines[0].figures) if lines else []
    rows = [["problem", *(HEADINGS.get(key, key) for key in keys)]]
    rows += [[line.name, *(shown(key, line.figures[key]) for key in keys)] for line in lines]
    head, *body = zip(*rows, strict=True) if part.sideways else rows
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column(head[0])
    for heading in head[1:]:
        table.add_column(heading, justify="right")
    for row in body:
        table.add_row(*row)
    console.print(table)
    for name, value in part.summarise(lines).items():
        console.print(f"  {name}: {shown(name, value)}", highlight=False)


def shown(key: str, value: Figure) -> str:
    """A figure as people read it: shares in per cent, large numbers without a fraction, `-` for none."""
    if value is None:
        return "-"
    if isinstance(value, str | int):
        return str(value)
    if key in SHARES:
        return f"{100 * value + 0.0:.3f} %"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def append(path: Path, part: str, line: Line, at: Circumstances) -> None:
    """Add one measurement to a results file; every line says when, where and from what code."""
    path.parent.mkdir(parents=True, exist_ok=True)
    entry = {**at.to_dict(), "part": part, "problem": line.name, **line.figures}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False, allow_nan=False) + "\n")
