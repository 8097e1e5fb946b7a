"""Price lists of warehouses, and their statements from the total down to the moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.errors import NotFound
from app.models import (
    Invoice,
    Location,
    Party,
    Sku,
    StockLot,
    StockMove,
    StockPlace,
    StockPosting,
    Warehouse,
    WarehouseCharge,
    WarehouseFee,
    WarehouseStatement,
)
from app.queries.choices import WarehouseChoice
from app.queries.paging import AnySelect, Keyset, Page, day, whole
from trade.billing import BilledLine
from trade.warehouse_fees import MINIMUM, Charge, statement_lines
from warehouses.stock import IN_HOUSE

BY_MONTH = Keyset(WarehouseStatement.month, WarehouseStatement.id, read=day, falling=True)
BY_DAY = Keyset(WarehouseCharge.day, WarehouseCharge.id, read=day)
BY_MOVE = Keyset(StockMove.id, StockMove.id, read=whole)
PRICED_ALIKE = (
    WarehouseCharge.code, WarehouseCharge.basis, WarehouseCharge.band_from, WarehouseCharge.price_micros,
    WarehouseCharge.currency, WarehouseCharge.minimum_minor,
)  # fmt: skip
Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A row of a price list. `own`: agreed with the exporter; `replaced`: published, and an own one goes before it."""

    code: str
    basis: str
    band_from: int
    band_to: int | None
    price_micros: int
    currency: str
    free_days: int
    minimum_minor: int
    divisor: int | None
    effective_from: date
    effective_to: date | None
    source: str
    own: bool
    replaced: bool


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement as lists show it; the total is the sum of its lines, in minor units."""

    id: int
    public_id: str
    warehouse_id: int
    warehouse: str
    """Public id."""
    warehouse_code: str
    name_en: str
    name_zh: str
    exporter: str
    exporter_name: str
    month: date
    currency: str
    total_minor: int
    invoice: str | None
    invoice_number: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """One charge and what it is for: a posting, or a lot that lay there."""

    id: int
    day: date
    code: str
    basis: str
    band_from: int
    quantity: int
    price_micros: int
    currency: str
    age_days: int | None
    posting: str | None
    posting_kind: str | None
    posting_subject: str | None
    posted_at: datetime | None
    lot_id: int
    sku: str | None
    batch: str | None
    condition: str | None
    received_on: date | None
    volume_cm3: int | None
    """Of one piece of the SKU."""

    @property
    def pieces(self) -> int | None:
        """How many pieces lay there."""
        return self.quantity // self.volume_cm3 if self.volume_cm3 else None


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A move behind a charge; `stays` is by how much it changed what lies in the warehouse."""

    id: int
    posting: str
    kind: str
    subject: str | None
    at: datetime
    sku: str
    batch: str
    source: str
    target: str
    quantity: int
    stays: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFilter:
    """What narrows the statements: references or public ids, the first day of a month."""

    exporter: str | None = None
    warehouse: str | None = None
    month: date | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """As conditions on WarehouseStatement, Party, Warehouse and Location."""
        found: list[tuple[Any, ColumnElement[bool]]] = [
            (self.exporter, or_(Party.reference == self.exporter, Party.public_id == self.exporter)),
            (self.warehouse, or_(Warehouse.public_id == self.warehouse, Location.code == self.warehouse)),
            (self.month, WarehouseStatement.month == self.month),
        ]
        return [condition for given, condition in found if given]


def price_list(session: Session, warehouse_id: int, on: date, exporter_id: int | None) -> list[PriceRow]:
    """What a warehouse charges on a day: its published rows, and those agreed with an exporter, if one is given."""
    mine: ColumnElement[bool] = WarehouseFee.exporter_id.is_(None)
    if exporter_id is not None:
        mine = or_(mine, WarehouseFee.exporter_id == exporter_id)
    query = (
        select(WarehouseFee)
        .where(
            WarehouseFee.warehouse_id == warehouse_id,
            mine,
            WarehouseFee.effective_from <= on,
            or_(WarehouseFee.effective_to.is_(None), WarehouseFee.effective_to > on),
        )
        .order_by(WarehouseFee.code, WarehouseFee.exporter_id.is_(None), WarehouseFee.band_from)
    )
    rows = session.scalars(query).all()
    agreed = {row.code for row in rows if row.exporter_id is not None}
    return [
        PriceRow(
            row.code, row.basis, row.band_from, row.band_to, row.price_micros, row.currency, row.free_days,
            row.minimum_minor, row.divisor, row.effective_from, row.effective_to, row.source,
            row.exporter_id is not None, row.exporter_id is None and row.code in agreed,
        )
        for row in rows
    ]  # fmt: skip


