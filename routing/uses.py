"""Which resources options use: those of the rides, and the warehouses' windows their goods come in at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.space import FIRST_SLOT, Layout
from routing.timetable import Legs, Timetable

_INSTANTS = 1 << 40  # more minutes than any instant has


@dataclass(frozen=True, slots=True, eq=False)
class Uses:
    """Resources of the layout per option: option p uses `resource[ptr[p]:ptr[p + 1]]`."""

    resource: IntArray
    ptr: IntArray


def option_uses(
    timetable: Timetable, paths: IntArray, ready: IntArray, place: IntArray, staying: IntArray
) -> Uses:
    """Return the uses of options with legs `paths` [o, legs] (-1: no more), whose goods set out at `ready`.

    Goods of an option without legs stay at `place` and come in there at `staying`.
    """
    legs = timetable.legs
    windows = _windows_on_the_way(timetable, paths, ready)
    at_home = _window_of(timetable, place, staying)
    windows[:, 0] = np.where(paths[:, 0] < 0, at_home, windows[:, 0])
    pointer = np.append(legs.use_ptr, legs.use_ptr[-1])  # one more leg, without uses: no leg
    counts = np.diff(pointer)[paths]
    option, resource = [], []
    for position in range(paths.shape[1]):
        here, many = paths[:, position], counts[:, position]
        for nth in range(int(many.max(initial=0))):
            rows = np.flatnonzero(many > nth)
            option.append(rows)
            resource.append(legs.use_resource[pointer[here[rows]] + nth])
        rows = np.flatnonzero(windows[:, position] >= 0)
        option.append(rows)
        resource.append(windows[rows, position])
    return _by_option(np.concatenate(option), np.concatenate(resource), len(paths))


def _by_option(option: IntArray, resource: IntArray, options: int) -> Uses:
    order = np.argsort(option, kind="stable")
    ptr = np.searchsorted(option[order], np.arange(options + 1)).astype(np.int64)
    return Uses(resource[order], ptr)


def _windows_on_the_way(timetable: Timetable, paths: IntArray, ready: IntArray) -> IntArray:
    """Return the window in which goods come in at the end of each leg [o, legs], -1 none."""
    found = np.full(paths.shape, -1, dtype=np.int64)
    if not (timetable.network.throughputs and len(timetable.legs)):
        return found
    at = ready
    for position in range(paths.shape[1]):
        here = paths[:, position]
        arrived = _after_leg(timetable.legs, timetable.transfer_min, here, at, first=position == 0)
        at = np.where(here >= 0, arrived, at)
        found[:, position] = np.where(
            here >= 0, _window_of(timetable, timetable.legs.destination[here], at), -1
        )
    return found


def _after_leg(legs: Legs, transfer_min: IntArray, leg: IntArray, at: IntArray, *, first: bool) -> IntArray:
    """Return when goods that are at its beginning at `at` are at the end of the leg."""
    wait = 0 if first else transfer_min[legs.origin[leg]]
    return np.where(leg < legs.first_link, legs.arrives[leg], at + wait + legs.transit[leg])


def _window_of(timetable: Timetable, place: IntArray, at: IntArray) -> IntArray:
    """Return the resource of the warehouse window that goods arriving at a place at an instant use, -1 none."""
    windows = timetable.network.throughputs
    if not windows:
        return np.full(len(place), -1, dtype=np.int64)
    first = len(timetable.layout.resources) - len(windows)
    columns = np.array([(one.location, one.starts_min, one.ends_min) for one in windows], dtype=np.int64)
    order = np.lexsort((columns[:, 1], columns[:, 0]))
    where, starts, ends = columns[order].T
    found = np.searchsorted(where * _INSTANTS + starts, place * _INSTANTS + at, side="right") - 1
    inside = (found >= 0) & (where[found] == place) & (at < ends[found])
    return np.where(inside, first + order[found], -1)


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
    option = np.repeat(np.arange(len(uses.ptr) - 1), np.diff(uses.ptr))
    pair = np.unique(uses.resource * max(len(class_size), 1) + option_class[option])
    used, of_class = np.divmod(pair, max(len(class_size), 1))
    most = np.zeros_like(free)
    np.add.at(most, used, class_size[of_class] * factors[used])
    kept = (opened | (most > free).any(axis=1))[uses.resource]
    return _by_option(option[kept], uses.resource[kept], len(uses.ptr) - 1)


def factors_of(layout: Layout) -> npt.NDArray[np.float64]:
    """Return what one use takes of each resource [resources, d]: grams and cm3, or one parcel of a window."""
    factors = np.zeros((len(layout.resources), len(layout.dimensions)))
    for index, resource in enumerate(layout.resources):
        if resource.kind == "throughput":
            factors[index, FIRST_SLOT] = 1.0
        else:
            factors[index, :FIRST_SLOT] = 1.0
    return factors
