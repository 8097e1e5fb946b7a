"""Plans as they are shown."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.api.wire import bound, cost, cubic_metres, kilograms, local, money, utc
from app.models import Plan
from app.queries.plan_items import LegRow, PlanItemRow
from app.queries.plans import PlannedDeparture
from app.usecases.valuing import DepartureValue, RoomRow, UnitValue

ONE_MORE = {"g": "1 kg", "cm3": "1 m3"}
COSTS = ("change_cost", "opening_cost", "room_value", "extra_cost", "priced_extra_cost")


def plan_json(plan: Plan) -> dict[str, Any]:
    """The figures of a plan."""
    return {
        "id": plan.public_id,
        "run_id": plan.run.public_id,
        "status": plan.status,
        "currency": plan.currency,
        "cost": cost(plan.objective, plan.currency),
        "lower_bound": bound(plan.lower_bound, plan.currency),
        "bound_source": plan.bound_source,
        "gap": plan.gap,
        "seconds": plan.seconds,
        "items": plan.items,
        "assigned": plan.assigned,
        "on_time": plan.on_time,
        "on_time_share": round(plan.on_time / plan.assigned, 6) if plan.assigned else None,
        "problem_digest": plan.problem_digest,
        "version": plan.version,
        "summary": plan.summary,
        "created_at": utc(plan.created_at),
    }


def item_json(row: PlanItemRow, currency: str) -> dict[str, Any]:
    """What a plan does with one parcel."""
    return {
        "parcel_id": row.parcel_public_id,
        "reference": row.reference,
        "exporter": row.exporter_reference,
        "direction": row.direction,
        "origin": row.origin.code,
        "destination": row.destination.code,
        "goods_class": row.goods_class,
        "weight_kg": kilograms(row.weight_g),
        "volume_m3": cubic_metres(row.volume_cm3),
        "ready_at": utc(row.ready_at),
        "deliver_by": utc(row.deliver_by),
        "assigned": row.reason is None,
        "cost": money(row.cost_minor, currency),
        "currency": currency,
        "arrives_at": utc(row.arrives_at),
        "late_min": row.late_min,
        "disposition": row.disposition,
        "reason": _reason(row.reason, row.reason_fact),
        "legs": [leg_json(leg) for leg in row.legs],
    }


def _reason(code: str | None, fact: str | None) -> dict[str, str] | None:
    return None if code is None else {"code": code, "fact": fact or ""}


def leg_json(leg: LegRow) -> dict[str, Any]:
    """One leg, its times on the clocks of its places."""
    return {
        "seq": leg.seq,
        "mode": leg.mode,
        "service_code": leg.service_code,
        "departure_id": leg.departure_public_id,
        "number": leg.number,
        "from": leg.origin.code,
        "to": leg.destination.code,
        "departs_at": local(leg.departs_at, leg.origin),
        "arrives_at": local(leg.arrives_at, leg.destination),
    }


def planned_json(row: PlannedDeparture, currency: str) -> dict[str, Any]:
    """What a plan puts on one departure."""
    departure = row.departure
    return {
        "departure_id": departure.public_id,
        "service_code": departure.service_code,
        "number": departure.number,
        "mode": departure.mode,
        "from": departure.origin.code,
        "to": departure.destination.code,
        "departs_at": local(departure.departs_at, departure.origin),
        "arrives_at": local(departure.arrives_at, departure.destination),
        "status": departure.status,
        "parcels": row.parcels,
        "weight_kg": kilograms(row.weight_g),
        "volume_m3": cubic_metres(row.volume_cm3),
        "weight_capacity_kg": kilograms(row.capacity("g")),
        "volume_capacity_m3": cubic_metres(row.capacity("cm3")),
        "units": [
            {
                "code": unit.code,
                "name_en": unit.name_en,
                "name_zh": unit.name_zh,
                "opened": unit.opened,
                "from_call": unit.board_seq,
                "to_call": unit.alight_seq,
                "cost": money(unit.cost_minor, currency),
                "currency": currency,
            }
            for unit in row.units
        ],
    }


def space_json(row: DepartureValue, currency: str) -> dict[str, Any]:
    """What the space of one departure is worth."""
    departure = row.departure
    return {
        "departure_id": departure.public_id,
        "service_code": departure.service_code,
        "number": departure.number,
        "mode": departure.mode,
        "departs_at": local(departure.departs_at, departure.origin),
        "rooms": [_room(room, currency) for room in row.rooms],
    }


def _room(room: RoomRow, currency: str) -> dict[str, Any]:
    return {
        "kind": room.kind,
        "label": room.label,
        "from": room.board.place.code,
        "to": room.alight.place.code,
        "certified": room.certified,
        "values": [
            {
                "dimension": value.dimension,
                "fill": round(value.fill, 6),
                "one_more": ONE_MORE.get(value.dimension, "1"),
                "value": None if value.value_minor is None else cost(value.value_minor, currency),
            }
            for value in room.values
        ],
        "units": [_unit(unit, currency) for unit in room.units],
    }


def _unit(unit: UnitValue, currency: str) -> dict[str, Any]:
    return {
        "code": unit.code,
        "name_en": unit.name_en,
        "name_zh": unit.name_zh,
        "opened": unit.opened,
        "at_most": unit.at_most,
        "cost": cost(unit.cost_minor, currency),
        "fill": round(unit.fill, 6),
        "goods": unit.goods,
        "captive": unit.captive,
        "gain": cost(unit.gain_minor, currency),
        "break_even": None if unit.break_even is None else round(unit.break_even, 6),
        "verdict": unit.verdict,
    }


def why_json(found: dict[str, Any]) -> dict[str, Any]:
    """An explanation, with decimal amounts and codes of places."""
    currency = found["currency"]
    return {
        "plan_id": found["plan_id"],
        "parcel_id": found["parcel_id"],
        "reference": found["reference"],
        "currency": currency,
        "reason": _reason(found["reason"], found["reason_fact"]),
        "taken": _way(found["taken"], currency),
        "alternatives": [_way(way, currency) for way in found["alternatives"]],
        "relaxation": found["relaxation"] and _relaxation(found["relaxation"], currency),
    }


def _relaxation(found: dict[str, Any], currency: str) -> dict[str, Any]:
    saving = found["saving_minor"]
    return {
        **{name: value for name, value in found.items() if not name.endswith("_minor")},
        "cost": money(found["cost_minor"], currency),
        "saving": None if saving is None else money(saving, currency),
    }


def _way(way: dict[str, Any], currency: str) -> dict[str, Any]:
    parts = [
        {"code": part["code"], "amount": money(part["amount_minor"], currency)} for part in way["components"]
    ]
    return {
        "option": way["option"],
        "left_out": way["left_out"],
        "disposition": way["disposition"],
        "legs": [_way_leg(leg) for leg in way["legs"]],
        "arrives_at": utc(way["arrives_at"]),
        "late_min": way["late_min"],
        "cost": money(way["cost_minor"], currency),
        "components": parts,
        **{name: money(way[f"{name}_minor"], currency) for name in COSTS},
        "binding": way["binding"],
        "blocked": way["blocked"],
    }


def _way_leg(leg: dict[str, Any]) -> dict[str, Any]:
    ends = {"from": leg["from"]["code"], "to": leg["to"]["code"]}
    times = {
        "departs_at": _at(leg["departs_at"], leg["from"]),
        "arrives_at": _at(leg["arrives_at"], leg["to"]),
    }
    return {**leg, **ends, **times}


def _at(moment: datetime, place: dict[str, str]) -> str:
    return moment.astimezone(ZoneInfo(place["time_zone"])).isoformat(timespec="seconds")
