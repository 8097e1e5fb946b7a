"""Ways between two places, dated over the whole horizon: found once a lane and timetable, then only looked up."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from app.usecases.quoting_history import Stretch
from app.usecases.quoting_network import SellNetwork
from routing.arrays import FloatArray, IntArray
from routing.cores import SearchRules
from routing.itineraries import FOREVER, Router
from routing.network import MODES
from routing.timetable import Words
from trade.tariff import Tariff

RULES = SearchRules(cores_of_kind=5, chains_of_kind=6)
PER_CHAIN = 8
"""Next departures that are looked at of each chain of services."""
MOST_ROWS = 1_500_000
"""Ways kept for each network; of lanes beyond that those that were not asked for longest go."""
MOST_PRICE_LISTS = 30
"""Exporters with prices of their own whose tariffs are kept for each lane."""
PER_PACKAGE = MODES.index("last_mile")
"""The mode that is priced package by package; every other prices the shipment as one."""
NO_LEG, NO_PRICE = 0, 1
"""Positions in a price list that are no tariff."""


@dataclass(frozen=True, slots=True, eq=False)
class PriceList:
    """Tariffs of a lane for one exporter: `code` [m, legs] are positions in `tariffs`, or NO_LEG or NO_PRICE."""

    code: IntArray
    tariffs: tuple[Tariff | None, ...]
    per_package: tuple[bool, ...]
    """Whether it prices package by package (last mile), or the shipment as one."""


@dataclass(frozen=True, slots=True)
class Want:
    """What a way must do: instants in minutes, goods and modes as bits."""

    ready_min: int
    now_min: int
    goods: int
    modes: int
    charters: bool


@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """Every way between two places [m], by chain and then by `ready_by`.

    `legs` [m, longest] are rows of the timetable, -1 where there are no more; `papers` is the last instant at
    which papers are taken for every departure of the way. Chain h begins at row `first[h]`, and `key` rises with
    chain and `ready_by`, by which the next departures of every chain are found in one search.
    """

    net: SellNetwork
    origin: int
    destination: int
    legs: IntArray
    ready_by: IntArray
    arrives: IntArray
    papers: IntArray
    on_demand: npt.NDArray[np.bool_]
    accepts: Words
    modes: IntArray
    charter: npt.NDArray[np.bool_]
    co2e: FloatArray
    """Grams per kilogram."""
    stretches: frozenset[Stretch]
    """Services and places of its departures."""
    chain: IntArray
    first: IntArray
    base: int
    span: int
    key: IntArray
    prices: dict[int | None, PriceList] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ready_by)

    def rows(self, want: Want) -> IntArray:
        """Return the ways that can be taken: of each chain the next departures that carry these goods."""
        ready = np.clip(want.ready_min - self.base, 0, self.span - 1)
        begin = np.searchsorted(self.key, self.chain[self.first] * self.span + ready)
        rows = begin[:, None] + np.arange(PER_CHAIN)
        rows = rows[rows < np.append(self.first[1:], len(self))[:, None]]
        goods = np.uint64(want.goods)
        fits = (self.ready_by[rows] >= want.ready_min) & ((self.accepts[rows] & goods) == goods)
        fits &= ((self.modes[rows] & ~want.modes) == 0) & (self.papers[rows] >= want.now_min)
        if not want.charters:
            fits &= ~self.charter[rows]
        found: IntArray = rows[fits]
        return found

    def carries(self, goods: int) -> bool:
        """Whether any way takes these goods, whenever it leaves."""
        bits = np.uint64(goods)
        return bool(((self.accepts & bits) == bits).any())

    def price_list(self, exporter_id: int | None) -> PriceList:
        """Return the tariffs of every leg, the exporter's own before everybody's."""
        owner = exporter_id if exporter_id in self.net.tariffs.exporters else None
        with self.net.lock:
            if owner not in self.prices:
                while len(self.prices) > MOST_PRICE_LISTS:
                    self.prices.pop(next(one for one in self.prices if one is not None))
                self.prices[owner] = self._priced(owner)
            return self.prices[owner]

    def _priced(self, owner: int | None) -> PriceList:
        used, at = np.unique(self.legs, return_inverse=True)
        position: dict[int, int] = {}
        tariffs: list[Tariff | None] = [None, None]
        per_package = [False, False]
        codes = []
        for leg in used.tolist():
            tariff = self.net.tariff(leg, owner) if leg >= 0 else None
            if tariff is None:
                codes.append(NO_PRICE if leg >= 0 else NO_LEG)
                continue
            if id(tariff) not in position:
                position[id(tariff)] = len(tariffs)
                tariffs.append(tariff)
                per_package.append(bool(self.net.timetable.legs.mode[leg] == PER_PACKAGE))
            codes.append(position[id(tariff)])
        code = np.array(codes, dtype=np.int64)[at.reshape(self.legs.shape)]
        return PriceList(code, tuple(tariffs), tuple(per_package))


def stretch(net: SellNetwork, leg: int) -> Stretch:
    """Return the service of a ride and the places where goods board and alight, as row ids."""
    legs = net.timetable.legs
    return (
        int(legs.service[leg]),
        net.places[int(legs.origin[leg])].id,
        net.places[int(legs.destination[leg])].id,
    )


def lane(net: SellNetwork, origin: int, destination: int) -> Lane:
    """Return the ways between two places of the network, by position."""
    key = ("lane", origin, destination)
    with net.lock:
        found = net.kept.get(key)
        if not isinstance(found, Lane):
            found = _lane(net, origin, destination)
            net.kept[key] = found
            _forget(net)
        net.kept.move_to_end(key)
    return found


def _forget(net: SellNetwork) -> None:
    lanes = [(key, one) for key, one in net.kept.items() if isinstance(one, Lane)]
    known = sum(len(one) for _, one in lanes)
    for key, one in lanes[:-1]:
        if known <= MOST_ROWS:
            return
        known -= len(one)
        del net.kept[key]


def _router(net: SellNetwork, destination: int) -> Router:
    key = ("router", destination)
    found = net.kept.get(key)
    if not isinstance(found, Router):
        everywhere = frozenset(range(len(net.places)))
        found = Router(net.timetable, everywhere, frozenset([destination]), RULES, net.estimate)
        net.kept[key] = found
    return found


def _lane(net: SellNetwork, origin: int, destination: int) -> Lane:
    ways = _router(net, destination).itineraries(origin, destination)
    order = np.lexsort((ways.ready_by, ways.chain))
    legs = ways.legs[order]
    longest = int((legs >= 0).sum(axis=1).max(initial=1))
    legs = legs[:, :longest]
    known = np.append(net.papers_min, FOREVER)  # what is -1 takes the last
    charter = np.append(net.charter, 0)
    chartered = np.any(charter[legs] > 0, axis=1).reshape(-1)
    rides = (legs >= 0) & (legs < net.timetable.legs.first_link)
    ready_by, chain = ways.ready_by[order], ways.chain[order]
    base = int(ready_by.min(initial=FOREVER))
    dated = ready_by[ready_by < FOREVER]
    span = int(dated.max(initial=base)) - base + 2
    return Lane(
        net=net,
        origin=origin,
        destination=destination,
        legs=legs,
        ready_by=ready_by,
        arrives=ways.arrives[order],
        papers=known[legs].min(axis=1, initial=FOREVER),
        on_demand=ways.on_demand[order],
        accepts=ways.accepts[order],
        modes=ways.modes[order],
        charter=chartered,
        co2e=np.append(net.timetable.legs.co2e, 0.0)[legs].sum(axis=1),
        stretches=frozenset(stretch(net, leg) for leg in np.unique(legs[rides]).tolist()),
        chain=chain,
        first=np.flatnonzero(np.diff(chain, prepend=-1)),
        base=base,
        span=span,
        key=chain * span + np.minimum(ready_by - base, span - 1),
    )
