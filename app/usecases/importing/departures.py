"""Dated departures: times from the service's pattern, or given call by call."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.errors import Invalid
from app.exchange.call_list import CallList, GivenCall
from app.exchange.cells import Choice, Code, CutoffsOfCalls, Date, Instant, ListOf, Reference
from app.exchange.faults import CellError
from app.exchange.rows import Column, Row
from app.models import Call, Departure, Location, Segment, Service
from app.models.departures import DEPARTURE_STATES
from app.models.services import CUTOFF_CODES
from app.usecases.cutoffs import CHANGEABLE, NewCutoff, carry_out, check_missed, moved_calls
from app.usecases.cutoffs_touched import find_touched
from app.usecases.importing.kinds import Kind, Run, table_writer
from app.usecases.importing.lookups import Lookups
from app.usecases.importing.tables import Values, refuse_duplicates, resolve_references
from app.usecases.importing.words import GOODS, SOURCE
from app.usecases.scheduling import (
    Stop,
    check_order,
    link_allotments,
    load_patterns,
    materialise_departure,
    pattern_stops,
)
from routing.cutoffs import Cutoffs

COLUMNS = (
    Column(
        "service_code",
        Reference(40, what="service"),
        "code of the service",
        required=True,
        field="service_id",
    ),
    Column(
        "number",
        Code(40, example="CF-123"),
        "voyage, flight or train number, unique in the service",
        required=True,
    ),
    Column("departs_on", Date(), "local date of the first call's departure", required=True),
    Column("status", Choice(DEPARTURE_STATES), f"one of {', '.join(DEPARTURE_STATES)}; planned where empty"),
    Column("accepts", ListOf(GOODS), "goods classes on this date; the service's where empty"),
    Column("etd", Instant(), "first departure, if not the pattern's, with its offset"),
    Column("eta", Instant(), "last arrival, if not the pattern's, with its offset"),
    Column("calls", CallList(), "all calls, if not the pattern's: CODE@arrival/departure;… with offsets"),
    Column(
        "cutoffs",
        CutoffsOfCalls(CUTOFF_CODES),
        "cut-offs of each call in order, if not the pattern's: FCO=48h DGC=96h;… before it is left; "
        "of a departure that is stored, those not named stay",
    ),
    replace(SOURCE, kept=False, doc="checked, but not stored: the service's own source is"),
)

Planned = tuple[Row, list[Stop]]


def save(run: Run, given: Sequence[Column], rows: list[Row]) -> None:
    """Check one batch of departures, and add or change what is good."""
    del given
    resolve_references(run, COLUMNS, rows)
    refuse_duplicates(run, ("service_id", "number"), run.good(rows))
    good = run.good(rows)
    services = load_patterns(run.session, {row.values["service_id"] for row in good})
    places = _places(run, good)
    plans = [plan for row in good if (plan := _plan(run, services, places, row))]
    save_planned(run, services, plans)


def save_planned(run: Run, services: dict[int, Service], plans: list[Planned]) -> None:
    """Add the departures that are new and bring those that exist to the given times, status and goods."""
    stored = _stored(run, plans)
    made: list[Departure] = []
    for row, stops in plans:
        values = row.values
        old = stored.get((values["service_id"], values["number"]))
        if old is not None:
            _change(run, row, old, stops)
        elif run.saving:
            made.append(
                materialise_departure(
                    run.session,
                    services[values["service_id"]],
                    values["departs_on"],
                    values["number"],
                    stops=stops,
                    status=values["status"] or "planned",
                    accepts=values["accepts"],
                )
            )
            run.added += 1
    run.session.flush()
    link_allotments(run.session, made)


def _places(run: Run, rows: list[Row]) -> dict[int, Location]:
    """Locations named in the column calls, by id."""
    named = {code for row in rows for code, *_ in row.values["calls"] or ()}
    known = run.lookups.ids("location")
    keys = [known[code] for code in named if code in known]
    found: dict[int, Location] = {}
    for begin in range(0, len(keys), 1000):
        chunk = keys[begin : begin + 1000]
        found |= {
            place.id: place for place in run.session.scalars(select(Location).where(Location.id.in_(chunk)))
        }
    return found


def _plan(run: Run, services: dict[int, Service], places: dict[int, Location], row: Row) -> Planned | None:
    values = row.values
    service = services[values["service_id"]]
    try:
        if service.schedule == "on_demand":
            raise CellError("service_on_demand", "this service leaves when asked, it has no departures",
                            "name a dated service", "service_code")  # fmt: skip
        if values["calls"]:
            stops = _given_stops(run.lookups, service, places, values)
        else:
            stops = pattern_stops(service, values["departs_on"], values["etd"], values["eta"])
        stops = _with_cutoffs(stops, values.get("cutoffs"))
        check_order(stops)
    except CellError as fault:
        run.log.add(row.number, fault, "departs_on")
        return None
    return row, stops


def _given_stops(
    lookups: Lookups, service: Service, places: dict[int, Location], values: Values
) -> list[Stop]:
    calls: list[GivenCall] = values["calls"]
    pattern = {call.location.code: call.cutoffs for call in service.calls}
    stops = []
    for number, (code, arrives, departs) in enumerate(calls, start=1):
        try:
            place = places[lookups.find("location", code)]
        except CellError as fault:
            fault.column = "calls"
            raise
        arrives = values["eta"] or arrives if number == len(calls) else arrives
        departs = values["etd"] or departs if number == 1 else departs
        stops.append(Stop(place, arrives, departs, pattern.get(code, {})))
    return stops


def _with_cutoffs(stops: list[Stop], given: Sequence[dict[str, int]] | None) -> list[Stop]:
    """The calls with the cut-offs that are given, the first call's first."""
    if given is None:
        return stops
    if len(given) > len(stops):
        raise CellError(
            "too_many_cutoffs",
            f"there are cut-offs of {len(given)} calls, but {len(stops)} calls",
            "one part for each call, in their order, separated by ;",
            "cutoffs",
        )
    rest: list[dict[str, int]] = [{}] * (len(stops) - len(given))
    return [replace(stop, cutoffs=some) for stop, some in zip(stops, [*given, *rest], strict=True)]


