"""What can come between a plan and its day, and the problem that is left to plan again.

The disrupted problem knows the plan as its bookings: each that can stay has a price for being changed, those
that are locked have an infinite one, and those that cannot stay are bookings no more.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray, ProblemError
from routing.overload import Room, relieve
from routing.parts import fewest_units, ranges, room_left
from routing.problem import Problem

BoolArray = npt.NDArray[np.bool_]


def _none() -> IntArray:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """New values of some rows of one array: `rows` [m], `values` [m] or [m, columns]."""

    rows: IntArray
    values: npt.NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Added:
    """Items that came after the plan, as the columns of a problem hold them, by class of that problem."""

    item_class: IntArray
    item_size: FloatArray
    item_features: FloatArray
    item_drop_cost: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Disruption:
    """What is no longer as the plan took it to be, in indices of the planned problem.

    `cancelled` resources are gone with their units and every option through them; `missed` are options
    gone for another reason (a connection that a delay breaks). `free`, `unit_max`, `unit_size` and
    `unit_cost` replace rows of the problem's arrays, `rates` rows of `option_rates`. `pinned` items keep
    their option if it is still there. `change_price`, one or per item [n], is paid for each other booking
    that changes; None takes the problem's own change costs, 0 where it has none.
    """

    cancelled: IntArray = field(default_factory=_none)
    missed: IntArray = field(default_factory=_none)
    free: Changed | None = None
    unit_max: Changed | None = None
    unit_size: Changed | None = None
    unit_cost: Changed | None = None
    rates: Changed | None = None
    withdrawn: IntArray = field(default_factory=_none)
    added: Added | None = None
    pinned: IntArray = field(default_factory=_none)
    change_price: float | FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Disrupted:
    """The problem that is left, and what is left of the plan in its indices.

    `item_from` [n'] and `option_from` [o'] say which item and option of the planned problem each is, -1
    for an item that was added. `kept_option` [n'] is the plan without what cannot stay (-1), `kept_units`
    [t] are the fewest of its units that carry it, `load` [r, d] what it takes: it breaks no capacity.
    `affected` items have lost their place, or never had one. `restricts` says that nothing became cheaper or
    roomier and nobody was withdrawn: what was proven of the planned problem then holds of what is left.
    """

    planned: Problem
    problem: Problem
    item_from: IntArray
    option_from: IntArray
    kept_option: IntArray
    kept_units: IntArray
    load: FloatArray
    affected: IntArray
    restricts: bool


def disrupt(problem: Problem, item_option: IntArray, units: IntArray, disruption: Disruption) -> Disrupted:
    """Apply a disruption to a problem and its plan [n], [t]. `ProblemError` for what cannot be meant.

    Where a capacity no longer holds what the plan puts into it, the bookings that go are few and lose
    little; those that are locked go last.
    """
    _check_rows(problem, disruption)
    gone = _options_gone(problem, disruption)
    arrays = _with_rows(problem, disruption)
    locked, price = _promises(problem, item_option, disruption)
    option = np.where((item_option >= 0) & ~_at(gone, item_option), item_option, -1)
    option[disruption.withdrawn] = -1
    room = Room(
        arrays["resource_free"],
        arrays.get("unit_size", problem.unit_size),
        np.minimum(units, arrays["unit_max"]),
    )
    kept, fitted, load = relieve(problem, option, room, locked, ~gone)
    option_from, number = _number_options(problem, gone, arrays)
    stays = np.where(kept >= 0, _at(number, kept), -1)
    left_out = (item_option < 0) & np.isfinite(problem.item_drop_cost)
    item_from, fresh = _other_items(problem, disruption, arrays)
    arrays["item_option_now"] = np.concatenate([stays, np.full(fresh, -1)])[item_from]
    arrays["item_change_cost"] = np.concatenate([np.where(locked, np.inf, price), np.zeros(fresh)])[item_from]
    waits = np.concatenate([(kept < 0) & ~left_out, np.ones(fresh, bool)])[item_from]
    for array in arrays.values():
        array.flags.writeable = False  # else each would be copied once more
    changed = replace(problem, **cast("dict[str, Any]", arrays))
    spare = room_left(changed, load, fitted)
    return Disrupted(
        planned=problem,
        problem=changed,
        item_from=np.where(item_from < problem.n, item_from, -1),
        option_from=option_from,
        kept_option=arrays["item_option_now"],
        kept_units=fewest_units(changed, fitted, np.arange(problem.t), spare),
        load=load,
        affected=np.flatnonzero(waits),
        restricts=not len(disruption.withdrawn) and _only_worse(problem, disruption),
    )


def _at(values: npt.NDArray[Any], index: IntArray) -> npt.NDArray[Any]:
    """Return `values[index]`, the first value where the index is -1, also where there are no values."""
    return values[np.maximum(index, 0)] if len(values) else np.zeros(len(index), values.dtype)


def _check_rows(problem: Problem, disruption: Disruption) -> None:
    counts = (
        ("cancelled", disruption.cancelled, problem.r),
        ("missed", disruption.missed, problem.o),
        ("withdrawn", disruption.withdrawn, problem.n),
        ("pinned", disruption.pinned, problem.n),
        ("free", _rows(disruption.free), problem.r),
        ("unit_max", _rows(disruption.unit_max), problem.t),
        ("unit_size", _rows(disruption.unit_size), problem.t),
        ("unit_cost", _rows(disruption.unit_cost), problem.t),
        ("rates", _rows(disruption.rates), problem.o),
    )
    for name, rows, many in counts:
        if ((rows < 0) | (rows >= many)).any():
            raise ProblemError("out_of_range", name, f"must be from 0 to below {many}")
    price = disruption.change_price
    if price is not None and not (np.asarray(price) >= 0).all():
        raise ProblemError("negative", "change_price", "must not be negative")


def _rows(changed: Changed | None) -> IntArray:
    return _none() if changed is None else np.asarray(changed.rows, np.int64)


def _with_rows(problem: Problem, disruption: Disruption) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays that the disruption changes row by row."""
    closed = np.zeros(problem.r + 1, bool)  # the last entry is the parent of units that have none
    closed[disruption.cancelled] = True
    free, most = problem.resource_free.copy(), problem.unit_max.copy()
    arrays: dict[str, npt.NDArray[Any]] = {"resource_free": free, "unit_max": most}
    for key, changed in (
        ("resource_free", disruption.free),
        ("unit_max", disruption.unit_max),
        ("unit_size", disruption.unit_size),
        ("unit_cost", disruption.unit_cost),
        ("option_rates", disruption.rates),
    ):
        if changed is not None:
            arrays[key] = arrays[key] if key in arrays else getattr(problem, key).copy()
            arrays[key][changed.rows] = changed.values
    free[closed[:-1]] = 0.0
    most[closed[problem.unit_resource] | closed[problem.unit_parent]] = 0
    return arrays


def _only_worse(problem: Problem, disruption: Disruption) -> bool:
    """Whether the rows that change make nothing cheaper and nothing roomier, and no old change cost is gone."""
    if problem.item_change_cost is not None and problem.item_change_cost.any():
        return False
    smaller = (
        (disruption.free, problem.resource_free),
        (disruption.unit_max, problem.unit_max),
        (disruption.unit_size, problem.unit_size),
    )
    dearer = ((disruption.unit_cost, problem.unit_cost), (disruption.rates, problem.option_rates))
    return all(one is None or bool((one.values <= old[one.rows]).all()) for one, old in smaller) and all(
        one is None or bool((one.values >= old[one.rows]).all()) for one, old in dearer
    )


def _options_gone(problem: Problem, disruption: Disruption) -> BoolArray:
    closed = np.zeros(problem.r, bool)
    closed[disruption.cancelled] = True
    gone = np.zeros(problem.o, bool)
    gone[disruption.missed] = True
    use = np.flatnonzero(closed[problem.use_resource])
    gone[np.searchsorted(problem.option_ptr, use, side="right") - 1] = True
    return gone


def _promises(
    problem: Problem, item_option: IntArray, disruption: Disruption
) -> tuple[BoolArray, FloatArray]:
    """Return which items are locked on the plan's option, and what changing each other booking costs, [n]."""
    locked, price = np.zeros(problem.n, bool), np.zeros(problem.n)
    if problem.item_option_now is not None and problem.item_change_cost is not None:
        infinite = np.isinf(problem.item_change_cost)
        locked = infinite & (problem.item_option_now >= 0) & (problem.item_option_now == item_option)
        price = np.where(infinite, 0.0, problem.item_change_cost)
    if disruption.change_price is not None:
        price = np.broadcast_to(np.asarray(disruption.change_price, float), (problem.n,))
    locked[disruption.pinned] = True
    return locked & (item_option >= 0), price


def _number_options(
    problem: Problem, gone: BoolArray, arrays: dict[str, npt.NDArray[Any]]
) -> tuple[IntArray, IntArray]:
    """Take options out of the arrays; return the old number of each that is left, and the new of each old."""
    everything = np.arange(problem.o)
    if not gone.any():
        return everything, everything
    stays = np.flatnonzero(~gone)
    before = np.concatenate([[0], np.cumsum(~gone)])
    out = np.flatnonzero(gone)
    use_stays = np.ones(problem.u, bool)
    use_stays[ranges(problem.option_ptr[out], problem.option_ptr[out + 1])[0]] = False
    uses = np.flatnonzero(use_stays)
    arrays["class_ptr"] = before[problem.class_ptr]
    # Rows are taken by number: on tables, masks are several times slower.
    arrays["option_rates"] = np.take(arrays.get("option_rates", problem.option_rates), stays, axis=0)
    arrays["option_ptr"] = np.concatenate([[0], np.cumsum(np.diff(problem.option_ptr)[stays])])
    arrays["use_resource"] = np.take(problem.use_resource, uses)
    arrays["use_factor"] = np.take(problem.use_factor, uses, axis=0)
    return stays, np.where(gone, -1, before[:-1])


def _other_items(
    problem: Problem, disruption: Disruption, arrays: dict[str, npt.NDArray[Any]]
) -> tuple[IntArray, int]:
    """Add and withdraw items in the arrays; return the number of each before withdrawal, and how many are new."""
    added = disruption.added
    fresh = 0 if added is None else len(added.item_class)
    item_from = np.delete(np.arange(problem.n + fresh), disruption.withdrawn)
    if not fresh and len(item_from) == problem.n:
        return item_from, 0
    for key in ("item_class", "item_size", "item_features", "item_drop_cost"):
        column = getattr(problem, key)
        if added is not None:
            new = np.asarray(getattr(added, key))
            if new.shape != (fresh, *column.shape[1:]):
                raise ProblemError("wrong_shape", f"added {key}", "does not fit the problem")
            column = np.concatenate([column, new])
        arrays[key] = column[item_from]
    return item_from, fresh
