"""From facts to the assignment problem: priced options of classes of items, and the space they use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.arrays import IntArray
from routing.catalogue import Catalogue, Texts
from routing.chains import ChainStore
from routing.classes import Classes, classify
from routing.costs import Costs, Priced, deal_out
from routing.network import ANYONE, Network
from routing.options import Options, Policy, alternatives_of, make_options
from routing.pool import ITS_OWN, STAYS, Alternative, Pool, Rates
from routing.problem import Problem
from routing.reasons import Reason
from routing.space import CM3, GRAMS, SpaceArrays, space_arrays
from routing.timetable import Legs, Timetable
from routing.uses import Trips, Uses, factors_of, option_uses, without_idle
from routing.waiting import charge_waits, leaves_at, waits_min


@dataclass(frozen=True, slots=True, eq=False)
class Assembled:
    """A problem, what its numbers mean, and the classes it was made from."""

    problem: Problem
    catalogue: Catalogue
    classes: Classes


def assemble(
    network: Network,
    pool: Pool,
    rates: Rates,
    policy: Policy | None = None,
    store: ChainStore | None = None,
) -> Assembled:
    """Return the problem of assigning the pool's items to the network's space.

    Costs are the rates times the items' features, along the legs and for what is done at the end, plus the
    value of the days from ready to done and of the days late. What a `store` knows of the network is not
    enumerated again. Without a policy, it is the one for so many items. `ValueError` where the pool has not one
    column of features per column of the rates.
    """
    if pool.width != len(rates.names):
        raise ValueError("items need one feature per column of the rates")
    policy = policy or Policy.for_items(len(pool))
    store = store or ChainStore()
    timetable = store.timetable(network)
    with_allotment = np.unique(timetable.legs.exporter[timetable.legs.exporter != ANYONE])
    classes = classify(pool, with_allotment, policy.ready_step_min, policy.due_step_min)
    options, reasons = make_options(timetable, pool, rates, classes, policy, store)
    draft = _Draft(timetable, pool, rates, classes, options)
    return Assembled(draft.problem(policy.currency), draft.catalogue(reasons), classes)


class _Draft:
    """Options on their way to arrays of the problem format."""

    def __init__(
        self, timetable: Timetable, pool: Pool, rates: Rates, classes: Classes, options: Options
    ) -> None:
        self.timetable, self.pool, self.rates = timetable, pool, rates
        self.classes, self.options = classes, options
        self.legs: Legs = timetable.legs
        self.alternatives: list[Alternative] = alternatives_of(pool)
        self.duration = self._of_alternatives([one.duration_min for one in self.alternatives])
        self.item_size = np.ones((len(pool), len(timetable.layout.dimensions)))
        self.item_size[:, GRAMS], self.item_size[:, CM3] = pool.weight_g, pool.volume_cm3
        self.uses = self._uses()
        self.costs = self._costs()
        used = np.zeros(len(timetable.layout.resources), dtype=np.bool_)
        used[self.uses.resource] = True
        self.space: SpaceArrays = space_arrays(timetable.layout, used)

    def problem(self, currency: str) -> Problem:
        """Return the problem."""
        space, resource = self.space, self.uses.resource
        return Problem(
            currency=currency,
            item_class=_given(self.classes.item_class.astype(np.int32)),
            item_size=_given(self.item_size),
            item_features=_given(self.costs.item_features),
            item_drop_cost=self.pool.drop_cost,
            class_ptr=pointers(self.options.classes, len(self.classes)),
            option_rates=_given(self.costs.option_rates),
            option_ptr=_given(self.uses.ptr),
            use_resource=_given(space.new_index[resource]),
            use_factor=_given(factors_of(self.timetable.layout)[resource]),
            resource_free=space.resource_free,
            unit_resource=space.unit_resource,
            unit_size=space.unit_size,
            unit_cost=space.unit_cost,
            unit_max=space.unit_max,
            unit_parent=space.unit_parent,
            unit_takes=space.unit_takes,
        )

    def _of_alternatives(self, values: Sequence[int]) -> IntArray:
        """Return, per option, the value of its alternative."""
        return np.array(values, dtype=np.int64)[self.options.alternative]

    def _costs(self) -> Costs:
        """Sum the rates of the legs and of the alternative; add the days and the days late."""
        options, classes = self.options, self.classes
        priced = Priced(options.classes, options.itinerary, options.alternative, options.done, options.paths)
        ends = _ints([one.rate_row for one in self.alternatives])
        times, rows = (classes.ready_min, classes.due_min), (self.legs.rate_row, ends)
        costs = deal_out(priced, options.shares, self.pool, self.rates, times, rows)
        if self.rates.wait_feature is not None:
            leaves = leaves_at(options.paths, self.legs, self.timetable.transfer_min)
            ready = classes.ready_min[options.classes]
            charge_waits(costs, self.rates, options, waits_min(options, leaves, ready))
        return costs

    def _uses(self) -> Uses:
        """Return the layout's resources that each option uses, but for those that can never be short."""
        options, of_class = self.options, self.options.classes
        trips = Trips(
            options.paths,
            options.itinerary,
            self.classes.ready_min[of_class],
            self.classes.origin[of_class],
            options.done - self.duration,
        )
        uses = option_uses(self.timetable, trips)
        sizes = [np.bincount(self.classes.item_class, size, len(self.classes)) for size in self.item_size.T]
        factors = factors_of(self.timetable.layout)
        return without_idle(uses, self.timetable.layout, of_class, np.stack(sizes, axis=1), factors)

    def _destination(self) -> IntArray:
        """Return the place where each option ends."""
        own = self.classes.destination[self.options.classes]
        stays = self.classes.origin[self.options.classes]
        given = self._of_alternatives([one.destination for one in self.alternatives])
        return np.where(given == ITS_OWN, own, np.where(given == STAYS, stays, given))

    def catalogue(self, reasons: dict[int, Reason]) -> Catalogue:
        """Return what the numbers of the problem mean."""
        options = self.options
        names = np.array([one.disposition for one in self.alternatives])
        dispositions, disposition = np.unique(names, return_inverse=True)
        co2e = np.append(self.legs.co2e, 0.0)[options.paths].sum(axis=1)
        places, units = self.timetable.network.locations, self.timetable.layout.units
        columns: dict[str, Any] = self._itinerary_columns() | self._resource_columns()
        return Catalogue(
            item_ref=self.pool.ref,
            option_itinerary=options.itinerary,
            option_disposition=disposition.astype(np.int64)[options.alternative],
            option_destination=self._destination(),
            option_ready=self.classes.ready_min[options.classes],
            option_arrives=options.done,
            option_on_time=options.done <= self.classes.due_min[options.classes],
            option_co2e_g_per_kg=np.append(co2e, 0.0)[options.itinerary],
            location_code=_texts([place.code for place in places]),
            location_transfer_min=self.timetable.transfer_min,
            unit_label=_texts([units[index].label for index in self.space.unit_index]),
            dispositions=dispositions,
            dimensions=_texts(self.timetable.layout.dimensions),
            features=_texts(self.costs.names),
            cost_name=_texts(self.rates.names),
            rate_label=_texts(self.rates.labels),
            cost_ptr=self.costs.class_ptr,
            cost_column=self.costs.column,
            none_class=_ints(sorted(reasons)),
            none_code=_texts([reasons[index].code for index in sorted(reasons)]),
            none_fact=_texts([reasons[index].fact for index in sorted(reasons)]),
            **columns,
        )

    def _itinerary_columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return the legs that are used, and the itineraries as positions among them."""
        paths = self.options.paths
        real = paths >= 0
        used = np.zeros(len(self.legs), dtype=np.bool_)
        used[paths[real]] = True
        rows, position = np.flatnonzero(used), np.cumsum(used) - 1
        names = (
            "ref", "service", "mode", "carried", "origin", "destination", "board", "alight", "departs", "arrives",
            "transit", "rate_row",
        )  # fmt: skip
        return {f"leg_{name}": getattr(self.legs, name)[rows] for name in names} | {
            "leg_dated": rows < self.legs.first_link,
            "itinerary_ptr": np.concatenate([[0], np.cumsum(real.sum(axis=1))]).astype(np.int64),
            "itinerary_legs": position[paths[real]].astype(np.int64),
        }

    def _resource_columns(self) -> dict[str, npt.NDArray[Any]]:
        kept = [self.timetable.layout.resources[index] for index in self.space.resource_index]
        departures = self.timetable.network.departures
        refs = [departures[one.departure].ref if one.departure >= 0 else -1 for one in kept]
        return {
            "resource_kind": _texts([one.kind for one in kept]),
            "resource_label": _texts([one.label for one in kept]),
            "resource_departure": _ints(refs),
            "resource_board": _ints([one.board for one in kept]),
            "resource_alight": _ints([one.alight for one in kept]),
            "resource_location": _ints([one.location for one in kept]),
        }


def _given(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the array read-only: nobody else writes to it, so that the problem need not copy it."""
    array.flags.writeable = False
    return array


def pointers(sorted_keys: IntArray, keys: int) -> IntArray:
    """Return where the rows of each key begin and end, for rows sorted by key."""
    return np.searchsorted(sorted_keys, np.arange(keys + 1)).astype(np.int64)


def _texts(values: Sequence[str]) -> Texts:
    return np.array(list(values), dtype=np.str_)


def _ints(values: Sequence[int]) -> npt.NDArray[np.int64]:
    return np.array(list(values), dtype=np.int64)
