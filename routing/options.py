"""The options of every class, before they are priced: what can be done with its goods, and by which legs."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from routing.arrays import IntArray
from routing.chains import ChainStore, estimate, typical_item
from routing.classes import Classes
from routing.cores import SearchRules
from routing.costs import Features, Shares, columns_of, price, read_features, share
from routing.pool import ITS_OWN, NO_RATE, STAYS, Alternative, Pool, Rates
from routing.reasons import Reason, has_way, why_no_option
from routing.selecting import Ways, Wish, choose, kinds_of, narrowed, opened_share
from routing.timetable import Timetable

Pair = tuple[int, int]
Routes = dict[tuple[int, int, int], Ways]
"""Ways by origin, end and channel."""
STEPS = ((20_000, 60, 1), (200_000, 360, 360))
"""Up to so many items, the minutes to which ready and due times are rounded."""
COARSEST = (720, 1440)
"""And beyond."""
THREADS, FEW_ITEMS = 2, 50_000
"""Lanes are priced side by side, unless there are so few items that threads would only wait for each other."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How options are made.

    `options_per_class` is K, counted per alternative of a menu; `per_chain` the dates looked at of each
    chain. Ready times are rounded up to `ready_step_min`, due times down to `due_step_min`: a coarser step
    makes fewer classes and never an option that does not hold.
    """

    currency: str = "CNY"
    options_per_class: int = 24
    per_chain: int = 6
    ready_step_min: int = 60
    due_step_min: int = 1
    rules: SearchRules = field(default_factory=SearchRules)

    @classmethod
    def for_items(cls, items: int) -> Policy:
        """Return the policy for so many items: the more there are, the more of them share a class."""
        for most, ready_step, due_step in STEPS:
            if items <= most:
                return cls(ready_step_min=ready_step, due_step_min=due_step)
        return cls(ready_step_min=COARSEST[0], due_step_min=COARSEST[1])


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """Options [o] by class, alternative and estimated cost.

    `alternative` is a position in the list of all menus' alternatives, `itinerary` a row of `paths` (-1: the goods
    stay), `done` the instant at which the goods are where and what they shall be. `paths` int32 [m, max_legs]
    are rows of legs (-1: no more), each itinerary once. `shares` are what items pay by, class by class.
    """

    classes: IntArray
    alternative: IntArray
    itinerary: IntArray
    done: IntArray
    paths: npt.NDArray[np.int32]
    shares: list[Shares]


@dataclass(frozen=True, slots=True, eq=False)
class _Lane:
    """Classes from `first` to before `last`, alike in origin and destination, and which of them want what.

    `wishes` hold an alternative's position, where its goods go (`STAYS`: nowhere), their channel and the classes that
    want it.
    """

    first: int
    last: int
    wishes: list[tuple[int, int, int, IntArray]]


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Options of one alternative of a lane: class, instant when done, and the rate rows of its legs and end.

    `row` is that of `ways`; without ways the goods stay.
    """

    alternative: int
    classes: IntArray
    done: IntArray
    rate_rows: IntArray
    row: IntArray
    ways: Ways | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _LaneOptions:
    """Options of a lane: those of its alternatives one after another, and their `order` by class."""

    parts: list[_Found]
    order: IntArray
    shares: Shares


def alternatives_of(pool: Pool) -> list[Alternative]:
    """Return all alternatives of the pool's menus, each once, in a fixed order."""
    return sorted({one for menu in pool.menus for one in menu}, key=repr)


def make_options(
    timetable: Timetable, pool: Pool, rates: Rates, classes: Classes, policy: Policy, store: ChainStore
) -> tuple[Options, dict[int, Reason]]:
    """Return the options of every class, and the reason of each class that has none."""
    threads = THREADS if len(pool) > FEW_ITEMS else 1
    return _OptionMaker(timetable, pool, rates, classes, policy).make(store, threads)


