"""What a tariff charges: line by line for a document, in total for a million parcels, and as terms of a sum."""

from dataclasses import dataclass

import numpy as np

from trade.errors import TradeError
from trade.money import MICROS, Money, minor_per_major
from trade.numbers import Int64Array, divide_half_up, scale_half_up
from trade.tariff import MAX_UNITS, MAX_VOLUME_CM3, MAX_WEIGHT_G, Basis, Surcharge, Tariff, WeightBreak
from trade.weight import chargeable_g, chargeable_many

PRICED_QUANTITY: dict[Basis, int] = {
    "flat": 1,
    "minimum": 1,
    "per_unit": 1,
    "per_kg": 1_000,
    "per_m3": 1_000_000,
}
"""How much of its own unit (one, grams, cm3) the price of a basis buys."""


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """One line of a quote or invoice, rounded half up once: amount = quantity x unit price.

    `quantity` is 1 for `flat` and `minimum`, handling units for `per_unit`, chargeable grams for `per_kg`, cm3 for
    `per_m3`, minor units of base freight for `percent`. `unit_price_micros` is 10^-6 major units for one, kg or
    m3; for `percent` 10^-6 of the base.
    """

    code: str
    basis: Basis
    quantity: int
    unit_price_micros: int
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class LinearTerms:
    """A tariff as a sum, all in 10^-6 major units; chargeable kg are by the tariff's own divisor and rounding."""

    per_item_micros: int
    per_kg_micros: int
    per_m3_micros: int
    per_chargeable_kg_micros: int
    per_unit_micros: int


def _denominator(basis: Basis, currency: str) -> int:
    """Return what quantity x price in micros is divided by to give minor units."""
    if basis == "percent":
        return MICROS
    return PRICED_QUANTITY[basis] * MICROS // minor_per_major(currency)


def _line(tariff: Tariff, code: str, basis: Basis, quantity: int, price_micros: int) -> ChargeLine:
    amount = divide_half_up(quantity * price_micros, _denominator(basis, tariff.currency))
    return ChargeLine(code, basis, quantity, price_micros, amount, tariff.currency)


def _once(tariff: Tariff, code: str, basis: Basis, amount_minor: int) -> ChargeLine:
    price = amount_minor * MICROS // minor_per_major(tariff.currency)
    return ChargeLine(code, basis, 1, price, amount_minor, tariff.currency)


def total(lines: list[ChargeLine], currency: str) -> Money:
    """Add the lines of one currency; an empty list is zero."""
    return sum((Money(line.amount_minor, line.currency) for line in lines), Money(0, currency))


def charge(tariff: Tariff, weight_g: int, volume_cm3: int, units: int = 1) -> list[ChargeLine]:
    """Price one shipment of a gross weight and volume in `units` handling units; lines of zero are left out.

    A minimum stands as a line for what the base freight lacks, so that the lines always add up.
    Raises TradeError `quantity_out_of_range`.
    """
    _check_quantities(weight_g, weight_g, volume_cm3, volume_cm3, units, units)
    chargeable = chargeable_g(weight_g, volume_cm3, tariff.divisor_cm3_per_kg, tariff.rounding_g)
    lines = _weight_lines(tariff, chargeable)
    if tariff.per_m3_micros:
        lines.append(_line(tariff, "volume", "per_m3", volume_cm3, tariff.per_m3_micros))
    base_minor = sum([line.amount_minor for line in lines])
    lacking = tariff.minimum_minor - base_minor
    if lacking > 0:
        lines.append(_once(tariff, "minimum", "minimum", lacking))
        base_minor += lacking
    if tariff.flat_minor:
        lines.append(_once(tariff, "shipment", "flat", tariff.flat_minor))
    if tariff.surcharges:
        quantities = {
            "flat": 1,
            "per_kg": chargeable,
            "per_m3": volume_cm3,
            "percent": base_minor,
            "per_unit": units,
        }
        for extra in tariff.surcharges:
            lines.append(_line(tariff, extra.code, extra.basis, quantities[extra.basis], extra.amount_micros))
    return [line for line in lines if line.amount_minor]


def _weight_lines(tariff: Tariff, chargeable: int) -> list[ChargeLine]:
    """Price the chargeable weight by its own band, or by a higher one where the tariff allows and it is cheaper."""
    if not tariff.breaks:
        return []
    own = max([index for index, band in enumerate(tariff.breaks) if band.from_g <= chargeable])
    mine = _band_lines(tariff, tariff.breaks[own], chargeable)
    if not tariff.next_break_if_cheaper:
        return mine
    choices = [mine, *(_band_lines(tariff, band, band.from_g) for band in tariff.breaks[own + 1 :])]
    return min(choices, key=lambda lines: sum(line.amount_minor for line in lines))


