"""A plan becomes bookings, chain by chain and once; what went stale is listed, and nothing is half-booked."""

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app.actor import Actor
from app.errors import Conflict, Forbidden, Invalid
from app.models import (
    AuditEvent,
    Booking,
    BookingEvent,
    CapacityPool,
    Consignment,
    FxRate,
    HandlingUnit,
    Job,
    Parcel,
    PlanBooking,
    PlanChain,
    PlanStale,
    Segment,
)
from app.queries import invariants_commits, invariants_space
from app.queries.manifests import manifest
from app.usecases.booking_changes import cancel_booking
from app.usecases.committing import (
    LeftOut,
    begin_commit,
    commit_next,
    discard_plan,
    fail_commit,
    request_commit,
)
from app.usecases.departing import change_departure
from tests import factories as make
from tests.factories import DAY, NOW
from tests.quote_rows import sell

STAFF = Actor("user", "usr_test", "operator")


class World:
    """A departure between two places, a plan that uses it, and exporters with parcels on it."""

    def __init__(self, session, pools=None):
        self.session = session
        rate = {"base": "USD", "quote": "CNY", "rate_micros": 7_100_000, "source": "example"}
        session.add(FxRate(**rate, as_of=date(2026, 11, 1)))
        self.departure = make.make_departure(session, pools=pools)
        self.places = [session.get_one(make.Location, call.location_id) for call in self.departure.calls]
        sell(session, session.get_one(make.Service, self.departure.service_id))
        self.plan = make.make_plan(session)
        self.way = make.make_itinerary(session, self.plan, [self.departure])
        self.parcels = []

    def parcel(self, exporter, way=None, **facts):
        """A parcel of an exporter that the plan puts on the departure."""
        facts = {"ready_at": NOW, "customs_mode": "9610", **facts}
        parcel = make.make_parcel(self.session, exporter, *self.places, **facts)
        make.make_plan_item(self.session, self.plan, parcel, way or self.way)
        self.parcels.append(parcel)
        return parcel

    def commit(self, plan=None):
        """Commit all of it, as a worker does."""
        plan = plan or self.plan
        request_commit(self.session, STAFF, NOW, plan.public_id)
        begin_commit(self.session, NOW, plan.public_id)
        while commit_next(self.session, NOW, plan.public_id):
            pass
        assert plan.state == "committed"
        for parcel in self.parcels:
            self.session.refresh(parcel)
        assert_sound(self.session)

    def stale(self, plan=None):
        """Reference of each parcel that was not booked, and why."""
        query = select(Parcel.reference, PlanStale.code).join(PlanStale, PlanStale.parcel_id == Parcel.id)
        return dict(self.session.execute(query.where(PlanStale.plan_id == (plan or self.plan).id)).all())

    def taken_g(self, departure=None):
        """Booked grams on the departure."""
        query = select(CapacityPool.booked).join(Segment).where(CapacityPool.dimension == "g")
        return self.session.scalars(
            query.where(Segment.departure_id == (departure or self.departure).id)
        ).one()


def assert_sound(session):
    session.flush()
    rules = (*invariants_commits.INVARIANTS, *invariants_space.INVARIANTS)
    assert [row for rule in rules for row in rule(session, NOW)] == []


@pytest.fixture
def world(session):
    return World(session)


def test_each_exporter_gets_one_booking_for_a_way_and_its_parcels_fill_it(session, world):
    first, second = make.make_party(session), make.make_party(session)
    parcels = [world.parcel(first) for _ in range(3)] + [world.parcel(second, customs_mode="9710")]

    world.commit()

    bookings = session.scalars(select(Booking).order_by(Booking.exporter_id)).all()
    assert [(one.exporter_id, one.status, one.quote_id) for one in bookings] == [
        (first.id, "CONFIRMED", None),
        (second.id, "CONFIRMED", None),
    ]
    assert all(one.total_minor > 0 for one in bookings)
    assert all(one.booking_line_id and one.tracking_number and one.consignment_id for one in parcels)
    assert world.taken_g() == sum(one.weight_g for one in parcels)
    assert sum(line.packages for line in manifest(session, world.departure.public_id, NOW).lines) == 4
    events = session.execute(select(BookingEvent.kind, func.count()).group_by(BookingEvent.kind)).all()
    assert dict(events) == {"received": 2, "confirmed": 2, "parcels_added": 2}
    assert session.scalars(select(PlanBooking.parcels).order_by(PlanBooking.exporter_id)).all() == [3, 1]
    audit = session.scalars(select(AuditEvent).where(AuditEvent.action == "plan.committed")).one()
    assert (audit.actor, audit.after["bookings"], audit.after["booked"]) == ("usr_test", 2, 4)


