"""Schedules of carriers: liner voyages as DCSA JSON, flights as SSIM; both become departures."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.errors import Invalid
from app.exchange.dcsa import LONGEST_SERVICE_CODE, read_schedules, write_schedules
from app.exchange.faults import CellError, did_you_mean
from app.exchange.rows import Column, Row, Source
from app.exchange.sailings import Journey, JourneyCall
from app.exchange.ssim import read_flights
from app.exchange.ssim_out import write_flights
from app.exchange.tables import ReadRow, Table
from app.models import Call, Departure, Location, Service, ServiceCall
from app.models.services import CUTOFF_CODES
from app.usecases.importing import departures
from app.usecases.importing.kinds import WHOLE_FILE, Kind, Run

Places = dict[str, list[Location]]
"""UN/LOCODE or IATA code → the places that have it."""


def _reader(read: Callable[[Source], Iterator[ReadRow]]) -> Any:  # noqa: ANN401 (a Read)
    @contextmanager
    def reading(source: Source, columns: Sequence[Column], name: str) -> Iterator[Table]:
        del columns, name
        yield Table([], read(source))

    return reading


class _Resolver:
    """From a journey's codes to rows: which service, which places, which number."""

    def __init__(self, run: Run, journeys: Iterable[Journey], *, by_air: bool) -> None:
        self._by_air = by_air
        self._services = run.lookups.ids("service")
        self._places = _places(run.session, by_air=by_air)
        services = {key for journey in journeys if (key := self._services.get(self.service_code(journey)))}
        self._stops = _stops(run.session, services)
        self._numbers = _numbers(run.session, services) if by_air else {}

    def service_code(self, journey: Journey) -> str:
        """The code as stored: flights may be written with or without leading zeros."""
        code = journey.service_code
        short = code[:2] + code[2:].lstrip("0")
        return short if self._by_air and code not in self._services and short in self._services else code

    def values(self, journey: Journey) -> dict[str, Any]:
        """The journey as the values of a departures row. Raises CellError."""
        code = self.service_code(journey)
        stops = self._stops.get(self._services.get(code, 0), set())
        calls = [(self._place(call, stops), call) for call in journey.calls]
        if self._by_air:
            for place, call in calls:
                _check_offset(place, call)
        first_place, first = calls[0]
        departs_on = journey.service_date
        if first.departs_at is not None:
            departs_on = first.departs_at.astimezone(ZoneInfo(first_place.time_zone)).date()
        number = journey.number or self._numbers.get((self._services.get(code, 0), departs_on))
        given = any(call.cutoffs for call in journey.calls)
        return {
            "service_id": code,
            "number": number or f"{departs_on:%Y%m%d}",
            "departs_on": departs_on,
            "status": None,
            "accepts": None,
            "etd": None,
            "eta": None,
            "calls": [(place.code, call.arrives_at, call.departs_at) for place, call in calls],
            "cutoffs": [_cutoffs(call) for call in journey.calls] if given else None,
        }

    def _place(self, call: JourneyCall, stops: set[int]) -> Location:
        found = self._places.get(call.place, [])
        if len(found) > 1:
            found = [place for place in found if place.id in stops] or found
        if not found:
            noun = "airport has the IATA code" if self._by_air else "port has the UN/LOCODE"
            raise CellError(
                "unknown_location",
                f"no {noun} {call.place}",
                lambda: did_you_mean(call.place, tuple(self._places)) or "import the location first",
                call.at,
            )
        if len(found) > 1:
            codes = ", ".join(place.code for place in found)
            raise CellError("ambiguous_location", f"{call.place} may be {codes}",
                            "name the one meant in the service's calls", call.at)  # fmt: skip
        return found[0]


def _places(session: Session, *, by_air: bool) -> Places:
    found: Places = defaultdict(list)
    for place in session.scalars(select(Location).where(Location.kind == ("airport" if by_air else "port"))):
        code = place.iata if by_air else place.unlocode
        if code:
            found[code].append(place)
    return found


