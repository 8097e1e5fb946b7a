"""Events of carriers and staff: kept once, whenever and however often they come, and what follows from them."""

import itertools
import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import event, func, select

from app.models import Booking, BookingEvent, Departure, Job, Parcel, TrackingEvent, WebhookMessage
from app.models import WebhookSubscription as Subscription
from app.usecases.tracking import MOST_EVENTS, Report, Source, record_events
from tests import factories as make
from tests.booking_rows import fill_booking, make_booking, make_offer, make_quote
from tests.factories import DAY, HOUR, NOW

STAFF = Source("usr_test")
_numbers = itertools.count(1)


class World:
    """A ship from Qingdao over Busan to Hamburg, and a booking of two parcels to the warehouse at Hamburg."""

    def __init__(self, session, **booking):
        self.carrier = make.make_party(session, roles=("carrier",))
        self.service = make.make_service(session, carrier_id=self.carrier.id)
        self.stops = [
            make.make_location(session, code, unlocode=code[:5], country=code[:2], kind=kind)
            for code, kind in (("CNTAO-P", "port"), ("KRPUS-P", "port"), ("DEHAM-W", "overseas"))
        ]
        self.departure = make.make_departure(session, self.service, self.stops, departs_at=NOW - 3 * DAY)
        self.exporter = make.make_party(session)
        self.hooks = [subscribe(session, self.exporter)]
        quote = make_quote(session, self.exporter, self.stops[0], self.stops[2])
        offer = make_offer(session, [self.departure], quote)
        self.booking = make_booking(session, offer, version=2, **booking)
        self.parcels = fill_booking(session, self.booking, 2)
        self.source = Source(self.carrier.reference, self.carrier.id)

    def ship(self, code, hours=0.0, **facts):
        """A report of the ship, so many hours after its departure."""
        known = {"service": self.service.code, "number": self.departure.number}
        return report(code, self.departure.departs_at + timedelta(hours=hours), **(known | facts))

    def parcel(self, code, hours=0.0, number=0, **facts):
        """A report of one of the parcels."""
        named = self.parcels[number].tracking_number
        return report(code, self.departure.departs_at + timedelta(hours=hours), **({"parcel": named} | facts))


def report(code, happens_at, **facts):
    return Report(code=code, happens_at=happens_at, **({"event_id": f"e{next(_numbers)}"} | facts))