def test_goods_of_each_customs_mode_have_a_waybill_of_their_own(session, world):
    exporter = make.make_party(session)
    for mode in ("9610", "9610", "9810"):
        world.parcel(exporter, customs_mode=mode)
    world.commit()
    assert sorted(session.scalars(select(Consignment.customs_mode))) == ["9610", "9810"]
    assert session.scalars(select(Booking.customs_mode)).one() is None


def test_what_went_stale_is_listed_and_the_rest_is_booked(session, world):
    exporter, held = make.make_party(session), make.make_party(session, credit_hold=True)
    good = world.parcel(exporter)
    world.parcel(exporter, reference="gone", status="cancelled")
    world.parcel(exporter, reference="moved", ready_at=NOW + 4 * DAY, deliver_by=None)
    world.parcel(held, reference="held")

    world.commit()

    assert world.stale() == {"gone": "parcel_cancelled", "moved": "cutoff_missed", "held": "credit_hold"}
    assert good.booking_line_id is not None
    assert session.scalar(select(func.count(Booking.id))) == 1
    chain = session.scalars(select(PlanChain)).one()
    assert (chain.status, chain.parcels, chain.booked, chain.stale) == ("done", 4, 1, 3)


def test_a_cancelled_departure_takes_nothing_and_its_parcels_say_so(session, world):
    world.parcel(make.make_party(session), reference="left")
    change_departure(session, STAFF, NOW, world.departure.public_id, "cancel", "storm")
    world.commit()
    assert world.stale() == {"left": "departure_cancelled"}
    assert world.taken_g() == 0


def test_where_room_is_short_those_that_must_not_be_late_go_first(session):
    world = World(session, pools={"g": (5_000, 0, 0)})
    exporter = make.make_party(session)
    world.parcel(exporter, reference="may wait", weight_g=2_000)
    world.parcel(exporter, reference="must go", weight_g=2_000, hard_deadline=True)
    world.parcel(exporter, reference="may wait too", weight_g=2_000)
    world.commit()
    assert world.stale() == {"may wait too": "no_room"}
    assert world.taken_g() == 4_000


def test_without_a_price_nothing_is_booked(session):
    departure = make.make_departure(session)
    world = World(session)
    world.places = [session.get_one(make.Location, call.location_id) for call in departure.calls]
    world.parcel(
        make.make_party(session), make.make_itinerary(session, world.plan, [departure]), reference="P"
    )
    world.commit()
    assert world.stale() == {"P": "no_price"}


def test_only_the_units_of_the_plan_are_opened(session):
    world = World(session, pools={"teu": (2_000, 0, 0)})
    box = make.make_unit_type(session, payload_g=3_000)
    make.make_departure_unit(session, world.departure, box)
    make.make_planned_unit(session, world.plan, world.departure, box, opened=2)
    for number in range(4):
        world.parcel(make.make_party(session), reference=f"P{number}", weight_g=2_000)

    world.commit()

    units = session.scalars(select(HandlingUnit)).all()
    assert [one.opened_by for one in units] == [world.plan.public_id] * 2
    assert Counter(world.stale().values()) == {"no_room": 2}


def test_a_booking_over_the_credit_limit_is_not_made(session, world):
    exporter = make.make_party(session, credit_limit_minor=1, credit_currency="USD")
    world.parcel(exporter, reference="dear")
    world.commit()
    assert world.stale() == {"dear": "credit_limit_exceeded"}
    assert world.taken_g() == 0


def test_a_plan_is_committed_once(session, world):
    world.parcel(make.make_party(session))
    request_commit(session, STAFF, NOW, world.plan.public_id)
    with pytest.raises(Conflict):
        request_commit(session, STAFF, NOW, world.plan.public_id)
    begin_commit(session, NOW, world.plan.public_id)
    while commit_next(session, NOW, world.plan.public_id):
        pass
    with pytest.raises(Conflict):
        request_commit(session, STAFF, NOW, world.plan.public_id)
    assert not begin_commit(session, NOW, world.plan.public_id)
    assert session.scalar(select(func.count(Booking.id))) == 1


def test_what_no_worker_goes_on_with_is_resumed_where_it_stopped(session, world):
    other = make.make_departure(
        session,
        session.get_one(make.Service, world.departure.service_id),
        world.places,
        departs_at=NOW + 5 * DAY,
    )
    exporter = make.make_party(session)
    world.parcel(exporter)
    world.parcel(exporter, make.make_itinerary(session, world.plan, [other]))
    plan_id = world.plan.public_id
    request_commit(session, STAFF, NOW, plan_id)
    begin_commit(session, NOW, plan_id)
    commit_next(session, NOW, plan_id)
    fail_commit(session, plan_id, "worker_lost")

    request_commit(session, STAFF, NOW, plan_id)
    begin_commit(session, NOW, plan_id)
    while commit_next(session, NOW, plan_id):
        pass

    assert session.scalar(select(func.count(Booking.id))) == 2
    assert session.scalar(select(func.count(Job.id)).where(Job.kind == "commit_plan")) == 2


