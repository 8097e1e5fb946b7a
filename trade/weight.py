"""Volumetric and chargeable weight in whole grams, for one parcel and for arrays that agree with it."""

import numpy as np

from trade.numbers import Int64Array

EXPRESS_DIVISOR = 5000
"""cm3 per kg, usual for express couriers."""
AIR_DIVISOR = 6000
"""cm3 per kg, usual for air cargo (167 kg per m3)."""
SEA_DIVISOR = 1000
"""Weight or measure: one m3 counts as one tonne."""
RAIL_333_DIVISOR = 3000
"""Rail groupage at about 333 kg per m3."""
RAIL_500_DIVISOR = 2000
"""Rail groupage at 500 kg per m3."""


def box_volume_cm3(length_mm: int, width_mm: int, height_mm: int) -> int:
    """Return the volume of a box, rounded up to a whole cm3."""
    return -(-length_mm * width_mm * height_mm // 1000)


def volumetric_g(volume_cm3: int, divisor_cm3_per_kg: int) -> int:
    """Return volume ÷ divisor in grams, rounded up to a whole gram."""
    return -(-volume_cm3 * 1000 // divisor_cm3_per_kg)


def chargeable_g(weight_g: int, volume_cm3: int, divisor_cm3_per_kg: int | None, step_g: int = 1) -> int:
    """Return the larger of gross and volumetric weight, rounded up to the step; no divisor means gross only."""
    heavier = weight_g
    if divisor_cm3_per_kg is not None:
        heavier = max(weight_g, volumetric_g(volume_cm3, divisor_cm3_per_kg))
    return -(-heavier // step_g) * step_g


def chargeable_many(
    weight_g: Int64Array, volume_cm3: Int64Array, divisor_cm3_per_kg: int | None, step_g: int = 1
) -> Int64Array:
    """Do `chargeable_g` for arrays [n] of grams and cm3; volumes stay below 9·10^15 cm3."""
    heavier = weight_g
    if divisor_cm3_per_kg is not None:
        heavier = np.maximum(weight_g, -(-volume_cm3 * 1000 // divisor_cm3_per_kg))
    return -(-heavier // step_g) * step_g
