"""New warehouses of scenarios: which known ones one may stand beside, its days, and who goes through it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from app.models import Location, PlanItem, Warehouse
from app.usecases.network_facts import EPOCH, minutes
from app.usecases.scenarios import Patch, invalid
from routing.catalogue import Catalogue
from routing.new_warehouses import NewWarehouse
from routing.plan import Plan as Solution
from routing.scenarios import Known, Scenario

MOST_PARCELS = 10**7
DAY = timedelta(days=1)
BATCH = 500


def warehouses_of(session: Session, snapshot: Known) -> list[str]:
    """Codes of the warehouses to which some way of a problem leads, in order."""
    query = select(Location.code).join(Warehouse, Warehouse.location_id == Location.id)
    return sorted(snapshot.places.intersection(session.scalars(query)))


def check_new_warehouse(session: Session, snapshot: Known, field: str, patch: Patch) -> None:
    """Invalid, at the member that cannot be meant."""
    if not 1 <= (patch.daily_parcels or 0) <= MOST_PARCELS:
        raise invalid(f"{field}.daily_parcels", "out_of_range", f"from 1 to {MOST_PARCELS} parcels a day")
    where = f"{field}.location"
    if _warehouse(session, patch.location) is None:
        raise invalid(
            where, "unknown_warehouse", "there is no such warehouse; name one that is like the new one"
        )
    if patch.location not in snapshot.places:
        raise invalid(where, "not_in_snapshot", "no way of the plan's goods leads there")
    if patch.location not in snapshot.intakes and (patch.percent or 0) >= 0:
        text = "it has room for all goods of the plan, so another beside it is of use only if it is cheaper"
        raise invalid(where, "never_short", text)


def new_warehouses(
    session: Session, catalogue: Catalogue, asked: Iterable[Patch]
) -> tuple[NewWarehouse, ...]:
    """What was asked and checked, as the optimizer takes it."""
    known = [(patch, _warehouse(session, patch.location)) for patch in asked]
    return tuple(
        NewWarehouse(
            str(patch.location),
            patch.daily_parcels or 0,
            1 + (patch.percent or 0) / 100,
            np.array([minutes(begins) for begins in _days(like, catalogue)], np.int64),
        )
        for patch, like in known
        if like is not None
    )


def _warehouse(session: Session, code: str | None) -> Warehouse | None:
    query = select(Warehouse).join(Warehouse.location).options(contains_eager(Warehouse.location))
    return session.scalar(query.where(Location.code == code))


def _days(warehouse: Warehouse, catalogue: Catalogue) -> Iterator[datetime]:
    """When the days of a warehouse begin: at its cut-off, local time, from the first goods to the last."""
    if not len(catalogue.option_ready):
        return
    zone = ZoneInfo(warehouse.location.time_zone)
    hour, minute = map(int, warehouse.cutoff_local.split(":"))
    first, last = (
        EPOCH + timedelta(minutes=int(at))
        for at in (catalogue.option_ready.min(), catalogue.option_arrives.max())
    )
    day = first.astimezone(zone).date()
    begins = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone) - DAY
    while begins <= last:
        yield begins
        begins += DAY  # wall clock: a day of 23 or 25 hours twice a year


def new_ways(session: Session, plan_id: int, scenario: Scenario, found: Solution) -> dict[str, Any]:
    """What a scenario's result tells of new warehouses: parcels by the known one, and itineraries of the stored plan.

    A plan's legs name places that exist, so they end at the known warehouse; these itineraries end beside it.
    """
    taken, positions = found.item_option, np.zeros(0, np.int64)
    parcels: dict[str, int] = {}
    for code, through in scenario.by_new.items():
        items = np.flatnonzero((taken >= 0) & through[taken]) if len(through) else positions[:0]
        parcels[code] = len(items)
        _, first = np.unique(taken[items], return_index=True)
        positions = np.union1d(positions, items[first])
    some, itineraries = positions.tolist(), set[int]()
    for begin in range(0, len(some), BATCH):
        query = select(PlanItem.itinerary_id).where(
            PlanItem.plan_id == plan_id, PlanItem.position.in_(some[begin : begin + BATCH])
        )
        itineraries.update(one for one in session.scalars(query) if one is not None)
    return {"new_warehouses": parcels, "new_itineraries": sorted(itineraries)}