def subscribe(session, exporter, **facts):
    """A subscription of an exporter, or of the operation."""
    types = ["parcel.status_changed", "departure.delayed", "booking.completed"]
    row = Subscription(
        public_id=f"whk_{next(_numbers):016}", exporter_id=exporter and exporter.id, url="https://example.com/hook",
        event_types=types, secret="whsec_AAAA", created_by="usr_test", created_at=NOW, **facts,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


@pytest.fixture
def world(session):
    return World(session)


def record(session, source, reports, now=NOW):
    return [one.code or one.outcome for one in record_events(session, source, now, reports)]


def statuses(session, world):
    query = select(Parcel.status).where(Parcel.id.in_([one.id for one in world.parcels])).order_by(Parcel.id)
    return list(session.scalars(query))


def status_of(session, departure):
    return session.scalar(select(Departure.status).where(Departure.id == departure.id))


def told(session, event_type):
    query = select(WebhookMessage.subject).where(WebhookMessage.event_type == event_type)
    return list(session.scalars(query))


def test_a_departure_and_what_is_aboard_follow_what_happened(session, world):
    assert record(session, world.source, [world.ship("DEPA")]) == ["accepted"]
    assert status_of(session, world.departure) == "departed"
    assert statuses(session, world) == ["in_transit", "in_transit"]
    assert record(session, world.source, [world.ship("ARRI", 48)]) == ["accepted"]
    assert status_of(session, world.departure) == "arrived"
    assert statuses(session, world) == ["arrived_warehouse", "arrived_warehouse"]


def test_a_booking_is_completed_once_everything_has_arrived_and_only_once(session, world):
    record(session, world.source, [world.parcel("delivered", 50)])
    assert world.booking.status == "CONFIRMED"
    record(session, world.source, [world.parcel("delivered", 51, number=1), world.parcel("delivered", 52)])
    assert session.get_one(Booking, world.booking.id).status == "COMPLETED"
    kinds = select(BookingEvent.kind).where(BookingEvent.booking_id == world.booking.id)
    assert list(session.scalars(kinds.order_by(BookingEvent.seq))) == ["received", "confirmed", "completed"]
    assert told(session, "booking.completed") == [world.booking.public_id]


def test_a_booking_without_parcels_ends_with_its_last_ride(session, world):
    empty = make_booking(session, make_offer(session, [world.departure]), version=2)
    record(session, world.source, [world.ship("DEPA")])
    assert empty.status == "CONFIRMED"
    record(session, world.source, [world.ship("ARRI", 48)])
    assert session.get_one(Booking, empty.id).status == "COMPLETED"


def test_an_event_sent_again_is_a_duplicate_and_changes_nothing(session, world):
    first = world.ship("DEPA", event_id="a")
    assert record(session, world.source, [first, first]) == ["accepted", "duplicate"]
    again = world.ship("ARRI", 48, event_id="a")
    assert record(session, world.source, [again]) == ["duplicate"]
    assert status_of(session, world.departure) == "departed"
    assert len(told(session, "parcel.status_changed")) == 2


def test_the_same_id_of_two_senders_is_two_events(session, world):
    one, other = world.ship("DEPA", event_id="a"), world.ship("ARRI", 48, event_id="a")
    assert record(session, world.source, [one]) == record(session, STAFF, [other]) == ["accepted"]


def test_the_order_in_which_events_come_does_not_matter(session):
    results = set()
    first = World(session)
    for seed in range(6):
        world = Again(session, first)
        events = [
            world.parcel("PICK", -20), world.ship("DEPA"), world.parcel("CUSI", 1), world.parcel("CUSR", 3),
            world.ship("ARRI", 24, location="KRPUS"), world.ship("DEPA", 25, location="KRPUS"),
            world.ship("ARRI", 48), world.parcel("out_for_delivery", 60), world.parcel("delivered", 62),
            world.ship("ARRI", 99, classifier="EST", created_at=NOW - DAY),
        ]  # fmt: skip
        random.Random(seed).shuffle(events)
        for one in events:
            record(session, world.source, [one, one])
        results.add((*statuses(session, world), status_of(session, world.departure)))
    assert results == {("delivered", "arrived_warehouse", "arrived")}


class Again(World):
    """The same world once more: another sailing of the line, another booking."""

    def __init__(self, session, world):
        self.__dict__ |= world.__dict__
        self.departure = make.make_departure(session, self.service, self.stops, departs_at=NOW - 3 * DAY)
        quote = make_quote(session, self.exporter, self.stops[0], self.stops[2])
        self.booking = make_booking(session, make_offer(session, [self.departure], quote), version=2)
        self.parcels = fill_booking(session, self.booking, 2)


def test_exporters_aboard_are_told_of_a_delay_once_for_each_step_it_grows(session, world):
    plan = 48
    late = [world.ship("ARRI", plan + hours, classifier="EST") for hours in (1, 4, 5, 7)]
    for moment, one in enumerate(late):
        record(session, world.source, [one], now=NOW + moment * HOUR)
    assert told(session, "departure.delayed") == [world.departure.public_id] * 2


def test_only_those_whose_goods_are_concerned_are_told_of_a_delay(session, world):
    other = make.make_party(session)
    subscribe(session, other)
    offer = make_offer(session, [world.departure], make_quote(session, other))
    offer.legs = [offer.legs[0] | {"alight_seq": 1}]
    make_booking(session, offer)
    record(session, world.source, [world.ship("ARRI", 60, classifier="EST")])
    messages = session.scalars(select(WebhookMessage)).all()
    assert {one.subscription_id for one in messages} == {world.hooks[0].id}


def test_the_operation_and_each_exporter_are_told_of_their_parcels_once(session, world):
    other = make.make_party(session)
    hooks = [world.hooks[0], subscribe(session, other), operation := subscribe(session, None)]
    subscribe(session, world.exporter, enabled=False)
    theirs = make_booking(
        session, make_offer(session, [world.departure], make_quote(session, other)), version=2
    )
    fill_booking(session, theirs, 1)
    record(session, world.source, [world.ship("DEPA")])
    messages = session.scalars(select(WebhookMessage).order_by(WebhookMessage.id)).all()
    counts = Counter(one.subscription_id for one in messages)
    assert counts == {hooks[0].id: 2, hooks[1].id: 1, operation.id: 3}
    assert {job.subject for job in session.scalars(select(Job))} == {one.public_id for one in messages}


def test_what_its_owner_cancelled_stays_cancelled(session, world):
    world.parcels[0].status = "cancelled"
    session.flush()
    record(session, world.source, [world.ship("DEPA"), world.parcel("delivered", 50)])
    assert statuses(session, world) == ["cancelled", "in_transit"]


def test_a_cancelled_departure_stays_cancelled(session, world):
    world.departure.status = "cancelled"
    session.flush()
    record(session, world.source, [world.ship("DEPA")])
    assert status_of(session, world.departure) == "cancelled"


def test_practice_is_told_to_subscriptions_of_practice_alone(session):
    world = World(session, test_mode=True)
    practice = subscribe(session, world.exporter, test_mode=True)
    record(session, world.source, [world.parcel("picked_up", -5)])
    assert [one.subscription_id for one in session.scalars(select(WebhookMessage))] == [practice.id]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"service": "NO-SUCH"}, "unknown_departure"),
        ({"number": "404"}, "unknown_departure"),
        ({"service": None, "number": None}, "no_subject"),
        ({"service": None, "number": None, "departure": "dep_0000000000000000"}, "unknown_departure"),
        ({"parcel": "FP000"}, "two_subjects"),
        ({"service": None, "number": None, "parcel": "FP000"}, "unknown_parcel"),
        ({"code": "LOAD"}, "unknown_code"),
        ({"location": "NLRTM"}, "not_called_at"),
        ({"call": 7}, "not_called_at"),
        ({"location": "DEHAM"}, "not_of_this_departure"),
        ({"happens_at": NOW + HOUR}, "actual_in_future"),
        ({"happens_at": NOW + HOUR, "classifier": "EST"}, "accepted"),
        ({"location": "CNTAO"}, "accepted"),
        ({"call": 1}, "accepted"),
    ],
)
def test_what_an_event_names_is_found_or_the_event_is_rejected_with_a_reason(session, world, facts, code):
    known = {"code": "DEPA", "event_id": "x", "happens_at": NOW - 3 * DAY, "service": world.service.code,
             "number": world.departure.number}  # fmt: skip
    assert record(session, world.source, [Report(**(known | facts))]) == [code]
    kept = session.scalar(select(func.count()).select_from(TrackingEvent))
    assert kept == (code == "accepted")


