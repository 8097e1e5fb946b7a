"""What a benchmark tells: figures, tables and the lines that are kept."""

import io
import json
import math

import pytest
from rich.console import Console

from benchmarks.circumstances import Circumstances
from benchmarks.parts import PARTS, Line, against_best, compared, sum_up_published, sum_up_sample
from benchmarks.reporting import WIDTH, append, print_part, shown
from benchmarks.running import Outcome

AT = Circumstances("2026-11-23 08:00 UTC", 2, 24, "a processor", 1.5, "abc1234")
CIRCUMSTANCES = "2026-11-23 08:00 UTC · 2 cores, 24 GB, a processor, load 1.5 · abc1234"


def line(name, over, status="feasible"):
    return Line(name, {"over_best": over, "status": status})


def test_instances_without_a_plan_are_counted_apart_from_the_mean():
    summed = sum_up_published([line("a", 0.0, "optimal"), line("b", 0.02), line("c", None, "no legal plan")])
    assert summed["instances"] == 3
    assert summed["without a legal plan"] == 1
    assert summed["mean over best known"] == pytest.approx(0.01)
    assert (summed["worst over best known"], summed["worst instance"]) == (0.02, "b")
    assert summed["at best known"] == 0.5
    assert summed["proved optimal"] == pytest.approx(1 / 3)


def test_a_plan_is_measured_over_the_best_known_value():
    measured = against_best("a", Outcome("fourport", 102.0, 99.0, "feasible"), 100.0, 5.0)
    assert measured.figures["over_best"] == pytest.approx(0.02)
    assert not measured.wrong


def test_a_bound_above_the_best_known_value_is_a_fault():
    measured = against_best("a", Outcome("fourport", 102.0, 101.0, "feasible"), 100.0, 5.0)
    assert measured.wrong
    assert measured.figures["status"] == "bound above the best known value"


def test_ours_is_compared_with_the_peer_in_cost_and_in_time():
    ours = Outcome("fourport", 50.0, 40.0, "feasible", first_s=3.0, first_cost=80.0, seconds=20.0)
    peer = Outcome("greedy", 100.0, first_s=1.5, first_cost=300.0, seconds=9.0)
    figures = compared(ours, peer, 20.0)
    assert (figures["to_greedy"], figures["first_to_greedy"], figures["first_s_to_greedy"]) == (0.5, 0.8, 2.0)
    assert figures["gap"] == pytest.approx(0.25)


def test_a_missing_plan_makes_no_ratio_and_no_best_of_the_sums():
    figures = compared(Outcome("fourport", failure="no legal plan: unknown"), Outcome("greedy", 9.0), 5.0)
    assert (figures["to_greedy"], figures["objective"], figures["gap"]) == (None, None, None)
    assert figures["status"] == "no legal plan: unknown"
    assert set(sum_up_sample([Line("1,000 parcels", figures)]).values()) == {None}


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("gap", 0.0123456, "1.235 %"),
        ("over_best", 0.0, "0.000 %"),
        ("objective", 1234567.4, "1,234,567"),
        ("seconds", 5.0312, "5.031"),
        ("status", "optimal", "optimal"),
        ("bound", None, "-"),
    ],
)
def test_figures_are_written_for_people(key, value, text):
    assert shown(key, value) == text


def test_a_table_says_when_where_and_from_what_code():
    file = io.StringIO()
    print_part(Console(file=file, width=WIDTH), PARTS["gap"], [line("set/one", 0.02)], AT)
    printed = file.getvalue()
    assert CIRCUMSTANCES in printed
    assert "over best" in printed
    assert "2.000 %" in printed
    assert "worst instance: set/one" in printed


def test_a_sideways_table_has_a_column_for_each_problem():
    file = io.StringIO()
    ours, peer = Outcome("fourport", 50.0, 40.0, "feasible"), Outcome("greedy", 100.0)
    lines = [Line(name, compared(ours, peer, 20.0)) for name in ("small", "large")]
    print_part(Console(file=file, width=WIDTH), PARTS["sample"], lines, AT)
    rows = [row.split() for row in file.getvalue().splitlines()]
    assert ["problem", "small", "large"] in rows
    assert ["cost", "/", "greedy", "0.5", "0.5"] in rows


def test_every_kept_line_says_when_where_and_from_what_code(tmp_path):
    kept = tmp_path / "new" / "results.jsonl"
    for name in ("a", "b"):
        append(kept, "gap", line(name, 0.5), AT)
    entries = [json.loads(text) for text in kept.read_text().splitlines()]
    assert [entry["problem"] for entry in entries] == ["a", "b"]
    assert all(entry["date"] == AT.date and entry["cpu"] and entry["cores"] == 2 for entry in entries)
    assert all(entry["commit"] == "abc1234" and entry["memory_gb"] == 24 for entry in entries)


def test_what_was_not_reached_is_not_a_number():
    assert math.isnan(Outcome("greedy").gap)
