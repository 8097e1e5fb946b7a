"""A planned problem enumerated anew, as the same one: who takes which way, and what room there was.

A departure that closes later makes ways that the planned problem never knew. The goods of the plan are then assembled
again over the changed network. Of what is found there only ways on that departure are new; ways that both problems know
are the same options, those that were displaced by new ones are put back, and room stays as much as it was for the plan.
So the two differ by the cut-off, and not by what was entered or booked in between.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.catalogue import Catalogue
from routing.costs import SHARED
from routing.mishaps import options_on
from routing.network import Departure, Network
from routing.new_warehouses import NEW, OF_OPTIONS, Widened
from routing.parts import ranges
from routing.problem import Problem

NONE = -1
Boarding = tuple[int, int]
"""A departure by its reference, and which of its calls."""
Way = tuple[str, str, tuple[tuple[int, ...], ...]]
"""What is done with the goods, where, and their legs: dated, reference, calls."""


class OtherGoodsError(ValueError):
    """The two problems are not about the same goods."""


def closing(network: Network, until_min: Mapping[Boarding, int]) -> Network:
    """Return the network with some calls open until those minutes; none closes earlier than it did.

    Dangerous goods that close earlier than others still do.
    """
    return replace(network, departures=tuple(_closing(one, until_min) for one in network.departures))


def _closing(departure: Departure, until_min: Mapping[Boarding, int]) -> Departure:
    calls = []
    for place, call in enumerate(departure.calls):
        at = max(call.cutoff_min, until_min.get((departure.ref, place), call.cutoff_min))
        early = call.early_cutoff_min if call.early_goods else at
        calls.append(replace(call, cutoff_min=at, early_cutoff_min=early))
    return replace(departure, calls=tuple(calls))


def closed_before(network: Network, calls: Collection[Boarding]) -> dict[Boarding, int]:
    """Return how many minutes before they leave some calls close; those that the network does not have are left out."""
    return {
        (one.ref, place): call.depart_min - call.cutoff_min
        for one in network.departures
        for place, call in enumerate(one.calls)
        if (one.ref, place) in calls
    }


def renewed(
    problem: Problem,
    catalogue: Catalogue,
    units: IntArray,
    fresh: Problem,
    meaning: Catalogue,
    closed: Mapping[Boarding, int],
) -> tuple[Widened, IntArray]:
    """Return the planned problem with the ways that are new, and the planned units [t] as units of it.

    `closed` says how many minutes before they leave the calls closed that close later in the `fresh` one.
    `OtherGoodsError` where the items differ.
    """
    if not np.array_equal(catalogue.item_ref, meaning.item_ref):
        raise OtherGoodsError("the goods are not those of the plan")
    resource = _same(_rooms(catalogue), _rooms(meaning))
    unit = _same(_units(problem, catalogue), _units(fresh, meaning))
    free = np.where((resource >= 0)[:, None], _at(problem.resource_free, resource), fresh.resource_free)
    most = np.where(unit >= 0, _at(problem.unit_max, unit), fresh.unit_max)
    option_from = _options(problem, catalogue, fresh, meaning)
    kept = option_from != NEW
    kept[too_late_for(meaning, closed)] = True
    roomy = replace(fresh, resource_free=free, unit_max=most, **_only(fresh, kept))
    told = replace(meaning, **{name: getattr(meaning, name)[kept] for name in OF_OPTIONS})
    found = Widened(roomy, told, option_from[kept])
    missing = np.setdiff1d(np.arange(problem.o), found.option_from)
    back = _Missing.of(problem, catalogue, found, missing)
    return back.put_into(found), np.where(unit >= 0, _at(units, unit), 0)


@dataclass(frozen=True, slots=True, eq=False)
class _Missing:
    """Options [m] of the planned problem that were not found anew, by the numbers of the fresh one."""

    options: IntArray
    owner: IntArray
    rates: FloatArray
    pointer: IntArray
    use_resource: IntArray
    use_factor: FloatArray
    catalogue: Catalogue

    @classmethod
    def of(cls, problem: Problem, catalogue: Catalogue, found: Widened, options: IntArray) -> _Missing:
        """Those that can be told in numbers of the fresh problem: that all they pay by is known there."""
        fresh = found.problem
        home = np.full(problem.k, NONE)
        classes, first = np.unique(problem.item_class, return_index=True)
        home[classes] = fresh.item_class[first]
        owner = np.repeat(np.arange(problem.k), np.diff(problem.class_ptr))
        options = options[home[owner[options]] >= 0]
        rates, known_all = np.zeros((len(options), fresh.f)), np.ones(len(options), bool)
        rates[:, :SHARED] = problem.option_rates[options, :SHARED]
        for one in np.unique(owner[options]).tolist():
            rows = np.flatnonzero(owner[options] == one)
            there = {name: at for at, name in enumerate(found.catalogue.cost_labels(int(home[one])))}
            for column, name in enumerate(catalogue.cost_labels(one)[SHARED:], SHARED):
                paid = problem.option_rates[options[rows], column]
                if name in there:
                    rates[rows, there[name]] = paid
                else:
                    known_all[rows[paid != 0]] = False
        options, rates = options[known_all], rates[known_all]
        rows, pointer = ranges(problem.option_ptr[options], problem.option_ptr[options + 1])
        resource = _same(_rooms(found.catalogue), _rooms(catalogue))[problem.use_resource[rows]]
        user = np.repeat(np.arange(len(options)), np.diff(pointer))[resource >= 0]
        return cls(
            options,
            home[owner[options]],
            rates,
            np.searchsorted(user, np.arange(len(options) + 1)),
            resource[resource >= 0],
            problem.use_factor[rows][resource >= 0],
            catalogue,
        )

    def put_into(self, found: Widened) -> Widened:
        """Return the problem with them, each behind the others of its class."""
        if not len(self.options):
            return found
        fresh = found.problem
        owner = np.concatenate([np.repeat(np.arange(fresh.k), np.diff(fresh.class_ptr)), self.owner])
        order = np.argsort(owner, kind="stable")
        pointer = np.concatenate([fresh.option_ptr, fresh.u + self.pointer[1:]])
        rows, begins = ranges(pointer[:-1][order], pointer[1:][order])
        problem = replace(
            fresh,
            class_ptr=np.searchsorted(owner[order], np.arange(fresh.k + 1)),
            option_rates=np.concatenate([fresh.option_rates, self.rates])[order],
            option_ptr=begins,
            use_resource=np.concatenate([fresh.use_resource, self.use_resource])[rows],
            use_factor=np.concatenate([fresh.use_factor, self.use_factor])[rows],
        )
        told = self._told(found.catalogue)
        told = replace(told, **{name: getattr(told, name)[order] for name in OF_OPTIONS})
        return Widened(problem, told, np.concatenate([found.option_from, self.options])[order])

    def _told(self, meaning: Catalogue) -> Catalogue:
        """Return the meanings with theirs: itineraries and legs behind those that are there."""
        old = self.catalogue
        places = _same(meaning.location_code.tolist(), old.location_code.tolist())
        dispositions = np.union1d(meaning.dispositions, old.dispositions)
        of_options: dict[str, Any] = {name: getattr(old, name)[self.options] for name in OF_OPTIONS}
        itinerary = of_options["option_itinerary"]
        of_options["option_itinerary"] = np.where(
            itinerary >= 0, len(meaning.itinerary_ptr) - 1 + itinerary, itinerary
        )
        of_options["option_destination"] = places[of_options["option_destination"]]
        names = old.dispositions[of_options["option_disposition"]]
        of_options["option_disposition"] = np.searchsorted(dispositions, names)
        columns = {
            name: np.concatenate([getattr(meaning, name), values]) for name, values in of_options.items()
        }
        known = np.searchsorted(dispositions, meaning.dispositions[meaning.option_disposition])
        columns["option_disposition"] = np.concatenate([known, of_options["option_disposition"]])
        legs = {one.name: getattr(old, one.name) for one in fields(old) if one.name.startswith("leg_")}
        legs |= {name: places[legs[name]] for name in ("leg_origin", "leg_destination")}
        rate_rows = _same(meaning.rate_label.tolist(), [*old.rate_label.tolist(), ""])
        legs["leg_rate_row"] = rate_rows[np.minimum(legs["leg_rate_row"], len(old.rate_label))]
        columns |= {name: np.concatenate([getattr(meaning, name), values]) for name, values in legs.items()}
        return replace(
            meaning,
            **columns,
            dispositions=dispositions,
            itinerary_ptr=np.concatenate(
                [meaning.itinerary_ptr, meaning.itinerary_ptr[-1] + old.itinerary_ptr[1:]]
            ),
            itinerary_legs=np.concatenate(
                [meaning.itinerary_legs, len(meaning.leg_ref) + old.itinerary_legs]
            ),
        )


def _only(problem: Problem, kept: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Return the arrays of a problem that change when some options are left out."""
    owner = np.repeat(np.arange(problem.k), np.diff(problem.class_ptr))[kept]
    rows, pointer = ranges(problem.option_ptr[:-1][kept], problem.option_ptr[1:][kept])
    return {
        "class_ptr": np.searchsorted(owner, np.arange(problem.k + 1)),
        "option_rates": problem.option_rates[kept],
        "option_ptr": pointer,
        "use_resource": problem.use_resource[rows],
        "use_factor": problem.use_factor[rows],
    }


