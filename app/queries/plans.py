"""Plans: the newest one, one of them, and what it does by departure and by parcel."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.db import fetch
from app.errors import NotFound
from app.models import (
    Departure,
    DepartureUnit,
    Plan,
    PlanItem,
    PlanLoad,
    PlanUnit,
    Service,
    UnitType,
    hypothetical,
)
from app.queries.departure_rows import DepartureRow
from app.queries.departures import departures_by_id
from app.queries.paging import Keyset, Page, instant

LATEST = (
    select(Plan).where(~hypothetical(Plan.run_id)).order_by(Plan.created_at.desc(), Plan.id.desc()).limit(1)
)
LATEST_WITH_RUN = LATEST.options(joinedload(Plan.run))
LATEST_MARK = LATEST.with_only_columns(Plan.id, Plan.public_id, Plan.currency)
BY_DEPARTURE = Keyset(Departure.departs_at, Departure.id, read=instant)


def latest_plan(session: Session) -> Plan | None:
    """The newest plan that was stored, with its run; what only asks "what if" is none."""
    return session.scalar(LATEST_WITH_RUN)


class PlanMark(NamedTuple):
    """Which plan it is."""

    id: int
    public_id: str
    currency: str


def latest_plan_mark(session: Session) -> PlanMark | None:
    """Which plan `latest_plan` is, for pages that show nothing else of it."""
    row = fetch(session, LATEST_MARK).one_or_none()
    return PlanMark(*row) if row else None


def get_plan(session: Session, public_id: str) -> Plan:
    """One plan with its run; NotFound."""
    plan = session.scalar(select(Plan).options(joinedload(Plan.run)).where(Plan.public_id == public_id))
    if plan is None:
        raise NotFound(f"there is no plan {public_id!r}")
    return plan


def list_plans(session: Session, *, cursor: str | None = None, limit: int = 50) -> Page[Plan]:
    """Plans, the newest first, without those that only ask "what if"."""
    order = Keyset(Plan.created_at, Plan.id, read=instant, falling=True)
    query = select(Plan).where(~hypothetical(Plan.run_id)).options(joinedload(Plan.run))
    found = session.scalars(order.slice(query, cursor, limit)).all()
    return order.page(found, limit, lambda plan: (plan.created_at, plan.id))


def reasons(session: Session, plan_id: int) -> dict[str, int]:
    """Reason code → how many parcels are left over for it, the most frequent first."""
    query = (
        select(PlanItem.reason, func.count())
        .where(PlanItem.plan_id == plan_id, PlanItem.reason.is_not(None))
        .group_by(PlanItem.reason)
        .order_by(func.count().desc(), PlanItem.reason)
    )
    return {str(reason): count for reason, count in session.execute(query)}


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """Handling units of one type that the plan opens between two calls; the cost is of all of them."""

    code: str
    name_en: str
    name_zh: str
    opened: int
    cost_minor: int
    payload_g: int
    volume_cm3: int
    board_seq: int
    alight_seq: int
    at_most: int | None = None
    """How many the departure has; None where that is not known any more."""

    def covers(self, segment_seq: int) -> bool:
        """Whether it is open on the segment that begins at this call."""
        return self.board_seq <= segment_seq < self.alight_seq


@dataclass(frozen=True, slots=True)
class PlannedDeparture:
    """What the plan puts on one departure. The load is that of its fullest segment."""

    departure: DepartureRow
    parcels: int
    weight_g: int
    volume_cm3: int
    units: list[PlannedUnit]

    @property
    def cost_minor(self) -> int:
        """Fixed cost of the units opened, in the plan's currency."""
        return sum(unit.cost_minor for unit in self.units)

    def capacity(self, dimension: str) -> int | None:
        """What the load may be measured against: the units opened on the segment with most, else the open pool.

        In g or cm3; None where neither is known.
        """
        if self.units:
            size = {unit: unit.payload_g if dimension == "g" else unit.volume_cm3 for unit in self.units}
            starts = {unit.board_seq for unit in self.units}
            return max(sum(one.opened * size[one] for one in self.units if one.covers(seq)) for seq in starts)
        pool = self.departure.tight(dimension)
        return pool.capacity if pool else None


def planned_departures(
    session: Session,
    now: datetime,
    plan_id: int,
    *,
    mode: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[PlannedDeparture]:
    """The departures a plan uses, by time."""
    used = select(PlanLoad.departure_id).where(PlanLoad.plan_id == plan_id)
    query = (
        select(Departure.departs_at, Departure.id)
        .join(Service, Service.id == Departure.service_id)
        .where(Departure.id.in_(used))
    )
    if mode:
        query = query.where(Service.mode == mode)
    found = session.execute(BY_DEPARTURE.slice(query, cursor, limit)).all()
    page = BY_DEPARTURE.page(found, limit, lambda row: (row.departs_at, row.id))
    ids = [row.id for row in page.items]
    rows = departures_by_id(session, now, ids)
    loads, units = _loads(session, plan_id, ids), _units(session, plan_id, ids)
    return Page([PlannedDeparture(rows[i], *loads[i], units[i]) for i in ids], page.next_cursor)


def _loads(session: Session, plan_id: int, ids: list[int]) -> dict[int, tuple[int, int, int]]:
    query = (
        select(
            PlanLoad.departure_id,
            func.max(PlanLoad.parcels),
            func.max(PlanLoad.weight_g),
            func.max(PlanLoad.volume_cm3),
        )
        .where(PlanLoad.plan_id == plan_id, PlanLoad.departure_id.in_(ids))
        .group_by(PlanLoad.departure_id)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in session.execute(query)} if ids else {}


def _units(session: Session, plan_id: int, ids: list[int]) -> dict[int, list[PlannedUnit]]:
    most = select(func.sum(DepartureUnit.max_count)).where(
        DepartureUnit.departure_id == PlanUnit.departure_id,
        DepartureUnit.unit_type_id == PlanUnit.unit_type_id,
    )
    query = (
        select(
            PlanUnit.departure_id, UnitType.code, UnitType.name_en, UnitType.name_zh, PlanUnit.opened,
            PlanUnit.cost_minor, UnitType.payload_g, UnitType.volume_cm3, PlanUnit.board_seq,
            PlanUnit.alight_seq, most.scalar_subquery(),
        )
        .join(UnitType, UnitType.id == PlanUnit.unit_type_id)
        .where(PlanUnit.plan_id == plan_id, PlanUnit.departure_id.in_(ids), PlanUnit.opened > 0)
        .order_by(PlanUnit.departure_id, PlanUnit.board_seq, UnitType.code)
    )  # fmt: skip
    rows = defaultdict(list)
    for departure_id, *facts in session.execute(query) if ids else ():
        rows[departure_id].append(PlannedUnit(*facts))
    return rows
