from datetime import date

import pytest

from trade.emissions import co2e_g, emission_factor
from trade.errors import TradeError

TODAY = date(2026, 11, 22)


def test_a_tonne_over_a_thousand_kilometres_emits_the_factor_times_a_thousand():
    assert co2e_g(1_000_000, 1_000_000, emission_factor("sea", TODAY)) == 8_150
    assert co2e_g(1_000_000, 1_000_000, emission_factor("air", TODAY, "belly_long_haul")) == 608_000


def test_small_parcels_are_rounded_half_up_to_the_gram():
    assert co2e_g(1_000, 1_000, emission_factor("air", TODAY)) == 1
    assert co2e_g(1, 1, emission_factor("air", TODAY)) == 0


@pytest.mark.parametrize("mode", ["air", "sea", "rail", "ferry", "road", "last_mile"])
def test_every_mode_has_a_factor_with_scope_version_and_source(mode):
    factor = emission_factor(mode, TODAY)
    assert factor.scope in {"WTW", "TTW"}
    assert factor.version
    assert factor.fact.source


@pytest.mark.parametrize(("mode", "day"), [("mule", TODAY), ("sea", date(2000, 1, 1))])
def test_a_factor_that_is_not_known_is_refused(mode, day):
    with pytest.raises(TradeError) as refused:
        emission_factor(mode, day)
    assert refused.value.code == "emission_factor_unknown"
