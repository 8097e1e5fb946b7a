"""Names of departures, services, places and units for what an explanation of a plan says in numbers."""

import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Departure, Location, Parcel, Service, UnitType
from app.usecases.plan_figures import Solved
from app.usecases.planning import instant
from routing.catalogue import Catalogue, PlannedLeg
from routing.explain import Block, Explanation, Limit, Relaxation, Way

COUNTED = frozenset({"teu", "slot20", "slot40", "slot45", "uld_position"})


def measure(catalogue: Catalogue, resource: int, dimension: int) -> str:
    """What a dimension of a resource counts: `g`, `cm3`, `parcels`, `teu`, another kind of slot, or `boxes`."""
    name = str(catalogue.dimensions[dimension])
    if name in ("g", "cm3"):
        return name
    if str(catalogue.resource_kind[resource]) == "throughput":
        return "parcels"
    kind = str(catalogue.resource_label[resource]).partition(" of ")[0]
    return kind if kind in COUNTED else "boxes"


class Words:
    """Words for one explanation of one parcel, read in a handful of queries."""

    def __init__(self, session: Session, solved: Solved, parcel: Parcel, explained: Explanation) -> None:
        self.solved, self.parcel = solved, parcel
        catalogue = solved.catalogue
        ways = [explained.taken, *explained.alternatives]
        legs = [leg for way in ways if way.option >= 0 for leg in catalogue.legs(way.option)]
        numbers = {leg.ref for leg in legs if leg.dated}
        numbers |= {int(catalogue.resource_departure[one]) for one in _resources(explained)}
        self.departures = {
            row.id: row for row in session.scalars(select(Departure).where(Departure.id.in_(numbers)))
        }
        services = {leg.service for leg in legs} | {row.service_id for row in self.departures.values()}
        self.services = {
            row.id: row for row in session.scalars(select(Service).where(Service.id.in_(services)))
        }
        codes = {
            str(catalogue.location_code[place]) for leg in legs for place in (leg.origin, leg.destination)
        }
        self.places = {
            row.code: row for row in session.scalars(select(Location).where(Location.code.in_(codes)))
        }
        self.units = self._unit_types(session, explained.relaxation)

    def _unit_types(self, session: Session, relaxation: Relaxation | None) -> dict[str, UnitType]:
        if relaxation is None or relaxation.unit is None:
            return {}
        code = str(self.solved.catalogue.unit_label[relaxation.unit])
        return {row.code: row for row in session.scalars(select(UnitType).where(UnitType.code == code))}

    def way(self, way: Way) -> dict[str, Any]:
        """One way, or leaving the parcel where it is."""
        out = way.option < 0
        catalogue = self.solved.catalogue
        arrives = None if out else instant(catalogue.option_arrives[way.option])
        names = [] if out else self._cost_names(way.option)
        return {
            "option": way.option,
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
            "change_cost_minor": round(way.change_cost),
            "opening_cost_minor": round(way.opening_cost),
            "room_value_minor": round(way.price_cost),
            "extra_cost_minor": round(way.extra_cost),
            "priced_extra_cost_minor": round(way.priced_extra_cost),
            "binding": self._limit(way.binding) if way.binding else None,
            "blocked": [self._block(block) for block in way.blocked],
        }

    def relaxation(self, found: Relaxation) -> dict[str, Any]:
        """The one thing more that would open a cheaper way."""
        unit = None if found.unit is None else str(self.solved.catalogue.unit_label[found.unit])
        known = self.units.get(unit or "")
        return self._room(found.resource, found.dimension) | {
            "change": found.kind,
            "unit_code": unit,
            "unit_name_en": known.name_en if known else unit,
            "unit_name_zh": known.name_zh if known else unit,
            "missing": None if found.kind == "money" else found.missing,
            "capacity": None if found.kind == "money" else found.capacity,
            "cost_minor": round(found.cost),
            "saving_minor": round(-found.extra_cost) if math.isfinite(found.extra_cost) else None,
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

    def _limit(self, limit: Limit) -> dict[str, Any]:
        return self._room(limit.resource, limit.dimension) | {"fill": round(limit.fill, 4)}

    def _block(self, block: Block) -> dict[str, Any]:
        room = self._room(block.resource, block.dimension)
        return room | {"missing": block.missing, "capacity": block.capacity}

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

    def _room(self, resource: int | None, dimension: int | None) -> dict[str, Any]:
        catalogue = self.solved.catalogue
        number = -1 if resource is None else int(catalogue.resource_departure[resource])
        departure = self.departures.get(number)
        service = self.services[departure.service_id] if departure else None
        known = resource is not None
        return {
            "kind": str(catalogue.resource_kind[resource]) if known else None,
            "label": str(catalogue.resource_label[resource]) if known else None,
            "dimension": measure(catalogue, resource, dimension) if known and dimension is not None else None,  # type: ignore[arg-type]
            "departure_id": departure.public_id if departure else None,
            "departure_number": departure.number if departure else None,
            "service_code": service.code if service else None,
        }


def _resources(explained: Explanation) -> Iterator[int]:
    """Every resource an explanation names."""
    for way in (explained.taken, *explained.alternatives):
        if way.binding:
            yield way.binding.resource
        yield from (block.resource for block in way.blocked)
    if explained.relaxation and explained.relaxation.resource is not None:
        yield explained.relaxation.resource
