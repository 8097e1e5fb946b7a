"""Whether the departures of a way have room for a shipment now, by the rule that takes it when it is booked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Pool as Connections
from sqlalchemy.orm import Session

from app.usecases.pricing_facts import RateMissing
from app.usecases.quoting_fx import FxBook
from app.usecases.quoting_network import SellNetwork
from app.usecases.space_rooms import Ride, RideRoom, RoomRows, read_room_rows
from routing.taking import Lot, NoRoom, take

BANDS = ((500_000, "low"), (5_000_000, "medium"))
"""Grams left below which a band ends; `high` beyond."""


@dataclass(frozen=True, slots=True)
class Berth:
    """What one ride has for the shipment. `refusal` is a code and a sentence where it has no room.

    `may_open`: its freight pays for the units that must be opened. `left_g`: grams free, None: not limited.
    """

    refusal: tuple[str, str] | None = None
    may_open: bool = False
    opened: int = 0
    left_g: int | None = None

    @property
    def band(self) -> str | None:
        """How much is left, without saying how much."""
        if self.left_g is None:
            return None
        return next((name for below, name in BANDS if self.left_g < below), "high")


TOO_DEAR = Berth(("unit_not_open", "no open unit has room, and its freight does not pay for another"))


class _Known:
    """Rooms as they were at one revision of the network: any change of free space makes a new one."""

    def __init__(self, revision: object) -> None:
        self.revision = revision
        self.rows: dict[int, RoomRows] = {}
        self.rooms: dict[tuple[int, int, int, int], tuple[RideRoom, datetime, datetime | None]] = {}


_known: WeakKeyDictionary[Connections, _Known] = WeakKeyDictionary()


def _known_at(session: Session, revision: object | None) -> _Known:
    """Return the rooms this process knows of a revision; nothing within a change of it (None)."""
    if revision is None:
        return _Known(None)
    place = session.connection().engine.pool
    found = _known.get(place)
    if found is None or found.revision != revision:
        found = _known[place] = _Known(revision)
    return found


class Berths:
    """The berths of a shipment on the departures of a network, each looked at when it is asked for."""

    def __init__(
        self,
        session: Session,
        net: SellNetwork,
        revision: object | None,
        lots: Sequence[Lot],
        shipper: tuple[int, str],
        now: datetime,
    ) -> None:
        """`revision` is that of everything; `shipper` its id and the currency freight is in."""
        self.session, self.net, self.lots, self.now = session, net, lots, now
        self.exporter_id, self.currency = shipper
        self.found: dict[int, Berth] = {}
        self._known = _known_at(session, revision)

    def read(self, rides: Iterable[int]) -> None:
        """Read the rooms of the departures of rides that may be asked for, those not known, at once."""
        legs, dated = self.net.timetable.legs, self.net.dated
        missing = {dated[at].id for at in legs.departure[list(rides)].tolist()} - self._known.rows.keys()
        if missing:
            self._known.rows |= read_room_rows(self.session, missing)

    def has_room(self, leg: int, freight_minor: int) -> bool:
        """Say whether a ride whose freight is so much has room for the shipment."""
        found = self.found.get(leg)
        if found is None:
            room = self._room(leg)
            found = self.found[leg] = berth(room, self.lots, freight_minor, self.currency, self.net.fx)
        return found.refusal is None

    def _room(self, leg: int) -> RideRoom:
        legs = self.net.timetable.legs
        dated = self.net.dated[int(legs.departure[leg])]
        board, alight = dated.calls[int(legs.board[leg])].seq, dated.calls[int(legs.alight[leg])].seq
        key = (dated.id, board, alight, self.exporter_id)
        kept = self._known.rooms.get(key)
        if kept is None or self.now < kept[1] or (kept[2] is not None and self.now >= kept[2]):
            rows = self._known.rows[dated.id]
            room = rows.room(Ride(0, dated.id, board, alight), self.exporter_id, self.now)
            kept = self._known.rooms[key] = room, self.now, rows.next_release(self.now)
        return kept[0]


def berth(room: RideRoom, lots: Sequence[Lot], freight_minor: int, currency: str, fx: FxBook) -> Berth:
    """Say whether a ride has room, in what is open or in units that its own freight pays for."""
    try:
        if room.room.in_units and not room.room.units and _too_dear(room, freight_minor, currency, fx):
            return TOO_DEAR  # most boxed departures end here: no need to work out what would go where
        try:
            take(lots, room.room, may_open=False)
        except NoRoom as refused:
            if refused.code != "unit_not_open":
                raise
        else:
            return Berth(left_g=_left_g(room))
        taking = take(lots, room.room, may_open=True)
        opened = [room.kinds[one.kind] for one in taking.openings if not one.own]
        if sum(_cost(row, currency, fx) for row in opened) > freight_minor:
            return TOO_DEAR
    except NoRoom as refused:
        return Berth((refused.code, refused.detail))
    except RateMissing as missing:
        return Berth(("unit_not_open", str(missing)))
    return Berth(may_open=True, opened=len(taking.openings), left_g=_left_g(room))


def _cost(kind: Any, currency: str, fx: FxBook) -> int:  # noqa: ANN401 (a row of `space_rooms.KINDS`)
    """Return what opening a unit costs in the quote's currency."""
    rate = fx.find(kind.currency, currency)
    cost: int = kind.cost_minor if rate is None else rate.convert(kind.cost_minor)
    return cost


def _too_dear(room: RideRoom, freight_minor: int, currency: str, fx: FxBook) -> bool:
    """Say whether any unit that could be opened costs more than the freight; those of an own block are paid for."""
    if any(pool.own for pool in room.room.pools):
        return False
    costs = [_cost(row, currency, fx) for row in room.kinds.values() if row.opened < row.max_count]
    return bool(costs) and min(costs) > freight_minor


def _left_g(room: RideRoom) -> int | None:
    """Return the grams that are free where it is tightest: in open units, or on the segments travelled."""
    if room.room.in_units:
        open_g = sum(unit.free_g for unit in room.room.units)
        return open_g + sum(max(kind.left, 0) * kind.payload_g for kind in room.room.kinds)
    by_segment: dict[int, int] = {}
    for pool in room.room.pools:
        if pool.dimension == "g":
            by_segment[pool.segment] = max(by_segment.get(pool.segment, 0), pool.free)
    return min(by_segment.values(), default=None)
