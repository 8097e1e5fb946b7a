"""Results for people, as tables, and for later runs, as one line of JSON each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.circumstances import Circumstances
from benchmarks.tasks import Figure, Line, Part

WIDTH = 160
SHARES = ("gap", "over_best", "mean over best known", "worst over best known", "at best known",
          "proved optimal", "worst proven gap")  # fmt: skip
SHARE_WORDS = ("gap at ", "cost over free", "over_free", "to_plan_s", "time / full plan")
BESIDE = {*(field.name for field in fields(Circumstances)), "part", "problem", "wrong"}
"""Members of a kept line that are no figures."""
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
    "cp_sat": "CP-SAT: cost",
    "cp_sat_status": "CP-SAT: status",
    "cp_sat_s": "CP-SAT: seconds",
    "to_cp_sat": "cost / CP-SAT",
    "plan_s": "plan s",
    "booked": "items on it",
    **{
        f"t{tier}_{key}": f"tier {tier}: {title}"
        for tier in (0, 1)
        for key, title in (
            ("s", "seconds"),
            ("to_plan_s", "time / full plan"),
            ("changed", "changed / items on it"),
            ("over_free", "cost over free"),
        )
    },
}


def print_part(console: Console, part: Part, lines: Sequence[Line], at: Circumstances) -> None:
    """One table of the lines, with the circumstances above and the figures that sum it up below."""
    console.print(f"\n{part.title}\n{at}", highlight=False)
    keys = [key for key in _all_keys(lines) if key not in part.unprinted]
    rows = [["problem", *(HEADINGS.get(key, key) for key in keys)]]
    rows += [[line.name, *(shown(key, line.figures.get(key)) for key in keys)] for line in lines]
    head, *body = zip(*rows, strict=True) if part.sideways else rows
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column(head[0], no_wrap=True)
    for heading in head[1:]:
        table.add_column(heading, justify="right", no_wrap=part.sideways)
    for row in body:
        table.add_row(*row)
    console.print(table)
    for name, value in part.summarise(lines).items():
        console.print(f"  {name}: {shown(name, value)}", highlight=False)


def _all_keys(lines: Sequence[Line]) -> list[str]:
    """Every figure of any line, in the order of the fullest."""
    fullest = max(lines, key=lambda line: len(line.figures), default=None)
    first = list(fullest.figures) if fullest else []
    return list(dict.fromkeys(first + [key for line in lines for key in line.figures]))


def shown(key: str, value: Figure) -> str:
    """A figure as people read it: shares in per cent, large numbers without a fraction, `-` for none."""
    if value is None:
        return "-"
    if isinstance(value, str | int):
        return str(value)
    if key in SHARES or any(words in key for words in SHARE_WORDS):
        return f"{100 * value + 0.0:.3f} %"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def append(path: Path, part: str, line: Line, at: Circumstances) -> None:
    """Add one measurement to a results file; every line says when, where and from what code."""
    path.parent.mkdir(parents=True, exist_ok=True)
    entry = {**at.to_dict(), "part": part, "problem": line.name, "wrong": line.wrong, **line.figures}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False, allow_nan=False) + "\n")


def kept_lines(path: Path, commit: str) -> dict[tuple[str, str, float], Line]:
    """What a results file holds of a commit, by part, problem and limit; nothing where code was changed on top."""
    if commit.endswith("+") or not path.exists():
        return {}
    kept = {}
    for text in path.read_text(encoding="utf-8").splitlines():
        entry = _entry(text)
        if entry.get("commit") != commit or "limit_s" not in entry:
            continue
        figures = {key: value for key, value in entry.items() if key not in BESIDE}
        line = Line(entry["problem"], figures, entry.get("wrong", False))
        kept[entry["part"], line.name, entry["limit_s"]] = line
    return kept


def _entry(text: str) -> dict[str, Any]:
    """One line of a results file; empty where a run was cut off while it wrote."""
    try:
        entry = json.loads(text)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
