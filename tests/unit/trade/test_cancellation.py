"""Cancelling is free until the first cut-off and costs a dated share after it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from trade.cancellation import CancellationTerm, cancellation_fee, cancellation_terms
from trade.errors import TradeError
from trade.facts import Fact

CUTOFF = datetime(2026, 12, 1, 10, tzinfo=UTC)
FACT = Fact(date(2026, 1, 1), None, "example", "test")
TERMS = [CancellationTerm(48, 0, FACT), CancellationTerm(0, 10, FACT), CancellationTerm(None, 50, FACT)]


@pytest.mark.parametrize(
    ("hours_before", "fee"),
    [(72, 0), (48, 0), (47, 100), (0, 100), (-1, 500)],
)
def test_the_fee_grows_towards_and_after_the_cutoff(hours_before, fee):
    assert cancellation_fee(999, CUTOFF, CUTOFF - timedelta(hours=hours_before), TERMS) == fee


def test_the_terms_of_the_house_are_in_force_and_ordered():
    terms = cancellation_terms(date(2026, 11, 23))
    assert [(term.before_cutoff_hours, term.fee_percent) for term in terms] == [(0, 0), (None, 50)]


def test_without_terms_nothing_is_invented():
    with pytest.raises(TradeError, match="no cancellation terms"):
        cancellation_fee(999, CUTOFF, CUTOFF, cancellation_terms(date(2020, 1, 1)))
