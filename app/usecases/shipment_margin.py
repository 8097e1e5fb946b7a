"""What a booking brings in and what its space costs to buy, leg by leg, each with how it was computed.

The cost is what the buy tariff of the leg charges for the booked goods, by the tariffs and exchange rates of the day
the booking was made, and its share of the units (containers, ULDs, the charter) that its goods lie in.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Booking, DepartureUnit, HandlingUnit, SpaceAllocation, UnitType
from app.usecases.pricing_facts import RateMissing
from app.usecases.quoting_fx import Fx, FxBook, load_fx
from app.usecases.quoting_lanes import PER_PACKAGE
from app.usecases.quoting_prices import Goods, Pricing
from app.usecases.tariff_facts import load_tariffs
from routing.network import MODES
from trade.billing import billed_lines, written_price, written_quantity

SHARE = "unit_share"
"""The basis of a cost line that is part of what a unit costs."""


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """One line of revenue or cost; `amount_minor` is in the booking's currency, `priced_minor` in its own."""

    code: str
    basis: str
    quantity: str
    price: str
    priced_minor: int
    currency: str
    amount_minor: int
    rate: Fx | None = None
    source: str = ""
    """Code of the tariff, or of the unit."""


@dataclass(frozen=True, slots=True)
class LegMoney:
    """What one leg brings in and costs. Leg 0 is the whole booking."""

    leg: int
    revenue: tuple[MoneyLine, ...]
    cost: tuple[MoneyLine, ...]
    known: bool
    """Whether there is a price to buy its space at."""

    @property
    def revenue_minor(self) -> int:
        """The sum of its revenue lines."""
        return sum(line.amount_minor for line in self.revenue)

    @property
    def cost_minor(self) -> int:
        """The sum of its cost lines."""
        return sum(line.amount_minor for line in self.cost)


@dataclass(frozen=True, slots=True)
class Margin:
    """Revenue, cost and what is between them, in minor units of `currency`."""

    currency: str
    legs: tuple[LegMoney, ...]

    @property
    def revenue_minor(self) -> int:
        """What is charged."""
        return sum(leg.revenue_minor for leg in self.legs)

    @property
    def cost_minor(self) -> int:
        """What is known of the cost."""
        return sum(leg.cost_minor for leg in self.legs)

    @property
    def margin_minor(self) -> int:
        """What is left."""
        return self.revenue_minor - self.cost_minor

    @property
    def share(self) -> float | None:
        """The margin as a share of the revenue; None without revenue."""
        return self.margin_minor / self.revenue_minor if self.revenue_minor else None

    @property
    def unknown(self) -> tuple[int, ...]:
        """Legs that nothing says the cost of."""
        return tuple(leg.leg for leg in self.legs if not leg.known)


def margin_of(session: Session, booking: Booking) -> Margin:
    """Add up a booking whose lines and legs are loaded. A cancelled one has given its space back and costs nothing."""
    fx = load_fx(session, booking.created_at.date())
    revenue = _revenue(booking)
    cost = {} if booking.status == "CANCELLED" else _cost(session, booking, fx)
    legs = [
        LegMoney(leg.seq, tuple(revenue.pop(leg.seq, ())), tuple(cost.get(leg.seq, ())), leg.seq in cost)
        for leg in booking.legs
    ]
    if booking.status == "CANCELLED":
        legs = [LegMoney(leg.leg, leg.revenue, (), known=True) for leg in legs]
    rest = tuple(line for lines in revenue.values() for line in lines)
    return Margin(booking.currency, (*legs, LegMoney(0, rest, (), known=True)) if rest else tuple(legs))


def _revenue(booking: Booking) -> dict[int, list[MoneyLine]]:
    found: dict[int, list[MoneyLine]] = defaultdict(list)
    for line, kept in zip(billed_lines(booking.charges), booking.charges, strict=True):
        found[kept.get("leg_seq") or 0].append(
            MoneyLine(
                code=kept["code"],
                basis=kept["basis"],
                quantity=written_quantity(line),
                price=written_price(line),
                priced_minor=kept["priced_minor"],
                currency=kept["priced_currency"],
                amount_minor=kept["amount_minor"],
            )
        )
    return found


