"""The order pool: exports and returns, and what the last plan does with them."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, select
from sqlalchemy.orm import Session

from app.db import fetch
from app.errors import NotFound
from app.models import Parcel, Party, PlanItem
from app.queries.paging import AnySelect, Keyset, Page, instant
from app.queries.places import Place, ids_named, places

BY_READY = Keyset(Parcel.ready_at, Parcel.id, read=instant)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelFilter:
    """What narrows the pool. Places are codes or UN/LOCODEs, the exporter a reference or public id."""

    direction: str | None = None
    exporter: str | None = None
    origin: str | None = None
    destination: str | None = None
    goods_class: str | None = None
    status: str | None = None
    ready_from: datetime | None = None
    ready_before: datetime | None = None
    reference: str | None = None
    """Begins with this."""
    batch: int | None = None
    unassigned: bool = False
    """Left over by the plan that is asked about."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """As conditions on Parcel, Party and PlanItem."""
        equal: list[tuple[Any, Any]] = [
            (Parcel.direction, self.direction),
            (Parcel.goods_class, self.goods_class),
            (Parcel.status, self.status),
            (Parcel.batch_id, self.batch),
        ]
        found: list[ColumnElement[bool]] = [column == value for column, value in equal if value is not None]
        if self.exporter:
            found.append((Party.reference == self.exporter) | (Party.public_id == self.exporter))
        if self.origin:
            found.append(Parcel.origin_id.in_(ids_named(self.origin)))
        if self.destination:
            found.append(Parcel.destination_id.in_(ids_named(self.destination)))
        if self.ready_from:
            found.append(Parcel.ready_at >= self.ready_from)
        if self.ready_before:
            found.append(Parcel.ready_at < self.ready_before)
        if self.reference:
            found.append(Parcel.reference.startswith(self.reference, autoescape=True))
        if self.unassigned:
            found.append(PlanItem.reason.is_not(None))
        return found


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """One parcel. The plan's part is None where the plan does not know it."""

    id: int
    public_id: str
    reference: str
    exporter_reference: str
    exporter_name: str
    direction: str
    origin: Place
    destination: Place
    weight_g: int
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    volume_cm3: int
    goods_class: str
    value_minor: int
    currency: str
    ready_at: datetime
    deliver_by: datetime | None
    hard_deadline: bool
    customs_mode: str | None
    grade: str | None
    status: str
    created_at: datetime
    planned: bool
    """The plan has a way for it."""
    arrives_at: datetime | None = None
    late_min: int | None = None
    reason: str | None = None
    reason_fact: str | None = None


COLUMNS = (
    Parcel.id, Parcel.public_id, Parcel.reference, Party.reference.label("exporter_reference"),
    Party.name.label("exporter_name"), Parcel.direction, Parcel.origin_id, Parcel.destination_id,
    Parcel.weight_g, Parcel.length_mm, Parcel.width_mm, Parcel.height_mm, Parcel.volume_cm3,
    Parcel.goods_class, Parcel.value_minor, Parcel.currency, Parcel.ready_at, Parcel.deliver_by,
    Parcel.hard_deadline, Parcel.customs_mode, Parcel.grade, Parcel.status, Parcel.created_at,
    PlanItem.itinerary_id, PlanItem.arrives_at, PlanItem.late_min, PlanItem.reason, PlanItem.reason_fact,
)  # fmt: skip


def list_parcels(
    session: Session,
    where: ParcelFilter | None = None,
    *,
    plan_id: int | None = None,
    exporter_id: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ParcelRow]:
    """Parcels by ready time; `exporter_id` sees only its own. `plan_id` adds what that plan does with each."""
    query = _base(own=exporter_id is not None).where(*(where or ParcelFilter()).conditions())
    found = fetch(session, BY_READY.slice(query, cursor, limit), plan=plan_id, exporter=exporter_id).all()
    page = BY_READY.page(found, limit, lambda row: (row.ready_at, row.id))
    return Page(_rows(session, page.items), page.next_cursor)


def get_parcel(
    session: Session, public_id: str, *, plan_id: int | None = None, exporter_id: int | None = None
) -> ParcelRow:
    """One parcel; NotFound, also for somebody else's."""
    query = _by_id(own=exporter_id is not None)
    found = fetch(session, query, plan=plan_id, exporter=exporter_id, public_id=public_id).one_or_none()
    if found is None:
        raise NotFound(f"there is no parcel {public_id!r}")
    return _rows(session, [found])[0]


@dataclass(frozen=True, slots=True)
class PoolCount:
    """How much waits to be planned."""

    parcels: int
    weight_g: int
    volume_cm3: int
    by_direction: dict[str, int] = field(default_factory=dict)


def count_pool(session: Session, *, exporter_id: int | None = None, status: str = "pending") -> PoolCount:
    """Sums over the parcels in one status."""
    query = select(
        Parcel.direction, func.count(), func.sum(Parcel.weight_g), func.sum(Parcel.volume_cm3)
    ).where(Parcel.status == status)
    if exporter_id is not None:
        query = query.where(Parcel.exporter_id == exporter_id)
    rows = session.execute(query.group_by(Parcel.direction)).all()
    return PoolCount(
        parcels=sum(row[1] for row in rows),
        weight_g=sum(int(row[2]) for row in rows),
        volume_cm3=sum(int(row[3]) for row in rows),
        by_direction={row[0]: row[1] for row in rows},
    )


def exporters(session: Session) -> list[tuple[str, str]]:
    """(reference, name) of every exporter with parcels, by reference."""
    having = exists().where(Parcel.exporter_id == Party.id)
    query = select(Party.reference, Party.name).where(having).order_by(Party.reference)
    return [(reference, name) for reference, name in session.execute(query)]


@cache
def _base(*, own: bool) -> AnySelect:
    """Parcels as the plan `:plan` has them; `own`: only those of `:exporter`."""
    in_plan = and_(PlanItem.parcel_id == Parcel.id, PlanItem.plan_id == bindparam("plan"))
    query = select(*COLUMNS).join(Party, Party.id == Parcel.exporter_id).outerjoin(PlanItem, in_plan)
    return query.where(Parcel.exporter_id == bindparam("exporter")) if own else query


@cache
def _by_id(*, own: bool) -> AnySelect:
    return _base(own=own).where(Parcel.public_id == bindparam("public_id"))


def _rows(session: Session, found: list[Any]) -> list[ParcelRow]:
    known = places(session, [row.origin_id for row in found] + [row.destination_id for row in found])
    rows = []
    for row in found:
        facts = row._asdict()
        origin, destination = known[facts.pop("origin_id")], known[facts.pop("destination_id")]
        planned = facts.pop("itinerary_id") is not None
        rows.append(ParcelRow(**facts, origin=origin, destination=destination, planned=planned))
    return rows
