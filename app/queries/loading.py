"""Units that are built: the list, one of them, what is in it, and what was done with it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from app.actor import Actor
from app.errors import NotFound
from app.models import (
    AuditEvent,
    Call,
    Departure,
    HandlingUnit,
    LoadContent,
    LoadUnit,
    Location,
    Parcel,
    ParcelMeasure,
    Party,
    Service,
    Warehouse,
)
from app.queries.paging import AnySelect, Keyset, Page, instant, whole
from app.queries.places import Place, places
from app.usecases.warehousing.access import may_see
from warehouses.numbers import spaced

NEWEST = Keyset(LoadUnit.opened_at, LoadUnit.id, read=instant, falling=True)
LAST_PUT = Keyset(LoadContent.id, LoadContent.id, read=whole, falling=True)
PARENT = aliased(LoadUnit)
BEING_BUILT = ("open", "sealed")


@dataclass(frozen=True, slots=True)
class UnitFilter:
    """What narrows the list; None does not. `place` is a location code, `departure` a public id."""

    place: str | None = None
    departure: str | None = None
    status: str | None = None
    kind: str | None = None
    number: str | None = None
    statuses: tuple[str, ...] = ()
    tops: bool = False
    """Only those that stand in no other."""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit beside what it refers to. `parcels` and `units` are what is directly in it."""

    unit: LoadUnit
    place: Place
    departure_id: str | None
    departure_number: str | None
    service_code: str | None
    mode: str | None
    departs_at: datetime | None
    board: Place | None
    alight: Place | None
    handling_unit: str | None
    parent_id: str | None
    parent_number: str | None
    parcels: int
    units: int

    @property
    def number(self) -> str:
        """Its number for reading."""
        return spaced(self.unit.kind, self.unit.number)

    @property
    def expected_g(self) -> int:
        """What it should weigh: its tare and all that was scanned into it."""
        return self.unit.tare_g + self.unit.net_g


@dataclass(frozen=True, slots=True)
class ContentRow:
    """A parcel or a smaller unit in a unit, as it was counted."""

    id: int
    kind: str
    """`parcel`, or the kind of the smaller unit."""
    public_id: str
    reference: str
    number: str | None
    """Tracking number, or the number of the smaller unit."""
    exporter: str | None
    goods_class: str | None
    returned: bool
    weight_g: int
    volume_cm3: int
    put_by: str
    put_at: datetime
    alert: bool
    """It was measured otherwise than declared, and nobody has decided yet."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done with a unit."""

    action: str
    at: datetime
    by: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


COLUMNS = (
    LoadUnit, Departure.public_id, Departure.number, Departure.departs_at, Service.code, Service.mode,
    HandlingUnit.public_id, PARENT.public_id, PARENT.number,
)  # fmt: skip


