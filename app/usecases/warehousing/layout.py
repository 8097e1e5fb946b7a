"""The places of a warehouse: zones and bins, and the places of the ledger every warehouse has one of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.models import StockBalance, StockPlace, Warehouse, Zone
from app.usecases import auditing
from app.usecases.warehousing.access import works_in
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
        raise Invalid(
            "the warehouse is not bonded",
            (
                FieldError(
                    "customs_status",
                    "not_bonded",
                    "a bonded zone needs a bonded warehouse",
                    "register the warehouse as bonded first",
                    "$.customs_status",
                ),
            ),
        )
    if session.scalar(select(Zone.id).where(Zone.warehouse_id == warehouse.id, Zone.code == code)):
        raise Conflict(f"there is a zone {code} already")
    zone = Zone(
        warehouse_id=warehouse.id, code=code, name=name, customs_status=customs_status, walk_seq=walk_seq
    )
    session.add(zone)
    session.flush()
    places_of(session, warehouse.id)
    after = {"code": code, "customs_status": customs_status}
    auditing.record(session, actor, now, "zone.added", warehouse.public_id, after=after)
    return zone


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
    twice = [*taken, *(code for code in codes if codes.count(code) > 1)]
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
    session.add_all(made)
    session.flush()
    auditing.record(session, actor, now, "bins.added", f"zone:{zone.id}", after={"bins": codes})
    return made


def set_bin(
    session: Session, actor: Actor, now: datetime, place: StockPlace, *, blocked: bool, walk_seq: int
) -> None:
    """Block a bin or open it again, and say when it is walked past."""
    works_in(actor, place.warehouse_id)
    before = {"blocked": place.blocked, "walk_seq": place.walk_seq}
    place.blocked, place.walk_seq = blocked, walk_seq
    after = {"blocked": blocked, "walk_seq": walk_seq}
    auditing.record(session, actor, now, "bin.changed", place.code, before=before, after=after)


def remove_bin(session: Session, actor: Actor, now: datetime, place: StockPlace) -> None:
    """Take away a bin nothing ever lay in; Conflict otherwise: block it then."""
    works_in(actor, place.warehouse_id)
    if session.scalar(select(StockBalance.lot_id).where(StockBalance.place_id == place.id).limit(1)):
        raise Conflict("stock lay there, and the ledger keeps its places; block it instead")
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
