"""Cut-offs of a departure are moved; bookings follow and are told, and booked goods are not left behind unasked."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.actor import Actor
from app.errors import Conflict, CutoffPassed, Invalid
from app.models import AuditEvent, BookingEvent, Call, Cutoff, Departure, WebhookMessage, WebhookSubscription
from app.usecases import cutoffs
from app.usecases.booking import book_offer
from app.usecases.cutoffs import NewCutoff, change_cutoffs, preview, put_back
from app.usecases.cutoffs_touched import touched_bookings
from app.usecases.departing import change_departure
from app.usecases.scenarios import Patch
from app.usecases.scenarios_cutoffs import check_cutoff, closes_so_late
from tests import factories as make
from tests.booking_rows import LINE, make_offer, make_quote
from tests.db.importing import load, load_network
from tests.factories import DAY, HOUR, NOW

STAFF = Actor("user", "usr_test", "operator")
LIVE_KEY = Actor("key", "key_live", "operator")
CLOSES = NOW + 2 * DAY


@pytest.fixture
def ship(session):
    """It leaves in three days, and closes a day before."""
    return make.make_departure(session)


def offered(session, ship, *, ready=NOW, goods="general", until=CLOSES, **facts):
    ends = [session.get_one(make.Location, call.location_id) for call in (ship.calls[0], ship.calls[-1])]
    quote = make_quote(session, None, *ends, lines=[LINE | {"goods_class": goods}], **facts)
    quote.asked = quote.asked | {"ready_at": ready.isoformat()}
    offer = make_offer(session, [ship], quote)
    offer.legs = [leg | {"cutoff_at": until.isoformat()} for leg in offer.legs]
    return offer


def booked(session, ship, **facts):
    return book_offer(session, STAFF, NOW, offered(session, ship, **facts).public_id)


def move(session, ship, at, code="FCO", seen=(), **facts):
    wanted = [NewCutoff(0, code, at, seen)]
    return change_cutoffs(session, STAFF, NOW, ship.public_id, wanted, "strike", **facts)


def stored(session, ship):
    query = select(Cutoff.code, Cutoff.at).join(Call).where(Call.departure_id == ship.id)
    return dict(session.execute(query).all())


def refused(session, ship, at, code="FCO", **facts):
    with pytest.raises(Invalid) as error:
        move(session, ship, at, code, **facts)
    return [(one.field, one.code) for one in error.value.errors]


def test_a_later_cut_off_holds_for_what_is_booked_and_its_exporter_is_told(session, ship):
    booking = booked(session, ship)
    facts = {"event_types": ["departure.cutoff_changed"], "url": "https://example.test/", "secret": "whsec_x"}
    owner = {"exporter_id": booking.exporter_id, "created_at": NOW, "created_by": "test"}
    session.add(WebhookSubscription(public_id="whk_0000000000000001", **facts, **owner))

    move(session, ship, CLOSES + 5 * HOUR)

    assert stored(session, ship) == {"FCO": CLOSES + 5 * HOUR}
    assert booking.legs[0].cutoff_at == CLOSES + 5 * HOUR
    (noted,) = session.scalars(select(BookingEvent).where(BookingEvent.kind == "noted"))
    assert (noted.detail["note"], noted.detail["reason"]) == ("cutoff_changed", "strike")
    assert session.scalars(select(WebhookMessage)).one().subject == ship.public_id
    (logged,) = session.scalars(select(AuditEvent).where(AuditEvent.subject == ship.public_id))
    assert (logged.before, logged.after["0 FCO"]) == (
        {"0 FCO": CLOSES.isoformat()},
        (CLOSES + 5 * HOUR).isoformat(),
    )


def test_booked_goods_are_left_behind_only_if_that_is_said(session, ship):
    booking, early = booked(session, ship, ready=NOW + 40 * HOUR), CLOSES - 10 * HOUR
    assert refused(session, ship, early) == [("although_missed", "goods_would_miss")]
    assert [
        one.public_id for one in preview(session, NOW, ship.public_id, [NewCutoff(0, "FCO", early)]).missed
    ] == [booking.public_id]
    move(session, ship, early, although_missed=True)
    assert booking.legs[0].cutoff_at == early


def test_practice_hinders_no_change_and_is_told_of_it_whoever_makes_it(session, ship):
    booking, early = booked(session, ship, ready=NOW + 40 * HOUR, test_mode=True), CLOSES - 10 * HOUR
    wanted = [NewCutoff(0, "FCO", early)]
    change_cutoffs(session, LIVE_KEY, NOW, ship.public_id, wanted, "strike")
    assert booking.legs[0].cutoff_at == early
    change_departure(session, LIVE_KEY, NOW, ship.public_id, "cancel", "no crew")
    noted = session.scalars(select(BookingEvent).where(BookingEvent.kind == "noted")).all()
    assert [(one.detail["note"], one.actor) for one in noted] == [
        ("cutoff_changed", "key_live"),
        ("departure_cancelled", "key_live"),
    ]


@pytest.mark.parametrize("left", [{"status": "CANCELLED"}, {"board_seq": 1}, {"seq": 2}])
def test_what_left_before_it_was_locked_keeps_its_cut_off(session, ship, monkeypatch, left):
    booking = booked(session, ship)

    def found_then_gone(*args):
        found = list(touched_bookings(*args))
        for name, value in left.items():
            setattr(booking if name == "status" else booking.legs[0], name, value)
        session.flush()
        return found

    monkeypatch.setattr(cutoffs, "touched_bookings", found_then_gone)
    move(session, ship, CLOSES - HOUR)
    assert booking.legs[0].cutoff_at == CLOSES


def test_goods_that_are_there_in_time_hinder_nothing(session, ship):
    booking = booked(session, ship, ready=NOW + 10 * HOUR)
    move(session, ship, CLOSES - 10 * HOUR)
    assert booking.legs[0].cutoff_at == CLOSES - 10 * HOUR


def test_papers_that_close_before_neither_hide_late_goods_nor_make_goods_late(session, ship):
    move(session, ship, CLOSES - DAY, "DCO")
    booking = book_offer(
        session, STAFF, NOW, offered(session, ship, ready=NOW + 40 * HOUR, until=CLOSES - DAY).public_id
    )
    assert refused(session, ship, CLOSES - 10 * HOUR) == [("although_missed", "goods_would_miss")]
    move(session, ship, NOW + 20 * HOUR, "DCO")
    assert booking.legs[0].cutoff_at == NOW + 20 * HOUR


def test_only_dangerous_goods_follow_their_cut_off(session, ship):
    mild, risky = booked(session, ship), booked(session, ship, goods="li_ion_packed")
    move(session, ship, CLOSES - 20 * HOUR, "DGC")
    assert [one.legs[0].cutoff_at for one in (mild, risky)] == [CLOSES, CLOSES - 20 * HOUR]


def test_parcels_of_the_last_plan_that_would_miss_it_are_counted(session, ship):
    plan = make.make_plan(session)
    way = make.make_itinerary(session, plan, [ship])
    for ready in (NOW + HOUR, NOW + 40 * HOUR):
        make.make_plan_item(session, plan, make.make_parcel(session, ready_at=ready), way)
    wanted = [NewCutoff(0, "FCO", CLOSES - 10 * HOUR)]
    assert preview(session, NOW, ship.public_id, wanted).parcels == 1


def test_a_plan_made_under_a_later_cut_off_may_be_promoted_once_it_is_moved(session, ship):
    plan = make.make_plan(session, make.make_run(session, started_at=NOW))
    asked = Patch("cutoff", departure_id=ship.public_id, before_min=6 * 60)
    patch = check_cutoff(session, plan, NOW, "patches.0", ship, asked)
    answer = make.make_plan(session)
    make.make_itinerary(session, answer, [ship])
    assert not closes_so_late(session, answer, ship, patch, NOW)
    move(session, ship, ship.departs_at - 6 * HOUR)
    assert closes_so_late(session, answer, ship, patch, NOW)


def test_an_offer_made_under_a_later_cut_off_is_not_booked_under_an_earlier_one(session, ship):
    offer = offered(session, ship)
    move(session, ship, CLOSES - HOUR)
    with pytest.raises(CutoffPassed, match="closes earlier by now"):
        book_offer(session, STAFF, NOW, offer.public_id)


def test_an_offer_made_under_an_earlier_cut_off_is_booked_with_that_of_now(session, ship):
    offer = offered(session, ship)
    for code, hours in (("FCO", 5), ("DGC", 1), ("VCO", 4)):
        move(session, ship, CLOSES + hours * HOUR, code)
    assert book_offer(session, STAFF, NOW, offer.public_id).legs[0].cutoff_at == CLOSES + 4 * HOUR


def test_what_cannot_be_is_refused_at_its_field(session, ship):
    assert refused(session, ship, NOW - HOUR) == [("cutoffs.0.at", "cutoff_past")]
    assert refused(session, ship, NOW + 4 * DAY) == [("cutoffs.0.at", "cutoff_after_departure")]
    assert refused(session, ship, CLOSES) == [("cutoffs.0.at", "changes_nothing")]
    ship.status = "departed"
    session.flush()
    with pytest.raises(Conflict):
        move(session, ship, CLOSES + HOUR)


def test_a_cut_off_is_named_once(session, ship):
    wanted = [NewCutoff(0, "FCO", CLOSES + HOUR), NewCutoff(0, "FCO", CLOSES - HOUR)]
    with pytest.raises(Invalid) as error:
        change_cutoffs(session, STAFF, NOW, ship.public_id, wanted)
    assert [(one.field, one.code) for one in error.value.errors] == [("cutoffs.1.code", "duplicate")]


def test_what_somebody_else_moved_meanwhile_is_not_moved_unseen(session, ship):
    move(session, ship, CLOSES + HOUR, seen=(CLOSES,))
    with pytest.raises(Conflict, match="meanwhile"):
        move(session, ship, CLOSES + 2 * HOUR, seen=(CLOSES,))


def test_the_last_change_is_put_back_once(session, ship):
    move(session, ship, CLOSES - HOUR, "DGC")
    change = session.scalars(select(AuditEvent.id)).one()
    put_back(session, STAFF, NOW, ship.public_id, change)
    assert stored(session, ship) == {"FCO": CLOSES}
    with pytest.raises(Conflict):
        put_back(session, STAFF, NOW, ship.public_id, change)


def test_an_import_moves_those_it_names_and_leaves_the_others(session):
    load_network(session)
    row = {"service_code": "SEA-1", "number": "001W", "departs_on": "2026-12-04"}
    load(session, "departures", [row])
    again = load(session, "departures", [row | {"cutoffs": "FCO=24h;FCO=6h"}])
    assert (again.updated, again.errors) == (1, ())
    (ship,) = session.scalars(
        select(Departure).options(selectinload(Departure.calls).selectinload(Call.cutoffs))
    )
    before = [{one.code: call.departs_at - one.at for one in call.cutoffs} for call in ship.calls]
    assert before == [{"FCO": DAY, "DGC": 1.5 * HOUR}, {"FCO": 6 * HOUR}, {}]
    assert load(session, "departures", [row | {"cutoffs": "FCO=24h DGC=90m;FCO=6h;"}]).unchanged == 1
