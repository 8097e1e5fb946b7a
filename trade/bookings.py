"""What the events of a booking make of it: the statuses of DCSA Booking 2.0, and which change is allowed when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from trade.errors import TradeError

FINAL = frozenset({"REJECTED", "DECLINED", "CANCELLED", "COMPLETED"})
"""Statuses after which nothing is changed any more."""


@dataclass(frozen=True, slots=True)
class Status:
    """Where a booking is, and apart from that its latest amendment and cancellation (None: there was none)."""

    booking: str | None = None
    amendment: str | None = None
    cancellation: str | None = None

    @property
    def is_final(self) -> bool:
        """Whether the booking has come to its end."""
        return self.booking in FINAL


@dataclass(frozen=True, slots=True)
class _Effect:
    """What one kind of event sets (None: leaves as it is), and the statuses it may follow."""

    after: frozenset[str | None]
    booking: str | None = None
    amendment: str | None = None
    cancellation: str | None = None


_LIVE = frozenset({"RECEIVED", "CONFIRMED", "PENDING_UPDATE", "UPDATE_RECEIVED", "PENDING_AMENDMENT"})
_CONFIRMED = frozenset({"CONFIRMED", "PENDING_AMENDMENT"})
_EFFECTS = {
    "received": _Effect(frozenset({None}), booking="RECEIVED"),
    "confirmed": _Effect(
        frozenset({"RECEIVED", "PENDING_UPDATE", "UPDATE_RECEIVED", "PENDING_AMENDMENT"}), booking="CONFIRMED"
    ),
    "rejected": _Effect(frozenset({"RECEIVED", "PENDING_UPDATE", "UPDATE_RECEIVED"}), booking="REJECTED"),
    "declined": _Effect(_CONFIRMED, booking="DECLINED"),
    "update_asked": _Effect(frozenset({"RECEIVED", "UPDATE_RECEIVED"}), booking="PENDING_UPDATE"),
    "updated": _Effect(frozenset({"RECEIVED", "PENDING_UPDATE"}), booking="UPDATE_RECEIVED"),
    "amendment_asked": _Effect(_CONFIRMED, booking="PENDING_AMENDMENT"),
    "amended": _Effect(_CONFIRMED, booking="CONFIRMED", amendment="AMENDMENT_CONFIRMED"),
    "amendment_declined": _Effect(_CONFIRMED, amendment="AMENDMENT_DECLINED"),
    "cancelled": _Effect(_LIVE, booking="CANCELLED", cancellation="CANCELLATION_CONFIRMED"),
    "cancellation_declined": _Effect(_LIVE, cancellation="CANCELLATION_DECLINED"),
    "rolled": _Effect(_CONFIRMED, booking="CONFIRMED"),
    "parcels_added": _Effect(_LIVE),
    "parcels_removed": _Effect(_LIVE),
    "completed": _Effect(_CONFIRMED, booking="COMPLETED"),
    "noted": _Effect(_LIVE | FINAL),
}
KINDS = tuple(_EFFECTS)
"""Every kind of event a booking can have."""


def follow(status: Status, kind: str) -> Status:
    """Return the status after one more event; TradeError `wrong_state` where it may not follow, `event_unknown`."""
    effect = _EFFECTS.get(kind)
    if effect is None:
        raise TradeError("event_unknown", "kind", f"{kind!r} is no event of a booking")
    if status.booking not in effect.after:
        raise TradeError(
            "wrong_state",
            "status",
            f"a booking that is {status.booking or 'not there yet'} cannot be {kind.replace('_', ' ')}",
        )
    return replace(
        status,
        booking=effect.booking or status.booking,
        amendment=effect.amendment or status.amendment,
        cancellation=effect.cancellation or status.cancellation,
    )


def derive(kinds: Sequence[str]) -> Status:
    """Return the status of a booking with these events, first to last; TradeError as in `follow`."""
    status = Status()
    for kind in kinds:
        status = follow(status, kind)
    return status


@dataclass(frozen=True, slots=True)
class BookedLine:
    """What one line was booked for, and what already fills it: packages, grams and cm3 in all."""

    goods_class: str
    count: int
    weight_g: int
    volume_cm3: int
    filled: int = 0
    filled_g: int = 0
    filled_cm3: int = 0

    def takes(self, goods_class: str, weight_g: int, volume_cm3: int) -> bool:
        """Whether one more package of these goods stays within what was booked."""
        return (
            goods_class == self.goods_class
            and self.filled < self.count
            and self.filled_g + weight_g <= self.weight_g
            and self.filled_cm3 + volume_cm3 <= self.volume_cm3
        )

    def with_one_more(self, weight_g: int, volume_cm3: int) -> "BookedLine":
        """Return the line with one package more in it."""
        return replace(
            self,
            filled=self.filled + 1,
            filled_g=self.filled_g + weight_g,
            filled_cm3=self.filled_cm3 + volume_cm3,
        )


def fill_lines(lines: Sequence[BookedLine], packages: Sequence[tuple[str, int, int]]) -> list[int]:
    """Return for each package (goods class, grams, cm3) the line it fills: the first that has room for it.

    A line is booked in all, so packages may differ in size from those that were quoted as long as their sum does
    not. Raises TradeError `exceeds_booking` with the package's position as its field.
    """
    now, found = list(lines), []
    for position, (goods_class, weight_g, volume_cm3) in enumerate(packages):
        for index, line in enumerate(now):
            if line.takes(goods_class, weight_g, volume_cm3):
                now[index] = line.with_one_more(weight_g, volume_cm3)
                found.append(index)
                break
        else:
            raise TradeError(
                "exceeds_booking",
                str(position),
                f"no booked line of {goods_class} has room for {weight_g} g and {volume_cm3} cm3 more",
            )
    return found
