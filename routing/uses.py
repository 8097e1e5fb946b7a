"""Which resources options use: those of the rides, and the warehouses' windows their goods come in at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.compiled import compiled
from routing.space import FIRST_SLOT, Layout
from routing.timetable import Timetable

Codes = npt.NDArray[np.int32]
_INSTANTS = 1 << 40  # more minutes than any instant has


@dataclass(frozen=True, slots=True, eq=False)
class Uses:
    """Resources of the layout per option, int32: option p uses `resource[ptr[p]:ptr[p + 1]]`."""

    resource: Codes
    ptr: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Trips:
    """Options [o] as trips: legs `paths[itinerary]` (-1: the goods stay), set out at `ready`.

    Goods that stay do so at `place` and come in there at `staying`.
    """

    paths: Codes
    itinerary: IntArray
    ready: IntArray
    place: IntArray
    staying: IntArray


def option_uses(timetable: Timetable, trips: Trips) -> Uses:
    """Return the uses of options, by their legs in order: of each the ride's, then the window at its end."""
    legs = timetable.legs
    facts = (
        trips.paths, trips.itinerary, trips.ready, trips.place, trips.staying, legs.first_link, legs.use_ptr,
        legs.use_resource, legs.origin, legs.destination, legs.arrives, legs.transit, timetable.transfer_min,
        *_windows(timetable),
    )  # fmt: skip
    ptr = np.zeros(len(trips.itinerary) + 1, dtype=np.int64)
    _walk(*facts, ptr, np.zeros(0, dtype=np.int32))
    ptr = np.cumsum(ptr)
    resource = np.empty(int(ptr[-1]), dtype=np.int32)
    _walk(*facts, ptr, resource)
    return Uses(resource, ptr)


def _windows(timetable: Timetable) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return the warehouses' windows by place and time: sorting key, place, end, resource of the layout."""
    windows = timetable.network.throughputs
    first = len(timetable.layout.resources) - len(windows)
    columns = [(one.location, one.starts_min, one.ends_min) for one in windows]
    where, starts, ends = np.array(columns, dtype=np.int64).reshape(-1, 3).T
    order = np.lexsort((starts, where))
    return (where * _INSTANTS + starts)[order], where[order], ends[order], first + order.astype(np.int64)


@compiled
def _window_of(place: int, at: int, key: IntArray, where: IntArray, ends: IntArray, number: IntArray) -> int:
    """Return the resource of the warehouse window that goods arriving at a place at an instant use, -1 none."""
    found = np.searchsorted(key, place * _INSTANTS + at, side="right") - 1
    if found < 0 or where[found] != place or at >= ends[found]:
        return -1
    return int(number[found])


@compiled
def _walk(
    paths: Codes, itinerary: IntArray, ready: IntArray, place: IntArray, staying: IntArray, first_link: int,
    use_ptr: IntArray, use_resource: IntArray, origin: IntArray, destination: IntArray, arrives: IntArray,
    transit: IntArray, transfer_min: IntArray, key: IntArray, where: IntArray, ends: IntArray, number: IntArray,
    ptr: IntArray, resource: Codes,
) -> None:  # fmt: skip
    """Follow every option; without room in `resource` count its uses in `ptr[option + 1]`, otherwise write them."""
    writing = len(resource) > 0
    for option in range(len(itinerary)):
        at, many = ready[option], 0
        begin = ptr[option]
        if itinerary[option] < 0:
            window = _window_of(place[option], staying[option], key, where, ends, number)
            if window >= 0:
                if writing:
                    resource[begin] = window
                many = 1
        else:
            path = paths[itinerary[option]]
            for position in range(len(path)):
                leg = path[position]
                if leg < 0:
                    break
                for use in range(use_ptr[leg], use_ptr[leg + 1]):
                    if writing:
                        resource[begin + many] = use_resource[use]
                    many += 1
                wait = transfer_min[origin[leg]] if position else 0
                at = arrives[leg] if leg < first_link else at + wait + transit[leg]
                window = _window_of(destination[leg], at, key, where, ends, number)
                if window >= 0:
                    if writing:
                        resource[begin + many] = window
                    many += 1
        if not writing:
            ptr[option + 1] = many


def without_idle(
    uses: Uses, layout: Layout, option_class: IntArray, class_size: FloatArray, factors: FloatArray
) -> Uses:
    """Leave out resources that cannot bind: all items that might use them fit together.

    `class_size` [k, d] are the summed sizes of each class's items, `factors` [resources, d] what a use takes.
    """
    opened = np.zeros(len(layout.resources), dtype=np.bool_)
    opened[[unit.resource for unit in layout.units]] = True
    free = np.full((len(layout.resources), class_size.shape[1]), np.inf)
    for index, resource in enumerate(layout.resources):
        for dim, value in resource.free.items():
            free[index, dim] = value
    most = np.zeros_like(free)
    _demand(uses.ptr, uses.resource, option_class, class_size, factors, np.full(len(most), -1), most)
    kept = (opened | (most > free).any(axis=1))[uses.resource]
    before = np.concatenate([[0], np.cumsum(kept)])
    return Uses(uses.resource[kept], before[uses.ptr])


@compiled
def _demand(
    ptr: IntArray, resource: Codes, option_class: IntArray, class_size: FloatArray, factors: FloatArray,
    last_class: IntArray, most: FloatArray,
) -> None:  # fmt: skip
    """Sum up, for every resource, the sizes of all classes that can use it; `last_class` [resources] begins as -1."""
    for option in range(len(option_class)):
        of_class = option_class[option]
        for use in range(ptr[option], ptr[option + 1]):
            used = resource[use]
            if last_class[used] != of_class:
                last_class[used] = of_class
                for dim in range(most.shape[1]):
                    most[used, dim] += class_size[of_class, dim] * factors[used, dim]


def factors_of(layout: Layout) -> npt.NDArray[np.float64]:
    """Return what one use takes of each resource [resources, d]: grams and cm3, or one parcel of a window."""
    factors = np.zeros((len(layout.resources), len(layout.dimensions)))
    window = np.array([resource.kind == "throughput" for resource in layout.resources], dtype=np.bool_)
    factors[window, FIRST_SLOT : FIRST_SLOT + 1] = 1.0
    factors[~window, :FIRST_SLOT] = 1.0
    return factors
