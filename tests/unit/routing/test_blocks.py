"""Blocks: whole on the wire, checked before they are believed, and the same plan wherever they are solved."""

from __future__ import annotations

import dataclasses
import io
import pickle

import numpy as np
import pytest

from routing import blocks, checks
from routing.blocks import Block, run_here, run_in_processes, solve_block
from routing.digest import digest
from routing.limits import Limits
from routing.plan import Plan
from routing.problem import ProblemError
from routing.run import Run
from routing.solve import solve
from tests.unit.routing.problems import make_problem, two_parcels_one_flight
from tests.unit.routing.random_problems import random_problem

REPEATABLE = Limits(time_limit_s=None, iterations=1)


def never() -> bool:
    return False


def block_of(number: int, **changes: object) -> Block:
    problem = random_problem(number, n=14, options=4, resources=4, types=4, must=0.0, booked=0.0)
    return dataclasses.replace(Block(number, problem, None, REPEATABLE, seed=number), **changes)


def impossible(number: int) -> Block:
    options = [[([1.0], [(0, [1.0])])]]
    return Block(number, make_problem(sizes=[[50.0]], options=options, free=[[10.0]]), None, REPEATABLE, 1)


def shown(plan: Plan) -> tuple[object, ...]:
    """What two runs of the same block must agree on, to the last bit."""
    arrays = {key: array.tobytes() for key, array in plan.columns().items()}
    return plan.status, plan.objective, repr(plan.lower_bound), plan.problem_sha256, arrays


def shown_by(runner: blocks.BlockRunner, given: list[Block]) -> dict[int, tuple[object, ...]]:
    return {number: shown(plan) for number, plan in runner(given, never)}


@pytest.mark.parametrize("limits", [Limits(2.5, None, 1e-3, 2), Limits(None, 7), Limits(None, None)])
def test_a_block_survives_the_wire_whole(limits):
    problem = two_parcels_one_flight()
    start = solve(problem, REPEATABLE)
    read = Block.from_bytes(Block(12, problem, start, limits, seed=5).to_bytes())

    assert (read.number, read.seed, read.limits) == (12, 5, limits)
    assert digest(read.problem) == digest(problem)
    assert shown(read.start) == shown(start)


def test_a_block_without_a_start_has_none_after_the_wire():
    assert Block.from_bytes(block_of(1).to_bytes()).start is None


def archive(**keys: object) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **keys)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_readable"),
        (b"no archive", "not_readable"),
        (block_of(1).to_bytes()[:500], "not_readable"),
        # The end of the problem's own archive is taken for the end of the block's.
        (block_of(1).to_bytes()[:-100], "unknown_format"),
        (pickle.dumps({"format": blocks.FORMAT}), "not_readable"),
        (archive(format=np.array([{}], dtype=object)), "not_readable"),
        (archive(format="fourport-block/2"), "unknown_format"),
        (archive(format=blocks.FORMAT, number=1), "missing_key"),
    ],
)
def test_what_is_no_block_is_refused_in_one_line_and_nothing_of_it_is_executed(content, code):
    with pytest.raises(ProblemError) as refused:
        Block.from_bytes(content)
    assert refused.value.code == code


def test_a_block_is_solved_as_the_problem_alone_would_be():
    block = block_of(3)

    assert shown(solve_block(block)) == shown(solve(block.problem, REPEATABLE, seed=3))


def test_a_block_that_starts_from_a_plan_ends_no_dearer():
    first = solve_block(block_of(4))
    again = solve_block(block_of(4, start=first, seed=9))

    assert again.objective <= first.objective * (1 + 1e-9)


def test_a_plan_that_breaks_a_rule_is_refused(monkeypatch):
    cheat_in(monkeypatch)

    with pytest.raises(blocks.BlockRefusedError, match="wrong_objective"):
        solve_block(block_of(5))


def cheat_in(monkeypatch, of: int = 5) -> None:
    """Let the search of one block say a cost that its plan does not have."""
    honest = Run.plan

    def plan(run, previous):
        found = honest(run, previous)
        return dataclasses.replace(found, objective=found.objective / 2) if run.seed == of else found

    monkeypatch.setattr(Run, "plan", plan)


def test_refused_and_impossible_blocks_are_left_out_and_cost_no_other(monkeypatch, caplog):
    cheat_in(monkeypatch)
    given = [block_of(4), block_of(5), impossible(6), block_of(7)]

    assert [number for number, _ in run_here(given, never)] == [4, 7]
    assert "block 5 failed" in caplog.text


def test_what_a_runner_yields_passes_the_check_of_its_own_problem():
    given = [block_of(number) for number in range(6)]

    for number, plan in run_here(given, never):
        assert checks.verify(given[number].problem, plan).ok


def test_running_here_stops_between_blocks():
    done: list[int] = []
    for number, _ in run_here([block_of(number) for number in range(4)], lambda: len(done) >= 2):
        done.append(number)

    assert len(done) == 2


def test_processes_make_the_plans_that_are_made_here_round_after_round():
    given = [block_of(number) for number in range(5)] + [impossible(5)]
    expected = shown_by(run_here, given)
    with run_in_processes(2) as runner:
        first = shown_by(runner, given)
        second = shown_by(runner, given[::-1])

    assert len(expected) == 5
    assert first == expected
    assert second == expected


def test_a_block_makes_the_same_plan_after_the_wire():
    given = [block_of(number) for number in range(5)]

    assert shown_by(run_here, [Block.from_bytes(block.to_bytes()) for block in given]) == shown_by(
        run_here, given
    )
