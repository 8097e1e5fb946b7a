"""Billing: invoices, statements, payments, and how far an exporter may go."""

import io
from datetime import timedelta
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.api.base import Download, Endpoints, answer, download
from app.api.batches import CSV
from app.api.wire import money, page, utc
from app.auth import actor, allow
from app.clock import now
from app.documents.account_statements import AccountStatement, account_statement_pdf
from app.documents.facts import Party
from app.errors import FieldError, Forbidden, Invalid, NotFound
from app.exchange.cells import escape
from app.exchange.csv_file import write_csv
from app.http import reading
from app.models import Party as PartyRow
from app.queries.billing import InvoiceFilter, InvoiceRow, Statement, find_exporter, get_invoice, statement
from app.queries.billing import list_invoices as find_invoices
from app.queries.credit import Credit, Owed, credit_of
from app.queries.papers import ISSUER
from app.schemas.billing import (
    CreditChange,
    CreditShape,
    InvoicePage,
    InvoiceQuery,
    InvoiceShape,
    NewPayment,
    PaymentShape,
    StatementQuery,
    StatementShape,
)
from app.usecases.billing import invoice_booking
from app.usecases.billing_accounts import NewPayment as Received
from app.usecases.billing_accounts import parse_amount, record_payment, set_credit
from app.usecases.booking import lock_booking
from trade.billing import Account, BilledLine, Entry, month_days, written_price, written_quantity

blueprint = Endpoints("Billing", __name__, "Invoices, statements, payments and credit")
READERS = ("operator", "finance", "exporter")
STATEMENT_COLUMNS = ("currency", "on", "kind", "reference", "booking_id", "amount", "balance")
PDF = "application/pdf"
MOST_PAPERS = 100
"""Of one booking that are shown at once."""


def _refuse_practice() -> None:
    """Forbidden for keys of test mode: what is practice has no papers, and the others are not for them to see."""
    if actor().test_mode:
        raise Forbidden("practice is not billed; use a key that is not of test mode")


def _own() -> int | None:
    """Return the exporter whose papers may be looked at; None for everybody's."""
    _refuse_practice()
    return actor().exporter_id


@blueprint.reading("/invoices", InvoicePage, query=InvoiceQuery, refuses=(400,))
@allow(*READERS)
def list_invoices(query: dict[str, Any]) -> Response:
    """List invoices and credit notes, the latest first; an exporter sees its own."""
    since, until = month_days(query["month"]) if query["month"] else (None, None)
    where = InvoiceFilter(
        exporter=query["exporter"], booking=query["booking"], issued_from=since, issued_before=until
    )
    own = _own()
    with reading() as session:
        found = find_invoices(session, where, exporter_id=own, cursor=query["cursor"], limit=query["limit"])
    return answer(page(found, [invoice_head(row) for row in found.items]))


@blueprint.reading("/invoices/<id('inv'):inv_id>", InvoiceShape)
@allow(*READERS)
def read_invoice(inv_id: str) -> Response:
    """Read an invoice or credit note with its lines."""
    own = _own()
    with reading() as session:
        row = get_invoice(session, inv_id, exporter_id=own)
    return answer(invoice_head(row) | {"lines": [_line(line, row.currency) for line in row.lines]})


@blueprint.changing("/bookings/<id('bkg'):bkg_id>/invoice", InvoicePage, status=200)
@allow("operator", "finance")
def create_invoice(session: Session, bkg_id: str) -> Response:
    """Invoice a booking now, without waiting for its departure; answers with all its papers.

    Where its charges have changed since it was invoiced, a credit note takes that invoice back and a new one
    follows. Asked again, nothing is issued. Practice bookings are refused.
    """
    _refuse_practice()
    invoice_booking(session, actor(), lock_booking(session, actor(), bkg_id), now())
    found = find_invoices(session, InvoiceFilter(booking=bkg_id), limit=MOST_PAPERS)
    return answer(page(found, [invoice_head(row) for row in found.items]))


