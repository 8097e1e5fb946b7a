"""Packing: whether a box weighs and measures what its goods should, by rules that are dated rows."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from warehouses.errors import WarehouseError
from warehouses.facts import Fact, in_force, read_rows


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a box may be below and above what its goods make: a share of it, and `slack` for the packing.

    `slack` is in g or cm3, and only on the upper side.
    """

    measure: str
    below_permille: int
    above_permille: int
    slack: int
    fact: Fact


@dataclass(frozen=True, slots=True)
class Deviation:
    """One measure of a box that is further from what is expected than the rule allows; in g or cm3."""

    measure: str
    expected: int
    measured: int
    least: int
    most: int


@cache
def _tolerances() -> tuple[Tolerance, ...]:
    return tuple(
        Tolerance(
            row["measure"],
            int(row["below_permille"]),
            int(row["above_permille"]),
            int(row["slack"]),
            Fact.read(row),
        )
        for row in read_rows("package_tolerances.csv")
    )


def deviations(
    expected_g: int, expected_cm3: int, weight_g: int, volume_cm3: int, on: date
) -> tuple[Deviation, ...]:
    """Return what about a box is not as it should be on one day; nothing where all is within the rule.

    Both ends belong to the rule. Raises WarehouseError `tolerance_missing` on days without rules.
    """
    known = {row.measure: row for row in in_force(_tolerances(), on)}
    found = []
    for measure, expected, measured in (
        ("weight", expected_g, weight_g),
        ("volume", expected_cm3, volume_cm3),
    ):
        if measure not in known:
            raise WarehouseError("tolerance_missing", "on", f"there is no tolerance of {measure} for {on}")
        row = known[measure]
        least = -(-expected * (1000 - row.below_permille) // 1000)
        most = expected * (1000 + row.above_permille) // 1000 + row.slack
        if not least <= measured <= most:
            found.append(Deviation(measure, expected, measured, least, most))
    return tuple(found)
