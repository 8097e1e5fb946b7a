"""What a transaction and a look promise, on both databases."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.models import Party
from tests import factories


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
