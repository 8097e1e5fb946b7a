"""Each invariant of invoices finds the damage it is there for, and is silent about healthy papers."""

import pytest
from sqlalchemy import text

from app.actor import system
from app.queries.invariants_money import INVARIANTS
from app.usecases.billing import invoice_booking
from tests.billing_rows import make_booking, recharge
from tests.factories import NOW, make_party


def broken(session):
    return {one.__name__ for one in INVARIANTS if any(one(session, NOW))}


@pytest.fixture
def papers(session):
    """An invoice that was taken back, its credit note, and the one that followed; and another exporter's."""
    booking = make_booking(session, make_party(session), 7_000, 300)
    invoice_booking(session, system("test"), booking, NOW)
    recharge(booking, 8_000)
    invoice_booking(session, system("test"), booking, NOW)
    invoice_booking(session, system("test"), make_booking(session, make_party(session, "OTHER"), 1), NOW)
    session.flush()


def test_healthy_papers_break_nothing(session, papers):
    assert broken(session) == set()


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (
            "UPDATE invoice_line SET amount_minor = amount_minor + 1 WHERE amount_minor = 8000",
            "invoices_add_up",
        ),
        ("UPDATE invoice SET total_minor = total_minor + 1 WHERE total_minor = 8000", "invoices_add_up"),
        ("DELETE FROM invoice_line WHERE amount_minor = 8000", "invoices_add_up"),
        (
            "UPDATE invoice SET currency = 'USD' WHERE total_minor = -7300",
            "credit_notes_take_an_invoice_back",
        ),
        (
            "UPDATE invoice SET total_minor = -1 WHERE total_minor = -7300",
            "credit_notes_take_an_invoice_back",
        ),
        ("UPDATE invoice SET corrects_id = NULL", "credit_notes_take_an_invoice_back"),
        ("UPDATE invoice SET corrects_id = NULL", "bookings_have_one_live_invoice"),
        (
            "UPDATE invoice_line SET amount_minor = -7300 - amount_minor WHERE amount_minor < 0",
            "credited_lines_are_the_invoiced_ones",
        ),
        ("UPDATE booking SET test_mode = true", "practice_is_not_invoiced"),
        (
            "UPDATE invoice SET exporter_id = (SELECT id FROM party WHERE reference = 'OTHER')",
            "practice_is_not_invoiced",
        ),
        ("UPDATE invoice_series SET last = last + 1", "invoice_numbers_have_no_gaps"),
        ("UPDATE invoice_series SET year = 2025", "invoice_numbers_have_no_gaps"),
        ("DELETE FROM invoice_series", "invoice_numbers_have_no_gaps"),
    ],
)
def test_damage_is_found_by_the_invariant_that_guards_it(session, papers, damage, found):
    session.execute(text(damage))

    assert found in broken(session)
