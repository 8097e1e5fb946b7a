"""A client killed in the middle of posting: what it was told is there, what it was not told never happened."""

import json
import subprocess
import sys

import pytest
from sqlalchemy import event, select

from app.db import Database, make_engine
from app.models import StockBalance, StockMove, StockPosting
from app.queries.invariants_stock import INVARIANTS
from tests.live import clean_environment
from tests.scenarios.posting import post_scan
from tests.stock_rows import NOW, a_house, stocked

pytestmark = pytest.mark.postgres
SCANS = [f"s-{number}" for number in range(4)]


def killed(url, order):
    """Run the client until it stops, kill it, and give the ids of the postings it was told of."""
    command = [sys.executable, "-m", "tests.scenarios.posting", url, json.dumps(order)]
    client = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=clean_environment())
    try:
        told = list(iter(lambda: client.stdout.readline().strip(), "here"))
    finally:
        client.kill()
        client.communicate()
    return told


def statements_of(database, work):
    """How many statements it sends."""
    sent = []
    event.listen(database.engine, "before_cursor_execute", lambda *_: sent.append(1))
    work()
    return len(sent)


def rows(database):
    """Every row a posting changes."""
    with database.reading() as session:
        return [
            session.execute(select(model.__table__)).all()
            for model in (StockPosting, StockMove, StockBalance)
        ]


@pytest.mark.parametrize(
    "before_end", [1, 4, pytest.param(2, marks=pytest.mark.full), pytest.param(6, marks=pytest.mark.full)]
)
def test_a_client_killed_in_the_middle_of_posting_leaves_nothing_half_done(
    database, database_url, before_end
):
    with database.transaction() as session:
        house = a_house(session)
        lots = [stocked(session, house, sku, 10) for sku in ("SKU-1", "SKU-2")]
    a, b = (house.places[code].id for code in ("A-01", "A-02"))
    order = {"warehouse": house.warehouse.id, "moves": [(lot, a, b, 1) for lot in lots]}
    first = Database(make_engine(database_url))
    post_scan(first, order, "s-first")
    needed = statements_of(first, lambda: post_scan(first, order, "s-counted"))
    first.engine.dispose()

    told = killed(
        database_url, order | {"scans": SCANS, "stop_at": SCANS[2], "statement": needed - before_end}
    )
    left = rows(database)
    again = [post_scan(database, order, scan) for scan in SCANS for _ in range(2)]

    assert len(told) == 2
    assert len(left[0]) == 2 + 2 + len(told)  # two that stocked it, two that were counted, two that were told
    assert again[::2] == again[1::2]
    assert again[::2][:2] == told
    with database.reading() as session:
        moved = session.scalars(
            select(StockBalance.on_hand).where(StockBalance.place_id == b).order_by(StockBalance.lot_id)
        )
        assert list(moved) == [2 + len(SCANS)] * 2
        assert [(check.__name__, row) for check in INVARIANTS for row in check(session, NOW)] == []
