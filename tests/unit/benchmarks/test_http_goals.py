"""What the benchmark of the API says of the times it took."""

from benchmarks.http.asking import Times, percentile
from benchmarks.http.endpoints import ENDPOINTS, Stage
from benchmarks.http.measuring import beside
from benchmarks.http.rows import public_id
from benchmarks.http.tables import sums
from benchmarks.tasks import Line

KNOWN = {endpoint.name: endpoint for endpoint in ENDPOINTS}


def test_a_percentile_is_one_of_the_values():
    values = list(range(100, 0, -1))

    assert (percentile(values, 0.5), percentile(values, 0.99), percentile([7.0], 0.99)) == (51, 100, 7.0)


def test_times_are_told_in_units_of_the_yardstick():
    figures = Times(yardstick=[0.001, 0.001, 0.002], ours=[0.004, 0.005, 0.040]).figures()

    assert (figures["b_p50_ms"], figures["p50_ms"]) == (1.0, 5.0)
    assert (figures["ratio_p50"], figures["ratio_p99"]) == (5.0, 20.0)


def test_a_quote_may_cost_more_the_more_offers_it_has():
    stage = Stage(world=None, caller=None, operator=None, offers=[5, 10, 40])

    assert KNOWN["quote"].goal(stage) == 7.0
    assert KNOWN["one booking"].goal(stage) == 5.0


def test_ten_times_the_bookings_are_judged_beside_a_tenth_of_them():
    few, many = Line("few", {"ratio_p50": 4.0, "met": "yes"}), Line("many", {"ratio_p50": 5.6, "met": "no"})

    line = beside(many, few)
    assert (line.figures["growth"], line.figures["growth_met"]) == (1.4, "no")
    assert beside(few, None) == few
    assert list(sums([few, line]).values()) == ["1 of 2", "0 of 1"]


def test_public_ids_are_the_same_in_every_world():
    assert public_id("dep", 0) == "dep_0000000000000000"
    assert public_id("dep", 33) == "dep_0000000000000011"