@blueprint.reading("/statements", StatementShape, query=StatementQuery)
@allow(*READERS)
def read_statement(query: dict[str, Any]) -> Response:
    """Read the statement of an exporter for a month: what was owed, what changed it, what is owed.

    Days are those of the operator's books; a payment counts on the day it came in.
    """
    found = _statement(query)
    return answer(
        {
            "exporter": found.exporter,
            "month": query["month"],
            "accounts": [_account(account) for account in found.accounts],
        }
    )


@blueprint.reading(
    "/statements.csv",
    Download(CSV, "The same, a line for each opening, entry and closing; no cell is run as a formula."),
    query=StatementQuery,
)
@allow(*READERS)
def download_statement(query: dict[str, Any]) -> Response:
    """Download the statement of an exporter for a month as CSV."""
    found, stream = _statement(query), io.BytesIO()
    write_csv(stream, STATEMENT_COLUMNS, _statement_rows(found))
    return download(stream.getvalue(), CSV, f"statement-{found.exporter}-{query['month']}.csv")


@blueprint.reading(
    "/statements.pdf",
    Download(PDF, "The same to print, on A4 in both languages."),
    query=StatementQuery,
)
@allow(*READERS)
def print_statement(query: dict[str, Any]) -> Response:
    """Download the statement of an exporter for a month as PDF."""
    found = _statement(query)
    paper = AccountStatement(
        issuer=ISSUER,
        exporter=Party(name=found.exporter_name, reference=found.exporter, country=found.country),
        since=found.since,
        until=found.until,
        accounts=found.accounts,
    )
    content = account_statement_pdf(paper, now())
    return download(content, PDF, f"statement-{found.exporter}-{query['month']}.pdf")


@blueprint.changing("/payments", PaymentShape, status=201, body=NewPayment)
@allow("finance")
def create_payment(session: Session, sent: dict[str, Any]) -> Response:
    """Note money that came in, or, negative, was paid back. The same one noted again is the one that is there."""
    _refuse_practice()
    exporter = _exporter(session, sent["exporter"])
    currency = sent["currency"]
    received = Received(
        sent["reference"],
        currency,
        parse_amount(format(sent["amount"], "f"), currency, "amount"),
        sent["received_on"],
    )
    row = record_payment(session, actor(), now(), exporter, received)
    body = {
        "exporter": exporter.reference,
        "reference": row.reference,
        "currency": currency,
        "amount": money(row.amount_minor, currency),
        "received_on": row.received_on.isoformat(),
    }
    month = f"{row.received_on:%Y-%m}"
    return answer(body, 201, Location=f"/api/v1/statements?exporter={exporter.reference}&month={month}")


@blueprint.reading("/exporters/<exp_id>/credit", CreditShape)
@allow(*READERS)
def read_credit(exp_id: str) -> Response:
    """Read an exporter's credit limit, what is owed and booked, what is left, and whether it is on hold.

    The exporter is named by reference or id.
    """
    own = _own()
    with reading() as session:
        found = credit_of(session, find_exporter(session, exp_id, exporter_id=own), now())
    return answer(credit_json(found))


@blueprint.changing("/exporters/<exp_id>/credit", CreditShape, status=200, body=CreditChange)
@allow("finance")
def change_credit(session: Session, sent: dict[str, Any], exp_id: str) -> Response:
    """Change an exporter's credit limit, or put it on hold and lift the hold; what is left out stays.

    A hold needs a reason, which the exporter is told when a booking is refused.
    """
    _refuse_practice()
    exporter = find_exporter(session, exp_id)
    if sent.get("limit") is not None:
        sent["limit"] = format(sent["limit"], "f")
    set_credit(session, actor(), now(), exporter, sent)  # type: ignore[arg-type]
    return answer(credit_json(credit_of(session, exporter, now())))


