"""What warehouses charge: their price lists, and the statements of exporters down to the moves."""

import io
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.actor import ROLES
from app.api.base import Download, Endpoints, answer, download
from app.api.batches import CSV
from app.api.wire import money, page, utc
from app.auth import actor, allow
from app.clock import now
from app.errors import FieldError, Forbidden, Invalid, NotFound
from app.exchange.csv_file import write_csv
from app.http import reading
from app.models import Party, Warehouse
from app.queries import warehouse_fees as queries
from app.queries.billing import find_exporter
from app.queries.warehouse_fees import ChargeRow, MoveRow, PriceRow, StatementFilter, StatementRow
from app.schemas.warehouse_fees import (
    ChargedMovePage,
    ChargePage,
    ChargesQuery,
    FeePage,
    FeeQuery,
    MovesQuery,
    NewStatements,
    StatementsQuery,
    WarehouseStatementPage,
    WarehouseStatementShape,
)
from app.usecases.warehousing.access import find_warehouse
from app.usecases.warehousing.statements import issue_statements
from trade.billing import BilledLine, month_days, written_price, written_quantity
from trade.money import MICRO_PLACES
from trade.numbers import format_scaled
from trade.warehouse_fees import billed_line, exact_amount

blueprint = Endpoints(
    "Warehouse fees", __name__, "Price lists of warehouses and their statements", area="billing"
)
READERS = ("operator", "finance", "exporter")
STATEMENT = "/warehouse-statements/<id('wst'):wst_id>"
LINE_COLUMNS = ("line", "code", "basis", "quantity", "unit_price", "amount", "currency")


def _refuse_practice() -> None:
    if actor().test_mode:
        raise Forbidden("practice is not billed; use a key that is not of test mode")


def _own() -> int | None:
    _refuse_practice()
    return actor().exporter_id


@blueprint.reading("/warehouses/<id('whs'):whs_id>/fees", FeePage, query=FeeQuery, refuses=(403,))
@allow(*ROLES, scope="network:read")
def list_warehouse_fees(query: dict[str, Any], whs_id: str) -> Response:
    """Read the price list of a warehouse on a day: its published prices, and those agreed with an exporter.

    An exporter sees its own; staff names whose. Where there is an agreed price for a fee, it alone counts.
    """
    with reading() as session:
        house = session.query(Warehouse).filter_by(public_id=whs_id).one_or_none()
        if house is None:
            raise NotFound(f"there is no warehouse {whs_id!r}")
        exporter_id = _whose(session, query["exporter"], house)
        found = queries.price_list(session, house.id, query["on"] or now().date(), exporter_id)
    return answer({"items": [_fee(row) for row in found], "next_cursor": None})


def _whose(session: Session, reference: str | None, house: Warehouse) -> int | None:
    who = actor()
    if reference is None:
        return who.exporter_id
    elsewhere = who.role == "warehouse" and who.warehouse_id != house.id
    if not who.may("operator", "finance", "warehouse", "exporter") or elsewhere:
        raise Forbidden("what was agreed with an exporter is between the two")
    return _exporter(session, reference, who.exporter_id).id


@blueprint.reading("/warehouse-statements", WarehouseStatementPage, query=StatementsQuery, refuses=(400,))
@allow(*READERS)
def list_warehouse_statements(query: dict[str, Any]) -> Response:
    """List the statements of warehouses, the latest month first; an exporter sees its own."""
    own = _own()
    where = StatementFilter(
        exporter=query["exporter"],
        warehouse=query["warehouse"],
        month=month_days(query["month"])[0] if query["month"] else None,
    )
    with reading() as session:
        found = queries.list_statements(
            session, where, exporter_id=own, cursor=query["cursor"], limit=query["limit"]
        )
    return answer(page(found, [statement_json(row) for row in found.items]))


@blueprint.changing("/warehouse-statements", WarehouseStatementPage, status=200, body=NewStatements)
@allow("operator", "finance")
def issue_warehouse_statements(session: Session, sent: dict[str, Any]) -> Response:
    """State and invoice a month that is over, without waiting for the night; answers with its statements.

    Asked again, nothing is issued. 409 while a day of the month is not over or not charged yet.
    """
    _refuse_practice()
    first, _ = month_days(sent["month"])
    house = _warehouse(session, sent["warehouse"])
    exporter = _exporter(session, sent["exporter"], None) if sent["exporter"] else None
    issue_statements(session, actor(), now(), house, first, exporter)
    where = StatementFilter(warehouse=sent["warehouse"], month=first, exporter=sent["exporter"])
    found = queries.list_statements(session, where, limit=100)
    return answer(page(found, [statement_json(row) for row in found.items]))


@blueprint.reading(STATEMENT, WarehouseStatementShape)
@allow(*READERS)
def read_warehouse_statement(wst_id: str) -> Response:
    """Read a statement with its lines."""
    own = _own()
    with reading() as session:
        row = queries.get_statement(session, wst_id, exporter_id=own)
        lines = queries.lines_of(session, row.id)
    return answer(statement_json(row) | {"lines": lines_json(lines)})


@blueprint.reading(f"{STATEMENT}/lines.csv", Download(CSV, "Its lines, one a row."))
@allow(*READERS)
def download_warehouse_statement(wst_id: str) -> Response:
    """Download the lines of a statement as CSV."""
    own = _own()
    with reading() as session:
        row = queries.get_statement(session, wst_id, exporter_id=own)
        content = lines_csv(row, queries.lines_of(session, row.id))
    return download(content, CSV, f"{row.public_id}.csv")