def _band_lines(tariff: Tariff, band: WeightBreak, grams: int) -> list[ChargeLine]:
    freight = _line(tariff, "freight", "per_kg", grams, band.rate_micros_per_kg)
    if not band.flat_minor:
        return [freight]
    return [_once(tariff, "weight_band", "flat", band.flat_minor), freight]


def charge_many(
    tariff: Tariff, weight_g: Int64Array, volume_cm3: Int64Array, units: Int64Array | None = None
) -> Int64Array:
    """Return the totals [n] in minor units that `charge` gives for each pair of grams and cm3 [n].

    `units` [n] is 1 everywhere if left out. Raises TradeError `quantity_out_of_range`.
    """
    handled = np.ones_like(weight_g) if units is None else units
    if not weight_g.size:
        return np.zeros(0, dtype=np.int64)
    bounds = [int(edge) for array in (weight_g, volume_cm3, handled) for edge in (array.min(), array.max())]
    _check_quantities(*bounds)
    chargeable = chargeable_many(weight_g, volume_cm3, tariff.divisor_cm3_per_kg, tariff.rounding_g)
    base = _weight_many(tariff, chargeable) + _scaled(tariff, "per_m3", volume_cm3, tariff.per_m3_micros)
    base = np.maximum(base, tariff.minimum_minor)
    quantities = {
        "flat": np.ones_like(base),
        "per_kg": chargeable,
        "per_m3": volume_cm3,
        "percent": base,
        "per_unit": handled,
    }
    result: Int64Array = base + tariff.flat_minor
    for extra in tariff.surcharges:
        result = result + _scaled(tariff, extra.basis, quantities[extra.basis], extra.amount_micros)
    return result


def _scaled(tariff: Tariff, basis: Basis, quantities: Int64Array, price_micros: int) -> Int64Array:
    return scale_half_up(quantities, price_micros, _denominator(basis, tariff.currency))


def _weight_many(tariff: Tariff, chargeable: Int64Array) -> Int64Array:
    if not tariff.breaks:
        return np.zeros_like(chargeable)
    starts = np.array([band.from_g for band in tariff.breaks], dtype=np.int64)
    own = np.searchsorted(starts, chargeable, side="right") - 1
    result: Int64Array = np.zeros_like(chargeable)
    for index, band in enumerate(tariff.breaks):
        inside = own == index
        priced = _scaled(tariff, "per_kg", chargeable[inside], band.rate_micros_per_kg)
        result[inside] = priced + band.flat_minor
    if not tariff.next_break_if_cheaper:
        return result
    at_start = [sum(line.amount_minor for line in _band_lines(tariff, b, b.from_g)) for b in tariff.breaks]
    for index in range(1, len(at_start)):
        below = own < index
        result[below] = np.minimum(result[below], at_start[index])
    return result


def is_linear(tariff: Tariff) -> bool:
    """Whether the charge is a plain sum of terms: one band at most, no minimum, no percentage."""
    return (
        len(tariff.breaks) <= 1
        and not tariff.minimum_minor
        and all(extra.basis != "percent" for extra in tariff.surcharges)
    )


def linear_terms(tariff: Tariff) -> LinearTerms:
    """Return the terms of a linear tariff, exact where `charge` rounds each line.

    Without divisor and rounding the chargeable kg are gross kg and stand under `per_kg_micros`.
    Raises TradeError `tariff_not_linear`.
    """
    if not is_linear(tariff):
        raise TradeError(
            "tariff_not_linear", "tariff", f"{tariff.code} has breaks, a minimum or a percentage"
        )
    band = tariff.breaks[0] if tariff.breaks else WeightBreak(0, 0)
    once_minor = tariff.flat_minor + band.flat_minor
    per_kg = band.rate_micros_per_kg + _sum_of(tariff.surcharges, "per_kg")
    gross = tariff.divisor_cm3_per_kg is None and tariff.rounding_g == 1
    return LinearTerms(
        per_item_micros=once_minor * MICROS // minor_per_major(tariff.currency)
        + _sum_of(tariff.surcharges, "flat"),
        per_kg_micros=per_kg if gross else 0,
        per_m3_micros=tariff.per_m3_micros + _sum_of(tariff.surcharges, "per_m3"),
        per_chargeable_kg_micros=0 if gross else per_kg,
        per_unit_micros=_sum_of(tariff.surcharges, "per_unit"),
    )


def _sum_of(surcharges: tuple[Surcharge, ...], basis: Basis) -> int:
    return sum(extra.amount_micros for extra in surcharges if extra.basis == basis)


def _check_quantities(*bounds: int) -> None:
    """Take the least and the greatest of grams, of cm3 and of units, in this order."""
    limits = (MAX_WEIGHT_G, MAX_VOLUME_CM3, MAX_UNITS)
    for name, low, high, limit in zip(
        ("weight_g", "volume_cm3", "units"), bounds[::2], bounds[1::2], limits, strict=True
    ):
        if low < 0 or high > limit:
            raise TradeError("quantity_out_of_range", name, f"from 0 to {limit}")
