"""Published instances become problems of our own."""

import numpy as np
import pytest

from benchmarks.instances import (
    MissingDataError,
    UnreadableInstanceError,
    gap_instances,
    read_gap,
    read_sscflp,
    sscflp_instances,
)
from benchmarks.tasks import DATA

# Two agents, three jobs.
GAP = """2 3
 1 2 3
 4 5 6
 7 8 9
 10 11 12
 20 21
"""

# Two facilities, three customers.
SSCFLP = """2 3
10 20
100.0 200.0
3 4 5
1 2
3 4
5 6
"""


def test_a_job_takes_of_each_agent_what_it_weighs_there():
    problem = read_gap(GAP)
    assert problem.option_rates.ravel().tolist() == [1, 4, 2, 5, 3, 6]
    assert problem.use_factor.ravel().tolist() == [7, 10, 8, 11, 9, 12]
    assert problem.use_resource.tolist() == [0, 1] * 3
    assert problem.resource_free.ravel().tolist() == [20, 21]
    assert np.isinf(problem.item_drop_cost).all()
    assert problem.t == 0


def test_a_facility_is_a_resource_with_one_unit_that_can_be_opened():
    problem = read_sscflp(SSCFLP)
    assert problem.option_rates.ravel().tolist() == [1, 2, 3, 4, 5, 6]
    assert problem.item_size.ravel().tolist() == [3, 4, 5]
    assert problem.resource_free.ravel().tolist() == [0, 0]
    assert problem.unit_size.ravel().tolist() == [10, 20]
    assert problem.unit_cost.tolist() == [100, 200]
    assert problem.unit_max.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("", "two counts"), ("2 3\n1 2 3", "14 numbers after the counts, 3 are there"), ("2 x", "x")],
)
def test_a_file_that_is_no_instance_is_refused_with_the_reason(text, complaint):
    with pytest.raises(UnreadableInstanceError, match=complaint):
        read_gap(text)


def test_instances_come_with_their_best_known_values(tmp_path):
    folder = tmp_path / "or" / "gap"
    (folder / "set").mkdir(parents=True)
    (folder / "set" / "one").write_text(GAP)
    (folder / "best.csv").write_text("Path,Best known solution value\nset/one,6\n")
    found = gap_instances(tmp_path)
    assert [(instance.name, instance.best, instance.problem.n) for instance in found] == [("set/one", 6, 3)]


def test_optima_stand_in_the_order_of_the_problems(tmp_path):
    folder = tmp_path / "or" / "sscflp-holmberg"
    folder.mkdir(parents=True)
    for name in ("p1", "p2"):
        (folder / name).write_text(SSCFLP)
    (folder / "optima.txt").write_text("11\n12\n")
    assert [(one.name, one.best) for one in sscflp_instances(tmp_path)] == [("p1", 11), ("p2", 12)]


def test_missing_data_is_named(tmp_path):
    with pytest.raises(MissingDataError, match="sscflp-holmberg is no folder"):
        sscflp_instances(tmp_path)


@pytest.mark.skipif(not DATA.is_dir(), reason="the published instances are not on this machine")
def test_all_published_instances_are_read():
    assert len(gap_instances(DATA)) == 84
    assert len(sscflp_instances(DATA)) == 71