def test_a_rejected_event_leaves_the_others_of_its_batch_alone(session, world):
    results = record(session, world.source, [world.ship("DEPA", number="404"), world.ship("DEPA")])
    assert results == ["unknown_departure", "accepted"]


def test_a_carrier_reaches_nothing_that_travels_with_another(session, world):
    other = make.make_party(session, roles=("carrier",))
    source = Source(other.reference, other.id)
    codes = record(session, source, [world.ship("DEPA"), world.parcel("delivered")])
    assert codes == ["unknown_departure", "unknown_parcel"]
    assert record(session, STAFF, [world.ship("DEPA"), world.parcel("picked_up")]) == ["accepted", "accepted"]


def test_a_un_locode_of_several_places_means_the_one_on_the_parcels_way(session, world):
    make.make_location(session, "CNTAO-A", "airport", unlocode="CNTAO")
    for code in ("GBFXT-P", "GBFXT-W"):
        make.make_location(session, code, unlocode="GBFXT", country="GB")
    sent = [world.parcel("PICK", -9, location=code) for code in ("CNTAO", "GBFXT", "GBFXT-W", "XXXXX")]
    assert record(session, world.source, sent) == [
        "accepted", "ambiguous_location", "accepted", "unknown_location",
    ]  # fmt: skip
    first = session.scalar(select(TrackingEvent.location_id).order_by(TrackingEvent.id).limit(1))
    assert first == world.stops[0].id


