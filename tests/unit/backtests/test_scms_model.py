"""Reading the delivery history and fitting freight, flights, transit and lateness to it."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from app.backtests.reading import UnreadableFileError
from app.backtests.scms_history import (
    JOINED,
    NO_FREIGHT,
    NO_MODE,
    NO_WEIGHT,
    PRICED,
    Lane,
    read_history,
    split_at,
)
from app.backtests.scms_model import Ladder, Model, Tariff, fit_flights, fit_tariff, region_of
from tests.unit.backtests.histories import history_row, two_mode_history

UGANDA = Lane("Uganda", "From RDC")


@pytest.fixture
def consignment(history_file):
    """One consignment of the history, on which tests change what they are about."""
    return read_history(history_file([history_row(1)])).priced[0]


def test_a_row_is_read_with_its_days_and_figures(history_file):
    row = read_history(history_file([history_row(7, scheduled="2-Jun-12", delivered="5-Jun-12")])).priced[0]
    assert (row.row_id, row.lane, row.mode) == ("7", UGANDA, "Truck")
    assert (row.start, row.scheduled, row.late_days) == (date(2012, 1, 1), date(2012, 6, 2), 3)
    assert (row.weight_g, row.freight_usd, row.value_usd, row.month) == (100_000, 250.0, 1000.0, "2012-06")


def test_a_direct_drop_starts_with_the_order_to_the_maker(history_file):
    row = history_row(1, via="Direct Drop", quoted="1/1/12", ordered="2/1/12")
    assert read_history(history_file([row])).priced[0].start == date(2012, 2, 1)


def test_a_start_that_was_not_captured_is_none(history_file):
    assert read_history(history_file([history_row(1, quoted="Pre-PQ Process")])).priced[0].start is None


def test_rows_without_a_figure_of_their_own_are_counted_by_what_is_missing(history_file):
    rows = [
        history_row(1),
        history_row(2, weight="See DN-304 (ID#:1)", freight="See DN-304 (ID#:1)", value="500"),
        history_row(3, freight="Freight Included in Commodity Cost"),
        history_row(4, weight="Weight Captured Separately"),
        history_row(5, mode="N/A"),
        history_row(6, weight="0"),
    ]
    history = read_history(history_file(rows))
    assert history.counts == Counter({NO_WEIGHT: 2, PRICED: 1, JOINED: 1, NO_FREIGHT: 1, NO_MODE: 1})
    assert [row.row_id for row in history.priced] == ["1"]
    assert len(history.known) == 5


def test_the_value_of_rows_that_travel_along_is_added_to_the_row_they_travel_with(history_file):
    rows = [history_row(2, weight="See DN-304 (ID#:1)", freight="", value="500"), history_row(1)]
    assert read_history(history_file(rows)).priced[0].value_usd == 1500.0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"scheduled": "soon"}, "row 2, column 'Scheduled Delivery Date': 'soon' is no date"),
        ({"weight": "-4"}, "row 2, column 'Weight .Kilograms.': -4.0 must be a finite number"),
        ({"freight": "inf"}, "row 2, column 'Freight Cost .USD.'"),
        ({"country": " "}, "row 2, column 'Country': is empty"),
    ],
)
def test_a_cell_that_cannot_be_meant_is_named(history_file, changed, message):
    with pytest.raises(UnreadableFileError, match=message):
        read_history(history_file([history_row(1, **changed)]))


def test_an_id_that_stands_there_twice_and_a_file_without_rows_are_refused(history_file):
    with pytest.raises(UnreadableFileError, match="ID 1 stands there twice"):
        read_history(history_file([history_row(1), history_row(1)]))
    with pytest.raises(UnreadableFileError, match="has no rows"):
        read_history(history_file([]))


def test_the_split_is_by_the_day_of_delivery(consignment):
    rows = [
        replace(consignment, delivered=date(2012, 12, 31)),
        replace(consignment, delivered=date(2013, 1, 1)),
    ]
    assert split_at(rows, date(2013, 1, 1)) == ([rows[0]], [rows[1]])


def test_a_tariff_is_found_again_in_what_it_priced():
    weight = np.array([10.0, 200.0, 950.0, 3000.0, 12000.0])
    assert fit_tariff(weight, 120 + 2.5 * weight).fixed_usd == pytest.approx(120)
    assert fit_tariff(weight, 120 + 2.5 * weight).usd_per_kg == pytest.approx(2.5)


def test_one_absurd_bill_among_many_does_not_move_the_tariff():
    weight = np.linspace(100, 5000, 200)
    freight = 300 + 2 * weight
    freight[17] *= 1000
    tariff = fit_tariff(weight, freight)
    assert tariff.fixed_usd == pytest.approx(300, rel=0.02)
    assert tariff.usd_per_kg == pytest.approx(2, rel=0.02)


def test_a_skewed_sample_keeps_its_sum():
    rng = np.random.default_rng(5)
    weight = rng.uniform(100, 5000, 400)
    freight = (200 + 3 * weight) * rng.lognormal(0, 0.5, 400)
    tariff = fit_tariff(weight, freight)
    assert sum(map(tariff.freight_usd, weight)) == pytest.approx(freight.sum(), rel=0.05)


def test_a_tariff_never_has_a_negative_part():
    weight = np.array([100.0, 1000.0, 2000.0])
    tariff = fit_tariff(weight, np.array([900.0, 500.0, 100.0]))
    assert tariff.fixed_usd >= 0
    assert tariff.usd_per_kg >= 0


def test_deliveries_of_neighbouring_days_are_one_flight(consignment):
    days = [0, 1, 3, 20, 40, 60, 80]
    rows = [
        replace(consignment, delivered=date(2012, 1, 1) + timedelta(days), freight_usd=1000.0)
        for days in days
    ]
    flights = fit_flights(rows)
    assert flights is not None
    assert (flights.seen, flights.cost_usd, flights.payload_g) == (5, 1000.0, 300_000)
    assert flights.most_in_month == 2


def test_fewer_than_five_flights_are_no_sample(consignment):
    rows = [replace(consignment, delivered=date(2012, 1, 1) + timedelta(30 * n)) for n in range(4)]
    assert fit_flights(rows) is None


def test_a_ladder_climbs_to_the_first_pool_that_is_large_enough(consignment):
    kenya = replace(consignment, lane=Lane("Kenya", "From RDC"))
    mali = replace(consignment, lane=Lane("Mali", "From RDC"))
    samples = [(consignment, 1.0)] * 15 + [(kenya, 2.0)] * 3 + [(mali, 3.0)] * 2
    ladder = Ladder(samples, lambda pool: Counter(figure for _, figure in pool))
    assert ladder.of(UGANDA, "Truck") == {1.0: 15}
    assert ladder.of(Lane("Kenya", "From RDC"), "Truck") == {1.0: 15, 2.0: 3}
    assert ladder.of(Lane("Mali", "From RDC"), "Truck") == {1.0: 15, 2.0: 3, 3.0: 2}
    assert ladder.of(UGANDA, "Ocean") is None


def test_the_last_pool_speaks_even_if_it_is_small(consignment):
    assert Ladder([(consignment, 4.0)], len).of(Lane("Mali", "Direct Drop"), "Truck") == 1


def test_a_country_nobody_listed_is_a_region_of_its_own():
    assert region_of("Uganda") == region_of("Kenya")
    assert region_of("Atlantis") == "Atlantis"


@pytest.fixture
def model(history_file):
    history = read_history(history_file(two_mode_history()))
    earlier, _ = split_at(history.priced, date(2013, 1, 1))
    return Model(earlier, earlier)


def test_tariffs_are_those_the_history_was_priced_with(model):
    truck, air = (model.tariffs.of(UGANDA, mode) for mode in ("Truck", "Air"))
    assert truck == Tariff(pytest.approx(100), pytest.approx(1))
    assert air == Tariff(pytest.approx(50), pytest.approx(3))


def test_both_modes_are_offered_on_the_lane_and_none_elsewhere(model):
    assert model.modes[UGANDA] == ["Air", "Truck"]
    assert Lane("Mali", "From RDC") not in model.modes


def test_a_slower_mode_is_late_by_the_days_its_plans_were_longer(model):
    assert model.extra_days(UGANDA, "Truck", instead_of="Air") == 10
    assert model.lateness(UGANDA, "Truck", "Air") == (10.0, 1.0)
    assert model.lateness(UGANDA, "Air", "Truck") == (0.0, 0.0)
    assert model.lateness(UGANDA, "Air", "Air") == (0.0, 0.0)


def test_the_public_history_is_counted_to_the_last_row(scms_history):
    history = read_history(scms_history)
    assert history.counts.total() == 10324
    assert history.counts[PRICED] == len(history.priced) == 5963
    assert history.counts[JOINED] == 2445


def test_the_public_history_supports_whole_flights_to_nigeria_only(scms_history):
    history = read_history(scms_history)
    earlier, _ = split_at(history.priced, date(2013, 1, 1))
    known, _ = split_at(history.known, date(2013, 1, 1))
    flights = Model(known, earlier).flights
    assert list(flights) == [Lane("Nigeria", "From RDC")]
    assert 20 <= flights[Lane("Nigeria", "From RDC")].seen <= 30
