"""What a plan does with returns is written at the returns desk when it is committed, and booked where they travel."""

from datetime import timedelta

from sqlalchemy import select

from app.actor import Actor
from app.models import Booking, Parcel, PlanStale, ReturnItem
from app.usecases.committing import begin_commit, commit_next, request_commit
from app.usecases.committing_preview import preview
from app.usecases.returning.deciding import Chosen, choose_dispositions
from tests import factories as make
from tests.quote_rows import sell
from tests.return_rows import graded, lands
from tests.stock_rows import NOW

DAY = timedelta(days=1)
STAFF = Actor("user", "usr_test", "operator")


class Desk:
    """A graded return of an A and a D, and a plan that restocks or ships them."""

    def __init__(self, session, **facts):
        self.session, self.world = session, lands(session)
        self.found = graded(session, self.world, "AD")
        for name, value in facts.items():
            setattr(self.found.exporter, name, value)
        stops = [self.world.house.warehouse.location, self.world.home]
        self.homeward = make.make_departure(session, None, stops, departs_at=NOW + 5 * DAY, leg=20 * DAY)
        sell(session, session.get_one(make.Service, self.homeward.service_id))
        self.plan = make.make_plan(session)

    def item(self, grade):
        return next(one for one in self.found.items if one.grade == grade)

    def put(self, grade, disposition, legs=()):
        way = make.make_itinerary(self.session, self.plan, legs, disposition=disposition)
        make.make_plan_item(self.session, self.plan, self.item(grade).parcel, way)

    def commit(self):
        request_commit(self.session, STAFF, NOW, self.plan.public_id)
        begin_commit(self.session, NOW, self.plan.public_id)
        while commit_next(self.session, NOW, self.plan.public_id):
            pass
        for item in self.found.items:
            self.session.refresh(item, [column.key for column in ReturnItem.__table__.columns])

    def stale(self):
        query = select(PlanStale.code, Parcel.id).join(Parcel, Parcel.id == PlanStale.parcel_id)
        return [code for code, _ in self.session.execute(query)]


def test_what_stays_is_decided_and_what_travels_is_booked_as_well(session):
    desk = Desk(session)
    desk.put("A", "restock")
    desk.put("D", "return_to_china", [desk.homeward])

    desk.commit()

    assert desk.stale() == ["disposition_refused"], "scrap does not travel to China"
    assert (desk.item("A").status, desk.item("A").disposition) == ("chosen", "restock")
    assert desk.item("D").status == "graded"
    assert session.scalars(select(Booking)).all() == []


def test_what_travels_to_china_gets_its_disposition_and_its_space_together(session):
    desk = Desk(session)
    desk.put("A", "return_to_china", [desk.homeward])
    desk.commit()
    booking = session.scalars(select(Booking)).one()
    assert desk.item("A").disposition == "return_to_china"
    assert desk.stale() == []
    assert booking.destination_id == desk.world.home.id


def test_where_the_exporter_has_a_word_it_is_decided_and_waits(session):
    desk = Desk(session, approves_returns=True)
    desk.put("A", "return_to_china", [desk.homeward])
    desk.commit()
    assert desk.stale() == ["awaits_approval"]
    assert (desk.item("A").status, desk.item("A").approval) == ("chosen", "waiting")
    assert session.scalars(select(Booking)).all() == []


def test_what_the_desk_decided_otherwise_stays_so(session):
    desk = Desk(session)
    desk.put("A", "restock")
    choose_dispositions(session, STAFF, NOW, desk.found.public_id, [Chosen(1, "relabel")])
    desk.commit()
    assert desk.stale() == ["decided_otherwise"]
    assert desk.item("A").disposition == "relabel"


def test_a_parcel_without_a_return_cannot_stay(session):
    desk = Desk(session)
    parcel = make.make_parcel(session, direction="return")
    way = make.make_itinerary(session, desk.plan, [], disposition="restock")
    make.make_plan_item(session, desk.plan, parcel, way)
    ahead = preview(session, desk.plan, NOW)
    assert (ahead.total.decided, dict(ahead.codes)) == (0, {"no_return": 1}), "it is said before"
    desk.commit()
    assert desk.stale() == ["no_return"]
