"""Both backtests from file to files: solved, judged, written, printed; bad input is refused in one line."""

import csv
import sys

import pytest

from app.backtests.brunel_run import brunel_tables, run_brunel
from app.backtests.running import NoPlanError, Runner
from app.backtests.scms_run import run_scms, scms_tables
from app.cli import main
from routing.checks import verify
from routing.files import read_names, read_plan, read_problem
from routing.limits import Limits
from tests.unit.backtests.histories import charter_history, history_row, two_mode_history


@pytest.fixture
def runner(tmp_path):
    return Runner(tmp_path / "out", Limits(iterations=1000))


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def assert_files_stand_the_check(folder, name):
    problem, plan = read_problem(folder / f"{name}.problem.npz"), read_plan(folder / f"{name}.plan.npz")
    assert verify(problem, plan).ok
    names = read_names(folder / f"{name}.problem.npz")
    assert len(names["item"]) == problem.n
    assert len(names["option"]) == problem.o
    assert len(names["resource"]) == problem.r
    assert len(names.get("unit", [])) == problem.t


def test_the_orders_that_can_be_are_served_at_the_least_cost(workbook, runner):
    result = run_brunel(workbook(), runner)
    assert result.first.plan.objective == pytest.approx(3)
    assert result.most_is_proven
    assert (result.first.proven, result.second.proven) == (True, True)
    # Served: 2.7 from W1 (4 + 10), 1.7 from W2 (0.5 + 20), 3.7 from W2 (0 + 60).
    assert result.second.plan.objective == pytest.approx(100 * (14 + 20.5 + 60))
    assert result.reasons == [
        "SERVED",
        "SERVED",
        "SERVED",
        "NO_WAREHOUSE_STOCKS_PRODUCT",
        "CUSTOMER_NOT_SERVED",
        "NO_FREIGHT_RATE",
    ]
    assert_files_stand_the_check(runner.folder, "brunel-most-served")
    assert_files_stand_the_check(runner.folder, "brunel-least-cost")


def test_every_order_stands_in_the_assignments_with_its_way_or_its_reason(workbook, runner):
    run_brunel(workbook(WhCapacities=[["W1", 1], ["W2", 0]]), runner)
    found = {row["order_id"]: row for row in rows_of(runner.folder / "assignments.csv")}
    assert len(found) == 6
    assert [found[order]["reason"] for order in ("1.7", "2.7", "3.7")].count("CAPACITY_FULL") == 2
    cheapest = found["1.7"]
    assert [cheapest[key] for key in ("warehouse", "port", "carrier", "service")] == ["W1", "P1", "R1", "DTD"]
    assert cheapest["cost_usd"] == "8.0000"


def test_the_tables_show_both_problems_and_every_reason(workbook, runner):
    tables = brunel_tables(run_brunel(workbook(), runner))
    text = "\n".join(" ".join(row) for table in tables for row in table.rows)
    assert "1 most orders served 3 left out 3 left out" in text
    assert "2 least cost at that number 94.50 USD" in text
    assert "NO_FREIGHT_RATE 1" in text


def test_the_model_changes_to_the_cheaper_mode_and_says_what_that_saves(history_file, runner):
    result = run_scms(history_file(two_mode_history()), runner, late_day_share=0.0)
    assert result.recorded.freight_usd == 4 * 3050
    assert result.recorded_modelled.freight_usd == pytest.approx(4 * 3050)
    assert result.chosen_modelled.modes == {"Truck": 4}
    assert result.saving_usd == pytest.approx(4 * (3050 - 1100))
    assert_files_stand_the_check(runner.folder, "scms-modes")


def test_lateness_that_costs_more_than_it_saves_keeps_the_faster_mode(history_file, runner):
    result = run_scms(history_file(two_mode_history()), runner, late_day_share=0.5)
    assert result.chosen_modelled.modes == {"Air": 4}
    assert result.saving_usd == pytest.approx(0)


def test_a_nearly_empty_second_flight_is_not_opened(history_file, runner):
    result = run_scms(history_file(charter_history()), runner, late_day_share=0.0)
    assert result.chosen_modelled.modes == {"Air Charter": 3, "Air": 1}
    assert result.chosen_modelled.flights == 1
    assert result.solved.plan.objective / 100 == pytest.approx(result.chosen_modelled.total_usd)
    assert_files_stand_the_check(runner.folder, "scms-modes")


def test_every_later_consignment_stands_in_the_modes_file(history_file, runner):
    run_scms(history_file(two_mode_history()), runner, late_day_share=0.0)
    rows = rows_of(runner.folder / "modes.csv")
    assert [(row["recorded_mode"], row["chosen_mode"]) for row in rows] == [("Air", "Truck")] * 4
    assert rows[0]["chosen_modelled_late_days"] == "10.00"


