"""Facts that cannot be true are refused, and space becomes resources that hold it on every segment."""

from math import inf

import pytest

from routing.network import ANYONE, Allotment, Box, Call, Departure, NetworkError, Opening, Space, Throughput
from routing.space import FIRST_SLOT, binding_segments, lay_out
from tests.unit.routing.networks import EVERYTHING, every_pair, link, network, ride

LOOP = ride(1, 1, (0, 0), (1, 10), (2, 20), (3, 30))


def laid_out(space, departure=LOOP):
    return lay_out(network(4, [departure], spaces=[space]))


def carriage(layout, pair):
    return next(one for one in layout.carriages if (one.board, one.alight) == pair)


@pytest.mark.parametrize(
    ("calls", "complaint"),
    [
        ((Call(0, 0, 5, 5),), "two calls"),
        ((Call(0, 0, 5, 6), Call(1, 9, 9, 9)), "cut-off"),
        ((Call(0, 0, 5, 5), Call(1, 4, 9, 9)), "arrives before"),
        ((Call(0, 0, 5, 5), Call(9, 9, 9, 9)), "unknown location"),
    ],
)
def test_a_departure_that_cannot_be_is_refused(calls, complaint):
    with pytest.raises(NetworkError, match=complaint):
        network(2, [Departure(1, 1, "sea", calls, EVERYTHING)], spaces=[Space()])


@pytest.mark.parametrize(
    ("space", "complaint"),
    [
        (Space(free_g=(1.0,)), "per segment"),
        (Space(free_g=(1.0, -1.0, 1.0)), "negative"),
        (Space(loose={(2, 1): 0}), "board before"),
        (Space(boxes=(Box("40HQ", 1, 1, 1, {(0, 1): 1.0}, "teu"),)), "no slots of kind teu"),
        (Space(boxes=(Box("40HQ", 1, 1, 1, {(0, 1): -1.0}),)), "negative size, cost"),
        (Space(openings=(Opening("B77F", 1, 1, inf),)), "finite"),
    ],
)
def test_space_that_contradicts_its_departure_is_refused(space, complaint):
    with pytest.raises(NetworkError, match=complaint):
        laid_out(space)


def test_links_need_two_places_and_time_that_passes():
    with pytest.raises(NetworkError, match="two places"):
        network(2, [], [link(1, 0, 0)])
    with pytest.raises(NetworkError, match="no negative transit"):
        network(2, [], [link(1, 0, 1, -5)])


def test_every_departure_needs_its_space():
    with pytest.raises(NetworkError, match="every departure needs its space"):
        network(4, [LOOP], spaces=[Space(), Space()])


def test_loose_goods_take_every_segment_that_can_bind():
    layout = laid_out(Space(loose=every_pair(LOOP), free_g=(5.0, 6.0, inf)))
    where = [(one.board, one.alight, one.free) for one in layout.resources]
    assert where == [(0, 1, {0: 5.0}), (1, 2, {0: 6.0})]
    assert carriage(layout, (0, 2)).uses == (0, 1)
    assert carriage(layout, (1, 3)).uses == (1,)
    assert carriage(layout, (2, 3)).uses == ()


def test_a_segment_is_left_out_when_another_binds_first():
    boarding_then_alighting = [(0, 2), (0, 3), (1, 2), (1, 3)]
    assert binding_segments(boarding_then_alighting, [(9.0,), (9.0,), (9.0,)]) == [1]
    assert binding_segments(boarding_then_alighting, [(8.0,), (9.0,), (9.0,)]) == [0, 1]
    assert binding_segments([], [(1.0,)]) == []


