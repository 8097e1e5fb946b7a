"""Handling-unit types: what a container, aircraft unit, pallet, bag or trailer holds, and what fits in it."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from warehouses.errors import WarehouseError
from warehouses.facts import Fact, in_force, read_rows


@dataclass(frozen=True, slots=True)
class UnitType:
    """One kind of handling unit. An opened unit takes `takes_hundredths` / 100 of `takes_dimension`.

    `takes_dimension` is `teu` or `uld_position`, empty where it takes no room of its own: 45HQ takes 225 = 2.25
    TEU. `inner_sides_mm` is length, width, height of the largest box; the volume of an aircraft unit counts the
    room over its slanted side as well. `planning_fill_permille` is the share of the inner volume that can be
    loaded in practice.
    """

    code: str
    kind: str
    name_en: str
    name_zh: str
    iso_code: str
    takes_dimension: str
    takes_hundredths: int
    inner_sides_mm: tuple[int, int, int]
    inner_volume_cm3: int
    tare_g: int
    payload_g: int
    planning_fill_permille: int
    fact: Fact

    @property
    def planned_volume_cm3(self) -> int:
        """What fits in practice, rounded down."""
        return self.inner_volume_cm3 * self.planning_fill_permille // 1000


@cache
def _all_units() -> tuple[UnitType, ...]:
    return tuple(
        UnitType(
            code=row["code"],
            kind=row["kind"],
            name_en=row["name_en"],
            name_zh=row["name_zh"],
            iso_code=row["iso_code"],
            takes_dimension=row["takes_dimension"],
            takes_hundredths=int(row["takes_hundredths"]),
            inner_sides_mm=(
                int(row["inner_length_mm"]),
                int(row["inner_width_mm"]),
                int(row["inner_height_mm"]),
            ),
            inner_volume_cm3=int(row["inner_volume_cm3"]),
            tare_g=int(row["tare_g"]),
            payload_g=int(row["payload_g"]),
            planning_fill_permille=int(row["planning_fill_permille"]),
            fact=Fact.read(row),
        )
        for row in read_rows("units.csv")
    )


def unit_types(on: date) -> dict[str, UnitType]:
    """Return the unit types in force on one day, by code."""
    return {unit.code: unit for unit in in_force(_all_units(), on)}


def unit_type(code: str, on: date) -> UnitType:
    """Return one unit type; raises WarehouseError `unit_type_unknown`."""
    try:
        return unit_types(on)[code]
    except KeyError:
        raise WarehouseError("unit_type_unknown", "unit_type", f"there is no unit type {code!r}") from None


def misfits(
    unit: UnitType, weight_g: int, volume_cm3: int, longest_sides_mm: tuple[int, int, int] | None = None
) -> tuple[str, ...]:
    """Return why a load cannot be planned into one empty unit; nothing if it fits.

    `longest_sides_mm` is the largest box of the load, which may be turned onto any side.
    Codes: `too_heavy`, `too_large`, `too_long`.
    """
    sides = sorted(longest_sides_mm or (0, 0, 0))
    checks = (
        ("too_heavy", weight_g > unit.payload_g),
        ("too_large", volume_cm3 > unit.planned_volume_cm3),
        (
            "too_long",
            any(side > room for side, room in zip(sides, sorted(unit.inner_sides_mm), strict=True)),
        ),
    )
    return tuple(code for code, broken in checks if broken)


def fits(
    unit: UnitType, weight_g: int, volume_cm3: int, longest_sides_mm: tuple[int, int, int] | None = None
) -> bool:
    """Whether a load can be planned into one empty unit; `misfits` says why not."""
    return not misfits(unit, weight_g, volume_cm3, longest_sides_mm)
