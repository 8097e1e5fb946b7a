"""What space is worth under a plan: one more kilogram or cubic metre of a departure, and when its units pay."""

import math
import threading
from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import BadRequest
from app.models import Plan, UnitType
from app.queries.departure_facts import CallRow
from app.queries.departure_rows import DepartureRow
from app.queries.departures import departures_by_id
from app.queries.paging import Page
from app.usecases.explaining import KEPT_PLANS, Explained, ready_to_explain, version_of
from app.usecases.explanation_words import measure
from routing.network import MODES
from routing.worth import SpaceWorth, space_worth

STEPS = {"g": 1_000.0, "cm3": 1_000_000.0}
"""What "one more" is: a kilogram, a cubic metre; one of whatever else is counted."""
SHOWN = ("scarce", "opened", "shut")
VERDICTS = ("needed", "pays", "does_not_pay", "would_pay", "would_not_pay")

_kept: OrderedDict[str, SpaceWorth] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class RoomValue:
    """One dimension of room: its share in use, and what one more saves in minor units; None where none is for sale."""

    dimension: str
    fill: float
    value_minor: float | None


@dataclass(frozen=True, slots=True)
class UnitValue:
    """Units of a type: how full they are and how full they must be. Money in minor units, shares of one unit.

    `break_even` is None where no goods gain by it. A shut type is judged by the goods that would gain: `fill`
    is how far they would fill one, `gain_minor` what a full one would save.
    """

    code: str
    name_en: str
    name_zh: str
    opened: int
    at_most: int
    cost_minor: float
    fill: float
    goods: int
    captive: int
    gain_minor: float
    break_even: float | None

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`."""
        if self.opened and self.captive:
            return "needed"
        enough = self.break_even is not None and self.fill >= self.break_even
        if self.opened:
            return "pays" if enough else "does_not_pay"
        return "would_pay" if enough else "would_not_pay"


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A resource of a departure between two of its calls."""

    kind: str
    label: str
    board: CallRow
    alight: CallRow
    certified: bool
    """Whether the values are the prices of the plan's certificate."""
    values: list[RoomValue]
    units: list[UnitValue]

    @property
    def allotted(self) -> bool:
        """Whether it is the block of one exporter."""
        return self.kind == "allotment" or " of " in self.label

    @property
    def shut(self) -> bool:
        """Whether there is no room before a unit is opened."""
        return bool(self.units) and all(value.value_minor is None for value in self.values)

    @property
    def worth_something(self) -> bool:
        """Whether one more of anything would save money."""
        return any(round(value.value_minor or 0.0) > 0 for value in self.values)


@dataclass(frozen=True, slots=True)
class DepartureValue:
    """A departure with its rooms."""

    departure: DepartureRow
    rooms: list[RoomRow]


def space_values(
    session: Session,
    now: datetime,
    plan: Plan,
    *,
    mode: str | None = None,
    show: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[DepartureValue]:
    """The departures the plan could use, by time, each with what its space is worth.

    `show` one of `SHOWN`: only those where one more of something would save money, where units were opened, or
    where units could be opened and were not. BadRequest for a cursor that is none of ours.
    """
    ready = ready_to_explain(session, plan)
    worth = _worth(plan, ready)
    chosen = _departures(ready, worth, mode, show)
    first = _position(cursor, len(chosen))
    ids = chosen[first : first + limit]
    rows = departures_by_id(session, now, ids)
    codes = {str(code) for code in ready.solved.catalogue.unit_label}
    types = {row.code: row for row in session.scalars(select(UnitType).where(UnitType.code.in_(codes)))}
    resources = _resources(ready, ids)
    found = [
        DepartureValue(rows[one], [_room(ready, worth, types, rows[one], where) for where in resources[one]])
        for one in ids
        if one in rows
    ]
    more = first + limit < len(chosen)
    return Page(found, str(first + limit) if more else None)


def unit_values(session: Session, plan: Plan, ids: list[int]) -> dict[int, list[UnitValue]]:
    """Id of a departure → its units as `space_values` has them; departures the plan does not know are left out."""
    ready = ready_to_explain(session, plan)
    worth, space = _worth(plan, ready), ready.explainer.tables.space
    return {
        departure: [
            _unit(ready, worth, {}, unit)
            for where in resources
            for unit in space.type_of[space.type_ptr[where] : space.type_ptr[where + 1]].tolist()
        ]
        for departure, resources in _resources(ready, ids).items()
    }


def _worth(plan: Plan, ready: Explained) -> SpaceWorth:
    """The worth of all space, weighed once for each plan."""
    with _lock:
        key = version_of(plan)
        if key not in _kept:
            step = [STEPS.get(str(name), 1.0) for name in ready.solved.catalogue.dimensions]
            _kept[key] = space_worth(ready.explainer, np.array(step))
        _kept.move_to_end(key)
        while len(_kept) > KEPT_PLANS:
            _kept.popitem(last=False)
        return _kept[key]


def _position(cursor: str | None, count: int) -> int:
    """A plan never changes, so that a place in its list of departures stays one."""
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 12 and int(cursor) < max(count, 1)):
        raise BadRequest("this cursor is none of ours; begin again without it")
    return int(cursor)


def _departures(ready: Explained, worth: SpaceWorth, mode: str | None, show: str | None) -> list[int]:
    """Ids of the departures with room of their own, by time and id."""
    catalogue, problem = ready.solved.catalogue, ready.solved.problem
    marked = np.ones(problem.r, np.bool_)
    if show == "scarce":
        marked = np.nan_to_num(worth.value).max(axis=1, initial=0.0) > 0
    elif show:
        units = ready.solved.solution.units
        chosen = units > 0 if show == "opened" else (units == 0) & (problem.unit_max > 0)
        marked = np.bincount(problem.unit_resource[chosen], minlength=problem.r) > 0
    there = set(catalogue.resource_departure[marked].tolist()) - {-1}
    dated = np.flatnonzero(catalogue.leg_dated)
    if mode:
        dated = dated[catalogue.leg_mode[dated] == MODES.index(mode)]
    first: dict[int, int] = {}
    for ref, minute in zip(
        catalogue.leg_ref[dated].tolist(), catalogue.leg_departs[dated].tolist(), strict=True
    ):
        if ref in there:
            first[ref] = min(minute, first.get(ref, minute))
    return sorted(first, key=lambda ref: (first[ref], ref))


def _resources(ready: Explained, ids: list[int]) -> dict[int, list[int]]:
    """Resources by departure."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    of = ready.solved.catalogue.resource_departure
    for resource in np.flatnonzero(np.isin(of, ids)).tolist():
        found[int(of[resource])].append(resource)
    return found


def _room(
    ready: Explained, worth: SpaceWorth, types: dict[str, UnitType], row: DepartureRow, where: int
) -> RoomRow:
    catalogue, space = ready.solved.catalogue, ready.explainer.tables.space
    limited = np.flatnonzero(np.isfinite(space.limit[where])).tolist()
    units = space.type_of[space.type_ptr[where] : space.type_ptr[where + 1]].tolist()
    return RoomRow(
        kind=str(catalogue.resource_kind[where]),
        label=str(catalogue.resource_label[where]),
        board=row.calls[int(catalogue.resource_board[where])],
        alight=row.calls[int(catalogue.resource_alight[where])],
        certified=bool(worth.certified[where]),
        values=[
            RoomValue(
                measure(catalogue, where, j),
                float(worth.fill[where, j]),
                None if math.isnan(worth.value[where, j]) else float(worth.value[where, j]),
            )
            for j in limited
        ],
        units=[_unit(ready, worth, types, unit) for unit in units],
    )


def _unit(ready: Explained, worth: SpaceWorth, types: dict[str, UnitType], unit: int) -> UnitValue:
    problem = ready.solved.problem
    code = str(ready.solved.catalogue.unit_label[unit])
    known = types.get(code)
    share = float(worth.unit_break_even[unit])
    return UnitValue(
        code=code,
        name_en=known.name_en if known else code,
        name_zh=known.name_zh if known else code,
        opened=int(ready.solved.solution.units[unit]),
        at_most=int(problem.unit_max[unit]),
        cost_minor=float(problem.unit_cost[unit]),
        fill=float(worth.unit_fill[unit]),
        goods=int(worth.unit_goods[unit]),
        captive=int(worth.unit_captive[unit]),
        gain_minor=float(worth.unit_gain[unit]),
        break_even=share if math.isfinite(share) else None,
    )
