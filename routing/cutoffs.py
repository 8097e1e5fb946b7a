"""Cut-offs of one call, typed as DCSA does: which close it to what, and which times they may not be moved to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

EARLIEST_TIMES = frozenset({"ECP", "EFC"})
"""From when on an empty box may be fetched and a full one brought: they close nothing."""
PAPER_CUTOFFS = frozenset({"DCO", "AFC"})
"""Cut-offs of papers: goods handed over after them still travel, what is booked after them does not."""
DANGEROUS_CUTOFFS = frozenset({"DGC", "OBC"})

Cutoffs = Mapping[str, datetime]
"""DCSA code → instant."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A time that a cut-off may not have: `code` of the cut-off, and why not; `limit` is the time it must respect."""

    code: str
    why: str
    limit: datetime


def closes_at(
    cutoffs: Cutoffs, departs_at: datetime, *, dangerous: bool = False, papers: bool = True
) -> datetime:
    """Return when a call closes to what is booked, or without `papers` to the goods alone; at the latest it leaves."""
    left_out = EARLIEST_TIMES | (frozenset() if papers else PAPER_CUTOFFS)
    left_out |= frozenset() if dangerous else DANGEROUS_CUTOFFS
    return min([departs_at, *(at for code, at in cutoffs.items() if code not in left_out)])


def wrong_times(before: Cutoffs, after: Cutoffs, departs_at: datetime, now: datetime) -> list[Wrong]:
    """Return what is wrong with the cut-offs that differ, the first reason of each; what was so before may stay."""
    changed = {code: at for code, at in sorted(after.items()) if before.get(code) != at}
    general = closes_at(after, departs_at, papers=False)
    general_before = closes_at(before, departs_at, papers=False)
    found = []
    for code, at in changed.items():
        if at > departs_at:
            found.append(Wrong(code, "cutoff_after_departure", departs_at))
        elif code in EARLIEST_TIMES:
            if at > general:
                found.append(Wrong(code, "opens_after_closing", general))
        elif at <= now:
            found.append(Wrong(code, "cutoff_past", now))
        elif code in DANGEROUS_CUTOFFS and at > general:
            found.append(Wrong(code, "dangerous_after_general", general))
        elif code not in PAPER_CUTOFFS | DANGEROUS_CUTOFFS:
            stayed = {name: there for name, there in after.items() if name not in changed}
            for kind, why in (
                (DANGEROUS_CUTOFFS, "general_before_dangerous"),
                (EARLIEST_TIMES, "closes_before_opening"),
            ):
                overtaken = [there for name, there in stayed.items() if name in kind]
                # Only what this overtakes: what was later than the general cut-off before may stay.
                if limit := max((one for one in overtaken if at < one <= general_before), default=None):
                    found.append(Wrong(code, why, limit))
                    break
    return found