def at_each_call(catalogue: Catalogue, before_min: Mapping[int, int]) -> dict[Boarding, int]:
    """Return the minutes of each departure for all of its calls where some option boards."""
    return {
        (ref, call): before_min[ref]
        for ref, call, dated in zip(
            catalogue.leg_ref.tolist(),
            catalogue.leg_board.tolist(),
            catalogue.leg_dated.tolist(),
            strict=True,
        )
        if dated and ref in before_min
    }


def too_late_for(catalogue: Catalogue, before_min: Mapping[Boarding, int]) -> IntArray:
    """Return the options whose goods are at one of these calls later than so many minutes before it is left."""
    named = catalogue.leg_dated & np.isin(catalogue.leg_ref, [ref for ref, _ in before_min])
    through = np.flatnonzero(options_on(catalogue, named)).tolist()
    return np.array([one for one in through if _is_late(catalogue, one, before_min)], np.int64)


def _is_late(catalogue: Catalogue, option: int, before_min: Mapping[Boarding, int]) -> bool:
    at, wait = int(catalogue.option_ready[option]), 0
    for leg in catalogue.legs(option):
        before = before_min.get((leg.ref, leg.board)) if leg.dated else None
        if before is not None and at + wait > leg.departs_min - before:
            return True
        at, wait = leg.arrives_min, int(catalogue.location_transfer_min[leg.destination])
    return False


