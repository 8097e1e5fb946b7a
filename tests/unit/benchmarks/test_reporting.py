"""What a benchmark tells: figures, tables and the lines that are kept."""

import io
import json
import math
from dataclasses import replace

import pytest
from rich.console import Console

from benchmarks.circumstances import Circumstances
from benchmarks.parts import PARTS
from benchmarks.published import against_best, sum_up_published
from benchmarks.regimes import compared, drawn_line, growth, sum_up_a, sum_up_b, sum_up_peers, sum_up_sample
from benchmarks.reporting import WIDTH, append, kept_lines, print_part, shown
from benchmarks.running import Outcome
from benchmarks.tasks import Line

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


def drawn(items, seed, peer, objective, bound=float("nan"), signs=(), **more):
    outcome = Outcome(peer, objective, bound, "feasible", peak_mb=10.0, off=0.0, signs=signs, **more)
    return drawn_line(items, seed, outcome, 30.0)


def test_gaps_are_summed_up_by_size_as_median_and_worst():
    lines = [drawn(1_000, seed, "fourport", 100.0 + seed, 100.0) for seed in (1, 2, 9)]
    summed = sum_up_a(lines)
    assert summed["gap at 1k, median"] == pytest.approx(0.02)
    assert summed["gap at 1k, worst"] == pytest.approx(0.09)
    assert summed["plans with violations"] == 0


def test_a_size_without_a_bound_has_no_gap():
    summed = sum_up_a([drawn(1_000, 1, "fourport", 100.0)])
    assert summed["gap at 1k, worst"] is None


def test_growth_compares_times_to_the_smallest_gap_that_both_sizes_reach():
    small = drawn(10, 1, "fourport", 100.0, 99.95, signs=((1.0, 102.0, 99.5), (2.0, 100.2, 99.95)))
    large = drawn(100, 1, "fourport", 100.0, 99.0, signs=((5.0, 102.0, 99.5), (30.0, 100.2, 99.6)))
    assert growth([small, large]) == pytest.approx(30.0 / 2.0)
    assert growth([small]) is None


def test_cost_is_compared_with_greedy_on_the_same_problem():
    lines = [
        drawn(1_000, 1, "fourport", 30.0),
        drawn(1_000, 2, "fourport", 80.0),
        drawn(1_000, 2, "greedy", 100.0),
        drawn(1_000, 1, "greedy", 100.0),
    ]
    assert sum_up_b(lines)["objective / greedy's at 1k, worst"] == 0.8


def test_ours_is_compared_with_the_best_of_those_who_found_a_plan():
    lines = [drawn(1_000, 1, "fourport", 30.0), drawn(1_000, 1, "scip", 40.0)]
    lines += [drawn(1_000, 1, "cbc", float("nan"), failure="out of memory"), drawn(1_000, 1, "greedy", 60.0)]
    summed = sum_up_peers(lines)
    assert summed["objective / best peer's at 1k"] == 0.75
    assert summed["objective / cbc's at 1k"] is None


def test_rules_that_shut_what_does_not_pay_are_compared_apart_from_plain_peers():
    lines = [drawn(1_000, 1, peer, cost) for peer, cost in (("fourport", 30.0), ("scip", 60.0))]
    summed = sum_up_peers([*lines, drawn(1_000, 1, "greedy-shut", 40.0)])
    assert summed["objective / best peer's at 1k"] == 0.5
    assert summed["objective / best of all at 1k"] == 0.75


def test_a_line_of_the_same_commit_is_not_measured_again(tmp_path):
    kept = tmp_path / "results.jsonl"
    measured = drawn(1_000, 1, "fourport", 30.0, 20.0)
    append(kept, "a", measured, AT)
    kept.write_text(kept.read_text() + '{"cut off')
    found = kept_lines(kept, "abc1234")
    assert found[("a", "1k #1 fourport", 30.0)] == measured
    assert kept_lines(kept, "def5678") == {}


def test_lines_of_changed_code_are_measured_again(tmp_path):
    kept = tmp_path / "results.jsonl"
    append(kept, "a", drawn(1_000, 1, "fourport", 30.0), replace(AT, commit="abc1234+"))
    assert kept_lines(kept, "abc1234+") == {}
