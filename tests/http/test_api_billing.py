"""Billing over HTTP: invoices and statements for their exporter alone, payments and credit by finance."""

import csv
import io

import pytest
from sqlalchemy import select

from app.actor import system
from app.models import AuditEvent, Party
from app.schemas.billing import CreditShape, InvoicePage, InvoiceShape, PaymentShape, StatementShape
from app.usecases.api_keys import add_api_key
from tests.billing_rows import make_booking, recharge
from tests.factories import NOW
from tests.http.answers import faults, good, problem
from tests.http.conftest import Caller

PAYMENT = {
    "exporter": "acme",
    "reference": "BANK-1",
    "currency": "CNY",
    "amount": "40.00",
    "received_on": "2026-11-20",
}


@pytest.fixture
def finance(call):
    return call("finance")


@pytest.fixture
def booking(house):
    """A booking of acme's that costs CNY 70.01 and 2.99."""
    return booked(house, "acme", 7_001, 299)


def booked(house, reference, *amounts, **facts):
    with house.database.transaction() as session:
        owner = session.scalars(select(Party).where(Party.reference == reference)).one()
        return make_booking(session, owner, *amounts, **facts).public_id


def invoiced(finance, booking):
    return good(finance.post(f"/bookings/{booking}/invoice"), InvoicePage)["items"]


def test_a_booking_is_invoiced_by_finance_and_read_by_its_exporter(finance, acme, booking):
    (head,) = invoiced(finance, booking)
    shown = good(acme.get(f"/invoices/{head['id']}"), InvoiceShape)

    assert (head["number"], head["total"], head["currency"]) == ("INV-2026-000002", "73.00", "CNY")
    assert shown == head | {"lines": shown["lines"]}
    assert [(line["code"], line["amount"]) for line in shown["lines"]] == [
        ("charge_1", "70.01"), ("charge_2", "2.99"),
    ]  # fmt: skip
    assert good(acme.get("/invoices", booking=booking), InvoicePage)["items"] == [head]


def test_invoicing_again_issues_nothing_and_after_a_change_corrects(finance, house, booking):
    assert invoiced(finance, booking) == invoiced(finance, booking)
    with house.database.transaction() as session:
        from app.models import Booking

        recharge(session.scalars(select(Booking).where(Booking.public_id == booking)).one(), 1_000)
    latest, note, first = invoiced(finance, booking)

    assert [one["total"] for one in (first, note, latest)] == ["73.00", "-73.00", "10.00"]
    assert (first["corrected_by"], note["corrects"]) == (note["id"], first["id"])


def test_invoices_are_listed_by_exporter_and_month_a_page_at_a_time(finance, acme, house, booking):
    other = booked(house, "globex", 100)
    numbers = [invoiced(finance, one)[0]["number"] for one in (booking, other)]

    listed = good(finance.get("/invoices", limit=1), InvoicePage)
    assert [one["number"] for one in listed["items"]] == [numbers[1]]
    rest = good(finance.get("/invoices", limit=1, cursor=listed["next_cursor"]), InvoicePage)
    assert [one["number"] for one in rest["items"]] == [numbers[0]]
    of_acme = good(finance.get("/invoices", exporter="acme", month="2026-11"), InvoicePage)
    assert [one["number"] for one in of_acme["items"]] == [numbers[0]]
    assert good(acme.get("/invoices"), InvoicePage)["items"] == of_acme["items"]
    assert good(acme.get("/invoices", month="2026-12"), InvoicePage)["items"] == []


def test_practice_gets_no_invoice(finance, house):
    problem(finance.post(f"/bookings/{booked(house, 'acme', 1, test_mode=True)}/invoice"), 404, "not_found")


