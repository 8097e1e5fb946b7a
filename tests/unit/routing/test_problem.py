from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from routing.problem import Problem, ProblemError
from tests.unit.routing.problems import make_problem, two_parcels_one_flight


def test_counts_follow_from_the_arrays() -> None:
    counts = two_parcels_one_flight().counts()

    assert counts == {"n": 2, "k": 1, "o": 2, "u": 2, "r": 2, "t": 1, "d": 1, "f": 1}


def test_arrays_have_the_types_of_the_format_and_cannot_be_written() -> None:
    problem = two_parcels_one_flight()

    assert problem.item_class.dtype == np.int32
    assert problem.unit_max.dtype == np.int64
    with pytest.raises(ValueError, match="read-only"):
        problem.item_size[0, 0] = 1.0


def test_a_problem_keeps_no_tie_to_the_arrays_it_was_made_from() -> None:
    problem = two_parcels_one_flight()
    cost = np.array([10.0])
    copy = dataclasses.replace(problem, unit_cost=cost)
    cost[0] = 99.0

    assert copy.unit_cost[0] == 10.0


def test_a_problem_may_hold_nothing_at_all() -> None:
    empty = make_problem(sizes=[], options=[], free=[])

    assert (empty.n, empty.o, empty.r) == (0, 0, 0)


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"item_size": [[600.0]]}, "wrong_shape", "item_size"),
        ({"item_size": [600.0, 600.0]}, "wrong_shape", "item_size"),
        ({"item_size": [[600.0], [np.nan]]}, "not_finite", "item_size[1, 0]"),
        ({"item_size": [[600.0], [np.inf]]}, "not_finite", "item_size[1, 0]"),
        ({"item_drop_cost": [1.0, -1.0]}, "negative", "item_drop_cost[1]"),
        ({"item_class": [0, 1]}, "out_of_range", "item_class[1]"),
        ({"item_class": [0.0, 0.0]}, "wrong_type", "item_class"),
        ({"item_class": [0, 2**40]}, "out_of_range", "item_class"),
        ({"use_resource": [0, 7]}, "out_of_range", "use_resource[1]"),
        ({"use_resource": [-1, 0]}, "out_of_range", "use_resource[0]"),
        ({"unit_resource": [2]}, "out_of_range", "unit_resource[0]"),
        ({"unit_parent": [-2]}, "out_of_range", "unit_parent[0]"),
        ({"unit_parent": [1]}, "circle", "unit_parent"),
        ({"unit_max": [-1]}, "negative", "unit_max[0]"),
        ({"class_ptr": [0, 1]}, "wrong_pointer", "class_ptr"),
        ({"option_ptr": [0, 3, 2]}, "wrong_pointer", "option_ptr[1]"),
        ({"option_ptr": [0, 0, 2], "use_resource": [1, 1]}, "resource_twice", "option_ptr[1]"),
        ({"item_option_now": [0, 9], "item_change_cost": [0, 0]}, "out_of_range", "item_option_now[1]"),
        ({"currency": "yuan"}, "wrong_currency", "currency"),
    ],
)
def test_what_the_format_forbids_is_refused_with_its_place(
    changes: dict[str, object], code: str, where: str
) -> None:
    with pytest.raises(ProblemError) as caught:
        dataclasses.replace(two_parcels_one_flight(), **changes)  # type: ignore[arg-type]

    assert (caught.value.code, caught.value.where) == (code, where)
    assert "\n" not in str(caught.value)


def test_an_option_now_must_belong_to_the_class_of_its_item() -> None:
    problem = make_problem(
        sizes=[[1.0], [1.0]], options=[[([1.0], [])], [([1.0], [])]], free=[], now=[0, 1], change=[0, 0]
    )

    with pytest.raises(ProblemError, match="another class"):
        dataclasses.replace(problem, item_option_now=[1, 1])


def test_a_circle_of_parents_over_two_resources_is_refused() -> None:
    units = [
        {"resource": 0, "size": [1.0], "cost": 1.0, "parent": 1, "takes": [1.0]},
        {"resource": 1, "size": [1.0], "cost": 1.0, "parent": 0, "takes": [1.0]},
    ]
    with pytest.raises(ProblemError, match="its own parent"):
        make_problem(sizes=[[1.0]], options=[[]], free=[[0.0], [0.0]], units=units)


def test_a_chain_of_parents_is_accepted() -> None:
    units = [
        {"resource": 0, "size": [1.0], "cost": 1.0, "parent": 1, "takes": [1.0]},
        {"resource": 1, "size": [1.0], "cost": 1.0, "parent": 2, "takes": [1.0]},
    ]
    problem = make_problem(sizes=[[1.0]], options=[[]], free=[[0.0]] * 3, units=units)

    assert isinstance(problem, Problem)
