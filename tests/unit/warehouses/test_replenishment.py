"""What to send, and by when, so that it does not run out."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouses.replenishment import Policy, Position, advise, cartons, sales_per_day

TODAY = date(2026, 11, 26)
POLICY = Policy(history_days=30, safety_days=10, target_days=30)


def test_sales_are_spread_over_the_days_the_sku_is_there_but_over_a_week_at_least():
    assert sales_per_day(Position(60, 0, 0, known_days=400), POLICY) == 2
    assert sales_per_day(Position(60, 0, 0, known_days=15), POLICY) == 4
    assert sales_per_day(Position(60, 0, 0, known_days=1), POLICY) == Fraction(60, 7)


def test_goods_are_sent_so_that_they_arrive_before_the_safety_stock_is_touched():
    advice = advise(Position(sold=60, free=100, coming=20, known_days=90), POLICY, 45, TODAY)

    assert (advice.cover_days, advice.position_days) == (50, 60)
    assert advice.state == "soon"
    assert advice.send_by == date(2026, 12, 1)
    assert advice.quantity == 2 * (45 + 10 + 30) - 120
    assert advice.runs_out_on == date(2027, 1, 25)


def test_it_is_urgent_where_even_today_is_too_late():
    advice = advise(Position(60, 20, 0, 90), POLICY, 45, TODAY)
    assert (advice.state, advice.send_by, advice.quantity) == ("urgent", TODAY, 150)


def test_nothing_is_sent_while_there_is_enough_or_nothing_sells():
    assert advise(Position(60, 500, 0, 90), POLICY, 45, TODAY).quantity == 0
    assert advise(Position(60, 500, 0, 90), POLICY, 45, TODAY).state == "enough"
    idle = advise(Position(0, 5, 0, 90), POLICY, 45, TODAY)
    assert (idle.state, idle.quantity, idle.send_by, idle.cover_days) == ("no_sales", 0, None, None)


@given(
    st.builds(Position, st.integers(1, 500), st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 90)),
    st.integers(0, 90),
)
def test_once_it_was_sent_nothing_more_is_asked_for(position, transit):
    advice = advise(position, POLICY, transit, TODAY)
    then = Position(position.sold, position.free, position.coming + advice.quantity, position.known_days)
    assert advise(then, POLICY, transit, TODAY).quantity == 0
    assert advice.send_by >= TODAY


@pytest.mark.parametrize(("quantity", "weight_g", "volume_cm3", "pieces"), [
    (45, 1_000, 2_000, [20, 20, 5]),
    (10, 100, 30_000, [3, 3, 3, 1]),
    (2, 90_000, 400_000, [1, 1]),
    (0, 100, 100, []),
])  # fmt: skip
def test_cartons_are_as_full_as_one_person_can_lift(quantity, weight_g, volume_cm3, pieces):
    found = list(cartons(quantity, weight_g, volume_cm3))
    assert [one.pieces for one in found] == pieces
    assert sum(one.weight_g for one in found) == quantity * weight_g