def test_another_exporters_papers_are_not_there(finance, globex, booking):
    (head,) = invoiced(finance, booking)

    problem(globex.get(f"/invoices/{head['id']}"), 404, "not_found")
    problem(globex.get("/exporters/acme/credit"), 404, "not_found")
    assert good(globex.get("/invoices", exporter="acme"), InvoicePage)["items"] == []
    assert good(globex.get("/invoices", booking=booking), InvoicePage)["items"] == []
    assert faults(globex.get("/statements", month="2026-11", exporter="acme")) == {
        "exporter": "unknown_exporter"
    }
    assert faults(globex.get("/statements", month="2026-11", exporter="nobody")) == {
        "exporter": "unknown_exporter"
    }


@pytest.mark.parametrize("reference", ["nobody", "%00", "%F0%9F%9A%A2", "a" * 300])
def test_an_exporter_nobody_knows_is_not_found_whatever_it_is_called(finance, reference):
    assert finance.get(f"/exporters/{reference}/credit").status_code == 404


def test_only_finance_changes_money(operator, acme, booking):
    problem(acme.post("/payments", PAYMENT), 403, "forbidden")
    problem(operator.post("/payments", PAYMENT), 403, "forbidden")
    problem(acme.post(f"/bookings/{booking}/invoice"), 403, "forbidden")
    problem(acme.post("/exporters/acme/credit", {"limit": None}), 403, "forbidden")


def test_a_payment_is_noted_once(finance, house):
    first = finance.post("/payments", PAYMENT)

    assert good(first, PaymentShape, 201) == PAYMENT
    assert first.headers["Location"] == "/api/v1/statements?exporter=acme&month=2026-11"
    assert good(finance.post("/payments", PAYMENT), PaymentShape, 201) == PAYMENT
    assert faults(finance.post("/payments", PAYMENT | {"amount": "40.01"})) == {
        "reference": "duplicate_reference"
    }
    assert finance.post("/payments", PAYMENT | {"exporter": "globex", "amount": "1"}).status_code == 201
    with house.database.transaction() as session:
        traces = session.scalars(select(AuditEvent).where(AuditEvent.action == "payment.recorded")).all()
    assert [trace.after["amount_minor"] for trace in traces] == [4_000, 100]


@pytest.mark.parametrize(
    ("wrong", "place", "code"),
    [
        ({"amount": "0"}, "amount", "zero"),
        ({"amount": "1.001"}, "amount", "number_too_precise"),
        ({"currency": "XQX"}, "currency", "currency_unknown"),
        ({"received_on": "2026-11-24"}, "received_on", "in_the_future"),
        ({"received_on": "2026-02-30"}, "received_on", "bad_date"),
        ({"exporter": "nobody"}, "exporter", "unknown_exporter"),
    ],
)
def test_a_payment_that_cannot_be_is_refused_with_its_place(finance, wrong, place, code):
    assert faults(finance.post("/payments", PAYMENT | wrong)) == {place: code}


def test_a_statement_says_what_was_owed_what_changed_it_and_what_is_owed(finance, acme, booking):
    invoiced(finance, booking)
    finance.post("/payments", PAYMENT)
    shown = good(acme.get("/statements", month="2026-11"), StatementShape)

    (yuan,) = shown["accounts"]
    assert (yuan["currency"], yuan["opening"], yuan["closing"]) == ("CNY", "0.00", "33.00")
    assert [(one["kind"], one["amount"], one["balance"]) for one in yuan["entries"]] == [
        ("payment", "-40.00", "-40.00"), ("invoice", "73.00", "33.00"),
    ]  # fmt: skip
    assert good(finance.get("/statements", month="2026-11", exporter="acme"), StatementShape) == shown
    (december,) = good(acme.get("/statements", month="2026-12"), StatementShape)["accounts"]
    assert december == {"currency": "CNY", "opening": "33.00", "entries": [], "closing": "33.00"}


def test_the_operation_says_whose_statement_it_wants(finance):
    assert faults(finance.get("/statements", month="2026-11")) == {"exporter": "required"}
    assert faults(finance.get("/statements", exporter="acme")) == {"query.month": "required"}
    assert faults(finance.get("/statements", exporter="acme", month="2026-13")) == {
        "query.month": "bad_shape"
    }


