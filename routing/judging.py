"""The ways of a plan's items laid out for the loops that judge them, and what those find."""

from __future__ import annotations

import numpy as np

from routing import ways
from routing.arrays import FloatArray, IntArray
from routing.compiled import compiled
from routing.plan import Plan
from routing.problem import Problem
from routing.way_tables import Goods, Marks, Pairs, Scratch, Space, Tables, Ways


def tables(problem: Problem, plan: Plan) -> Tables:
    """Lay a plan of this problem out for the loops; one pass over the items."""
    goods, space = _goods(problem, plan), _space(problem, plan)
    _load(goods, space.room)
    return Tables(goods, space)


def _goods(problem: Problem, plan: Plan) -> Goods:
    now, change = problem.item_option_now, problem.item_change_cost
    if now is None or change is None:
        now, change = np.full(problem.n, -1, np.int64), np.zeros(problem.n)
    change = np.where(now >= 0, change, 0.0)
    return Goods(
        item_class=problem.item_class,
        item_size=problem.item_size,
        item_features=problem.item_features,
        left=problem.item_drop_cost + change,
        now=now,
        change=change,
        class_ptr=problem.class_ptr,
        option_rates=problem.option_rates,
        option_ptr=problem.option_ptr,
        use_resource=problem.use_resource,
        use_factor=problem.use_factor,
        taken=plan.item_option,
    )


def _space(problem: Problem, plan: Plan) -> Space:
    """The space with what opened units take of their parents, but not yet what items take."""
    limit = problem.resource_free.copy()
    np.add.at(limit, problem.unit_resource, problem.unit_size * plan.units[:, None])
    room = limit.copy()
    child = np.flatnonzero(problem.unit_parent >= 0)
    np.subtract.at(room, problem.unit_parent[child], problem.unit_takes[child] * plan.units[child, None])
    price = plan.certificate_price
    counts = np.bincount(problem.unit_resource, minlength=problem.r)
    return Space(
        room=room,
        limit=limit,
        price=np.zeros_like(limit) if price is None else np.where(np.isfinite(limit), price, 0.0),
        type_ptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        type_of=np.argsort(problem.unit_resource, kind="stable").astype(np.int64),
        unit_size=problem.unit_size,
        unit_cost=problem.unit_cost,
        unit_max=problem.unit_max,
        unit_parent=problem.unit_parent,
        unit_takes=problem.unit_takes,
        units=plan.units,
    )


def scratch(space: Space) -> Scratch:
    """Room and units of the plan, to be changed."""
    return Scratch(space.room.copy(), space.units.copy())


def judge(found: Tables, item: int) -> Ways:
    """Return what each way of one item would cost and lack; any number of threads may ask at once."""
    goods, space = found
    first, last = goods.class_ptr[goods.item_class[item]], goods.class_ptr[goods.item_class[item] + 1]
    uses = int(goods.option_ptr[last] - goods.option_ptr[first])
    judged = _blank(int(last - first), uses, space.limit.shape[1])
    ways.judge(goods, space, scratch(space), item, judged)
    return judged


def _blank(options: int, uses: int, dimensions: int) -> Ways:
    by_use = [np.zeros(uses) for _ in range(3)]
    return Ways(np.zeros(options), np.zeros((uses, dimensions)), by_use[0], by_use[1], by_use[2])


def next_best(found: Tables, items: IntArray) -> tuple[IntArray, FloatArray]:
    """Return for each item the best option it does not take (-1: leaving it out) and what that costs more.

    `items` int64 [m]; both answers [m]. Where nothing else is possible the option is -2 and the cost inf.
    """
    goods, space = found
    option, extra = np.full(len(items), -2, np.int64), np.full(len(items), np.inf)
    nowhere = np.zeros(len(space.limit), np.bool_)
    ways.weigh(goods, space, scratch(space), items, _widest(found), nowhere, option, extra, _no_pairs(0))
    return option, extra


def pairs_of(found: Tables, items: IntArray, wanted: Marks) -> Pairs:
    """Return the pairs of some items with the resources marked in `wanted` [r]."""
    goods, space = found
    first, last = goods.class_ptr[goods.item_class[items]], goods.class_ptr[goods.item_class[items] + 1]
    rows = _no_pairs(int((goods.option_ptr[last] - goods.option_ptr[first]).sum()))
    option, extra = np.full(len(items), -2, np.int64), np.full(len(items), np.inf)
    count = ways.weigh(goods, space, scratch(space), items, _widest(found), wanted, option, extra, rows)
    return Pairs(
        rows.resource[:count].copy(),
        rows.item[:count].copy(),
        rows.use[:count].copy(),
        rows.gain[:count].copy(),
        rows.lacks[:count].copy(),
    )


def _no_pairs(rows: int) -> Pairs:
    whole = [np.zeros(rows, np.int64) for _ in range(4)]
    return Pairs(whole[0], whole[1], whole[2], np.zeros(rows), whole[3])


def _widest(found: Tables) -> Ways:
    """Space to judge any item in."""
    goods, space = found
    uses = np.diff(goods.option_ptr[goods.class_ptr])
    options = np.diff(goods.class_ptr)
    return _blank(int(options.max(initial=0)), int(uses.max(initial=0)), space.limit.shape[1])


def evicted(found: Tables, where: int, items: IntArray) -> FloatArray:
    """Return what the items [m] of a resource cost more once it is shut, each in turn on its best other way.

    Units that one of them opens are there for those after it; inf where an item has no other way.
    """
    extra = np.zeros(len(items))
    ways.evict(found.goods, found.space, scratch(found.space), np.int64(where), items, _widest(found), extra)
    return extra


@compiled
def _load(goods: Goods, room: FloatArray) -> None:
    """Take what the items take off the room."""
    for item in range(len(goods.taken)):
        option = goods.taken[item]
        if option < 0:
            continue
        for use in range(goods.option_ptr[option], goods.option_ptr[option + 1]):
            where = goods.use_resource[use]
            for j in range(room.shape[1]):
                room[where, j] -= goods.item_size[item, j] * goods.use_factor[use, j]
