"""From facts to the assignment problem: priced options of classes of items, and the space they use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from routing.arrays import IntArray
from routing.catalogue import Catalogue, Texts
from routing.classes import Classes, classify
from routing.costs import Costs, along_paths, deal_out, of_alternatives
from routing.network import ANYONE, Network
from routing.options import Options, Policy, alternatives_of, make_options
from routing.pool import ITS_OWN, STAYS, Alternative, Pool, Rates
from routing.problem import Problem
from routing.reasons import Reason
from routing.selecting import DAY_MIN
from routing.space import CM3, GRAMS, SpaceArrays, space_arrays
from routing.timetable import Legs, Timetable, compile_timetable
from routing.uses import Uses, factors_of, option_uses, without_idle


@dataclass(frozen=True, slots=True, eq=False)
class Assembled:
    """A problem, what its numbers mean, and the classes it was made from."""

    problem: Problem
    catalogue: Catalogue
    classes: Classes


def assemble(network: Network, pool: Pool, rates: Rates, policy: Policy | None = None) -> Assembled:
    """Return the problem of assigning the pool's items to the network's space.

    Costs are the rates times the items' features, along the legs and for what is done at the end, plus the
    value of the days from ready to done and of the days late. `ValueError` where `pool.features` has not
    one column per column of the rates.
    """
    if pool.features.shape[1] != len(rates.names):
        raise ValueError("items need one feature per column of the rates")
    policy = policy or Policy()
    timetable = compile_timetable(network)
    with_allotment = np.unique(timetable.legs.exporter[timetable.legs.exporter != ANYONE])
    classes = classify(pool, with_allotment, policy.ready_step_min, policy.due_step_min)
    options, reasons = make_options(timetable, pool, rates, classes, policy)
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
        self.paths, self.itinerary = unique_paths(options.paths)
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
            item_class=self.classes.item_class.astype(np.int32),
            item_size=self.item_size,
            item_features=self.costs.item_features,
            item_drop_cost=self.pool.drop_cost,
            class_ptr=pointers(self.options.classes, len(self.classes)),
            option_rates=self.costs.option_rates,
            option_ptr=self.uses.ptr,
            use_resource=space.new_index[resource],
            use_factor=factors_of(self.timetable.layout)[resource],
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
        along = along_paths(self.paths, self.legs.rate_row, self.rates)
        nothing = sparse.csr_array((1, along.shape[1]))
        rows = sparse.csr_array(sparse.vstack([along, nothing], format="csr"))[self.itinerary]
        treatments = of_alternatives(_ints([one.rate_row for one in self.alternatives]), self.rates)
        rows = sparse.csr_array(rows + treatments[self.options.alternative])
        of_class = self.options.classes
        days = (self.options.done - self.classes.ready_min[of_class]) / DAY_MIN
        late_days = np.maximum(self.options.done - self.classes.due_min[of_class], 0) / DAY_MIN
        items, features = self.classes.item_class, self.pool.features
        return deal_out(rows, days, late_days, of_class, items, features, self.rates)

    def _uses(self) -> Uses:
        """Return the layout's resources that each option uses, but for those that can never be short."""
        options, of_class = self.options, self.options.classes
        uses = option_uses(
            self.timetable,
            options.paths,
            self.classes.ready_min[of_class],
            self.classes.origin[of_class],
            options.done - self.duration,
        )
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
        co2e = np.append(self.legs.co2e, 0.0)[self.paths].sum(axis=1)
        places, units = self.timetable.network.locations, self.timetable.layout.units
        columns: dict[str, Any] = self._itinerary_columns() | self._resource_columns()
        return Catalogue(
            item_ref=self.pool.ref,
            option_itinerary=self.itinerary,
            option_disposition=disposition.astype(np.int64)[options.alternative],
            option_destination=self._destination(),
            option_ready=self.classes.ready_min[options.classes],
            option_arrives=options.done,
            option_on_time=options.done <= self.classes.due_min[options.classes],
            option_co2e_g_per_kg=np.append(co2e, 0.0)[self.itinerary],
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
        rows, code = np.unique(self.paths, return_inverse=True)
        code = code.reshape(self.paths.shape)
        if rows.size and rows[0] < 0:
            rows, code = rows[1:], code - 1
        real = code >= 0
        names = (
            "ref", "service", "mode", "carried", "origin", "destination", "board", "alight", "departs", "arrives",
            "transit", "rate_row",
        )  # fmt: skip
        return {f"leg_{name}": getattr(self.legs, name)[rows] for name in names} | {
            "leg_dated": rows < self.legs.first_link,
            "itinerary_ptr": np.concatenate([[0], np.cumsum(real.sum(axis=1))]).astype(np.int64),
            "itinerary_legs": code[real].astype(np.int64),
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


def unique_paths(paths: IntArray) -> tuple[IntArray, IntArray]:
    """Return the different paths [m, legs] and the one of each row, -1 where the path has no leg."""
    some = paths[:, 0] >= 0
    found, code = np.unique(paths[some], axis=0, return_inverse=True)
    index = np.full(len(paths), -1, dtype=np.int64)
    index[some] = code.reshape(-1)
    return found, index


def pointers(sorted_keys: IntArray, keys: int) -> IntArray:
    """Return where the rows of each key begin and end, for rows sorted by key."""
    return np.searchsorted(sorted_keys, np.arange(keys + 1)).astype(np.int64)


def _texts(values: Sequence[str]) -> Texts:
    return np.array(list(values), dtype=np.str_)


def _ints(values: Sequence[int]) -> npt.NDArray[np.int64]:
    return np.array(list(values), dtype=np.int64)
