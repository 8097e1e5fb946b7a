"""Realistic problems of any size from a seed: `generate(regime, items, seed)`.

Six origins in China and 25 zones in seven regions, joined by chartered freighters (B737F, B777F), unit load
devices and loose space in passenger planes, full and shared containers by sea and by China-Europe trains, and the
ferry from Weihai to Incheon with flights from there, which couples the regions. 94 % of the items are exports, 6 %
returns: restocked at an overseas warehouse (its throughput and room), relabelled in China and sent out again on
the departures that exports use, sent home, or disposed of. Courier or disposal takes whatever else there is.

18 % of the items are cartons of 5 to 22 kg, the others light (lognormal): 3.2 kg and 17 L on average. 74, 14, 8
and 4 % are general, battery, liquid and other goods, which not every departure takes. Four service levels pay
for days and for days late; a fifth of the exports has a deadline that options keep. Classes are all of origin,
zone, goods, half-day ready, service level and deadline (for returns: where they lie, goods, half-day, grade).
Each has up to 27 chains, those that cost least for a light or a heavy parcel where units are full, and courier.

Sizes are grams, cm3 and pieces; costs are fen and bilinear in nine features: 1, kg, chargeable kg (the larger of kg
and 167 m3), m3, value, what a day is worth, what a day late costs, and two price lists of the last mile. Leaving an
item costs three times courier; 2 % of the items must go. Departures grow with items to the power of 0.45, their
units (and prices) with 0.55, so that the load of a unit is comparable at every size.

Regimes have the same items, departures and options. A: all space is bought: a part of what could be opened is free
and its price spread over kg and m3. B: every freighter, container and unit load device is opened at its price;
shared and loose space is free. Mixed: half of the departures as in A, half as in B; containers come in two sizes
and take TEU of their vessel's allotment.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from benchmarks.realistic import parcels
from benchmarks.realistic.chains import chains_of, courier_price
from benchmarks.realistic.departures import timetable
from benchmarks.realistic.options import COUNTED, STORED, Numbering, Options, exports, joined
from benchmarks.realistic.parcels import Items, draw_items, features
from benchmarks.realistic.places import Floats, Ints
from benchmarks.realistic.resources import CM3, DIMENSIONS, PIECES, G, bought_in, free_space, units_of
from benchmarks.realistic.returns import returns
from routing.files import write_problem
from routing.problem import Problem

REGIMES = ("A", "B", "mixed")
CURRENCY = "CNY"
DROP = 3.0


def generate(regime: str, items: int, seed: int) -> Problem:
    """Draw a problem of a regime (`REGIMES`) with so many items; the same arguments give the same problem."""
    network, people, buying = (np.random.default_rng([seed, stream]) for stream in range(3))
    departures = timetable(items, network)
    drawn = draw_items(items, people)
    numbering = Numbering(len(departures))
    bought = bought_in(regime, departures, buying)
    paid = departures.spread(bought)
    ranked, charged = chains_of(departures), chains_of(paid)
    options = joined(
        [exports(drawn, ranked, charged, numbering), returns(drawn, paid, charged, ranked, numbering)]
    ).sorted()
    free = free_space(departures, bought, drawn, numbering)
    units, allotments = units_of(regime, departures, bought)
    free, options.uses[:] = _only_used(free, options.uses, len(departures))
    pointer, resource, factor = _uses(options)
    return Problem(
        currency=CURRENCY,
        item_class=drawn.item_class,
        item_size=np.stack([np.round(drawn.kg * 1e3), np.round(drawn.m3 * 1e6), np.ones(items)], axis=1),
        item_features=features(drawn),
        item_drop_cost=_drop_cost(drawn),
        class_ptr=np.searchsorted(options.owner, np.arange(len(drawn.zone) + 1)),
        option_rates=options.rates,
        option_ptr=pointer,
        use_resource=resource,
        use_factor=factor,
        resource_free=np.concatenate([free, allotments]),
        unit_resource=units.resource,
        unit_size=units.size,
        unit_cost=units.cost,
        unit_max=units.most,
        unit_parent=np.where(units.parent >= 0, units.parent + len(free), -1),
        unit_takes=units.takes,
    )


def _only_used(free: Floats, uses: Ints, departures: int) -> tuple[Floats, Ints]:
    """Leave out places' periods that no option uses; departures all stay, so that regimes number them alike."""
    kept = np.zeros(len(free), np.bool_)
    kept[uses[uses >= 0]] = True
    kept[:departures] = True
    number = np.append(np.cumsum(kept) - 1, -1)
    return free[kept], number[uses]


def _uses(options: Options) -> tuple[Ints, Ints, Floats]:
    """Pointers, resources and factors of all uses."""
    used = options.uses >= 0
    option, column = np.nonzero(used)
    factor = np.zeros((len(option), len(DIMENSIONS)))
    factor[column < COUNTED, G] = 1.0
    factor[column < COUNTED, CM3] = 1.0
    factor[column == COUNTED, PIECES] = 1.0
    factor[:, CM3] += np.where(column == STORED, options.dwell[option], 0.0)
    pointer = np.concatenate([[0], np.cumsum(used.sum(axis=1))])
    return pointer, options.uses[used], factor


def _drop_cost(items: Items) -> Floats:
    """Three times courier, or three times the value of a return; inf for those that must go."""
    zone, back = items.zone[items.item_class], items.back[items.item_class]
    each, per_kg = courier_price(zone)
    chargeable = np.maximum(items.kg, parcels.VOLUMETRIC * items.m3)
    cost = DROP * np.where(back, 100 * items.value + 1000, each + per_kg * chargeable + 10 * items.value)
    return np.where(items.must, np.inf, np.round(cost))


@click.command()
@click.argument("regime", type=click.Choice(REGIMES))
@click.argument("items", type=click.IntRange(min=1))
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False))
def main(regime: str, items: int, seed: int, output: Path) -> None:
    """Write a problem of a regime with so many items, as fourport-problem/1."""
    problem = generate(regime, items, seed)
    write_problem(problem, output)
    click.echo(", ".join(f"{name} {count:,}" for name, count in problem.counts().items()))


if __name__ == "__main__":
    main()
