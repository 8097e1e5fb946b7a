"""The problem made of the later consignments, and the three columns of the report."""

from datetime import date

import numpy as np
import pytest

from app.backtests.scms import Study, as_modelled, as_recorded, flights_needed
from app.backtests.scms_history import Lane, read_history, split_at
from app.backtests.scms_model import Model
from routing.checks import check, cost_of
from routing.digest import digest
from routing.plan import Plan
from tests.unit.backtests.histories import charter_history, history_row, two_mode_history

SPLIT = date(2013, 1, 1)


@pytest.fixture
def study_of(history_file):
    def make(rows, late_day_share=0.0):
        history = read_history(history_file(rows))
        earlier, later = split_at(history.priced, SPLIT)
        known, _ = split_at(history.known, SPLIT)
        return Study(later, Model(known, earlier), late_day_share)

    return make


def plan_of(study, chosen, units=()):
    """The plan that takes the chosen options, as a plan file would hold it."""
    problem = study.problem()
    taken = [
        int(first) + own.index(option)
        for first, own, option in zip(problem.class_ptr, study.options, chosen, strict=False)
    ]
    item_option, units = np.array(taken), np.array(units, dtype=np.int64)
    objective = cost_of(problem, item_option, units)
    none = np.zeros(0, dtype=np.int64)
    return Plan("feasible", item_option, units, objective, none, float("nan"), "none", digest(problem))


def test_a_consignment_may_take_the_modes_of_its_lane_at_their_tariffs(study_of):
    study = study_of(two_mode_history())
    assert [(option.mode, option.freight_usd) for option in study.options[0]] == [
        ("Air", pytest.approx(3050)),
        ("Truck", pytest.approx(1100)),
    ]


def test_late_days_cost_a_share_of_the_value_each(study_of):
    study = study_of(two_mode_history(), late_day_share=0.006)
    air, truck = study.options[0]
    assert (air.late_usd, truck.late_usd) == (0.0, pytest.approx(0.006 * 1000 * 10))


def test_the_recorded_mode_is_an_option_even_where_it_is_rare(study_of):
    rows = [*two_mode_history(), history_row(99, mode="Truck", country="Mali", delivered="1-Mar-13")]
    study = study_of(rows)
    assert [option.mode for option in study.options[-1]] == ["Truck"]


def test_the_recorded_choice_is_a_legal_plan_of_the_problem(study_of):
    study = study_of(two_mode_history())
    assert check(study.problem(), plan_of(study, study.recorded())) == []


def space_of(study):
    """Grams that are free by mode and month."""
    free = study.problem().resource_free.ravel().tolist()
    return {(space.mode, space.month): grams for space, grams in zip(study.spaces, free, strict=True)}


def test_space_in_a_month_is_that_of_the_heaviest_month_before(study_of):
    assert space_of(study_of(two_mode_history())) == {
        ("Air", "2013-03"): 21_000_000,
        ("Truck", "2013-03"): 22_000_000,
    }


def test_space_is_what_moved_in_the_month_itself_if_that_was_more(study_of):
    rows = [*two_mode_history(), history_row(99, weight="50000", delivered="11-Mar-13")]
    assert space_of(study_of(rows))["Truck", "2013-03"] == 50_000_000


def test_a_charter_is_paid_by_the_flight_not_by_the_kilogram(study_of):
    study = study_of(charter_history())
    problem = study.problem()
    flights = study.model.flights[Lane("Nigeria", "From RDC")]
    assert (flights.cost_usd, flights.payload_g, flights.seen) == (30_000.0, 12_000_000, 6)
    assert problem.unit_cost.tolist() == [3_000_000.0]
    assert problem.unit_size.ravel().tolist() == [12_000_000.0]
    assert problem.unit_max.tolist() == [2]
    assert [option.freight_usd for option in study.recorded()] == [0.0] * 4


def test_the_model_prices_the_recorded_charter_at_whole_flights_shared_by_weight(study_of):
    study = study_of(charter_history())
    flights, shares = study.flight_costs(study.recorded())
    assert flights == 2
    assert sum(shares) == pytest.approx(60_000)
    assert shares[0] == pytest.approx(60_000 * 4000 / 12_100)
    assert as_modelled(study, study.recorded()).freight_usd == pytest.approx(60_000)


def test_a_column_costs_what_the_plan_of_the_same_choice_costs(study_of):
    study = study_of(charter_history(), late_day_share=0.01)
    plan = plan_of(study, study.recorded(), units=[2])
    assert check(study.problem(), plan) == []
    assert plan.objective / 100 == pytest.approx(as_modelled(study, study.recorded()).total_usd)


def test_the_recorded_column_is_what_the_file_says(study_of):
    rows = [*two_mode_history(), history_row(99, delivered="11-Mar-13", scheduled="1-Mar-13", freight="7")]
    column = as_recorded(study_of(rows, late_day_share=0.01))
    assert column.modes == {"Air": 4, "Truck": 1}
    assert column.freight_usd == 4 * 3050 + 7
    assert (column.late_share, column.late_days) == (pytest.approx(0.2), pytest.approx(2.0))
    assert column.total_usd == pytest.approx(4 * 3050 + 7 + 0.01 * 1000 * 10)


@pytest.mark.parametrize(("weight_g", "flights"), [(0, 0), (1, 1), (100, 1), (101, 2), (200, 2)])
def test_flights_are_whole(weight_g, flights):
    assert flights_needed(weight_g, payload_g=100) == flights
