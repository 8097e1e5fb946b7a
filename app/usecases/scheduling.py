"""Service patterns → dated departures: one function builds them all, whether imported, seeded or rolling."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.exchange.faults import CellError
from app.exchange.local_time import to_instant
from app.ids import new_id
from app.models import (
    Call,
    CapacityPool,
    Cutoff,
    Departure,
    DepartureUnit,
    Location,
    Segment,
    Service,
    ServiceCall,
    ServiceSpace,
)
from app.usecases.distances import distance_m

ROLLING_STATUS = "open"
"""Rolling departures can be booked as soon as they are there."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One call of a departure that is to be: where, and when in UTC. The ends lack one of the two instants."""

    location: Location
    arrives_at: datetime | None
    departs_at: datetime | None
    cutoffs: dict[str, int] = field(default_factory=dict)
    """Code → minutes before departure."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A departure that could not be made from the pattern, and why."""

    service_code: str
    departs_on: date
    code: str
    message: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class Materialised:
    """What became of a rolling schedule."""

    added: int
    kept: int
    """Were there already."""
    skipped: tuple[Skipped, ...]


def load_patterns(session: Session, services: Iterable[int] | None = None) -> dict[int, Service]:
    """Services with everything a departure is made from, by id; all dated ones where none are named."""
    query = select(Service).options(
        selectinload(Service.calls).selectinload(ServiceCall.location),
        selectinload(Service.spaces),
        selectinload(Service.units),
    )
    query = (
        query.where(Service.schedule == "dated")
        if services is None
        else query.where(Service.id.in_(services))
    )
    # Imports write in bulk, past the session: what it holds may be older than the rows.
    found = session.scalars(query.execution_options(populate_existing=True))
    return {service.id: service for service in found}


def pattern_stops(
    service: Service, departs_on: date, etd: datetime | None = None, eta: datetime | None = None
) -> list[Stop]:
    """The calls of the service's pattern on one service date; `etd` and `eta` stand in for its first and last time.

    Raises CellError as `to_instant` does.
    """
    last = len(service.calls)
    return [
        Stop(
            call.location,
            (number == last and eta)
            or _moment(departs_on, call.arrive_day, call.arrive_local, call.location),
            (number == 1 and etd) or _moment(departs_on, call.depart_day, call.depart_local, call.location),
            call.cutoffs,
        )
        for number, call in enumerate(service.calls, start=1)
    ]


def _moment(service_date: date, day: int | None, local: str | None, place: Location) -> datetime | None:
    if day is None or local is None:
        return None
    return to_instant(service_date + timedelta(days=day), local, place.time_zone)


def check_order(stops: Sequence[Stop]) -> None:
    """Time only runs forward along the calls. Raises CellError `calls_incomplete` or `arrival_before_departure`."""
    if len(stops) < 2 or stops[0].departs_at is None or stops[-1].arrives_at is None:
        raise CellError(
            "calls_incomplete",
            "a departure needs a departure at its first call and an arrival at its last",
            "import the service's calls with their times, or give the column calls",
            "calls",
        )
    left = stops[0].departs_at
    for number, stop in enumerate(stops[1:], start=2):
        last = number == len(stops)
        if stop.arrives_at is None or (stop.departs_at is None and not last):
            raise CellError(
                "calls_incomplete", f"call {number} lacks a time", "give arrival and departure", "calls"
            )
        if stop.arrives_at <= left:
            raise CellError(
                "arrival_before_departure",
                f"call {number} ({stop.location.code}) is reached at {stop.arrives_at:%Y-%m-%d %H:%M} UTC, "
                f"the call before it is left at {left:%Y-%m-%d %H:%M} UTC",
                "correct the times, or count one more day; mind the two time zones",
                "eta" if last else "calls",
            )
        if stop.departs_at is not None:
            if stop.departs_at < stop.arrives_at:
                raise CellError(
                    "departure_before_arrival",
                    f"call {number} ({stop.location.code}) is left before it is reached",
                    "correct the times of the call",
                    "calls",
                )
            left = stop.departs_at


def materialise_departure(
    session: Session,
    service: Service,
    departs_on: date,
    number: str,
    *,
    stops: Sequence[Stop] | None = None,
    status: str = "planned",
    accepts: list[str] | None = None,
) -> Departure:
    """Add one departure with its calls, cut-offs, segments, pools and units.

    `service` comes from `load_patterns`. `stops` replaces the pattern's calls. The caller flushes and then calls
    `link_allotments`. Raises CellError where the times cannot be.
    """
    stops = list(stops) if stops is not None else pattern_stops(service, departs_on)
    check_order(stops)
    departure = Departure(
        public_id=new_id("dep"),
        service_id=service.id,
        number=number,
        service_date=departs_on,
        departs_at=stops[0].departs_at,
        arrives_at=stops[-1].arrives_at,
        status=status,
        accepts=service.accepts if accepts is None else accepts,
        min_payload_g=service.min_payload_g,
        calls=[_call(seq, stop) for seq, stop in enumerate(stops, start=1)],
        segments=_segments(service, stops),
        units=[
            DepartureUnit(
                unit_type_id=unit.unit_type_id,
                max_count=unit.max_count,
                cost_minor=unit.cost_minor,
                currency=unit.currency,
            )
            for unit in service.units
        ],
    )
    session.add(departure)
    return departure