def _statement(query: dict[str, Any]) -> Statement:
    own = _own()
    if own is None and query["exporter"] is None:
        raise _bad_exporter("required", "say whose statement it is to be")
    with reading() as session:
        exporter = (
            session.get_one(PartyRow, own)
            if query["exporter"] is None
            else _exporter(session, query["exporter"], own)
        )
        return statement(session, exporter, *month_days(query["month"]))


def _exporter(session: Session, reference: str, own: int | None = None) -> PartyRow:
    try:
        return find_exporter(session, reference, exporter_id=own)
    except NotFound as error:
        raise _bad_exporter("unknown_exporter", error.detail) from error


def _bad_exporter(code: str, message: str) -> Invalid:
    return Invalid(message, (FieldError("exporter", code, message, json_path="$.exporter"),))


def invoice_head(row: InvoiceRow) -> dict[str, Any]:
    """An invoice as lists show it."""
    return {
        "id": row.public_id,
        "number": row.number,
        "kind": row.kind,
        "exporter": row.exporter,
        "booking_id": row.booking,
        "corrects": row.corrects,
        "corrected_by": row.corrected_by,
        "currency": row.currency,
        "total": money(row.total_minor, row.currency),
        "issued_on": row.issued_on.isoformat(),
        "due_on": row.due_on.isoformat(),
        "created_at": utc(row.created_at),
    }


def _line(line: BilledLine, currency: str) -> dict[str, Any]:
    return {
        "leg": line.leg_seq,
        "code": line.code,
        "basis": line.basis,
        "quantity": written_quantity(line),
        "unit_price": written_price(line),
        "priced": money(line.priced_minor, line.priced_currency),
        "priced_currency": line.priced_currency,
        "amount": money(line.amount_minor, currency),
    }


def _account(found: Account) -> dict[str, Any]:
    return {
        "currency": found.currency,
        "opening": money(found.opening_minor, found.currency),
        "entries": [_entry(entry, balance, found.currency) for entry, balance in found.lines],
        "closing": money(found.closing_minor, found.currency),
    }


def _entry(entry: Entry, balance_minor: int, currency: str) -> dict[str, Any]:
    return {
        "on": entry.on.isoformat(),
        "kind": entry.kind,
        "reference": entry.reference,
        "booking_id": entry.booking,
        "amount": money(entry.amount_minor, currency),
        "balance": money(balance_minor, currency),
    }


def _statement_rows(found: Statement) -> list[list[str]]:
    first, last = found.since.isoformat(), (found.until - timedelta(days=1)).isoformat()
    rows = []
    for account in map(_account, found.accounts):
        opening = {"on": first, "kind": "opening", "balance": account["opening"]}
        closing = {"on": last, "kind": "closing", "balance": account["closing"]}
        rows += [{"currency": account["currency"], **row} for row in (opening, *account["entries"], closing)]
    return [[_cell(name, row.get(name)) for name in STATEMENT_COLUMNS] for row in rows]


def _cell(name: str, value: str | None) -> str:
    # Amounts are numbers of ours, and a minus is meant; what the bank or the exporter wrote may be anything.
    return escape(value or "") if name == "reference" else value or ""


def credit_json(found: Credit) -> dict[str, Any]:
    """An exporter's credit as it is shown."""
    return {
        "exporter": found.exporter,
        "currency": found.currency,
        "limit": money(found.limit_minor, found.currency),
        "exposure": money(found.exposure_minor, found.currency),
        "left": money(found.left_minor, found.currency),
        "hold": found.hold,
        "hold_reason": found.hold_reason,
        "owed": [_owed(one) for one in found.owed],
    }


def _owed(one: Owed) -> dict[str, Any]:
    amounts = {
        "invoiced": one.invoiced_minor,
        "booked": one.booked_minor,
        "paid": one.paid_minor,
        "owed": one.net_minor,
    }
    return {"currency": one.currency} | {name: money(minor, one.currency) for name, minor in amounts.items()}
