"""People and keys: one-time links, passwords, secrets that are kept only as hashes."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.actor import system
from app.errors import Conflict, Invalid, NotFound, Unauthenticated
from app.models import ApiKey, AuditEvent, PasswordLink, User
from app.usecases import api_keys, people

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
ACTOR = system("test")
PASSWORD = "correct horse battery"


@pytest.fixture
def operator(session):
    user, token = people.add_user(session, ACTOR, NOW, "Ann@Example.com", "operator")
    return user, token


def test_a_one_time_link_sets_the_password_once(session, operator):
    user, token = operator
    people.set_password(session, NOW, token, PASSWORD)

    assert people.authenticate(session, NOW, "ann@example.com", PASSWORD).id == user.id
    with pytest.raises(NotFound):
        people.set_password(session, NOW, token, PASSWORD)


def test_a_link_grows_old(session, operator):
    with pytest.raises(NotFound):
        people.set_password(session, NOW + people.LINK_LIFE, operator[1], PASSWORD)


def test_a_fresh_link_ends_the_older_ones(session, operator):
    people.new_password_link(session, ACTOR, NOW, "ann@example.com")

    with pytest.raises(NotFound):
        people.set_password(session, NOW, operator[1], PASSWORD)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "x" * 200])
def test_a_weak_password_is_refused(session, operator, password):
    with pytest.raises(Invalid, match="password"):
        people.set_password(session, NOW, operator[1], password)


def test_a_wrong_password_and_an_unknown_person_look_the_same(session, operator):
    people.set_password(session, NOW, operator[1], PASSWORD)

    with pytest.raises(Unauthenticated) as wrong:
        people.authenticate(session, NOW, "ann@example.com", "something else entirely")
    with pytest.raises(Unauthenticated) as unknown:
        people.authenticate(session, NOW, "bob@example.com", PASSWORD)
    assert str(wrong.value) == str(unknown.value)


def test_a_new_password_ends_all_sessions(session, operator):
    user, token = operator
    people.set_password(session, NOW, token, PASSWORD)
    epoch = user.session_epoch
    people.set_password(
        session, NOW, people.new_password_link(session, ACTOR, NOW, user.email), PASSWORD + "!"
    )

    assert user.session_epoch == epoch + 1


def test_a_disabled_person_cannot_come_in(session, operator):
    user, token = operator
    people.set_password(session, NOW, token, PASSWORD)
    user.disabled = True

    with pytest.raises(Unauthenticated):
        people.authenticate(session, NOW, user.email, PASSWORD)


def test_an_exporters_user_belongs_to_an_exporter_and_no_other_does(session):
    people.add_exporter(session, ACTOR, NOW, "acme")
    user, _ = people.add_user(session, ACTOR, NOW, "c@acme.example", "exporter", exporter="acme")

    assert user.exporter_id is not None
    with pytest.raises(Invalid, match="exporter"):
        people.add_user(session, ACTOR, NOW, "d@acme.example", "operator", exporter="acme")
    with pytest.raises(Invalid, match="exporter"):
        people.add_user(session, ACTOR, NOW, "e@acme.example", "exporter")


def test_names_are_taken_once(session, operator):
    people.add_exporter(session, ACTOR, NOW, "acme")

    with pytest.raises(Conflict):
        people.add_exporter(session, ACTOR, NOW, "acme")
    with pytest.raises(Conflict):
        people.add_user(session, ACTOR, NOW, "ANN@example.com", "finance")


def test_no_secret_is_kept_readable(session, operator):
    people.add_exporter(session, ACTOR, NOW, "acme")
    key, secret = api_keys.add_api_key(session, ACTOR, NOW, exporter="acme")
    people.set_password(session, NOW, operator[1], PASSWORD)
    kept = [
        *session.scalars(select(ApiKey.secret_hash)),
        *session.scalars(select(PasswordLink.token_hash)),
        *session.scalars(select(User.password_hash)),
        *(str(event.after) for event in session.scalars(select(AuditEvent))),
    ]

    assert key.hint == secret[:9]
    assert not any(secret in text or PASSWORD in text or operator[1] in text for text in kept)


def test_a_key_is_revoked_once_and_for_all(session):
    people.add_exporter(session, ACTOR, NOW, "acme")
    key, _ = api_keys.add_api_key(session, ACTOR, NOW, exporter="acme")
    api_keys.revoke_api_key(session, ACTOR, NOW, key.public_id)
    api_keys.revoke_api_key(session, ACTOR, NOW + timedelta(days=1), key.public_id)

    assert key.revoked_at == NOW