class _OptionMaker:
    """Goes through the lanes once; all classes of a lane are handled together."""

    def __init__(
        self, timetable: Timetable, pool: Pool, rates: Rates, classes: Classes, policy: Policy
    ) -> None:
        self.timetable, self.pool, self.rates = timetable, pool, rates
        self.classes, self.policy = classes, policy
        self.alternatives = alternatives_of(pool)
        self.kinds = kinds_of(timetable.legs)
        self.wanted = _wanted(self.alternatives, pool)
        self.reached = np.zeros(len(classes), dtype=np.bool_)
        self.reasons: dict[int, Reason] = {}

    def make(self, store: ChainStore, threads: int) -> tuple[Options, dict[int, Reason]]:
        """Return options and reasons."""
        lanes = [self._lane(first, last) for first, last in self.classes.lanes()]
        asked = {
            (int(self.classes.origin[lane.first]), end, channel)
            for lane in lanes
            for _, end, channel, _ in lane.wishes
            if end not in (STAYS, int(self.classes.origin[lane.first]))
        }
        found = self._routes(asked, store)
        with ThreadPoolExecutor(threads) as workers:
            done = list(workers.map(lambda lane: self._options(lane, found), lanes))
        return _joined(done, self.policy.rules.max_legs), self._all_reasons()

    def _routes(self, asked: set[tuple[int, int, int]], store: ChainStore) -> Routes:
        """Return the ways that are asked for, and those that would be open without a channel."""
        legs = self.timetable.legs
        costs = estimate(legs, self.rates, typical_item(self.pool))
        open_to_all = store.ways(
            self.timetable, {(begin, end) for begin, end, _ in asked}, self.policy.rules, costs
        )
        found: Routes = {(*pair, 0): ways for pair, ways in open_to_all.items()}
        for number in sorted({channel for _, _, channel in asked if channel}):
            channel = self.pool.channels[number]
            pairs = {(begin, end) for begin, end, other in asked if other == number}
            looked = store.ways(self.timetable, pairs, self.policy.rules, channel.estimate(legs, costs))
            for pair, ways in looked.items():
                kept = narrowed(ways, channel.follows(legs, ways.found.legs))
                if kept is not None:
                    found[*pair, number] = kept
        return found

    def _lane(self, first: int, last: int) -> _Lane:
        """Return which classes want each alternative, and where their goods then go."""
        classes, wishes = self.classes, []
        open_to = classes.blocked[first:last] == 0
        in_menus = self.wanted[:, np.unique(classes.menu[first:last])].any(axis=1)
        for index in np.flatnonzero(in_menus).tolist():
            alternative = self.alternatives[index]
            which = first + np.flatnonzero(self.wanted[index, classes.menu[first:last]] & open_to)
            own = alternative.destination == ITS_OWN
            end = int(classes.destination[first]) if own else alternative.destination
            for channel in np.unique(classes.channel[which]).tolist():
                alike = which[classes.channel[which] == channel]
                wishes.append((index, end, channel, alike))
        return _Lane(first, last, wishes)

    def _options(self, lane: _Lane, ways: Routes) -> _LaneOptions:
        """Return the options of a lane's classes."""
        first, last = lane.first, lane.last
        origin = int(self.classes.origin[first])
        items = self.classes.items[self.classes.item_ptr[first] : self.classes.item_ptr[last]]
        item_ptr = self.classes.item_ptr[first : last + 1] - self.classes.item_ptr[first]
        features = read_features(self.pool, self._columns(lane, ways), items, item_ptr)
        stays = [(index, channel, which) for index, end, channel, which in lane.wishes if end == STAYS]
        channels = self.pool.channels
        parts = [
            self._staying(index, which) for index, channel, which in stays if channels[channel].pin is None
        ]
        for index, end, channel, which in lane.wishes:
            if (origin, end, channel) in ways:
                parts.append(self._moving(index, which, ways[origin, end, channel], lane, features))
        parts = parts or [self._staying(0, np.zeros(0, dtype=np.int64))]
        classes = np.concatenate([part.classes for part in parts])
        self.reached[classes] = True
        self._explain(lane, ways)
        order = np.lexsort((_alternatives(parts), classes))
        option_ptr = np.searchsorted(classes[order], np.arange(first, last + 1))
        rate_rows = np.concatenate([part.rate_rows for part in parts])[order]
        return _LaneOptions(parts, order, share(self.rates, features, items, item_ptr, option_ptr, rate_rows))

    def _columns(self, lane: _Lane, ways: Routes) -> IntArray:
        """Return the columns of features that the lane's options may be priced by."""
        origin, rows = int(self.classes.origin[lane.first]), []
        for index, end, channel, _ in lane.wishes:
            rows.append(np.array([self.alternatives[index].rate_row], dtype=np.int64))
            if (origin, end, channel) in ways:
                rows.append(self.timetable.legs.rate_row[ways[origin, end, channel].legs])
        rate_rows = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *rows]))
        always = [self.rates.time_column, self.rates.late_column]
        return np.union1d(columns_of(self.rates, rate_rows[rate_rows != NO_RATE]), always).astype(np.int64)

    def _staying(self, index: int, which: IntArray) -> _Found:
        """Return the options of classes whose goods stay where they are."""
        classes, alternative = self.classes, self.alternatives[index]
        done = classes.ready_min[which] + alternative.duration_min
        in_time = ~classes.hard[which] | (done <= classes.due_min[which])
        in_time &= (done > alternative.after_min) & (done <= alternative.by_min)
        which, done = which[in_time], done[in_time]
        rate_rows = np.full((len(which), self.policy.rules.max_legs + 1), -1, dtype=np.int64)
        rate_rows[:, -1] = alternative.rate_row
        return _Found(index, which, done, rate_rows, np.full_like(which, -1))

    def _moving(self, index: int, which: IntArray, ways: Ways, lane: _Lane, features: Features) -> _Found:
        """Return the options of classes whose goods travel."""
        alternative, legs = self.alternatives[index], self.timetable.legs
        wish = self._wish(alternative, which, ways, lane, features)
        best = choose(wish, ways, self.classes, self.policy.options_per_class, self.policy.per_chain)
        paths = ways.found.legs[best.row]
        rate_rows = np.full((len(paths), paths.shape[1] + 1), -1, dtype=np.int64)
        rate_rows[:, :-1] = np.where(paths >= 0, legs.rate_row[paths], -1)
        rate_rows[:, -1] = alternative.rate_row
        return _Found(index, which[best.wish_row], best.done, rate_rows, best.row, ways)

    def _wish(
        self, alternative: Alternative, which: IntArray, ways: Ways, lane: _Lane, features: Features
    ) -> Wish:
        """Return what going these ways costs average items, their share of what must be opened included."""
        row, classes, legs = which - lane.first, self.classes, self.timetable.legs
        kinds, kind = np.unique(self.kinds.of_leg[ways.legs], return_inverse=True)
        leg = self.kinds.leg[kinds]
        leg_cost = price(self.rates, legs.rate_row[leg], features)[row]
        leg_cost += opened_share(legs, leg, classes.mean_g[which], classes.mean_cm3[which])
        end_cost = np.zeros(len(which))
        if alternative.rate_row != NO_RATE:
            end_cost = price(self.rates, np.array([alternative.rate_row]), features)[row, 0]
        day_cost, late_cost = features.mean(self.rates.time_column), features.mean(self.rates.late_column)
        return Wish(
            which,
            alternative.duration_min,
            alternative.after_min,
            alternative.by_min,
            kind.astype(np.int32),
            leg_cost,
            end_cost,
            day_cost[row],
            late_cost[row],
        )

    def _explain(self, lane: _Lane, ways: Routes) -> None:
        """Find why classes of the lane have no option; of several ways to go, the last one counts."""
        wanting: dict[tuple[int, int], list[IntArray]] = defaultdict(list)
        for _, end, channel, which in lane.wishes:
            wanting[end, channel].append(which)
        origin = int(self.classes.origin[lane.first])
        for end, channel in sorted(wanting):
            which = np.unique(np.concatenate(wanting[end, channel]))
            lost = which[~self.reached[which]]
            if lost.size and (origin, end, 0) in ways:
                found = ways[origin, end, 0].found
                why = why_no_option(found, self.timetable, self.classes, lost)
                if channel:
                    rule = Reason("CHANNEL_RULE", str(self.pool.channels[channel]))
                    goes = has_way(found, self.classes, lost)
                    why = [rule if open_way else one for one, open_way in zip(why, goes, strict=True)]
                self.reasons |= dict(zip(lost.tolist(), why, strict=True))

    def _all_reasons(self) -> dict[int, Reason]:
        """Return the reason of every class without an option, also of those that were never looked at."""
        reasons = {}
        for index in np.flatnonzero(~self.reached).tolist():
            code = self.pool.block_codes[int(self.classes.blocked[index])]
            nowhere = Reason("NO_ROUTE", "origin and destination are the same place")
            reasons[index] = Reason(code, "") if code else self.reasons.get(index, nowhere)
        return reasons


