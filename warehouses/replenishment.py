"""Replenishment: how long stock lasts at the pace it sells, and what to send by when so that it does not run out.

Sources: continuous review with a reorder point, as in any textbook of inventory control. Stock position = free
pieces + pieces that are coming; order when what is left when the goods would arrive is less than the safety days.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

FEWEST_DAYS = 7
"""Days that sales are spread over at least: one good day is no trend."""
MOST_CARTON_G = 20_000
MOST_CARTON_CM3 = 96_000
"""A carton one person lifts: 20 kg, 60 x 40 x 40 cm."""
URGENT, SOON, ENOUGH, NO_SALES = "urgent", "soon", "enough", "no_sales"
STATES = (URGENT, SOON, ENOUGH, NO_SALES)


@dataclass(frozen=True, slots=True)
class Policy:
    """Days of sales that are looked back at, kept as safety, and sent at once."""

    history_days: int = 30
    safety_days: int = 14
    target_days: int = 45


USUAL = Policy()


@dataclass(frozen=True, slots=True)
class Position:
    """Pieces of a SKU in one warehouse: sold in the window, free there, and coming."""

    sold: int
    free: int
    coming: int
    known_days: int
    """Days since the SKU was first received there."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What follows from a position.

    `cover_days` are the days that what is free lasts, `position_days` with what is coming as well; both are None
    where nothing sells. `send_by` is the last day on which goods sent arrive before the safety stock is touched.
    """

    state: str
    per_day: Fraction
    cover_days: int | None
    position_days: int | None
    quantity: int
    send_by: date | None
    runs_out_on: date | None


def sales_per_day(position: Position, policy: Policy) -> Fraction:
    """Return pieces a day over the window, or over the days since the SKU is there if they are fewer."""
    return Fraction(position.sold, max(min(policy.history_days, position.known_days), FEWEST_DAYS))


def advise(position: Position, policy: Policy, transit_days: int, today: date) -> Advice:
    """Return what to send and by when, if goods take `transit_days` from door to shelf.

    `urgent`: whatever is sent today arrives too late for the safety stock; `soon`: send within the safety days;
    `enough`: nothing is to be sent before that.
    """
    per_day = sales_per_day(position, policy)
    if not per_day:
        return Advice(NO_SALES, per_day, None, None, 0, None, None)
    cover = math.floor(position.free / per_day)
    reach = math.floor((position.free + position.coming) / per_day)
    slack = reach - transit_days - policy.safety_days
    wanted = per_day * (transit_days + policy.safety_days + policy.target_days)
    due = slack < policy.safety_days
    quantity = max(math.ceil(wanted - position.free - position.coming), 0) if due else 0
    return Advice(
        state=URGENT if slack < 0 else SOON if due else ENOUGH,
        per_day=per_day,
        cover_days=cover,
        position_days=reach,
        quantity=quantity,
        send_by=_after(today, max(slack, 0)),
        runs_out_on=_after(today, reach),
    )


def _after(today: date, days: int) -> date:
    return today + timedelta(days=min(days, (date.max - today).days))


@dataclass(frozen=True, slots=True)
class Carton:
    """A parcel of so many pieces."""

    pieces: int
    weight_g: int
    volume_cm3: int


def cartons(quantity: int, weight_g: int, volume_cm3: int) -> Iterator[Carton]:
    """Yield the cartons for pieces of one size, each as full as one person can lift; a larger piece travels alone."""
    most = max(min(MOST_CARTON_G // weight_g, MOST_CARTON_CM3 // volume_cm3), 1)
    while quantity > 0:
        pieces = min(most, quantity)
        yield Carton(pieces, pieces * weight_g, pieces * volume_cm3)
        quantity -= pieces
