"""Import duty at the destination by dated rows: an estimate where a row says so, and nothing where none does."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from trade.facts import Fact, in_force, read_rows
from trade.money import Money

B2C_MODES = frozenset({"9610", "1210"})
"""Supervision modes under which goods leave China for a consumer who has bought them."""


@dataclass(frozen=True, slots=True)
class DutyRule:
    """A flat duty on every item of a consignment worth at most `most_minor`; all amounts in one currency.

    `group` is the group of countries it is levied in, `trade` b2c or b2b, `scheme` the tax scheme the seller uses.
    """

    group: str
    trade: str
    scheme: str
    most_minor: int
    per_item_minor: int
    currency: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class Consignment:
    """`count` consignments alike: what each is worth in the rule's currency, and its items (HS subheadings)."""

    count: int
    value_minor: int
    items: int = 1


@cache
def _all_rules() -> tuple[DutyRule, ...]:
    return tuple(
        DutyRule(
            row["group"],
            row["trade"],
            row["scheme"],
            Money.parse(row["most_value"], row["currency"], "most_value").minor,
            Money.parse(row["amount"], row["currency"]).minor,
            row["currency"],
            Fact.read(row),
        )
        for row in read_rows("duties.csv")
    )


def duty_rule(
    groups: Collection[str], customs_mode: str | None, scheme: str | None, on: date
) -> DutyRule | None:
    """Return the flat duty on goods that enter a country of these groups on a day; None where no row says.

    `customs_mode` is the Chinese supervision mode, which tells sales to consumers from others.
    """
    trade = "b2c" if customs_mode in B2C_MODES else "b2b"
    for rule in in_force(_all_rules(), on):
        if rule.group in groups and (rule.trade, rule.scheme) == (trade, scheme):
            return rule
    return None


def duty_items(rule: DutyRule, consignments: Sequence[Consignment]) -> int | None:
    """Return for how many items the flat duty is due; None where some consignment is worth too much for it."""
    if any(one.value_minor > rule.most_minor for one in consignments):
        return None
    return sum(one.count * one.items for one in consignments)