def _stored(run: Run, plans: list[Planned]) -> dict[tuple[int, str], Departure]:
    """The departures that are there already, locked if they may be changed, and as they are then."""
    numbers = sorted({row.values["number"] for row, _stops in plans})
    query = (
        select(Departure)
        .options(
            selectinload(Departure.calls).selectinload(Call.cutoffs),
            selectinload(Departure.segments).selectinload(Segment.pools),
        )
        .order_by(Departure.id)
        .execution_options(populate_existing=True)
    )
    if run.saving:
        query = query.with_for_update(of=Departure, key_share=True)
    found: dict[tuple[int, str], Departure] = {}
    for begin in range(0, len(numbers), 1000):
        some = numbers[begin : begin + 1000]
        for departure in run.session.scalars(query.where(Departure.number.in_(some))):
            found[(departure.service_id, departure.number)] = departure
    return found


def _change(run: Run, row: Row, departure: Departure, stops: list[Stop]) -> None:
    """Times, status and goods may change; a departure that calls elsewhere is another departure."""
    values = row.values
    if [call.location_id for call in departure.calls] != [stop.location.id for stop in stops]:
        run.refuse(row, "route_changed", "the departure is stored with other calls",
                   "give it a new number, and the status cancelled to the old one", "calls")  # fmt: skip
        return
    changes = {
        "service_date": values["departs_on"],
        "departs_at": stops[0].departs_at,
        "arrives_at": stops[-1].arrives_at,
    }
    changes |= {name: values[name] for name in ("status", "accepts") if values[name] is not None}
    moved = any(
        (call.arrives_at, call.departs_at) != (stop.arrives_at, stop.departs_at)
        for call, stop in zip(departure.calls, stops, strict=True)
    )
    named = values.get("cutoffs") is not None
    same = all(getattr(departure, name) == value for name, value in changes.items())
    if not moved and same and not (named and _new_cutoffs(departure, stops, run.now)):
        run.unchanged += 1
        return
    if not run.saving:
        return
    try:
        with run.session.begin_nested() if named else nullcontext():
            before = {call.seq: {one.code: one.at for one in call.cutoffs} for call in departure.calls}
            if moved:
                _move(departure, stops, named=named)
            for name, value in changes.items():
                setattr(departure, name, value)
            if named and departure.status in CHANGEABLE:
                _set_cutoffs(run, departure, _new_cutoffs(departure, stops, run.now), before)
        run.updated += 1
    except Invalid as refused:
        fault = refused.errors[0]
        remedy = fault.suggestion
        if fault.code == "goods_would_miss":
            remedy = "roll these bookings first, or move the cut-off on the departure's page"
        run.refuse(row, fault.code, fault.message, remedy, "cutoffs")


