"""What the pages of quotes and bookings look up: parcels in and for a booking, other departures, served places."""

import pytest

from app.models import Location, Party, ServiceCall
from app.queries.booking_page import document_in_force, other_departures, parcels_inside, parcels_waiting
from app.queries.choices import all_exporters, served_places
from tests import factories as make
from tests.booking_rows import LINE, fill_booking, make_booking, make_offer, make_quote
from tests.factories import DAY, NOW


@pytest.fixture
def sailings(session):
    liner = make.make_service(session, "PAC1", "sea")
    stops = [make.make_location(session), make.make_location(session)]
    return [
        make.make_departure(session, liner, stops, departs_at=NOW + day * DAY, number=f"V{day}")
        for day in (3, 10, 17)
    ]


@pytest.fixture
def booking(session, sailings):
    ends = [session.get_one(Location, call.location_id) for call in sailings[0].calls]
    quote = make_quote(session, None, *ends, lines=[LINE | {"count": 4}])
    return make_booking(session, make_offer(session, [sailings[0]], quote), lines=[LINE | {"count": 4}])


def waiting_parcel(session, booking, **facts):
    owner = session.get_one(Party, booking.exporter_id)
    ends = [session.get_one(Location, one) for one in (booking.origin_id, booking.destination_id)]
    return make.make_parcel(session, owner, *ends, **facts)


def test_parcels_in_a_booking_come_page_by_page(session, booking):
    inside = fill_booking(session, booking, 3)
    first = parcels_inside(session, booking.id, limit=2)
    rest = parcels_inside(session, booking.id, cursor=first.next_cursor, limit=2)

    assert [row.public_id for row in first.items + rest.items] == [one.public_id for one in inside]
    assert rest.next_cursor is None
    assert first.items[0].line == 1


def test_parcels_that_wait_fit_in_lane_goods_owner_and_state(session, booking):
    fits = waiting_parcel(session, booking)
    waiting_parcel(session, booking, goods_class="li_ion_alone")
    waiting_parcel(session, booking, status="delivered")
    make.make_parcel(session, session.get_one(Party, booking.exporter_id))
    fill_booking(session, booking, 1)

    assert [row.public_id for row in parcels_waiting(session, booking)] == [fits.public_id]


def test_a_leg_can_go_with_departures_of_its_service_that_are_sold_and_not_closed(session, booking, sailings):
    leg = booking.legs[0]
    found = other_departures(session, leg, NOW)
    assert [one.number for one in found] == ["V10", "V17"]
    assert found[0].cutoff_at == sailings[1].departs_at - DAY

    sailings[1].status = "cancelled"
    session.flush()
    assert [one.number for one in other_departures(session, leg, NOW)] == ["V17"]
    assert other_departures(session, leg, sailings[2].departs_at - DAY) == []


def test_a_booking_without_a_document_has_none_in_force(session, booking):
    assert document_in_force(session, booking.id) is None


def test_forms_offer_places_that_are_served_and_parties_that_export(session, sailings):
    hub, far = make.make_location(session), make.make_location(session)
    session.add(ServiceCall(service_id=sailings[0].service_id, seq=0, location_id=hub.id))
    make.make_party(session, "CARRIER", roles=["carrier"])
    exporter = make.make_party(session, "ACME", name="Acme Ltd")

    codes = [place.code for place in served_places(session)]
    assert hub.code in codes
    assert far.code not in codes
    named = dict(all_exporters(session))
    assert named[exporter.reference] == "Acme Ltd"
    assert "CARRIER" not in named
