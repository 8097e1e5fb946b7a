"""Build units: open one for a departure, scan parcels and smaller units in and out, give an empty one up."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, NotFound
from app.models import LoadContent, LoadUnit, Parcel
from app.usecases import auditing
from app.usecases.loading import checking
from app.usecases.loading.contents import (
    Chain,
    inside,
    lock_chain,
    must_be_open,
    put_parcel,
    put_unit,
    take_out,
)
from app.usecases.loading.finding import (
    Hand,
    check_same,
    find_parcel,
    refused,
    refused_scan,
    unit_named,
    working_unit,
)
from app.usecases.loading.measuring import latest_of, size_of
from app.usecases.warehousing.refusals import step
from warehouses.loading import LOAD_STEPS, holds

PUT_IN, TAKEN_OUT, ALREADY = "in", "out", "already_in"


@dataclass(frozen=True, slots=True)
class Scanned:
    """What became of a scan: the unit as it is now, what was scanned, and the row that holds it."""

    unit: LoadUnit
    outcome: str
    row: LoadContent
    parcel: Parcel | None = None
    child: LoadUnit | None = None


def scan_in(session: Session, actor: Actor, now: datetime, unit_id: str, hand: Hand) -> Scanned:
    """Put a parcel, or a smaller unit, into a unit. What is in it already stays, and is not counted twice.

    Raises NotFound, Conflict (the unit is closed), BinFull, ScanReused, Invalid naming what stands in the way.
    """
    unit = working_unit(session, actor, unit_id)
    child = unit_named(session, hand.text)
    if child is not None:
        return _put_unit(session, actor, now, unit, child, hand)
    found = find_parcel(session, hand.text)
    chain = lock_chain(session, unit)
    earlier = _same_scan(session, chain, hand, parcel_id=found.id)
    if earlier is not None:
        return Scanned(chain.unit, ALREADY, earlier, parcel=found)
    checking.hold_booking(session, found)
    parcel = find_parcel(session, found.public_id, lock=True)
    if parcel.load_unit_id == chain.unit.id:
        return Scanned(chain.unit, ALREADY, _row(session, chain.unit, parcel_id=parcel.id), parcel=parcel)
    must_be_open(chain)
    checking.check_parcel(session, now, chain, parcel)
    size = size_of(parcel, latest_of(session, [parcel.id]).get(parcel.id))
    row = put_parcel(session, actor, hand.made_at(now), chain, parcel, size, hand.scan_id)
    return Scanned(chain.unit, PUT_IN, row, parcel=parcel)


def _put_unit(
    session: Session, actor: Actor, now: datetime, unit: LoadUnit, child: LoadUnit, hand: Hand
) -> Scanned:
    if child.id == unit.id:
        raise refused_scan("own_number", "that is the number of this unit", "scan what goes into it")
    chain = lock_chain(session, unit, beside=[child])
    earlier = _same_scan(session, chain, hand, child_id=child.id)
    if earlier is not None:
        return Scanned(chain.unit, ALREADY, earlier, child=child)
    if child.parent_id == chain.unit.id:
        return Scanned(chain.unit, ALREADY, _row(session, chain.unit, child_id=child.id), child=child)
    must_be_open(chain)
    finding = holds(chain.unit.kind, child.kind)
    if finding is not None:
        raise refused(finding, child.number)
    checking.check_unit(session, now, chain, child)
    row = put_unit(session, actor, hand.made_at(now), chain, child, hand.scan_id)
    return Scanned(chain.unit, PUT_IN, row, child=child)


def scan_out(session: Session, actor: Actor, now: datetime, unit_id: str, hand: Hand) -> Scanned:
    """Take a parcel or a smaller unit out of an open unit. Raises NotFound, Conflict, ScanReused."""
    unit = working_unit(session, actor, unit_id)
    child = unit_named(session, hand.text)
    chain = lock_chain(session, unit, beside=[child] if child else [])
    parcel = None if child else find_parcel(session, hand.text, lock=True)
    thing = {"child_id": child.id} if child else {"parcel_id": parcel.id if parcel else 0}
    earlier = _same_scan(session, chain, hand, out=True, **thing)
    if earlier is not None:
        return Scanned(chain.unit, TAKEN_OUT, earlier, parcel=parcel, child=child)
    must_be_open(chain)
    row = _row(session, chain.unit, **thing)
    take_out(session, actor, hand.made_at(now), chain, row, hand.scan_id)
    return Scanned(chain.unit, TAKEN_OUT, row, parcel=parcel, child=child)


def cancel_unit(session: Session, actor: Actor, now: datetime, unit_id: str) -> LoadUnit:
    """Give up an open unit nothing is in. Raises NotFound, Conflict."""
    chain = lock_chain(session, working_unit(session, actor, unit_id))
    unit = chain.unit
    after = step(LOAD_STEPS, "cancel", unit.status)
    if inside(session, [unit.id]):
        raise Conflict("something is in it: take it out first")
    if unit.parent_id is not None:
        row = _row(session, chain.units[1], child_id=unit.id)
        outer = Chain(chain.units[1:])
        must_be_open(outer)
        take_out(session, actor, now, outer, row, None)
    unit.status = after
    auditing.record(session, actor, now, "load_unit.cancelled", unit.public_id)
    session.flush()
    return unit


def _row(session: Session, unit: LoadUnit, **thing: int) -> LoadContent:
    query = select(LoadContent).where(LoadContent.unit_id == unit.id, LoadContent.taken_at.is_(None))
    found = session.scalar(query.filter_by(**thing).execution_options(populate_existing=True))
    if found is None:
        raise NotFound(f"that is not in {unit.number}")
    return found


def _same_scan(
    session: Session, chain: Chain, hand: Hand, *, out: bool = False, **thing: int
) -> LoadContent | None:
    """What a scan did before; ScanReused where its id came with something else."""
    if hand.scan_id is None:
        return None
    both = (LoadContent.scan_id == hand.scan_id) | (LoadContent.out_scan_id == hand.scan_id)
    earlier = session.scalar(select(LoadContent).where(both))
    if earlier is not None:
        ((name, value),) = thing.items()
        before = (earlier.unit_id, getattr(earlier, name), earlier.out_scan_id == hand.scan_id)
        check_same(before, (chain.unit.id, value, out), hand.scan_id)
    return earlier
