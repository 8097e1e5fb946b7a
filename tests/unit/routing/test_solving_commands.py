from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.solving import solve, verify, why
from routing.files import read_plan, write_problem
from tests.unit.routing.problems import make_problem, two_parcels_one_flight


def run(command: object, *arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])  # type: ignore[arg-type]


@pytest.fixture
def problem_path(tmp_path: Path) -> Path:
    path = tmp_path / "p.npz"
    names = {
        "item": ["PCL-A", "PCL-B"],
        "option": ["bought space", "charter"],
        "resource": ["block", "charter flight"],
    }
    write_problem(two_parcels_one_flight(), path, names=names)
    return path


def solved(problem_path: Path) -> Path:
    plan_path = problem_path.with_name("plan.npz")
    result = run(solve, problem_path, "-o", plan_path, "--iterations", 1)
    assert result.exit_code == 0, result.output
    return plan_path


def test_solve_writes_a_plan_that_verify_accepts(problem_path: Path) -> None:
    plan_path = solved(problem_path)
    result = run(verify, problem_path, plan_path)

    assert result.exit_code == 0
    assert "ok: cost 16.00" in result.output


def test_progress_goes_to_standard_error_as_plain_lines_without_a_terminal(problem_path: Path) -> None:
    result = run(solve, problem_path, "-o", problem_path.with_name("plan.json"), "--iterations", 1)

    assert "relaxation" in result.stderr
    assert "\x1b" not in result.stderr
    assert result.stdout.startswith("optimal: cost 16.00")


def test_summaries_can_be_had_as_json(problem_path: Path) -> None:
    plan_path = problem_path.with_name("plan.npz")
    summary = json.loads(run(solve, problem_path, "-o", plan_path, "--json", "--iterations", 1).stdout)
    report = json.loads(run(verify, problem_path, plan_path, "--json").stdout)

    assert (summary["status"], summary["objective"], summary["assigned"]) == ("optimal", 16.0, 2)
    assert (report["ok"], report["objective"]) == (True, 16.0)


def test_verify_prints_each_violation_and_exits_1(problem_path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.npz"
    write_problem(make_problem(sizes=[[1.0]], options=[[]], free=[], drop=1.0), other)
    result = run(verify, other, solved(problem_path))

    assert result.exit_code == 1
    assert "wrong_digest, , the plan answers another problem" in result.output


def test_no_plan_is_exit_1_with_the_items_named(tmp_path: Path) -> None:
    path = tmp_path / "p.npz"
    write_problem(make_problem(sizes=[[50.0]], options=[[([1.0], [(0, [1.0])])]], free=[[10.0]]), path)
    result = run(solve, path, "-o", tmp_path / "plan.npz")

    assert result.exit_code == 1
    assert "1 items must be assigned and are not: 0" in result.output
    assert read_plan(tmp_path / "plan.npz").status == "infeasible"
    assert run(verify, path, tmp_path / "plan.npz").output.startswith("no_plan, ,")


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 cut"])
def test_an_unreadable_problem_is_exit_2_with_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p.npz").write_bytes(content)
    result = run(solve, tmp_path / "p.npz", "-o", tmp_path / "plan.npz")

    assert result.exit_code == 2
    assert result.stderr == "Error: p.npz: is not a whole .npz archive\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--time-limit", "0"],
        ["--time-limit", "nan"],
        ["--iterations", "0"],
        ["--gap", "-1"],
        ["--threads", "0"],
        ["--start", "nowhere.npz"],
        ["--max-changes", "1"],
        ["-o", "plan.txt"],
        ["-o", "no/such/folder/plan.npz"],
    ],
)
def test_wrong_usage_is_exit_2(problem_path: Path, arguments: list[str]) -> None:
    result = run(solve, problem_path, "-o", problem_path.with_name("plan.npz"), *arguments)

    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_why_takes_names_and_numbers_and_shows_alternatives(problem_path: Path) -> None:
    plan_path = solved(problem_path)
    by_name, by_number = run(why, problem_path, plan_path, "PCL-B"), run(why, problem_path, plan_path, "1")

    assert by_name.exit_code == 0
    assert by_name.output == by_number.output
    assert "item PCL-B takes option charter, cost 3.00" in by_name.output
    assert "option bought space: +2.00" in by_name.output
    assert json.loads(run(why, problem_path, plan_path, "0", "--json").output)["taken"]["option"] == 1


def test_why_says_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "p.npz"
    write_problem(
        make_problem(sizes=[[50.0]], options=[[([1.0], [(0, [1.0])])]], free=[[10.0]], drop=9.0), path
    )
    run(solve, path, "-o", tmp_path / "plan.npz")
    result = run(why, path, tmp_path / "plan.npz", "0")

    assert "item 0 is left out, cost 9.00" in result.output
    assert (
        "smallest change that would help: 40 more dimension 0 on resource 0 (holds 10) for 0.00: "
        "opens option 0, saves 8.00"
    ) in result.output


def test_why_tells_what_room_is_worth_and_when_a_charter_pays(problem_path: Path) -> None:
    plan_path = solved(problem_path)
    told = run(why, problem_path, plan_path, "--departures")
    worth = json.loads(run(why, problem_path, plan_path, "--departures", "--json").output)

    assert told.exit_code == 0
    assert "unit 0: 1 of 1 opened at 10.00, 60% full, pays from 6% full" in told.output
    assert worth["unit_break_even"] == [pytest.approx(10 / (99 / 0.6))]
    assert worth["unit_goods"] == [2]


def test_why_wants_an_item_or_the_departures_and_not_both(problem_path: Path) -> None:
    plan_path = solved(problem_path)

    assert run(why, problem_path, plan_path).exit_code == 2
    assert run(why, problem_path, plan_path, "0", "--departures").exit_code == 2


def test_an_unknown_item_is_exit_2(problem_path: Path) -> None:
    plan_path = solved(problem_path)

    assert run(why, problem_path, plan_path, "PCL-Z").exit_code == 2
    assert run(why, problem_path, plan_path, "7").exit_code == 2


def test_nothing_but_the_summary_reaches_standard_output(
    problem_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    import routing.run

    def noisy(*arguments: object, **options: object) -> object:
        os.write(1, b"a line from the solver's own code\n")
        return relax(*arguments, **options)  # type: ignore[arg-type]

    relax = routing.run.relax
    monkeypatch.setattr(routing.run, "relax", noisy)
    arguments = [
        str(problem_path),
        "-o",
        str(problem_path.with_name("plan.npz")),
        "--json",
        "--iterations",
        "1",
    ]
    solve.main(arguments, standalone_mode=False)
    captured = capfd.readouterr()

    assert json.loads(captured.out)["status"] == "optimal"
    assert "own code" in captured.err


def test_the_commands_need_neither_flask_nor_sqlalchemy() -> None:
    code = "import sys, app.cli.solving; print([m for m in ('flask', 'sqlalchemy', 'ortools') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"
