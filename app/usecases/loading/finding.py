"""Find what is meant: places, parcels and units by what a scanner reads, as far as the actor may know of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import FieldError, Forbidden, Invalid, NotFound, ScanReused
from app.models import LoadUnit, Parcel, Warehouse
from app.usecases.warehousing.access import WORKERS, find_warehouse, may_see, works_in
from trade.numbering import compact as compact_tracking
from warehouses.loading import Finding
from warehouses.numbers import compact

OVER = LoadUnit.status.in_(("unpacked", "cancelled"))


@dataclass(frozen=True, slots=True)
class Hand:
    """One scan: what was read, the id the device gave it so that it counts once, and when it was made."""

    text: str
    scan_id: str | None = None
    at: datetime | None = None

    def made_at(self, now: datetime) -> datetime:
        """When it was made; a clock that is ahead has no say."""
        return now if self.at is None else min(self.at, now)


def work_place(session: Session, actor: Actor, reference: str) -> Warehouse:
    """The warehouse somebody works at, with its location; NotFound for staff of another, Forbidden for others."""
    found = find_warehouse(session, actor, reference)
    works_in(actor, found.id)
    return found


def own_place(session: Session, actor: Actor) -> int | None:
    """The location that staff of one place is limited to; None for those who see all."""
    if actor.role != "warehouse":
        return None
    return session.scalar(select(Warehouse.location_id).where(Warehouse.id == (actor.warehouse_id or 0))) or 0


def find_parcel(session: Session, text: str, *, lock: bool = False) -> Parcel:
    """A parcel by tracking number, id, or the exporter's own reference.

    NotFound; Invalid `ambiguous` where two exporters use the reference.
    """
    query = select(Parcel)
    if lock:
        query = query.with_for_update(key_share=True, of=Parcel).execution_options(populate_existing=True)
    plain = text.strip()
    known = (Parcel.tracking_number == compact_tracking(plain)) | (Parcel.public_id == plain)
    found = session.scalar(query.where(known))
    if found is not None:
        return found
    same = session.scalars(query.where(Parcel.reference == plain).order_by(Parcel.id).limit(2)).all()
    if len(same) > 1:
        raise refused_scan("ambiguous", f"two exporters have a parcel {plain}", "scan its tracking number")
    if not same:
        raise NotFound(f"there is no parcel {plain!r}")
    return same[0]


def find_unit(session: Session, actor: Actor, public_id: str) -> LoadUnit:
    """A unit by its id; NotFound, also for staff of another place."""
    mine = select(Warehouse.location_id).where(may_see(actor))
    query = select(LoadUnit).where(LoadUnit.public_id == public_id, LoadUnit.location_id.in_(mine))
    found = session.scalar(query)
    if found is None:
        raise NotFound("there is no such unit")
    return found


def working_unit(session: Session, actor: Actor, public_id: str) -> LoadUnit:
    """A unit at the place somebody works at; NotFound for staff of another, Forbidden for others."""
    if not actor.may(*WORKERS):
        raise Forbidden("only those who work at the place do this")
    return find_unit(session, actor, public_id)


def unit_named(session: Session, text: str) -> LoadUnit | None:
    """The unit with this number or id, wherever it is; None if there is none."""
    plain = text.strip()
    named = (LoadUnit.number == compact(plain)) | (LoadUnit.public_id == plain)
    # Of a container that was here before, the unit that it is now.
    return session.scalar(select(LoadUnit).where(named).order_by(OVER, LoadUnit.id.desc()).limit(1))


def refused_scan(code: str, message: str, remedy: str, field: str = "scan") -> Invalid:
    """What was scanned cannot be taken, why, and what to do."""
    return Invalid(message, (FieldError(field, code, message, remedy, f"$.{field}"),))


def refused(finding: Finding, what: str = "", field: str = "scan") -> Invalid:
    """What a rule found, as an error."""
    message = f"{what}: {finding.detail}" if what else finding.detail
    return refused_scan(finding.code, message, finding.remedy, field)


def check_same(earlier: Any, wanted: Any, scan_id: str) -> None:  # noqa: ANN401 (whatever is compared)
    """ScanReused unless a scan id came with the same thing before."""
    if earlier != wanted:
        raise ScanReused(f"the scan {scan_id!r} was used for something else")
