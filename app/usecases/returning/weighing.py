"""What could be done with a graded item, and what that costs: by the rules at once, by a plan when there is one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.models import Return, ReturnItem
from app.usecases.pricing_facts import CURRENCY, RateMissing, load_exchange
from app.usecases.returning.finding import goods_of
from app.usecases.returning.pool_parcels import HOME
from warehouses.relief import reimport_permille
from warehouses.returns import MOVING, DispositionOption, disposition_options, work_fees

NEEDS = {"restock": "returns", "relabel": "relabel", "refurbish": "refurbish", "destroy": ""}
"""The service a warehouse must offer for what is done on the spot; every warehouse can have goods destroyed."""
HANDLING_CURRENCY = "USD"
"""Of the published list of what the work with returns costs."""
CARRIAGE_PER_KG = 1_500.0
"""Fen per kg that goods which travel are taken to cost until a plan knows their way. Example, 2026-11."""
PARTS = ("lost", "handling", "duty", "storage", "transport", "time")
"""What the cost of a disposition is made of: value that is lost, work, duty and tax, waiting, carriage, and days."""
ABROAD_ONLY = ("restock", "relabel")
"""Goods are sold again where their market is; in China they lie under customs' eyes until they leave again."""
HERE_ONLY = {"reexport_with_exports": True, "return_to_china": False, "transfer": False}
"""Whether goods must be in China for it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One disposition of an item. `handling_cents` are US cents for all its pieces; `code` says why it is refused.

    `duty_minor` is what duty and tax cost if it reached China on the day of asking.
    """

    option: DispositionOption
    allowed: bool
    code: str
    handling_cents: int
    duty_minor: int


def choices(
    found: Return, item: ReturnItem, today: date, reaches_china_on: date | None = None
) -> list[Choice]:
    """The seven dispositions of an item where it lies, each allowed or refused with its reason."""
    goods = goods_of(found, item)
    fees = {code: cents * item.quantity for code, cents in work_fees(today).items()}
    duty = goods.value_minor * reimport_permille(goods.traits, today) // 1000
    options = disposition_options(goods, fees, today, reaches_china_on)
    return [_choice(item, one, duty, fees[one.disposition]) for one in options]


def _choice(item: ReturnItem, option: DispositionOption, duty: int, cents: int) -> Choice:
    code = option.reason_code
    if option.allowed:
        code = _not_here(item, option.disposition) or code
    if option.allowed and option.disposition in item.vetoed:
        code = "vetoed"
    allowed = code in ("allowed", "relief_lapsed", "no_relief")
    lapsed = option.disposition == "return_to_china" and code in ("relief_lapsed", "no_relief")
    return Choice(option, allowed, code, cents, duty if lapsed else 0)


def _not_here(item: ReturnItem, disposition: str) -> str:
    """Why a disposition is not done where the item lies; empty where it is."""
    if item.warehouse is None:
        return "not_received"
    at_home = item.warehouse.location.country == HOME
    if disposition in HERE_ONLY:
        return "" if HERE_ONLY[disposition] == at_home else "not_from_here"
    if at_home and disposition in ABROAD_ONLY:
        return "not_sold_here"
    needed = NEEDS[disposition]
    return "" if not needed or needed in item.warehouse.services else "service_not_offered"


def weigh_by_rules(session: Session, found: Return, item: ReturnItem, now: datetime) -> None:
    """Propose what the rules alone would do: the most of the value for the least work. A plan knows the transport."""
    today = now.date()
    open_to = [one for one in choices(found, item, today) if one.allowed]
    try:
        exchange = load_exchange(session, today)
        value, cents, currency = exchange.factor(item.currency), exchange.factor(HANDLING_CURRENCY), CURRENCY
    except RateMissing:
        value, cents, currency = 1.0, 0.0, item.currency  # without a rate the work cannot be weighed
    ranked = sorted(
        (_by_rule(item, one, value, cents) for one in open_to), key=lambda row: int(row["cost_minor"])
    )
    item.proposal = proposal("rules", currency, ranked) if ranked else None


def _by_rule(item: ReturnItem, one: Choice, value: float, cents: float) -> dict[str, Any]:
    lost = item.value_minor * item.quantity - one.option.recovered_value_minor
    parts = {"lost": lost * value, "handling": one.handling_cents * cents, "duty": one.duty_minor * value}
    if one.option.disposition in MOVING and cents:
        parts["transport"] = CARRIAGE_PER_KG * item.sku.weight_g * item.quantity / 1000
    return option_of(one.option.disposition, parts, relief=one.code)


def option_of(
    disposition: str,
    parts: Mapping[str, float],
    *,
    relief: str,
    done_at: str | None = None,
    to: str | None = None,
    departures: Sequence[object] = (),
) -> dict[str, Any]:
    """One disposition as a proposal keeps it: its cost in minor units and what it is made of (any of PARTS)."""
    rounded = {name: round(parts.get(name, 0.0)) for name in PARTS}
    return {
        "disposition": disposition, "cost_minor": sum(rounded.values()), "parts": rounded, "relief": relief,
        "done_at": done_at, "to": to, "departures": list(departures),
    }  # fmt: skip


def proposal(
    basis: str, currency: str, ranked: Sequence[dict[str, Any]], plan: str | None = None
) -> dict[str, Any]:
    """What is proposed for an item: the first option; `saving_minor` is what the next best would cost more."""
    saving = ranked[1]["cost_minor"] - ranked[0]["cost_minor"] if len(ranked) > 1 else None
    return {
        "basis": basis, "plan": plan, "currency": currency, "options": list(ranked), "saving_minor": saving,
    }  # fmt: skip
