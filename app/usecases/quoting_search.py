"""The search behind a quote: ways of the lanes, priced, cut down to those no other beats, and with room now."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from sqlalchemy.orm import Session

from app.usecases.quoting_history import Stretch, delays_of
from app.usecases.quoting_lanes import NO_LEG, NO_PRICE, Lane, PriceList, lane, stretch
from app.usecases.quoting_network import HORIZON_DAYS, SellNetwork
from app.usecases.quoting_notes import Notes
from app.usecases.quoting_prices import Pricing, pricing_of
from app.usecases.quoting_space import Berths
from app.usecases.quoting_table import Table, Way, Wish, among, widened
from routing.arrays import FloatArray, IntArray
from routing.itineraries import FOREVER
from routing.network import MODES
from routing.offers import COST, RISK, TIME, pick
from routing.punctuality import Outlook, outlook
from routing.taking import Lot

MOST_OFFERS = 20
MOST_NAMED = 4
"""Departures that one message names."""
MINUTES_PER_DAY = 1440
UNPRICED = frozenset({"no_sell_tariff", "no_exchange_rate", "not_priceable"})
"""Messages that say already why nothing is offered."""


@dataclass(slots=True, eq=False)
class Search:
    """One search; `found` are the ways best first, `notes` what could not be offered and why."""

    session: Session
    net: SellNetwork
    wish: Wish
    notes: Notes
    revision: object | None = None
    """Of everything, free space among it: what is known of it is good for; None: look in any case."""
    pricing: Pricing = field(init=False)
    outlooks: dict[tuple[int, ...], Outlook | None] = field(init=False, default_factory=dict)
    berths: Berths = field(init=False)
    _unpriced: set[int] = field(init=False, default_factory=set)
    """Legs of candidates that have no price."""

    def __post_init__(self) -> None:
        wish = self.wish
        self.pricing = pricing_of(self.net, wish.goods, wish.currency)
        lots = [Lot(one["count"], one["weight_g"], one["volume_cm3"]) for one in wish.goods.lines]
        self.berths = Berths(
            self.session, self.net, self.revision, lots, (wish.exporter_id or 0, wish.currency), wish.now
        )

    def run(self, pairs: Iterable[tuple[int, int]]) -> list[Way]:
        """Return up to twenty ways between any two of the places, best first for the objective."""
        lanes = [lane(self.net, start, end) for start, end in pairs if start != end]
        table = self._candidates(lanes)
        if table is None or not len(table):
            self._why_none(lanes)
            return []
        self._weigh(table, lanes)
        self._leave_out_late(table)
        return [self._way(table, one) for one in self._with_room(table)]

    # candidates

    def _candidates(self, lanes: Sequence[Lane]) -> Table | None:
        wish, parts = self.wish, []
        for one in lanes:
            rows = one.rows(wish.want)
            if rows.size:
                prices = one.price_list(wish.exporter_id)
                parts.append((prices, *self._weighed(one, prices, rows)))
        if not parts:
            return None
        if len(parts) == 1:
            prices, way, code, cost, book_by, objectives = parts[0]
            at = np.zeros(len(way), dtype=np.int64)
            return self._table([prices], at, way, code, cost, book_by, objectives)
        width = max(part[1].shape[1] for part in parts)
        way, code, cost = (
            np.vstack([widened(np.asarray(part[column]), width, blank) for part in parts])
            for column, blank in ((1, -1), (2, NO_LEG), (3, 0.0))
        )
        book_by, objectives = (np.concatenate([part[column] for part in parts]) for column in (4, 5))
        at = np.repeat(np.arange(len(parts)), [len(part[1]) for part in parts])
        return self._table([part[0] for part in parts], at, way, code, cost, book_by, objectives)

    def _table(
        self,
        prices: list[PriceList],
        at: IntArray,
        way: IntArray,
        code: IntArray,
        cost: FloatArray,
        book_by: IntArray,
        objectives: FloatArray,
    ) -> Table:
        """Return the candidates that have a price."""
        late = objectives[:, TIME] + self.wish.ready_min > self.wish.due_min
        table = Table(prices, at, way, code, cost, book_by, objectives, late)
        priced = np.isfinite(objectives[:, COST])
        if not priced.all():
            table.only(priced)
        return table

    def _weighed(
        self, one: Lane, prices: PriceList, rows: IntArray
    ) -> tuple[IntArray, IntArray, FloatArray, IntArray, FloatArray]:
        """Return the columns of the table for ways of a lane; a cost is NaN without a price."""
        wish = self.wish
        legs, code = one.legs[rows], prices.code[rows]
        costs = self.pricing.costs(prices, np.unique(code).tolist())
        cost = costs[code]
        if np.isnan(cost).any():
            self._note_prices(prices, legs, code, costs)
        arrives = np.where(one.on_demand[rows], wish.ready_min, 0) + one.arrives[rows]
        grams = one.co2e[rows] * (wish.goods.weight_g / 1000)
        objectives = np.column_stack([
            cost.sum(axis=1), arrives - wish.ready_min, np.zeros(len(rows)), np.rint(grams)
        ])  # fmt: skip
        return legs, code, cost, np.minimum(one.ready_by[rows], one.papers[rows]), objectives

    def _note_prices(self, prices: PriceList, legs: IntArray, code: IntArray, costs: FloatArray) -> None:
        """Note which tariffs cannot price the shipment, and which services have none on ways of one ride or none."""
        table = self.net.timetable.legs
        rides = ((legs >= 0) & (legs < table.first_link)).sum(axis=1, keepdims=True)
        unpriced = code == NO_PRICE
        self._unpriced |= set(legs[unpriced].tolist())
        self._note_unpriced(np.unique(legs[unpriced & (rides <= 1)]).tolist())
        for value in np.flatnonzero(np.isnan(costs)).tolist():
            refused = self.pricing.refused.get(id(prices.tariffs[value]))
            if refused is not None:
                service = self.net.services[int(table.service[legs[code == value][0]])]
                self.notes.add(refused.code, service.code, text=refused.text)

    def _note_unpriced(self, legs: Iterable[int]) -> None:
        table, net = self.net.timetable.legs, self.net
        for leg in legs:
            start, end = (net.places[int(column[leg])].code for column in (table.origin, table.destination))
            self.notes.add("no_sell_tariff", net.services[int(table.service[leg])].code, start=start, end=end)

    def _why_none(self, lanes: Sequence[Lane]) -> None:
        wish = self.wish
        if self._unpriced and not self.notes.codes & UNPRICED:
            self._note_unpriced(sorted(self._unpriced))
        if self.notes.codes & UNPRICED:
            return
        if not any(len(one) for one in lanes):
            self.notes.add("no_route")
        elif not any(one.carries(wish.classes) for one in lanes):
            self.notes.add("goods_refused")
        elif wish.modes != (1 << len(MODES)) - 1 or not wish.charters:
            self.notes.add("nothing_preferred")
        else:
            self.notes.add("no_departure", days=HORIZON_DAYS)

    # lateness

    def _weigh(self, table: Table, lanes: Sequence[Lane]) -> None:
        """Put in how likely each candidate is to be late: by the past where there is enough, else by the schedule."""
        table.objectives[:, RISK] = table.late
        stretches = lanes[0].stretches.union(*(one.stretches for one in lanes[1:]))
        delays = delays_of(self.session, stretches, self.wish.now)
        if not any(len(one) for one in delays.values()):
            return
        for one, way in enumerate(table.way.tolist()):
            legs = tuple(leg for leg in way if leg >= 0)
            found = self._outlook(legs, delays, int(table.objectives[one, TIME]))
            self.outlooks[legs] = found
            if found is not None and self.wish.due_min < FOREVER:
                table.objectives[one, RISK] = found.late_share

    def _outlook(
        self, way: tuple[int, ...], delays: dict[Stretch, IntArray], taken_min: int
    ) -> Outlook | None:
        legs, wish = self.net.timetable.legs, self.wish
        rides = [leg for leg in way if leg < legs.first_link]
        if not rides:
            return None
        slack = [self._slack(way, before, after) for before, after in pairwise(rides)]
        margin = None if wish.due_min >= FOREVER else wish.due_min - wish.ready_min - taken_min
        return outlook([delays[stretch(self.net, leg)] for leg in rides], slack, margin)

    def _slack(self, way: tuple[int, ...], before: int, after: int) -> int:
        """Return the minutes to spare between two rides: from one's end to the other's cut-off, transfers taken off."""
        table = self.net.timetable
        onward = way[way.index(before) + 1 : way.index(after) + 1]
        moving = sum(int(table.legs.transit[leg]) for leg in onward[:-1])
        waits = sum(int(table.transfer_min[table.legs.origin[leg]]) for leg in onward)
        return int(table.legs.cutoff[after] - table.legs.arrives[before]) - moving - waits

    def _leave_out_late(self, table: Table) -> None:
        wish = self.wish
        if wish.most_min is not None:
            quick = table.objectives[:, TIME] <= wish.most_min
            if not quick.all():
                self.notes.add("too_slow", days=wish.most_min // MINUTES_PER_DAY)
                table.only(quick)
        if wish.hard and table.late.any():
            self.notes.add("too_late")
            table.only(~table.late)

    # space

    def _with_room(self, table: Table) -> list[int]:
        """Return the best candidates that have room now; what is full makes way for the next best."""
        alive, wish = np.arange(len(table)), self.wish
        rides = np.flatnonzero(self._marked(table.way)[: self.net.timetable.legs.first_link])
        paid = np.zeros(len(self.net.line) + 1)
        paid[table.way] = table.cost
        freight = paid[rides]
        while True:
            chosen = alive[pick(table.objectives[alive], table.late[alive], wish.objective, MOST_OFFERS)]
            full = self._full(table.way[chosen], rides, freight) if wish.live else []
            if not full:
                break
            alive = alive[~self._marked(full)[table.way[alive]].any(axis=1)]
        self._note_full()
        return [int(one) for one in chosen]

    def _full(self, ways: IntArray, rides: IntArray, freight: FloatArray) -> list[int]:
        """Return the rides of these ways that have no room, and with them those on the same lines, which come next."""
        line, asked = self.net.line[rides], self._marked(ways)[rides]
        self.berths.read(rides[among(line, line[asked])].tolist())
        full = self._refused(rides, freight, asked)
        return self._refused(rides, freight, among(line, self.net.line[full])) if full else []

    def _marked(self, legs: IntArray | list[int]) -> npt.NDArray[np.bool_]:
        """Mark legs by position; what is no leg (-1) is the last position, and not marked."""
        found = np.zeros(len(self.net.line) + 1, dtype=np.bool_)
        found[legs] = True
        found[-1] = False
        return found

    def _refused(self, rides: IntArray, freight: FloatArray, asked: npt.NDArray[np.bool_]) -> list[int]:
        pairs = zip(rides[asked].tolist(), freight[asked].tolist(), strict=True)
        return [leg for leg, paid in pairs if not self.berths.has_room(leg, int(paid))]

    def _note_full(self) -> None:
        """Note which departures have no room, service by service."""
        legs = self.net.timetable.legs
        numbers: dict[tuple[str, str], list[str]] = defaultdict(list)
        for leg, found in sorted(self.berths.found.items(), key=lambda one: int(legs.departs[one[0]])):
            if found.refusal is not None:
                service = self.net.services[int(legs.service[leg])]
                numbers[found.refusal[0], service.code].append(
                    self.net.dated[int(legs.departure[leg])].number
                )
        for (code, service_code), theirs in numbers.items():
            self.notes.add(code, service_code, departures=_listed(list(dict.fromkeys(theirs))))

    # what was found

    def _way(self, table: Table, candidate: int) -> Way:
        legs = tuple(leg for leg in table.way[candidate].tolist() if leg >= 0)
        prices = table.prices[table.at[candidate]]
        codes = table.code[candidate].tolist()[: len(legs)]
        cost, taken, _, grams = table.objectives[candidate].tolist()
        return Way(
            legs=legs,
            priced=tuple(self.pricing.known(prices, code) for code in codes),
            berths=tuple(self.berths.found.get(leg) for leg in legs),
            total_minor=int(cost),
            arrives_min=self.wish.ready_min + int(taken),
            book_by_min=int(table.book_by[candidate]),
            co2e_g=int(grams),
            late=bool(table.late[candidate]),
            outlook=self.outlooks.get(legs),
        )


def _listed(numbers: list[str]) -> str:
    """Return the first departures by number, and how many more there are."""
    more = len(numbers) - MOST_NAMED
    return ", ".join(numbers[:MOST_NAMED]) + (f" +{more}" if more > 0 else "")
