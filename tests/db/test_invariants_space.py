"""fsck notices when space, units, lines or statuses do not add up any more."""

import pytest
from sqlalchemy import update

from app.models import Booking, BookingLine, CapacityPool, DepartureUnit, HandlingUnit, SpaceAllocation
from app.queries.invariants_space import INVARIANTS
from app.usecases.booking import book_offer
from tests import factories as make
from tests.booking_rows import make_offer
from tests.db.test_booking import exporter
from tests.factories import NOW


def violations(session):
    session.flush()
    return {check.__name__ for check in INVARIANTS for _ in check(session, NOW)}


@pytest.fixture
def booking(session):
    departure = make.make_departure(session, pools={"teu": (400, 0, 0), "g": (90_000, 0, 0)})
    kind = make.make_unit_type(session, payload_g=20_000, volume_cm3=500_000)
    make.make_departure_unit(session, departure, kind)
    offer = make_offer(session, [departure], may_open=True)
    return book_offer(session, exporter(offer), NOW, offer.public_id)


def test_a_booking_leaves_nothing_to_complain_about(session, booking):
    assert violations(session) == set()


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (update(CapacityPool).values(booked=1), "pools_are_the_sum_of_their_allocations"),
        (update(HandlingUnit).values(booked_g=1), "units_are_the_sum_of_their_allocations"),
        (update(DepartureUnit).values(opened=2), "opened_units_are_counted"),
        (update(SpaceAllocation).values(leg_seq=9), "bookings_have_their_space"),
        (update(BookingLine).values(filled=1), "lines_count_what_fills_them"),
        (update(Booking).values(status="RECEIVED"), "statuses_follow_from_events"),
        (update(Booking).values(total_minor=1), "statuses_follow_from_events"),
    ],
)
def test_each_is_noticed(session, booking, change, broken):
    session.execute(change.execution_options(synchronize_session=False))
    session.expire_all()
    assert violations(session) == {broken}
