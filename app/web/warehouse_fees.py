"""What warehouses charge: the price list to print, and statements that lead down to the moves."""

from flask import Blueprint, render_template
from sqlalchemy.orm import joinedload

from app import auth
from app.actor import ROLES
from app.clock import now
from app.errors import NotFound
from app.http import reading
from app.models import Warehouse
from app.queries import choices
from app.queries import warehouse_fees as queries
from app.queries.billing import find_exporter
from app.queries.warehouse_fees import StatementFilter
from app.queries.warehouses import get_warehouse
from app.web import addresses
from trade.billing import BilledLine
from trade.warehouse_fees import exact_amount

pages = Blueprint("warehouse_fees", __name__)
READERS = ("operator", "finance", "exporter")
AGREED_SEEN = ("operator", "finance")
"""Roles that may look at what was agreed with an exporter, beside that exporter."""


@pages.get("/warehouses/<code>/fees")
@auth.allow(*ROLES)
def prices(code: str) -> str:
    """The price list of a warehouse on a day, with what was agreed with the exporter who asks, or is asked about."""
    who, on = auth.actor(), addresses.day("on") or now().date()
    asked = addresses.text("exporter", longest=40) if who.may(*AGREED_SEEN) else None
    with reading() as session:
        house = get_warehouse(session, on, code)
        warehouse = session.get_one(Warehouse, house.id, options=[joinedload(Warehouse.location)])
        exporter = find_exporter(session, asked) if asked else None
        whose = exporter.id if exporter else who.exporter_id
        rows = queries.price_list(session, house.id, on, whose)
        exporters = choices.all_exporters(session) if who.may(*AGREED_SEEN) else []
    return render_template(
        "fees/prices.html",
        house=house,
        warehouse=warehouse,
        rows=rows,
        on=on,
        exporter=exporter,
        exporters=exporters,
    )


@pages.get("/warehouse-statements")
@auth.allow(*READERS)
def statements() -> str:
    """The statements of warehouses, the latest month first; an exporter sees its own."""
    who, month = auth.actor(), addresses.month("month")
    asked = addresses.text("exporter", longest=40) if who.exporter_id is None else None
    with reading() as session:
        exporter = find_exporter(session, asked).reference if asked else None
        where = StatementFilter(exporter=exporter, warehouse=addresses.text("warehouse"), month=month)
        page = queries.list_statements(session, where, exporter_id=who.exporter_id, cursor=addresses.cursor())
        houses = queries.stated_warehouses(session, exporter_id=who.exporter_id)
        exporters = choices.all_exporters(session) if who.exporter_id is None else []
    return render_template(
        "fees/statements.html",
        page=page,
        houses=houses,
        exporters=exporters,
        chosen=where,
        started=addresses.cursor() is not None,
        of_one=who.exporter_id is not None,
    )


@pages.get("/warehouse-statements/<public_id>")
@auth.allow(*READERS)
def statement(public_id: str) -> str:
    """One statement: its lines, each of which leads to its charges."""
    with reading() as session:
        row = queries.get_statement(session, public_id, exporter_id=auth.actor().exporter_id)
        lines = queries.lines_of(session, row.id)
    return render_template("fees/statement.html", statement=row, lines=lines)


@pages.get("/warehouse-statements/<public_id>/lines/<int:number>")
@auth.allow(*READERS)
def charges(public_id: str, number: int) -> str:
    """The charges of a line, by day; each leads to its moves."""
    with reading() as session:
        row = queries.get_statement(session, public_id, exporter_id=auth.actor().exporter_id)
        line = _line(queries.lines_of(session, row.id), number)
        page = queries.list_charges(session, row.id, line, cursor=addresses.cursor())
    return render_template(
        "fees/charges.html",
        statement=row,
        line=line,
        number=number,
        page=page,
        started=addresses.cursor() is not None,
        exact=exact_amount,
    )


@pages.get("/warehouse-statements/<public_id>/lines/<int:number>/charges/<int:charge_id>")
@auth.allow(*READERS)
def moves(public_id: str, number: int, charge_id: int) -> str:
    """The moves behind a charge."""
    with reading() as session:
        row = queries.get_statement(session, public_id, exporter_id=auth.actor().exporter_id)
        line = _line(queries.lines_of(session, row.id), number)
        charge = queries.get_charge(session, row.id, charge_id)
        page = queries.list_moves(session, row, charge, cursor=addresses.cursor())
    return render_template(
        "fees/moves.html",
        statement=row,
        line=line,
        number=number,
        charge=charge,
        page=page,
        started=addresses.cursor() is not None,
        exact=exact_amount,
    )


def _line(lines: tuple[BilledLine, ...], number: int) -> BilledLine:
    if not 1 <= number <= len(lines):
        raise NotFound(f"the statement has no line {number}")
    return lines[number - 1]
