"""The options of every class, before they are priced: what can be done with its goods, and by which legs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.classes import Classes
from routing.cores import Estimate, SearchRules
from routing.itineraries import Itineraries, Router
from routing.pool import ITS_OWN, STAYS, Alternative, Pool, Rates
from routing.reasons import Reason, why_no_option
from routing.selecting import DAY_MIN, Wish, choose
from routing.timetable import Timetable


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


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """Options [o] by class, alternative and estimated cost.

    `alternative` is a position in the list of all menus' alternatives, `paths` int64 [o, max_legs] rows of
    legs (-1: no more), `done` the instant at which the goods are where and what they shall be.
    """

    classes: IntArray
    alternative: IntArray
    paths: IntArray
    done: IntArray
    score: FloatArray


def alternatives_of(pool: Pool) -> list[Alternative]:
    """Return all alternatives of the pool's menus, each once, in a fixed order."""
    return sorted({one for menu in pool.menus for one in menu}, key=repr)


def make_options(
    timetable: Timetable, pool: Pool, rates: Rates, classes: Classes, policy: Policy
) -> tuple[Options, dict[int, Reason]]:
    """Return the options of every class, and the reason of each class that has none."""
    return _OptionMaker(timetable, pool, rates, classes, policy).make()


class _OptionMaker:
    """Goes through the pairs of places once; per pair all classes are handled together."""

    def __init__(
        self, timetable: Timetable, pool: Pool, rates: Rates, classes: Classes, policy: Policy
    ) -> None:
        self.timetable, self.pool, self.rates = timetable, pool, rates
        self.classes, self.policy = classes, policy
        self.alternatives = alternatives_of(pool)
        self.reached = np.zeros(len(classes), dtype=np.bool_)

    def make(self) -> tuple[Options, dict[int, Reason]]:
        """Return options and reasons."""
        wishes, parts = self._wishes()
        ends = sorted(pair for pair in wishes if pair[0] != pair[1])
        router = Router(
            self.timetable,
            frozenset(origin for origin, _ in ends),
            frozenset(destination for _, destination in ends),
            self.policy.rules,
            self._estimate(),
        )
        reasons: dict[int, Reason] = {}
        for pair in ends:
            found = router.itineraries(*pair)
            for index, which in wishes[pair].items():
                parts.append(self._chosen(found, index, which))
            lost = self._lost(wishes[pair])
            if lost.size:
                why = why_no_option(found, self.timetable, self.classes, lost)
                reasons |= dict(zip(lost.tolist(), why, strict=True))
        return _sorted(parts), self._reasons(reasons)

    def _estimate(self) -> Estimate:
        """Return what the pool's average item costs on each leg, with its share of what must be opened."""
        pool, legs = self.pool, self.timetable.legs
        if not len(pool):
            return Estimate(np.zeros(len(legs)), 0.0)
        mean = pool.features.mean(axis=0)
        fixed = np.maximum(
            pool.weight_g.mean() * legs.fixed_per_g, pool.volume_cm3.mean() * legs.fixed_per_cm3
        )
        by_row = self.rates.rows @ mean
        return Estimate(by_row[legs.rate_row] + fixed, float(mean[self.rates.time_column]) / DAY_MIN)

    def _wishes(self) -> tuple[dict[tuple[int, int], dict[int, IntArray]], list[Options]]:
        """Return, by origin and destination, the classes that want each alternative; and what stays put."""
        classes, places = self.classes, len(self.timetable.network.locations)
        wishes: dict[tuple[int, int], dict[int, IntArray]] = defaultdict(dict)
        stays = [self._options(np.zeros(0, dtype=np.int64), 0)]
        for index, alternative in enumerate(self.alternatives):
            menus = [number for number, menu in enumerate(self.pool.menus) if alternative in menu]
            which = np.flatnonzero(np.isin(classes.menu, menus) & (classes.blocked == 0))
            if alternative.destination == STAYS:
                stays.append(self._options(which, index))
                continue
            own = alternative.destination == ITS_OWN
            end = classes.destination[which] if own else alternative.destination
            pair = classes.origin[which] * places + end
            for one in np.unique(pair).tolist():
                wishes[divmod(one, places)][index] = which[pair == one]
        return wishes, stays

    def _options(self, which: IntArray, index: int) -> Options:
        """Return the options of classes whose goods stay where they are."""
        classes, done = self.classes, self.classes.ready_min + self.alternatives[index].duration_min
        which = which[~classes.hard[which] | (done[which] <= classes.due_min[which])]
        self.reached[which] = True
        paths = np.full((len(which), self.policy.rules.max_legs), -1, dtype=np.int64)
        return Options(which, np.full_like(which, index), paths, done[which], np.zeros(len(which)))

    def _chosen(self, found: Itineraries, index: int, which: IntArray) -> Options:
        alternative, policy = self.alternatives[index], self.policy
        wish = Wish(which, alternative.rate_row, alternative.duration_min)
        most, per_chain = policy.options_per_class, policy.per_chain
        best = choose(wish, found, self.timetable.legs, self.classes, self.rates, most, per_chain)
        self.reached[best.classes] = True
        kind = np.full_like(best.classes, index)
        return Options(best.classes, kind, found.legs[best.row], best.done, best.score)

    def _lost(self, wishes: dict[int, IntArray]) -> IntArray:
        """Return the classes that still have no option."""
        which: npt.NDArray[np.int64] = np.unique(np.concatenate(list(wishes.values())))
        return which[~self.reached[which]]

    def _reasons(self, found: dict[int, Reason]) -> dict[int, Reason]:
        """Return the reason of every class without an option, also of those that were never looked at."""
        reasons = {}
        for index in np.flatnonzero(~self.reached).tolist():
            code = self.pool.block_codes[int(self.classes.blocked[index])]
            nowhere = Reason("NO_ROUTE", "origin and destination are the same place")
            reasons[index] = Reason(code, "") if code else found.get(index, nowhere)
        return reasons


def _sorted(parts: list[Options]) -> Options:
    names = ("classes", "alternative", "paths", "done", "score")
    joined = Options(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
    order = np.lexsort((joined.score, joined.alternative, joined.classes))
    return Options(*(getattr(joined, name)[order] for name in names))