def _wanted(alternatives: list[Alternative], pool: Pool) -> npt.NDArray[np.bool_]:
    """Return which menus [m] name each alternative, bool [alternatives, m]."""
    position = {one: index for index, one in enumerate(alternatives)}
    wanted = np.zeros((len(alternatives), len(pool.menus)), dtype=np.bool_)
    for number, menu in enumerate(pool.menus):
        wanted[[position[one] for one in menu], number] = True
    return wanted


def _alternatives(parts: list[_Found]) -> IntArray:
    return np.repeat([part.alternative for part in parts], [len(part.classes) for part in parts]).astype(
        np.int64
    )


def _joined(lanes: list[_LaneOptions], max_legs: int) -> Options:
    """Join the options of all lanes, and number the itineraries that some option takes."""
    numbers: dict[int, IntArray] = {}
    paths = [np.zeros((0, max_legs), dtype=np.int32)]
    columns: list[list[IntArray]] = [[np.zeros(0, dtype=np.int64)] for _ in range(4)]
    known = 0
    for lane in lanes:
        itinerary = []
        for part in lane.parts:
            numbered = part.row
            if part.ways is not None:
                of_ways = numbers.setdefault(id(part.ways), np.full(len(part.ways.found), -1, dtype=np.int64))
                new = np.flatnonzero((np.bincount(part.row, minlength=len(of_ways)) > 0) & (of_ways < 0))
                of_ways[new] = known + np.arange(len(new))
                known += len(new)
                paths.append(part.ways.found.legs[new].astype(np.int32))
                numbered = of_ways[part.row]
            itinerary.append(numbered)
        of_lane = (
            np.concatenate([part.classes for part in lane.parts]),
            _alternatives(lane.parts),
            np.concatenate(itinerary),
            np.concatenate([part.done for part in lane.parts]),
        )
        for column, values in zip(columns, of_lane, strict=True):
            column.append(values[lane.order])
    classes, alternative, itinerary_of, done = (np.concatenate(column) for column in columns)
    shares = [lane.shares for lane in lanes]
    return Options(classes, alternative, itinerary_of, done, np.concatenate(paths), shares)
