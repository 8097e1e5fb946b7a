"""What is in units: locked from the largest to the smallest by id, counted by conditional UPDATE, never beyond a limit.

Whoever changes what is in a unit changes every larger unit it stands in as well, so all of them are locked first, in
the order of their ids; then the booking, then the parcel, as everywhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import BinFull, Conflict
from app.models import LoadContent, LoadUnit, Parcel
from app.usecases.warehousing.refusals import step
from warehouses.loading import LOAD_STEPS, Room
from warehouses.measuring import Size

DEEPEST = 4
"""A bag on a pallet in a container is three."""
FRESH = {"populate_existing": True}


@dataclass(frozen=True, slots=True)
class Chain:
    """A locked unit and the larger ones it stands in, the unit itself first."""

    units: tuple[LoadUnit, ...]

    @property
    def unit(self) -> LoadUnit:
        """The unit itself."""
        return self.units[0]


def lock_chain(session: Session, unit: LoadUnit, *, beside: Sequence[LoadUnit] = ()) -> Chain:
    """Lock a unit, those it stands in, and others `beside` them; Conflict where one was moved meanwhile."""
    ids = _upwards(session, unit.id)
    lock_units(session, {*ids, *(one.id for one in beside)})
    if _upwards(session, unit.id) != ids:
        raise Conflict(f"{unit.number} was just moved; scan again")
    known = {one.id: one for one in session.scalars(select(LoadUnit).where(LoadUnit.id.in_(ids)))}
    return Chain(tuple(known[one] for one in ids))


def lock_units(session: Session, ids: Iterable[int]) -> list[LoadUnit]:
    """Units by id, locked and read anew."""
    query = select(LoadUnit).where(LoadUnit.id.in_(set(ids))).order_by(LoadUnit.id)
    return list(
        session.scalars(query.with_for_update(key_share=True, of=LoadUnit).execution_options(**FRESH))
    )


def _upwards(session: Session, unit_id: int) -> list[int]:
    found = [unit_id]
    while len(found) < DEEPEST:
        parent = session.scalar(select(LoadUnit.parent_id).where(LoadUnit.id == found[-1]))
        if parent is None or parent in found:
            return found
        found.append(parent)
    return found


def must_be_open(chain: Chain) -> None:
    """Conflict where the unit, or one it stands in, is closed."""
    for one in chain.units:
        if one.status != "open" and one is not chain.unit:
            raise Conflict(f"it stands in {one.number}, which is {one.status}; unseal that first")
    step(LOAD_STEPS, "fill", chain.unit.status)


def put_parcel(
    session: Session,
    actor: Actor,
    at: datetime,
    chain: Chain,
    parcel: Parcel,
    size: Size,
    scan_id: str | None,
) -> LoadContent:
    """Count a parcel into a locked unit. BinFull where a limit would be passed, Conflict where it is elsewhere."""
    grow(session, chain, size)
    taken = session.execute(
        update(Parcel)
        .where(Parcel.id == parcel.id, Parcel.load_unit_id.is_(None))
        .values(load_unit_id=chain.unit.id)
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        raise Conflict(f"parcel {parcel.reference} was put into another unit at this moment")
    return _add(session, actor, at, chain.unit, size, scan_id, parcel_id=parcel.id)


def put_unit(
    session: Session, actor: Actor, at: datetime, chain: Chain, child: LoadUnit, scan_id: str | None
) -> LoadContent:
    """Count a locked smaller unit into a locked unit, with its tare. BinFull where a limit would be passed."""
    size = Size(child.tare_g + child.net_g, child.net_cm3)
    grow(session, chain, size)
    child.parent_id = chain.unit.id
    return _add(session, actor, at, chain.unit, size, scan_id, child_id=child.id)


def take_out(
    session: Session, actor: Actor, at: datetime, chain: Chain, row: LoadContent, scan_id: str | None
) -> None:
    """Count something out of a locked unit; the row stays and says when."""
    grow(session, chain, Size(-row.weight_g, -row.volume_cm3))
    close(session, [row], actor, at, "out", scan_id)


def close(
    session: Session,
    rows: Sequence[LoadContent],
    actor: Actor,
    at: datetime,
    way_out: str,
    scan_id: str | None = None,
) -> None:
    """Say of rows that what they hold left their unit; parcels and units are free again."""
    for row in rows:
        row.taken_by, row.taken_at, row.way_out, row.out_scan_id = actor.reference, at, way_out, scan_id
    parcels = [row.parcel_id for row in rows if row.parcel_id is not None]
    children = [row.child_id for row in rows if row.child_id is not None]
    session.execute(update(Parcel).where(Parcel.id.in_(parcels)).values(load_unit_id=None))
    session.execute(update(LoadUnit).where(LoadUnit.id.in_(children)).values(parent_id=None))
    session.flush()


def grow(session: Session, chain: Chain, size: Size) -> None:
    """Add so much to a locked unit and all it stands in, each within its limits; BinFull names the one that is full."""
    more_g, more_cm3 = size.weight_g, size.volume_cm3
    for one in chain.units:
        fits = or_(LoadUnit.max_g.is_(None), LoadUnit.net_g + more_g <= LoadUnit.max_g) & or_(
            LoadUnit.max_cm3.is_(None), LoadUnit.net_cm3 + more_cm3 <= LoadUnit.max_cm3
        )
        done = session.execute(
            update(LoadUnit)
            .where(LoadUnit.id == one.id, fits, LoadUnit.net_g + more_g >= 0)
            .values(net_g=LoadUnit.net_g + more_g, net_cm3=LoadUnit.net_cm3 + more_cm3)
            .execution_options(synchronize_session=False)
        )
        session.refresh(one, ["net_g", "net_cm3"])
        if not done.rowcount:  # type: ignore[attr-defined]
            full = Room(one.net_g, one.net_cm3, one.max_g, one.max_cm3).full(more_g, more_cm3)
            detail = f": {full.detail}; {full.remedy}" if full else ""
            raise BinFull(f"it does not fit into {one.number}{detail}", place=one.number)
        if one.parent_id is not None:
            session.execute(
                update(LoadContent)
                .where(LoadContent.child_id == one.id, LoadContent.taken_at.is_(None))
                .values(weight_g=LoadContent.weight_g + more_g, volume_cm3=LoadContent.volume_cm3 + more_cm3)
            )


def inside(session: Session, unit_ids: Iterable[int]) -> list[LoadContent]:
    """What is in units now, in the order it was put in."""
    query = select(LoadContent).where(LoadContent.unit_id.in_(set(unit_ids)), LoadContent.taken_at.is_(None))
    return list(session.scalars(query.order_by(LoadContent.id).execution_options(**FRESH)))


def classes_inside(session: Session, unit: LoadUnit) -> set[str]:
    """The goods classes of all parcels in a unit and in the smaller units in it."""
    inside_it = Parcel.load_unit_id.in_(family_of(session, unit.id))
    return set(session.scalars(select(Parcel.goods_class).where(inside_it).distinct()))


def family_of(session: Session, unit_id: int) -> list[int]:
    """Ids of a unit and of all smaller ones that stand in it, level by level."""
    ids, level = [unit_id], [unit_id]
    while level:
        children = select(LoadContent.child_id).where(
            LoadContent.unit_id.in_(level), LoadContent.child_id.is_not(None), LoadContent.taken_at.is_(None)
        )
        level = [one for one in session.scalars(children) if one is not None and one not in ids]
        ids += level
    return ids


def _add(
    session: Session,
    actor: Actor,
    at: datetime,
    unit: LoadUnit,
    size: Size,
    scan_id: str | None,
    **thing: int,
) -> LoadContent:
    row = LoadContent(
        unit_id=unit.id, weight_g=size.weight_g, volume_cm3=size.volume_cm3, scan_id=scan_id,
        put_by=actor.reference, put_at=at, **thing,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row
