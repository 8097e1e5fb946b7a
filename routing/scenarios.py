"""What-if: a planned problem with some of its facts changed, still a valid problem, and what its plan moves.

Patches work on the problem that was planned. It knows no ways but those that were enumerated for it: a patch takes
ways away, makes them later, dearer, cheaper, roomier or narrower, and never invents one. A new warehouse stands beside
a known one and lends its ways. A departure that closes later makes ways: the problem is enumerated anew for that
(`routing.renewing`) and patched then.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.catalogue import Catalogue
from routing.costs import SHARED
from routing.digest import digest
from routing.disruption import Changed, Disrupted, disrupt
from routing.mishaps import Deadlines, Mishap, catalogue_of, options_on, tell
from routing.network import MODES
from routing.new_warehouses import NewWarehouse, Widened, widen
from routing.plan import Plan
from routing.problem import Problem
from routing.renewing import at_each_call, too_late_for
from routing.space import CM3, GRAMS
from routing.tally import item_costs

BoolArray = npt.NDArray[np.bool_]
Charge = Callable[[IntArray, IntArray], FloatArray]
"""Grams and cm3 of items [m] → what they pay more (or less, negative) in one column of cost, [m]."""


@dataclass(frozen=True, slots=True)
class Patches:
    """What is otherwise than planned. Departures are the caller's numbers, places codes of locations.

    `cancelled` departures are gone. `delays` move all calls of a departure by minutes, and `cutoffs` say how many
    minutes before each boarding the goods must be there. `capacity` scales the free room and the number of units of
    a departure, `intake` the parcels a day of a warehouse. Nothing travels by `modes`, nothing goes to `closed` places,
    though to a new one of the `warehouses` beside them.
    `rates` multiply what a column of cost charges by its name, `unit_costs` what a unit costs by its index;
    `charges` are added to what items pay in a column.
    """

    cancelled: frozenset[int] = frozenset()
    delays: Mapping[int, int] = field(default_factory=dict)
    cutoffs: Mapping[int, int] = field(default_factory=dict)
    capacity: Mapping[int, float] = field(default_factory=dict)
    intake: Mapping[str, float] = field(default_factory=dict)
    modes: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    rates: Mapping[str, float] = field(default_factory=dict)
    unit_costs: Mapping[int, float] = field(default_factory=dict)
    charges: Mapping[str, tuple[Charge, ...]] = field(default_factory=dict)
    warehouses: tuple[NewWarehouse, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A patched problem, what its numbers mean, and the plan before as far as it still holds there.

    `left` was made from the problem with the ways through new warehouses. `option_from` [o] are the options of the
    problem that was planned, `NEW` for such a way; `by_new` marks for the code of each known warehouse the ways
    through the new one beside it. `kept_cost` is what the rest of the plan costs, with nobody placed anew; None where
    goods that must go have no way.
    """

    left: Disrupted
    option_from: IntArray
    by_new: Mapping[str, BoolArray]
    catalogue: Catalogue
    start: Plan
    kept_cost: float | None

    @property
    def problem(self) -> Problem:
        """The problem to solve."""
        return self.left.problem


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Items [m], rising, that go another way than before; their own costs before and after, in minor units."""

    items: IntArray
    before: FloatArray
    after: FloatArray


def apply(
    problem: Problem,
    catalogue: Catalogue,
    before: Plan,
    patches: Patches,
    deadlines: Deadlines,
    anew: tuple[Widened, IntArray] | None = None,
) -> Scenario:
    """Return the problem as the patches make it. The arrays of the old one are not touched.

    `anew` are the problem and the plan's units as `renewed` returns them, if a patch needs ways that it did not know.
    """
    begun, units = anew or (None, before.units)
    wide = widen(problem, catalogue, patches.warehouses, begun)
    problem, catalogue = wide.problem, wide.catalogue
    priced = replace(
        problem,
        option_rates=scaled_rates(problem, catalogue, patches.rates),
        item_features=with_charges(problem, catalogue, patches.charges),
        unit_cost=scaled_units(problem, patches.unit_costs),
    )
    mishaps = [
        *(Mishap(one, cancelled=True) for one in sorted(patches.cancelled)),
        *(Mishap(one, delay_min=later) for one, later in sorted(patches.delays.items())),
    ]
    disruption, told = tell(priced, catalogue, mishaps, deadlines)
    gone = barred(told, patches.modes, patches.closed, wide.by)
    gone[disruption.missed] = True
    gone[too_late_for(told, at_each_call(told, patches.cutoffs))] = True
    free, most = scaled_room(priced, catalogue, patches.capacity, patches.intake)
    disruption = replace(disruption, missed=np.flatnonzero(gone), free=free, unit_max=most, change_price=0.0)
    left = disrupt(priced, wide.renumbered(before.item_option), units, disruption)
    cost = float(item_costs(left.problem, left.kept_option).sum() + left.problem.unit_cost @ left.kept_units)
    start = Plan(
        status="feasible",
        item_option=left.kept_option,
        units=left.kept_units,
        objective=cost,
        unplaced=np.flatnonzero((left.kept_option < 0) & np.isinf(left.problem.item_drop_cost)),
        lower_bound=math.nan,
        bound_source="none",
        problem_sha256=digest(left.problem),
    )
    return Scenario(
        left,
        wide.option_from[left.option_from],
        {code: through[left.option_from] for code, through in wide.by.items()},
        catalogue_of(left, told),
        start,
        cost if math.isfinite(cost) else None,
    )


def moves(problem: Problem, before: Plan, scenario: Scenario, plan: Plan) -> Moves:
    """Return who goes another way than in the plan of the unpatched problem; left out is a way too.

    So is the way that leads through a new warehouse, though on the same departures.
    """
    taken = plan.item_option
    same = np.where(taken >= 0, scenario.option_from[taken], -1) if scenario.problem.o else taken
    items = np.flatnonzero(same != before.item_option)
    return Moves(
        items, item_costs(problem, before.item_option, items), item_costs(scenario.problem, taken, items)
    )


def barred(
    catalogue: Catalogue, modes: frozenset[str], closed: frozenset[str], beside: Mapping[str, BoolArray]
) -> BoolArray:
    """Mark the options that travel by a forbidden mode or go to a closed place and not to a new one `beside` it, [o].

    What lies in a closed place may leave it, and what is done with it there may be done.
    """
    numbers = [number for number, mode in enumerate(MODES) if mode in modes]
    gone = options_on(catalogue, np.isin(catalogue.leg_mode, numbers))
    for code in sorted(closed):
        places = np.flatnonzero(catalogue.location_code == code)
        there = options_on(catalogue, np.isin(catalogue.leg_destination, places))
        gone |= there & ~beside[code] if code in beside else there
    return gone


def scaled_room(
    problem: Problem, catalogue: Catalogue, capacity: Mapping[int, float], intake: Mapping[str, float]
) -> tuple[Changed, Changed]:
    """Return the free room and the numbers of units with some departures and warehouses larger or smaller.

    Units stay whole: what is left of one is none, what is more of one is one more only where it is a whole one.
    """
    share = np.ones(problem.r)
    for departure, part in capacity.items():
        share[catalogue.resource_departure == departure] = part
    codes = np.append(catalogue.location_code, "")[catalogue.resource_location]
    for code, part in intake.items():
        share[(catalogue.resource_kind == "throughput") & (codes == code)] = part
    rows, types = np.flatnonzero(share != 1), np.flatnonzero(share[problem.unit_resource] != 1)
    free = problem.resource_free[rows]
    limited = np.isfinite(free)
    free = np.where(limited, np.where(limited, free, 0.0) * share[rows, None], np.inf)
    most = np.floor(problem.unit_max[types] * share[problem.unit_resource[types]] + 1e-9)
    return Changed(rows, free), Changed(types, most.astype(np.int64))


def scaled_rates(problem: Problem, catalogue: Catalogue, factors: Mapping[str, float]) -> FloatArray:
    """Return the option rates [o, f] with columns of cost, by their names, multiplied."""
    if not factors:
        return problem.option_rates
    by_name = np.array([factors.get(str(name), 1.0) for name in catalogue.cost_name])
    owner, position = _columns(catalogue)
    table = np.ones((problem.k, problem.option_rates.shape[1]))
    table[owner, position] = by_name[catalogue.cost_column]
    of_option = np.repeat(np.arange(problem.k), np.diff(problem.class_ptr))
    return np.asarray(problem.option_rates * table[of_option])


def with_charges(
    problem: Problem, catalogue: Catalogue, charges: Mapping[str, tuple[Charge, ...]]
) -> FloatArray:
    """Return the item features [n, f] with more (or less) to pay in some columns; never below nothing."""
    if not charges:
        return problem.item_features
    features = problem.item_features.copy()
    owner, position = _columns(catalogue)
    names = catalogue.cost_name[catalogue.cost_column]
    grams, cm3 = (np.rint(problem.item_size[:, size]).astype(np.int64) for size in (GRAMS, CM3))
    for name, added in charges.items():
        column = np.full(problem.k, -1)
        column[owner[names == name]] = position[names == name]
        items = np.flatnonzero(column[problem.item_class] >= 0)
        cells = items, column[problem.item_class[items]]
        for charge in added:
            features[cells] += charge(grams[items], cm3[items])
    return np.maximum(features, 0.0)


def scaled_units(problem: Problem, factors: Mapping[int, float]) -> FloatArray:
    """Return the costs of units [t] with some multiplied, by their indices."""
    costs = problem.unit_cost.copy()
    for unit, factor in factors.items():
        costs[unit] *= factor
    return costs


def _columns(catalogue: Catalogue) -> tuple[IntArray, IntArray]:
    """Return the class and the problem's column of each entry of `cost_column`."""
    owner = np.repeat(np.arange(len(catalogue.cost_ptr) - 1), np.diff(catalogue.cost_ptr))
    return owner, SHARED + np.arange(len(owner)) - catalogue.cost_ptr[owner]


