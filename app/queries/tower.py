"""The control tower: what an operator wants to know before anything else."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from app.models import Call, CapacityPool, Cutoff, Departure, PlanLoad, Segment, Service
from app.queries.paging import AnySelect
from app.queries.places import Place, places

SOON = timedelta(hours=24)
OPEN = ("planned", "open")


@dataclass(frozen=True, slots=True)
class ModeFill:
    """How full the open departures of one mode are, in kg; shares between 0 and 1."""

    mode: str
    departures: int
    capacity_g: int
    taken_g: int
    planned_g: int
    """What the plan puts on them."""

    @property
    def taken_share(self) -> float:
        """Held and booked."""
        return self.taken_g / self.capacity_g if self.capacity_g else 0.0

    @property
    def planned_share(self) -> float:
        """Planned, not booked yet."""
        return self.planned_g / self.capacity_g if self.capacity_g else 0.0


@dataclass(frozen=True, slots=True)
class CutoffLine:
    """A cut-off that comes up."""

    at: datetime
    code: str
    place: Place
    departure_public_id: str
    number: str
    service_code: str
    mode: str
    status: str


@dataclass(frozen=True, slots=True)
class MapLeg:
    """A connection on the map: two places, the mode, and how many open departures run it."""

    mode: str
    origin: Place
    destination: Place
    departures: int


def open_departures(session: Session, now: datetime) -> dict[str, int]:
    """Mode → departures that can still be filled."""
    query = (
        select(Service.mode, func.count())
        .select_from(Departure)
        .join(Service, Service.id == Departure.service_id)
        .where(*_ahead(now))
        .group_by(Service.mode)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def count_cutoffs(session: Session, now: datetime) -> int:
    """Open departures with a cut-off in the next 24 hours."""
    query = _cutoffs(now, select(func.count(Departure.id.distinct())))
    return session.scalar(query.where(Cutoff.at <= now + SOON)) or 0


def next_cutoffs(session: Session, now: datetime, *, limit: int = 10) -> list[CutoffLine]:
    """The cut-offs that come up first."""
    columns = (
        Cutoff.at, Cutoff.code, Call.location_id, Departure.public_id, Departure.number, Service.code,
        Service.mode, Departure.status,
    )  # fmt: skip
    query = _cutoffs(now, select(*columns)).order_by(Cutoff.at, Cutoff.id).limit(limit)
    found = session.execute(query).all()
    known = places(session, [row[2] for row in found])
    return [CutoffLine(at, code, known[place], *rest) for at, code, place, *rest in found]


def fill_by_mode(session: Session, now: datetime, plan_id: int | None) -> list[ModeFill]:
    """Kilograms taken and planned against capacity; a departure counts with its fullest segment."""
    of_departure = (
        select(
            Departure.id,
            Service.mode,
            func.min(CapacityPool.capacity).label("capacity_g"),
            func.max(CapacityPool.held + CapacityPool.booked).label("taken_g"),
        )
        .join(Service, Service.id == Departure.service_id)
        .join(Segment, Segment.departure_id == Departure.id)
        .join(CapacityPool, CapacityPool.segment_id == Segment.id)
        .where(*_ahead(now), CapacityPool.dimension == "g", CapacityPool.exporter_id.is_(None))
        .group_by(Departure.id, Service.mode)
        .subquery()
    )
    load = (
        select(PlanLoad.departure_id, func.max(PlanLoad.weight_g).label("planned_g"))
        .where(PlanLoad.plan_id == plan_id)
        .group_by(PlanLoad.departure_id)
        .subquery()
    )
    query = (
        select(
            of_departure.c.mode,
            func.count(),
            func.sum(of_departure.c.capacity_g),
            func.sum(of_departure.c.taken_g),
            func.coalesce(func.sum(load.c.planned_g), 0),
        )
        .outerjoin(load, load.c.departure_id == of_departure.c.id)
        .group_by(of_departure.c.mode)
        .order_by(of_departure.c.mode)
    )
    return [ModeFill(row[0], *(int(value) for value in row[1:])) for row in session.execute(query)]


def map_legs(session: Session, now: datetime) -> list[MapLeg]:
    """Which places are joined by which mode, by the departures still ahead."""
    start, end = aliased(Call), aliased(Call)
    query = (
        select(Service.mode, start.location_id, end.location_id, func.count(Departure.id.distinct()))
        .select_from(Departure)
        .join(Service, Service.id == Departure.service_id)
        .join(start, start.departure_id == Departure.id)
        .join(end, and_(end.departure_id == Departure.id, end.seq == start.seq + 1))
        .where(*_ahead(now))
        .group_by(Service.mode, start.location_id, end.location_id)
    )
    found = session.execute(query).all()
    known = places(session, [row[1] for row in found] + [row[2] for row in found])
    return [MapLeg(mode, known[a], known[b], count) for mode, a, b, count in found]


def _ahead(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Departure.status.in_(OPEN), Departure.departs_at > now


def _cutoffs(now: datetime, query: AnySelect) -> AnySelect:
    return (
        query.select_from(Cutoff)
        .join(Call, Call.id == Cutoff.call_id)
        .join(Departure, Departure.id == Call.departure_id)
        .join(Service, Service.id == Departure.service_id)
        .where(Cutoff.at > now, Departure.status.in_(OPEN))
    )