def list_statements(
    session: Session,
    where: StatementFilter | None = None,
    *,
    exporter_id: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[StatementRow]:
    """Statements, the latest month first; `exporter_id` sees only its own."""
    query = _statements(exporter_id).where(*(where or StatementFilter()).conditions())
    found = session.execute(BY_MONTH.slice(query, cursor, limit)).all()
    page = BY_MONTH.page(found, limit, lambda row: (row.month, row.id))
    return Page([StatementRow(*row) for row in page.items], page.next_cursor)


def stated_warehouses(session: Session, *, exporter_id: int | None = None) -> list[WarehouseChoice]:
    """The warehouses that have statements; for `exporter_id` of its own."""
    stated = select(WarehouseStatement.id).where(WarehouseStatement.warehouse_id == Warehouse.id)
    if exporter_id is not None:
        stated = stated.where(WarehouseStatement.exporter_id == exporter_id)
    query = (
        select(Location.code, Location.name_en, Location.name_zh)
        .join(Warehouse, Warehouse.location_id == Location.id)
        .where(exists(stated.correlate(Warehouse)))
        .order_by(Location.code)
    )
    return [WarehouseChoice(*row) for row in session.execute(query)]


def get_statement(session: Session, public_id: str, *, exporter_id: int | None = None) -> StatementRow:
    """One statement; NotFound, also for another exporter's."""
    query = _statements(exporter_id).where(WarehouseStatement.public_id == public_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"there is no statement {public_id!r}")
    return StatementRow(*row)


def _statements(exporter_id: int | None) -> AnySelect:
    query: AnySelect = (
        select(
            WarehouseStatement.id, WarehouseStatement.public_id, Warehouse.id.label("warehouse_id"),
            Warehouse.public_id.label("warehouse"), Location.code, Location.name_en, Location.name_zh,
            Party.reference, Party.name, WarehouseStatement.month, WarehouseStatement.currency,
            WarehouseStatement.total_minor, Invoice.public_id.label("invoice"), Invoice.number,
            WarehouseStatement.created_at,
        )
        .join(Warehouse, Warehouse.id == WarehouseStatement.warehouse_id)
        .join(Location, Location.id == Warehouse.location_id)
        .join(Party, Party.id == WarehouseStatement.exporter_id)
        .outerjoin(Invoice, Invoice.id == WarehouseStatement.invoice_id)
    )  # fmt: skip
    return query if exporter_id is None else query.where(WarehouseStatement.exporter_id == exporter_id)


def charged(session: Session, conditions: Conditions) -> list[Charge]:
    """Charges added up as far as they are priced alike, exactly: quantities are summed, nothing is multiplied."""
    query = (
        select(*PRICED_ALIKE, func.sum(WarehouseCharge.quantity)).where(*conditions).group_by(*PRICED_ALIKE)
    )
    return [
        Charge(code, basis, band, int(quantity), micros, currency, minimum)
        for code, basis, band, micros, currency, minimum, quantity in session.execute(query)
    ]


def lines_of(session: Session, statement_id: int) -> tuple[BilledLine, ...]:
    """The lines of a statement, worked out of its charges."""
    return statement_lines(charged(session, [WarehouseCharge.statement_id == statement_id]))


def all_lines(session: Session) -> dict[int, tuple[BilledLine, ...]]:
    """The lines of every statement, by its id."""
    query = (
        select(WarehouseCharge.statement_id, *PRICED_ALIKE, func.sum(WarehouseCharge.quantity))
        .where(WarehouseCharge.statement_id.is_not(None))
        .group_by(WarehouseCharge.statement_id, *PRICED_ALIKE)
    )
    found: dict[int, list[Charge]] = {}
    for key, code, basis, band, micros, currency, minimum, quantity in session.execute(query):
        charge = Charge(code, basis, band, int(quantity), micros, currency, minimum)
        found.setdefault(key or 0, []).append(charge)
    return {key: statement_lines(charges) for key, charges in found.items()}


def list_charges(
    session: Session,
    statement_id: int,
    line: BilledLine | None = None,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ChargeRow]:
    """The charges of a statement, or of one line of it, by day; of a minimum's line those of its fee."""
    query = _charges().where(WarehouseCharge.statement_id == statement_id)
    if line is not None:
        query = query.where(WarehouseCharge.code == line.code)
    if line is not None and line.basis != MINIMUM:
        query = query.where(WarehouseCharge.price_micros == line.unit_price_micros)
    found = session.execute(BY_DAY.slice(query, cursor, limit)).all()
    page = BY_DAY.page(found, limit, lambda row: (row.day, row.id))
    return Page([ChargeRow(*row) for row in page.items], page.next_cursor)


def get_charge(session: Session, statement_id: int, charge_id: int) -> ChargeRow:
    """One charge of a statement; NotFound."""
    query = _charges().where(WarehouseCharge.statement_id == statement_id, WarehouseCharge.id == charge_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"the statement has no charge {charge_id}")
    return ChargeRow(*row)


def _charges() -> AnySelect:
    query: AnySelect = (
        select(
            WarehouseCharge.id, WarehouseCharge.day, WarehouseCharge.code, WarehouseCharge.basis,
            WarehouseCharge.band_from, WarehouseCharge.quantity, WarehouseCharge.price_micros,
            WarehouseCharge.currency, WarehouseCharge.age_days, StockPosting.public_id, StockPosting.kind,
            StockPosting.subject, StockPosting.at, WarehouseCharge.lot_id, Sku.code.label("sku"),
            StockLot.batch, StockLot.condition, StockLot.received_on, Sku.volume_cm3,
        )
        .outerjoin(
            StockPosting,
            and_(StockPosting.public_id == WarehouseCharge.subject, WarehouseCharge.subject != ""),
        )
        .outerjoin(StockLot, StockLot.id == WarehouseCharge.lot_id)
        .outerjoin(Sku, Sku.id == StockLot.sku_id)
    )  # fmt: skip
    return query


def list_moves(
    session: Session,
    statement: StatementRow,
    charge: ChargeRow,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[MoveRow]:
    """The moves behind a charge: of its posting, or, of a lot that lay there, all until the end of that day."""
    source, target = aliased(StockPlace), aliased(StockPlace)
    query: AnySelect = (
        select(
            StockMove.id, StockPosting.public_id, StockPosting.kind, StockPosting.subject, StockPosting.at,
            Sku.code, StockLot.batch, source.code, source.kind, target.code, target.kind, StockMove.quantity,
        )
        .join(StockPosting, StockPosting.id == StockMove.posting_id)
        .join(StockLot, StockLot.id == StockMove.lot_id)
        .join(Sku, Sku.id == StockLot.sku_id)
        .join(source, source.id == StockMove.from_id)
        .join(target, target.id == StockMove.to_id)
        .join(Party, Party.id == StockLot.owner_id)
        .where(StockPosting.warehouse_id == statement.warehouse_id, Party.reference == statement.exporter)
    )  # fmt: skip
    if charge.posting is not None:
        query = query.where(StockPosting.public_id == charge.posting)
    else:
        end = _day_end(session, statement.warehouse_id, charge.day)
        query = query.where(StockMove.lot_id == charge.lot_id, StockPosting.at < end)
    found = session.execute(BY_MOVE.slice(query, cursor, limit)).all()
    page = BY_MOVE.page(found, limit, lambda row: (row.id, row.id))
    return Page([_move(*row) for row in page.items], page.next_cursor)


def _move(
    key: int, posting: str, kind: str, subject: str | None, at: datetime, sku: str, batch: str,
    source: str, source_kind: str, target: str, target_kind: str, quantity: int,
) -> MoveRow:  # fmt: skip
    stays = quantity * ((target_kind in IN_HOUSE) - (source_kind in IN_HOUSE))
    return MoveRow(key, posting, kind, subject, at, sku, batch, source, target, quantity, stays)


def _day_end(session: Session, warehouse_id: int, on: date) -> datetime:
    zone = session.scalars(
        select(Location.time_zone)
        .join(Warehouse, Warehouse.location_id == Location.id)
        .where(Warehouse.id == warehouse_id)
    ).one()
    return datetime.combine(on + timedelta(days=1), time(), ZoneInfo(zone))
