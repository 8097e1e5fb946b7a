"""A process that posts scan after scan, to be killed: `python -m tests.scenarios.posting URL ORDER`.

ORDER is JSON: `warehouse`, `moves` (lot, source, target, quantity), `scans`, and where it stops to be killed: before
statement `statement` of scan `stop_at`. It prints the id of each posting once it is durable, and `here` where it stops.
"""

import itertools
import json
import sys
import time

from sqlalchemy import event

from app.actor import system
from app.clock import now
from app.db import Database, make_engine
from app.usecases.warehousing import ledger
from app.usecases.warehousing.ledger import Scan
from warehouses.stock import Move


def post_scan(database, order, scan):
    """Post the moves for a scan; the posting's public id."""
    moves = [Move(*move) for move in order["moves"]]
    with database.transaction() as session:
        return ledger.post(
            session, system("test"), now(), order["warehouse"], "move", moves, scan=Scan(scan, order["moves"])
        ).public_id


def wait_to_be_killed(engine, statement):
    """Stop for good before so many statements from now."""
    left = itertools.count(statement, -1)

    def stop(*_):
        if next(left) == 0:
            print("here", flush=True)
            time.sleep(600)

    event.listen(engine, "before_cursor_execute", stop)


def main(url, order):
    """Post every scan in turn."""
    database = Database(make_engine(url))
    for scan in order["scans"]:
        if scan == order["stop_at"]:
            wait_to_be_killed(database.engine, order["statement"])
        print(post_scan(database, order, scan), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
