"""Duty and tax of an offer as an estimate: the dated rows of `trade.duties`, or the message that nothing is known."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.usecases.pricing_facts import RateMissing
from app.usecases.quoting_network import SellNetwork
from app.usecases.quoting_notes import Notes
from trade.duties import Consignment, DutyRule, duty_items, duty_rule
from trade.money import Money

UNKNOWN: dict[str, Any] = {"duty": None, "tax": None, "currency": None, "rebate_expected": None, "lines": []}


class Duties:
    """Estimates for one quote; the same for all offers that arrive under the same rule."""

    def __init__(self, net: SellNetwork, asked: Mapping[str, Any], currency: str, notes: Notes) -> None:
        self.net, self.asked, self.currency, self.notes = net, asked, currency, notes
        self._known: dict[tuple[str, DutyRule | None], dict[str, Any]] = {}

    def estimate(self, country: str, on: date) -> dict[str, Any]:
        """Return what is to be paid where goods enter a country on a day, with the source of every line."""
        mode, scheme = self.asked["customs_mode"], self.asked["customs_scheme"]
        rule = duty_rule(self.net.groups.get(country, frozenset()), mode, scheme, on)
        if (country, rule) not in self._known:
            found = self._lines(country, rule)
            self._known[country, rule] = {**UNKNOWN, "mode": mode, **found}
        return self._known[country, rule]

    def _lines(self, country: str, rule: DutyRule | None) -> dict[str, Any]:
        if rule is None:
            return self._unknown(f"no rate is on record for these goods in {country}")
        consignments = self._consignments(rule)
        if consignments is None:
            return self._unknown("it needs the value and the HS code of every package")
        items = duty_items(rule, consignments)
        if items is None:
            most = Money(rule.most_minor, rule.currency)
            return self._unknown(f"a package is worth more than {most}, and no rate is on record beyond that")
        self.notes.add("duty_unknown", text=f"import VAT in {country} is not on record")
        amount = Money(items * rule.per_item_minor, rule.currency)
        return {
            "duty": amount.format(),
            "currency": rule.currency,
            "lines": [self._line(rule, items, amount)],
        }

    def _unknown(self, text: str) -> dict[str, Any]:
        self.notes.add("duty_unknown", text=text)
        return {}

    def _consignments(self, rule: DutyRule) -> list[Consignment] | None:
        """Return the packages as consignments of one item each; None where value or HS code is missing."""
        found = []
        for line in self.asked["lines"]:
            if not line["value_minor"] or not line["hs_code"]:
                return None
            try:
                fx = self.net.fx.find(line["value_currency"], rule.currency)
            except RateMissing:
                return None
            value = line["value_minor"] if fx is None else fx.convert(line["value_minor"])
            found.append(Consignment(line["count"], value))
        return found

    def _line(self, rule: DutyRule, items: int, amount: Money) -> dict[str, Any]:
        try:
            fx = self.net.fx.find(rule.currency, self.currency)
            in_quote = amount.minor if fx is None else fx.convert(amount.minor)
        except RateMissing:
            in_quote = None
        return {
            "code": "import_duty",
            "basis": "per_item",
            "quantity": str(items),
            "unit_price": Money(rule.per_item_minor, rule.currency).format(),
            "amount": amount.format(),
            "currency": rule.currency,
            "amount_quote_ccy": None if in_quote is None else Money(in_quote, self.currency).format(),
            "standing": rule.fact.standing,
            "effective_from": rule.fact.effective_from.isoformat(),
            "source": rule.fact.source,
        }
