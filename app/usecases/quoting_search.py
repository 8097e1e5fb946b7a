"""The search behind a quote: ways of the lanes, priced, cut down to those no other beats, and with room now."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from sqlalchemy.orm import Session

from app.usecases.network_facts import EPOCH
from app.usecases.quoting_history import Stretch, delays_of
from app.usecases.quoting_lanes import NO_LEG, NO_PRICE, Lane, PriceList, Want, lane
from app.usecases.quoting_network import HORIZON_DAYS, SellNetwork
from app.usecases.quoting_notes import Notes
from app.usecases.quoting_prices import PER_PACKAGE, Goods, Priced, Pricing
from app.usecases.quoting_space import Berth, find_berths
from routing.arrays import FloatArray, IntArray
from routing.itineraries import FOREVER
from routing.network import MODES
from routing.offers import pick
from routing.punctuality import Outlook, outlook
from routing.taking import Lot

MOST_OFFERS = 20
ROUNDS = 6
"""How often ways that turn out to be full are replaced by the next best."""
MINUTES_PER_DAY = 1440


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of the network. Instants are minutes since 1970, rounded up; `due_min` FOREVER: no deadline."""

    exporter_id: int | None
    goods: Goods
    classes: int
    """Goods classes as bits."""
    ready_min: int
    due_min: int
    hard: bool
    most_min: int | None
    """Longest time from ready to arrival."""
    modes: int
    charters: bool
    objective: str
    currency: str
    now: datetime
    live: bool = True
    """Whether only ways with room at this moment are offered."""

    @property
    def want(self) -> Want:
        """As lanes are asked."""
        now_min = int((self.now - EPOCH).total_seconds() // 60)
        return Want(self.ready_min, now_min, self.classes, self.modes, self.charters)


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way that is offered: legs are rows of the timetable, with what each costs and has room for."""

    legs: tuple[int, ...]
    priced: tuple[Priced, ...]
    berths: tuple[Berth | None, ...]
    total_minor: int
    arrives_min: int
    co2e_g: int
    late: bool
    outlook: Outlook | None


@dataclass(slots=True, eq=False)
class _Table:
    """Candidates of all lanes [n], column by column; `objectives` as `routing.offers` has them."""

    lane: list[tuple[Lane, PriceList]] = field(default_factory=list)
    at: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    row: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    objectives: FloatArray = field(default_factory=lambda: np.zeros((0, 4)))
    late: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    def only(self, kept: npt.NDArray[np.bool_]) -> None:
        """Leave out the candidates that are not marked."""
        self.at, self.row, self.late = self.at[kept], self.row[kept], self.late[kept]
        self.objectives = self.objectives[kept]

    def legs(self, candidate: int) -> IntArray:
        """Return the legs of a candidate, rows of the timetable."""
        legs: IntArray = self.lane[self.at[candidate]][0].legs[self.row[candidate]]
        return legs[legs >= 0]


@dataclass(slots=True, eq=False)
class Search:
    """One search; `found` are the ways best first, `notes` what could not be offered and why."""

    session: Session
    net: SellNetwork
    wish: Wish
    notes: Notes
    pricing: Pricing = field(init=False)
    outlooks: dict[tuple[int, ...], Outlook | None] = field(init=False, default_factory=dict)
    _berths: dict[int, Berth] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.pricing = Pricing(self.wish.goods, self.wish.currency, self.net.fx)

    def run(self, pairs: Iterable[tuple[int, int]]) -> list[Way]:
        """Return up to twenty ways between any two of the places, best first for the objective."""
        lanes = [lane(self.net, start, end) for start, end in pairs if start != end]
        table = self._candidates(lanes)
        if not len(table.row):
            self._why_none(lanes)
        self._weigh(table)
        self._leave_out_late(table)
        return [self._way(table, one) for one in self._with_room(table)]

    # candidates

    def _candidates(self, lanes: Sequence[Lane]) -> _Table:
        table = _Table()
        parts = []
        for one in lanes:
            rows = one.rows(self.wish.want)
            if rows.size:
                prices = one.price_list(self.wish.exporter_id)
                table.lane.append((one, prices))
                parts.append((rows, self._objectives(one, prices, rows)))
        if parts:
            table.row = np.concatenate([rows for rows, _ in parts])
            table.at = np.repeat(np.arange(len(parts)), [len(rows) for rows, _ in parts])
            table.objectives = np.vstack([columns for _, columns in parts])
            table.late = table.objectives[:, 1] + self.wish.ready_min > self.wish.due_min
            table.only(np.isfinite(table.objectives[:, 0]))
        return table

    def _objectives(self, one: Lane, prices: PriceList, rows: IntArray) -> FloatArray:
        """Return cost, minutes from ready to arrival, 0 and grams of CO2e [rows, 4]; NaN costs without a price."""
        wish, table = self.wish, self.net.timetable.legs
        legs, code = one.legs[rows], prices.code[rows]
        used = np.unique(code)
        modes = table.mode[legs]
        per_package = {
            int(value): True
            for value in np.unique(code[modes == MODES.index(PER_PACKAGE)])
            if value != NO_LEG
        }
        chosen = {value: per_package.get(value, False) for value in used.tolist()}
        costs = self.pricing.costs(prices, used.tolist(), chosen)
        cost = costs[code].sum(axis=1)
        self._note_prices(one, prices, legs, code, costs)
        arrives = np.where(one.on_demand[rows], wish.ready_min + one.arrives[rows], one.arrives[rows])
        grams = np.where(legs >= 0, table.co2e[legs], 0.0).sum(axis=1) * (wish.goods.weight_g / 1000)
        return np.column_stack([cost, arrives - wish.ready_min, np.zeros(len(rows)), np.rint(grams)])

    def _note_prices(
        self, one: Lane, prices: PriceList, legs: IntArray, code: IntArray, costs: FloatArray
    ) -> None:
        table = self.net.timetable.legs
        for leg in np.unique(legs[code == NO_PRICE]).tolist():
            service = self.net.services[int(table.service[leg])]
            ends = [self.net.places[int(column[leg])].code for column in (table.origin, table.destination)]
            self.notes.add("no_sell_tariff", service.code, start=ends[0], end=ends[1])
        del one
        bad = np.flatnonzero(np.isnan(costs))
        for value in bad.tolist():
            tariff = prices.tariffs[value]
            refused = self.pricing.refused.get(id(tariff)) if tariff is not None else None
            if refused is not None:
                service = self.net.services[int(table.service[legs[code == value][0]])]
                self.notes.add(refused[1], service.code, text=refused[2])

    def _why_none(self, lanes: Sequence[Lane]) -> None:
        wish = self.wish
        if self.notes.codes & {"no_sell_tariff", "no_exchange_rate", "quantity_out_of_range"}:
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

    def _weigh(self, table: _Table) -> None:
        """Put in how likely each candidate is to be late: by the past where there is enough, else by the schedule."""
        table.objectives[:, 2] = table.late
        rides = {leg for one in range(len(table.row)) for leg in self._rides(table.legs(one))}
        delays = delays_of(self.session, {self._stretch(leg) for leg in rides}, self.wish.now)
        if not any(len(one) for one in delays.values()):
            return
        for one in range(len(table.row)):
            found = self._outlook(table.legs(one).tolist(), delays, int(table.objectives[one, 1]))
            self.outlooks[tuple(table.legs(one).tolist())] = found
            if found is not None and self.wish.due_min < FOREVER:
                table.objectives[one, 2] = found.late_share

    def _rides(self, legs: IntArray) -> list[int]:
        rides: list[int] = legs[legs < self.net.timetable.legs.first_link].tolist()
        return rides

    def _stretch(self, leg: int) -> Stretch:
        legs, places = self.net.timetable.legs, self.net.places
        start, end = places[int(legs.origin[leg])].id, places[int(legs.destination[leg])].id
        return int(legs.service[leg]), start, end

    def _outlook(self, way: list[int], delays: dict[Stretch, IntArray], taken_min: int) -> Outlook | None:
        table, wish = self.net.timetable, self.wish
        rides = [leg for leg in way if leg < table.legs.first_link]
        if not rides:
            return None
        slack = []
        for before, after in pairwise(rides):
            between = way[way.index(before) + 1 : way.index(after)]
            on_way = sum(
                int(table.legs.transit[leg] + table.transfer_min[table.legs.origin[leg]]) for leg in between
            )
            wait = int(table.transfer_min[table.legs.origin[after]])
            slack.append(int(table.legs.cutoff[after] - table.legs.arrives[before]) - on_way - wait)
        due = wish.due_min if wish.due_min < FOREVER else None
        margin = None if due is None else due - wish.ready_min - taken_min
        return outlook([delays[self._stretch(leg)] for leg in rides], slack, margin)

    def _leave_out_late(self, table: _Table) -> None:
        wish = self.wish
        if not len(table.row):
            return
        kept = np.ones(len(table.row), dtype=np.bool_)
        if wish.most_min is not None:
            kept &= table.objectives[:, 1] <= wish.most_min
            if not kept.all():
                self.notes.add("too_slow", days=wish.most_min // MINUTES_PER_DAY)
        if wish.hard and table.late[kept].any():
            kept &= ~table.late
            self.notes.add("too_late")
        table.only(kept)

    # space

    def _with_room(self, table: _Table) -> list[int]:
        """Return the best candidates that have room now; what is full makes way for the next best."""
        alive = np.arange(len(table.row))
        for _ in range(ROUNDS):
            ways, late = table.objectives[alive], table.late[alive]
            chosen = alive[pick(ways, late, self.wish.objective, MOST_OFFERS)]
            self._look(table, chosen)
            full = {leg for leg, found in self._berths.items() if found.refusal is not None}
            kept = [one for one in chosen.tolist() if full.isdisjoint(table.legs(one).tolist())]
            if len(kept) == len(chosen):
                break
            usable = [full.isdisjoint(table.legs(one).tolist()) for one in alive.tolist()]
            alive = alive[np.array(usable, dtype=np.bool_)]
        self._note_full()
        return kept

    def _look(self, table: _Table, chosen: IntArray) -> None:
        """Look at the rides of the chosen that were not looked at yet."""
        if not self.wish.live:
            return
        freight: dict[int, int] = {}
        for one in chosen.tolist():
            legs = table.legs(one)
            for leg, priced in zip(legs.tolist(), self._priced(table, one), strict=True):
                if leg < self.net.timetable.legs.first_link and leg not in self._berths:
                    freight[leg] = priced.total_minor
        lots = [Lot(one["count"], one["weight_g"], one["volume_cm3"]) for one in self.wish.goods.lines]
        wish = self.wish
        self._berths |= find_berths(
            self.session, self.net, freight, lots, wish.exporter_id or 0, wish.currency, wish.now
        )

    def _note_full(self) -> None:
        legs = self.net.timetable.legs
        for leg, found in self._berths.items():
            if found.refusal is not None:
                code, text = found.refusal
                dated = self.net.dated[int(legs.departure[leg])]
                service = self.net.services[int(legs.service[leg])]
                self.notes.add(code, f"{service.code} {dated.number}", text=text)

    # what was found

    def _priced(self, table: _Table, candidate: int) -> Iterator[Priced]:
        one, prices = table.lane[table.at[candidate]]
        row = table.row[candidate]
        for leg, code in zip(one.legs[row].tolist(), prices.code[row].tolist(), strict=True):
            tariff = prices.tariffs[code]
            if leg >= 0 and tariff is not None:
                mode = MODES[int(self.net.timetable.legs.mode[leg])]
                found = self.pricing.priced(tariff, per_package=mode == PER_PACKAGE)
                if found is not None:
                    yield found

    def _way(self, table: _Table, candidate: int) -> Way:
        legs = tuple(table.legs(candidate).tolist())
        cost, taken, _, grams = table.objectives[candidate].tolist()
        return Way(
            legs=legs,
            priced=tuple(self._priced(table, candidate)),
            berths=tuple(self._berths.get(leg) for leg in legs),
            total_minor=int(cost),
            arrives_min=self.wish.ready_min + int(taken),
            co2e_g=int(grams),
            late=bool(table.late[candidate]),
            outlook=self.outlooks.get(legs),
        )
