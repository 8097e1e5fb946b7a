"""What is read of a journey: its legs, when it ends and on what that rests, and who may see it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.errors import NotFound
from app.models import Parcel
from app.queries.tracking import track, track_publicly
from app.queries.tracking_events import Viewer, list_events
from app.usecases.tracking import Report, Source, record_events
from routing.punctuality import FEWEST_TRIPS
from tests import factories as make
from tests.booking_rows import fill_booking, legs_of, make_booking, make_offer, make_quote
from tests.factories import DAY, HOUR, NOW

STAFF = Source("usr_test")
EVERYTHING = Viewer()


@pytest.fixture
def places(session):
    kinds = (("CNTAO-P", "port"), ("DEHAM-P", "port"), ("DEDUI-W", "overseas"))
    return [make.make_location(session, code, kind, country=code[:2]) for code, kind in kinds]


@pytest.fixture
def line(session):
    return make.make_service(session)


def sail(session, line, places, departs_at):
    return make.make_departure(session, line, places[:2], departs_at=departs_at, leg=10 * DAY)


def told(session, departure, code, at, classifier="ACT", key=None):
    known = {"event_id": key or f"{departure.id} {code} {classifier}", "departure": departure.public_id}
    record_events(session, STAFF, NOW, [Report(code=code, happens_at=at, classifier=classifier, **known)])


def booked(session, ship, places, *, onward=None, **facts):
    """A booking of two parcels on the ship, then by truck on demand, or on a train (`onward`), to the warehouse."""
    offer = make_offer(session, [ship], make_quote(session, None, places[0], places[2]))
    if onward is None:
        truck = make.make_service(session, mode="road", schedule="on_demand", transit_min=600, weekdays="")
        leg = legs_of([ship])[0] | {
            "seq": 2, "mode": "road", "service_id": truck.id, "departure_id": None, "board_seq": None,
            "alight_seq": None, "from_id": places[1].id, "to_id": places[2].id, "cutoff_at": None,
            "departs_at": (ship.arrives_at + 4 * HOUR).isoformat(),
            "arrives_at": (ship.arrives_at + 14 * HOUR).isoformat(),
        }  # fmt: skip
    else:
        leg = legs_of([ship, onward])[1]
    offer.legs = [*offer.legs, leg]
    booking = make_booking(session, offer, version=2, **facts)
    fill_booking(session, booking, 2)
    return booking


def eta(session, booking):
    found = track(session, booking.public_id, EVERYTHING, NOW).eta
    return found.at, found.basis


def sailed_before(session, line, places, count, late):
    for number in range(count):
        before = sail(session, line, places, NOW - (30 + number) * DAY)
        told(session, before, "ARRI", before.arrives_at + late(number))


def test_without_history_the_timetable_says_when(session, line, places):
    booking = booked(session, sail(session, line, places, NOW - DAY), places)
    sailed_before(session, line, places, FEWEST_TRIPS - 1, lambda _: 9 * HOUR)
    assert eta(session, booking) == (NOW + 9 * DAY + 14 * HOUR, "schedule")


def test_with_thirty_trips_half_of_them_say_when(session, line, places):
    booking = booked(session, sail(session, line, places, NOW - DAY), places)
    sailed_before(session, line, places, FEWEST_TRIPS, lambda number: number * HOUR)
    assert eta(session, booking) == (NOW + 9 * DAY + 14 * HOUR + timedelta(hours=14.5), "history")


def test_ships_that_are_usually_early_make_no_truck_earlier(session, line, places):
    booking = booked(session, sail(session, line, places, NOW - DAY), places)
    sailed_before(session, line, places, FEWEST_TRIPS, lambda _: -5 * HOUR)
    assert eta(session, booking) == (NOW + 9 * DAY + 14 * HOUR, "history")


def test_what_is_reported_of_this_trip_counts_more_than_others(session, line, places):
    ship = sail(session, line, places, NOW - DAY)
    booking = booked(session, ship, places)
    sailed_before(session, line, places, FEWEST_TRIPS, lambda _: 9 * HOUR)
    told(session, ship, "DEPA", ship.departs_at + 2 * HOUR)
    assert eta(session, booking) == (NOW + 9 * DAY + 16 * HOUR, "estimate")


def test_delivery_of_the_last_parcel_is_when_a_booking_arrived(session, line, places):
    booking = booked(session, sail(session, line, places, NOW - 20 * DAY), places)
    parcels = select(Parcel).where(Parcel.booking_line_id == booking.lines[0].id)
    for hours, parcel in enumerate(session.scalars(parcels).all()):
        one = Report(event_id=parcel.public_id, code="delivered", parcel=parcel.public_id,
                     happens_at=NOW - hours * HOUR)  # fmt: skip
        record_events(session, STAFF, NOW, [one])
    assert eta(session, booking) == (NOW, "actual")


def test_a_train_that_leaves_before_the_ship_is_there_is_a_missed_connection(session, line, places):
    ship = sail(session, line, places, NOW - DAY)
    train = make.make_departure(session, stops=places[1:], departs_at=ship.arrives_at + 6 * HOUR)
    booking = booked(session, ship, places, onward=train)
    told(session, ship, "ARRI", ship.arrives_at + 5 * HOUR, "EST", "a")
    legs = track(session, booking.public_id, EVERYTHING, NOW).legs
    assert [leg.times.missed for leg in legs] == [False, False]
    told(session, ship, "ARRI", ship.arrives_at + 7 * HOUR, "EST", "b")
    assert track(session, booking.public_id, EVERYTHING, NOW + HOUR).legs[1].times.missed


def test_practice_is_seen_by_keys_of_test_mode_alone_and_by_people(session, line, places):
    ship = sail(session, line, places, NOW - DAY)
    practice = booked(session, ship, places, test_mode=True)
    real, test = Viewer(practice.exporter_id, test_mode=False), Viewer(practice.exporter_id, test_mode=True)
    told(session, ship, "DEPA", ship.departs_at)
    assert track(session, practice.public_id, test, NOW).kind == "booking"
    with pytest.raises(NotFound):
        track(session, practice.public_id, real, NOW)
    seen = [len(list_events(session, viewer).items) for viewer in (real, test, Viewer(practice.exporter_id))]
    assert seen == [0, 1, 1]


def test_a_parcel_without_a_booking_has_a_status_and_no_legs(session):
    parcel = make.make_parcel(session)
    one = Report(event_id="1", code="picked_up", parcel=parcel.public_id, happens_at=NOW)
    record_events(session, STAFF, NOW, [one])
    found = track(session, parcel.public_id, Viewer(parcel.exporter_id, test_mode=False), NOW)
    assert (found.status, found.legs, found.eta, len(found.events)) == ("picked_up", [], None, 1)
    with pytest.raises(NotFound):
        track_publicly(session, parcel.public_id, NOW)
