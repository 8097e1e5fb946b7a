"""How many examples a property is held to: all of them in `make test-full`, a third of them in `make test`.

Properties say `@settings(max_examples=examples(60))`; what says nothing meets the profile's own number.
`make test-full` chooses the profile "full" by Hypothesis's own option.
"""

from hypothesis import settings

FULL = "full"
SHORT = "short"
SHARE = 3
FEWEST = 5

settings.register_profile(FULL)
settings.register_profile(SHORT, max_examples=100 // SHARE)
settings.load_profile(SHORT)


def examples(full: int) -> int:
    """So many in `make test-full`, their share in `make test`."""
    if settings.get_current_profile_name() == FULL:
        return full
    return max(FEWEST, full // SHARE)
