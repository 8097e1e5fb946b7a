"""Peers run in processes of their own and are judged by the product's checker."""

import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.running import run_peer
from tests.unit.routing.problems import two_parcels_one_flight


def test_a_peer_gets_a_process_of_its_own_and_its_plan_is_judged():
    outcome = run_peer("greedy", two_parcels_one_flight(), 5.0)
    assert (outcome.status, outcome.failure, outcome.illegal) == ("feasible", "", False)
    assert outcome.objective == pytest.approx(16.0)
    assert outcome.first_s is not None
    assert outcome.peak_mb > 1


def test_a_peer_that_breaks_is_a_failure_and_no_error_of_the_benchmark():
    outcome = run_peer("nobody", two_parcels_one_flight(), 5.0)
    assert outcome.failure == "KeyError: 'nobody'"
    assert outcome.status == "none"


@pytest.mark.parametrize("part", ["gap", "sscflp"])
def test_a_part_without_its_data_says_so_and_exits_1(part, tmp_path):
    done = CliRunner().invoke(main, ["--part", part, "--data", str(tmp_path)])
    assert done.exit_code == 1
    assert f"{part}: the published instances are not here" in done.stderr
