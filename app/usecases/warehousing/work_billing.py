"""What was done in a warehouse on a day, as the fees know it: each piece of work with the posting that did it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.queries.stock_days import (
    Done,
    done_between,
    kinds_of_work,
    moved_by,
    packages_of,
    received_between,
)
from trade.warehouse_fees import Weighed, Work
from trade.weight import box_volume_cm3
from warehouses.stock import IN_HOUSE

ONCE_PER_ORDER = ("hand_over", "void")
"""Kinds of posting an order pays for once, however many there are of them."""
CONTAINER_FEET = {"20": "20", "22": "20", "25": "20", "40": "40", "42": "40", "45": "45", "L": "45"}
"""How a container type begins → its length; ISO 6346 writes a high cube of 40 feet 45G1."""
Worked = tuple[str, int, Work]
"""Public id of the posting, the owner who pays, and what was done."""


def work_between(session: Session, warehouse_id: int, start: datetime, end: datetime) -> Iterator[Worked]:
    """Yield everything that was done in a warehouse from `start` to before `end`."""
    done = done_between(session, warehouse_id, start, end)
    moves: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in moved_by(session, sorted({one.facts_id for one in done})):
        moves[row.posting_id].append(row)
    boxes = _boxes(session, done)
    kinds = kinds_of_work(session, {one.subject for one in done if one.kind == "work" and one.subject})
    seen: set[tuple[str, str | None, int]] = set()
    for one in done:
        by_owner: dict[int, list[Row[Any]]] = defaultdict(list)
        for row in moves[one.facts_id]:
            by_owner[row.owner_id].append(row)
        for owner_id, rows in by_owner.items():
            again = one.kind in ONCE_PER_ORDER and (one.kind, one.subject, one.sign) in seen
            work = _work(one, rows, boxes.get(one.subject or "", ()), kinds, orders=0 if again else 1)
            yield one.public_id, owner_id, work
        seen.add((one.kind, one.subject, one.sign))
    yield from _ended(session, warehouse_id, start, end)


def _work(
    one: Done, rows: Sequence[Row[Any]], boxes: tuple[Weighed, ...], kinds: dict[str, str], orders: int
) -> Work:
    counted = [row for row in rows if _counts(one.kind, row.source, row.target)]
    pieces = sum(int(row.pieces) for row in counted)
    event, weighed = (
        one.kind,
        tuple(Weighed(int(row.pieces), row.weight_g, row.volume_cm3) for row in counted),
    )
    if one.kind == "work":
        event = f"work_{kinds.get(one.subject or '', '')}"
        # Work that changes nothing about the stock, such as photos, is counted by what it was done to.
        pieces = pieces or sum(int(row.pieces) for row in rows if row.source in IN_HOUSE)
    if one.kind == "hand_over":
        weighed = boxes if orders else ()
    return Work(event, pieces, orders, weighed=weighed, sign=one.sign)


def _counts(kind: str, source: str, target: str) -> bool:
    """Whether pieces moved like this are those the work was about; the other moves only change what they are."""
    if kind in ("receive", "return", "work"):
        return target in IN_HOUSE and source not in IN_HOUSE
    if kind == "pick":
        return target == "staging"
    return target == {"hand_over": "customer", "destroy": "scrap"}.get(kind)


def _boxes(session: Session, done: Sequence[Done]) -> dict[str, tuple[Weighed, ...]]:
    orders = {one.subject for one in done if one.kind == "hand_over" and one.subject}
    found: dict[str, tuple[Weighed, ...]] = defaultdict(tuple)
    for row in packages_of(session, orders):
        volume = box_volume_cm3(row.length_mm, row.width_mm, row.height_mm)
        found[row.public_id] += (Weighed(1, row.weight_g, volume),)
    return found


def _ended(session: Session, warehouse_id: int, start: datetime, end: datetime) -> Iterator[Worked]:
    for row in received_between(session, warehouse_id, start, end):
        feet = container_feet(row.container_type or "") if row.container else ""
        work = Work("receive_end", orders=1, cartons=int(row.cartons), pallets=row.pallets, container=feet)
        yield row.posting, row.owner_id, work


def container_feet(kind: str) -> str:
    """The length in feet of a container by its type, such as 40HQ or the ISO code 42G1; empty where it says none."""
    if kind.startswith("45G"):
        return "40"
    return CONTAINER_FEET.get(kind[:2], CONTAINER_FEET.get(kind[:1], ""))
