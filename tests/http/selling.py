"""An application on the small network that sells, and who calls at it."""

from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import time_machine

from app.schemas.quotes import QuoteShape
from tests import factories as make
from tests.http.answers import good
from tests.http.conftest import Caller
from tests.http.world import callers
from tests.quote_rows import Shop, asking, open_shop


@dataclass
class Counter:
    """The shop's rows by name, its database, the exporters by reference, and the clock that stands still."""

    rows: Shop
    database: Any
    owners: dict[str, Any]
    secrets: dict[str, str]
    client: Any
    clock: Any

    def caller(self, name):
        """Role or exporter reference → its caller."""
        return Caller(self.client, self.secrets[name])

    def change(self, call):
        """Do something to the rows in a transaction of its own."""
        with self.database.transaction() as session:
            return call(session)

    def estimate(self, name, body):
        """Ask for rates; this takes no key."""
        return self.client.post("/api/v1/rates/estimate", headers=self.caller(name).headers, json=body)


@contextmanager
def opened(app, database):
    """The counter, at the hour of the factories."""
    with time_machine.travel(make.NOW, tick=False) as clock:
        with database.transaction() as session:
            secrets, owners = callers(session)
            rows = open_shop(session)
        yield Counter(rows, database, owners, secrets, app.test_client(), clock)


def quoted(caller, **changed):
    return good(caller.post("/quotes", asking(**changed)), QuoteShape, 201)


def by_mode(body):
    """Main mode → the offer."""
    return {offer["modes"][1]: offer for offer in body["offers"]}


def codes(body):
    return {(one["code"], one["channel"]) for one in body["messages"]} - {("duty_unknown", None)}
