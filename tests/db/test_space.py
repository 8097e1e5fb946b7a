"""Space on departures: taken under locks, held until it expires, given back, and never oversold."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.errors import CapacityGone
from app.models import CapacityPool, HandlingUnit, SpaceAllocation
from app.usecases import space
from app.usecases.space_release import release, sweep_holds
from app.usecases.space_rooms import rides_of
from tests import factories as make
from tests.booking_rows import make_booking, make_offer
from tests.factories import HOUR, NOW

LATER = NOW + 2 * HOUR


def lines(count=1, weight_g=1_000, volume_cm3=5_000):
    return [{"count": count, "weight_g": weight_g, "volume_cm3": volume_cm3}]


def book(session, offer, what, booking, now=NOW, **from_offer):
    space.book(
        session, rides_of(offer.legs), space.lots_of(what), offer.quote.exporter_id, now,
        booking_id=booking.id, opened_by=booking.public_id, **from_offer,
    )  # fmt: skip


def pools_of(session, departure):
    segments = [segment.id for segment in departure.segments]
    query = select(CapacityPool).where(CapacityPool.segment_id.in_(segments))
    rows = session.scalars(query.execution_options(populate_existing=True))
    return {(row.segment_id, row.dimension): (row.held, row.booked) for row in rows}


@pytest.fixture
def departure(session):
    return make.make_departure(session, pools={"g": (10_000, 0, 0), "cm3": (100_000, 0, 0)})


@pytest.fixture
def offer(session, departure):
    return make_offer(session, [departure])


def test_a_hold_is_counted_and_becomes_the_booking(session, departure, offer):
    space.hold(session, offer, lines(3), offer.quote.exporter_id, NOW, LATER)
    assert set(pools_of(session, departure).values()) == {(3_000, 0), (15_000, 0)}
    booking = make_booking(session, offer)
    book(session, offer, lines(3), booking, offer_id=offer.id)
    assert set(pools_of(session, departure).values()) == {(0, 3_000), (0, 15_000)}
    assert {row.state for row in session.scalars(select(SpaceAllocation))} == {"booked"}


def test_a_hold_that_ran_out_gives_way_and_its_offer_takes_anew(session, departure, offer):
    space.hold(session, offer, lines(9), offer.quote.exporter_id, NOW, LATER)
    other = make_offer(session, [departure])
    with pytest.raises(CapacityGone):
        space.hold(session, other, lines(9), other.quote.exporter_id, NOW, LATER)
    after = LATER + timedelta(seconds=1)
    booking = make_booking(session, other)
    book(session, other, lines(9), booking, after)
    with pytest.raises(CapacityGone):
        book(session, offer, lines(9), make_booking(session, offer), after, offer_id=offer.id)
    assert set(pools_of(session, departure).values()) == {(0, 9_000), (0, 45_000)}


def test_the_sweep_gives_back_what_ran_out_and_nothing_else(session, departure, offer):
    space.hold(session, offer, lines(2), offer.quote.exporter_id, NOW, LATER)
    longer = make_offer(session, [departure])
    space.hold(session, longer, lines(3), longer.quote.exporter_id, NOW, LATER + HOUR)
    assert sweep_holds(session, LATER - HOUR) == 0
    assert sweep_holds(session, LATER) == 1
    assert sweep_holds(session, LATER) == 0
    assert set(pools_of(session, departure).values()) == {(3_000, 0), (15_000, 0)}


def test_cancelling_gives_everything_back_once(session, departure, offer):
    booking = make_booking(session, offer)
    book(session, offer, lines(4), booking)
    assert release(session, NOW, booking_id=booking.id) == 2
    assert release(session, NOW, booking_id=booking.id) == 0
    assert set(pools_of(session, departure).values()) == {(0, 0)}


@pytest.fixture
def boxed(session):
    departure = make.make_departure(session, pools={"teu": (400, 0, 0)})
    kind = make.make_unit_type(session, payload_g=20_000, volume_cm3=500_000)
    make.make_departure_unit(session, departure, kind, max_count=2)
    return departure


def test_a_unit_is_opened_filled_by_others_and_closed_when_empty(session, boxed):
    first, second = make_offer(session, [boxed], may_open=True), make_offer(session, [boxed])
    one, two = make_booking(session, first), make_booking(session, second)
    book(session, first, lines(10), one)
    book(session, second, lines(5), two)
    units = session.scalars(select(HandlingUnit)).all()
    assert [(unit.booked_g, unit.booked_cm3) for unit in units] == [(15_000, 75_000)]
    assert set(pools_of(session, boxed).values()) == {(0, 200)}
    release(session, NOW, booking_id=one.id)
    assert set(pools_of(session, boxed).values()) == {(0, 200)}
    release(session, NOW, booking_id=two.id)
    assert set(pools_of(session, boxed).values()) == {(0, 0)}
    session.refresh(boxed, ["units"])
    assert [unit.opened for unit in boxed.units] == [0]


def test_without_leave_nothing_is_opened(session, boxed):
    offer = make_offer(session, [boxed])
    with pytest.raises(CapacityGone) as refused:
        book(session, offer, lines(1), make_booking(session, offer))
    assert refused.value.facts["reason"] == "unit_not_open"


def test_the_last_kilogram_is_sold_once(database):
    with database.transaction() as session:
        departure = make.make_departure(session, pools={"g": (1_000, 0, 0)})
        bookings = [make_booking(session, make_offer(session, [departure])).id for _ in range(8)]
        rides = rides_of(make_offer(session, [departure]).legs)
        exporter = make.make_party(session)
        pool = session.scalars(select(CapacityPool.id)).one()
    won, lost, start = [], [], threading.Barrier(len(bookings))

    def buy(booking_id):
        start.wait()
        try:
            with database.transaction() as session:
                space.book(session, rides, space.lots_of(lines()), exporter.id, NOW, booking_id=booking_id,
                           opened_by="bkg_test")  # fmt: skip
            won.append(booking_id)
        except CapacityGone:
            lost.append(booking_id)

    threads = [threading.Thread(target=buy, args=(one,)) for one in bookings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)
    with database.reading() as session:
        assert session.get_one(CapacityPool, pool).booked == 1_000
