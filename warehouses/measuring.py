"""Parcels and units on the scale: by how much they may differ from what was said before somebody must look."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from warehouses.errors import WarehouseError
from warehouses.facts import Fact, in_force, read_rows

SUBJECTS = ("parcel_weight", "parcel_volume", "bag", "pallet", "uld", "container")
"""What there is a tolerance for: a parcel's grams and cm3, and the gross grams of a unit."""
DECISIONS = ("accepted", "amended")
"""What a person decides about a variance: the booking stays, or it was amended."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A difference counts where it is more than `least` (g or cm3) and more than `permille` of what was said."""

    subject: str
    least: int
    permille: int
    fact: Fact

    def allowed(self, stated: int) -> int:
        """The largest difference that nobody has to look at."""
        return max(self.least, stated * self.permille // 1000)

    def broken(self, stated: int, measured: int) -> bool:
        """Whether two values differ by more."""
        return abs(measured - stated) > self.allowed(stated)


@dataclass(frozen=True, slots=True)
class Size:
    """Grams and cm3."""

    weight_g: int
    volume_cm3: int


@dataclass(frozen=True, slots=True)
class Variance:
    """By how much a measured parcel is more than was declared, below zero where it is less; `reasons` name what counts.

    Reasons: `weight`, `volume`.
    """

    weight_g: int
    volume_cm3: int
    reasons: tuple[str, ...]

    @property
    def counts(self) -> bool:
        """Whether somebody must look at it."""
        return bool(self.reasons)


@cache
def _all_tolerances() -> tuple[Tolerance, ...]:
    return tuple(
        Tolerance(row["subject"], int(row["least"]), int(row["permille"]), Fact.read(row))
        for row in read_rows("tolerances.csv")
    )


def tolerance(subject: str, on: date) -> Tolerance:
    """The tolerance in force on a day; WarehouseError `no_tolerance`."""
    for row in in_force(_all_tolerances(), on):
        if row.subject == subject:
            return row
    raise WarehouseError("no_tolerance", "subject", f"there is no tolerance for {subject} on {on}")


def variance(declared: Size, measured: Size, on: date) -> Variance:
    """Compare what was declared with what is on the scale."""
    pairs = (
        ("weight", "parcel_weight", declared.weight_g, measured.weight_g),
        ("volume", "parcel_volume", declared.volume_cm3, measured.volume_cm3),
    )
    reasons = tuple(
        name for name, subject, stated, found in pairs if tolerance(subject, on).broken(stated, found)
    )
    return Variance(measured.weight_g - declared.weight_g, measured.volume_cm3 - declared.volume_cm3, reasons)


def gross_varies(kind: str, expected_g: int, gross_g: int, on: date) -> bool:
    """Whether a unit of this kind weighs other than its tare and what was scanned into it, by more than is allowed."""
    return tolerance(kind, on).broken(expected_g, gross_g)