def test_a_sender_whose_clock_is_ahead_has_not_the_last_word_for_ever(session, world):
    ahead = world.ship("ARRI", 90, classifier="EST", created_at=NOW + 300 * DAY)
    record(session, world.source, [ahead])
    assert session.scalar(select(TrackingEvent.reported_at)) == NOW


def committed(database):
    with database.transaction() as session:
        world = World(session)
        session.expunge_all()
    return world


def test_a_full_batch_is_taken_in_a_bounded_number_of_statements(session, world, statements_of):
    batch = [world.ship("ARRI", 40, classifier="EST") for _ in range(MOST_EVENTS)]
    few = statements_of(lambda: record(session, world.source, batch[:5]))
    many = statements_of(lambda: record(session, world.source, batch[5:]))
    assert many <= few


@pytest.fixture
def statements_of(session):
    connection = session.connection()

    def count(call):
        seen = []

        def listener(_connection, _cursor, statement, *_more):
            seen.append(statement)

        event.listen(connection, "before_cursor_execute", listener)
        call()
        event.remove(connection, "before_cursor_execute", listener)
        return len(seen)

    return count


def at_once(database, jobs):
    """Do each job in a transaction and a thread of its own, all at one moment."""
    barrier = threading.Barrier(len(jobs))

    def work(job):
        barrier.wait()
        with database.transaction() as session:
            return job(session)

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [done.result() for done in [pool.submit(work, job) for job in jobs]]


def test_one_batch_sent_eight_times_at_once_is_kept_once(database):
    """SQLite has one writer at a time anyway; PostgreSQL is where the locks are proved."""
    world = committed(database)
    batch = [world.ship("DEPA"), world.ship("ARRI", 24, location="KRPUS"), world.parcel("delivered", 60)]
    batch += [world.ship("ARRI", 50 + hour, classifier="EST") for hour in range(20)]
    sent = [random.Random(seed).sample(batch, len(batch)) for seed in range(8)]
    outcomes = at_once(
        database, [partial(record, source=world.source, reports=shuffled) for shuffled in sent]
    )
    assert sorted(itertools.chain.from_iterable(outcomes)) == ["accepted"] * len(batch) + [
        "duplicate"
    ] * 7 * len(batch)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(TrackingEvent)) == len(batch)
        assert statuses(session, world) == ["delivered", "in_transit"]
        assert len(told(session, "parcel.status_changed")) == 2


def test_reports_of_departures_and_of_parcels_at_once_end_in_one_status(database):
    world = committed(database)
    events = [world.ship("DEPA"), world.parcel("CUSI", 1), world.parcel("CUSR", 2), world.ship("ARRI", 48),
              world.parcel("delivered", 60), world.parcel("delivered", 61, number=1)]  # fmt: skip
    at_once(database, [partial(record, source=world.source, reports=[one]) for one in events])
    with database.reading() as session:
        assert statuses(session, world) == ["delivered", "delivered"]
        assert session.get_one(Booking, world.booking.id).status == "COMPLETED"
        assert told(session, "booking.completed") == [world.booking.public_id]
