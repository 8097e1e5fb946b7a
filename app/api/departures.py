"""Departures: what leaves when, with how much room."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.actor import ROLES, Actor
from app.api.base import Endpoints, answer
from app.api.wire import cubic_metres, dimension_name, kilograms, local, money, page, place, quantity, utc
from app.auth import actor, allow
from app.clock import now
from app.http import reading
from app.queries.departure_facts import CallRow, CutoffRow
from app.queries.departure_rows import DepartureRow, Space, UnitRow
from app.queries.departures import DepartureFilter, get_departure
from app.queries.departures import list_departures as find_departures
from app.schemas.departures import (
    CancelledDeparture,
    CargoRoll,
    CargoRolled,
    DepartureDetail,
    DeparturePage,
    DepartureQuery,
    DepartureReason,
    RepeatedDeparture,
    WeeklySeries,
)
from app.usecases.departing import change_departure, repeat_weekly, roll_cargo

blueprint = Endpoints(
    "Departures", __name__, "Dated sailings, flights, trains and truck runs", area="network"
)

BANDS = ((0.5, "high"), (0.85, "medium"), (1.0, "low"))
"""Share that is taken at which a band ends."""


@blueprint.reading("/departures", DeparturePage, query=DepartureQuery, refuses=(400,))
@allow(*ROLES)
def list_departures(query: dict[str, Any]) -> Response:
    """List departures by time."""
    where = DepartureFilter(
        modes=(query["mode"],) if query["mode"] else (),
        origin=query["from_"],
        destination=query["to"],
        departs_from=query["departs_from"],
        departs_before=query["departs_to"],
        statuses=(query["status"],) if query["status"] else (),
        accepts=query["accepts"],
    )
    who = actor()
    with reading() as session:
        found = find_departures(
            session,
            now(),
            where,
            exporter_id=who.exporter_id,
            cursor=query["cursor"],
            limit=query["limit"],
        )
    return answer(page(found, [departure_item(row) for row in found.items]))


@blueprint.reading("/departures/<id('dep'):dep_id>", DepartureDetail)
@allow(*ROLES)
def read_departure(dep_id: str) -> Response:
    """Read one departure: calls, cut-offs, segments, space.

    Times are in the local offset of each place. Exporters see bands of free space and their own allotments;
    the operation sees every pool, and operators and finance what a unit costs.
    """
    who = actor()
    with reading() as session:
        row = get_departure(session, now(), dep_id, exporter_id=who.exporter_id)
    return answer(departure_detail(row, who))


@blueprint.changing("/departures/<id('dep'):dep_id>/open", DepartureDetail, status=200, body=DepartureReason)
@allow("operator")
def open_departure(session: Session, wanted: dict[str, Any], dep_id: str) -> Response:
    """Open a planned or closed departure for booking."""
    return _changed(session, dep_id, "open", wanted["reason"])


@blueprint.changing("/departures/<id('dep'):dep_id>/close", DepartureDetail, status=200, body=DepartureReason)
@allow("operator")
def close_departure(session: Session, wanted: dict[str, Any], dep_id: str) -> Response:
    """Close a departure: what is booked stays, nothing is booked any more."""
    return _changed(session, dep_id, "close", wanted["reason"])


@blueprint.changing(
    "/departures/<id('dep'):dep_id>/cancel", DepartureDetail, status=200, body=CancelledDeparture
)
@allow("operator")
def cancel_departure(session: Session, wanted: dict[str, Any], dep_id: str) -> Response:
    """Cancel a departure that has not left.

    Exporters with goods on it are told by `departure.cancelled`. Their bookings stay until they are rolled, amended
    or cancelled; `POST /api/v1/plans/{plan}/replans` plans anew what a plan had put on it.
    """
    return _changed(session, dep_id, "cancel", wanted["reason"])


@blueprint.changing("/departures/<id('dep'):dep_id>/roll-cargo", CargoRolled, status=200, body=CargoRoll)
@allow("operator")
def roll_departure_cargo(session: Session, wanted: dict[str, Any], dep_id: str) -> Response:
    """Roll every booking of a departure to another one of its service, each for itself."""
    rolled = roll_cargo(session, actor(), now(), dep_id, wanted["onto"], wanted["reason"])
    items = [
        {"booking_id": one.booking, "exporter": one.exporter, "rolled": not one.detail, "detail": one.detail}
        for one in rolled
    ]
    return answer({"items": items})


@blueprint.changing("/departures/<id('dep'):dep_id>/repeat", RepeatedDeparture, status=200, body=WeeklySeries)
@allow("operator")
def repeat_departure(session: Session, wanted: dict[str, Any], dep_id: str) -> Response:
    """Repeat a departure in the weeks that follow, by its service's timetable."""
    made = repeat_weekly(session, actor(), now(), dep_id, wanted["weeks"])
    items = [{"id": one.public_id, "number": one.number, "departs_at": utc(one.departs_at)} for one in made]
    return answer({"items": items})