def test_the_tables_show_three_columns_the_error_and_the_rows(history_file, runner):
    first, *others = scms_tables(run_scms(history_file(two_mode_history()), runner, late_day_share=0.0))
    assert first.header[1:] == ("as recorded", "recorded choice, modelled", "model's choice, modelled")
    assert ("freight, USD", "12,200.00", "12,200.00", "4,400.00") in first.rows
    text = "\n".join(" ".join(row) for table in others for row in table.rows)
    assert "Air 4 12,200.00 12,200.00 0.0 %" in text
    assert "all rows 44" in text


def test_a_mode_never_seen_before_the_split_is_left_out_and_counted(history_file, runner):
    rows = [*two_mode_history(), history_row(99, mode="Ocean", delivered="1-Mar-13")]
    result = run_scms(history_file(rows), runner)
    assert (result.never_seen, len(result.study.rows)) == (1, 4)


def test_a_plan_the_checker_refuses_is_not_reported(workbook, runner, monkeypatch):
    from app.backtests import running
    from routing.checks import Report, Violation

    wrong = Report((Violation("over_capacity", "3", "too much"),), (), 0.0, 0.0)
    monkeypatch.setattr(running, "verify", lambda problem, plan: wrong)
    with pytest.raises(NoPlanError, match="over_capacity, 3, too much"):
        run_brunel(workbook(), runner)


def exit_of(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["fourport", "backtest", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return caught.value.code


def test_the_commands_print_their_tables_and_exit_0(workbook, history_file, tmp_path, monkeypatch, capsys):
    assert exit_of(monkeypatch, "brunel", workbook(), "-o", tmp_path / "b") == 0
    assert "least cost at that number" in capsys.readouterr().out
    history = history_file(two_mode_history())
    assert exit_of(monkeypatch, "scms", history, "-o", tmp_path / "s", "--late-day-percent", "0") == 0
    assert "model's choice, modelled" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["brunel", "scms"])
def test_bad_input_is_one_line_and_exit_2(command, tmp_path, monkeypatch, capsys):
    path = tmp_path / "wrong.bin"
    path.write_bytes(b"\x00\x01\x02 neither workbook nor table\n")
    assert exit_of(monkeypatch, command, path, "-o", tmp_path / "out") == 2
    error = capsys.readouterr().err.strip()
    assert error.startswith("fourport: wrong.bin")
    assert "\n" not in error


@pytest.mark.parametrize("command", ["brunel", "scms"])
def test_a_file_that_is_not_there_is_one_line_and_exit_2(command, tmp_path, monkeypatch, capsys):
    assert exit_of(monkeypatch, command, tmp_path / "none", "-o", tmp_path / "out") == 2
    error = capsys.readouterr().err.strip()
    assert error.endswith("none: No such file or directory")
    assert "\n" not in error


def test_a_folder_that_is_a_file_is_one_line_and_exit_2(workbook, monkeypatch, capsys):
    path = workbook()
    assert exit_of(monkeypatch, "brunel", path, "-o", path) == 2
    assert "File exists" in capsys.readouterr().err


def test_a_history_on_one_side_of_the_split_only_is_refused(history_file, tmp_path, monkeypatch, capsys):
    path = history_file([history_row(1)])
    assert exit_of(monkeypatch, "scms", path, "-o", tmp_path / "out") == 2
    assert "on both sides of 2013-01-01" in capsys.readouterr().err


def test_the_public_orders_are_served_as_well_as_can_be(brunel_workbook, tmp_path):
    result = run_brunel(brunel_workbook, Runner(tmp_path, Limits(time_limit_s=60)))
    assert result.served == 2444
    assert result.most_is_proven
    assert result.second.plan.objective / 100 == pytest.approx(1_245_719.13, abs=0.05)
    assert (result.first.plan.status, result.second.plan.status) == ("optimal", "optimal")
    full = dict.fromkeys(result.network.capacity_orders, 0)
    for offer in result.taken:
        if offer:
            full[offer.warehouse] += 1
    assert all(full[name] <= capacity for name, capacity in result.network.capacity_orders.items())
    assert set(result.reasons) == {"SERVED", "CAPACITY_FULL"}


def test_the_public_history_yields_a_saving_and_a_small_bias(scms_history, tmp_path):
    result = run_scms(scms_history, Runner(tmp_path, Limits(time_limit_s=60)))
    assert len(result.study.rows) == 2036
    assert result.saving_usd > 900_000
    assert abs(result.accuracy[-1].bias) < 0.1
    assert result.solved.plan.gap < 0.01
