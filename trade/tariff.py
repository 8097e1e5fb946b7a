"""What a tariff is: weight breaks, volumetric rule, minimum, surcharges, validity; refused if it contradicts itself."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal, get_args

from trade.errors import TradeError
from trade.money import MICROS, exponent_of, minor_per_major
from trade.numbers import INT64_MAX

Side = Literal["buy", "sell"]
SurchargeBasis = Literal["flat", "per_kg", "per_m3", "percent", "per_unit"]
Basis = Literal["flat", "per_kg", "per_m3", "percent", "per_unit", "minimum"]

MAX_WEIGHT_G = 10**10
MAX_VOLUME_CM3 = 10**10
MAX_UNITS = 10**6
MIN_DIVISOR = 1000
MAX_STEP_G = 10**7
"""Within these bounds every charge of an accepted tariff stays below 64 bits, in SQL and in arrays."""


@dataclass(frozen=True, slots=True)
class WeightBreak:
    """From this chargeable weight on: a rate in 10^-6 major units per chargeable kg, and an amount once."""

    from_g: int
    rate_micros_per_kg: int
    flat_minor: int = 0


@dataclass(frozen=True, slots=True)
class Surcharge:
    """Fuel, security and the like: its own charge line.

    `amount_micros` is 10^-6 major units for one shipment (`flat`), chargeable kg, m3 or handling unit; for
    `percent` it is 10^-6 of the base freight (50,000 = 5 %), the minimum included.
    """

    code: str
    basis: SurchargeBasis
    amount_micros: int


@dataclass(frozen=True, slots=True)
class Tariff:
    """One priced rule set. `buy` is what space costs the operator, `sell` what the operator asks.

    `breaks` start at 0 g and ascend; none means that weight costs nothing. A weight takes the rate of the band
    that holds it, and with `next_break_if_cheaper` the lower price of any higher band at that band's first gram.
    Base freight is the band's price plus `per_m3_micros`, at least `minimum_minor`. `flat_minor` once per
    shipment and the surcharges come on top. No divisor means gross weight; chargeable weight is rounded up to
    `rounding_g`. Valid from `valid_from` up to, not including, `valid_to`; None = no end.
    Raises TradeError with the field at fault.
    """

    code: str
    side: Side
    currency: str
    valid_from: date
    valid_to: date | None = None
    divisor_cm3_per_kg: int | None = None
    rounding_g: int = 1
    minimum_minor: int = 0
    flat_minor: int = 0
    per_m3_micros: int = 0
    breaks: tuple[WeightBreak, ...] = ()
    surcharges: tuple[Surcharge, ...] = ()
    next_break_if_cheaper: bool = False

    def __post_init__(self) -> None:
        exponent_of(self.currency)
        _check_scalars(self)
        _check_breaks(self.breaks)
        _check_surcharges(self.surcharges)
        if _dearest_charge(self) > INT64_MAX:
            raise TradeError("tariff_out_of_range", "rate", "these rates are too large to be charged")

    def valid_on(self, day: date) -> bool:
        """Whether the tariff prices a shipment of this day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def _check_scalars(tariff: Tariff) -> None:
    if tariff.side not in get_args(Side):
        raise TradeError("side_unknown", "side", "the side is buy or sell")
    if tariff.valid_to is not None and tariff.valid_to <= tariff.valid_from:
        raise TradeError("validity_reversed", "valid_to", "the first day without it must follow valid_from")
    divisor = tariff.divisor_cm3_per_kg
    if divisor is not None and divisor < MIN_DIVISOR:
        raise TradeError("divisor_too_small", "divisor_cm3_per_kg", f"at least {MIN_DIVISOR} cm3 per kg")
    if not 1 <= tariff.rounding_g <= MAX_STEP_G:
        raise TradeError("rounding_out_of_range", "rounding_g", f"from 1 to {MAX_STEP_G} g")
    for field in ("minimum_minor", "flat_minor", "per_m3_micros"):
        if getattr(tariff, field) < 0:
            raise TradeError("amount_negative", field, "an amount must not be below zero")


def _check_breaks(breaks: tuple[WeightBreak, ...]) -> None:
    if breaks and breaks[0].from_g != 0:
        raise TradeError("breaks_start_above_zero", "breaks", "the first weight break starts at 0 g")
    for lower, upper in pairwise(breaks):
        if upper.from_g == lower.from_g:
            raise TradeError("breaks_overlap", "breaks", f"two weight breaks start at {upper.from_g} g")
        if upper.from_g < lower.from_g:
            raise TradeError("breaks_unsorted", "breaks", "list the weight breaks from light to heavy")
    if breaks and breaks[-1].from_g > MAX_WEIGHT_G:
        raise TradeError("break_out_of_range", "breaks", f"weight breaks end at {MAX_WEIGHT_G} g")
    if any(band.rate_micros_per_kg < 0 or band.flat_minor < 0 for band in breaks):
        raise TradeError("amount_negative", "breaks", "an amount must not be below zero")


def _check_surcharges(surcharges: tuple[Surcharge, ...]) -> None:
    codes = [surcharge.code for surcharge in surcharges]
    if len(set(codes)) < len(codes):
        raise TradeError("surcharge_repeated", "surcharges", "each surcharge code stands once")
    for surcharge in surcharges:
        if surcharge.basis not in get_args(SurchargeBasis):
            raise TradeError("basis_unknown", "surcharges", f"{surcharge.basis!r} is no basis of a surcharge")
        if surcharge.amount_micros < 0:
            raise TradeError("amount_negative", "surcharges", "an amount must not be below zero")


def _dearest_charge(tariff: Tariff) -> int:
    """Return a bound, in minor units, on what this tariff can ever charge."""
    scale = minor_per_major(tariff.currency)
    heaviest_kg = (max(MAX_WEIGHT_G, MAX_VOLUME_CM3 * 1000 // MIN_DIVISOR) + MAX_STEP_G) // 1000
    largest_m3 = MAX_VOLUME_CM3 // 1_000_000
    most = {"flat": 1, "per_kg": heaviest_kg, "per_m3": largest_m3, "per_unit": MAX_UNITS}

    def minor(micros: int) -> int:
        return micros * scale // MICROS + 1

    base = (
        tariff.minimum_minor
        + minor(max((band.rate_micros_per_kg for band in tariff.breaks), default=0) * heaviest_kg)
        + max((band.flat_minor for band in tariff.breaks), default=0)
        + minor(tariff.per_m3_micros * largest_m3)
    )
    extra = sum(
        base * item.amount_micros // MICROS + 1
        if item.basis == "percent"
        else minor(item.amount_micros * most[item.basis])
        for item in tariff.surcharges
    )
    return base + extra + tariff.flat_minor
