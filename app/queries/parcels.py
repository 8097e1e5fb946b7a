"""The order pool: exports and returns, and what the last plan does with them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, select
from sqlalchemy.orm import Session

from app.db import fetch
from app.errors import NotFound
from app.models import Parcel, Party, PlanItem, PlanItinerary, PlanLeg, Service
from app.queries.paging import (
    MOST_PREPARED,
    AnySelect,
    Keyset,
    Page,
    decode,
    encode,
    instant,
    whole,
    with_times,
    without_times,
)
from app.queries.places import Place, ids_named, places

BY_READY = Keyset(Parcel.ready_at, Parcel.id, read=instant)
BY_DEADLINE = Keyset(Parcel.deliver_by, Parcel.id, read=instant)
"""Of those that have one; the others come after them."""
SORTS = {
    "ready": BY_READY,
    "deadline": BY_DEADLINE,
    "heaviest": Keyset(Parcel.weight_g, Parcel.id, read=whole, falling=True),
    "newest": Keyset(Parcel.id, Parcel.id, read=whole, falling=True),
}
"""The orders that are offered; each has an index, so that every page costs the same."""
WAITING = (Parcel.status == "pending", Parcel.booking_line_id.is_(None))
"""What a run plans: what is booked has its way."""
TIMES: dict[str, Any] = {
    name: bindparam(name, type_=Parcel.ready_at.type)
    for name in ("ready_from", "ready_before", "late_before")
}
SOME = 1_000
"""So many are counted; more are "1,000+"."""


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
    mode: str | None = None
    """The plan that is asked about lets it travel by this."""
    hs: str | None = None
    """The HS code begins with this."""
    customs_mode: str | None = None
    late_before: datetime | None = None
    """At risk: the plan has it arrive late, or has no way for it and it is due before this."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """As conditions on Parcel, Party and PlanItem."""
        equal: list[tuple[Any, Any]] = [
            (Parcel.direction, self.direction),
            (Parcel.goods_class, self.goods_class),
            (Parcel.status, self.status),
            (Parcel.batch_id, self.batch),
            (Parcel.customs_mode, self.customs_mode),
        ]
        found: list[ColumnElement[bool]] = [column == value for column, value in equal if value is not None]
        if self.exporter:
            found.append((Party.reference == self.exporter) | (Party.public_id == self.exporter))
        if self.origin:
            found.append(Parcel.origin_id.in_(ids_named(self.origin)))
        if self.destination:
            found.append(Parcel.destination_id.in_(ids_named(self.destination)))
        if self.ready_from is not None:
            found.append(Parcel.ready_at >= self.ready_from)
        if self.ready_before is not None:
            found.append(Parcel.ready_at < self.ready_before)
        if self.reference:
            found.append(Parcel.reference.startswith(self.reference, autoescape=True))
        if self.hs:
            found.append(Parcel.hs_code.startswith(self.hs, autoescape=True))
        return found + self._of_the_plan()

    @property
    def asks_the_plan(self) -> bool:
        """Whether a condition is on PlanItem: one that `_of_the_plan` gives."""
        return self.unassigned or bool(self.mode) or self.late_before is not None

    def _of_the_plan(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.unassigned:
            found.append(PlanItem.reason.is_not(None))
        if self.mode:
            riding = (
                select(PlanLeg.itinerary_id)
                .join(PlanItinerary, PlanItinerary.id == PlanLeg.itinerary_id)
                .join(Service, Service.id == PlanLeg.service_id)
                .where(PlanItinerary.plan_id == bindparam("plan"), Service.mode == self.mode)
            )
            found.append(PlanItem.itinerary_id.in_(riding))
        if self.late_before is not None:
            waits = PlanItem.itinerary_id.is_(None) & (Parcel.deliver_by < self.late_before)
            found.append((PlanItem.late_min > 0) | (PlanItem.reason == "LATE") | waits)
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
    hs_code: str | None = None
    credit_hold: bool = False
    booked: bool = False
    contents: list[dict[str, Any]] | None = field(default=None, hash=False)
    """Stock it was made of: `quantity` of each lot."""
    itinerary_id: int | None = None
    cost_minor: int | None = None
    """Its own cost in the plan, in the plan's currency."""