def test_a_box_takes_its_slots_on_every_segment_it_travels():
    cost = {(0, 2): 700.0, (1, 3): 800.0}
    boxes = (Box("20GP", 10, 20, 9, cost, "teu", 1.0), Box("40HQ", 30, 60, 9, cost, "teu", 2.25))
    layout = laid_out(Space(boxed=dict.fromkeys(cost, 0), boxes=boxes, slots={"teu": (4.0, 9.0, 5.0)}))
    slots = layout.resources[0]
    assert (slots.kind, slots.free) == ("slots", {FIRST_SLOT: 4.0, FIRST_SLOT + 1: 9.0, FIRST_SLOT + 2: 5.0})
    taken = [(unit.label, unit.resource, unit.cost, unit.parent, unit.takes) for unit in layout.units]
    assert taken == [
        ("20GP", 1, 700.0, 0, {FIRST_SLOT: 1.0, FIRST_SLOT + 1: 1.0}),
        ("40HQ", 1, 700.0, 0, {FIRST_SLOT: 2.25, FIRST_SLOT + 1: 2.25}),
        ("20GP", 2, 800.0, 0, {FIRST_SLOT + 1: 1.0, FIRST_SLOT + 2: 1.0}),
        ("40HQ", 2, 800.0, 0, {FIRST_SLOT + 1: 2.25, FIRST_SLOT + 2: 2.25}),
    ]
    assert layout.dimensions == ("g", "cm3", "slot 1", "slot 2", "slot 3")


def test_boxes_weigh_on_the_departure_only_where_told():
    pair = {(0, 1): 0}
    box = (Box("PMC", 10, 20, 9, {(0, 1): 5.0}),)
    light = laid_out(Space(boxed=pair, boxes=box, free_g=(50.0, 50.0, 50.0)))
    heavy = laid_out(Space(boxed=pair, boxes=box, free_g=(50.0, 50.0, 50.0), boxes_weigh=True))
    assert [one.kind for one in light.resources] == ["boxes"]
    assert [heavy.resources[use].kind for use in carriage(heavy, (0, 1)).uses] == ["segment", "boxes"]


def test_a_charter_is_opened_before_anything_travels():
    layout = laid_out(Space(loose=every_pair(LOOP), openings=(Opening("B77F", 100, 200, 5000.0),)))
    assert [one.free for one in layout.resources] == [{0: 0.0, 1: 0.0}]
    assert [(unit.cost, unit.size, unit.max_units) for unit in layout.units] == [
        (5000.0, {0: 100.0, 1: 200.0}, 1)
    ]
    assert all(one.uses == (0,) and one.fixed_per_g == 50.0 for one in layout.carriages)


def test_an_allotment_is_another_way_of_travelling_for_its_exporter():
    block = Allotment("block", {(0, 3): 4}, exporter=7, free_g=(100.0, 80.0, 90.0))
    layout = laid_out(Space(loose={(0, 3): 1}, free_g=(9.0, 9.0, 9.0), allotments=(block,)))
    ways = [(one.how, one.exporter, one.rate_row, one.uses) for one in layout.carriages]
    assert ways == [("loose", ANYONE, 1, (0,)), ("allotment", 7, 4, (1,))]
    assert layout.resources[1].free == {0: 80.0}


def test_a_block_of_slots_is_filled_with_boxes_of_its_exporter():
    cost = {(0, 3): 900.0}
    boxes = (
        Box("40HQ", 30, 60, 9, cost, "teu", 2.0),
        Box("40HQ", 30, 60, 9, {(0, 3): 0.0}, "teu of 7", 2.0, exporter=7),
    )
    slots = {"teu": (8.0, 8.0, 8.0), "teu of 7": (6.0, 6.0, 6.0)}
    layout = laid_out(Space(boxed={(0, 3): 1}, boxes=boxes, slots=slots))
    ways = [(one.how, one.exporter, one.uses, one.fixed_per_g) for one in layout.carriages]
    assert ways == [("boxes", ANYONE, (2,), 30.0), ("allotment", 7, (3,), 0.0)]
    assert [(unit.resource, unit.parent, unit.cost) for unit in layout.units] == [(2, 0, 900.0), (3, 1, 0.0)]


def test_a_warehouse_takes_in_so_many_parcels_in_a_window():
    layout = lay_out(network(1, [], throughputs=(Throughput(0, 0, 1440, 300.0),)))
    assert [(one.kind, one.location, one.free) for one in layout.resources] == [
        ("throughput", 0, {FIRST_SLOT: 300.0})
    ]
