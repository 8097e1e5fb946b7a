"""What the timetable says of a departure is read once, and again as soon as somebody has changed the timetable."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from app.db import Database, make_engine
from app.models import Call, CapacityPool, Cutoff, Location
from app.queries.departure_facts import departure_facts
from tests.factories import NOW, make_departure, make_service


@pytest.fixture
def departure(database):
    with database.transaction() as session:
        return make_departure(session, make_service(session, "LINE")).id


def read(database, departure):
    with database.reading() as session:
        return departure_facts(session, {departure: None})[departure]


def rename(session):
    session.scalars(select(Location)).first().name_en = "Elsewhere"


def move(session):
    session.execute(update(Call).values(departs_at=NOW + timedelta(days=9)))


def add_cutoff(session):
    session.add(
        Cutoff(call_id=session.scalars(select(Call.id)).first(), code="DCO", at=NOW + timedelta(days=1))
    )


def drop_cutoffs(session):
    session.connection().exec_driver_sql("DELETE FROM cutoff")


def close(session):
    session.execute(text("UPDATE departure SET status = 'closed'"))


def book(session):
    session.execute(update(CapacityPool).values(booked=7))


def test_it_is_read_once_while_only_space_is_taken(database, departure):
    first = read(database, departure)
    with database.transaction() as session:
        book(session)
    assert read(database, departure) is first


@pytest.mark.parametrize("change", [rename, move, add_cutoff, drop_cutoffs, close])
def test_what_another_process_commits_is_seen(database, departure, change):
    first = read(database, departure)
    other = Database(make_engine(database.engine.url.render_as_string(hide_password=False)))
    with other.transaction() as session:
        change(session)
        session.flush()
        assert read(database, departure) is first
    other.engine.dispose()
    again = read(database, departure)
    assert again is not first
    if change is not close:
        assert again != first


def test_a_transaction_sees_its_own_change_and_nobody_else_does(database, departure):
    before = read(database, departure)
    with pytest.raises(RuntimeError), database.transaction() as session:
        drop_cutoffs(session)
        add_cutoff(session)
        session.flush()
        assert [one.code for one in departure_facts(session, {departure: None})[departure].cutoffs] == ["DCO"]
        raise RuntimeError
    assert read(database, departure) is before


def test_a_place_where_the_gauge_changes_is_told_with_the_departure(database, departure):
    with database.reading() as session:
        place = session.scalars(select(Location)).first()
        assert departure_facts(session, {departure: place.id})[departure].border.id == place.id
