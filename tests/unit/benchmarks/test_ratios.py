"""What the benchmarks promise, at small sizes and with budgets of iterations: ratios, never seconds."""

import pytest

from benchmarks.generator import generate
from benchmarks.peers import greedy
from routing.checks import verify
from routing.limits import Limits
from routing.solve import solve

BUDGET = Limits(time_limit_s=None, iterations=2)
ANYTIME_S = 60.0
CASES = (("A", 250), ("B", 120), ("mixed", 120))
AT_MOST_OF_GREEDY = {"A": 1.0, "B": 0.4, "mixed": 0.8}
AT_MOST_OF_SHUTTING = {"A": 1.0, "B": 1.0, "mixed": 1.0}
GAP = {"A": 0.003, "B": 0.04, "mixed": 0.04}


@pytest.fixture(scope="module", params=CASES, ids=[f"{regime} {items}" for regime, items in CASES])
def solved(request):
    regime, items = request.param
    problem = generate(regime, items, 2)
    return regime, problem, solve(problem, BUDGET, seed=1)


def test_our_plan_costs_less_than_the_dispatchers_rule(solved):
    regime, problem, plan = solved
    rule = greedy.answer(problem, ANYTIME_S, 1).plan
    assert plan.objective <= AT_MOST_OF_GREEDY[regime] * rule.objective


def test_our_plan_costs_no_more_than_the_rule_that_shuts_what_does_not_pay(solved):
    regime, problem, plan = solved
    rule = greedy.shutting(problem, ANYTIME_S, 1).plan
    assert plan.objective <= AT_MOST_OF_SHUTTING[regime] * rule.objective


def test_our_plan_is_proven_to_be_near_the_best(solved):
    regime, _, plan = solved
    assert 0 <= plan.gap <= GAP[regime]


def test_the_checker_finds_the_same_cost_and_nothing_wrong(solved):
    _, problem, plan = solved
    report = verify(problem, plan)
    assert report.ok
    assert plan.objective == pytest.approx(report.objective, rel=1e-9)