def _at(values: npt.NDArray[Any], index: IntArray) -> npt.NDArray[Any]:
    """Return `values[index]`, a zero where there are no values."""
    return (
        values[np.maximum(index, 0)]
        if len(values)
        else np.zeros((len(index), *values.shape[1:]), values.dtype)
    )


def _same(planned: Sequence[object], fresh: Sequence[object]) -> IntArray:
    """Return the position among the planned ones of each fresh one, `NONE` for others."""
    position = {one: number for number, one in enumerate(planned)}
    return np.array([position.get(one, NONE) for one in fresh], np.int64)


def _rooms(catalogue: Catalogue) -> list[tuple[object, ...]]:
    codes = np.append(catalogue.location_code, "")[catalogue.resource_location].tolist()
    columns = (
        catalogue.resource_kind, catalogue.resource_label, catalogue.resource_departure, catalogue.resource_board,
        catalogue.resource_alight,
    )  # fmt: skip
    return list(zip(*(column.tolist() for column in columns), codes, strict=True))


def _units(problem: Problem, catalogue: Catalogue) -> list[tuple[object, ...]]:
    rooms = _rooms(catalogue)
    return [
        (rooms[room], label)
        for room, label in zip(problem.unit_resource.tolist(), catalogue.unit_label.tolist(), strict=True)
    ]


def _options(problem: Problem, catalogue: Catalogue, fresh: Problem, meaning: Catalogue) -> IntArray:
    """Return the planned option that each fresh one is, `NEW` for others, [o].

    A fresh class is that of its first item: goods that were told apart and are alike now keep no way of their own.
    """
    found = np.full(fresh.o, NEW)
    planned, ways = _ways(catalogue), _ways(meaning)
    owners, first = np.unique(fresh.item_class, return_index=True)
    for new, old in zip(owners.tolist(), problem.item_class[first].tolist(), strict=True):
        span = range(int(problem.class_ptr[old]), int(problem.class_ptr[old + 1]))
        known = {planned(option): option for option in span}
        for option in range(int(fresh.class_ptr[new]), int(fresh.class_ptr[new + 1])):
            found[option] = known.get(ways(option), NEW)
    return found


def _ways(catalogue: Catalogue) -> Callable[[int], Way]:
    """Return what tells of an option which way it is, in words that hold in any problem."""
    disposition = catalogue.dispositions[catalogue.option_disposition].tolist()
    destination = catalogue.location_code[catalogue.option_destination].tolist()
    itinerary = catalogue.option_itinerary.tolist()
    names = (catalogue.leg_dated, catalogue.leg_ref, catalogue.leg_board, catalogue.leg_alight)
    legs = list(zip(*(column.astype(np.int64).tolist() for column in names), strict=True))
    rows, ends = catalogue.itinerary_legs.tolist(), catalogue.itinerary_ptr.tolist()
    paths = [tuple(legs[leg] for leg in rows[begin:end]) for begin, end in pairwise(ends)]
    return lambda option: (
        disposition[option],
        destination[option],
        paths[itinerary[option]] if itinerary[option] >= 0 else (),
    )
