"""Credit: what is owed and booked is added up, held against the limit, and two bookings never share what is left."""

import threading
from datetime import date

import pytest
from sqlalchemy import func, select

from app.errors import CreditHold, CreditLimitExceeded
from app.models import Booking, Party
from app.queries.credit import credit_of
from app.usecases.billing import check_credit
from tests.billing_rows import make_booking, make_payment, make_rate
from tests.conftest import POSTGRES
from tests.factories import NOW, make_party


def limited(session, limit_minor=100_000, **facts):
    return make_party(session, "ACME", credit_limit_minor=limit_minor, **facts)


def test_without_a_limit_everything_may_be_booked(session):
    check_credit(session, make_party(session), "CNY", 10**15, NOW)


def test_the_limit_may_be_reached_and_not_passed(session):
    acme = limited(session)
    make_booking(session, acme, 60_000)

    check_credit(session, acme, "CNY", 40_000, NOW)
    with pytest.raises(CreditLimitExceeded) as refused:
        check_credit(session, acme, "CNY", 40_001, NOW)
    assert refused.value.detail == (
        "CNY 600.00 is owed or booked already; with this it would be CNY 1000.01, and the credit limit is "
        "CNY 1000.00: pay CNY 0.01 first, or ask for a higher limit"
    )


def test_what_was_paid_may_be_booked_again(session):
    acme = limited(session)
    make_booking(session, acme, 100_000)
    make_payment(session, acme, 30_000)

    check_credit(session, acme, "CNY", 30_000, NOW)


def test_practice_and_what_the_carrier_refused_do_not_count(session):
    acme = limited(session)
    make_booking(session, acme, 90_000, test_mode=True)
    for status in ("REJECTED", "DECLINED"):
        make_booking(session, acme, 90_000, status=status)

    check_credit(session, acme, "CNY", 100_000, NOW)


def test_another_exporters_bookings_do_not_count(session):
    make_booking(session, make_party(session), 90_000)

    check_credit(session, limited(session), "CNY", 100_000, NOW)


def test_a_change_that_makes_nobody_owe_more_is_let_through_beyond_the_limit(session):
    acme = limited(session)
    make_booking(session, acme, 150_000)

    check_credit(session, acme, "CNY", -10_000, NOW)


def test_a_hold_refuses_and_says_why(session):
    acme = make_party(session, "ACME", credit_hold=True, credit_hold_reason="INV-2026-000007 is overdue")

    with pytest.raises(
        CreditHold, match="ACME is on credit hold and cannot book: INV-2026-000007 is overdue"
    ):
        check_credit(session, acme, "CNY", 1, NOW)


def test_currencies_are_added_at_the_rates_of_the_day_and_rounded_once(session):
    acme = limited(session)
    make_rate(session, "EUR", "CNY", 8_000_000)
    make_rate(session, "EUR", "USD", 1_250_000)
    make_rate(session, "EUR", "USD", 1_600_000, as_of=date(2026, 10, 1))
    make_rate(session, "EUR", "USD", 1_600_000, as_of=date(2026, 12, 1))
    make_booking(session, acme, 1_000, currency="USD")
    make_booking(session, acme, 1_000, currency="EUR")

    # 10 USD at 6.4 and 10 EUR at 8.
    assert credit_of(session, acme, NOW).exposure_minor == 6_400 + 8_000
    check_credit(session, acme, "USD", (100_000 - 14_400) * 10 // 64, NOW)
    with pytest.raises(CreditLimitExceeded):
        check_credit(session, acme, "USD", (100_000 - 14_400) * 10 // 64 + 1, NOW)


def test_a_currency_nobody_has_a_rate_for_is_refused_and_named(session):
    with pytest.raises(CreditLimitExceeded, match="no exchange rate leads from KZT to CNY"):
        check_credit(session, limited(session), "KZT", 1, NOW)


def test_what_is_owed_is_told_even_where_it_cannot_be_added_up(session):
    acme = limited(session)
    make_booking(session, acme, 5_000, currency="KZT")
    credit = credit_of(session, acme, NOW)

    assert (credit.exposure_minor, credit.left_minor) == (None, None)
    assert [(one.currency, one.net_minor) for one in credit.owed] == [("KZT", 5_000)]


def test_of_two_bookings_that_want_what_is_left_exactly_one_is_let_through(database):
    """The second asks after the first was let through and before its booking is written."""
    with database.transaction() as session:
        acme_id = limited(session).id
    outcomes = []

    def book(meanwhile=lambda: None):
        try:
            with database.transaction() as session:
                acme = session.get_one(Party, acme_id)
                check_credit(session, acme, "CNY", 60_000, NOW)
                meanwhile()
                make_booking(session, acme, 60_000)
        except CreditLimitExceeded:
            outcomes.append("refused")
        else:
            outcomes.append("booked")

    second = threading.Thread(target=book)

    def give_the_second_its_chance():
        second.start()
        second.join(0.5)

    book(give_the_second_its_chance)
    second.join(30)
    assert outcomes == ["booked", "refused"]
    with database.transaction() as session:
        assert session.scalar(select(func.sum(Booking.total_minor))) == 60_000


@pytest.mark.parametrize("backend", [POSTGRES], indirect=True, scope="session")
def test_rows_that_refer_to_the_exporter_can_be_written_while_its_credit_is_checked(database):
    """Else two who had written such a row and then ask would wait for each other for ever."""
    with database.transaction() as session:
        acme_id = limited(session, 1_000_000).id
    with database.transaction() as first:
        check_credit(first, first.get_one(Party, acme_id), "CNY", 1, NOW)
        with database.transaction() as second:
            make_booking(second, second.get_one(Party, acme_id), 1)
