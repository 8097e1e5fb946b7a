"""What the control tower calls an exception, what money it puts at risk, and who looks after it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.errors import Invalid, NotFound
from app.models import (
    AuditEvent,
    FxRate,
    HandlingUnit,
    ReturnItem,
    SpaceAllocation,
    TrackingEvent,
    WebhookMessage,
    WebhookSubscription,
)
from app.queries.exceptions import find_exceptions
from app.queries.exceptions_rows import Scope
from app.usecases.returning.requesting import NewReturn, WantedItem, request_return
from app.usecases.watching_exceptions import assign, snooze
from tests import factories as make
from tests.booking_rows import fill_booking, make_booking, make_offer
from tests.factories import DAY, HOUR, NOW
from tests.stock_rows import a_sku

STAFF = Actor("user", "usr_test", "operator")


@pytest.fixture
def sailing(session):
    return make.make_departure(session, make.make_service(session, mode="sea"), departs_at=NOW + 30 * HOUR)


def found(session, kind, scope=None):
    return find_exceptions(session, NOW, scope or Scope(), [kind]).rows


def a_rate(session, base, quote, micros):
    session.add(FxRate(base=base, quote=quote, rate_micros=micros, as_of=NOW.date(), source="example"))
    session.flush()


def test_a_cancelled_departure_puts_the_charges_of_its_live_bookings_at_risk(session, sailing):
    a_rate(session, "USD", "CNY", 7_000_000)
    make_booking(session, make_offer(session, [sailing]))
    make_booking(session, make_offer(session, [sailing]), status="CANCELLED")
    sailing.status = "cancelled"
    session.flush()

    (row,) = found(session, "departure_cancelled")

    assert (row.subject, row.facts["bookings"], row.risk_minor) == (sailing.public_id, 1, 7_000)
    assert row.until == sailing.departs_at
    assert found(session, "departure_cancelled", Scope(modes=("air",))) == []


def test_without_an_exchange_rate_no_money_is_named(session, sailing):
    make_booking(session, make_offer(session, [sailing]))
    sailing.status = "cancelled"
    session.flush()
    (row,) = found(session, "departure_cancelled")
    assert row.risk_minor is None


@pytest.mark.parametrize(("booked_g", "risk"), [(2_000_000, 160_000), (12_000_000, None)])
def test_a_unit_that_closes_underfilled_loses_the_share_that_is_empty(session, sailing, booked_g, risk):
    box = make.make_unit_type(session, payload_g=10_000_000, volume_cm3=50_000_000)
    large = max(booked_g, box.payload_g)
    make.make_departure_unit(session, sailing, box, cost_minor=200_000, currency="CNY")
    unit = HandlingUnit(
        public_id="hun_0000000000000001", departure_id=sailing.id, unit_type_id=box.id, board_seq=0,
        alight_seq=1, payload_g=large, volume_cm3=50_000_000, booked_g=booked_g, opened_by="usr_test",
        opened_at=NOW,
    )  # fmt: skip
    session.add(unit)
    session.flush()
    assert [row.risk_minor for row in found(session, "closing_underfilled")] == ([risk] if risk else [])


def test_of_a_quote_that_holds_space_the_dearest_offer_is_at_risk_until_it_ends(session, sailing):
    offer = make_offer(session, [sailing], total_minor=900)
    other = make_offer(session, [sailing], offer.quote, total_minor=1_500)
    pool = sailing.segments[0].pools[0]
    for one, minutes in ((offer, 90), (other, 60)):
        session.add(SpaceAllocation(
            pool_id=pool.id, dimension="g", quantity=1, state="held", offer_id=one.id, created_at=NOW,
            expires_at=NOW + timedelta(minutes=minutes),
        ))  # fmt: skip
    session.flush()
    a_rate(session, "USD", "CNY", 7_000_000)

    (row,) = found(session, "hold_expiring")

    assert (row.subject, row.risk_minor) == (offer.quote.public_id, 10_500)
    assert row.until == NOW + HOUR
    assert found(session, "hold_expiring", Scope(client="nobody")) == []


def test_goods_are_late_when_the_last_word_of_their_departure_is_later_than_due(session, sailing):
    booking = make_booking(session, make_offer(session, [sailing]))
    fill_booking(session, booking, ready_at=NOW - DAY, deliver_by=sailing.arrives_at + HOUR)
    assert found(session, "goods_late") == []
    session.add(TrackingEvent(
        public_id="evt_0000000000000001", departure_id=sailing.id, call_seq=1, event_type="TRANSPORT",
        classifier="EST", code="ARRI", happens_at=sailing.arrives_at + 5 * HOUR, reported_at=NOW,
        received_at=NOW, source="test", source_id="1",
    ))  # fmt: skip
    session.flush()

    (row,) = found(session, "goods_late")

    assert (row.subject, row.facts["late"], row.facts["parcels"]) == (booking.public_id, 4 * HOUR, 1)


def test_what_customs_holds_is_added_up_by_client(session):
    client = make.make_party(session)
    for value in (1_000, 2_000):
        make.make_parcel(session, client, status="customs_hold", value_minor=value, currency="CNY")
    (row,) = found(session, "customs_hold")
    assert (row.subject, row.facts["parcels"], row.risk_minor) == (client.public_id, 2, 3_000)


def test_a_relief_deadline_puts_duty_and_tax_at_risk(session):
    client = make.make_party(session)
    duisburg = make.make_location(session, "DEDUI-WHS", "overseas", country="DE")
    make.make_warehouse(session, duisburg)
    a_sku(session, client, 77)
    sender = {"person_name": "Erika", "city": "Duisburg", "country_code": "DE"}
    wanted = NewReturn(original=None, reason="unwanted", items=[WantedItem("SKU-77", 1)], sender=sender)
    made = request_return(session, STAFF, NOW, client, wanted)
    made.relief_deadline = NOW.date() + timedelta(days=12)
    item = session.scalars(select(ReturnItem).where(ReturnItem.return_id == made.id)).one()
    item.value_minor, item.currency, item.quantity = 10_000, "CNY", 2
    session.flush()

    (row,) = found(session, "relief_deadline")

    assert (row.subject, row.risk_minor) == (made.public_id, 4_300)
    made.relief_deadline = date(2030, 1, 1)
    session.flush()
    assert found(session, "relief_deadline") == []


def test_webhooks_and_runs_that_fail_are_exceptions_without_money(session):
    hook = WebhookSubscription(
        public_id="whk_0000000000000001", url="https://example.test/hook", secret="whsec_" + "x" * 32,
        event_types=["booking.confirmed"], created_at=NOW, created_by="test",
    )  # fmt: skip
    session.add(hook)
    session.flush()
    session.add(WebhookMessage(
        public_id="msg_0000000000000001", subscription_id=hook.id, event_type="booking.confirmed",
        subject="bkg_1", body="{}", status="failed", created_at=NOW - HOUR,
    ))  # fmt: skip
    run = make.make_run(session, status="failed", failure_code="no_space", created_at=NOW - HOUR)
    rows = find_exceptions(session, NOW, Scope()).rows
    assert {(row.kind, row.subject, row.risk_minor) for row in rows} == {
        ("webhook_failing", hook.public_id, None),
        ("run_failed", run.public_id, None),
    }
    assert find_exceptions(session, NOW, Scope(modes=("sea",))).rows == []


def test_the_most_money_comes_first_then_what_has_the_least_time(session):
    for days, value in ((3, 100), (1, 100), (2, 9_000)):
        client = make.make_party(session)
        departure = make.make_departure(session, departs_at=NOW + days * DAY, status="cancelled")
        offer = make_offer(session, [departure], total_minor=value)
        make_booking(session, offer, currency="CNY", total_minor=value)
        del client
    left = [(row.until - NOW) // DAY for row in found(session, "departure_cancelled")]
    assert left == [2, 1, 3]


def test_what_is_put_aside_comes_back_by_itself(session):
    run = make.make_run(session, status="failed", created_at=NOW)
    snooze(session, STAFF, NOW, "run_failed", run.public_id, NOW + HOUR)
    wrong = find_exceptions(session, NOW, Scope(), ["run_failed"])
    assert (wrong.rows, [row.subject for row in wrong.snoozed]) == ([], [run.public_id])
    assert len(find_exceptions(session, NOW + 2 * HOUR, Scope(), ["run_failed"]).rows) == 1
    snooze(session, STAFF, NOW, "run_failed", run.public_id, None)
    assert len(found(session, "run_failed")) == 1
    told = session.scalars(select(AuditEvent.action).where(AuditEvent.subject == run.public_id)).all()
    assert told == ["exception.snoozed", "exception.woken"]


def test_an_exception_is_given_to_a_colleague_and_taken_back(session):
    run = make.make_run(session, status="failed", created_at=NOW)
    person = make.make_user(session, "finance")
    assign(session, STAFF, NOW, "run_failed", run.public_id, person.public_id)
    (row,) = found(session, "run_failed")
    assert row.note.owner.email == person.email
    assign(session, STAFF, NOW, "run_failed", run.public_id, None)
    assert found(session, "run_failed")[0].note.owner_id is None


def test_what_makes_no_sense_is_refused(session):
    stranger = make.make_user(session, "exporter", make.make_party(session))
    with pytest.raises(Invalid):
        assign(session, STAFF, NOW, "run_failed", "run_1", stranger.public_id)
    with pytest.raises(Invalid):
        snooze(session, STAFF, NOW, "run_failed", "run_1", NOW - HOUR)
    with pytest.raises(NotFound):
        snooze(session, STAFF, NOW, "boredom", "run_1", NOW + HOUR)
