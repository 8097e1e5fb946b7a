"""Bookings: an offer becomes one once, parcels fill it, and every change is an event."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.errors import CapacityGone, Conflict, CutoffPassed, ExceedsBooking, Invalid, NotFound, QuoteExpired
from app.models import Booking, BookingEvent, CapacityPool, Parcel
from app.usecases.booking import book_offer
from app.usecases.booking_amend import Amendment, LineChange, amend_booking
from app.usecases.booking_changes import Onward, cancel_booking, roll_booking
from app.usecases.booking_parcels import add_parcels, remove_parcel
from app.usecases.papers import in_force, issue_on_request
from tests import factories as make
from tests.booking_rows import make_offer, make_quote
from tests.factories import DAY, HOUR, NOW
from trade.numbering import check_number

STAFF = Actor("user", "usr_test", "operator")


@pytest.fixture
def departure(session):
    return make.make_departure(session, pools={"g": (10_000, 0, 0), "cm3": (100_000, 0, 0)})


@pytest.fixture
def offer(session, departure):
    calls = departure.calls
    ends = [session.get_one(make.Location, call.location_id) for call in (calls[0], calls[-1])]
    return make_offer(session, [departure], make_quote(session, None, *ends))


def taken(session):
    rows = session.scalars(select(CapacityPool).execution_options(populate_existing=True))
    return {row.dimension: (row.held, row.booked) for row in rows}


def exporter(offer, **facts):
    return Actor("key", "key_test", "exporter", offer.quote.exporter_id, **facts)


def parcels_for(session, offer, count, **facts):
    owner = session.get_one(make.Party, offer.quote.exporter_id)
    ends = [
        session.get_one(make.Location, one) for one in (offer.quote.origin_id, offer.quote.destination_id)
    ]
    facts = {"weight_g": 1_000, "volume_cm3": 3_000, **facts}
    return [make.make_parcel(session, owner, *ends, **facts).public_id for _ in range(count)]


def test_an_offer_becomes_a_confirmed_booking_with_its_space(session, offer):
    booking = book_offer(session, exporter(offer), NOW, offer.public_id, reference="PO-1")
    assert (booking.status, booking.version, booking.total_minor) == ("CONFIRMED", 2, offer.total_minor)
    assert taken(session) == {"g": (0, 2_000), "cm3": (0, 6_000)}
    kinds = session.scalars(select(BookingEvent.kind).order_by(BookingEvent.seq)).all()
    assert kinds == ["received", "confirmed"]


def test_a_quote_is_booked_once_whichever_offer_is_sent(session, departure, offer):
    second = make_offer(session, [departure], offer.quote)
    first = book_offer(session, exporter(offer), NOW, offer.public_id)
    for again in (offer, second):
        with pytest.raises(Conflict, match=first.public_id):
            book_offer(session, exporter(offer), NOW, again.public_id)


def test_what_ran_out_is_410_and_what_closed_is_409(session, offer):
    with pytest.raises(QuoteExpired):
        book_offer(session, exporter(offer), offer.quote.expires_at, offer.public_id)
    offer.quote.expires_at = NOW + 9 * DAY
    with pytest.raises(CutoffPassed):
        book_offer(session, exporter(offer), NOW + 2 * DAY, offer.public_id)


def test_an_offer_is_booked_no_later_than_it_says(session, offer):
    offer.shown = {"bookable_until": (NOW + HOUR).isoformat()}
    session.flush()
    with pytest.raises(CutoffPassed, match="could be booked until"):
        book_offer(session, exporter(offer), NOW + HOUR, offer.public_id)


def test_a_departure_that_was_cancelled_is_not_booked(session, departure, offer):
    departure.status = "cancelled"
    session.flush()
    with pytest.raises(Conflict, match="cancelled"):
        book_offer(session, exporter(offer), NOW, offer.public_id)


def test_another_exporter_and_another_mode_find_no_offer(session, offer):
    stranger = Actor("key", "key_x", "exporter", make.make_party(session).id)
    for actor in (stranger, exporter(offer, test_mode=True)):
        with pytest.raises(NotFound):
            book_offer(session, actor, NOW, offer.public_id)


def test_test_mode_takes_no_space(session, offer):
    offer.quote.test_mode = True
    session.flush()
    booking = book_offer(session, exporter(offer, test_mode=True), NOW, offer.public_id)
    assert booking.test_mode
    assert taken(session) == {"g": (0, 0), "cm3": (0, 0)}


def test_parcels_fill_the_lines_get_numbers_and_no_more_than_booked(session, offer):
    actor = exporter(offer)
    booking = book_offer(session, actor, NOW, offer.public_id)
    two = parcels_for(session, offer, 2)
    filled = add_parcels(session, actor, NOW, booking.public_id, two)
    assert all(check_number(one.tracking_number) for one in filled)
    assert add_parcels(session, actor, NOW, booking.public_id, two) == filled
    assert booking.lines[0].filled == 2
    with pytest.raises(ExceedsBooking, match="more than was booked"):
        add_parcels(session, actor, NOW, booking.public_id, parcels_for(session, offer, 1))
    remove_parcel(session, actor, NOW, booking.public_id, two[0])
    assert booking.lines[0].filled == 1


def test_parcels_of_another_lane_are_named(session, offer):
    actor = exporter(offer)
    booking = book_offer(session, actor, NOW, offer.public_id)
    owner = session.get_one(make.Party, offer.quote.exporter_id)
    stray = make.make_parcel(session, owner, reference="STRAY")
    with pytest.raises(Invalid) as refused:
        add_parcels(session, actor, NOW, booking.public_id, [stray.public_id])
    assert [(one.field, one.code) for one in refused.value.errors] == [("parcel STRAY", "other_lane")]


def test_cancelling_before_the_cutoff_is_free_and_after_it_costs_half(session, departure, offer):
    actor = exporter(offer)
    booking = book_offer(session, actor, NOW, offer.public_id)
    add_parcels(session, actor, NOW, booking.public_id, parcels_for(session, offer, 1))
    cancel_booking(session, actor, NOW + DAY, booking.public_id, "changed mind")
    assert (booking.status, booking.cancellation_status) == ("CANCELLED", "CANCELLATION_CONFIRMED")
    assert (booking.total_minor, booking.charges) == (0, [])
    assert taken(session) == {"g": (0, 0), "cm3": (0, 0)}
    assert session.scalars(select(Parcel.booking_line_id)).all() == [None]
    with pytest.raises(Conflict):
        cancel_booking(session, actor, NOW + DAY, booking.public_id, "again")
    late = make_offer(session, [departure])
    other = book_offer(session, exporter(late), NOW, late.public_id)
    cancel_booking(session, exporter(late), NOW + 2 * DAY + HOUR, other.public_id, "late")
    assert other.total_minor == late.total_minor // 2
    assert sum(line["amount_minor"] for line in other.charges) == other.total_minor


def test_nothing_is_cancelled_after_it_has_left(session, departure, offer):
    booking = book_offer(session, exporter(offer), NOW, offer.public_id)
    with pytest.raises(Conflict, match="left"):
        cancel_booking(session, exporter(offer), departure.departs_at, booking.public_id, "")


def test_rolling_moves_the_space_and_keeps_the_price(session, departure, offer):
    stops = [session.get_one(make.Location, call.location_id) for call in departure.calls]
    service = session.get_one(make.Service, departure.service_id)
    later = make.make_departure(
        session, service, stops, departs_at=NOW + 10 * DAY, pools={"g": (2_000, 0, 0)}
    )
    booking = book_offer(session, exporter(offer), NOW, offer.public_id)
    roll_booking(session, STAFF, NOW, booking.public_id, [Onward(1, later.public_id)], "late goods")
    assert booking.legs[0].departs_at == later.departs_at
    assert booking.total_minor == offer.total_minor
    rows = session.scalars(select(CapacityPool).execution_options(populate_existing=True))
    assert sorted(row.booked for row in rows) == [0, 0, 2_000]
    foreign = make.make_departure(session)
    with pytest.raises(Invalid) as refused:
        roll_booking(session, STAFF, NOW, booking.public_id, [Onward(1, foreign.public_id)], "")
    assert refused.value.errors[0].code == "other_service"


def test_rolling_to_a_full_departure_changes_nothing(database):
    with database.transaction() as session:
        departure = make.make_departure(session)
        offer = make_offer(session, [departure])
        stops = [session.get_one(make.Location, call.location_id) for call in departure.calls]
        service = session.get_one(make.Service, departure.service_id)
        full = make.make_departure(
            session, service, stops, departs_at=NOW + 10 * DAY, pools={"g": (1_999, 0, 0)}
        ).public_id
        booking_id = book_offer(session, exporter(offer), NOW, offer.public_id).public_id
    with pytest.raises(CapacityGone), database.transaction() as session:
        roll_booking(session, STAFF, NOW, booking_id, [Onward(1, full)], "")
    with database.reading() as session:
        booking = session.scalars(select(Booking)).one()
        assert booking.version == 2
        assert sorted(
            row.booked for row in session.scalars(select(CapacityPool)) if row.dimension == "g"
        ) == [0, 2_000]


@pytest.fixture
def priced(session, departure):
    from datetime import date

    from app.models import Tariff, TariffBreak

    tariff = Tariff(
        code="SELL-1", side="sell", service_id=departure.service_id, currency="USD", valid_from=date(2026, 1, 1),
        breaks=[TariffBreak(from_g=0, rate_micros_per_kg=5_000_000)],
    )  # fmt: skip
    session.add(tariff)
    session.flush()
    return tariff


def test_amending_moves_space_and_price_together(session, offer, priced):
    actor = exporter(offer)
    booking = book_offer(session, actor, NOW, offer.public_id)
    wanted = Amendment(lines=(LineChange(1, count=5),), reference="PO-2")
    amend_booking(session, actor, NOW, booking.public_id, wanted)
    assert (booking.status, booking.amendment_status) == ("CONFIRMED", "AMENDMENT_CONFIRMED")
    assert booking.total_minor == 2_500
    assert [line["packages"] for line in booking.charges] == [1]
    assert taken(session) == {"g": (0, 5_000), "cm3": (0, 15_000)}
    with pytest.raises(CapacityGone):
        amend_booking(session, actor, NOW, booking.public_id, Amendment(lines=(LineChange(1, count=11),)))


def test_a_line_never_becomes_smaller_than_what_fills_it(session, offer, priced):
    actor = exporter(offer)
    booking = book_offer(session, actor, NOW, offer.public_id)
    add_parcels(session, actor, NOW, booking.public_id, parcels_for(session, offer, 2))
    with pytest.raises(Invalid) as refused:
        amend_booking(session, actor, NOW, booking.public_id, Amendment(lines=(LineChange(1, count=1),)))
    assert refused.value.errors[0].code == "filled_already"


def test_amending_ends_at_the_first_cutoff(session, departure, offer, priced):
    booking = book_offer(session, exporter(offer), NOW, offer.public_id)
    with pytest.raises(Conflict, match="cut-off"):
        amend_booking(
            session, exporter(offer), departure.departs_at - DAY + timedelta(seconds=1), booking.public_id,
            Amendment(lines=(LineChange(1, count=1),)),
        )  # fmt: skip


def test_documents_follow_what_becomes_of_the_booking(session, departure, offer, priced):
    actor = exporter(offer)
    booking = book_offer(session, actor, NOW, offer.public_id)
    amend_booking(session, actor, NOW, booking.public_id, Amendment(lines=(LineChange(1, count=3),)))
    assert in_force(session, booking) == []
    first = issue_on_request(session, actor, NOW, booking.public_id)
    assert [one.leg_seq for one in first] == [0, 1]
    assert issue_on_request(session, actor, NOW, booking.public_id) == first
    amend_booking(session, actor, NOW, booking.public_id, Amendment(lines=(LineChange(1, count=4),)))
    second = in_force(session, booking)
    assert [one.version for one in second] == [2, 2]
    assert {one.number for one in first}.isdisjoint(one.number for one in second)
    cancel_booking(session, actor, NOW, booking.public_id, "")
    assert in_force(session, booking) == []
    with pytest.raises(Conflict):
        issue_on_request(session, actor, NOW, booking.public_id)
