"""Callers of the API, each with a key of its own, and the house they call at."""

import copy
import itertools
import shutil
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine

from app.config import Settings
from app.db import Database, make_engine
from app.factory import create_app
from tests.conftest import copy_on_server, fresh_database, on_server
from tests.factories import NOW
from tests.http.world import World, build
from tests.live import SECRET

_keys = itertools.count(1)


@dataclass
class House:
    """An application on a database with the rows of `tests.http.world`."""

    app: Any
    database: Database
    world: World


class Caller:
    """Somebody with a key; changes carry a fresh Idempotency-Key unless one is given."""

    def __init__(self, client, secret):
        self.client = client
        self.headers = {"Authorization": f"Bearer {secret}"}

    def get(self, path, **query):
        return self.client.get(f"/api/v1{path}", headers=self.headers, query_string=query or None)

    def post(self, path, json=None, **sent):
        return self.change("POST", path, json, **sent)

    def patch(self, path, json=None, **sent):
        return self.change("PATCH", path, json, **sent)

    def delete(self, path, **sent):
        return self.change("DELETE", path, **sent)

    def change(self, method, path, json=None, *, key=None, headers=None, **sent):
        headers = self.headers | {"Idempotency-Key": key or f"test-{next(_keys)}"} | (headers or {})
        sent |= {"json": json} if json is not None else {}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **sent)


FURNISHED = "fourport_furnished"


def furnish(url):
    """Write the rows of the house, on the day they are made for; their ids and secrets."""
    engine = make_engine(url)
    with time_machine.travel(NOW), Database(engine).transaction() as session:
        world = build(session)
    engine.dispose()
    return world


@pytest.fixture(scope="session")
def sqlite_house(sqlite_template, tmp_path_factory):
    """The file of a furnished house that tests copy, and its world."""
    path = tmp_path_factory.mktemp("furnished") / "fourport.db"
    shutil.copy(sqlite_template, path)
    return path, furnish(f"sqlite:///{path}")


@pytest.fixture(scope="session")
def postgres_house(postgres_url, postgres_template):
    """The database of a furnished house that tests copy, and its world."""
    copy_on_server(postgres_url, postgres_template, FURNISHED)
    return FURNISHED, furnish(on_server(postgres_url, FURNISHED))


@pytest.fixture(scope="session")
def sqlite_furnished(sqlite_house):
    """The template alone."""
    return sqlite_house[0]


@pytest.fixture(scope="session")
def postgres_furnished(postgres_house):
    """The template alone."""
    return postgres_house[0]


def furnished_world(backend, request):
    """Ids and secrets of a copied house; a test may change its own."""
    return copy.deepcopy(request.getfixturevalue(f"{backend}_house")[1])


@pytest.fixture(scope="module")
def module_house(backend, request, tmp_path_factory):
    """One house for all tests of a module."""
    folder = tmp_path_factory.mktemp("house")
    for url in fresh_database(backend, request, folder, "furnished"):
        env = {"FOURPORT_DATA_DIR": str(folder), "FOURPORT_DATABASE_URL": url, "FOURPORT_SECRET_KEY": SECRET}
        database = Database(make_engine(url))
        world = furnished_world(backend, request)
        yield House(create_app(Settings.from_env(env), database), database, world)
        database.engine.dispose()


@pytest.fixture
def furnished_rows():
    """Asked for by what calls at the house: its database is a copy of the furnished one."""


@pytest.fixture
def house(furnished_rows, backend, request):
    """The house a test calls at, on the day its rows are made for.

    It is the test's own, or its module's where that says SHARED: nothing is changed there that others look at.
    """
    with time_machine.travel(NOW):
        if getattr(request.module, "SHARED", False):
            yield request.getfixturevalue("module_house")
        else:
            database = request.getfixturevalue("database")
            yield House(request.getfixturevalue("app"), database, furnished_world(backend, request))


@pytest.fixture
def world(house):
    """Ids and secrets."""
    return house.world


@pytest.fixture
def visitor(house):
    """Somebody without a key."""
    return house.app.test_client()


@pytest.fixture
def call(visitor, world):
    """Role or exporter reference → its caller."""
    return lambda name: Caller(visitor, world.secrets[name])


@pytest.fixture
def operator(call):
    """The operation."""
    return call("operator")


@pytest.fixture
def acme(call):
    """An exporter."""
    return call("acme")


@pytest.fixture
def globex(call):
    """Another exporter, who must see nothing of acme's."""
    return call("globex")
