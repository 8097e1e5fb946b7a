"""Transport emissions by dated factors: an estimate in the manner of ISO 14083, never an accredited figure."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from trade.errors import TradeError
from trade.facts import Fact, in_force, read_rows
from trade.numbers import divide_half_up


@dataclass(frozen=True, slots=True)
class EmissionFactor:
    """Milligrams of CO2e per tonne-kilometre; `scope` is WTW (well to wheel) or TTW (tank to wheel)."""

    mode: str
    variant: str
    mg_per_tkm: int
    scope: str
    version: str
    fact: Fact


@cache
def _all_factors() -> tuple[EmissionFactor, ...]:
    return tuple(
        EmissionFactor(
            row["mode"],
            row["variant"],
            int(row["mg_per_tkm"]),
            row["scope"],
            row["version"],
            Fact.read(row),
        )
        for row in read_rows("emissions.csv")
    )


def emission_factor(mode: str, on: date, variant: str = "average") -> EmissionFactor:
    """Return the factor of a mode on one day; raises TradeError `emission_factor_unknown`."""
    for factor in in_force(_all_factors(), on):
        if (factor.mode, factor.variant) == (mode, variant):
            return factor
    raise TradeError("emission_factor_unknown", "mode", f"no factor for {mode} ({variant}) on {on}")


def co2e_g(weight_g: int, distance_m: int, factor: EmissionFactor) -> int:
    """Return grams of CO2e for a weight over a distance, rounded half up."""
    return divide_half_up(weight_g * distance_m * factor.mg_per_tkm, 10**12)
