"""The clocks of a return: when it may be asked for, until when China lets it in free of duty, what later costs."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from warehouses.errors import WarehouseError
from warehouses.facts import Fact, in_force, read_rows

NEAR_DAYS = 30
"""So many days before it lapses a deadline is near."""
CLOCKS = ("none", "open", "near", "lapsed")


@dataclass(frozen=True, slots=True)
class Clock:
    """How a relief deadline stands on a day: one of CLOCKS, and the days left; below 0: over for so many days."""

    state: str
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: why goods come back, what is wished for them, when they were exported and delivered."""

    reason: str
    wished: str | None
    customs_mode: str | None
    exported_on: date | None
    delivered_on: date | None


@dataclass(frozen=True, slots=True)
class _Window:
    rule: str
    counted_from: str
    days: int
    reasons: frozenset[str]
    dispositions: frozenset[str]
    customs_modes: frozenset[str]
    fact: Fact

    def concerns(self, asked: Asked) -> bool:
        """Whether the rule speaks of such a return; an empty list names everything."""
        return all(
            not named or value in named
            for named, value in (
                (self.reasons, asked.reason),
                (self.dispositions, asked.wished),
                (self.customs_modes, asked.customs_mode),
            )
        )


@dataclass(frozen=True, slots=True)
class _Charge:
    trait: str
    permille: int
    fact: Fact


@cache
def _windows() -> tuple[_Window, ...]:
    return tuple(
        _Window(
            row["rule"],
            row["counted_from"],
            int(row["days"]),
            frozenset(row["reasons"].split()),
            frozenset(row["dispositions"].split()),
            frozenset(row["customs_modes"].split()),
            Fact.read(row),
        )
        for row in read_rows("return_windows.csv")
    )


@cache
def _charges() -> tuple[_Charge, ...]:
    return tuple(
        _Charge(row["trait"], int(row["permille"]), Fact.read(row))
        for row in read_rows("reimport_charges.csv")
    )


def clock(deadline: date | None, on: date) -> Clock:
    """Return how a relief deadline stands; the last day itself still counts."""
    if deadline is None:
        return Clock("none", None)
    left = (deadline - on).days
    return Clock("lapsed" if left < 0 else "near" if left < NEAR_DAYS else "open", left)


def check_window(asked: Asked, on: date) -> None:
    """Refuse what is asked for too late: WarehouseError `window_closed` names the rule and its last day.

    A rule that counts from a day nobody knows closes nothing.
    """
    for rule in in_force(_windows(), on):
        start = asked.exported_on if rule.counted_from == "exported" else asked.delivered_on
        if start is None or not rule.concerns(asked):
            continue
        last = start + timedelta(days=rule.days)
        if on > last:
            raise WarehouseError(
                "window_closed",
                "original",
                f"{rule.rule}: {rule.days} days after it was {rule.counted_from} on {start} ended on {last}",
            )


def reimport_permille(traits: AbstractSet[str], on: date) -> int:
    """Return what duty and tax on goods that come back without relief cost, in thousandths of their value.

    The first row that names a trait of the goods counts, else the one without. Raises WarehouseError
    `reimport_charge_missing` on days without rows.
    """
    for row in in_force(_charges(), on):
        if not row.trait or row.trait in traits:
            return row.permille
    raise WarehouseError("reimport_charge_missing", "on", f"there is no reimport charge for {on}")
