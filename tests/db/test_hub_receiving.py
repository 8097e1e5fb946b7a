from datetime import timedelta

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.errors import Conflict, Forbidden, Invalid, NotFound, ScanReused
from app.models import Location, Parcel, ParcelMeasure, TrackingEvent, WebhookMessage
from app.usecases import webhooks
from app.usecases.loading.finding import Hand
from app.usecases.loading.measuring import decide_variance, latest_of, measure_parcel
from app.usecases.loading.receiving import receive_parcel
from tests import factories as make
from tests.factories import NOW
from tests.load_rows import a_hub

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")


@pytest.fixture
def hub(session):
    return a_hub(session, received=False)


def received(session, hub, text, **facts):
    return receive_parcel(session, hub.actor, NOW, hub.code, Hand(text), **facts)


def test_a_parcel_received_at_its_hub_is_picked_up_and_its_owner_is_told(session, hub):
    from app.carriers.addresses import Allowed

    exporter = Actor("user", "usr_x", "exporter", hub.booking.exporter_id)
    webhooks.subscribe(session, exporter, NOW, Allowed(), "https://x.example/h", ["parcel.status_changed"])
    found = received(session, hub, hub.parcels[0].tracking_number)

    event = session.scalars(select(TrackingEvent)).one()
    assert (found.outcome, found.parcel.status) == ("received", "picked_up")
    assert (event.code, event.location_id, event.classifier) == ("GTIN", hub.location.id, "ACT")
    assert '"status":"picked_up"' in session.scalars(select(WebhookMessage.body)).one()


def test_a_parcel_is_found_by_its_number_its_id_and_its_owners_reference(session, hub):
    one, two, three = hub.parcels
    spaced = f"{one.tracking_number[:2]} {one.tracking_number[2:].lower()}"

    assert [received(session, hub, text).parcel.id for text in (spaced, two.public_id, three.reference)] == [
        one.id, two.id, three.id,
    ]  # fmt: skip
    with pytest.raises(NotFound):
        received(session, hub, "FP404")


def test_a_reference_that_two_exporters_use_is_not_guessed(session, hub):
    make.make_parcel(session, reference=hub.parcels[0].reference)

    with pytest.raises(Invalid) as refused:
        received(session, hub, hub.parcels[0].reference)
    assert refused.value.errors[0].code == "ambiguous"


def test_a_parcel_at_its_destination_has_arrived_and_one_that_comes_by_is_under_way(session, hub):
    abroad = session.get_one(Location, hub.booking.destination_id)
    make.make_warehouse(session, abroad)
    hub.parcels[0].destination_id = make.make_location(session, kind="overseas").id
    session.flush()
    by = receive_parcel(session, hub.actor, NOW, abroad.code, Hand(hub.parcels[0].tracking_number))
    there = receive_parcel(session, hub.actor, NOW, abroad.code, Hand(hub.parcels[1].tracking_number))

    assert (by.parcel.status, there.parcel.status) == ("in_transit", "ready_for_pickup")


def test_a_parcel_that_does_not_come_by_is_taken_in_only_when_somebody_insists(session, hub):
    other = a_hub(session, count=1)
    with pytest.raises(Invalid) as refused:
        received(session, hub, other.parcels[0].tracking_number)

    assert refused.value.errors[0].code == "not_expected_here"
    assert received(session, hub, other.parcels[0].tracking_number, anyway=True).receipt.off_its_way


def test_a_second_scan_and_a_scan_sent_again_change_nothing(session, hub):
    one, two = hub.parcels[:2]
    hand = Hand(one.tracking_number, "s1", NOW - timedelta(hours=2))
    outcomes = [receive_parcel(session, hub.actor, NOW, hub.code, hand).outcome for _ in range(2)]

    assert [*outcomes, received(session, hub, one.reference).outcome] == [
        "received", "already_received", "already_received",
    ]  # fmt: skip
    event = session.scalars(select(TrackingEvent)).one()
    assert event.happens_at == NOW - timedelta(hours=2)
    with pytest.raises(ScanReused):
        receive_parcel(session, hub.actor, NOW, hub.code, Hand(two.tracking_number, "s1"))


def test_what_was_cancelled_and_who_does_not_work_there_is_refused(session, hub):
    hub.parcels[0].status = "cancelled"
    session.flush()
    stranger = a_hub(session, count=1).staff

    with pytest.raises(Conflict):
        received(session, hub, hub.parcels[0].tracking_number)
    for actor, error in ((stranger, NotFound), (Actor("key", "k", "exporter", 1), Forbidden)):
        with pytest.raises(error):
            receive_parcel(session, actor, NOW, hub.code, Hand(hub.parcels[1].tracking_number))
    assert receive_parcel(session, hub.staff, NOW, hub.code, Hand(hub.parcels[1].tracking_number)).outcome


def test_a_measure_that_varies_is_an_alert_until_somebody_decides_and_changes_no_booking(session, hub):
    number, before = hub.parcels[0].tracking_number, (hub.booking.total_minor, hub.parcels[0].weight_g)
    fine = measure_parcel(session, hub.actor, NOW, hub.code, Hand(number), 1_100)
    heavy = measure_parcel(session, hub.actor, NOW, hub.code, Hand(number), 1_600, (200, 150, 100))

    assert (fine.varies, heavy.varies, heavy.declared_g) == (False, True, 1_000)
    assert latest_of(session, [hub.parcels[0].id])[hub.parcels[0].id].id == heavy.id
    assert (hub.booking.total_minor, session.get_one(Parcel, hub.parcels[0].id).weight_g) == before
    decided = decide_variance(session, hub.actor, NOW, hub.parcels[0].public_id, "accepted", "told by phone")
    assert (decided.decision, decided.decided_by) == ("accepted", "test")
    with pytest.raises(Conflict):
        decide_variance(session, hub.actor, NOW, hub.parcels[0].public_id, "amended")
    with pytest.raises(NotFound):
        decide_variance(session, hub.actor, NOW, hub.parcels[1].public_id, "accepted")


def test_the_same_weighing_sent_twice_is_kept_once(session, hub):
    hand = Hand(hub.parcels[0].tracking_number, "w1")
    first, second = (measure_parcel(session, hub.actor, NOW, hub.code, hand, 1_000) for _ in range(2))

    assert first.id == second.id
    assert len(session.scalars(select(ParcelMeasure)).all()) == 1
    with pytest.raises(ScanReused):
        measure_parcel(session, hub.actor, NOW, hub.code, hand, 1_001)
