"""A booking and a change of the cut-offs it rides by wait for each other: neither passes the other unseen."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from app.actor import Actor
from app.models import Call, Departure, Location, Service
from app.usecases.booking import book_offer
from app.usecases.cutoffs import NewCutoff, change_cutoffs
from tests import factories as make
from tests.booking_rows import make_offer, make_quote
from tests.db.importing import load
from tests.factories import DAY, HOUR, NOW

pytestmark = pytest.mark.postgres
STAFF = Actor("user", "usr_test", "operator")


@pytest.fixture
def backend():
    return "postgres"


@pytest.fixture
def offers(database):
    """Two offers of one departure, which leaves in three days and closes a day before."""
    with database.transaction() as session:
        ship = make.make_departure(session)
        ends = [session.get_one(make.Location, call.location_id) for call in (ship.calls[0], ship.calls[-1])]
        return [make_offer(session, [ship], make_quote(session, None, *ends)).public_id for _ in range(2)]


def book(session, offer):
    book_offer(session, STAFF, NOW, offer)


def change(session, _offer):
    ship = session.scalars(select(Departure.public_id)).one()
    change_cutoffs(session, STAFF, NOW, ship, [NewCutoff(0, "FCO", NOW + 2 * DAY - HOUR)])


def bring(session, _offer):
    ship = session.scalars(select(Departure)).one()
    service = session.get_one(Service, ship.service_id).code
    ends = session.scalars(select(Location.code).join(Call).order_by(Call.seq)).all()
    calls = f"{ends[0]}@/{ship.departs_at.isoformat()};{ends[1]}@{ship.arrives_at.isoformat()}/"
    row = {"service_code": service, "number": ship.number, "departs_on": f"{ship.service_date}"}
    assert not load(session, "departures", [row | {"calls": calls, "cutoffs": "FCO=24h"}]).errors


@pytest.mark.parametrize(("first", "second"), [(change, book), (book, change), (book, bring), (bring, book)])
def test_the_second_waits_for_the_first(database, offers, first, second):
    with database.transaction() as one:
        first(one, offers[0])
        with pytest.raises(OperationalError, match="lock timeout"), database.transaction() as other:
            other.execute(text("SET LOCAL lock_timeout = 50"))
            second(other, offers[1])
