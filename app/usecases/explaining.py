"""Why this way and not that one: an explanation of one parcel of a plan, in words of the operation."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Departure, Location, Parcel, Plan, PlanItem, RunInput, Service
from app.usecases.plan_figures import Solved
from app.usecases.planning import instant
from routing.catalogue import Catalogue, PlannedLeg
from routing.explain import Block, Way, explain
from routing.files import plan_from_bytes, problem_from_bytes

KEPT_PLANS = 4
_kept: OrderedDict[str, Solved] = OrderedDict()
_lock = threading.Lock()


def why(session: Session, plan_id: str, parcel: str, *, alternatives: int = 3) -> dict[str, Any]:
    """Explain one parcel (public id or reference) of a plan (public id).

    Money is in minor units of the plan's currency, other parcels keep their ways. Returns `taken`,
    `alternatives` (ways with legs, cost components, extra cost, what binds or blocks them) and `relaxation`,
    the smallest piece of room that would open a cheaper way. NotFound where plan or parcel are not there.
    """
    plan = session.scalar(select(Plan).where(Plan.public_id == plan_id))
    if plan is None:
        raise NotFound(f"there is no plan {plan_id!r}")
    found = session.execute(
        select(PlanItem, Parcel)
        .join(Parcel, Parcel.id == PlanItem.parcel_id)
        .where(PlanItem.plan_id == plan.id, (Parcel.public_id == parcel) | (Parcel.reference == parcel))
    ).first()
    if found is None:
        raise NotFound(f"plan {plan_id} has no parcel {parcel!r}")
    item, row = found
    solved = load_solved(session, plan)
    explained = explain(solved.problem, solved.solution, item.position, alternatives=alternatives)
    words = _Words(session, solved, row, [explained.taken, *explained.alternatives])
    return {
        "plan_id": plan.public_id,
        "parcel_id": row.public_id,
        "reference": row.reference,
        "currency": plan.currency,
        "reason": item.reason,
        "reason_fact": item.reason_fact,
        "taken": words.way(explained.taken),
        "alternatives": [words.way(way) for way in explained.alternatives],
        "relaxation": words.block(explained.relaxation) if explained.relaxation else None,
    }


def load_solved(session: Session, plan: Plan) -> Solved:
    """The problem, answer and meanings behind a plan; the last few are kept, since none ever changes."""
    with _lock:
        if plan.public_id in _kept:
            _kept.move_to_end(plan.public_id)
            return _kept[plan.public_id]
    kept = session.get_one(RunInput, plan.run_id)
    content = session.scalars(select(Plan.solution).where(Plan.id == plan.id)).one()
    solved = Solved(
        problem_from_bytes(kept.problem), plan_from_bytes(content), Catalogue.from_bytes(kept.catalogue)
    )
    with _lock:
        _kept[plan.public_id] = solved
        while len(_kept) > KEPT_PLANS:
            _kept.popitem(last=False)
    return solved


class _Words:
    """Names of departures, services and places for the ways of one explanation, read in three queries."""

    def __init__(self, session: Session, solved: Solved, parcel: Parcel, ways: Sequence[Way]) -> None:
        self.solved, self.parcel = solved, parcel
        legs = [leg for way in ways if way.option >= 0 for leg in solved.catalogue.legs(way.option)]
        rooms = {way.binding[0] for way in ways if way.binding}
        rooms |= {block.resource for way in ways for block in way.blocked}
        departures = {leg.ref for leg in legs if leg.dated}
        departures |= {int(solved.catalogue.resource_departure[resource]) for resource in rooms}
        self.departures = {
            row.id: row for row in session.scalars(select(Departure).where(Departure.id.in_(departures)))
        }
        services = {leg.service for leg in legs} | {row.service_id for row in self.departures.values()}
        self.services = {
            row.id: row for row in session.scalars(select(Service).where(Service.id.in_(services)))
        }
        codes = {
            str(solved.catalogue.location_code[place])
            for leg in legs
            for place in (leg.origin, leg.destination)
        }
        self.places = {
            row.code: row for row in session.scalars(select(Location).where(Location.code.in_(codes)))
        }

    def way(self, way: Way) -> dict[str, Any]:
        """One way, or leaving the parcel where it is."""
        out = way.option < 0
        catalogue = self.solved.catalogue
        arrives = None if out else instant(catalogue.option_arrives[way.option])
        names = [] if out else self._cost_names(way.option)
        return {
            "left_out": out,
            "disposition": None if out else catalogue.disposition(way.option),
            "legs": [] if out else [self._leg(leg) for leg in catalogue.legs(way.option)],
            "arrives_at": arrives,
            "late_min": self._late(arrives),
            "cost_minor": round(way.cost),
            "components": [
                {"code": name, "amount_minor": round(cost)}
                for name, cost in zip(names, way.by_feature, strict=False)
                if round(cost)
            ],
            "opening_cost_minor": round(way.opening_cost),
            "room_value_minor": round(way.price_cost),
            "extra_cost_minor": round(way.extra_cost),
            "binding": self._room(*way.binding) if way.binding else None,
            "blocked": [self.block(block) for block in way.blocked],
        }

    def _cost_names(self, option: int) -> list[str]:
        """What each part of the cost is for. Tariffs that charge alike are one: it is named by the legs it prices."""
        catalogue = self.solved.catalogue
        legs = catalogue.legs(option)
        of_class = int(np.searchsorted(self.solved.problem.class_ptr, option, side="right")) - 1
        names = []
        for label in catalogue.cost_labels(of_class):
            codes = [self.services[legs[leg].service].code for leg in catalogue.priced_by(option, label)]
            names.append(f"tariff {' + '.join(codes)}" if codes else label)
        return names

    def block(self, block: Block) -> dict[str, Any]:
        """Room that is missing."""
        return self._room(block.resource, block.dimension) | {
            "missing": block.missing,
            "capacity": block.capacity,
        }

    def _late(self, arrives: datetime | None) -> int:
        due = self.parcel.deliver_by
        if arrives is None or due is None or arrives <= due:
            return 0
        return -(-int((arrives - due).total_seconds()) // 60)

    def _leg(self, leg: PlannedLeg) -> dict[str, Any]:
        service = self.services[leg.service]
        departure = self.departures[leg.ref] if leg.dated else None
        origin, destination = (self._place(place) for place in (leg.origin, leg.destination))
        return {
            "mode": leg.mode,
            "service_code": service.code,
            "service_name_en": service.name_en,
            "service_name_zh": service.name_zh,
            "departure_id": departure.public_id if departure else None,
            "departure_number": departure.number if departure else None,
            "from": origin,
            "to": destination,
            "departs_at": instant(leg.departs_min),
            "arrives_at": instant(leg.arrives_min),
        }

    def _place(self, index: int) -> dict[str, str]:
        row = self.places[str(self.solved.catalogue.location_code[index])]
        return {"code": row.code, "name_en": row.name_en, "name_zh": row.name_zh, "time_zone": row.time_zone}

    def _room(self, resource: int, dimension: int) -> dict[str, Any]:
        catalogue = self.solved.catalogue
        departure = self.departures.get(int(catalogue.resource_departure[resource]))
        service = self.services[departure.service_id] if departure else None
        return {
            "kind": str(catalogue.resource_kind[resource]),
            "label": str(catalogue.resource_label[resource]),
            "dimension": str(catalogue.dimensions[dimension]),
            "departure_id": departure.public_id if departure else None,
            "departure_number": departure.number if departure else None,
            "service_code": service.code if service else None,
        }
