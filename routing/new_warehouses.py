"""A warehouse that is not there yet, beside one that is: every way through the known one gets a twin through the new.

The twin rides the same legs at the same times, takes its place in the new warehouse's day instead of the known one's,
and pays another price there. Nothing else of the problem changes, so that the optimizer may choose either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.catalogue import Catalogue
from routing.costs import SHARED
from routing.mishaps import options_on
from routing.parts import ranges
from routing.problem import Problem
from routing.space import FIRST_SLOT

BoolArray = npt.NDArray[np.bool_]
NEW = -2
"""As the option of the planned problem that a twin is: none, and not "left out" either."""
NEVER = -1
OF_OPTIONS = (
    "option_itinerary", "option_disposition", "option_destination", "option_ready", "option_arrives",
    "option_on_time", "option_co2e_g_per_kg",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class NewWarehouse:
    """A warehouse beside the known one of code `like`, which takes in `daily` parcels on each of its days.

    `days` are the minutes since the epoch at which its days begin, rising. `factor` multiplies what links to and
    from it charge, and the column `work` of what is done to goods that stay there. Freight of departures is not
    touched: it does not depend on the warehouse behind the port.
    """

    like: str
    daily: int
    factor: float
    days: IntArray
    work: str = "one"


@dataclass(frozen=True, slots=True, eq=False)
class Widened:
    """A problem with the twins, and what its numbers mean; a class may have more options than were enumerated for it.

    `option_from` [o'] are the options of the planned problem, `NEW` for a twin; `by` tells for the code of each known
    warehouse which options [o'] go through the new one beside it.
    """

    problem: Problem
    catalogue: Catalogue
    option_from: IntArray
    by: Mapping[str, BoolArray] = field(default_factory=dict)

    def renumbered(self, item_option: IntArray) -> IntArray:
        """Return options of the planned problem [n], -1 for none or for one that is not known here, as options here."""
        known = np.flatnonzero(self.option_from >= 0)
        many = int(max(self.option_from.max(initial=-1), item_option.max(initial=-1))) + 1
        here = np.full(many + 1, -1)
        here[self.option_from[known]] = known
        found = here[np.where(item_option >= 0, item_option, -1)]
        owner = np.append(np.repeat(np.arange(self.problem.k), np.diff(self.problem.class_ptr)), -1)
        return np.asarray(np.where(owner[found] == self.problem.item_class, found, -1))


def widen(
    problem: Problem,
    catalogue: Catalogue,
    warehouses: Sequence[NewWarehouse],
    renewed: Widened | None = None,
) -> Widened:
    """Return the problem with the ways through new warehouses; ways through two of them are among those.

    It is the planned one, or that `renewed` (`routing.renewing`).
    """
    found = renewed or Widened(problem, catalogue, np.arange(problem.o))
    for one in warehouses:
        found = _with_twins(found, one)
    return found


def arrivals(catalogue: Catalogue, place: int) -> IntArray:
    """Return the minute at which the goods of each option come in at a place, `NEVER` where they do not, [o].

    Goods that stay where they are come in when they are ready.
    """
    stays = (catalogue.option_itinerary < 0) & (catalogue.option_destination == place)
    found = np.where(stays, catalogue.option_ready, NEVER)
    options = np.flatnonzero(options_on(catalogue, catalogue.leg_destination == place))
    itinerary = catalogue.option_itinerary[options]
    first, last = catalogue.itinerary_ptr[itinerary], catalogue.itinerary_ptr[itinerary + 1]
    at = catalogue.option_ready[options]
    for position in range(int((last - first).max(initial=0))):
        leg = catalogue.itinerary_legs[np.minimum(first + position, last - 1)]
        wait = catalogue.location_transfer_min[catalogue.leg_origin[leg]] if position else 0
        there = np.where(
            catalogue.leg_dated[leg], catalogue.leg_arrives[leg], at + wait + catalogue.leg_transit[leg]
        )
        goes = first + position < last
        at = np.where(goes, there, at)
        here = goes & (catalogue.leg_destination[leg] == place)
        found[options[here]] = at[here]
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """The options with the twins among them: of each [o'] the one it is or is like, and whether it is a twin."""

    source: IntArray
    twin: BoolArray
    owner: IntArray
    """Class of each, rising."""


def _with_twins(before: Widened, new: NewWarehouse) -> Widened:
    problem, catalogue = before.problem, before.catalogue
    places = np.flatnonzero(catalogue.location_code == new.like)
    place = int(places[0]) if len(places) else NEVER
    at = arrivals(catalogue, place)
    windows = (catalogue.resource_kind == "throughput") & (catalogue.resource_location == place)
    user = np.repeat(np.arange(problem.o), np.diff(problem.option_ptr))
    short = np.bincount(user[windows[problem.use_resource]], minlength=problem.o) > 0
    # Where the known one always has room, a new one that is not cheaper is of no use to anybody.
    twins = np.flatnonzero((at != NEVER) & (short | (new.factor < 1)))
    owner = np.repeat(np.arange(problem.k), np.diff(problem.class_ptr))
    source = np.concatenate([np.arange(problem.o), twins])
    order = np.argsort(owner[source], kind="stable")
    made = _Order(source[order], order >= problem.o, owner[source[order]])
    rates = problem.option_rates[made.source]
    rates[made.twin] = _priced(problem, catalogue, place, made, new)
    room, uses = _room(problem, made, windows, at, new)
    arrays: dict[str, Any] = {
        "class_ptr": _pointer(made.owner, problem.k),
        "option_rates": rates,
        "resource_free": np.concatenate([problem.resource_free, room]),
        **uses,
    }
    if problem.item_option_now is not None:
        arrays["item_option_now"] = _renumbered(~made.twin, problem.item_option_now)
    return Widened(
        replace(problem, **arrays),
        _meaning(catalogue, made, new, len(room)),
        np.where(made.twin, NEW, before.option_from[made.source]),
        {code: through[made.source] for code, through in before.by.items()} | {new.like: made.twin},
    )


def _renumbered(stood: BoolArray, options: IntArray) -> IntArray:
    """Return options, -1 for none, by where they stand among others now: where `stood` [o'] is true."""
    position = np.append(np.flatnonzero(stood), -1)
    return np.asarray(position[np.where(options >= 0, options, -1)])


def _pointer(rising: IntArray, many: int) -> IntArray:
    return np.concatenate([[0], np.cumsum(np.bincount(rising, minlength=many))]).astype(np.int64)


def _room(
    problem: Problem, made: _Order, windows: BoolArray, at: IntArray, new: NewWarehouse
) -> tuple[FloatArray, dict[str, npt.NDArray[Any]]]:
    """Return the free room of the new warehouse's days [., d], and the uses of all options.

    A day that all goods together cannot fill is left out, as it is of every warehouse.
    """
    twins = np.flatnonzero(made.twin)
    day = np.maximum(np.searchsorted(new.days, at[made.source[twins]], side="right") - 1, 0)
    many = int(day.max(initial=-1)) + 1
    wish = np.unique(day * problem.k + made.owner[twins])
    size = np.bincount(problem.item_class, minlength=problem.k)
    most = np.bincount(wish // max(problem.k, 1), weights=size[wish % max(problem.k, 1)], minlength=many)
    short = most > new.daily
    number = np.where(short, problem.r + np.cumsum(short) - 1, NEVER)[day]
    taking = np.flatnonzero(number != NEVER)
    rows, pointer = ranges(problem.option_ptr[made.source], problem.option_ptr[made.source + 1])
    user = np.repeat(np.arange(len(made.source)), np.diff(pointer))
    kept = ~(made.twin[user] & windows[problem.use_resource[rows]])
    users = np.concatenate([user[kept], twins[taking]])
    order = np.argsort(users, kind="stable")
    one_parcel = np.zeros((len(taking), problem.d))
    one_parcel[:, FIRST_SLOT] = 1.0
    free = np.full((int(short.sum()), problem.d), np.inf)
    free[:, FIRST_SLOT] = new.daily
    return free, {
        "option_ptr": _pointer(users, len(made.source)),
        "use_resource": np.concatenate([problem.use_resource[rows[kept]], number[taking]])[order],
        "use_factor": np.concatenate([problem.use_factor[rows[kept]], one_parcel])[order],
    }


def _priced(
    problem: Problem, catalogue: Catalogue, place: int, made: _Order, new: NewWarehouse
) -> FloatArray:
    """Return the rates of the twins [twins, f]: of each column the share that is charged at the place is scaled."""
    twins, owner = made.source[made.twin], made.owner[made.twin]
    rates = problem.option_rates[twins]
    user, column, share = _shares(catalogue, place, twins, new.work)
    many = len(catalogue.cost_name)
    columns = np.diff(catalogue.cost_ptr)
    known = np.repeat(np.arange(len(columns)), columns) * many + catalogue.cost_column
    wanted = owner[user] * many + column
    entry = np.searchsorted(known, wanted)
    there = np.append(known, -1)[entry] == wanted
    user, entry, share = user[there], entry[there], share[there]
    rates[user, SHARED + entry - catalogue.cost_ptr[owner[user]]] *= 1 + (new.factor - 1) * share
    return rates


def _shares(
    catalogue: Catalogue, place: int, options: IntArray, work: str
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return positions of options [m], columns and the share (0 to 1) of each column that is charged at the place.

    Legs that cost alike share a column, each with the same part of it.
    """
    number = {str(name): index for index, name in enumerate(catalogue.cost_name)}
    of_row = np.array([*(number.get(str(label), NEVER) for label in catalogue.rate_label), NEVER])
    row = catalogue.leg_rate_row
    of_leg = of_row[np.where((row >= 0) & (row < len(of_row)), row, -1)]
    here = (catalogue.leg_origin == place) | (catalogue.leg_destination == place)
    itinerary = catalogue.option_itinerary[options]
    moved, stays = np.flatnonzero(itinerary >= 0), np.flatnonzero(itinerary < 0)
    first, last = (
        catalogue.itinerary_ptr[itinerary[moved]],
        catalogue.itinerary_ptr[itinerary[moved] + 1],
    )
    rows, pointer = ranges(first, last)
    user, leg = np.repeat(moved, np.diff(pointer)), catalogue.itinerary_legs[rows]
    charged = of_leg[leg] != NEVER
    user, leg = user[charged], leg[charged]
    many = len(catalogue.cost_name)
    cell, which = np.unique(user * many + of_leg[leg], return_inverse=True)
    at_place = np.bincount(which, weights=here[leg] & ~catalogue.leg_dated[leg], minlength=len(cell))
    share = at_place / np.bincount(which, minlength=len(cell))
    if work not in number:
        stays = stays[:0]
    return (
        np.concatenate([cell // max(many, 1), stays]),
        np.concatenate([cell % max(many, 1), np.full(len(stays), number.get(work, NEVER))]),
        np.concatenate([share, np.ones(len(stays))]),
    )


def _meaning(catalogue: Catalogue, made: _Order, new: NewWarehouse, rooms: int) -> Catalogue:
    """Return what the numbers mean with the twins, whose itineraries are copies: plans must tell them apart."""
    options = {name: getattr(catalogue, name)[made.source] for name in OF_OPTIONS}
    moved = np.flatnonzero(made.twin & (options["option_itinerary"] >= 0))
    copied, which = np.unique(options["option_itinerary"][moved], return_inverse=True)
    options["option_itinerary"][moved] = len(catalogue.itinerary_ptr) - 1 + which
    rows, pointer = ranges(catalogue.itinerary_ptr[copied], catalogue.itinerary_ptr[copied + 1])
    resources: dict[str, Any] = {
        "resource_kind": "throughput",
        "resource_label": f"{new.like} parcels, new warehouse",
        **dict.fromkeys(
            ("resource_departure", "resource_board", "resource_alight", "resource_location"), NEVER
        ),
    }
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(catalogue, name), np.full(rooms, value)])
        for name, value in resources.items()
    }
    columns["itinerary_ptr"] = np.concatenate(
        [catalogue.itinerary_ptr, catalogue.itinerary_ptr[-1] + pointer[1:]]
    )
    columns["itinerary_legs"] = np.concatenate([catalogue.itinerary_legs, catalogue.itinerary_legs[rows]])
    return replace(catalogue, **options, **columns)
