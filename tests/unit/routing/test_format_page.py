"""The page on the file formats, its example and its schemas say what the program does."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from routing import checks
from routing.digest import digest
from routing.files import read_problem, write_plan, write_problem
from routing.limits import Limits
from routing.plan import PLAN_COLUMNS
from routing.problem import COUNTS, PROBLEM_COLUMNS, Problem
from routing.solve import solve
from tests.unit.routing.problems import make_problem, two_parcels_one_flight

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "problem-format.md").read_text(encoding="utf-8")
QUICK = Limits(time_limit_s=None, iterations=1)


def schema(name: str) -> Any:
    return json.loads((DOCS / f"{name}.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def example(tmp_path: Path) -> Problem:
    block = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert block is not None
    (tmp_path / "example.json").write_text(block[1])
    return read_problem(tmp_path / "example.json")


def test_the_example_is_read_and_costs_16(example: Problem) -> None:
    plan = solve(example, QUICK)

    assert digest(example) == digest(two_parcels_one_flight())
    assert (plan.status, plan.objective) == ("optimal", 16.0)


def test_the_certificate_of_the_example_proves_11(example: Problem) -> None:
    plan = dataclasses.replace(
        solve(example, QUICK),
        certificate_price=[[3 / 600], [0.0]],  # type: ignore[arg-type]
        certificate_item_value=[8.0, 8.0],  # type: ignore[arg-type]
        certificate_primary_use=[-1, 1],  # type: ignore[arg-type]
        certificate_theta=[[0.0], [1.0]],  # type: ignore[arg-type]
    )

    assert checks.recompute_bound(example, plan) == pytest.approx(11.0)


def test_every_key_of_the_files_stands_on_the_page_and_in_the_schemas() -> None:
    keys = [column.key for column in (*PROBLEM_COLUMNS, *PLAN_COLUMNS)]
    described = set(schema("problem")["properties"]) | set(schema("plan")["properties"])

    assert [key for key in keys if f"| `{key}` |" not in PAGE] == []
    assert [key for key in (*keys, *COUNTS) if key not in described] == []


def test_written_files_keep_to_the_schemas(tmp_path: Path) -> None:
    problem = two_parcels_one_flight()
    write_problem(problem, tmp_path / "p.json")
    write_plan(solve(problem, QUICK), tmp_path / "plan.json")
    hopeless = make_problem(sizes=[[1.0]], options=[[]], free=[])
    write_plan(solve(hopeless, QUICK), tmp_path / "none.json")

    for name, kind in (("p", "problem"), ("plan", "plan"), ("none", "plan")):
        content = json.loads((tmp_path / f"{name}.json").read_text())
        assert [
            error.message for error in jsonschema_rs.validator_for(schema(kind)).iter_errors(content)
        ] == []


def test_the_schema_refuses_what_the_reader_refuses(tmp_path: Path) -> None:
    write_problem(two_parcels_one_flight(), tmp_path / "p.json")
    content = json.loads((tmp_path / "p.json").read_text()) | {"item_drop_cost": [-1, "many"]}

    assert not jsonschema_rs.validator_for(schema("problem")).is_valid(content)
