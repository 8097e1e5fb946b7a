"""Fixtures: fresh databases on SQLite and PostgreSQL, a private Redis, the application.

Nothing is started before a test asks for it. What is missing on the machine is installed before the first test
runs, so that no test's time limit pays for it; what cannot be had ends the run with one line.
"""

import contextlib
import fcntl
import itertools
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from app.actor import system
from app.clock import now
from app.config import Settings
from app.db import Database, make_engine
from app.servers import (
    ToolMissing,
    find_chromium,
    postgres_programs,
    private_postgres,
    private_redis,
)
from app.servers.redis import find_redis
from tests import examples  # noqa: F401 (chooses how many examples properties meet, before tests are read)
from tests.live import INSTALL, SECRET
from tests.shown_on import in_full_only

TEMPLATE = "fourport_template"
NETWORK = "fourport_network"
PLANNED = "fourport_planned"
FILLED = {"reference_network": "network", "planned_network": "planned", "furnished_rows": "furnished"}
"""A fixture that a test asks for → the template its database is a copy of."""
POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)
EMPTY_ALL = """DO $$ DECLARE one record; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT tablename AS name FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', one.name);
    END LOOP;
    PERFORM setval(format('%I', sequencename)::regclass, start_value, false)
        FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $$"""
"""Leaves every table and sequence as the migrations do; in any order, for nothing refers to what is gone too."""
LEAVE_ALL = """SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
_numbers = itertools.count(1)
_engines = set()


@event.listens_for(Engine, "engine_connect")
def _remember(connection):
    _engines.add(connection.engine)


def pytest_sessionfinish():
    """Commands that ran in this process leave the closing of their connections to its end; this is it."""
    for engine in _engines:
        engine.dispose()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Mark what only `make test-full` runs."""
    for item in items:
        backend = getattr(getattr(item, "callspec", None), "params", {}).get("backend")
        place = f"{item.path.relative_to(config.rootpath / 'tests').as_posix()}::{item.name}"
        if backend and in_full_only(place, backend):
            item.add_marker(pytest.mark.full)


def pytest_collection_finish(session):
    """Find or install the programs that the chosen tests use."""
    if session.config.option.collectonly:
        return
    used = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    backends = {item.callspec.params.get("backend") for item in session.items if hasattr(item, "callspec")}
    try:
        with one_process_at_a_time():
            if used & {"redis_url", "live_server"}:
                find_redis(install=INSTALL)
            if "postgres_url" in used or "postgres" in backends:
                postgres_programs(install=INSTALL)
            if "browser" in used:
                find_chromium(install=INSTALL)
    except ToolMissing as missing:
        raise pytest.UsageError(str(missing)) from None


