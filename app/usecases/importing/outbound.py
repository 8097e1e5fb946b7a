"""Orders out of warehouses: one row for each line, the rows of one reference are one order."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.errors import AppError, Conflict, Invalid
from app.exchange.cells import Choice, Code, Country, Flag, Instant, Number, Reference, Text
from app.exchange.rows import Column, Row
from app.models import OutboundLine, OutboundOrder, Party, Warehouse
from app.usecases.importing.drafts import whole_drafts
from app.usecases.importing.kinds import WHOLE_FILE, Kind, Run, table_writer
from app.usecases.importing.lookups import Lookups
from app.usecases.importing.tables import Values
from app.usecases.warehousing.asking import order_asked
from app.usecases.warehousing.ordering import Changes, WantedLine, change_order, confirm_order
from warehouses.outbound import LEFT
from warehouses.stock import CONDITIONS, CUSTOMS_STATES

OVER = (*LEFT, "voiding", "void")
"""States that are not exported: those orders are history."""
CONSIGNEE = (
    "person_name", "company_name", "address_line1", "address_line2", "city", "state_code", "postal_code",
    "country_code", "phone",
)  # fmt: skip
HEAD = ("warehouse", "ship_by", "service", "confirm", *CONSIGNEE)
"""What all rows of one order say alike."""
LINE = ("sku", "quantity", "condition", "customs_status")

COLUMNS = (
    Column("reference", Code(64, example="SO-1001"), "the exporter's own; rows of one reference are one order",
           required=True),
    Column("exporter", Reference(40, what="exporter"), "reference of the exporter", required=True, field="exporter_id"),
    Column("warehouse", Reference(24, what="warehouse"), "code of the warehouse it leaves", required=True),
    Column("ship_by", Instant(), "when it must leave, with its offset; where empty, the warehouse's next cut-off"),
    Column("service", Text(40), "last-mile service; where empty, the warehouse's choice", default=""),
    Column("confirm", Flag(), "true: confirmed at once; else a draft that may still be changed", default=False),
    Column("person_name", Text(80), "who gets it"),
    Column("company_name", Text(80), "company that gets it"),
    Column("address_line1", Text(120), "street and number"),
    Column("address_line2", Text(120), "more of the address"),
    Column("city", Text(80), "city"),
    Column("state_code", Text(40), "state or province"),
    Column("postal_code", Text(16), "postal code"),
    Column("country_code", Country(), "country, two letters"),
    Column("phone", Text(40), "phone"),
    Column("sku", Code(64, example="MUG-350"), "code, id or barcode of the SKU", required=True),
    Column("quantity", Number(1, 1, 100_000, positive=True), "pieces", required=True),
    Column("condition", Choice(CONDITIONS), "A as new, B to repack, C damaged, D scrap", default="A"),
    Column("customs_status", Choice(CUSTOMS_STATES), f"one of {', '.join(CUSTOMS_STATES)}", default="free"),
)  # fmt: skip


def save(run: Run, given: Sequence[Column], rows: list[Row]) -> None:
    """Check all rows, group them by exporter and reference, and take on each order that is new or still a draft."""
    del given
    for group in whole_drafts(run, rows, HEAD, "order_rows_differ"):
        _save_one(run, group)


def _save_one(run: Run, group: list[Row]) -> None:
    """Write one order in a savepoint: what the rules refuse is a fault of its row, and leaves nothing behind."""
    head, told = group[0].values, [row.values for row in group]
    stored = _stored(run.session, head["exporter_id"], head["reference"])
    if stored is not None and _as_told(stored) == _plain(told, stored):
        run.unchanged += len(group)
        return
    if stored is not None and (
        stored.status != "draft" or stored.warehouse.location.code != head["warehouse"]
    ):
        for row in group:
            run.refuse(row, "duplicate_reference", "it is there already, and says something else",
                       "give a new reference, or make that one void", "reference")  # fmt: skip
        return
    try:
        with run.session.begin_nested():
            _write(run, stored, head, told)
    except (Invalid, Conflict) as error:
        _refuse(run, group, error)
    else:
        run.updated += len(group) if stored else 0
        run.added += 0 if stored else len(group)


def _write(run: Run, stored: OutboundOrder | None, head: Values, told: list[Values]) -> None:
    lines = [{name: values[name] for name in LINE} for values in told]
    consignee = {name: head[name] or "" for name in CONSIGNEE}
    if stored is None:
        wanted = {name: head[name] for name in ("reference", "warehouse", "ship_by", "service", "confirm")}
        exporter = {"exporter": head["exporter_id"], "consignee": consignee, "lines": lines}
        order_asked(run.session, run.actor, run.now, wanted | exporter)
        return
    changes = Changes(
        ship_by=head["ship_by"],
        service=head["service"],
        consignee=consignee,
        lines=[WantedLine(**line) for line in lines],
    )
    order = change_order(run.session, run.actor, run.now, stored.public_id, changes)
    if head["confirm"]:
        confirm_order(run.session, run.actor, run.now, order.public_id)


def _refuse(run: Run, group: list[Row], error: AppError) -> None:
    """Name the row and the column of everything that is wrong."""
    if not error.errors:
        run.refuse(group[0], error.code, error.detail, "correct the row, or leave it out", "reference")
    for fault in error.errors:
        first, *rest = fault.field.split(".")
        in_line = first == "lines" and len(rest) > 1
        row = group[int(rest[0])] if in_line else group[0]
        run.refuse(row, fault.code, fault.message, fault.suggestion, rest[1] if in_line else first)


def _query() -> Any:  # noqa: ANN401 (a select)
    query = select(OutboundOrder).options(
        joinedload(OutboundOrder.owner),
        joinedload(OutboundOrder.warehouse).joinedload(Warehouse.location),
        selectinload(OutboundOrder.lines).joinedload(OutboundLine.sku),
    )
    return query.join(Party, OutboundOrder.owner_id == Party.id).execution_options(populate_existing=True)


def _stored(session: Session, exporter: str, reference: str) -> OutboundOrder | None:
    named = (Party.reference == exporter, OutboundOrder.reference == reference)
    found: OutboundOrder | None = session.scalar(_query().where(*named))
    return found


def _plain(told: list[Values], stored: OutboundOrder) -> list[Values]:
    """The rows as `_as_told` gives them: SKUs by code, and a moment that is not told as it is."""
    by_name = {
        name: line.sku.code
        for line in stored.lines
        for name in (line.sku.barcode, line.sku.public_id, line.sku.code)
        if name
    }
    return [
        {name: values[name] for name in ("reference", *HEAD, *LINE)}
        | {
            "sku": by_name.get(values["sku"], values["sku"]),
            "ship_by": values["ship_by"] or stored.ship_by,
            "confirm": values["confirm"] or stored.status != "draft",
        }
        for values in told
    ]


def _as_told(order: OutboundOrder) -> list[Values]:
    """An order as rows of a file."""
    head: Values = {
        "reference": order.reference,
        "warehouse": order.warehouse.location.code,
        "ship_by": order.ship_by,
        "service": order.service,
        "confirm": order.status != "draft",
        **{name: order.consignee.get(name) for name in CONSIGNEE},
    }
    return [
        head
        | {
            "sku": line.sku.code, "quantity": line.quantity, "condition": line.condition,
            "customs_status": line.customs_status,
        }
        for line in order.lines
    ]  # fmt: skip


def dump(session: Session, _lookups: Lookups) -> Iterator[Values]:
    """One row for each line of what has not left, by exporter and reference."""
    query = _query().where(OutboundOrder.status.not_in(OVER))
    for order in session.scalars(query.order_by(Party.reference, OutboundOrder.reference)):
        for row in _as_told(order):
            yield row | {"exporter_id": order.owner.reference}


OUTBOUND = Kind(
    "outbound",
    "Orders out of warehouses that have not left, one row for each line",
    COLUMNS,
    save,
    table_writer("outbound", COLUMNS, dump),
    roles=("operator", "exporter"),
    batch_rows=WHOLE_FILE,
)
