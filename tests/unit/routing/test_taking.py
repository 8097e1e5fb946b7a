"""What a shipment takes of a departure, on cases computed by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.taking import Fill, Lot, NoRoom, PoolRoom, Room, UnitKind, UnitRoom, take

BOX = Lot(count=4, weight_g=10_000, volume_cm3=50_000)


def loose(free_g=100_000, free_cm3=1_000_000, *, own=False, first=1, segments=(0, 1)):
    pools = []
    for segment in segments:
        pools += [
            PoolRoom(first + 2 * segment, segment, "g", free_g, own),
            PoolRoom(first + 2 * segment + 1, segment, "cm3", free_cm3, own),
        ]
    return tuple(pools)


def test_loose_goods_take_weight_and_volume_on_every_segment_travelled():
    taken = take([BOX], Room((0, 1), loose()), may_open=False)
    assert taken.pools == {1: 40_000, 2: 200_000, 3: 40_000, 4: 200_000}
    assert not taken.fills
    assert not taken.openings


def test_one_gram_too_much_is_refused_and_says_where():
    with pytest.raises(NoRoom, match="segment 1 has 39999 g left of 40000 needed") as refused:
        take([BOX], Room((0, 1), (*loose(segments=(0,)), PoolRoom(9, 1, "g", 39_999))), may_open=True)
    assert refused.value.code == "full"


def test_a_departure_without_pools_and_units_sells_nothing():
    with pytest.raises(NoRoom) as refused:
        take([BOX], Room((0,)), may_open=True)
    assert refused.value.code == "no_capacity"


def test_an_allotment_goes_first_and_is_left_for_everybodys_room_when_it_is_full():
    both = loose(first=1, segments=(0,)) + loose(free_g=40_000, own=True, first=11, segments=(0,))
    assert take([BOX], Room((0,), both), may_open=False).pools == {11: 40_000, 12: 200_000}
    heavier = Lot(4, 10_001, 50_000)
    assert take([heavier], Room((0,), both), may_open=False).pools == {1: 40_004, 2: 200_000}


def test_an_allotment_on_one_segment_of_two_does_not_serve_both():
    pools = loose() + loose(own=True, first=11, segments=(0,))
    assert set(take([BOX], Room((0, 1), pools), may_open=False).pools) == {1, 2, 3, 4}


def test_goods_fill_open_units_in_order_before_another_is_opened():
    units = (UnitRoom(7, free_g=25_000, free_cm3=10**6), UnitRoom(8, free_g=10_000, free_cm3=10**6))
    kinds = (UnitKind(5, 1, 20_000_000, 60_000_000, "teu", 200),)
    room = Room((0, 1), (PoolRoom(1, 0, "teu", 200), PoolRoom(2, 1, "teu", 900)), units, kinds, in_units=True)
    taken = take([BOX], room, may_open=True)
    assert taken.fills == {7: Fill(20_000, 100_000), 8: Fill(10_000, 50_000)}
    (opening,) = taken.openings
    assert opening.kind == 5
    assert opening.slots == {1: 200, 2: 200}
    assert opening.fill == Fill(10_000, 50_000)


def test_nothing_is_opened_without_leave():
    room = Room((0,), (PoolRoom(1, 0, "teu", 200),), (), (UnitKind(5, 1, 10**7, 10**8, "teu", 200),), True)
    with pytest.raises(NoRoom) as refused:
        take([BOX], room, may_open=False)
    assert refused.value.code == "unit_not_open"


def test_the_smallest_unit_that_holds_everything_is_opened():
    small, large = UnitKind(1, 9, 50_000, 10**6, "teu", 100), UnitKind(2, 9, 10**7, 10**8, "teu", 200)
    room = Room((0,), (PoolRoom(1, 0, "teu", 400),), (), (large, small), in_units=True)
    assert [one.kind for one in take([BOX], room, may_open=True).openings] == [1]
    many = Lot(40, 10_000, 50_000)
    assert [one.kind for one in take([many], room, may_open=True).openings] == [2]


def test_slots_that_are_used_up_refuse_the_rest():
    kind = UnitKind(1, 9, 20_000, 10**6, "teu", 100)
    room = Room((0,), (PoolRoom(1, 0, "teu", 199),), (), (kind,), in_units=True)
    with pytest.raises(NoRoom, match="no unit"):
        take([BOX], room, may_open=True)


def test_a_block_of_slots_is_used_before_the_common_ones_and_counts_no_unit():
    kind = UnitKind(1, 0, 10**6, 10**7, "teu", 100)
    room = Room((0,), (PoolRoom(1, 0, "teu", 500), PoolRoom(2, 0, "teu", 100, own=True)), (), (kind,), True)
    (opening,) = take([BOX], room, may_open=True).openings
    assert opening.own
    assert opening.slots == {2: 100}


def test_a_charter_takes_no_slot():
    kind = UnitKind(1, 1, 10**8, 10**9)
    (opening,) = take([BOX], Room((0,), (), (), (kind,), in_units=True), may_open=True).openings
    assert opening.slots == {}


@given(
    st.lists(
        st.builds(Lot, st.integers(1, 9), st.integers(1, 30), st.integers(1, 30)), min_size=1, max_size=4
    ),
    st.lists(st.builds(UnitRoom, st.integers(1, 5), st.integers(0, 90), st.integers(0, 90)), max_size=4),
    st.integers(0, 4),
)
def test_everything_is_loaded_once_and_nothing_holds_more_than_it_can(lots, units, left):
    units = tuple({unit.id: unit for unit in units}.values())
    kind = UnitKind(1, left, 60, 60, "teu", 3)
    room = Room((0,), (PoolRoom(1, 0, "teu", 7), PoolRoom(2, 0, "g", 400)), units, (kind,), in_units=True)
    try:
        taken = take(lots, room, may_open=True)
    except NoRoom:
        return
    weight = sum(lot.count * lot.weight_g for lot in lots)
    parts = [*taken.fills.values(), *(one.fill for one in taken.openings)]
    assert sum(part.weight_g for part in parts) == weight == taken.pools[2]
    assert sum(part.volume_cm3 for part in parts) == sum(lot.count * lot.volume_cm3 for lot in lots)
    free = {unit.id: unit for unit in units}
    assert all(
        fill.weight_g <= free[u].free_g and fill.volume_cm3 <= free[u].free_cm3
        for u, fill in taken.fills.items()
    )
    assert sum(one.slots[1] for one in taken.openings) <= 7
    assert len(taken.openings) <= left