COLUMNS = (
    Parcel.id, Parcel.public_id, Parcel.reference, Party.reference.label("exporter_reference"),
    Party.name.label("exporter_name"), Parcel.direction, Parcel.origin_id, Parcel.destination_id,
    Parcel.weight_g, Parcel.length_mm, Parcel.width_mm, Parcel.height_mm, Parcel.volume_cm3,
    Parcel.goods_class, Parcel.value_minor, Parcel.currency, Parcel.ready_at, Parcel.deliver_by,
    Parcel.hard_deadline, Parcel.customs_mode, Parcel.grade, Parcel.status, Parcel.created_at,
    PlanItem.itinerary_id, PlanItem.arrives_at, PlanItem.late_min, PlanItem.reason, PlanItem.reason_fact,
    Parcel.hs_code, Party.credit_hold, Parcel.booking_line_id.is_not(None).label("booked"), PlanItem.cost_minor,
    Parcel.contents,
)  # fmt: skip

IN_PLAN = and_(PlanItem.parcel_id == Parcel.id, PlanItem.plan_id == bindparam("plan"))
OF_EXPORTER = Parcel.exporter_id == bindparam("exporter")

EXPORTERS = (
    select(Party.reference, Party.name)
    .where(exists().where(Parcel.exporter_id == Party.id))
    .order_by(Party.reference)
)


def list_parcels(
    session: Session,
    where: ParcelFilter | None = None,
    *,
    plan_id: int | None = None,
    exporter_id: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
    sort: str = "ready",
) -> Page[ParcelRow]:
    """Parcels in one of `SORTS`; `exporter_id` sees only its own. `plan_id` adds what that plan does with each."""
    rest, times, values = without_times(where or ParcelFilter(), TIMES)
    own = exporter_id is not None
    bound = {"plan": plan_id, "exporter": exporter_id, **values}
    if sort == "deadline":
        page = _by_deadline(session, _asked(rest, times, own=own), cursor, limit, bound)
    else:
        order = SORTS[sort]
        query = _slice(rest, times, sort, limit, own=own, begun=bool(cursor))
        found = fetch(session, query, **bound, **order.place(cursor)).all()
        page = order.page(found, limit, lambda row: (getattr(row, order.key.key), row.id))
    return Page(_rows(session, page.items), page.next_cursor)


def _by_deadline(
    session: Session, query: AnySelect, cursor: str | None, limit: int, bound: dict[str, Any]
) -> Page[Any]:
    """By deliver-by, and then those that have none by id: two walks along one index."""
    found: list[Any] = []
    last_id = None
    if cursor and decode(cursor, lambda value: value)[0] is None:
        last_id = decode(cursor, lambda value: value)[1]
    else:
        due = query.where(Parcel.deliver_by.is_not(None))
        found = list(fetch(session, BY_DEADLINE.slice(due, cursor, limit), **bound))
    if len(found) <= limit:
        rest = query.where(Parcel.deliver_by.is_(None)).order_by(Parcel.id).limit(limit + 1 - len(found))
        found += fetch(session, rest if last_id is None else rest.where(Parcel.id > last_id), **bound)
    kept = found[:limit]
    more = len(found) > limit
    return Page(kept, encode(kept[-1].deliver_by, kept[-1].id) if more else None)


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


@dataclass(frozen=True, slots=True)
class Matching:
    """How many parcels match, as far as they are counted, and what those weigh and measure."""

    parcels: int
    weight_g: int
    volume_cm3: int
    more: bool
    """There are more than these."""


def count_matching(
    session: Session,
    where: ParcelFilter,
    *,
    plan_id: int | None = None,
    exporter_id: int | None = None,
    most: int = SOME,
) -> Matching:
    """Count no more than `most`: a page must not cost more because the pool is long."""
    rest, times, values = without_times(where, TIMES)
    query = _counting(rest, times, most, own=exporter_id is not None)
    number, weight_g, volume_cm3 = fetch(session, query, plan=plan_id, exporter=exporter_id, **values).one()
    return Matching(min(number, most), int(weight_g or 0), int(volume_cm3 or 0), number > most)


