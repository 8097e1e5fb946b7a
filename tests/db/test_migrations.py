"""The schema's one history: it goes up, down and up again, and ends where the models say, to the last detail."""

import re
import sqlite3
import subprocess
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

import app.models  # noqa: F401 (the metadata is complete once the models are imported)
from app import schema
from app.db import Base, make_engine
from app.servers import postgres_programs
from tests.conftest import fresh_database, on_server, run_on_server
from tests.live import INSTALL

FEWEST_TABLES = 30
LOCK = 4_101_977
"""The advisory lock of migrations/env.py, which only runs inside of Alembic."""


@pytest.fixture
def database_url(backend, request, tmp_path):
    """A copy of the template that nobody uses afterwards: these tests take the schema apart."""
    yield from fresh_database(backend, request, tmp_path)


@pytest.fixture
def migrated(database_url):
    """An engine on a database that the migrations made."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def created(backend, request, tmp_path):
    """An engine on a database that the models made, without any migration."""
    if backend == "sqlite":
        engine = make_engine(f"sqlite:///{tmp_path / 'created.db'}")
    else:
        server = request.getfixturevalue("postgres_url")
        run_on_server(server, "CREATE DATABASE created")
        engine = make_engine(on_server(server, "created"))
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()
    if backend == "postgres":
        run_on_server(server, "DROP DATABASE created WITH (FORCE)")


def tables(engine):
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_there_is_one_head():
    assert len(ScriptDirectory.from_config(schema.alembic_config()).get_heads()) == 1


def test_up_down_and_up_again_leaves_the_same_tables(migrated):
    before = tables(migrated)
    assert len(before) >= FEWEST_TABLES
    schema.downgrade(migrated, "base")
    assert tables(migrated) == set()
    schema.upgrade(migrated)
    assert tables(migrated) == before
    assert schema.at_head(migrated)


def test_nothing_is_left_to_generate(migrated):
    options = {"compare_server_default": True, "compare_type": True, "render_as_batch": True}
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_migrations_and_models_make_the_same_schema_to_the_last_check(migrated, created, backend):
    """What autogenerate overlooks (checks, defaults, words of a choice) shows in the dumped definitions."""
    dump = sqlite_definitions if backend == "sqlite" else postgres_definitions
    by_migrations, by_models = dump(migrated), dump(created)
    assert len(by_models) >= FEWEST_TABLES
    assert by_migrations == by_models


def test_the_dump_sees_a_check_that_only_one_of_them_has(migrated, created, backend):
    dump = sqlite_definitions if backend == "sqlite" else postgres_definitions
    with created.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE odd (a integer CHECK (a > 0))")
    with migrated.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE odd (a integer)")
    assert dump(migrated) != dump(created)


def sqlite_definitions(engine):
    """Each table and index with the parts of its definition, in an order of their own."""
    with sqlite3.connect(engine.url.database) as connection:
        rows = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return definitions(sql for (sql,) in rows)


def postgres_definitions(engine):
    """The same, from PostgreSQL's own dump."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [
        postgres_programs(install=INSTALL) / "pg_dump",
        "--schema-only",
        "--no-owner",
        f"--dbname={url}",
    ]
    dumped = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = (line for line in dumped.splitlines() if not line.startswith(("--", "\\", "SET ", "SELECT ")))
    return definitions("\n".join(lines).split(";\n"))


def definitions(statements):
    plain = (" ".join(statement.replace('"', "").split()) for statement in statements)
    return {head(text): parts(text) for text in plain if text and "alembic_version" not in text}


def head(statement):
    return statement.split("(")[0].strip() if statement.startswith("CREATE TABLE") else statement


def parts(statement):
    """The comma-separated parts within the outermost brackets, sorted: the order of columns means nothing."""
    inside = re.sub(r"^[^(]*\(|\)[^)]*$", "", statement)
    found, depth, start = [], 0, 0
    for place, sign in enumerate(inside):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            found.append(inside[start:place].strip())
            start = place + 1
    return sorted([*found, inside[start:].strip()])


@pytest.mark.postgres
def test_who_migrates_second_waits_for_the_first_and_finds_it_done(postgres_url):
    """Longer than anybody waits for a table."""
    run_on_server(postgres_url, "CREATE DATABASE together")
    engine = make_engine(on_server(postgres_url, "together"))
    with engine.connect() as first:
        first.exec_driver_sql(f"SELECT pg_advisory_lock({LOCK})")
        second = threading.Thread(target=schema.upgrade, args=(engine,))
        second.start()
        second.join(5)
        assert second.is_alive()
        first.exec_driver_sql(f"SELECT pg_advisory_unlock({LOCK})")
        second.join(60)
    assert schema.at_head(engine)
    engine.dispose()
    run_on_server(postgres_url, "DROP DATABASE together WITH (FORCE)")