def _cost(session: Session, booking: Booking, fx: FxBook) -> dict[int, list[MoneyLine]]:
    """Leg → cost lines; a leg that nothing prices is not there."""
    found = _shares(session, booking, fx)
    sizes = ("count", "weight_g", "volume_cm3")
    goods = Goods([{name: getattr(line, name) for name in sizes} for line in booking.lines])
    pricing = Pricing(goods, booking.currency, fx)
    services = {leg.service_id for leg in booking.legs}
    tariffs = load_tariffs(session, "buy", booking.created_at.date(), services)
    for leg in booking.legs:
        tariff = tariffs.find(leg.service_id, leg.from_id, leg.to_id, leg.departs_at.date())
        each = leg.mode == MODES[PER_PACKAGE]
        priced = None if tariff is None else pricing.priced(tariff, per_package=each)
        if tariff is None or priced is None:
            continue
        kept = [one.kept(leg.seq) for one in priced.lines]
        found.setdefault(leg.seq, []).extend(
            MoneyLine(
                code=one["code"],
                basis=one["basis"],
                quantity=written_quantity(line),
                price=written_price(line),
                priced_minor=one["priced_minor"],
                currency=one["priced_currency"],
                amount_minor=one["amount_minor"],
                rate=priced.fx,
                source=tariff.code,
            )
            for one, line in zip(kept, billed_lines(kept), strict=True)
        )
    return found


def _shares(session: Session, booking: Booking, fx: FxBook) -> dict[int, list[MoneyLine]]:
    """What the booking's part of each unit it lies in costs, by leg: the unit is shared among what is booked in it."""
    query = (
        select(
            SpaceAllocation.leg_seq, SpaceAllocation.dimension, SpaceAllocation.quantity, HandlingUnit.id,
            HandlingUnit.booked_g, HandlingUnit.booked_cm3, HandlingUnit.payload_g, HandlingUnit.volume_cm3,
            UnitType.code, DepartureUnit.cost_minor, DepartureUnit.currency,
        )
        .join(HandlingUnit, HandlingUnit.id == SpaceAllocation.unit_id)
        .join(UnitType, UnitType.id == HandlingUnit.unit_type_id)
        .join(
            DepartureUnit,
            (DepartureUnit.departure_id == HandlingUnit.departure_id)
            & (DepartureUnit.unit_type_id == HandlingUnit.unit_type_id),
        )
        .where(
            SpaceAllocation.booking_id == booking.id,
            SpaceAllocation.state == "booked",
            HandlingUnit.exporter_id.is_(None),
        )
        .order_by(SpaceAllocation.id)
    )  # fmt: skip
    parts: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in session.execute(query):
        parts[row.leg_seq, row.id].append(row)
    found: dict[int, list[MoneyLine]] = {}
    for (leg_seq, _unit), rows in parts.items():
        line = _share(rows, booking.currency, fx)
        if line is not None:
            found.setdefault(leg_seq, []).append(line)
    return found


def _share(rows: Iterable[Any], currency: str, fx: FxBook) -> MoneyLine | None:
    """One unit's line; the fuller of weight and volume says how it is shared. None without an exchange rate."""
    taken = {row.dimension: row.quantity for row in rows}
    unit = next(iter(rows))
    by_weight = unit.booked_g * unit.volume_cm3 >= unit.booked_cm3 * unit.payload_g
    part, whole = (taken.get("g", 0), unit.booked_g) if by_weight else (taken.get("cm3", 0), unit.booked_cm3)
    try:
        rate = fx.find(unit.currency, currency)
    except RateMissing:
        return None
    own = (unit.cost_minor * part + whole // 2) // whole if whole else 0
    return MoneyLine(
        code=SHARE,
        basis=SHARE,
        quantity=f"{part / whole:.1%}" if whole else "0%",
        price=str(unit.cost_minor),
        priced_minor=own,
        currency=unit.currency,
        amount_minor=own if rate is None else rate.convert(own),
        rate=rate,
        source=unit.code,
    )
