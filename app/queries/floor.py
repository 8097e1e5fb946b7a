"""What matters in a warehouse today, in a few sums."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import Asn, OutboundOrder, StockPlace, Warehouse
from app.queries.stock import ages_of
from app.usecases.warehousing.access import may_own
from warehouses.ageing import BANDS, band_of
from warehouses.inbound import ON_THE_WAY
from warehouses.outbound import LEFT

DUE = timedelta(days=7)
AWAITED = tuple(
    state for state in ON_THE_WAY if state not in ("draft", "arrived", "receiving", "received_partial")
)
"""States in which announced goods are not there yet."""
AT_WORK = ("arrived", "receiving", "received_partial", "received")
"""States in which they are at the door or not put away."""
DONE = (*LEFT, "void")
Band = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class Age:
    """What of the stock has lain so long."""

    band: Band
    pieces: int
    cm3: int


@dataclass(frozen=True, slots=True)
class Room:
    """How full the bins are."""

    bins: int
    blocked: int
    empty: int
    used_cm3: int
    max_cm3: int
    """Of the bins with a limit, as `used_cm3`."""

    @property
    def used_share(self) -> float | None:
        """Filled part of the bins that have a limit."""
        return self.used_cm3 / self.max_cm3 if self.max_cm3 else None


@dataclass(frozen=True, slots=True)
class Overview:
    """Sums of one warehouse; an exporter's are of its own goods."""

    ages: tuple[Age, ...]
    room: Room
    inbound: dict[str, int]
    """`due` within a week, `late`, and `at_work` at the door or not put away yet."""
    outbound: dict[str, int]
    """`open` orders, and `late` ones: not handed over in time."""

    @property
    def pieces(self) -> int:
        """All pieces that lie there."""
        return sum(age.pieces for age in self.ages)


def overview(session: Session, actor: Actor, warehouse: Warehouse, now: datetime) -> Overview:
    """Sum a warehouse up."""
    return Overview(
        tuple(_ages(ages_of(session, actor, warehouse.id), now.date())),
        _room(session, warehouse.id),
        _inbound(session, actor, warehouse.id, now.date()),
        _outbound(session, actor, warehouse.id, now),
    )


def _ages(rows: Iterable[tuple[date, int, int]], today: date) -> Iterable[Age]:
    sums: dict[Band, list[int]] = {band: [0, 0] for band in BANDS}
    for received_on, pieces, cm3 in rows:
        found = sums[band_of(received_on, today)]
        found[0] += pieces
        found[1] += cm3
    return [Age(band, pieces, cm3) for band, (pieces, cm3) in sums.items()]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _room(session: Session, warehouse_id: int) -> Room:
    limited = StockPlace.max_cm3.is_not(None)
    query = select(
        func.count(),
        _count(StockPlace.blocked.is_(True)),
        _count(StockPlace.used_cm3 == 0),
        func.coalesce(func.sum(case((limited, StockPlace.used_cm3))), 0),
        func.coalesce(func.sum(StockPlace.max_cm3), 0),
    ).where(StockPlace.warehouse_id == warehouse_id, StockPlace.kind == "bin")
    return Room(*map(int, session.execute(query).one()))


def _inbound(session: Session, actor: Actor, warehouse_id: int, today: date) -> dict[str, int]:
    awaited = Asn.status.in_(AWAITED)
    query = select(
        _count(awaited & (Asn.expected_on >= today) & (Asn.expected_on <= today + DUE)),
        _count(awaited & (Asn.expected_on < today)),
        _count(Asn.status.in_(AT_WORK)),
    ).where(
        Asn.warehouse_id == warehouse_id, Asn.status.in_((*AWAITED, *AT_WORK)), may_own(actor, Asn.owner_id)
    )
    return dict(zip(("due", "late", "at_work"), map(int, session.execute(query).one()), strict=True))


def _outbound(session: Session, actor: Actor, warehouse_id: int, now: datetime) -> dict[str, int]:
    query = select(func.count(), _count(OutboundOrder.ship_by < now)).where(
        OutboundOrder.warehouse_id == warehouse_id,
        OutboundOrder.status.not_in((*DONE, "draft", "delivered")),
        may_own(actor, OutboundOrder.owner_id),
    )
    return dict(zip(("open", "late"), map(int, session.execute(query).one()), strict=True))
