"""What a quote charges: sell tariffs only, line by line, in their own currency and in the quote's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.usecases.pricing_facts import RateMissing
from app.usecases.quoting_fx import Fx, FxBook
from app.usecases.quoting_lanes import NO_LEG, PriceList
from routing.arrays import FloatArray
from trade.charging import ChargeLine, charge
from trade.errors import TradeError
from trade.tariff import Tariff
from trade.weight import chargeable_g

PER_PACKAGE = "last_mile"
"""The mode that is priced package by package; every other prices the shipment as one."""
UNIT_BASES = ("flat", "minimum", "per_unit")


@dataclass(frozen=True, slots=True)
class Goods:
    """What is to be moved: lines of `count` equal packages (`Quote.asked["lines"]`), and their sums."""

    lines: Sequence[Mapping[str, Any]]
    weight_g: int = field(init=False)
    volume_cm3: int = field(init=False)
    packages: int = field(init=False)

    def __post_init__(self) -> None:
        for name in ("weight_g", "volume_cm3"):
            object.__setattr__(self, name, sum(one["count"] * one[name] for one in self.lines))
        object.__setattr__(self, "packages", sum(one["count"] for one in self.lines))


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A charge line in the tariff's currency and in the quote's, rounded half up once in each.

    `quantity` and amounts are of all `packages` together where each is priced by itself.
    """

    line: ChargeLine
    packages: int
    amount_minor: int

    @property
    def quantity(self) -> int:
        """How much is charged."""
        return self.line.quantity * self.packages

    @property
    def priced_minor(self) -> int:
        """The amount in the tariff's currency."""
        return self.line.amount_minor * self.packages


@dataclass(frozen=True, slots=True)
class Priced:
    """What a leg costs, and by which weight: the sum of its chargeable weight, in grams."""

    tariff: Tariff
    lines: tuple[PricedLine, ...]
    total_minor: int
    chargeable_g: int
    fx: Fx | None


@dataclass(slots=True)
class Pricing:
    """Prices legs for one shipment in one currency; each tariff once. `refused` has the codes of those that cannot."""

    goods: Goods
    currency: str
    fx: FxBook
    refused: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    """By identity of the tariff: its code, the reason's code, and a sentence."""
    _known: dict[tuple[int, bool], Priced | None] = field(default_factory=dict)

    def priced(self, tariff: Tariff, *, per_package: bool) -> Priced | None:
        """Return the charges of a leg; None where this tariff cannot price the shipment in this currency."""
        key = (id(tariff), per_package)
        if key not in self._known:
            try:
                self._known[key] = self._price(tariff, per_package=per_package)
            except RateMissing as error:
                self._refuse(tariff, "no_exchange_rate", str(error))
            except TradeError as error:
                self._refuse(tariff, error.code, f"{error.field}: {error.detail}")
        return self._known[key]

    def costs(self, prices: PriceList, codes: Iterable[int], per_package: Mapping[int, bool]) -> FloatArray:
        """Return what each tariff of a lane that is in use costs [tariffs] in the quote's currency; NaN: no price."""
        found = np.full(len(prices.tariffs), np.nan)
        found[NO_LEG] = 0.0
        for code in codes:
            tariff = prices.tariffs[code]
            one = None if tariff is None else self.priced(tariff, per_package=per_package[code])
            if one is not None:
                found[code] = one.total_minor
        return found

    def _refuse(self, tariff: Tariff, code: str, text: str) -> None:
        self.refused[id(tariff)] = (tariff.code, code, text)
        self._known[id(tariff), True] = self._known[id(tariff), False] = None

    def _price(self, tariff: Tariff, *, per_package: bool) -> Priced:
        fx = self.fx.find(tariff.currency, self.currency)
        goods = self.goods
        if per_package:
            parts = [(one["weight_g"], one["volume_cm3"], 1, one["count"]) for one in goods.lines]
        else:
            parts = [(goods.weight_g, goods.volume_cm3, goods.packages, 1)]
        lines, weight = [], 0
        for weight_g, volume_cm3, units, times in parts:
            for line in charge(tariff, weight_g, volume_cm3, units):
                minor = line.amount_minor * times
                lines.append(PricedLine(line, times, minor if fx is None else fx.convert(minor)))
            each = chargeable_g(weight_g, volume_cm3, tariff.divisor_cm3_per_kg, tariff.rounding_g)
            weight += times * each
        return Priced(tariff, tuple(lines), sum(one.amount_minor for one in lines), weight, fx)