@contextlib.contextmanager
def one_process_at_a_time():
    """Let test processes install one after the other: the second finds what the first has installed."""
    with (Path(tempfile.gettempdir()) / "fourport-tests-install.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory):
    """The URL of a Redis that lives as long as the test run; tests share it, so they name their own keys."""
    with private_redis(tmp_path_factory.mktemp("redis"), durable=False, install=INSTALL) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_url():
    """The URL of the maintenance database of a PostgreSQL that lives as long as the test run."""
    with private_postgres(install=INSTALL) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """A migrated, empty SQLite file that tests copy."""
    from app import schema

    path = tmp_path_factory.mktemp("template") / "fourport.db"
    engine = make_engine(f"sqlite:///{path}")
    schema.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def sqlite_network(sqlite_template, tmp_path_factory):
    """The SQLite file with the reference network of today, which takes long to load, that tests copy."""
    path = tmp_path_factory.mktemp("network") / "fourport.db"
    shutil.copy(sqlite_template, path)
    load_network(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_url):
    """The name of a migrated, empty database that PostgreSQL copies."""
    from app import schema

    run_on_server(postgres_url, f"CREATE DATABASE {TEMPLATE}")
    engine = make_engine(on_server(postgres_url, TEMPLATE))
    schema.upgrade(engine)
    engine.dispose()
    return TEMPLATE


@pytest.fixture(scope="session")
def postgres_network(postgres_url, postgres_template):
    """The name of the database with the reference network of today that PostgreSQL copies."""
    copy_on_server(postgres_url, postgres_template, NETWORK)
    load_network(on_server(postgres_url, NETWORK))
    return NETWORK


@pytest.fixture(scope="session")
def postgres_kept(postgres_url, postgres_template):
    """The URL of the database that one test after the other finds empty: to empty it is far quicker than to copy."""
    name = f"kept_{os.getpid()}"
    copy_on_server(postgres_url, postgres_template, name)
    return on_server(postgres_url, name)


@pytest.fixture(scope="session")
def sqlite_planned(sqlite_network, tmp_path_factory):
    """The SQLite file with the reference network, a small pool and a plan of it, that tests copy."""
    path = tmp_path_factory.mktemp("planned") / "fourport.db"
    shutil.copy(sqlite_network, path)
    load_plan(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_planned(postgres_url, postgres_network):
    """The name of the database with a plan that PostgreSQL copies."""
    copy_on_server(postgres_url, postgres_network, PLANNED)
    load_plan(on_server(postgres_url, PLANNED))
    return PLANNED


@pytest.fixture
def reference_network():
    """Asked for by a test, or a fixture, whose database has the reference network in it from the start."""


@pytest.fixture
def planned_network():
    """Asked for by what starts from a plan: its database has the network, a pool and one draft of a plan."""


@pytest.fixture(scope="session", params=["sqlite", POSTGRES])
def backend(request):
    """The kind of database; a test that takes it, or what stands on it, runs once on each."""
    return request.param


@pytest.fixture
def database_url(backend, request, tmp_path):
    """The URL of a migrated database of this test's own: empty, or with what the test says it needs.

    Tests that change the schema itself ask `fresh_database` for one.
    """
    needed = [template for fixture, template in FILLED.items() if fixture in request.fixturenames]
    if backend == "postgres" and not needed:
        kept = request.getfixturevalue("postgres_kept")
        yield kept
        run_on_server(kept, LEAVE_ALL, EMPTY_ALL)
    else:
        yield from fresh_database(backend, request, tmp_path, *needed)


@pytest.fixture
def database(database_url):
    """A Database of its own: for tests whose transactions commit."""
    engine = make_engine(database_url)
    yield Database(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def engine(backend, request, tmp_path_factory):
    """One engine a backend for the whole run; only tests that roll everything back may use it."""
    for url in fresh_database(backend, request, tmp_path_factory.mktemp("shared")):
        shared = make_engine(url)
        yield shared
        shared.dispose()


@pytest.fixture
def session(engine):
    """A session whose every change is undone at the end, commits included: the cheap way to test rows."""
    with engine.connect() as connection:
        transaction = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            yield session
        transaction.rollback()


@pytest.fixture
def settings(database_url, tmp_path):
    """The settings of an installation that has no Redis: the doorbell stays silent."""
    env = {
        "FOURPORT_DATA_DIR": str(tmp_path),
        "FOURPORT_DATABASE_URL": database_url,
        "FOURPORT_SECRET_KEY": SECRET,
    }
    return Settings.from_env(env)


@pytest.fixture(scope="session")
def wired(tmp_path_factory):
    """The application once a process: to wire it takes half a second, to hand it another database nothing."""
    from app.factory import create_app

    folder = tmp_path_factory.mktemp("wired")
    url = f"sqlite:///{folder / 'fourport.db'}"
    env = {"FOURPORT_DATA_DIR": str(folder), "FOURPORT_DATABASE_URL": url, "FOURPORT_SECRET_KEY": SECRET}
    return create_app(Settings.from_env(env), Database(make_engine(url)))


@pytest.fixture
def app(wired, settings, database):
    """The application on this test's own database; a test that adds routes makes one of its own."""
    from app.factory import equip

    config = dict(wired.config)
    equip(wired, settings, database)
    yield wired
    wired.config.clear()
    wired.config.update(config)


@pytest.fixture
def client(app):
    """A caller without a browser; it keeps cookies."""
    return app.test_client()


def fresh_database(backend, request, folder, template="template"):
    """Yield the URL of a copy of the template, and drop it afterwards."""
    original = request.getfixturevalue(f"{backend}_{template}")
    if backend == "sqlite":
        path = Path(folder) / "fourport.db"
        shutil.copy(original, path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres_url")
    name = f"test_{os.getpid()}_{next(_numbers)}"
    copy_on_server(server, original, name)
    yield on_server(server, name)
    run_on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


def load_network(url):
    """Load the reference network of today."""
    from app.usecases.seeding import seed_reference

    engine = make_engine(url)
    with Database(engine).transaction() as session:
        seed_reference(session, system("test"), now())
    engine.dispose()


def load_plan(url):
    """Fill a small pool and plan it, as a worker would."""
    from tests.planned import plan_pool

    engine = make_engine(url)
    plan_pool(Database(engine))
    engine.dispose()


def copy_on_server(url, original, name):
    """Copy a database of the server file by file, which takes a third of the time of the way by its log."""
    run_on_server(url, f"CREATE DATABASE {name} TEMPLATE {original} STRATEGY FILE_COPY")


def on_server(url, name):
    """The URL of another database on the same server."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def run_on_server(url, *statements):
    """Run statements each for itself, as PostgreSQL demands of some."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
