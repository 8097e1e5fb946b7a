"""Announced goods: one row for each line, the rows of one reference are one ASN."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.errors import AppError, Conflict, Invalid
from app.exchange.cells import Choice, Code, Date, Flag, Number, Reference
from app.exchange.rows import Column, Row
from app.models import Asn, AsnLine, Party, Warehouse
from app.usecases.importing.drafts import whole_drafts
from app.usecases.importing.kinds import WHOLE_FILE, Kind, Run, table_writer
from app.usecases.importing.lookups import Lookups
from app.usecases.importing.tables import Values
from app.usecases.warehousing.announcing_goods import announce_asn
from app.usecases.warehousing.asns import AnnouncedLine, Announcement, change_asn, create_asn
from warehouses.numbers import compact
from warehouses.stock import CONDITIONS, CUSTOMS_STATES, NEVER

MOST_PIECES = 10_000_000
TO_COME = ("draft", "announced", "in_transit", "arrived")
"""States that are exported: what was counted already is stock."""
HEAD = ("warehouse", "expected_on", "booking_id", "container", "container_type", "pallets", "customs_status",
        "announce")  # fmt: skip
"""What all rows of one ASN say alike."""
LINE = ("sku", "quantity", "cartons", "batch", "expires_on", "condition")
_PIECES = Number(1, 0, MOST_PIECES)

COLUMNS = (
    Column("reference", Code(64, example="PO-118"), "the exporter's own; rows of one reference are one ASN",
           required=True),
    Column("exporter", Reference(40, what="exporter"), "reference of the exporter", required=True, field="exporter_id"),
    Column("warehouse", Reference(24, what="warehouse"), "code of the warehouse it comes to", required=True),
    Column("expected_on", Date(), "day it is expected; where empty, the day the booking arrives"),
    Column("booking_id", Code(20, example="bkg_0h3vk5m8q2r7t9xz"), "the booking that carries it"),
    Column("container", Code(20, example="CSQU3054383"), "container number by ISO 6346"),
    Column("container_type", Code(16, example="40HC"), "container type"),
    Column("pallets", Number(1, 0, 10_000), "pallets", default=0),
    Column("customs_status", Choice(CUSTOMS_STATES), f"one of {', '.join(CUSTOMS_STATES)}", default="free"),
    Column("announce", Flag(), "true: announced; else a draft that may still be changed", default=False),
    Column("sku", Code(64, example="MUG-350"), "code, id or barcode of the SKU", required=True),
    Column("quantity", Number(1, 1, MOST_PIECES, positive=True), "pieces", required=True),
    Column("cartons", _PIECES, "cartons they come in", default=0),
    Column("batch", Code(40, example="B-7"), "batch", default=""),
    Column("expires_on", Date(), "last day of the batch"),
    Column("condition", Choice(CONDITIONS), "A as new, B to repack, C damaged, D scrap", default="A"),
)  # fmt: skip


def save(run: Run, given: Sequence[Column], rows: list[Row]) -> None:
    """Check all rows, group them by exporter and reference, and make each draft exactly what its rows say."""
    del given
    for group in whole_drafts(run, rows, HEAD, "asn_rows_differ"):
        _save_one(run, group)


def _save_one(run: Run, group: list[Row]) -> None:
    """Write one ASN in a savepoint: what the rules refuse is a fault of its row, and leaves nothing behind."""
    exporter, head = group[0].values["exporter_id"], group[0].values
    stored = _stored(run.session, exporter, head["reference"])
    told = [row.values for row in group]
    if stored is not None and _as_told(stored) == _plain(told, stored):
        run.unchanged += len(group)
        return
    if stored is not None and stored.status != "draft":
        for row in group:
            run.refuse(row, "duplicate_reference", "it is announced already, and says something else",
                       "give a new reference, or call that one off", "reference")  # fmt: skip
        return
    try:
        with run.session.begin_nested():
            _write(run, stored, exporter, head, told)
    except (Invalid, Conflict) as error:
        _refuse(run, group, error)
    else:
        run.updated += len(group) if stored else 0
        run.added += 0 if stored else len(group)


def _write(run: Run, stored: Asn | None, exporter: str, head: Values, told: list[Values]) -> None:
    wanted = Announcement(
        reference=head["reference"],
        lines=[AnnouncedLine(**{name: line[name] for name in LINE}) for line in told],
        **{name: head[name] for name in HEAD if name not in ("warehouse", "announce")},
    )
    if stored is None:
        asn = create_asn(run.session, run.actor, run.now, head["warehouse"], exporter, wanted)
    elif head["warehouse"] != stored.warehouse.location.code:
        raise Conflict(f"it is a draft for {stored.warehouse.location.code}; call that one off")
    else:
        asn = change_asn(run.session, run.actor, run.now, stored.public_id, wanted)
    if head["announce"]:
        announce_asn(run.session, run.actor, run.now, asn.public_id)


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
    query = select(Asn).options(
        joinedload(Asn.owner),
        joinedload(Asn.booking),
        joinedload(Asn.warehouse).joinedload(Warehouse.location),
        selectinload(Asn.lines).joinedload(AsnLine.sku),
    )
    return query.execution_options(populate_existing=True)


def _stored(session: Session, exporter: str, reference: str) -> Asn | None:
    named = (Party.reference == exporter, Asn.reference == reference)
    found: Asn | None = session.scalar(_query().join(Party, Asn.owner_id == Party.id).where(*named))
    return found


def _plain(told: list[Values], stored: Asn) -> list[Values]:
    """The rows as `_as_told` gives them: SKUs by code, containers as they are kept, a day not told as it is."""
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
            "expected_on": values["expected_on"] or stored.expected_on,
            "announce": values["announce"] or stored.status != "draft",
            "container": compact(values["container"]) if values["container"] else None,
        }
        for values in told
    ]


def _as_told(asn: Asn) -> list[Values]:
    """An ASN as rows of a file; lines that came without being announced are none."""
    head = {
        "reference": asn.reference,
        "warehouse": asn.warehouse.location.code,
        "expected_on": asn.expected_on,
        "booking_id": asn.booking.public_id if asn.booking else None,
        "container": asn.container,
        "container_type": asn.container_type,
        "pallets": asn.pallets,
        "customs_status": asn.customs_status,
        "announce": asn.status != "draft",
    }
    return [
        head
        | {
            "sku": line.sku.code,
            "quantity": line.expected,
            "cartons": line.cartons,
            "batch": line.batch,
            "expires_on": None if line.expires_on == NEVER else line.expires_on,
            "condition": line.condition,
        }
        for line in asn.lines
        if line.expected
    ]


def dump(session: Session, _lookups: Lookups) -> Iterator[Values]:
    """One row for each line of what is still to come, by exporter and reference."""
    query = _query().join(Party, Asn.owner_id == Party.id).where(Asn.status.in_(TO_COME))
    for asn in session.scalars(query.order_by(Party.reference, Asn.reference)):
        for row in _as_told(asn):
            yield row | {"exporter_id": asn.owner.reference}


ASNS = Kind(
    "asn",
    "Goods announced to warehouses that are still to come, one row for each line",
    COLUMNS,
    save,
    table_writer("asn", COLUMNS, dump),
    roles=("operator", "exporter"),
    batch_rows=WHOLE_FILE,
)
