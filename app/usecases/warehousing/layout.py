"""The places of a warehouse: zones and bins, and the places of the ledger every warehouse has one of."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.models import StockBalance, StockPlace, Warehouse, Zone
from app.usecases import auditing
from app.usecases.warehousing.access import taken_means, works_in
from app.usecases.warehousing.refusals import refusal
from warehouses.bins import bin_codes
from warehouses.errors import WarehouseError
from warehouses.stock import PLACE_KINDS

SINGLE = tuple(kind for kind in PLACE_KINDS if kind != "bin")


@dataclass(frozen=True, slots=True)
class NewBin:
    """A bin as it is asked for; limits in g and cm3, None: not limited."""

    code: str
    walk_seq: int = 0
    max_g: int | None = None
    max_cm3: int | None = None


def places_of(session: Session, warehouse_id: int) -> dict[str, StockPlace]:
    """Kind → the one place of that kind a warehouse has, made now if it is the first time anybody asks."""
    found = {place.kind: place for place in session.scalars(_single(warehouse_id))}
    if len(found) < len(SINGLE):
        # Two who come first at once: the warehouse row lets one of them through.
        session.execute(select(Warehouse.id).where(Warehouse.id == warehouse_id).with_for_update())
        found = {place.kind: place for place in session.scalars(_single(warehouse_id))}
        for kind in SINGLE:
            if kind not in found:
                found[kind] = StockPlace(warehouse_id=warehouse_id, kind=kind, code=kind)
                session.add(found[kind])
        session.flush()
    return found


def add_zone(
    session: Session,
    actor: Actor,
    now: datetime,
    warehouse: Warehouse,
    *,
    code: str,
    name: str = "",
    customs_status: str = "free",
    walk_seq: int = 0,
) -> Zone:
    """Make a zone; Conflict if its code is taken. A bonded zone needs a warehouse that is bonded."""
    works_in(actor, warehouse.id)
    if customs_status == "bonded" and not warehouse.bonded:
        words = "a bonded zone needs a bonded warehouse"
        remedy = "register the warehouse as bonded first"
        place = FieldError("customs_status", "not_bonded", words, remedy, "$.customs_status")
        raise Invalid("the warehouse is not bonded", (place,))
    zone = Zone(
        warehouse_id=warehouse.id, code=code, name=name, customs_status=customs_status, walk_seq=walk_seq
    )
    with taken_means(session, f"there is a zone {code} already"):
        session.add(zone)
    places_of(session, warehouse.id)
    after = {"code": code, "customs_status": customs_status}
    auditing.record(session, actor, now, "zone.added", warehouse.public_id, after=after)
    return zone


def find_zone(session: Session, warehouse_id: int, code: str) -> Zone:
    """A zone of the warehouse; NotFound."""
    found = session.scalar(select(Zone).where(Zone.warehouse_id == warehouse_id, Zone.code == code))
    if found is None:
        raise NotFound(f"there is no zone {code!r} in this warehouse")
    return found


def change_zone(
    session: Session, actor: Actor, now: datetime, zone: Zone, *, name: str, walk_seq: int
) -> None:
    """Call a zone otherwise, and say when it is walked."""
    works_in(actor, zone.warehouse_id)
    before = {"name": zone.name, "walk_seq": zone.walk_seq}
    zone.name, zone.walk_seq = name, walk_seq
    after = {"name": name, "walk_seq": walk_seq}
    auditing.record(session, actor, now, "zone.changed", f"zone:{zone.id}", before=before, after=after)


def remove_zone(session: Session, actor: Actor, now: datetime, zone: Zone) -> None:
    """Take away a zone without bins; Conflict otherwise."""
    works_in(actor, zone.warehouse_id)
    if session.scalar(select(StockPlace.id).where(StockPlace.zone_id == zone.id).limit(1)):
        raise Conflict(f"there are bins in the zone {zone.code}; remove them first")
    session.delete(zone)
    session.flush()
    auditing.record(session, actor, now, "zone.removed", f"zone:{zone.id}", before={"code": zone.code})


def named_bins(
    codes: str, *, max_g: int | None = None, max_cm3: int | None = None, walk_from: int = 1
) -> list[NewBin]:
    """The bins a pattern such as A-01..A-20 names, to be walked in this order; Invalid."""
    try:
        found = bin_codes(codes)
    except WarehouseError as error:
        raise refusal(error, suggestion="write it like A-01..A-20, or A-01 A-02") from error
    return [NewBin(code, walk_from + at, max_g, max_cm3) for at, code in enumerate(found)]


def add_bins(
    session: Session, actor: Actor, now: datetime, zone: Zone, bins: Sequence[NewBin]
) -> list[StockPlace]:
    """Make bins in a zone; Conflict, naming it, where a code is taken in the warehouse."""
    works_in(actor, zone.warehouse_id)
    codes = [one.code for one in bins]
    taken = session.scalars(
        select(StockPlace.code).where(
            StockPlace.warehouse_id == zone.warehouse_id, StockPlace.code.in_(codes)
        )
    ).all()
    twice = [*taken, *(code for code, count in Counter(codes).items() if count > 1)]
    if twice:
        raise Conflict(f"there is a place {twice[0]} already")
    made = [
        StockPlace(
            warehouse_id=zone.warehouse_id,
            zone_id=zone.id,
            kind="bin",
            code=one.code,
            walk_seq=one.walk_seq,
            max_g=one.max_g,
            max_cm3=one.max_cm3,
        )
        for one in bins
    ]
    with taken_means(session, "one of these places is there already"):
        session.add_all(made)
    auditing.record(session, actor, now, "bins.added", f"zone:{zone.id}", after={"bins": codes})
    return made


def last_walk(session: Session, zone: Zone) -> int:
    """Where the last bin of a zone comes on the way; 0 where there is none."""
    return session.scalar(select(func.max(StockPlace.walk_seq)).where(StockPlace.zone_id == zone.id)) or 0


def change_bin(
    session: Session, actor: Actor, now: datetime, place: StockPlace, wanted: Mapping[str, Any]
) -> None:
    """Change `blocked`, `walk_seq`, `max_g` and `max_cm3` of a bin, as far as they are named.

    Conflict where more lies in it than a new limit allows.
    """
    works_in(actor, place.warehouse_id)
    _only_bins(place)
    session.refresh(place, with_for_update={"key_share": True})
    for limit, used, unit in (("max_g", place.used_g, "g"), ("max_cm3", place.used_cm3, "cm3")):
        most = wanted.get(limit)
        if most is not None and most < used:
            raise Conflict(f"{used} {unit} lie in {place.code}, more than {most}; take some out first")
    before = {name: getattr(place, name) for name in wanted}
    for name, value in wanted.items():
        setattr(place, name, value)
    after = dict(wanted)
    auditing.record(session, actor, now, "bin.changed", place.code, before=before, after=after)


def remove_bin(session: Session, actor: Actor, now: datetime, place: StockPlace) -> None:
    """Take away a bin nothing ever lay in; Conflict otherwise: block it then."""
    works_in(actor, place.warehouse_id)
    _only_bins(place)
    if session.scalar(select(StockBalance.lot_id).where(StockBalance.place_id == place.id).limit(1)):
        raise Conflict(f"stock lay in {place.code}, and the ledger keeps its places; block it instead")
    with taken_means(session, f"{place.code} is in use; block it instead"):
        session.delete(place)
    auditing.record(session, actor, now, "bin.removed", place.code)


def find_place(session: Session, warehouse_id: int, code: str) -> StockPlace:
    """A place of the warehouse by the code on its label; NotFound."""
    found = session.scalar(
        select(StockPlace).where(
            StockPlace.warehouse_id == warehouse_id, StockPlace.code == code.strip().upper()
        )
    ) or session.scalar(
        select(StockPlace).where(StockPlace.warehouse_id == warehouse_id, StockPlace.code == code.strip())
    )
    if found is None:
        raise NotFound(f"there is no place {code!r} in this warehouse")
    return found


def _single(warehouse_id: int) -> Select[StockPlace]:
    return select(StockPlace).where(StockPlace.warehouse_id == warehouse_id, StockPlace.kind != "bin")


def _only_bins(place: StockPlace) -> None:
    if place.kind != "bin":
        raise NotFound(f"there is no bin {place.code!r} in this warehouse")
