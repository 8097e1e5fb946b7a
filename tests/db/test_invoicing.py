"""Bookings become invoices once, and again when they change; numbers have no gaps, statements miss nothing."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.actor import system
from app.errors import Conflict
from app.models import AuditEvent, Booking, Invoice, InvoiceLine, InvoiceSeries
from app.queries.billing import bookings_to_invoice, get_invoice, statement
from app.queries.credit import owed_by
from app.queries.invariants import broken
from app.usecases.billing import invoice_booking
from app.usecases.billing_accounts import NewPayment, record_payment
from tests.billing_rows import make_booking, make_payment, recharge
from tests.examples import examples
from tests.factories import DAY, HOUR, NOW, make_departure, make_party

FINANCE = system("test")


def bill(session, booking, at=NOW):
    return invoice_booking(session, FINANCE, booking, at)


def papers(session):
    """Number and total of everything that was issued, in order."""
    rows = session.execute(select(Invoice.number, Invoice.total_minor).order_by(Invoice.id))
    return [tuple(row) for row in rows]


def test_the_charges_of_a_booking_become_lines_that_add_up(session):
    booking = make_booking(session, make_party(session), 7_001, 299)
    issued = bill(session, booking)
    shown = get_invoice(session, issued.public_id)

    assert (shown.number, shown.kind, shown.booking) == ("INV-2026-000001", "invoice", booking.public_id)
    assert [(line.code, line.amount_minor) for line in shown.lines] == [
        ("charge_1", 7_001),
        ("charge_2", 299),
    ]
    assert (shown.total_minor, shown.currency) == (7_300, "CNY")
    assert (shown.issued_on, shown.due_on) == (date(2026, 11, 23), date(2026, 12, 23))


def test_a_booking_is_invoiced_once(session):
    booking = make_booking(session, make_party(session), 7_000)

    assert bill(session, booking) is bill(session, booking)
    assert papers(session) == [("INV-2026-000001", 7_000)]


def test_after_a_change_a_credit_note_takes_the_invoice_back_and_a_new_one_follows(session):
    booking = make_booking(session, make_party(session), 7_000)
    old = bill(session, booking)
    recharge(booking, 8_000, 500)
    new = bill(session, booking)

    assert papers(session) == [
        ("INV-2026-000001", 7_000), ("CRN-2026-000001", -7_000), ("INV-2026-000002", 8_500),
    ]  # fmt: skip
    taken = get_invoice(session, old.public_id)
    note = get_invoice(session, taken.corrected_by)
    assert (note.kind, note.corrects) == ("credit_note", old.public_id)
    assert [line.amount_minor for line in note.lines] == [-7_000]
    assert get_invoice(session, new.public_id).corrected_by is None


def test_charges_that_change_without_the_total_are_put_right_as_well(session):
    booking = make_booking(session, make_party(session), 7_000)
    bill(session, booking)
    recharge(booking, 6_000, 1_000)
    bill(session, booking)

    assert [total for _, total in papers(session)] == [7_000, -7_000, 7_000]


def test_of_a_cancelled_booking_the_fee_is_left_or_nothing(session):
    acme = make_party(session)
    with_fee, without = make_booking(session, acme, 7_000), make_booking(session, acme, 5_000)
    bill(session, with_fee)
    bill(session, without)
    recharge(with_fee, 700, status="CANCELLED")
    recharge(without, status="CANCELLED")

    assert bill(session, with_fee).total_minor == 700
    assert bill(session, without) is None
    assert bill(session, without) is None
    assert sum(total for _, total in papers(session)) == 700


def test_what_the_carrier_refused_costs_nothing(session):
    booking = make_booking(session, make_party(session), 7_000, status="REJECTED")

    assert bill(session, booking) is None
    assert papers(session) == []


def test_practice_is_not_billed(session):
    with pytest.raises(Conflict, match="practice"):
        bill(session, make_booking(session, make_party(session), 7_000, test_mode=True))


def test_every_paper_leaves_a_trace(session):
    issued = bill(session, make_booking(session, make_party(session), 7_000))

    trace = session.scalars(select(AuditEvent).where(AuditEvent.subject == issued.public_id)).one()
    assert (trace.action, trace.after["total"], trace.after["number"]) == (
        "invoice.issued", "70.00", "INV-2026-000001",
    )  # fmt: skip


def test_every_year_begins_to_count_anew_at_the_midnight_of_the_books(session):
    acme = make_party(session)
    before, after = NOW.replace(month=12, day=31, hour=15), NOW.replace(month=12, day=31, hour=16)

    assert bill(session, make_booking(session, acme, 1), before).number == "INV-2026-000001"
    assert bill(session, make_booking(session, acme, 1), after).number == "INV-2027-000001"


def test_a_number_that_was_rolled_back_is_given_again(database):
    with database.transaction() as session:
        first, second = (make_booking(session, make_party(session), 1_000).id for _ in range(2))
    with suppress(ZeroDivisionError), database.transaction() as session:
        assert bill(session, session.get_one(Booking, first)).number == "INV-2026-000001"
        raise ZeroDivisionError
    with database.transaction() as session:
        assert bill(session, session.get_one(Booking, second)).number == "INV-2026-000001"


def test_people_who_invoice_at_once_get_numbers_without_gaps_and_no_booking_twice(database):
    """Half of them want the same booking; they also begin the year together."""
    with database.transaction() as session:
        acme = make_party(session)
        contested = make_booking(session, acme, 1_000).id
        wanted = [contested, *(make_booking(session, acme, 1_000).id for _ in range(3))]
    start = threading.Barrier(8, timeout=30)

    def work(booking_id):
        start.wait()
        with database.transaction() as session:
            bill(session, session.get_one(Booking, booking_id))

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(work, one) for one in [*wanted, *[contested] * 4]]:
            done.result(60)
    with database.transaction() as session:
        assert sorted(number for number, _ in papers(session)) == [f"INV-2026-{n:06}" for n in range(1, 5)]
        assert session.scalars(select(InvoiceSeries.last)).all() == [4]


def test_a_booking_waits_for_its_invoice_once_its_first_departure_has_left(session):
    acme, departure = make_party(session), make_departure(session, departs_at=NOW + HOUR)
    booking = make_booking(session, acme, 7_000, departure=departure)

    assert bookings_to_invoice(session, NOW) == []
    assert bookings_to_invoice(session, NOW + HOUR) == [booking.id]
    bill(session, booking)
    assert bookings_to_invoice(session, NOW + HOUR) == []


def test_a_departure_that_was_cancelled_has_not_left(session):
    departure = make_departure(session, departs_at=NOW - HOUR, status="cancelled")
    make_booking(session, make_party(session), 7_000, departure=departure)

    assert bookings_to_invoice(session, NOW) == []


def test_what_is_over_or_has_changed_since_it_was_invoiced_waits_as_well(session):
    acme = make_party(session)
    changed, over = make_booking(session, acme, 1_000), make_booking(session, acme, 2_000, status="COMPLETED")
    bill(session, changed)
    recharge(changed, 1_100)
    make_booking(session, acme, 3_000, status="COMPLETED", test_mode=True)
    make_booking(session, acme, status="CANCELLED")
    session.flush()

    assert bookings_to_invoice(session, NOW) == [changed.id, over.id]


def test_a_statement_opens_with_what_was_owed_and_lists_what_changed_it(session):
    acme = make_party(session)
    booking = make_booking(session, acme, 10_000)
    bill(session, booking, NOW - 30 * DAY)
    make_payment(session, acme, 4_000, received_on=date(2026, 11, 5))
    recharge(booking, 9_000)
    bill(session, booking)
    make_payment(session, acme, 1_000, "USD", received_on=date(2026, 12, 1))
    bill(session, make_booking(session, make_party(session), 50_000))
    found = statement(session, acme, date(2026, 11, 1), date(2026, 12, 1))

    (yuan,) = found.accounts
    assert (yuan.currency, yuan.opening_minor, yuan.closing_minor) == ("CNY", 10_000, 5_000)
    assert [(entry.kind, entry.amount_minor, balance) for entry, balance in yuan.lines] == [
        ("payment", -4_000, 6_000), ("credit_note", -10_000, -4_000), ("invoice", 9_000, 5_000),
    ]  # fmt: skip
    december = statement(session, acme, date(2026, 12, 1), date(2027, 1, 1))
    assert [(one.currency, one.opening_minor, one.closing_minor) for one in december.accounts] == [
        ("CNY", 5_000, 5_000), ("USD", 0, -1_000),
    ]  # fmt: skip


STEPS = st.one_of(
    st.tuples(st.just("book"), st.lists(st.integers(1, 10**9), min_size=1, max_size=4)),
    st.tuples(st.just("charge"), st.lists(st.integers(1, 10**9), max_size=4)),
    st.tuples(st.just("cancel"), st.lists(st.integers(1, 10**6), max_size=1)),
    st.tuples(st.just("bill"), st.just([])),
    st.tuples(st.just("pay"), st.lists(st.integers(1, 10**9), min_size=1, max_size=1)),
)


@settings(max_examples=examples(25), deadline=None, derandomize=True, database=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(st.lists(st.tuples(STEPS, st.integers(0, 40)), max_size=14))
def test_whatever_is_booked_changed_cancelled_and_paid_the_statements_are_the_lines_less_the_payments(
    session, steps
):
    acme, bookings, paid, at = make_party(session), [], 0, NOW - 200 * DAY
    since = at.date()
    for (verb, amounts), days in steps:
        at += timedelta(days=days)
        if verb == "book":
            bookings.append(make_booking(session, acme, *amounts))
        elif verb == "pay":
            payment = NewPayment(f"BANK-{at}-{paid}", "CNY", amounts[0], at.date())
            record_payment(session, FINANCE, at + HOUR, acme, payment)
            paid += amounts[0]
        elif bookings and verb == "bill":
            bill(session, bookings[-1], at)
        elif bookings and bookings[-1].status != "CANCELLED":
            recharge(bookings[-1], *amounts, status="CANCELLED" if verb == "cancel" else "CONFIRMED")
    for booking in bookings:
        bill(session, booking, at)
    session.flush()
    lines = session.scalar(
        select(func.coalesce(func.sum(InvoiceLine.amount_minor), 0))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.exporter_id == acme.id)
    )
    owed = sum(booking.total_minor for booking in bookings)
    assert lines == owed

    closing, month = 0, since.replace(day=1)
    while month <= at.date() + timedelta(days=1):
        after = (month + timedelta(days=32)).replace(day=1)
        for one in statement(session, acme, month, after).accounts:
            assert one.opening_minor == closing
            closing = one.closing_minor
        month = after
    assert closing == owed - paid
    assert sum(one.net_minor for one in owed_by(session, acme.id)) == closing
    assert [fault for fault in broken(session, at) if "invoice" in fault.invariant] == []
