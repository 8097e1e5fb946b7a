"""How many packages of a plan's booking still fit, and which units it may open for them: those its plan opens."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import DepartureUnit, HandlingUnit, Plan, PlanUnit
from app.usecases.space_release import release_expired
from app.usecases.space_rooms import Ride, RideRoom, read_rooms
from routing.taking import Lot, NoRoom, take

Unit = tuple[int, int, int, int]
"""Departure, type of unit, and the calls it is open between."""


NAMES = ("departure_id", "unit_type_id", "board_seq", "alight_seq")


class PlannedUnits:
    """The units that a plan opens on some departures; `look` again before each booking which are not open yet."""

    def __init__(self, session: Session, plan: Plan, departures: Sequence[int]) -> None:
        in_units = select(DepartureUnit.departure_id).where(DepartureUnit.departure_id.in_(departures))
        self.in_units = frozenset(session.scalars(in_units))
        """The departures whose goods travel in units."""
        self._session, self._plan = session, plan
        self._left: Mapping[Unit, int] = {}

    def look(self) -> None:
        """Count what is left to be opened."""
        if not self.in_units:
            return
        left: dict[Unit, int] = defaultdict(int)
        planned = select(*(getattr(PlanUnit, name) for name in NAMES), PlanUnit.opened).where(
            PlanUnit.plan_id == self._plan.id, PlanUnit.departure_id.in_(self.in_units)
        )
        for row in self._session.execute(planned):
            left[row[0], row[1], row[2], row[3]] += row.opened
        columns = tuple(getattr(HandlingUnit, name) for name in NAMES)
        opened = select(*columns, func.count()).where(
            HandlingUnit.opened_by == self._plan.public_id, HandlingUnit.departure_id.in_(self.in_units)
        )
        for *unit, count in self._session.execute(opened.group_by(*columns)):
            left[unit[0], unit[1], unit[2], unit[3]] -= count
        self._left = left

    def narrow(self, room: RideRoom) -> RideRoom:
        """Return the room with no more units to open than the plan opens."""
        ride, kinds = room.ride, []
        for kind in room.room.kinds:
            unit = (ride.departure_id, room.kinds[kind.id].unit_type_id, ride.board_seq, ride.alight_seq)
            left = self._left.get(unit, 0)
            if left > 0:
                kinds.append(replace(kind, left=min(kind.left, left)))
        return replace(room, room=replace(room.room, kinds=tuple(kinds)))


def how_many_fit(
    session: Session,
    rides: Sequence[Ride],
    lots: Sequence[Lot],
    exporter_id: int,
    now: datetime,
    units: PlannedUnits,
) -> tuple[int, str, list[RideRoom]]:
    """Return how many of the packages, the first ones, find room together, why not more (empty: all do), and the room.

    Locks what is looked at, and releases holds that ran out before it says no.
    """
    rooms = [units.narrow(room) for room in read_rooms(session, rides, exporter_id, now, lock=True)]
    why = _missing(lots, rooms)
    if why and release_expired(session, rooms, now):
        rooms = [units.narrow(room) for room in read_rooms(session, rides, exporter_id, now, lock=True)]
        why = _missing(lots, rooms)
    if not why:
        return len(lots), "", rooms
    least, most = 0, len(lots) - 1
    while least < most:
        half = (least + most + 1) // 2
        if _missing(lots[:half], rooms):
            most = half - 1
        else:
            least = half
    return least, why, rooms


def _missing(lots: Sequence[Lot], rooms: Sequence[RideRoom]) -> str:
    for room in rooms:
        try:
            take(lots, room.room, may_open=room.ride.may_open)
        except NoRoom as full:
            return full.detail
    return ""
