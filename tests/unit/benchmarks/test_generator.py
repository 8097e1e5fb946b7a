"""Generated problems are valid, reproducible and hold what a realistic one must hold."""

from dataclasses import fields

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.generator import REGIMES, generate, main
from benchmarks.realistic.departures import INCHEON, LAST_DAY, MODES, NAMES, timetable
from benchmarks.realistic.parcels import SLA_SHARE, draw_items
from routing.files import read_problem

ITEMS = 1_500


@pytest.fixture(scope="module")
def made():
    return {regime: generate(regime, ITEMS, 1) for regime in REGIMES}


def departures_of(items=ITEMS):
    return timetable(items, np.random.default_rng([1, 0]))


def drawn(count=40_000):
    return draw_items(count, np.random.default_rng(3))


def test_the_same_seed_gives_the_same_problem_and_another_seed_another(made):
    again, other = generate("mixed", ITEMS, 1), generate("mixed", ITEMS, 2)
    for key, column in again.columns().items():
        np.testing.assert_array_equal(column, made["mixed"].columns()[key], err_msg=key)
    assert not np.array_equal(other.item_size, again.item_size)


def test_regimes_share_items_options_and_uses(made):
    for key in ("item_size", "item_features", "item_class", "class_ptr", "option_ptr", "use_resource"):
        for regime in ("B", "mixed"):
            np.testing.assert_array_equal(getattr(made[regime], key), getattr(made["A"], key), err_msg=key)


def test_where_space_is_bought_nothing_is_opened_and_its_price_is_in_the_rates(made):
    assert made["A"].t == 0
    dearer = made["A"].option_rates - made["B"].option_rates
    assert dearer.min() >= 0
    assert dearer.max() > 0


def test_where_space_is_opened_each_resource_has_one_type_of_unit_and_nothing_free(made):
    problem = made["B"]
    assert len(np.unique(problem.unit_resource)) == problem.t > 100
    assert (problem.resource_free[problem.unit_resource, :2] == 0).all()
    assert (problem.unit_cost > 0).all()
    assert problem.unit_max.min() == 1
    assert problem.unit_max.max() > 1


def test_the_mixed_regime_has_containers_of_two_sizes_within_an_allotment(made):
    problem = made["mixed"]
    types = np.bincount(problem.unit_resource, minlength=problem.r)
    assert types.max() == 2
    assert set(problem.unit_takes[problem.unit_parent >= 0, 2]) == {1.0, 2.0}
    shared = np.bincount(problem.unit_parent[problem.unit_parent >= 0])
    assert shared.max() > 2  # several containers of one vessel


def test_weights_volumes_goods_and_returns_have_the_shares_of_real_parcels():
    items = drawn()
    assert items.kg.mean() == pytest.approx(3.2, rel=0.05)
    assert 1000 * items.m3.mean() == pytest.approx(17.0, rel=0.05)
    assert (items.kg >= 5).mean() == pytest.approx(0.18, abs=0.03)
    assert items.back[items.item_class].mean() == pytest.approx(0.06, abs=0.01)
    goods = np.bincount(items.goods[items.item_class], minlength=4) / len(items.kg)
    assert goods == pytest.approx([0.74, 0.14, 0.08, 0.04], abs=0.01)
    levels = np.bincount(items.sla[items.item_class], minlength=4) / len(items.kg)
    assert levels == pytest.approx(SLA_SHARE, abs=0.01)
    assert items.must.mean() == pytest.approx(0.02, abs=0.005)


def test_departures_and_their_units_grow_more_slowly_than_items():
    small, large = departures_of(10_000), departures_of(100_000)
    assert len(large) / len(small) == pytest.approx(10**0.45, rel=0.1)
    assert large.unit_kg.max() / small.unit_kg.max() == pytest.approx(10**0.55)


def test_some_parcels_can_go_by_ferry_and_a_flight_that_waits_for_it(made):
    problem, departures = made["B"], departures_of()
    option = np.repeat(np.arange(problem.o), np.diff(problem.option_ptr))
    going = problem.use_resource < len(departures)
    flights = np.flatnonzero(going)[departures.gateway[problem.use_resource[going]] == INCHEON]
    assert len(flights) > 0
    for use in flights:
        legs = problem.use_resource[(option == option[use]) & going]
        ferry = legs[departures.mode[legs] == NAMES.index("ferry")]
        assert departures.arrives[ferry] <= departures.cutoff[problem.use_resource[use]]


def test_returns_compete_with_exports_for_the_same_departures(made):
    problem, departures = made["B"], departures_of()
    home = np.array([mode.homeward for mode in MODES])[departures.mode]
    option = np.repeat(np.arange(problem.o), np.diff(problem.option_ptr))
    going = problem.use_resource < len(departures)
    is_home = np.zeros(problem.u, bool)
    is_home[going] = home[problem.use_resource[going]]
    back = np.bincount(option, is_home, minlength=problem.o) > 0
    out = going & ~is_home
    by_returns = set(problem.use_resource[out & back[option]])
    by_exports = set(problem.use_resource[out & ~back[option]])
    assert len(by_returns & by_exports) > 10


def test_everything_can_be_placed_without_any_resource(made):
    problem = made["B"]
    idle = np.add.reduceat(np.diff(problem.option_ptr) == 0, problem.class_ptr[:-1])
    assert (idle == 1).all()  # courier, or disposal for a return


def test_leaving_an_item_costs_more_than_the_dearest_way_or_is_impossible(made):
    problem = made["B"]
    assert np.isinf(problem.item_drop_cost).any()
    finite = np.isfinite(problem.item_drop_cost)
    alone = np.flatnonzero(np.diff(problem.option_ptr) == 0)[problem.item_class]
    courier = np.einsum("if,if->i", problem.item_features, problem.option_rates[alone])
    assert (problem.item_drop_cost[finite] > courier[finite]).mean() > 0.95


def test_goods_leave_within_the_weeks_of_the_timetable():
    departures = departures_of()
    assert departures.cutoff.max() < LAST_DAY
    assert (departures.arrives > departures.cutoff).all()
    assert {field.name for field in fields(departures)} >= {"opening", "takes"}


def test_the_command_writes_a_problem_that_can_be_read(tmp_path):
    path = tmp_path / "small.npz"
    done = CliRunner().invoke(main, ["B", "50", "--seed", "4", "-o", str(path)])
    assert done.exit_code == 0
    assert read_problem(path).n == 50
    assert done.output.startswith("n 50, k ")