def matching_ids(
    session: Session,
    where: ParcelFilter,
    *,
    plan_id: int | None = None,
    exporter_id: int | None = None,
    most: int,
) -> list[int]:
    """The row ids of all that match, no more than `most`."""
    query = _base(own=exporter_id is not None).where(*where.conditions()).with_only_columns(Parcel.id)
    found = fetch(session, query.order_by(Parcel.id).limit(most), plan=plan_id, exporter=exporter_id)
    return [row.id for row in found]


def ids_of(session: Session, public_ids: Sequence[str]) -> list[int]:
    """The row ids of the parcels that are named and there."""
    return list(session.scalars(select(Parcel.id).where(Parcel.public_id.in_(public_ids))))


def waiting_among(session: Session, ids: Sequence[int]) -> list[str]:
    """The public ids of those of the parcels that wait to be planned."""
    query = select(Parcel.public_id).where(Parcel.id.in_(ids), *WAITING)
    return list(session.scalars(query.order_by(Parcel.id)))


def not_waiting(session: Session, public_ids: Sequence[str]) -> list[str]:
    """Those of the public ids that name no parcel that waits to be planned."""
    known = set(session.scalars(select(Parcel.public_id).where(Parcel.public_id.in_(public_ids), *WAITING)))
    return [one for one in public_ids if one not in known]


def exporters(session: Session) -> list[tuple[str, str]]:
    """(reference, name) of every exporter with parcels, by reference."""
    return [(reference, name) for reference, name in fetch(session, EXPORTERS)]


@cache
def _base(*, own: bool) -> AnySelect:
    """Parcels as the plan `:plan` has them; `own`: only those of `:exporter`."""
    query = select(*COLUMNS).join(Party, Party.id == Parcel.exporter_id).outerjoin(PlanItem, IN_PLAN)
    return query.where(OF_EXPORTER) if own else query


@lru_cache(MOST_PREPARED)
def _asked(rest: ParcelFilter, times: tuple[str, ...], *, own: bool) -> AnySelect:
    return _base(own=own).where(*with_times(rest, TIMES, times).conditions())


@lru_cache(MOST_PREPARED)
def _slice(
    rest: ParcelFilter, times: tuple[str, ...], sort: str, limit: int, *, own: bool, begun: bool
) -> AnySelect:
    return SORTS[sort].prepared(_asked(rest, times, own=own), limit, begun=begun)


@lru_cache(MOST_PREPARED)
def _counting(rest: ParcelFilter, times: tuple[str, ...], most: int, *, own: bool) -> AnySelect:
    where = with_times(rest, TIMES, times)
    some = select(Parcel.weight_g, Parcel.volume_cm3).where(*where.conditions())
    # What no filter asks about is not joined: neither adds a parcel or takes one away.
    if where.exporter:
        some = some.join(Party, Party.id == Parcel.exporter_id)
    if where.asks_the_plan:
        some = some.outerjoin(PlanItem, IN_PLAN)
    first = (some.where(OF_EXPORTER) if own else some).limit(most + 1).subquery()
    return select(func.count(), func.sum(first.c.weight_g), func.sum(first.c.volume_cm3))


@cache
def _by_id(*, own: bool) -> AnySelect:
    return _base(own=own).where(Parcel.public_id == bindparam("public_id"))


def _rows(session: Session, found: list[Any]) -> list[ParcelRow]:
    known = places(session, [row.origin_id for row in found] + [row.destination_id for row in found])
    rows = []
    for row in found:
        facts = row._asdict()
        origin, destination = known[facts.pop("origin_id")], known[facts.pop("destination_id")]
        planned = facts["itinerary_id"] is not None
        rows.append(ParcelRow(**facts, origin=origin, destination=destination, planned=planned))
    return rows