@blueprint.reading(f"{STATEMENT}/charges", ChargePage, query=ChargesQuery, refuses=(400,))
@allow(*READERS)
def list_statement_charges(query: dict[str, Any], wst_id: str) -> Response:
    """List the charges of a statement, or of one of its lines: each names the posting or the lot it is for."""
    own = _own()
    with reading() as session:
        row = queries.get_statement(session, wst_id, exporter_id=own)
        line = None
        if query["line"] is not None:
            lines = queries.lines_of(session, row.id)
            if query["line"] > len(lines):
                raise NotFound(f"the statement has no line {query['line']}")
            line = lines[query["line"] - 1]
        found = queries.list_charges(session, row.id, line, cursor=query["cursor"], limit=query["limit"])
    return answer(page(found, [_charge(one) for one in found.items]))


@blueprint.reading(f"{STATEMENT}/moves", ChargedMovePage, query=MovesQuery, refuses=(400,))
@allow(*READERS)
def list_statement_moves(query: dict[str, Any], wst_id: str) -> Response:
    """List the moves behind a charge: those of its posting, or all of its lot until the end of that day."""
    own = _own()
    with reading() as session:
        row = queries.get_statement(session, wst_id, exporter_id=own)
        if query["charge"] is None:
            place = FieldError("charge", "required", "say of which charge", "see its charges", "$.charge")
            raise Invalid(place.message, (place,))
        charge = queries.get_charge(session, row.id, query["charge"])
        found = queries.list_moves(session, row, charge, cursor=query["cursor"], limit=query["limit"])
    return answer(page(found, [_move(one) for one in found.items]))


def _warehouse(session: Session, reference: str) -> Warehouse:
    try:
        return find_warehouse(session, actor(), reference)
    except NotFound as error:
        place = FieldError("warehouse", "unknown_warehouse", error.detail, json_path="$.warehouse")
        raise Invalid(error.detail, (place,)) from error


def _exporter(session: Session, reference: str, own: int | None) -> Party:
    try:
        return find_exporter(session, reference, exporter_id=own)
    except NotFound as error:
        place = FieldError("exporter", "unknown_exporter", error.detail, json_path="$.exporter")
        raise Invalid(error.detail, (place,)) from error


def _fee(row: PriceRow) -> dict[str, Any]:
    return {
        "code": row.code, "basis": row.basis, "band_from": row.band_from, "band_to": row.band_to,
        "price": format_scaled(row.price_micros, MICRO_PLACES), "currency": row.currency,
        "free_days": row.free_days, "minimum": money(row.minimum_minor, row.currency),
        "divisor_cm3_per_kg": row.divisor, "effective_from": row.effective_from.isoformat(),
        "effective_to": row.effective_to.isoformat() if row.effective_to else None,
        "agreed": row.own, "replaced": row.replaced, "source": row.source,
    }  # fmt: skip


def statement_json(row: StatementRow) -> dict[str, Any]:
    """A statement as lists show it."""
    return {
        "id": row.public_id, "warehouse_id": row.warehouse, "warehouse": row.warehouse_code,
        "exporter": row.exporter, "month": f"{row.month:%Y-%m}", "currency": row.currency,
        "total": money(row.total_minor, row.currency), "invoice_id": row.invoice,
        "invoice_number": row.invoice_number, "created_at": utc(row.created_at),
    }  # fmt: skip


def lines_json(lines: tuple[BilledLine, ...]) -> list[dict[str, Any]]:
    """The lines of a statement by their number."""
    return [
        {
            "line": number, "code": line.code, "basis": line.basis, "quantity": written_quantity(line),
            "unit_price": written_price(line), "amount": money(line.amount_minor, line.priced_currency),
        }
        for number, line in enumerate(lines, 1)
    ]  # fmt: skip


def lines_csv(row: StatementRow, lines: tuple[BilledLine, ...]) -> bytes:
    """The lines of a statement as CSV; every cell is ours, and a minus is meant."""
    stream = io.BytesIO()
    rows = [one | {"currency": row.currency} for one in lines_json(lines)]
    write_csv(stream, LINE_COLUMNS, [[str(one[name]) for name in LINE_COLUMNS] for one in rows])
    return stream.getvalue()


def _charge(row: ChargeRow) -> dict[str, Any]:
    line = billed_line(row.code, row.basis, row.quantity, row.price_micros, row.currency)
    posting = lot = None
    if row.posting is not None:
        posting = {
            "id": row.posting, "kind": row.posting_kind, "subject": row.posting_subject,
            "at": utc(row.posted_at),
        }  # fmt: skip
    if row.sku is not None and row.received_on is not None:
        lot = {
            "sku": row.sku, "batch": row.batch, "condition": row.condition, "age_days": row.age_days,
            "received_on": row.received_on.isoformat(), "pieces": row.pieces,
        }  # fmt: skip
    return {
        "charge": row.id, "day": row.day.isoformat(), "code": row.code, "basis": row.basis,
        "quantity": written_quantity(line), "unit_price": written_price(line),
        "amount": exact_amount(row.basis, row.quantity, row.price_micros), "posting": posting, "lot": lot,
    }  # fmt: skip


def _move(row: MoveRow) -> dict[str, Any]:
    return {
        "posting": row.posting, "kind": row.kind, "subject": row.subject, "at": utc(row.at), "sku": row.sku,
        "batch": row.batch, "from": row.source, "to": row.target, "quantity": row.quantity, "stays": row.stays,
    }  # fmt: skip