def _call(seq: int, stop: Stop) -> Call:
    cutoffs = []
    if stop.departs_at is not None:
        cutoffs = [
            Cutoff(code=code, at=stop.departs_at - timedelta(minutes=before))
            for code, before in stop.cutoffs.items()
        ]
    return Call(
        seq=seq,
        location_id=stop.location.id,
        arrives_at=stop.arrives_at,
        departs_at=stop.departs_at,
        cutoffs=cutoffs,
    )


def _segments(service: Service, stops: Sequence[Stop]) -> list[Segment]:
    return [
        Segment(
            seq=seq,
            distance_m=distance_m(service.mode, start.location, end.location),
            pools=[_pool(space, _released(space, stops)) for space in spaces_on(service, seq)],
        )
        for seq, (start, end) in enumerate(pairwise(stops), start=1)
    ]


def spaces_on(service: Service, segment_seq: int) -> list[ServiceSpace]:
    """The space of one segment: what names the segment goes before what holds for all of them."""
    best: dict[tuple[str, int | None], ServiceSpace] = {}
    for space in service.spaces:
        key = (space.dimension, space.exporter_id)
        if space.segment_seq == segment_seq or (space.segment_seq is None and key not in best):
            best[key] = space
    return list(best.values())


def _released(space: ServiceSpace, stops: Sequence[Stop]) -> datetime | None:
    departs_at = stops[0].departs_at
    if space.release_days is None or departs_at is None:
        return None
    return departs_at - timedelta(days=space.release_days)


def _pool(space: ServiceSpace, release_at: datetime | None) -> CapacityPool:
    return CapacityPool(
        dimension=space.dimension,
        capacity=space.capacity,
        exporter_id=space.exporter_id,
        release_at=release_at,
    )


def link_allotments(session: Session, departures: Iterable[Departure]) -> None:
    """Cut each allotment out of the open pool of its segment and dimension; the rows must have been flushed."""
    for departure in departures:
        for segment in departure.segments:
            open_pools = {pool.dimension: pool.id for pool in segment.pools if pool.exporter_id is None}
            for pool in segment.pools:
                if pool.exporter_id is not None:
                    pool.parent_id = open_pools.get(pool.dimension)
    session.flush()


def service_dates(service: Service, from_date: date, weeks: int) -> list[date]:
    """The dates within so many weeks on which the pattern runs; every n-th week counts from `valid_from`."""
    first_monday = service.valid_from - timedelta(days=service.valid_from.weekday())
    found = []
    for offset in range(weeks * 7):
        day = from_date + timedelta(days=offset)
        if day < service.valid_from or (service.valid_to is not None and day >= service.valid_to):
            continue
        if (
            str(day.isoweekday()) in service.weekdays
            and (day - first_monday).days // 7 % service.every_weeks == 0
        ):
            found.append(day)
    return found


def materialise(
    session: Session, from_date: date, weeks: int, services: Iterable[int] | None = None
) -> Materialised:
    """Make the departures of every dated service for so many weeks; dates that have one are left alone.

    A date whose local times cannot be (daylight saving, wrong order) is skipped and reported, never guessed.
    """
    patterns = load_patterns(session, services)
    there = _dates_there(session, from_date, weeks)
    made: list[Departure] = []
    kept, skipped = 0, []
    for service in patterns.values():
        for day in service_dates(service, from_date, weeks):
            if (service.id, day) in there:
                kept += 1
                continue
            try:
                made.append(
                    materialise_departure(session, service, day, f"{day:%Y%m%d}", status=ROLLING_STATUS)
                )
            except CellError as fault:
                skipped.append(Skipped(service.code, day, fault.code, fault.message, fault.suggestion))
    session.flush()
    link_allotments(session, made)
    return Materialised(len(made), kept, tuple(skipped))


def _dates_there(session: Session, from_date: date, weeks: int) -> set[tuple[int, date]]:
    query: Any = select(Departure.service_id, Departure.service_date).where(
        Departure.service_date >= from_date, Departure.service_date < from_date + timedelta(days=7 * weeks)
    )
    return set(session.execute(query).all())
