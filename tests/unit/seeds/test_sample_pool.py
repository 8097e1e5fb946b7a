"""The sample pool is the same for the same seed, as big as asked for, and shaped like real goods."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from app.seeds.demand import demand
from app.seeds.sample_pool import (
    BLOCK,
    BUSINESS,
    HOMEWARD,
    READY_DAYS,
    REEXPORT,
    RETAIL,
    SIDEWAYS,
    STOCK,
    PoolBlock,
    export_day,
    instant,
    reference,
    sample_pool,
)

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
FACTS = demand()


def draw(count, seed=1, now=NOW):
    blocks = list(sample_pool(FACTS, count, seed, now))
    return {name: np.concatenate([getattr(block, name) for block in blocks]) for name in PoolBlock.COLUMNS}


@pytest.fixture(scope="module")
def pool():
    return draw(4 * BLOCK)


def codes(positions):
    return {FACTS.locations[at] for at in positions.tolist()}


@pytest.mark.parametrize("count", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1])
def test_the_pool_has_as_many_rows_as_asked_for(count):
    assert sum(len(block) for block in sample_pool(FACTS, count, 1, NOW)) == count


def test_the_same_seed_gives_the_same_rows_and_another_seed_others():
    one, again, other = draw(1000), draw(1000), draw(1000, seed=2)
    assert all(np.array_equal(one[name], again[name]) for name in one)
    assert not np.array_equal(one["weight_g"], other["weight_g"])


def test_a_bigger_pool_begins_with_the_smaller_one():
    small, big = draw(1000), draw(BLOCK + 1000)
    assert all(np.array_equal(small[name], big[name][:1000]) for name in small)


def test_goods_come_in_the_mix_that_is_documented(pool):
    share = np.bincount(pool["goods"], minlength=len(FACTS.goods)) / len(pool["goods"])
    by_name = dict(zip(FACTS.goods, share, strict=True))
    assert by_name["general"] == pytest.approx(0.74, abs=0.01)
    assert share[FACTS.is_battery].sum() == pytest.approx(0.14, abs=0.01)
    assert by_name["liquid"] == pytest.approx(0.08, abs=0.01)


def test_streams_come_in_the_mix_that_is_documented(pool):
    share = np.bincount(pool["stream"]) / len(pool["stream"])
    assert share[RETAIL] == pytest.approx(0.82, abs=0.01)
    assert share[STOCK] == pytest.approx(0.08, abs=0.01)
    assert share[[HOMEWARD, SIDEWAYS, REEXPORT]].sum() == pytest.approx(0.06, abs=0.01)


def test_retail_parcels_weigh_and_measure_like_parcels(pool):
    retail = (pool["stream"] == RETAIL) & (pool["weight_g"] < 5000)
    assert pool["weight_g"][retail].min() >= 50
    everything = pool["stream"] == RETAIL
    mean_kg = pool["weight_g"][everything].mean() / 1000
    assert mean_kg == pytest.approx(0.82 * 3.2 + 0.18 * 13.5, rel=0.06)
    litres_per_kg = pool["volume_cm3"].sum() / pool["weight_g"].sum()
    assert 3 < litres_per_kg < 7


def test_stock_transfers_bring_pallets_heavy_enough_to_fill_containers(pool):
    stock = pool["weight_g"][pool["stream"] == STOCK]
    assert (stock >= 120_000).mean() == pytest.approx(0.6, abs=0.03)
    assert stock.max() <= 420_000
    pallets = (pool["stream"] == STOCK) & (pool["weight_g"] >= 120_000)
    assert set(pool["sides_mm"][pallets][:, 0].tolist()) == {1200}
    assert pool["sides_mm"][pallets][:, 2].max() <= 1800
    business = pool["weight_g"][pool["stream"] == BUSINESS]
    assert business.min() >= 30_000
    assert business.max() <= 120_000


def test_the_volume_is_that_of_the_sides_rounded_up(pool):
    assert np.array_equal(pool["volume_cm3"], -(-pool["sides_mm"].prod(axis=1) // 1000))
    assert pool["volume_cm3"].min() > 0


def test_goods_become_ready_within_three_weeks_and_are_due_after_that(pool):
    ready = [instant(minute) for minute in (pool["ready_min"].min(), pool["ready_min"].max())]
    assert ready[0] > NOW
    assert ready[1] < NOW + timedelta(days=READY_DAYS + 2)
    days = (pool["deliver_by_min"] - pool["ready_min"]) / 1440
    assert days.min() > 4
    assert days.max() < 120


def test_few_goods_become_ready_on_a_sunday(pool):
    weekdays = np.array([instant(minute).weekday() for minute in pool["ready_min"][:5000].tolist()])
    assert (weekdays == 6).mean() < 0.06


def test_returns_are_where_returns_can_be(pool):
    by = {stream: pool["stream"] == stream for stream in range(6)}
    assert all(code.endswith("-WH") for code in codes(pool["origin"][by[HOMEWARD] | by[SIDEWAYS]]))
    assert codes(pool["destination"][by[HOMEWARD]]) == {"CNJZH-RET", "CNWEI-RET", "CNSHY-RET"}
    assert codes(pool["origin"][by[REEXPORT]]) <= {"CNJZH-RET", "CNWEI-RET", "CNSHY-RET"}
    assert all(code.endswith("-ZONE") for code in codes(pool["destination"][by[REEXPORT]]))
    assert all(code.endswith("-HUB") for code in codes(pool["origin"][by[RETAIL] | by[STOCK]]))
    assert all(code.endswith("-WH") for code in codes(pool["destination"][by[STOCK]]))
    assert not (pool["origin"] == pool["destination"]).any()


def test_returns_are_graded_and_only_fit_ones_leave_china_again(pool):
    returned = pool["stream"] >= HOMEWARD
    assert (pool["grade"][~returned] == -1).all()
    assert set(pool["grade"][returned].tolist()) == {0, 1, 2, 3}
    assert set(pool["grade"][pool["stream"] == REEXPORT].tolist()) == {0, 1}
    assert (pool["exported_days_ago"][returned] >= 20).all()
    assert export_day(NOW, 22) == datetime(2026, 10, 31, tzinfo=UTC).date()
    assert export_day(NOW, 0) is None


def test_a_level_that_a_lane_does_not_offer_is_never_drawn(pool):
    retail = pool["stream"] == RETAIL
    brazil = retail & (pool["destination"] == FACTS.locations.index("BR-ZONE"))
    days = (pool["deliver_by_min"] - pool["ready_min"])[brazil] / 1440
    assert brazil.sum() > 50
    assert days.min() >= 0.95 * 60


def test_battery_goods_come_mostly_from_the_electronics_exporter(pool):
    battery = FACTS.is_battery[pool["goods"]]
    electronics = pool["exporter"] == FACTS.exporters.index("EXP-3C")
    assert electronics[battery].mean() > 0.5
    assert electronics[~battery].mean() < 0.2


def test_references_say_the_seed_and_sort_by_position():
    assert reference(7, 12) == "S7-0000012"
    assert reference(7, 999_999) > reference(7, 99_999)