@dataclass(frozen=True, slots=True)
class Known:
    """What a planned problem knows, so what can be patched in it; read without the large arrays.

    `limited` departures and `intakes` have room that can run out: others had more than all the goods could fill, and
    their room is not in the problem. `columns` are the names of the columns of cost by mode.
    """

    departures: frozenset[int]
    limited: frozenset[int]
    modes: tuple[str, ...]
    places: frozenset[str]
    intakes: frozenset[str]
    columns: Mapping[str, frozenset[str]]


def known(catalogue: bytes) -> Known:
    """Read it from the bytes of a catalogue; `ValueError`, `KeyError` or `BadZipFile` if they are none."""
    names = (
        "leg_dated", "leg_ref", "leg_mode", "leg_destination", "leg_rate_row", "rate_label", "location_code",
        "resource_departure", "resource_kind", "resource_location",
    )  # fmt: skip
    with np.load(io.BytesIO(catalogue), allow_pickle=False) as arrays:
        found = {name: arrays[name] for name in names}
    codes, rows = found["location_code"], found["resource_location"]
    windows = rows[(found["resource_kind"] == "throughput") & (rows >= 0)]
    used = sorted(set(found["leg_mode"].tolist()))
    return Known(
        departures=frozenset(found["leg_ref"][found["leg_dated"]].tolist()),
        limited=frozenset(found["resource_departure"].tolist()) - {-1},
        modes=tuple(MODES[mode] for mode in used),
        places=frozenset(map(str, codes[np.unique(found["leg_destination"])])),
        intakes=frozenset(map(str, codes[np.unique(windows)])),
        columns={MODES[mode]: _charged(found, found["leg_mode"] == mode) for mode in used},
    )


def _charged(found: Mapping[str, npt.NDArray[np.generic]], legs: BoolArray) -> frozenset[str]:
    rows = np.unique(found["leg_rate_row"][legs]).astype(np.int64)
    labels = found["rate_label"]
    return frozenset(map(str, labels[rows[(rows >= 0) & (rows < len(labels))]]))
