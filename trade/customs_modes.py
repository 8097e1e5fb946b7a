"""What each customs mode asks for, by dated rows: its channel, the documents that must match, its simplifications."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from trade.facts import Fact, in_force, read_rows

FEN = 100


@dataclass(frozen=True, slots=True)
class ModeRule:
    """How goods are declared under one mode; limits are fen of one parcel, None where there is none."""

    mode: str
    channels: tuple[str, ...]
    documents: frozenset[str]
    simple_digits: int | None
    """So many digits of the HS code are enough for a simplified list; None: it may not be simplified."""
    most_simple_minor: int | None
    most_list_minor: int | None
    """Above this it is no list of the e-commerce system any more."""
    fact: Fact

    def channel(self, value_cny_minor: int | None, flag: str) -> str:
        """Return where a parcel of this value is declared; one without a known value where lists go.

        Where lists have a limit (9710, 9810) they are for goods without a rebate too: with flag B it is a form.
        """
        limit = self.most_list_minor
        form = limit is not None and (flag == "B" or (value_cny_minor or 0) > limit)
        return self.channels[-1] if form else self.channels[0]


def _limit(text: str) -> int | None:
    return int(text) * FEN if text else None


@cache
def _all_rules() -> tuple[ModeRule, ...]:
    return tuple(
        ModeRule(
            row["mode"],
            tuple(row["channels"].split()),
            frozenset(row["documents"].split()),
            int(row["simple_digits"]) if row["simple_digits"] else None,
            _limit(row["most_simple_cny"]),
            _limit(row["most_list_cny"]),
            Fact.read(row),
        )
        for row in read_rows("customs_modes.csv")
    )


def mode_rule(mode: str, on: date) -> ModeRule | None:
    """Return the rule of a mode on the day of the declaration."""
    return next((rule for rule in in_force(_all_rules(), on) if rule.mode == mode), None)


@cache
def customs_words(kind: str) -> dict[str, str]:
    """Return the e-commerce system's numbers of every `country`, `currency` or `transport`, none that ended."""
    rows = [row for row in read_rows("customs_words.csv") if row["kind"] == kind]
    return {row["code"]: row["number"] for row in rows if Fact.read(row).effective_to is None}
