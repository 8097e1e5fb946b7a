from dataclasses import replace
from datetime import date, timedelta

import pytest

from warehouses.directory import MEASURES, WarehouseProfile, readiness

TODAY = date(2026, 11, 22)
READY = WarehouseProfile(
    area_m2=10_000,
    free_m2=2_000,
    services=frozenset({"fba_prep", "returns", "relabel", "inspection", "fulfilment"}),
    cutoff_min=16 * 60,
    display_centre=True,
    bonded=True,
    data_as_of=TODAY,
)


def part(code, **changes):
    found = {part.code: part for part in readiness(replace(READY, **changes), TODAY).parts}[code]
    return found.points, found.why, found.measured


def test_a_warehouse_with_everything_scores_a_hundred():
    score = readiness(READY, TODAY)
    assert score.score == 100
    assert {part.why for part in score.parts} == {"full"}


def test_a_warehouse_with_nothing_scores_zero():
    bare = WarehouseProfile(10_000, 0, frozenset(), None, False, False, TODAY - timedelta(days=365))
    score = readiness(bare, TODAY)
    assert score.score == 0
    assert {part.why for part in score.parts} == {"none", "unknown"}


def test_the_score_is_the_sum_of_parts_that_say_what_was_measured():
    score = readiness(replace(READY, free_m2=1_000, bonded=False), TODAY)
    assert score.score == sum(part.points for part in score.parts) == 77
    assert sum(part.max_points for part in score.parts) == 100
    assert [part.code for part in score.parts] == list(MEASURES)


@pytest.mark.parametrize(
    ("code", "changes", "expected"),
    [
        ("free_space", {"free_m2": 1_000}, (12, "partial", 100)),
        ("free_space", {"free_m2": 9_000}, (25, "full", 900)),
        ("free_space", {"area_m2": 0}, (0, "unknown", None)),
        ("services", {"services": frozenset({"returns", "valet"})}, (5, "partial", 200)),
        ("cut_off", {"cutoff_min": 13 * 60}, (5, "partial", 780)),
        ("cut_off", {"cutoff_min": 9 * 60}, (0, "none", 540)),
        ("cut_off", {"cutoff_min": None}, (0, "unknown", None)),
        ("display_centre", {"display_centre": False}, (0, "none", 0)),
        ("bonded", {"bonded": False}, (0, "none", 0)),
        ("data_freshness", {"data_as_of": TODAY - timedelta(days=30)}, (20, "full", 30)),
        ("data_freshness", {"data_as_of": TODAY - timedelta(days=105)}, (10, "partial", 105)),
        ("data_freshness", {"data_as_of": TODAY - timedelta(days=181)}, (0, "none", 181)),
        ("data_freshness", {"data_as_of": TODAY + timedelta(days=1)}, (20, "full", 0)),
    ],
)
def test_each_criterion_gives_points_in_proportion(code, changes, expected):
    assert part(code, **changes) == expected


def test_before_the_first_criteria_there_is_no_score():
    assert readiness(READY, date(2000, 1, 1)).parts == ()
