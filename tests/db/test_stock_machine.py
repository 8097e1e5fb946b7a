"""Any sequence of what happens to stock, on real databases: it adds up at every step, and fsck agrees at the end."""

import contextlib
import itertools

import pytest
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import event, select

from app.errors import BinFull, Conflict, StockShort
from app.models import StockBalance, StockPosting, StockReservation
from app.queries.invariants_stock import INVARIANTS
from app.usecases.warehousing import ledger
from app.usecases.warehousing.ledger import Scan
from app.usecases.warehousing.lots import LotKey, lot_of
from tests.stock_machine import LOTS, START, TODAY, Crash, Refused, StockMachine, expiry, sequences
from tests.stock_rows import a_house
from warehouses.stock import Move

pytestmark = pytest.mark.postgres
numbers = itertools.count(1)


class StoredLedger:
    """The ledger of the product, in a warehouse of its own; a client dies before one of its statements is sent."""

    def __init__(self, database):
        self.database, number = database, next(numbers)
        with database.transaction() as session:
            self.house = a_house(session, f"W-{number}", f"owner-{number}")
            skus = {code[-1]: sku.id for code, sku in self.house.skus.items()}
            owner = self.house.owner.id
            keys = {
                lot: LotKey(owner, skus[lot[0]], expires_on=expiry(lot), received_on=TODAY) for lot in LOTS
            }
            self.lots = {lot: lot_of(session, key).id for lot, key in keys.items()}
        self.places = {code: place.id for code, place in self.house.places.items()}
        named = itertools.product(self.lots.items(), self.places.items())
        self.names = {(lot_id, place_id): (lot, place) for (lot, lot_id), (place, place_id) in named}

    def post(self, kind, moves, scan, settling=(), crash=None):
        made = [Move(self.lots[lot], self.places[a], self.places[b], n) for lot, a, b, n in moves]
        with self.working(crash) as session:
            return ledger.post(
                session, self.house.actor, START, self.house.warehouse.id, kind, made,
                scan=Scan(scan, moves), settling=[session.get_one(StockReservation, key) for key in settling],
            ).id  # fmt: skip

    def reverse(self, posting, scan, crash=None):
        with self.working(crash) as session:
            first = session.get_one(StockPosting, posting)
            return ledger.reverse(session, self.house.actor, START, first, "a mistake", Scan(scan)).id

    def reserve(self, subject, wanted, expires_at, now, crash=None):
        spots = {(self.lots[lot], self.places[place]): n for (lot, place), n in wanted.items()}
        with self.working(crash) as session:
            return [one.id for one in ledger.reserve(session, now, subject, spots, expires_at=expires_at)]

    def release(self, keys, crash=None):
        with self.working(crash) as session:
            ledger.release(session, START, [session.get_one(StockReservation, key) for key in keys])

    def expire(self, now, crash=None):
        with self.working(crash) as session:
            return ledger.release_expired(session, now)

    def balances(self):
        query = select(
            StockBalance.lot_id, StockBalance.place_id, StockBalance.on_hand, StockBalance.reserved
        ).where(StockBalance.lot_id.in_(self.lots.values()))
        with self.database.reading() as session:
            return {self.names[lot, place]: (n, kept) for lot, place, n, kept in session.execute(query)}

    def close(self):
        """Let what is still promised run out, so that the next sequence finds nothing to expire."""
        with self.database.transaction() as session:
            open_ones = select(StockReservation).where(
                StockReservation.lot_id.in_(self.lots.values()), StockReservation.state == "pending"
            )
            ledger.release(session, START, session.scalars(open_ones).all())
        with self.database.reading() as session:
            assert [(check.__name__, row) for check in INVARIANTS for row in check(session, START)] == []

    @contextlib.contextmanager
    def working(self, crash):
        """A unit of work that is broken off before its statement number `crash`, or before it is kept."""
        left = itertools.count(-1 if crash is None else crash, -1)

        def die(*_):
            if next(left) == 0:
                raise Crash

        event.listen(self.database.engine, "before_cursor_execute", die)
        try:
            with self.database.transaction() as session:
                yield session
                if crash is not None and next(left) >= 0:
                    raise Crash
        except StockShort:
            raise Refused("short") from None
        except BinFull:
            raise Refused("full") from None
        except Conflict:
            raise Refused("settled") from None
        finally:
            event.remove(self.database.engine, "before_cursor_execute", die)


@pytest.mark.parametrize("count", [8, pytest.param(300, marks=[pytest.mark.full, pytest.mark.timeout(1800)])])
def test_whatever_happens_stock_adds_up(database, count):
    class StoredMachine(StockMachine):
        def make_ledger(self):
            return StoredLedger(database)

    run_state_machine_as_test(StoredMachine, settings=sequences(count))