def test_a_statement_is_a_file_as_well_and_no_cell_of_it_is_a_formula(finance, acme, booking):
    (head,) = invoiced(finance, booking)
    finance.post("/payments", PAYMENT | {"reference": "=HYPERLINK(1)"})
    printed = acme.get("/statements.pdf", month="2026-11")
    assert (printed.content_type, printed.data[:5]) == ("application/pdf", b"%PDF-")
    assert finance.get("/statements.pdf", month="2026-11", exporter="acme").status_code == 200
    response = acme.get("/statements.csv", month="2026-11")

    assert response.headers["Content-Disposition"] == 'attachment; filename="statement-acme-2026-11.csv"'
    rows = list(csv.reader(io.StringIO(response.get_data().decode("utf-8-sig"))))
    assert rows == [
        ["currency", "on", "kind", "reference", "booking_id", "amount", "balance"],
        ["CNY", "2026-11-01", "opening", "", "", "", "0.00"],
        ["CNY", "2026-11-20", "payment", "'=HYPERLINK(1)", "", "-40.00", "-40.00"],
        ["CNY", "2026-11-23", "invoice", head["number"], booking, "73.00", "33.00"],
        ["CNY", "2026-11-30", "closing", "", "", "", "33.00"],
    ]


def test_finance_sets_a_limit_and_the_exporter_sees_what_is_left(finance, acme, booking):
    sent = {"limit": "50000", "currency": "CNY"}
    shown = good(finance.post("/exporters/acme/credit", sent), CreditShape)

    assert (shown["limit"], shown["exposure"], shown["left"]) == ("50000.00", "73.00", "49927.00")
    assert shown["owed"] == [
        {"currency": "CNY", "invoiced": "0.00", "booked": "73.00", "paid": "0.00", "owed": "73.00"}
    ]
    assert good(acme.get("/exporters/acme/credit"), CreditShape) == shown
    unlimited = good(finance.post("/exporters/acme/credit", {"limit": None}), CreditShape)
    assert (unlimited["limit"], unlimited["left"]) == (None, None)


def test_a_hold_has_a_reason_and_leaves_a_trace(finance, house):
    assert faults(finance.post("/exporters/acme/credit", {"hold": True})) == {"reason": "reason_needed"}
    held = good(finance.post("/exporters/acme/credit", {"hold": True, "reason": "overdue"}), CreditShape)
    assert (held["hold"], held["hold_reason"]) == (True, "overdue")
    good(finance.post("/exporters/acme/credit", {"hold": True}), CreditShape)
    lifted = good(finance.post("/exporters/acme/credit", {"hold": False}), CreditShape)
    assert (lifted["hold"], lifted["hold_reason"]) == (False, None)
    with house.database.transaction() as session:
        traces = session.scalars(select(AuditEvent).where(AuditEvent.action == "exporter.credit_set")).all()
    assert [(one.before["hold"], one.after["hold"]) for one in traces] == [(False, True), (True, False)]


@pytest.mark.parametrize(
    ("sent", "place", "code"),
    [
        ({}, "limit", "nothing_to_change"),
        ({"limit": "-1"}, "limit", "out_of_range"),
        ({"limit": "1.001"}, "limit", "number_too_precise"),
        ({"currency": "XQX"}, "currency", "currency_unknown"),
        ({"currency": "USD"}, "limit", "limit_needed"),
        ({"reason": "overdue"}, "reason", "reason_without_hold"),
    ],
)
def test_a_change_of_credit_that_cannot_be_is_refused_with_its_place(finance, sent, place, code):
    finance.post("/exporters/acme/credit", {"limit": "10"})

    assert faults(finance.post("/exporters/acme/credit", sent)) == {place: code}


def test_a_key_of_test_mode_sees_no_papers(house, visitor):
    with house.database.transaction() as session:
        secret = add_api_key(session, system("test"), NOW, exporter="acme", test_mode=True)[1]
    practice = Caller(visitor, secret)

    for path in ("/invoices", "/statements?month=2026-11", "/exporters/acme/credit"):
        problem(practice.get(path), 403, "forbidden")
