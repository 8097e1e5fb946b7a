"""Small networks for tests: by hand, and by hypothesis."""

import numpy as np
from hypothesis import strategies as st

from routing.network import ANYONE, Allotment, Call, Departure, Link, Location, Network, Space

GOODS = ("general", "battery")
EVERYTHING = frozenset(GOODS)
GENERAL = frozenset({"general"})
DAY = 1440


def ride(ref, service, *stops, mode="sea", accepts=EVERYTHING, cutoff=0):
    """A departure calling at (location, minute) stops; it stays nowhere, and closes `cutoff` minutes before."""
    calls = tuple(Call(place, at, at, at - cutoff) for place, at in stops)
    return Departure(ref, service, mode, calls, accepts)


def every_pair(departure, row=0):
    """The rate row for every pair of its calls."""
    calls = len(departure.calls)
    return {(a, b): row for a in range(calls) for b in range(a + 1, calls)}


def network(places, departures, links=(), spaces=None, transfer=0, **more):
    """A network of so many places, where departures carry everything loose unless told otherwise."""
    locations = tuple(Location(f"P{index}", transfer) for index in range(places))
    spaces = spaces or tuple(Space(loose=every_pair(one)) for one in departures)
    return Network(GOODS, locations, tuple(departures), tuple(spaces), tuple(links), **more)


def link(ref, origin, destination, minutes=60, mode="road", accepts=EVERYTHING, row=0):
    return Link(ref, mode, origin, destination, minutes, accepts, row)


accepted = st.sampled_from([EVERYTHING, GENERAL])


@st.composite
def networks(draw, places=4, most_departures=7):
    """Tiny networks of a few days: multi-call services, links, cut-offs, allotments, borders, and places too far."""
    departures, spaces = [], []
    for ref in range(draw(st.integers(3, most_departures))):
        service = draw(st.integers(0, 3))
        stops = draw(st.permutations(range(places)))[: draw(st.integers(2, 3))]
        at, calls = draw(st.integers(0, 40)), []
        for stop in stops:
            calls.append((stop, at))
            at += draw(st.integers(1, 8))
        cutoff = draw(st.integers(0, 3))
        departures.append(
            ride(
                ref, service, *calls, accepts=draw(accepted), cutoff=cutoff, mode=("sea", "air")[service % 2]
            )
        )
        block = {(0, 1): 0} if draw(st.booleans()) else {}
        allotments = (Allotment("block", block, draw(st.sampled_from([ANYONE, 7, 8]))),) if block else ()
        spaces.append(Space(loose=every_pair(departures[-1]), allotments=allotments))
    pairs = draw(st.lists(st.tuples(st.integers(0, places - 1), st.integers(0, places - 1)), max_size=6))
    links = [
        link(100 + ref, a, b, draw(st.integers(1, 5)), accepts=draw(accepted))
        for ref, (a, b) in enumerate(pairs)
        if a != b
    ]
    distance = None
    if draw(st.booleans()):
        x = np.array(draw(st.lists(st.integers(0, 9), min_size=places, max_size=places)), dtype=float)
        distance = np.abs(x[:, None] - x[None, :])
    locations = tuple(
        Location(f"P{index}", draw(st.integers(0, 2)), draw(st.sampled_from("AB"))) for index in range(places)
    )
    return Network(GOODS, locations, tuple(departures), tuple(spaces), tuple(links), (), distance)
