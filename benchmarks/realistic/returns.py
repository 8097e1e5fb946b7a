"""What can become of a return: restocked, relabelled and sent out again with exports, sent home, or disposed of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.realistic import parcels
from benchmarks.realistic.chains import Chains, Requests, pick
from benchmarks.realistic.departures import NAMES, Departures
from benchmarks.realistic.options import (
    COUNTED,
    RESTOCK_DWELL,
    STORED,
    Numbering,
    Options,
    blank,
    joined,
    transported,
)
from benchmarks.realistic.parcels import RECOVERED, Items
from benchmarks.realistic.places import (
    OTHER_WAREHOUSE,
    ZONE_REGION,
    ZONE_WAREHOUSE,
    ZONES,
    Floats,
    Ints,
)

RESTOCK_DELAYS = (0.0, 3.0, 6.0)
TRANSFER_DAYS = 4.0
RESTOCK_FEN, TRANSFER_FEN, RELABEL_FEN, HOME_FEN, DISPOSE_FEN = 300.0, 900.0, 450.0, 250.0, 800.0
TRANSFER_KG = 350.0
RELABEL_KEPT = 12
RELABEL_DAYS = 1.5
RELABEL_LOSS, HOME_LOSS = 0.06, 0.55
"""Share of its value that a return loses beyond its grade, sent out again or sold in China."""
HOMEWARD = tuple(NAMES.index(name) for name in ("return sailing", "return flight"))
NEXT_HOMEWARD = 3
LAST_HOME = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Homeward:
    """For each class of returns the next departures towards China [q, m], -1 where there is none."""

    departure: Ints
    arrives: Floats


def returns(
    items: Items, departures: Departures, charged: Chains, ranked: Chains, numbering: Numbering
) -> Options:
    """All options of the classes of returns; `departures` and `charged` bear the prices that are paid."""
    classes = np.flatnonzero(items.back)
    made = [_restocked(items, classes, numbering), _disposed(classes)]
    for mode in HOMEWARD:
        home = _homeward(items, classes, departures, mode)
        made += _sent_home(items, classes, home, departures, numbering)
        made += _relabelled(items, classes, home, departures, (ranked, charged), numbering)
    return joined(made)


def _restocked(items: Items, classes: Ints, numbering: Numbering) -> Options:
    own = ZONE_WAREHOUSE[items.zone[classes]]
    other = OTHER_WAREHOUSE[own]
    made = []
    for warehouse, extra in ((own, 0.0), (other, TRANSFER_DAYS)):
        some = np.flatnonzero((warehouse != own) | (extra == 0.0))
        for delay in RESTOCK_DELAYS:
            one = blank(classes[some])
            day = items.ready[classes[some]] + extra + delay
            one.rates[:, parcels.ONE] = RESTOCK_FEN + (TRANSFER_FEN if extra else 0.0)
            one.rates[:, parcels.KG] = TRANSFER_KG if extra else 0.0
            one.rates[:, parcels.VALUE] = 100 * (1 - RECOVERED[items.sla[classes[some]]])
            one.rates[:, parcels.DAY] = extra + delay
            one.uses[:, COUNTED] = numbering.throughput_at(warehouse[some], day)
            one.uses[:, STORED] = numbering.storage_at(warehouse[some], day)
            one.dwell[:] = RESTOCK_DWELL
            made.append(one)
    return joined(made)


def _disposed(classes: Ints) -> Options:
    made = blank(classes)
    made.rates[:, parcels.ONE] = DISPOSE_FEN
    made.rates[:, parcels.VALUE] = 100.0
    return made


def _homeward(items: Items, classes: Ints, departures: Departures, mode: int) -> Homeward:
    """The next departures of a mode from the region where returns lie."""
    region = ZONE_REGION[items.zone[classes]]
    some = np.flatnonzero(departures.mode == mode)
    order = some[np.lexsort((departures.cutoff[some], departures.region[some]))]
    key = departures.region[order] * 1000.0 + departures.cutoff[order]
    place = np.searchsorted(key, region * 1000.0 + items.ready[classes])[:, None] + np.arange(NEXT_HOMEWARD)
    there = np.append(departures.region[order], -1)[np.minimum(place, len(order))] == region[:, None]
    departure = np.where(there, np.append(order, -1)[np.minimum(place, len(order))], -1)
    return Homeward(departure, np.where(there, departures.arrives[departure], np.inf))


def _sent_home(
    items: Items, classes: Ints, home: Homeward, departures: Departures, numbering: Numbering
) -> list[Options]:
    row, nth = np.nonzero(home.departure >= 0)
    one = blank(classes[row])
    departure = home.departure[row, nth]
    _charge_home(one, departures, departure)
    lost = 1 - RECOVERED[items.sla[one.owner]] * (1 - HOME_LOSS)
    one.rates[:, parcels.ONE] += HOME_FEN
    one.rates[:, parcels.VALUE] = 100 * lost
    one.rates[:, parcels.DAY] = np.minimum(home.arrives[row, nth], LAST_HOME) - items.ready[one.owner]
    one.uses[:, COUNTED] = numbering.hub_at(departures.gateway[departure], home.arrives[row, nth])
    return [one]


def _relabelled(
    items: Items,
    classes: Ints,
    home: Homeward,
    departures: Departures,
    chains: tuple[Chains, Chains],
    numbering: Numbering,
) -> list[Options]:
    """Home on the next departure, then out again on those that exports use, to the best of a region's zones."""
    some = np.flatnonzero(home.departure[:, 0] >= 0)
    owner, first, back = classes[some], home.departure[some, 0], home.arrives[some, 0]
    zone = (items.zone[owner] + 1 + items.goods[owner]) % ZONES
    count = len(owner)
    requests = Requests(
        departures.gateway[first], zone, items.goods[owner], back + RELABEL_DAYS, np.full(count, np.inf),
        np.zeros(count, bool), np.ones(count), np.zeros(count),
    )  # fmt: skip
    if not count:
        return []
    ranked, charged = chains
    picks = pick(requests, ranked, RELABEL_KEPT // len(HOMEWARD))
    one = transported(requests, picks, charged, numbering, owner[picks.request])
    at = picks.request
    lost = 1 - RECOVERED[items.sla[one.owner]] + RELABEL_LOSS
    _charge_home(one, departures, first[at])
    one.rates[:, parcels.ONE] += RELABEL_FEN
    one.rates[:, parcels.VALUE] += 100 * lost
    one.rates[:, parcels.DAY] += requests.ready[at] - items.ready[one.owner]
    one.uses[:, 1] = first[at]
    return [one]


def _charge_home(options: Options, departures: Departures, departure: Ints) -> None:
    options.rates[:, parcels.KG] += departures.per_kg[departure]
    options.rates[:, parcels.CHARGEABLE] += departures.per_chargeable[departure]
    options.rates[:, parcels.M3] += departures.per_m3[departure]
    options.uses[:, 1] = departure
