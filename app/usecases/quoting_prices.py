"""What a quote charges: sell tariffs only, line by line, in their own currency and in the quote's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.usecases.pricing_facts import RateMissing
from app.usecases.quoting_fx import Fx, FxBook
from app.usecases.quoting_lanes import NO_LEG, PriceList
from app.usecases.quoting_network import SellNetwork
from routing.arrays import FloatArray
from trade.charging import ChargeLine, charge
from trade.errors import TradeError
from trade.tariff import Tariff
from trade.weight import chargeable_g

MOST_SHIPMENTS = 50
"""Whose prices are kept for each network."""
PER_PACKAGE = "last_mile"
"""The mode that is priced package by package; every other prices the shipment as one."""


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

    def kept(self, leg_seq: int) -> dict[str, Any]:
        """Return the line as offers and bookings keep it (`Offer.charges`)."""
        return {
            "leg_seq": leg_seq,
            "code": self.line.code,
            "basis": self.line.basis,
            "quantity": self.quantity,
            "unit_price_micros": self.line.unit_price_micros,
            "priced_minor": self.priced_minor,
            "priced_currency": self.line.currency,
            "amount_minor": self.amount_minor,
            "packages": self.packages,
        }


@dataclass(frozen=True, slots=True)
class Priced:
    """What a leg costs, and by which weight: the sum of its chargeable weight, in grams."""

    tariff: Tariff
    lines: tuple[PricedLine, ...]
    total_minor: int
    chargeable_g: int
    fx: Fx | None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a tariff cannot price the shipment: a code, and a sentence."""

    code: str
    text: str


@dataclass(slots=True)
class Pricing:
    """Prices legs for one shipment in one currency, each tariff once; `refused`, by identity, says which it cannot."""

    goods: Goods
    currency: str
    fx: FxBook
    refused: dict[int, Refused] = field(default_factory=dict)
    shown: dict[tuple[int, int], Any] = field(default_factory=dict)
    """By number of the leg and identity of what it is priced at: its lines as offers have them."""
    _known: dict[int, Priced] = field(default_factory=dict)

    def costs(self, prices: PriceList, codes: Iterable[int]) -> FloatArray:
        """Return what each tariff of a list that is in use costs [tariffs] in the quote's currency; NaN: no price."""
        found = np.full(len(prices.tariffs), np.nan)
        found[NO_LEG] = 0.0
        for code in codes:
            tariff = prices.tariffs[code]
            if (
                tariff is not None
                and (one := self.priced(tariff, per_package=prices.per_package[code])) is not None
            ):
                found[code] = one.total_minor
        return found

    def known(self, prices: PriceList, code: int) -> Priced:
        """Return the charges of a leg that `costs` has priced."""
        return self._known[id(prices.tariffs[code])]

    def priced(self, tariff: Tariff, *, per_package: bool) -> Priced | None:
        """Return the charges of a leg; None where the tariff cannot price the shipment, and `refused` says why."""
        found = self._known.get(id(tariff))
        if found is None and id(tariff) not in self.refused:
            try:
                found = self._known[id(tariff)] = self._price(tariff, per_package=per_package)
            except RateMissing as error:
                self.refused[id(tariff)] = Refused("no_exchange_rate", str(error))
            except TradeError as error:
                self.refused[id(tariff)] = Refused("not_priceable", f"{error.field}: {error.detail}")
        return found

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


def pricing_of(net: SellNetwork, goods: Goods, currency: str) -> Pricing:
    """Return the prices of a shipment, kept with the network: people ask for the same boxes again and again."""
    sizes = tuple((one["count"], one["weight_g"], one["volume_cm3"]) for one in goods.lines)
    with net.lock:
        found: Pricing | None = net.pricings.get((sizes, currency))
        if found is None:
            found = net.pricings[sizes, currency] = Pricing(goods, currency, net.fx)
            if len(net.pricings) > MOST_SHIPMENTS:
                net.pricings.popitem(last=False)
        net.pricings.move_to_end((sizes, currency))
    return found