def _changed(session: Session, dep_id: str, step: str, reason: str) -> Response:
    change_departure(session, actor(), now(), dep_id, step, reason)
    session.flush()
    return answer(departure_detail(get_departure(session, now(), dep_id), actor()))


def departure_item(row: DepartureRow) -> dict[str, Any]:
    """A departure as lists show it."""
    return {
        "id": row.public_id,
        "service": {"code": row.service_code, "name_en": row.name_en, "name_zh": row.name_zh},
        "number": row.number,
        "mode": row.mode,
        "charter": row.charter,
        "carrier": row.carrier,
        "aircraft": row.aircraft,
        "from": place(row.origin),
        "to": place(row.destination),
        "departs_at": local(row.departs_at, row.origin),
        "arrives_at": local(row.arrives_at, row.destination),
        "status": row.status,
        "closing": row.closing,
        "accepts": row.accepts,
        "free_band": free_band(row.spaces),
        "next_cutoff": _cutoff(row.next_cutoff) | {"place_code": row.next_cutoff.place.code}
        if row.next_cutoff
        else None,
    }


def departure_detail(row: DepartureRow, who: Actor) -> dict[str, Any]:
    """A departure with everything this caller may know of it."""
    exporter = who.role == "exporter"
    return departure_item(row) | {
        "border": place(row.border) if row.border else None,
        "gauge_changes": row.gauge_changes,
        "wagon_count": row.wagon_count,
        "vessel_imo": row.vessel_imo,
        "min_payload_kg": None if exporter else kilograms(row.min_payload_g),
        "calls": _calls(row),
        "segments": [_segment(row, seq, distance_m) for seq, distance_m in sorted(row.segments.items())],
        "pools": [_pool(space) for space in row.spaces if not exporter or space.allotment_of],
        "units": [] if exporter else [_unit(unit, who) for unit in row.units],
    }


def free_band(spaces: list[Space]) -> str:
    """How much is free where it is tightest, of what is open to everybody; `none` where nothing is."""
    open_to_all = [space for space in spaces if space.allotment_of is None]
    taken = max((space.taken_share for space in open_to_all), default=1.0)
    return next((name for below, name in BANDS if taken < below), "none")


def _cutoff(row: CutoffRow) -> dict[str, Any]:
    return {"code": row.code, "at": local(row.at, row.place)}


def _calls(row: DepartureRow) -> list[dict[str, Any]]:
    cutoffs: dict[int, list[dict[str, Any]]] = {call.seq: [] for call in row.calls}
    for cutoff in row.cutoffs:
        cutoffs[_call_of(cutoff, row.calls).seq].append(_cutoff(cutoff))
    return [
        {
            "seq": call.seq,
            "place": place(call.place),
            "arrives_at": local(call.arrives_at, call.place),
            "departs_at": local(call.departs_at, call.place),
            "cutoffs": cutoffs[call.seq],
        }
        for call in row.calls
    ]


def _call_of(cutoff: CutoffRow, calls: tuple[CallRow, ...]) -> CallRow:
    """The call a cut-off is for: the next one at its place, which a loop calls at twice."""
    there = [call for call in calls if call.place.id == cutoff.place.id]
    ahead = [call for call in there if (moment := call.departs_at or call.arrives_at) and moment >= cutoff.at]
    return (ahead or there)[0]


def _segment(row: DepartureRow, seq: int, distance_m: int) -> dict[str, Any]:
    places = {call.seq: call.place.code for call in row.calls}
    return {
        "seq": seq,
        "from_code": places[seq],
        "to_code": places[seq + 1],
        "distance_km": round(distance_m / 1000),
        "free_band": free_band([space for space in row.spaces if space.segment_seq == seq]),
    }


def _pool(space: Space) -> dict[str, Any]:
    amounts = {"capacity": space.capacity, "held": space.held, "booked": space.booked, "free": space.free}
    return {
        "segment": space.segment_seq,
        "dimension": dimension_name(space.dimension),
        **{name: quantity(amount, space.dimension) for name, amount in amounts.items()},
        "allotment_of": space.allotment_of,
        "release_at": utc(space.release_at),
    }


def _unit(unit: UnitRow, who: Actor) -> dict[str, Any]:
    priced = who.may("operator", "finance")
    return {
        "code": unit.code,
        "name_en": unit.name_en,
        "name_zh": unit.name_zh,
        "max_count": unit.max_count,
        "opened": unit.opened,
        "payload_kg": kilograms(unit.payload_g),
        "volume_m3": cubic_metres(unit.volume_cm3),
        "cost": money(unit.cost_minor, unit.currency) if priced else None,
        "currency": unit.currency if priced else None,
    }
