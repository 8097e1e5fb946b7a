"""`fourport apikey`: a secret is printed once, limited as it was asked for."""

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from app.actor import system
from app.cli.people import apikey
from app.clock import now
from app.models import ApiKey
from app.usecases import people
from tests import factories as make
from tests.live import SECRET


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def run(database, database_url, monkeypatch, tmp_path):
    """A command on an installation with one exporter."""
    monkeypatch.setenv("FOURPORT_DATABASE_URL", database_url)
    monkeypatch.setenv("FOURPORT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("FOURPORT_SECRET_KEY", SECRET)
    with database.transaction() as session:
        people.add_exporter(session, system("test"), now(), "acme")
    return lambda *words: CliRunner().invoke(apikey, list(words))


def only_key(database):
    with database.reading() as session:
        return session.scalars(select(ApiKey)).one()


def test_a_key_is_limited_to_scopes_and_to_test_mode_where_asked(run, database):
    done = run("add", "--exporter", "acme", "--name", "script", "--scope", "quotes:write",
               "--scope", "parcels:read", "--test")  # fmt: skip
    key = only_key(database)

    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("fp_test_")
    assert len(done.stdout.splitlines()) == 1
    assert (key.name, key.scopes, key.test_mode) == ("script", "quotes:write parcels:read", True)


def test_without_limits_a_key_may_what_its_role_may(run, database):
    done = run("add", "--exporter", "acme")
    key = only_key(database)

    assert done.stdout.startswith("fp_")
    assert (key.scopes, key.test_mode) == (None, False)
    assert run("revoke", key.public_id).stdout == f"revoked {key.public_id}\n"
    assert only_key(database).revoked_at is not None


def test_a_scope_that_is_none_is_wrong_usage(run):
    done = run("add", "--exporter", "acme", "--scope", "parcels:eat")

    assert done.exit_code == 2
    assert "parcels:eat" in done.stderr


def test_a_key_of_a_warehouse_works_in_that_one(run, database):
    with database.transaction() as session:
        house = make.make_warehouse(session, make.make_location(session, "DEDUI-WHS", "overseas")).id

    done = run("add", "--role", "warehouse", "--warehouse", "DEDUI-WHS")

    assert done.exit_code == 0
    assert only_key(database).warehouse_id == house
    assert run("add", "--role", "operator", "--warehouse", "DEDUI-WHS").exit_code != 0
    assert run("add", "--role", "warehouse", "--warehouse", "NOWHERE").exit_code != 0