def list_units(
    session: Session, actor: Actor, where: UnitFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[UnitRow]:
    """Units the actor may see, those opened last first."""
    query = _visible(actor)
    equal: list[tuple[Any, Any]] = [
        (Location.code, where.place), (Departure.public_id, where.departure), (LoadUnit.status, where.status),
        (LoadUnit.kind, where.kind), (LoadUnit.number, where.number),
    ]  # fmt: skip
    for column, value in equal:
        if value is not None:
            query = query.where(column == value)
    if where.statuses:
        query = query.where(LoadUnit.status.in_(where.statuses))
    if where.tops:
        query = query.where(LoadUnit.parent_id.is_(None))
    found = session.execute(NEWEST.slice(query, cursor, limit)).all()
    rows = _rows(session, found)
    return NEWEST.page(rows, limit, lambda row: (row.unit.opened_at, row.unit.id))


def get_unit(session: Session, actor: Actor, public_id: str) -> UnitRow:
    """One unit; NotFound, also for staff of another place."""
    found = session.execute(_visible(actor).where(LoadUnit.public_id == public_id)).all()
    if not found:
        raise NotFound("there is no such unit")
    return _rows(session, found)[0]


def units_by_id(session: Session, ids: Collection[int]) -> list[UnitRow]:
    """The units with these ids, those opened first first, whoever asks."""
    query = _everyones().where(LoadUnit.id.in_(ids)).order_by(LoadUnit.id)
    return _rows(session, session.execute(query).all())


def list_contents(
    session: Session, unit: LoadUnit, *, cursor: str | None = None, limit: int = 50
) -> Page[ContentRow]:
    """What is in a unit, or what it came with once it was unpacked; what was put in last comes first."""
    child = aliased(LoadUnit)
    query = (
        select(LoadContent, Parcel, Party.reference, child, ParcelMeasure.id)
        .outerjoin(Parcel, Parcel.id == LoadContent.parcel_id)
        .outerjoin(Party, Party.id == Parcel.exporter_id)
        .outerjoin(child, child.id == LoadContent.child_id)
        .outerjoin(
            ParcelMeasure,
            (ParcelMeasure.parcel_id == Parcel.id)
            & ParcelMeasure.latest
            & ParcelMeasure.varies
            & ParcelMeasure.decision.is_(None),
        )
        .where(LoadContent.unit_id == unit.id, counted())
    )
    found = session.execute(LAST_PUT.slice(query, cursor, limit)).all()
    rows = [_content(row, parcel, owner, inner, alert) for row, parcel, owner, inner, alert in found]
    return LAST_PUT.page(rows, limit, lambda row: (row.id, row.id))


def counted() -> Any:  # noqa: ANN401 (a condition)
    """The condition on contents that they are in their unit, or came in it to where it was unpacked."""
    return or_(LoadContent.taken_at.is_(None), LoadContent.way_out == "unpacked")


def history(session: Session, unit: LoadUnit) -> list[Step]:
    """What was done with a unit, the last first."""
    query = select(AuditEvent).where(AuditEvent.subject == unit.public_id).order_by(AuditEvent.id.desc())
    return [
        Step(one.action, one.at, one.actor, one.before or {}, one.after or {})
        for one in session.scalars(query.limit(100))
    ]


def _visible(actor: Actor) -> AnySelect:
    mine = select(Warehouse.location_id).where(may_see(actor))
    query = _everyones()
    return query.where(LoadUnit.location_id.in_(mine)) if actor.role == "warehouse" else query


def _everyones() -> AnySelect:
    return (
        select(*COLUMNS)
        .join(Location, Location.id == LoadUnit.location_id)
        .outerjoin(Departure, Departure.id == LoadUnit.departure_id)
        .outerjoin(Service, Service.id == Departure.service_id)
        .outerjoin(HandlingUnit, HandlingUnit.id == LoadUnit.handling_unit_id)
        .outerjoin(PARENT, PARENT.id == LoadUnit.parent_id)
    )


def _rows(session: Session, found: Sequence[Any]) -> list[UnitRow]:
    units = [row[0] for row in found]
    calls = _calls(session, {unit.departure_id for unit in units if unit.departure_id is not None})
    known = places(session, [*calls.values(), *(unit.location_id for unit in units)])
    counts = _counts(session, [unit.id for unit in units])
    return [
        UnitRow(
            unit, known[unit.location_id], departure, number, service, mode, departs_at,
            known.get(calls.get((unit.departure_id or 0, unit.board_seq), 0)),
            known.get(calls.get((unit.departure_id or 0, unit.alight_seq), 0)),
            planned, parent, parent_number, *counts.get(unit.id, (0, 0)),
        )
        for unit, departure, number, departs_at, service, mode, planned, parent, parent_number in found
    ]  # fmt: skip


def _calls(session: Session, departures: Collection[int]) -> dict[tuple[int, int], int]:
    query = select(Call.departure_id, Call.seq, Call.location_id).where(Call.departure_id.in_(departures))
    return {(departure, seq): place for departure, seq, place in session.execute(query)}


def _counts(session: Session, ids: Collection[int]) -> dict[int, tuple[int, int]]:
    query = (
        select(LoadContent.unit_id, func.count(LoadContent.parcel_id), func.count(LoadContent.child_id))
        .where(LoadContent.unit_id.in_(ids), counted())
        .group_by(LoadContent.unit_id)
    )
    return {unit: (parcels, units) for unit, parcels, units in session.execute(query)}


def _content(
    row: LoadContent, parcel: Parcel | None, owner: str | None, child: LoadUnit | None, alert: int | None
) -> ContentRow:
    common = (row.weight_g, row.volume_cm3, row.put_by, row.put_at)
    if parcel is not None:
        return ContentRow(
            row.id, "parcel", parcel.public_id, parcel.reference, parcel.tracking_number, owner,
            parcel.goods_class, parcel.direction == "return", *common, alert is not None,
        )  # fmt: skip
    if child is None:
        raise LookupError(f"content {row.id} is of nothing")
    return ContentRow(
        row.id, child.kind, child.public_id, spaced(child.kind, child.number), child.number, None, None, False,
        *common, False,
    )  # fmt: skip
