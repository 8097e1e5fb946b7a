"""Callers of the API, each with a key of its own."""

import itertools

import pytest
import time_machine

from tests.factories import NOW
from tests.http.world import build

_keys = itertools.count(1)


class Caller:
    """Somebody with a key; POSTs carry a fresh Idempotency-Key unless one is given."""

    def __init__(self, client, secret):
        self.client = client
        self.headers = {"Authorization": f"Bearer {secret}"}

    def get(self, path, **query):
        return self.client.get(f"/api/v1{path}", headers=self.headers, query_string=query or None)

    def post(self, path, json=None, *, key=None, headers=None, **sent):
        fresh = {"Idempotency-Key": key or f"test-{next(_keys)}"}
        sent |= {"json": json} if json is not None else {}
        return self.client.post(f"/api/v1{path}", headers=self.headers | fresh | (headers or {}), **sent)


@pytest.fixture
def world(database):
    """The rows of `tests.http.world`, committed; the clock stands on the day they are made for."""
    with time_machine.travel(NOW), database.transaction() as session:
        made = build(session)
    with time_machine.travel(NOW):
        yield made


@pytest.fixture
def call(client, world):
    """Role or exporter reference → its caller."""
    return lambda name: Caller(client, world.secrets[name])


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
