"""Many clients at the same stock: nothing is lost or made up, nobody waits for ever, the last piece goes once."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from app.db import Database, make_engine
from app.errors import BinFull, Conflict, StockShort
from app.models import StockBalance, StockMove, StockPosting, StockReservation
from app.queries.invariants_stock import INVARIANTS
from app.usecases.warehousing import ledger
from app.usecases.warehousing.ledger import Scan
from app.usecases.warehousing.lots import LotKey, lot_of
from tests.stock_rows import NOW, TODAY, a_house, stocked
from warehouses.stock import Move

CLIENTS = 8
SKUS = 6
BINS = ("A-01", "A-02", "A-03")
EACH = [25, pytest.param(250, marks=pytest.mark.full)]


@pytest.fixture
def databases(database_url):
    """The database, as each of several clients has it."""
    engines = [make_engine(database_url) for _ in range(CLIENTS)]
    yield [Database(engine) for engine in engines]
    for engine in engines:
        engine.dispose()


class Shop:
    """A warehouse with stock of several SKUs, and what clients do there."""

    def __init__(self, database, quantity=40):
        with database.transaction() as session:
            self.house = a_house(session, skus=SKUS)
            self.lots = [stocked(session, self.house, sku, quantity) for sku in self.house.skus]
        self.places = {code: place.id for code, place in self.house.places.items()}

    def post(self, session, kind, moves, **more):
        """Post moves of (lot, place, place, pieces)."""
        made = [Move(lot, self.places[source], self.places[goal], n) for lot, source, goal, n in moves]
        return ledger.post(session, self.house.actor, NOW, self.house.warehouse.id, kind, made, **more)

    def reserve(self, session, subject, lot, n, place="A-01"):
        return ledger.reserve(session, NOW, subject, {(lot, self.places[place]): n})

    def act(self, session, rng, subject):
        """One unit of work on a few SKUs, in any order."""
        some = rng.sample(self.lots, rng.randint(1, SKUS))
        bins = [rng.choice(BINS) for _ in some]
        match rng.randrange(5):
            case 0:
                self.post(
                    session, "receive", [(lot, "supplier", at, 2) for lot, at in zip(some, bins, strict=True)]
                )
            case 1:
                others = [rng.choice([one for one in BINS if one != at]) for at in bins]
                self.post(session, "move", [(*one, 1) for one in zip(some, bins, others, strict=True)])
            case 2:
                ledger.lock(session, some, [self.places[at] for at in bins])
                for lot, at in zip(some, bins, strict=True):
                    self.post(session, "hand_over", [(lot, at, "customer", 1)])
            case 3:
                ledger.release(session, NOW, self.reserve(session, subject, some[0], 1, bins[0]))
            case _:
                kept = self.reserve(session, subject, some[0], 1, bins[0])
                self.post(session, "pick", [(some[0], bins[0], "staging", 1)], settling=kept)


def at_once(databases, work, clients=CLIENTS):
    """`work(database, number)` of each client at the same moment; what came of it, in the order of the clients."""
    start = Barrier(clients)

    def one(number):
        start.wait()
        return work(databases[number % len(databases)], number)

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(one, range(clients)))


def assert_sound(database):
    """Every invariant of the ledger holds."""
    with database.reading() as session:
        assert [(check.__name__, row) for check in INVARIANTS for row in check(session, NOW)] == []


@pytest.mark.parametrize("each", EACH)
def test_eight_clients_at_the_same_skus_lose_nothing_and_no_deadlock_gets_out(databases, each):
    shop = Shop(databases[0])

    def work(database, number):
        rng, outcomes = random.Random(number), Counter()
        for step in range(each):
            try:
                with database.transaction() as session:
                    shop.act(session, rng, f"ord_{number}_{step}")
            except (StockShort, BinFull) as no:
                outcomes[no.code] += 1
            else:
                outcomes["done"] += 1
        return outcomes

    outcomes = sum(at_once(databases, work), Counter())

    assert outcomes.total() == CLIENTS * each
    assert outcomes["done"] > outcomes["stock_short"] > 0
    assert_sound(databases[0])


@pytest.mark.parametrize("each", EACH)
def test_postings_over_all_skus_and_bins_in_any_order_never_wait_in_a_circle(databases, each):
    shop = Shop(databases[0], quantity=1_000)

    def work(database, number):
        rng = random.Random(number)
        for _ in range(each):
            moves = [(lot, *rng.sample(BINS[:2], 2), 1) for lot in shop.lots]
            rng.shuffle(moves)
            with database.transaction() as session:
                try:
                    shop.post(session, "move", moves)
                except StockShort:
                    shop.post(session, "receive", [(lot, "supplier", "A-02", 1) for lot, *_ in moves])

    at_once(databases, work)

    assert_sound(databases[0])


def test_the_same_scan_from_two_clients_at_once_is_posted_once(databases):
    shop = Shop(databases[0], quantity=1_000)
    rounds = 20

    def work(database, number):
        del number
        answered = []
        for scan in range(rounds):
            with database.transaction() as session:
                moves = [(shop.lots[scan % SKUS], "A-01", "A-02", 1)]
                answered.append(
                    shop.post(session, "move", moves, scan=Scan(f"s-{scan}", {"n": scan})).public_id
                )
        return answered

    first, *others = at_once(databases, work, clients=4)

    assert all(other == first for other in others)
    with databases[0].reading() as session:
        posted = select(func.count(StockPosting.id)).where(StockPosting.scan_id.is_not(None))
        assert session.scalar(posted) == len(set(first)) == rounds
    assert_sound(databases[0])


def test_a_posting_is_taken_back_by_one_of_many(databases):
    shop = Shop(databases[0])
    with databases[0].transaction() as session:
        wrong = shop.post(session, "move", [(shop.lots[0], "A-01", "A-02", 3)])

    def work(database, number):
        del number
        try:
            with database.transaction() as session:
                ledger.reverse(
                    session, shop.house.actor, NOW, session.get_one(StockPosting, wrong.id), "wrong"
                )
        except Conflict as no:
            return no.code
        return "done"

    assert Counter(at_once(databases, work)) == {"done": 1, "wrong_state": CLIENTS - 1}
    assert_sound(databases[0])


def test_the_last_piece_is_promised_to_one_of_twenty(databases):
    shop = Shop(databases[0], quantity=1)
    lot, clients = shop.lots[0], 20

    def work(database, number):
        try:
            with database.transaction() as session:
                shop.reserve(session, f"ord_{number}", lot, 1)
        except StockShort as no:
            return no.code
        return "promised"

    assert Counter(at_once(databases, work, clients)) == {"promised": 1, "stock_short": clients - 1}
    with databases[0].reading() as session:
        balance = session.get_one(StockBalance, (lot, shop.places["A-01"]))
        assert (balance.on_hand, balance.reserved) == (1, 1)
        assert session.scalar(select(func.count(StockReservation.id))) == 1
    assert_sound(databases[0])


def test_a_promise_is_posted_given_back_or_swept_by_one_of_many(databases):
    shop = Shop(databases[0])
    rounds = 10
    for step in range(rounds):
        with databases[0].transaction() as session:
            spot = (shop.lots[0], shop.places["A-01"])
            (kept,) = ledger.reserve(session, NOW, f"ord_{step}", {spot: 1}, expires_at=NOW)

        def work(database, number, key=kept.id):
            try:
                with database.transaction() as session:
                    promise = session.get_one(StockReservation, key)
                    if number % 3 == 0:
                        return ledger.release_expired(session, NOW)
                    if number % 3 == 1:
                        ledger.release(session, NOW, [promise])
                    else:
                        shop.post(session, "pick", [(shop.lots[0], "A-01", "staging", 1)], settling=[promise])
            except Conflict:
                return 0
            return 1

        assert sum(at_once(databases, work)) == 1
    assert_sound(databases[0])


def test_new_lots_of_many_skus_come_in_from_all_sides(databases):
    """Lots and balances that are not there yet are made by whoever comes first."""
    shop = Shop(databases[0])
    skus = [sku.id for sku in shop.house.skus.values()]

    def work(database, number):
        rng = random.Random(number)
        for step in range(10):
            with database.transaction() as session:
                key = LotKey(shop.house.owner.id, rng.choice(skus), batch=f"b-{step}", received_on=TODAY)
                shop.post(session, "receive", [(lot_of(session, key).id, "supplier", "receiving", 1)])

    at_once(databases, work)

    with databases[0].reading() as session:
        received = select(func.sum(StockMove.quantity)).where(StockMove.to_id == shop.places["receiving"])
        assert session.scalar(received) == CLIENTS * 10
    assert_sound(databases[0])