def test_what_is_left_out_stays_in_the_pool(session, world):
    mine, theirs = make.make_party(session), make.make_party(session)
    kept, left = world.parcel(mine), world.parcel(theirs)
    request_commit(session, STAFF, NOW, world.plan.public_id, LeftOut(exporters=(theirs.public_id,)))
    begin_commit(session, NOW, world.plan.public_id)
    while commit_next(session, NOW, world.plan.public_id):
        pass
    session.expire_all()
    assert kept.booking_line_id is not None
    assert left.booking_line_id is None
    assert world.stale() == {}


def test_who_is_left_out_must_be_known(session, world):
    world.parcel(make.make_party(session))
    with pytest.raises(Invalid):
        request_commit(session, STAFF, NOW, world.plan.public_id, LeftOut(exporters=("exp_nobody",)))


def test_a_draft_is_discarded_and_brought_back_and_only_a_draft_is_committed(session, world):
    world.parcel(make.make_party(session))
    discard_plan(session, STAFF, NOW, world.plan.public_id)
    with pytest.raises(Conflict):
        request_commit(session, STAFF, NOW, world.plan.public_id)
    discard_plan(session, STAFF, NOW, world.plan.public_id, undo=True)
    with pytest.raises(Conflict):
        discard_plan(session, STAFF, NOW, world.plan.public_id, undo=True)
    assert world.plan.state == "draft"


def test_a_plan_without_ways_is_not_committed_and_exporters_commit_none(session, world):
    with pytest.raises(Conflict):
        request_commit(session, STAFF, NOW, world.plan.public_id)
    with pytest.raises(Forbidden):
        request_commit(session, Actor("key", "key_1", "exporter", 1), NOW, world.plan.public_id)


def test_a_booking_of_a_plan_can_be_cancelled_like_any_other(session, world):
    parcel = world.parcel(make.make_party(session))
    world.commit()
    booking = session.scalars(select(Booking)).one()
    cancel_booking(session, STAFF, NOW, booking.public_id, "the plan was wrong")
    session.flush()
    session.expire_all()
    assert (world.taken_g(), parcel.booking_line_id) == (0, None)


def test_a_plan_made_anew_moves_parcels_from_booking_to_booking(session, world):
    exporter = make.make_party(session)
    stays, moves = world.parcel(exporter), world.parcel(exporter)
    world.commit()
    later = make.make_departure(
        session,
        session.get_one(make.Service, world.departure.service_id),
        world.places,
        departs_at=NOW + 5 * DAY,
    )
    anew = make.make_plan(session)
    make.make_replan(session, world.plan, anew, [moves])
    make.make_plan_item(session, anew, stays, make.make_itinerary(session, anew, [world.departure]))
    make.make_plan_item(session, anew, moves, make.make_itinerary(session, anew, [later]))

    world.commit(anew)

    assert world.stale(anew) == {}
    assert world.taken_g() == stays.weight_g
    assert world.taken_g(later) == moves.weight_g
    kinds = session.scalars(select(BookingEvent.kind).where(BookingEvent.kind == "amended")).all()
    assert kinds == ["amended"]
    assert session.scalar(select(func.sum(PlanChain.kept))) == 1


def test_a_booking_that_a_new_plan_empties_is_cancelled_without_a_fee(session, world):
    parcel = world.parcel(make.make_party(session))
    world.commit()
    change_departure(session, STAFF, NOW, world.departure.public_id, "cancel", "storm")
    later = make.make_departure(
        session,
        session.get_one(make.Service, world.departure.service_id),
        world.places,
        departs_at=NOW + 5 * DAY,
    )
    anew = make.make_plan(session)
    make.make_replan(session, world.plan, anew, [parcel])
    make.make_plan_item(session, anew, parcel, make.make_itinerary(session, anew, [later]))

    world.commit(anew)

    old, new = session.scalars(select(Booking).order_by(Booking.id)).all()
    assert (old.status, old.total_minor, new.status) == ("CANCELLED", 0, "CONFIRMED")
    assert world.taken_g() == 0


def test_a_delay_that_breaks_no_connection_moves_the_booking(session, world):
    world.parcel(make.make_party(session))
    for call in world.departure.calls:
        for name in ("arrives_at", "departs_at"):
            if getattr(call, name) is not None:
                setattr(call, name, getattr(call, name) + timedelta(hours=6))
    session.flush()
    world.commit()
    leg = session.scalars(select(Booking)).one()
    session.refresh(leg, ["legs"])
    assert leg.legs[0].departs_at == NOW + 3 * DAY + timedelta(hours=6)
