"""What more room would be worth, and how full an opened unit must be to pay for itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from routing.arrays import FloatArray, IntArray
from routing.explain import Explainer
from routing.judging import evicted, pairs_of
from routing.way_tables import Marks, Pairs

USES_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class SpaceWorth:
    """Worth of room by resource [r, d] and dimension, and of unit types [t]; costs in minor units.

    `value` is what `step` [d] more of a dimension saves: NaN where there is no limit or, on a resource whose
    units are all shut, no room to begin with. It is the certificate's price where `certified` [r], else what
    the goods would save that the plan keeps out, best first. `fill` [r, d] is in use (NaN: no limit).

    A unit type pays once its goods save what it costs. What those on it save is what they would cost more if
    their resource were shut: each in turn on its best other way, those first that have most to lose; what others
    would save by it is judged for each alone. `unit_break_even` is the share of a unit that is then in use (above
    1: not even full; inf: no goods save anything by it; 0: some have no other way, `unit_captive` of them). It is
    judged by `unit_goods` items: of an opened type those on its resource, of a shut one the best of those that
    would save by it. `unit_fill` is how full the opened ones are, or how far those goods would fill one;
    `unit_gain` is what a full one saves.
    """

    step: FloatArray
    value: FloatArray
    certified: Marks
    fill: FloatArray
    unit_fill: FloatArray
    unit_gain: FloatArray
    unit_break_even: FloatArray
    unit_goods: IntArray
    unit_captive: IntArray


@dataclass(frozen=True, slots=True)
class _Goods:
    """Pairs of one resource: what each item takes [m, d], gains and lacks, by bit of the dimension (0: it is there)."""

    item: IntArray
    take: FloatArray
    gain: FloatArray
    lacks: IntArray

    def of(self, rows: Marks) -> _Goods:
        return _Goods(self.item[rows], self.take[rows], self.gain[rows], self.lacks[rows])


@dataclass(slots=True)
class _Unit:
    fill: float = 0.0
    gain: float = 0.0
    break_even: float = np.inf
    goods: int = 0
    captive: int = 0


def space_worth(explainer: Explainer, step: FloatArray | None = None) -> SpaceWorth:
    """Return the worth of all space under a plan; `step` [d] is what "one more" means, 1 of each by default."""
    problem, space = explainer.problem, explainer.tables.space
    more = np.ones(problem.d) if step is None else np.asarray(step, dtype=np.float64)
    opens = np.diff(space.type_ptr) > 0
    priced = explainer.plan.certificate_price is not None
    limited = np.isfinite(space.limit)
    value = np.where(limited, space.price * more, np.nan)
    value[opens] = np.where(limited[opens] & (space.limit[opens] > 0), 0.0, np.nan)
    units = [_Unit() for _ in range(problem.t)]
    fill = _fill(space.room, space.limit)
    for unit in np.flatnonzero(space.units > 0).tolist():
        units[unit].fill = float(np.nanmax(fill[problem.unit_resource[unit]], initial=0.0))
    wanted: Marks = opens if priced else np.asarray(limited.any(axis=1))
    for where, goods in _by_resource(explainer, wanted):
        value[where] = np.where(np.isnan(value[where]), np.nan, _value_of(goods, more))
        there = _on_it(explainer, where, goods)
        for unit in space.type_of[space.type_ptr[where] : space.type_ptr[where + 1]].tolist():
            units[unit] = _weighed(explainer, unit, (there, goods), units[unit].fill)
    return SpaceWorth(
        step=more,
        value=value,
        certified=np.full(problem.r, priced) & ~opens,
        fill=fill,
        unit_fill=np.array([one.fill for one in units], np.float64),
        unit_gain=np.array([one.gain for one in units], np.float64),
        unit_break_even=np.array([one.break_even for one in units], np.float64),
        unit_goods=np.array([one.goods for one in units], np.int64),
        unit_captive=np.array([one.captive for one in units], np.int64),
    )


def _fill(room: FloatArray, limit: FloatArray) -> FloatArray:
    """Share in use; NaN where there is no limit, 0 where there is nothing."""
    fill = np.full(limit.shape, np.nan)
    limited = np.isfinite(limit)
    there = limited & (limit > 0)
    fill[limited] = 0.0
    fill[there] = np.clip(1.0 - room[there] / limit[there], 0.0, None)
    return fill


def _by_resource(explainer: Explainer, wanted: Marks) -> Iterator[tuple[int, _Goods]]:
    """Yield the goods that are on each wanted resource or would gain by it, where there are any."""
    if not wanted.any():
        return
    goods = explainer.tables.goods
    parts = [pairs_of(explainer.tables, items, wanted) for items in _chunks(explainer)]
    pairs = Pairs(*(np.concatenate(columns) for columns in zip(*parts, strict=True))) if parts else None
    if pairs is None or not len(pairs.item):
        return
    order = np.argsort(pairs.resource, kind="stable")
    found, first = np.unique(pairs.resource[order], return_index=True)
    for where, rows in zip(found.tolist(), np.split(order, first[1:]), strict=True):
        take = goods.item_size[pairs.item[rows]] * goods.use_factor[pairs.use[rows]]
        yield where, _Goods(pairs.item[rows], take, pairs.gain[rows], pairs.lacks[rows])


def _chunks(explainer: Explainer) -> Iterator[IntArray]:
    """Items in pieces whose options have a bounded number of uses."""
    goods = explainer.tables.goods
    uses = np.diff(goods.option_ptr[goods.class_ptr])[goods.item_class]
    piece = np.cumsum(uses) // USES_AT_ONCE
    yield from np.split(np.arange(len(uses)), np.flatnonzero(np.diff(piece)) + 1)


def _value_of(goods: _Goods, step: FloatArray) -> FloatArray:
    """What `step` more of each dimension saves [d]: the goods kept out for lack of it come in, the best first.

    What lacks several dimensions brings its gain to each in equal parts.
    """
    out = goods.of(goods.lacks > 0)
    parts = np.array([int(mask).bit_count() for mask in out.lacks.tolist()], np.float64)
    value = np.zeros(len(step))
    for j in range(len(step)):
        short = (out.lacks >> j) & 1 == 1
        take, gain = out.take[short, j], out.gain[short] / parts[short]
        order = np.argsort(-gain / take, kind="stable")
        before = np.concatenate([[0.0], np.cumsum(take[order])])[:-1]
        share = np.clip((step[j] - before) / take[order], 0.0, 1.0)
        value[j] = float((gain[order] * share)[share > 0].sum())
    return value


def _on_it(explainer: Explainer, where: int, goods: _Goods) -> _Goods:
    """The goods on a resource, with what they would cost more if it were shut."""
    there = goods.of(goods.lacks == 0)
    order = np.argsort(-there.gain, kind="stable")
    gain = np.empty(len(order))
    gain[order] = evicted(explainer.tables, where, there.item[order])
    return _Goods(there.item, there.take, gain, there.lacks)


def _weighed(explainer: Explainer, unit: int, goods: tuple[_Goods, _Goods], fill: float) -> _Unit:
    """Weigh a unit type against what its goods save by it; `goods` are those there, and all."""
    problem = explainer.problem
    size = problem.unit_size[unit]
    adds = size > 0
    opened = explainer.plan.units[unit] > 0
    there, every = goods
    chosen = there if opened else _one_full(every.of(every.lacks > 0), size)
    captive = int(np.isinf(chosen.gain).sum())
    total = float(chosen.gain[np.isfinite(chosen.gain)].sum())
    filled = float((chosen.take[:, adds] / size[adds]).sum(axis=0).max(initial=0.0))
    found = _Unit(fill if opened else min(filled, 1.0), goods=len(chosen.gain), captive=captive)
    if total > 0 and filled > 0:
        found.gain = total / filled
        found.break_even = float(problem.unit_cost[unit]) / found.gain
    if captive:
        found.break_even = 0.0
    return found


def _one_full(goods: _Goods, size: FloatArray) -> _Goods:
    """Of goods that would gain by a unit, those that gain most for the room they take, as many as fit into one."""
    adds = size > 0
    share = goods.take[:, adds] / size[adds]
    widest = share.max(axis=1, initial=1e-12)
    order = np.argsort(-goods.gain / widest, kind="stable")
    fits = np.cumsum(share[order], axis=0).max(axis=1, initial=0.0) <= 1.0 + 1e-9
    rows = np.zeros(len(order), np.bool_)
    rows[order[fits]] = True
    return goods.of(rows)
