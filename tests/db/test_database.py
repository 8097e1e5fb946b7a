"""What a transaction and a look promise, on both databases."""

import contextlib

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, InternalError

from app import db
from app.models import Party
from tests import factories
from tests.conftest import POSTGRES


def count(session):
    return session.scalar(select(func.count(Party.id)))


def test_a_look_sees_one_state_however_many_questions_it_asks(database):
    with database.reading() as looking:
        before = count(looking)
        with database.transaction() as session:
            factories.make_party(session)
        assert count(looking) == before

    with database.reading() as looking:
        assert count(looking) == before + 1


def test_an_error_does_not_show_the_values_it_is_about(database):
    with database.transaction() as session:
        factories.make_party(session, "TWICE")
    with pytest.raises(IntegrityError) as refused, database.transaction() as session:
        factories.make_party(session, "TWICE", name="a name for nobody's log")

    assert "a name for nobody's log" not in str(refused.value)


@pytest.mark.parametrize("backend", [POSTGRES], indirect=True, scope="session")
def test_a_connection_the_server_ended_while_it_lay_idle_is_replaced(database, monkeypatch):
    monkeypatch.setattr(db, "IDLE_S", 0.0)
    with database.reading() as looking:
        count(looking)
    other = db.make_engine(database.engine.url.render_as_string(hide_password=False))
    with other.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    other.dispose()

    with database.reading() as looking:
        assert count(looking) == 0


def test_a_look_cannot_change_anything(database):
    with contextlib.suppress(InternalError), database.reading() as looking:
        factories.make_party(looking)

    with database.reading() as looking:
        assert count(looking) == 0
