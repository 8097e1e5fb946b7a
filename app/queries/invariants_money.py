"""What must hold for invoices and payments, each as one query that finds its violations."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import extract, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.models import Booking, Invoice, InvoiceLine, InvoiceSeries, WarehouseCharge, WarehouseStatement
from app.queries.warehouse_fees import all_lines

Rows = Iterator[tuple[str, str]]


def invoices_add_up(session: Session, now: datetime) -> Rows:
    """The total of an invoice or credit note is the sum of its lines, and there is at least one."""
    del now
    total = func.coalesce(func.sum(InvoiceLine.amount_minor), 0)
    query = (
        select(Invoice.number, Invoice.total_minor, total, func.count(InvoiceLine.id))
        .outerjoin(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
        .group_by(Invoice.id)
        .having(or_(Invoice.total_minor != total, func.count(InvoiceLine.id) == 0))
    )
    for number, said, added, lines in session.execute(query):
        yield number, f"says {said}, its {lines} lines say {added}"


def credit_notes_take_an_invoice_back(session: Session, now: datetime) -> Rows:
    """A credit note, and nothing else, corrects an invoice: of the same booking, the same money negated."""
    del now
    note, invoice = aliased(Invoice), aliased(Invoice)
    other = (
        (note.kind != "credit_note")
        | (invoice.kind != "invoice")
        | (note.exporter_id != invoice.exporter_id)
        | note.booking_id.is_distinct_from(invoice.booking_id)
        | (note.currency != invoice.currency)
        | (note.total_minor != -invoice.total_minor)
    )
    query = select(note.number, invoice.number).join(invoice, invoice.id == note.corrects_id).where(other)
    for number, corrected in session.execute(query):
        yield number, f"does not take back {corrected}"
    alone = select(note.number).where(note.kind == "credit_note", note.corrects_id.is_(None))
    for number in session.scalars(alone):
        yield number, "takes nothing back"


def credited_lines_are_the_invoiced_ones(session: Session, now: datetime) -> Rows:
    """Every line of an invoice that was taken back has its counterpart, negated."""
    del now
    note, line, back = aliased(Invoice), aliased(InvoiceLine), aliased(InvoiceLine)
    same = (back.invoice_id == note.id) & (back.seq == line.seq)
    query = (
        select(note.number, line.seq)
        .join(line, line.invoice_id == note.corrects_id)
        .outerjoin(back, same)
        .where(or_(back.id.is_(None), back.code != line.code, back.amount_minor != -line.amount_minor))
    )
    for number, seq in session.execute(query):
        yield number, f"does not take back line {seq}"


def bookings_have_one_live_invoice(session: Session, now: datetime) -> Rows:
    """At most one invoice of a booking was not taken back."""
    del now
    note = aliased(Invoice)
    query = (
        select(Booking.public_id, func.count(Invoice.id))
        .join(Invoice, Invoice.booking_id == Booking.id)
        .outerjoin(note, note.corrects_id == Invoice.id)
        .where(Invoice.kind == "invoice", note.id.is_(None))
        .group_by(Booking.id)
        .having(func.count(Invoice.id) > 1)
    )
    for reference, live in session.execute(query):
        yield reference, f"has {live} invoices that were not taken back"


def practice_is_not_invoiced(session: Session, now: datetime) -> Rows:
    """No booking of test mode has an invoice, and every invoice goes to the exporter of its booking."""
    del now
    wrong = Booking.test_mode.is_(True) | (Booking.exporter_id != Invoice.exporter_id)
    query = (
        select(Invoice.number, Booking.public_id).join(Booking, Booking.id == Invoice.booking_id).where(wrong)
    )
    for number, reference in session.execute(query):
        yield number, f"is of {reference}, which is practice or another exporter's"


def invoice_numbers_have_no_gaps(session: Session, now: datetime) -> Rows:
    """As many papers were issued in a year as were counted."""
    del now
    year = extract("year", Invoice.issued_on)
    issued = select(Invoice.kind, year.label("year"), func.count().label("papers")).group_by(
        Invoice.kind, year
    )
    found = {(kind, int(of)): papers for kind, of, papers in session.execute(issued)}
    counted = {
        (kind, of): last
        for kind, of, last in session.execute(
            select(InvoiceSeries.kind, InvoiceSeries.year, InvoiceSeries.last)
        )
    }
    for kind, of in sorted({*found, *counted}):
        papers, last = found.get((kind, of), 0), counted.get((kind, of), 0)
        if papers != last:
            yield f"{kind} {of}", f"{last} counted, {papers} there"


def warehouse_statements_add_up(session: Session, now: datetime) -> Rows:
    """The total of a warehouse's statement is that of its invoice, and line by line what its charges add up to."""
    del now
    invoiced: dict[int, list[tuple[str, int, int]]] = {}
    lines = (
        select(
            WarehouseStatement.id, InvoiceLine.code, InvoiceLine.unit_price_micros, InvoiceLine.amount_minor
        )
        .join(InvoiceLine, InvoiceLine.invoice_id == WarehouseStatement.invoice_id)
        .order_by(WarehouseStatement.id, InvoiceLine.seq)
    )
    for key, code, price, amount in session.execute(lines):
        invoiced.setdefault(key, []).append((code, price, amount))
    charged = all_lines(session)
    for key, reference, total in session.execute(
        select(WarehouseStatement.id, WarehouseStatement.public_id, WarehouseStatement.total_minor)
    ):
        own = [(one.code, one.unit_price_micros, one.amount_minor) for one in charged.get(key, ())]
        added = sum(amount for _code, _price, amount in own)
        if total != added:
            yield reference, f"says {total}, its charges say {added}"
        elif own != invoiced.get(key, []):
            yield reference, "its invoice does not have the lines its charges make"


def warehouse_charges_are_stated_where_they_belong(session: Session, now: datetime) -> Rows:
    """A charge stands on a statement of its own warehouse, exporter and currency, and that has an invoice of them."""
    del now
    other = (
        (WarehouseCharge.warehouse_id != WarehouseStatement.warehouse_id)
        | (WarehouseCharge.exporter_id != WarehouseStatement.exporter_id)
        | (WarehouseCharge.currency != WarehouseStatement.currency)
        | (Invoice.exporter_id != WarehouseStatement.exporter_id)
        | (Invoice.currency != WarehouseStatement.currency)
        | (Invoice.total_minor != WarehouseStatement.total_minor)
    )
    query = (
        select(WarehouseStatement.public_id, func.count())
        .join(WarehouseCharge, WarehouseCharge.statement_id == WarehouseStatement.id)
        .join(Invoice, Invoice.id == WarehouseStatement.invoice_id)
        .where(other)
        .group_by(WarehouseStatement.public_id)
    )
    for reference, charges in session.execute(query):
        yield reference, f"{charges} of its charges or its invoice belong to somebody else"
    bare = select(WarehouseStatement.public_id).where(WarehouseStatement.invoice_id.is_(None))
    for reference in session.scalars(bare):
        yield reference, "has no invoice"


INVARIANTS = (
    invoices_add_up,
    credit_notes_take_an_invoice_back,
    credited_lines_are_the_invoiced_ones,
    bookings_have_one_live_invoice,
    practice_is_not_invoiced,
    invoice_numbers_have_no_gaps,
    warehouse_statements_add_up,
    warehouse_charges_are_stated_where_they_belong,
)
