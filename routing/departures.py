"""What may happen to a departure before it leaves, in which order; what happens after that, its events say."""

from collections.abc import Mapping

STEPS: Mapping[str, tuple[frozenset[str], str]] = {
    "open": (frozenset({"planned", "closed"}), "open"),
    "close": (frozenset({"planned", "open"}), "closed"),
    "cancel": (frozenset({"planned", "open", "closed"}), "cancelled"),
}
"""Step → the states it starts from, and the state it leads to."""


def after(step: str, state: str) -> str | None:
    """Return the state a step leads to; None where it may not be taken from `state`. KeyError for no step."""
    allowed, target = STEPS[step]
    return target if state in allowed else None
