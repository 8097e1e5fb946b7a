"""The life of a declaration to Chinese customs: its states and steps, its days, and what one declaration may merge."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from trade.errors import TradeError

LIST_STATES = (
    "draft", "pre_check_failed", "submitted", "accepted", "released", "rejected", "taken_back",
    "summarised", "refunded",
)  # fmt: skip
SUMMARY_STATES = ("draft", "submitted", "accepted", "rejected", "refunded")
OUTCOMES = ("sold", "reversed")
"""How a refund before the sale ends: sold as it was declared, or taken back and claimed anew."""
LIST_LINES = 100
"""As many as one message takes."""
_OPEN = frozenset({"draft", "pre_check_failed"})
_THERE = frozenset({"submitted", "accepted"})
Steps = Mapping[str, tuple[frozenset[str], str]]
LIST_STEPS: Steps = {
    "pass": (_OPEN, "draft"),
    "fail": (_OPEN, "pre_check_failed"),
    "submit": (frozenset({"draft"}), "submitted"),
    "accept": (frozenset({"submitted"}), "accepted"),
    "release": (_THERE, "released"),
    "reject": (_THERE, "rejected"),
    "take_back": (_THERE | {"released"}, "taken_back"),
    "reopen": (frozenset({"rejected", "released"}), "draft"),
    "summarise": (frozenset({"released"}), "summarised"),
    "refund": (frozenset({"summarised"}), "refunded"),
}
"""A step → the states it may be taken in, and the one it leads to."""
SUMMARY_STEPS: Steps = {
    "submit": (frozenset({"draft"}), "submitted"),
    "accept": (frozenset({"submitted"}), "accepted"),
    "reject": (frozenset({"submitted"}), "rejected"),
    "reopen": (frozenset({"rejected"}), "draft"),
    "refund": (frozenset({"accepted"}), "refunded"),
}
SUMMARY_DAY = 15
"""Lists cleared in one month are declared by this day of the next."""
SETTLE_MONTH, SETTLE_DAY = 4, 30
PRE_REFUND_MODE = "9810"
"""Refunds come when goods leave for an overseas warehouse, and are settled once they are sold."""
ENTRY_DIGITS = 18
NOT_UNDONE = frozenset({"draft", "pre_check_failed", "summarised", "refunded"})
"""Where a list stands at its beginning, or what only its declaration takes back."""


def follow(steps: Steps, path: Sequence[str], step: str) -> list[str]:
    """Return the states gone through with one step more; TradeError `wrong_state` where it may not be taken.

    A check does not lengthen the path: what undo goes back to is what was done, not what was looked at.
    """
    state = path[-1]
    if step not in steps or state not in steps[step][0]:
        raise TradeError("wrong_state", "status", f"what is {state} cannot take the step {step}")
    kept = path[:-1] if step in ("pass", "fail") else path
    return [*kept, steps[step][1]]


def undo(path: Sequence[str]) -> list[str]:
    """Return the states before the last step; TradeError `wrong_state` at the beginning."""
    if len(path) < 2:
        raise TradeError("wrong_state", "status", "nothing has been done that could be undone")
    return list(path[:-1])


def is_walk(steps: Steps, path: Sequence[str]) -> bool:
    """Whether each state of a path follows from the one before, beginning with a draft."""
    plain = ["draft" if state in _OPEN else state for state in path]
    return plain[:1] == ["draft"] and all(
        any(before in start and end == state for start, end in steps.values())
        for before, state in pairwise(plain)
    )


def next_steps(steps: Steps, state: str) -> tuple[str, ...]:
    """Return the steps that may be taken in a state, checks left out."""
    return tuple(
        name for name, (start, _end) in steps.items() if state in start and name not in ("pass", "fail")
    )


def may_be_given_up(path: Sequence[str]) -> bool:
    """Whether customs has nothing of a list: it was never handed over, or rejected, or taken back there."""
    plain = path[:-1] if path[-1] in _OPEN and len(path) > 1 else path
    return plain[-1] in _OPEN | {"rejected", "taken_back"}


def lines_named(text: str) -> frozenset[int]:
    """Read numbers of lines as `3, 7-9`; TradeError `lines_unreadable`."""
    found: set[int] = set()
    for part in filter(None, re.split(r"[\s,;，；、]+", text)):
        match = re.fullmatch(r"([0-9]{1,4})(?:[-–]([0-9]{1,4}))?", part)
        if match is None:
            raise TradeError("lines_unreadable", "lines", "write lines as 3, 7-9")
        found.update(range(int(match[1]), int(match[2] or match[1]) + 1))
    return frozenset(found)


def month_of(day: date) -> date:
    """Return the first day of its month."""
    return day.replace(day=1)


def summary_due(month: date) -> date:
    """Return the last day on which the lists of a month are declared: the 15th of the next.

    Where that is a holiday the next working day counts; who knows the holidays has a day more than this says.
    """
    year, following = divmod(month.year * 12 + month.month, 12)
    return date(year, following + 1, SUMMARY_DAY)


def settle_by(refunded_on: date) -> date:
    """Return the last day to settle a refund before the sale: 30 April of the next year (STA 2025-3)."""
    return date(refunded_on.year + 1, SETTLE_MONTH, SETTLE_DAY)


@dataclass(frozen=True, slots=True, order=True)
class MergeKey:
    """What the lines of one line of a declaration have in common (GAC 2018-194: verify)."""

    country: str
    hs_code: str
    currency: str


@dataclass(frozen=True, slots=True)
class MergedLine:
    """A line of a declaration: what was merged into it, in minor units and grams."""

    key: MergeKey
    count: int
    value_minor: int
    gross_g: int
    net_g: int


def merge(lines: Sequence[tuple[MergeKey, int, int, int]]) -> list[MergedLine]:
    """Merge (key, value in minor units, gross g, net g) of single parcels, by key, in the order of keys."""
    sums: dict[MergeKey, list[int]] = {}
    for key, *amounts in lines:
        so_far = sums.setdefault(key, [0, 0, 0, 0])
        for place, amount in enumerate([1, *amounts]):
            so_far[place] += amount
    return [MergedLine(key, *sums[key]) for key in sorted(sums)]
