"""Many bookings from a few: copies of real ones, with everything that belongs to them, for the list to be long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import cycle
from random import Random
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.db import Database
from app.ids import new_id
from app.models import (
    Booking,
    BookingEvent,
    BookingLeg,
    BookingLine,
    CapacityPool,
    Consignment,
    Offer,
    Quote,
    SpaceAllocation,
)
from benchmarks.http.rows import Rows

BELONGING = (BookingLine, BookingLeg, BookingEvent, Consignment, SpaceAllocation)
REFERENCES = {"quote_id": Quote, "offer_id": Offer, "booking_id": Booking}
AGE = timedelta(days=60)
Row = dict[str, Any]
Original = list[tuple[Any, Row]]
"""Model and values of each row, those that others refer to first."""


def multiply(database: Database, count: int, exporters: Sequence[int], now: datetime, seed: int = 1) -> None:
    """Copy the bookings that are there until there are `count`; every other one is the first exporter's.

    Only what has loose space is copied, and of each quote the offer that was booked.
    """
    rng = Random(seed)
    with database.transaction() as session:
        missing = count - (session.scalar(select(func.count(Booking.id))) or 0)
        originals, rows = _originals(session), Rows(session)
        for number, original in zip(range(max(0, missing)), cycle(originals), strict=False):
            owner = exporters[0] if number % 2 == 0 else exporters[number % len(exporters)]
            _copy(rows, original, owner, now - AGE * rng.random())
        rows.write()
        _count_pools(session)


def _originals(session: Session) -> list[Original]:
    boxed = select(SpaceAllocation.booking_id).where(SpaceAllocation.unit_id.is_not(None))
    query = select(Booking.id, Booking.quote_id, Booking.offer_id).where(
        Booking.quote_id.is_not(None), Booking.id.not_in(boxed)
    )
    found = []
    for booking, quote, offer in session.execute(query):
        wanted = [(Quote, Quote.id == quote), (Offer, Offer.id == offer), (Booking, Booking.id == booking)]
        wanted += [(model, model.booking_id == booking) for model in BELONGING]  # type: ignore[attr-defined]
        found.append([
            (model, dict(row))
            for model, condition in wanted
            for row in session.execute(select(model.__table__).where(condition)).mappings()
        ])  # fmt: skip
    return found


def _copy(rows: Rows, original: Original, owner: int, at: datetime) -> None:
    made: dict[tuple[Any, int], int] = {}
    for model, values in original:
        row = {name: _renewed(name, value, owner, at) for name, value in values.items() if name != "id"}
        for name, parent in REFERENCES.items():
            if row.get(name) is not None:
                row[name] = made[parent, row[name]]
        made[model, values["id"]] = rows.add(model, **row)


def _renewed(name: str, value: Any, owner: int, at: datetime) -> Any:
    if name == "public_id":
        return new_id(value[:3])
    if name == "waybill_number":
        return new_id("wbl")
    if name == "exporter_id":
        return owner
    return at if name in ("created_at", "at") else value


def _count_pools(session: Session) -> None:
    taken = (
        select(func.sum(SpaceAllocation.quantity))
        .where(SpaceAllocation.pool_id == CapacityPool.id, SpaceAllocation.state == "booked")
        .scalar_subquery()
    )
    used = select(SpaceAllocation.pool_id).where(SpaceAllocation.state == "booked")
    session.execute(update(CapacityPool).where(CapacityPool.id.in_(used)).values(booked=taken))