def _stops(session: Session, services: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    query = select(ServiceCall.service_id, ServiceCall.location_id).where(
        ServiceCall.service_id.in_(services)
    )
    for service_id, location_id in session.execute(query):
        found[service_id].add(location_id)
    return found


def _numbers(session: Session, services: set[int]) -> dict[tuple[int, date], str]:
    query = select(Departure.service_id, Departure.service_date, Departure.number)
    found = session.execute(query.where(Departure.service_id.in_(services)))
    return {(service_id, day): number for service_id, day, number in found}


def _check_offset(place: Location, call: JourneyCall) -> None:
    """The file's offset must be the place's own: a period that runs across a change of clocks must be split."""
    for moment in (call.arrives_at, call.departs_at):
        if moment is None:
            continue
        own = moment.astimezone(ZoneInfo(place.time_zone))
        if own.utcoffset() != moment.utcoffset():
            raise CellError(
                "utc_variation_differs",
                f"{moment:%Y-%m-%d %H:%M} is given as UTC{moment:%z}, {place.code} is at UTC{own:%z} then",
                "correct the UTC variation, or split the period where the clocks change",
                call.at,
            )


def _cutoffs(call: JourneyCall) -> dict[str, int]:
    if call.departs_at is None:
        return {}
    unknown = sorted(set(call.cutoffs) - set(CUTOFF_CODES))
    if unknown:
        remedy = did_you_mean(unknown[0], CUTOFF_CODES)
        raise CellError("unknown_cutoff", f"{unknown[0]} is no cut-off code", remedy, call.at)
    late = sorted(code for code, at in call.cutoffs.items() if at > call.departs_at)
    if late:
        raise CellError(
            "cutoff_after_departure", f"{late[0]} lies after the departure", "correct the time", call.at
        )
    return {code: round((call.departs_at - at).total_seconds() / 60) for code, at in call.cutoffs.items()}


def _save(run: Run, rows: list[Row], *, by_air: bool) -> None:
    """Resolve the codes of journeys, and save them as departures; faults keep the place in the file."""
    journeys = {id(row): row.values["journey"] for row in rows if "journey" in row.values}
    resolver = _Resolver(run, journeys.values(), by_air=by_air)
    ready: list[Row] = []
    at: dict[int, Journey] = {}
    for row in rows:
        journey = journeys.get(id(row))
        if journey is None:
            continue
        try:
            ready.append(Row(row.number, resolver.values(journey)))
            at[row.number] = journey
        except CellError as fault:
            run.log.add(row.number, fault)
    before = len(run.log.kept)
    departures.save(run, (), ready)
    for index in range(before, len(run.log.kept)):
        error = run.log.kept[index]
        place = at[error.row].at
        if place:
            run.log.kept[index] = replace(error, column=f"{place} ({error.column})")


def save_voyages(run: Run, _given: Sequence[Column], rows: list[Row]) -> None:
    """Voyages of a DCSA file."""
    _save(run, rows, by_air=False)


def save_flights(run: Run, _given: Sequence[Column], rows: list[Row]) -> None:
    """Flights of an SSIM file."""
    _save(run, rows, by_air=True)


def _journeys(session: Session, modes: tuple[str, ...], place_code: str) -> Iterator[Journey]:
    """Departures of these modes whose every place has the code that the format needs."""
    query = (
        select(Departure)
        .join(Service, Departure.service_id == Service.id)
        .where(Service.mode.in_(modes), Departure.status != "cancelled")
        .options(
            selectinload(Departure.service),
            selectinload(Departure.calls).selectinload(Call.location),
            selectinload(Departure.calls).selectinload(Call.cutoffs),
        )
        .order_by(Service.code, Departure.departs_at, Departure.id)
    )
    for departure in session.scalars(query.execution_options(yield_per=500)):
        service = departure.service
        if all(getattr(call.location, place_code) for call in departure.calls):
            calls = tuple(_journey_call(call, getattr(call.location, place_code)) for call in departure.calls)
            yield Journey(
                service.code,
                service.name_en,
                departure.number,
                departure.service_date,
                calls,
                service.vessel_imo,
            )


def _journey_call(call: Call, place: str) -> JourneyCall:
    zone = ZoneInfo(call.location.time_zone)
    arrives, departs = (
        moment.astimezone(zone) if moment is not None else None
        for moment in (call.arrives_at, call.departs_at)
    )
    return JourneyCall(place, arrives, departs, {cutoff.code: cutoff.at for cutoff in call.cutoffs})


def write_voyages(stream: BinaryIO, _form: str, session: Session, _now: datetime) -> None:
    """Sea departures as DCSA. Raises Invalid for service codes that DCSA has no room for."""
    journeys = list(_journeys(session, ("sea",), "unlocode"))
    long = sorted(
        {journey.service_code for journey in journeys if len(journey.service_code) > LONGEST_SERVICE_CODE}
    )
    if long:
        raise Invalid(
            f"DCSA takes service codes of at most {LONGEST_SERVICE_CODE} characters; shorten {', '.join(long[:5])}"
        )
    write_schedules(stream, journeys)


def write_flights_of(stream: BinaryIO, _form: str, session: Session, now: datetime) -> None:
    """Air departures as SSIM, in local time mode."""
    services = session.execute(
        select(Service.code, Service.aircraft, Service.charter).where(Service.mode == "air")
    )
    # IATA service types: J passenger flight, F freighter, H cargo charter.
    types = {
        code: "J" if aircraft == "passenger" else "H" if charter else "F"
        for code, aircraft, charter in services
    }
    write_flights(stream, _journeys(session, ("air",), "iata"), now.date(), types)


SCHEDULE_DCSA = Kind(
    "schedule-dcsa",
    "Liner voyages as DCSA Commercial Schedules 1.0 JSON (vessel schedules)",
    (),
    save_voyages,
    write_voyages,
    read=_reader(read_schedules),
    formats=("json",),
    batch_rows=WHOLE_FILE,
)
SCHEDULE_SSIM = Kind(
    "schedule-ssim",
    "Flights as SSIM chapter 7",
    (),
    save_flights,
    write_flights_of,
    read=_reader(read_flights),
    formats=("ssim",),
    batch_rows=WHOLE_FILE,
)