def _new_cutoffs(departure: Departure, stops: list[Stop], now: datetime) -> list[NewCutoff]:
    """What differs from the cut-offs of the departure, at calls that are not left yet."""
    return [
        NewCutoff(call.seq, code, at)
        for call, stop in zip(departure.calls, stops, strict=True)
        if stop.departs_at is not None and stop.departs_at > now
        for code, at in _instants(stop).items()
        if {cutoff.code: cutoff.at for cutoff in call.cutoffs}.get(code) != at
    ]


def _instants(stop: Stop) -> dict[str, datetime]:
    if stop.departs_at is None:
        return {}
    return {code: stop.departs_at - timedelta(minutes=before) for code, before in stop.cutoffs.items()}


def _set_cutoffs(
    run: Run, departure: Departure, wanted: list[NewCutoff], before: Mapping[int, Cutoffs]
) -> None:
    """Set them as the departure's page does; `before` is when its calls closed before the departure was moved.

    Invalid where one cannot be, or booked goods would come too late.
    """
    if not wanted:
        return
    run.session.flush()
    # Bookings still have the times from before the move: with those they are compared, and so says the log.
    moved = [replace(one, before=before[one.seq]) for one in moved_calls(departure, wanted, run.now)]
    check_missed(find_touched(run.session, departure, moved, run.now))
    carry_out(run.session, run.actor, run.now, departure, moved, "import")


def _move(departure: Departure, stops: list[Stop], *, named: bool) -> None:
    """Calls take their new times; cut-offs and releases keep their distance to the departure.

    Cut-offs that the file has `named` as they are stay where they are.
    """
    assert stops[0].departs_at is not None  # noqa: S101 (checked by check_order)
    shift = stops[0].departs_at - departure.departs_at
    for segment in departure.segments:
        for pool in segment.pools:
            pool.release_at = pool.release_at + shift if pool.release_at else None
    for call, stop in zip(departure.calls, stops, strict=True):
        later = stop.departs_at - call.departs_at if stop.departs_at and call.departs_at else timedelta()
        stay = _instants(stop) if named else {}
        for cutoff in call.cutoffs:
            if stay.get(cutoff.code) != cutoff.at:
                cutoff.at += later
        call.arrives_at, call.departs_at = stop.arrives_at, stop.departs_at


def dump(session: Session, lookups: Lookups) -> Iterator[Values]:
    """Every departure with all its calls, so that reading it back depends on no pattern."""
    services, places = lookups.codes("service"), lookups.codes("location")
    query = (
        select(Departure)
        .options(selectinload(Departure.calls).selectinload(Call.cutoffs))
        .order_by(Departure.departs_at, Departure.id)
    )
    for departure in session.scalars(query.execution_options(yield_per=500)):
        yield {
            "service_id": services[departure.service_id],
            "number": departure.number,
            "departs_on": departure.service_date,
            "status": departure.status,
            "accepts": departure.accepts,
            "etd": departure.departs_at,
            "eta": departure.arrives_at,
            "calls": [
                (places[call.location_id], call.arrives_at, call.departs_at) for call in departure.calls
            ],
            "cutoffs": [_before_departure(call) for call in departure.calls],
        }


def _before_departure(call: Call) -> dict[str, int]:
    """Code → minutes before the call is left."""
    return {
        cutoff.code: round((call.departs_at - cutoff.at) / timedelta(minutes=1))
        for cutoff in sorted(call.cutoffs, key=lambda one: one.code)
        if call.departs_at is not None
    }


DEPARTURES = Kind(
    "departures",
    "Dated sailings, flights, trains and truck runs of dated services",
    COLUMNS,
    save,
    table_writer("departures", COLUMNS, dump),
)
