"""Returns as lists and pages show them: what there is, how old it is, and how long relief still holds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.actor import Actor
from app.errors import NotFound
from app.models import Location, Party, Return, ReturnItem, ReturnPhoto, Sku, Warehouse
from app.queries.choices import WarehouseChoice
from app.queries.paging import AnySelect, Keyset, Page, instant
from app.usecases.returning.finding import goods_of, visible
from app.usecases.returning.weighing import Choice, choices
from warehouses.relief import NEAR_DAYS, Clock, clock
from warehouses.returns import relief_deadline

NEWEST = Keyset(Return.created_at, Return.id, read=instant, falling=True)
OPEN = ("label_issued", "requested", "in_transit", "received", "graded", "disposition_chosen")


@dataclass(frozen=True, slots=True)
class ReturnFilter:
    """What narrows the returns. `deadline_days`: relief ends within so many days and has not ended yet."""

    status: str | None = None
    warehouse: str | None = None
    exporter: str | None = None
    reference: str | None = None
    grade: str | None = None
    deadline_days: int | None = None
    approval: str | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """A return with its items, and what can be done with each of them (by its number) today."""

    found: Return
    today: date
    photos: tuple[ReturnPhoto, ...]

    @property
    def clock(self) -> Clock:
        """How its first relief deadline stands."""
        return clock(self.found.relief_deadline, self.today)

    def deadline(self, item: ReturnItem) -> date | None:
        """The last day on which an item enters China free of duty."""
        return relief_deadline(goods_of(self.found, item))

    def clock_of(self, item: ReturnItem) -> Clock:
        """How an item's relief deadline stands."""
        return clock(self.deadline(item), self.today)

    def age_days(self, item: ReturnItem) -> int | None:
        """For how many days it has lain where it lies."""
        return None if item.came_on is None else max(0, (self.today - item.came_on).days)

    def choices(self, item: ReturnItem) -> list[Choice]:
        """The seven dispositions of an item that has come, each allowed or refused; none once it is done."""
        if item.status not in ("graded", "chosen"):
            return []
        return choices(self.found, item, self.today)


def list_returns(
    session: Session,
    actor: Actor,
    where: ReturnFilter,
    today: date,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ReturnRow]:
    """Returns an actor may see, the newest first."""
    query = _whole().where(visible(actor), *_conditions(where, today))
    found = session.scalars(NEWEST.slice(query, cursor, limit)).unique().all()
    photos = _photos(session, [one.id for one in found])
    rows = [ReturnRow(one, today, photos.get(one.id, ())) for one in found]
    return NEWEST.page(rows, limit, lambda row: (row.found.created_at.isoformat(), row.found.id))


def get_return(session: Session, actor: Actor, public_id: str, today: date) -> ReturnRow:
    """One return; NotFound, also for another exporter's or another warehouse's."""
    found = session.scalar(
        _whole()
        .where(Return.public_id == public_id, visible(actor))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("there is no such return")
    return ReturnRow(found, today, _photos(session, [found.id]).get(found.id, ()))


def count_open(session: Session, actor: Actor, today: date) -> Mapping[str, int]:
    """How many open returns there are by state, and as `near` how many whose relief ends soon."""
    rows = session.execute(
        select(Return.status, func.count())
        .where(visible(actor), Return.status.in_(OPEN))
        .group_by(Return.status)
    )
    found = {status: int(count) for status, count in rows}
    near = select(func.count(Return.id)).where(
        visible(actor), *_conditions(ReturnFilter(open=True, deadline_days=NEAR_DAYS), today)
    )
    return found | {"near": session.scalar(near) or 0}


def returns_warehouses(session: Session, actor: Actor) -> list[WarehouseChoice]:
    """The warehouses some return the actor may see is at."""
    rows = session.execute(
        select(Location.code, Location.name_en, Location.name_zh)
        .join(Warehouse, Warehouse.location_id == Location.id)
        .join(Return, Return.warehouse_id == Warehouse.id)
        .where(visible(actor))
        .distinct()
        .order_by(Location.code)
    )
    return [WarehouseChoice(*row) for row in rows]


def ends(session: Session) -> list[tuple[str, str, str, str]]:
    """Code, both names and kind of every warehouse that goods which travel may be sent to."""
    rows = session.execute(
        select(Location.code, Location.name_en, Location.name_zh, Location.kind)
        .join(Warehouse, Warehouse.location_id == Location.id)
        .where(Location.kind.in_(("overseas", "returns_centre")))
        .order_by(Location.code)
    )
    return [(code, name_en, name_zh, kind) for code, name_en, name_zh, kind in rows]


def skus_of(session: Session, exporter_id: int, most: int = 500) -> list[Sku]:
    """An exporter's articles, by code."""
    return list(
        session.scalars(select(Sku).where(Sku.owner_id == exporter_id).order_by(Sku.code).limit(most))
    )


def _whole() -> AnySelect:
    return select(Return).options(
        joinedload(Return.exporter),
        joinedload(Return.warehouse).joinedload(Warehouse.location),
        selectinload(Return.items).joinedload(ReturnItem.sku),
        selectinload(Return.items).joinedload(ReturnItem.warehouse).joinedload(Warehouse.location),
        selectinload(Return.items).joinedload(ReturnItem.parcel),
    )


def _conditions(where: ReturnFilter, today: date) -> list[ColumnElement[bool]]:
    named = select(Warehouse.id).join(Location, Location.id == Warehouse.location_id)
    named = named.where(or_(Location.code == where.warehouse, Warehouse.public_id == where.warehouse))
    lies = select(ReturnItem.id).where(ReturnItem.return_id == Return.id, ReturnItem.warehouse_id.in_(named))
    item = select(ReturnItem.id).where(ReturnItem.return_id == Return.id)
    party = select(Party.id).where(or_(Party.reference == where.exporter, Party.public_id == where.exporter))
    last = today + timedelta(days=where.deadline_days or 0)
    wanted: list[tuple[Any, ColumnElement[bool]]] = [
        (where.status, Return.status == where.status),
        (where.warehouse, or_(Return.warehouse_id.in_(named), lies.exists())),
        (where.exporter, Return.exporter_id.in_(party)),
        (where.reference, or_(Return.reference == where.reference, Return.tracking_number == where.reference,
                              Return.public_id == where.reference, Return.original == where.reference)),
        (where.grade, item.where(ReturnItem.grade == where.grade).exists()),
        (where.approval, item.where(ReturnItem.approval == where.approval).exists()),
        (where.deadline_days is not None, Return.relief_deadline.between(today, last)),
        (where.open, Return.status.in_(OPEN)),
    ]  # fmt: skip
    return [condition for given, condition in wanted if given]


def _photos(session: Session, ids: Iterable[int]) -> dict[int, tuple[ReturnPhoto, ...]]:
    found: defaultdict[int, list[ReturnPhoto]] = defaultdict(list)
    rows = session.scalars(
        select(ReturnPhoto)
        .where(ReturnPhoto.return_id.in_(list(ids)))
        .order_by(ReturnPhoto.item_seq, ReturnPhoto.id)
    )
    for photo in rows:
        found[photo.return_id].append(photo)
    return {key: tuple(photos) for key, photos in found.items()}


def undecided(session: Session, actor: Actor) -> tuple[int, int]:
    """How many graded items wait for a decision, and of how many of them a plan proposes something."""
    query = select(ReturnItem.proposal).join(Return, Return.id == ReturnItem.return_id)
    told = session.scalars(query.where(ReturnItem.status == "graded", visible(actor))).all()
    return len(told), sum(bool(one and one.get("options")) for one in told)
