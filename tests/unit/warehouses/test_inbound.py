"""What was announced, what came, and where it is to lie."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouses.errors import WarehouseError
from warehouses.inbound import ASN_STATES, ASN_STEPS, Counted, condition_of, discrepancies, split
from warehouses.putaway import Bin, Waiting, suggest
from warehouses.states import after

GOODS = Waiting(lot=1, kind=(7, "A"), customs_status="free", quantity=10, weight_g=1_000, volume_cm3=2_000)


def test_steps_lead_from_states_that_exist_to_states_that_exist():
    assert {state for start, end in ASN_STEPS.values() for state in (*start, end)} == set(ASN_STATES)


def test_what_is_received_is_not_cancelled_any_more():
    with pytest.raises(WarehouseError, match="it is receiving"):
        after(ASN_STEPS, "cancel", "receiving")


def test_a_count_takes_from_what_was_announced_and_then_from_nowhere():
    assert split(Counted(expected=10, good=6), good=5, damaged=1).announced == 4
    assert split(Counted(expected=10, good=6), good=5, damaged=1).surplus == 2
    assert split(Counted(expected=0), good=3, damaged=0).surplus == 3


@given(st.builds(Counted, *[st.integers(0, 99)] * 3), st.integers(0, 99), st.integers(0, 99))
def test_a_count_is_posted_in_full(line, good, damaged):
    if good + damaged:
        found = split(line, good, damaged)
        assert found.announced + found.surplus == found.good + found.damaged == good + damaged
        assert 0 <= found.announced <= line.missing


@pytest.mark.parametrize(
    ("good", "damaged", "code"), [(0, 0, "nothing_counted"), (-1, 2, "negative"), (3, -1, "negative")]
)
def test_a_count_of_nothing_is_none(good, damaged, code):
    with pytest.raises(WarehouseError) as refused:
        split(Counted(5), good, damaged)
    assert refused.value.code == code


def test_damage_makes_nothing_better():
    assert [condition_of(one, damaged=True) for one in "ABCD"] == ["C", "C", "C", "D"]
    assert condition_of("B", damaged=False) == "B"


def test_nothing_is_short_before_receiving_is_closed():
    lines = [(1, Counted(10, 6, 1)), (2, Counted(5, 5)), (3, Counted(0, 2))]
    told = [(one.line, one.kind, one.quantity) for one in discrepancies(lines, closed=False)]
    assert told == [(1, "damage", 1), (3, "surplus", 2)]
    told = [(one.line, one.kind, one.quantity) for one in discrepancies(lines, closed=True)]
    assert told == [(1, "shortage", 3), (1, "damage", 1), (3, "surplus", 2)]


def a_bin(place, seq, **facts):
    facts = {"area": "free", "free_g": 100_000, "free_cm3": 100_000} | facts
    return Bin(place=place, walk=(1, seq), **facts)


def placed(found):
    return [(one.place, one.quantity, one.why) for one in found]


def test_goods_join_their_own_before_they_take_an_empty_bin():
    bins = [a_bin(1, 1), a_bin(2, 2, holds=frozenset({(7, "A")}), empty=False)]
    assert placed(suggest([GOODS], bins)[0]) == [(2, 10, "same")]


def test_damaged_goods_do_not_join_good_ones():
    bins = [a_bin(1, 1, holds=frozenset({(7, "C")}), empty=False), a_bin(2, 2)]
    assert placed(suggest([GOODS], bins)[0]) == [(2, 10, "empty")]


def test_the_nearest_bin_that_takes_everything_is_chosen():
    bins = [a_bin(1, 1, free_g=4_000), a_bin(2, 2), a_bin(3, 3)]
    assert placed(suggest([GOODS], bins)[0]) == [(2, 10, "empty")]


def test_what_no_bin_takes_whole_is_split_by_weight_and_by_volume():
    bins = [a_bin(1, 1, free_g=4_500), a_bin(2, 2, free_cm3=6_000), a_bin(3, 3, free_g=8_000)]
    assert placed(suggest([GOODS], bins)[0]) == [(1, 4, "empty"), (2, 3, "empty"), (3, 3, "empty")]


def test_two_lots_are_not_sent_to_the_same_room():
    bins = [a_bin(1, 1, free_g=12_000), a_bin(2, 2)]
    other = Waiting(2, (8, "A"), "free", 5, 1_000, 1_000)
    assert placed(suggest([GOODS, other], bins)[0]) == [(1, 10, "empty"), (2, 5, "empty")]


def test_bonded_goods_find_no_room_among_free_ones():
    bonded = Waiting(1, (7, "A"), "bonded", 10, 1_000, 2_000)
    found, homeless = suggest([bonded], [a_bin(1, 1)])
    assert (found, homeless) == ([], [(bonded, 10)])


@given(
    st.lists(st.builds(a_bin, st.integers(1, 50), st.integers(0, 9), area=st.sampled_from(["free", "bonded"]),
                       free_g=st.none() | st.integers(-5, 20_000), free_cm3=st.none() | st.integers(0, 20_000),
                       empty=st.booleans()), max_size=6),
    st.lists(st.integers(1, 30), max_size=4),
)  # fmt: skip
def test_no_piece_is_lost_and_no_bin_filled_beyond_its_limit(bins, amounts):
    room = [(one, one.free_g, one.free_cm3) for one in bins]
    waiting = [Waiting(lot, (lot, "A"), "free", pieces, 900, 700) for lot, pieces in enumerate(amounts)]
    found, homeless = suggest(waiting, bins)
    assert sum(one.quantity for one in found) + sum(left for _, left in homeless) == sum(amounts)
    for one, free_g, free_cm3 in room:
        assert free_g is None or one.free_g >= min(free_g, 0)
        assert free_cm3 is None or one.free_cm3 >= min(free_cm3, 0)
