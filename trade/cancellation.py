"""What cancelling costs: a share of what was charged, by dated terms that look at the first cut-off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from trade.errors import TradeError
from trade.facts import Fact, in_force, read_rows
from trade.numbers import divide_half_up


@dataclass(frozen=True, slots=True)
class CancellationTerm:
    """A fee in percent for cancelling at least so many hours before the cut-off; None: at any later time."""

    before_cutoff_hours: int | None
    fee_percent: int
    fact: Fact


@cache
def _all_terms() -> tuple[CancellationTerm, ...]:
    return tuple(
        CancellationTerm(
            int(row["before_cutoff_hours"]) if row["before_cutoff_hours"] else None,
            int(row["fee_percent"]),
            Fact.read(row),
        )
        for row in read_rows("cancellation.csv")
    )


def cancellation_terms(on: date) -> list[CancellationTerm]:
    """Return the terms in force on a day, the earliest notice first."""
    terms = in_force(_all_terms(), on)
    return sorted(terms, key=lambda one: -1 if one.before_cutoff_hours is None else one.before_cutoff_hours)[
        ::-1
    ]


def cancellation_fee(
    total_minor: int, cutoff_at: datetime, now: datetime, terms: Sequence[CancellationTerm]
) -> int:
    """Return the fee in minor units for cancelling now, half up; TradeError `terms_unknown` where no term holds."""
    for term in terms:
        notice = None if term.before_cutoff_hours is None else timedelta(hours=term.before_cutoff_hours)
        if notice is None or now <= cutoff_at - notice:
            return divide_half_up(total_minor * term.fee_percent, 100)
    raise TradeError("terms_unknown", "cancellation", "no cancellation terms are in force")
