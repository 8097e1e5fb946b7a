"""The made-up network of the benchmark is one that goods can travel on, and the same for the same seed."""

import numpy as np

from benchmarks.assembly import NetworkMaker, make_pool, measure
from routing.assembling import assemble
from routing.chains import ChainStore

DEPARTURES = 900


def test_most_goods_find_a_way_and_figures_tell_of_both_runs():
    figures = measure(items=300, departures=DEPARTURES)
    assert (figures["n"], figures["departures"]) == (300, DEPARTURES)
    assert figures["o"] > 10 * figures["k"]
    assert figures["classes_without_options"] < 0.1
    assert {"first_s", "second_s", "peak_gb"} <= figures.keys()


def test_the_same_seed_makes_the_same_problem():
    problems = []
    for seed in (1, 1, 2):
        maker = NetworkMaker(DEPARTURES, seed)
        pool = make_pool(maker, 50, seed)
        problems.append(assemble(maker.network(), pool, maker.rates()).problem.columns())
    first, again, other = problems
    assert all(np.array_equal(first[key], again[key]) for key in first)
    assert not np.array_equal(first["item_size"], other["item_size"])


def test_a_second_run_finds_all_itineraries_known():
    maker, store = NetworkMaker(DEPARTURES), ChainStore()
    network, rates, pool = maker.network(), maker.rates(), make_pool(maker, 50)
    assemble(network, pool, rates, store=store)
    known = store.enumerated
    assemble(network, pool, rates, store=store)
    assert store.enumerated == known > 0
