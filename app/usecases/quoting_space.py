"""Whether the departures of a way have room for a shipment now, by the rule that takes it when it is booked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from app.usecases.pricing_facts import RateMissing
from app.usecases.quoting_fx import FxBook
from app.usecases.quoting_network import SellNetwork
from app.usecases.space_rooms import Ride, RideRoom, RoomRows, read_room_rows
from routing.taking import Lot, NoRoom, Taking, take

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


@dataclass(slots=True)
class Berths:
    """The berths of a shipment on the departures of a network, each looked at when it is asked for."""

    session: Session
    net: SellNetwork
    lots: Sequence[Lot]
    exporter_id: int
    currency: str
    now: datetime
    found: dict[int, Berth] = field(default_factory=dict)
    """By ride, a row of the timetable."""
    _rows: dict[int, RoomRows] = field(default_factory=dict)
    """By departure, what was read of it."""

    def read(self, rides: Iterable[int]) -> None:
        """Read the rooms of the departures of rides that may be asked for, at once."""
        legs, dated = self.net.timetable.legs, self.net.dated
        missing = {dated[int(legs.departure[leg])].id for leg in rides} - self._rows.keys()
        if missing:
            self._rows |= dict.fromkeys(missing, read_room_rows(self.session, missing, self.exporter_id))

    def has_room(self, leg: int, freight_minor: int) -> bool:
        """Say whether a ride whose freight is so much has room for the shipment."""
        if leg not in self.found:
            legs = self.net.timetable.legs
            dated = self.net.dated[int(legs.departure[leg])]
            board, alight = dated.calls[int(legs.board[leg])].seq, dated.calls[int(legs.alight[leg])].seq
            room = self._rows[dated.id].room(Ride(leg, dated.id, board, alight), self.exporter_id, self.now)
            self.found[leg] = berth(room, self.lots, freight_minor, self.currency, self.net.fx)
        return self.found[leg].refusal is None


def berth(room: RideRoom, lots: Sequence[Lot], freight_minor: int, currency: str, fx: FxBook) -> Berth:
    """Say whether a ride has room, in what is open or in units that its own freight pays for."""
    left = _left_g(room)
    try:
        take(lots, room.room, may_open=False)
    except NoRoom as refused:
        if refused.code != "unit_not_open":
            return Berth((refused.code, refused.detail), left_g=left)
    else:
        return Berth(left_g=left)
    try:
        taking = take(lots, room.room, may_open=True)
        cost = _opening_cost(room, taking, currency, fx)
    except NoRoom as refused:
        return Berth((refused.code, refused.detail), left_g=left)
    except RateMissing as missing:
        return Berth(("unit_not_open", str(missing)), left_g=left)
    if cost > freight_minor:
        return Berth(
            ("unit_not_open", "no open unit has room, and its freight does not pay for another"), left_g=left
        )
    return Berth(may_open=True, opened=len(taking.openings), left_g=left)


def _opening_cost(room: RideRoom, taking: Taking, currency: str, fx: FxBook) -> int:
    """Return what opening the units costs in the quote's currency; those of an own block were paid with it."""
    cost = 0
    for opening in taking.openings:
        if not opening.own:
            row = room.kinds[opening.kind]
            rate = fx.find(row.currency, currency)
            cost += row.cost_minor if rate is None else rate.convert(row.cost_minor)
    return cost


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
