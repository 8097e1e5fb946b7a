"""Several people at the same units at once; only PostgreSQL proves what is said here of locks."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app.errors import AppError
from app.models import LoadContent, LoadUnit, Parcel, ParcelReceipt, TrackingEvent
from app.queries.invariants_loading import INVARIANTS
from app.usecases.loading.building import scan_in, scan_out
from app.usecases.loading.finding import Hand
from app.usecases.loading.moving import load_unit
from app.usecases.loading.receiving import receive_parcel
from app.usecases.loading.sealing import seal_unit
from app.usecases.tracking import Report, Source, record_events
from tests.conftest import POSTGRES
from tests.factories import NOW
from tests.load_rows import SEAL, a_hub, a_unit, packed

pytestmark = pytest.mark.parametrize("backend", [POSTGRES], indirect=True, scope="session")


def made(database, **facts):
    with database.transaction() as session:
        return a_hub(session, **facts)


def opened(database, hub, *args, **facts):
    with database.transaction() as session:
        return a_unit(session, hub, *args, **facts)


def at_once(database, *works):
    """Do things in transactions of their own at the same time: what each gave, or the code it was refused with."""

    def one(work):
        try:
            with database.transaction() as session:
                return work(session)
        except AppError as error:
            return error.errors[0].code if error.errors else error.code

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def sums_hold(database):
    with database.reading() as session:
        return [(one.__name__, *row) for one in INVARIANTS for row in one(session, NOW)]


def test_a_parcel_that_many_scan_into_several_units_is_in_one(database):
    hub = made(database, count=6)
    bags = [opened(database, hub) for _ in range(3)]
    works = [
        lambda session, bag=bag, parcel=parcel: (
            scan_in(session, hub.actor, NOW, bag.public_id, Hand(parcel.tracking_number)).outcome
        )
        for parcel in hub.parcels
        for bag in bags
    ]

    found = at_once(database, *works)

    assert found.count("in") == 6
    assert set(found) <= {"in", "in_other_unit", "wrong_state"}
    with database.reading() as session:
        inside = session.scalars(select(LoadContent.parcel_id).where(LoadContent.taken_at.is_(None))).all()
        assert sorted(inside) == sorted(one.id for one in hub.parcels)
    assert sums_hold(database) == []


def test_the_last_kilo_of_a_pallet_is_filled_once_through_two_bags(database):
    hub = made(database, count=8)
    pallet = opened(database, hub, "pallet", "EURPAL", max_g=2_000 + 5_000)
    bags = [opened(database, hub) for _ in range(2)]
    with database.transaction() as session:
        for bag in bags:
            scan_in(session, hub.actor, NOW, pallet.public_id, Hand(bag.number))
    works = [
        lambda session, bag=bags[at % 2], parcel=parcel: (
            scan_in(session, hub.actor, NOW, bag.public_id, Hand(parcel.tracking_number)).outcome
        )
        for at, parcel in enumerate(hub.parcels)
    ]

    assert sorted(at_once(database, *works)) == ["bin_full"] * 3 + ["in"] * 5
    with database.reading() as session:
        assert session.get_one(LoadUnit, pallet.id).net_g == 7_000
    assert sums_hold(database) == []


def test_the_same_scan_sent_twice_at_once_counts_once(database):
    hub = made(database, count=1)
    bag, parcel = opened(database, hub), hub.parcels[0]

    def scan(session):
        return scan_in(session, hub.actor, NOW, bag.public_id, Hand(parcel.tracking_number, "scan-1")).outcome

    assert sorted(at_once(database, *[scan] * 6)) == ["already_in"] * 5 + ["in"]
    assert sums_hold(database) == []


def test_a_parcel_is_received_once_however_many_scan_it(database):
    hub = made(database, count=1, received=False)

    def receive(session):
        return receive_parcel(session, hub.actor, NOW, hub.code, Hand(hub.parcels[0].tracking_number)).outcome

    assert sorted(at_once(database, *[receive] * 6)) == ["already_received"] * 5 + ["received"]
    with database.reading() as session:
        assert len(session.scalars(select(ParcelReceipt)).all()) == 1
        assert len(session.scalars(select(TrackingEvent)).all()) == 1


def test_a_unit_is_sealed_with_what_is_in_it_while_others_scan_on(database):
    hub = made(database, count=8)
    bag = opened(database, hub)
    with database.transaction() as session:
        packed(session, hub, bag, *hub.parcels[:2])

    def seal(session):
        return seal_unit(
            session, hub.actor, NOW, bag.public_id, gross_g=9_000, accept_variance=True, **SEAL
        ).status

    scans = [
        lambda session, parcel=parcel: (
            scan_in(session, hub.actor, NOW, bag.public_id, Hand(parcel.tracking_number)).outcome
        )
        for parcel in hub.parcels[2:]
    ]
    out = [lambda s: scan_out(s, hub.actor, NOW, bag.public_id, Hand(hub.parcels[0].tracking_number)).outcome]
    found = at_once(database, *scans[:3], seal, *scans[3:], *out)

    assert found.count("sealed") == 1
    assert set(found) <= {"in", "out", "sealed", "wrong_state"}
    assert sums_hold(database) == []


def test_a_departure_that_leaves_while_a_unit_is_loaded_takes_it_or_leaves_it(database):
    hub = made(database, count=4)
    bag = opened(database, hub)
    with database.transaction() as session:
        packed(session, hub, bag)
        seal_unit(session, hub.actor, NOW, bag.public_id, gross_g=5_000, **SEAL)

    def leave(session):
        report = Report(event_id="d", code="DEPA", happens_at=NOW, departure=hub.departure.public_id)
        return record_events(session, Source("carrier"), NOW, [report])[0].outcome

    found = at_once(database, leave, lambda session: load_unit(session, hub.actor, NOW, bag.public_id).status)

    with database.reading() as session:
        unit = session.get_one(LoadUnit, bag.id)
        statuses = set(session.scalars(select(Parcel.status)))
    assert found[0] == "accepted"
    assert (found[1], unit.status) in {
        ("wrong_state", "sealed"),
        ("loaded", "departed"),
        ("loaded", "loaded"),
    }
    assert statuses == {"in_transit"}
    assert sums_hold(database) == []
