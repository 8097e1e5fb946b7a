"""Which warehouse takes a return in: the nearest in the sender's country that offers returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geopy.distance import great_circle
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.models import Location, Warehouse
from app.usecases.returning.finding import refused

SERVICE = "returns"
KINDS = ("overseas", "returns_centre")
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Receiving:
    """A warehouse, and why it was chosen: as `Return.chosen_because` keeps it."""

    warehouse: Warehouse
    because: dict[str, Any]


def choose_warehouse(
    session: Session, sender: Mapping[str, Any], goods: Sequence[str], wanted: str | None, point: Point | None
) -> Receiving:
    """The warehouse `wanted` (public id or code), or the nearest that takes returns of these goods classes.

    `point` is where the goods were delivered, used where the sender's place is not known more exactly. Invalid:
    `warehouse_unknown`, `takes_no_returns`, `no_returns_warehouse`.
    """
    known = [one for one in _warehouses(session) if SERVICE in one.services]
    if wanted is not None:
        return _asked_for(session, known, wanted)
    country = sender["country_code"]
    fit = [one for one in known if one.location.country == country and _takes(one, goods)]
    if not fit:
        raise refused(
            "sender.country_code", "no_returns_warehouse",
            f"no warehouse in {country} takes returns of {', '.join(sorted(set(goods)))}",
            "name the warehouse it is to be sent to as `warehouse`",
        )  # fmt: skip
    if len(fit) == 1:
        return Receiving(
            fit[0], {"rule": "only_one", "distance_km": _km(fit[0], _point(session, sender, point))}
        )
    here = _point(session, sender, point)
    if here is None:
        first = min(fit, key=lambda one: one.location.code)
        return Receiving(first, {"rule": "country", "distance_km": None})
    nearest, second = sorted(fit, key=lambda one: (_km(one, here), one.location.code))[:2]
    further = {"code": second.location.code, "distance_km": _km(second, here)}
    return Receiving(nearest, {"rule": "nearest", "distance_km": _km(nearest, here), "next": further})


def _asked_for(session: Session, known: Sequence[Warehouse], wanted: str) -> Receiving:
    for one in known:
        if wanted in (one.public_id, one.location.code):
            return Receiving(one, {"rule": "asked_for", "distance_km": None})
    there = session.scalar(
        select(Warehouse.id)
        .join(Location, Location.id == Warehouse.location_id)
        .where((Warehouse.public_id == wanted) | (Location.code == wanted))
    )
    code, what = ("takes_no_returns", "takes no returns") if there else ("warehouse_unknown", "is not known")
    raise refused("warehouse", code, f"{wanted} {what}", "leave it out: the nearest is chosen")


def _warehouses(session: Session) -> list[Warehouse]:
    query = select(Warehouse).join(Location, Location.id == Warehouse.location_id)
    found = query.where(Location.kind.in_(KINDS)).options(joinedload(Warehouse.location))
    return list(session.scalars(found.order_by(Warehouse.id)))


def _takes(warehouse: Warehouse, goods: Sequence[str]) -> bool:
    return not warehouse.accepts or set(goods) <= set(warehouse.accepts)


def _point(session: Session, sender: Mapping[str, Any], delivered: Point | None) -> Point | None:
    """Where the sender is: as given, else at a place of ours in that city, else where the goods were delivered."""
    if sender.get("lat") is not None and sender.get("lon") is not None:
        return float(sender["lat"]), float(sender["lon"])
    city = str(sender.get("city") or "").strip().casefold()
    if city:
        there = session.execute(
            select(Location.name_en, Location.name_zh, Location.latitude, Location.longitude)
            .where(Location.country == sender["country_code"])
            .order_by(Location.code)
        )
        for name_en, name_zh, latitude, longitude in there:
            if city in name_en.casefold() or city in name_zh.casefold():
                return latitude, longitude
    return delivered


def _km(warehouse: Warehouse, point: Point | None) -> int | None:
    if point is None:
        return None
    return round(great_circle(point, (warehouse.location.latitude, warehouse.location.longitude)).km)
