"""An offer as it is shown, and as booking and invoicing need it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.usecases.quoting_network import SellNetwork
from app.usecases.quoting_prices import Priced, PricedLine, Pricing
from app.usecases.quoting_table import Way, Wish
from app.usecases.quoting_words import amount, factor_shown, hours, local, local_text, stop, utc_text
from routing.itineraries import FOREVER
from routing.network import MODES
from trade.numbers import format_scaled

NAMES = {
    "freight": "Freight by weight",
    "weight_band": "Weight band",
    "volume": "Freight by volume",
    "minimum": "Up to the minimum",
    "shipment": "Per shipment",
}
"""What `trade.charging` charges; surcharges are called by their code."""
PLACES = {"per_kg": 3, "per_m3": 6}
WHY = {
    "cheapest": "costs the least of what is offered",
    "fastest": "arrives first of what is offered",
    "greenest": "emits the least of what is offered",
    "only_on_time": "nothing else arrives by the deadline",
    "late": "arrives {hours} h after the deadline",
    "direct": "one departure, no change on the way",
    "changes": "{count} departures one after the other",
    "on_demand": "leaves when the goods are ready",
    "own_unit": "a unit is opened for it, which its freight pays for",
    "past_trips": "punctuality by {count} completed trips",
}


@dataclass(frozen=True, slots=True)
class _LegFacts:
    """What every offer with a leg keeps and shows of it; minutes since 1970, or (on demand) that it takes."""

    kept: dict[str, Any]
    shown: dict[str, Any]
    zones: tuple[str, str]
    dated: bool
    departs: int
    arrives: int
    transit: int
    wait: int

    def times(self, at: int, *, first: bool) -> tuple[int, int]:
        """Return when it leaves and arrives if goods come to its beginning at `at`; it leaves as soon as it can."""
        if self.dated:
            return self.departs, self.arrives
        leaves = at if first else at + self.wait
        return leaves, leaves + self.transit


class Shaper:
    """Turns the ways of one quote into offers."""

    def __init__(self, net: SellNetwork, wish: Wish, pricing: Pricing) -> None:
        self.net, self.pricing = net, pricing
        self.ready_min, self.due_min, self.currency = wish.ready_min, wish.due_min, wish.currency

    def legs(self, way: Way) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the legs as `Offer.legs` keeps them, and as they are shown."""
        kept, shown, at = [], [], self.ready_min
        for seq, (leg, berth, priced) in enumerate(
            zip(way.legs, way.berths, way.priced, strict=True), start=1
        ):
            facts = self._facts(leg)
            leaves, at = facts.times(at, first=seq == 1)
            row = {"seq": seq, **facts.kept, "may_open": berth is not None and berth.may_open}
            view = {
                "seq": seq,
                **facts.shown,
                "tariff": priced.tariff.code,
                "chargeable_weight_kg": format_scaled(priced.chargeable_g, 3),
                "volumetric_divisor": priced.tariff.divisor_cm3_per_kg,
            }
            if not facts.dated:
                row["departs_at"], row["arrives_at"] = utc_text(leaves), utc_text(at)
                view["etd"], view["eta"] = local_text(leaves, facts.zones[0]), local_text(at, facts.zones[1])
            kept.append(row)
            shown.append(view)
        return kept, shown

    def _facts(self, leg: int) -> _LegFacts:
        found: _LegFacts | None = self.net.shown.get(leg)
        if found is None:
            table = self.net.timetable
            legs, ends = table.legs, (int(table.legs.origin[leg]), int(table.legs.destination[leg]))
            start, end = (self.net.places[at] for at in ends)
            found = self.net.shown[leg] = _LegFacts(
                kept=self._kept(leg),
                shown=self._leg_shown(leg),
                zones=(start.time_zone, end.time_zone),
                dated=leg < legs.first_link,
                departs=int(legs.departs[leg]),
                arrives=int(legs.arrives[leg]),
                transit=int(legs.transit[leg]),
                wait=int(table.transfer_min[ends[0]]),
            )
        return found

    def _kept(self, leg: int) -> dict[str, Any]:
        legs, places = self.net.timetable.legs, self.net.places
        row = {
            "mode": MODES[int(legs.mode[leg])],
            "service_id": int(legs.service[leg]),
            "departure_id": None,
            "board_seq": None,
            "alight_seq": None,
            "from_id": places[int(legs.origin[leg])].id,
            "to_id": places[int(legs.destination[leg])].id,
            "cutoff_at": None,
        }
        if leg >= legs.first_link:
            return row
        dated = self.net.dated[int(legs.departure[leg])]
        return row | {
            "departure_id": dated.id,
            "board_seq": dated.calls[int(legs.board[leg])].seq,
            "alight_seq": dated.calls[int(legs.alight[leg])].seq,
            "cutoff_at": utc_text(min(int(legs.cutoff[leg]), int(self.net.papers_min[leg]))),
            "departs_at": utc_text(int(legs.departs[leg])),
            "arrives_at": utc_text(int(legs.arrives[leg])),
        }

    def charges(self, way: Way) -> list[dict[str, Any]]:
        """Return the charge lines as `Offer.charges` keeps them."""
        return [
            line for seq, priced in enumerate(way.priced, start=1) for line in self._lines(seq, priced)[0]
        ]

    def _lines(self, seq: int, priced: Priced) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the charges of a leg as they are kept and as they are shown; many offers share them."""
        key = (seq, id(priced))
        found: tuple[list[dict[str, Any]], list[dict[str, Any]]] | None = self.pricing.shown.get(key)
        if found is None:
            kept = [one.kept(seq) for one in priced.lines]
            found = self.pricing.shown[key] = kept, [self._charge(seq, priced, one) for one in priced.lines]
        return found

    def shown(
        self, way: Way, legs: Sequence[dict[str, Any]], tags: list[str], customs: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return everything the offer says but what its row says: id, rank and what is held."""
        main = max(way.priced, key=lambda one: one.chargeable_g)
        taken = way.arrives_min - self.ready_min
        past = way.outlook
        p90 = None if past is None or past.p90_min is None else taken + past.p90_min
        return {
            "tags": tags,
            "modes": list(dict.fromkeys(leg["mode"] for leg in legs)),
            "legs": legs,
            "departs_at": legs[0]["etd"],
            "arrives_at": legs[-1]["eta"],
            "late": way.late,
            "late_risk": None if self.due_min >= FOREVER else self._risk(way),
            "transit_hours": {
                "p50": hours(taken),
                "p90": None if p90 is None else hours(p90),
                "basis": "schedule" if past is None else "history",
                "trips": None if past is None else past.trips,
            },
            "chargeable_weight_kg": format_scaled(main.chargeable_g, 3),
            "volumetric_divisor": main.tariff.divisor_cm3_per_kg,
            "charges": [
                line for seq, priced in enumerate(way.priced, start=1) for line in self._lines(seq, priced)[1]
            ],
            "total": amount(way.total_minor, self.currency),
            "currency": self.currency,
            "co2e": self._co2e(way, legs),
            "customs": customs,
            "capacity": {"held_until": None, "kg_left_band": _band(way)},
            "why": list(self._why(way, legs, tags)),
        }

    def _risk(self, way: Way) -> float:
        return round(way.outlook.late_share, 3) if way.outlook else float(way.late)

    def _leg_shown(self, leg: int) -> dict[str, Any]:
        table = self.net.timetable.legs
        start, end = (self.net.places[int(column[leg])] for column in (table.origin, table.destination))
        service = self.net.services[int(table.service[leg])]
        shown: dict[str, Any] = {
            "mode": service.mode,
            "service": {"code": service.code, "name_en": service.name_en, "name_zh": service.name_zh},
            "carrier": service.carrier,
            "departure_id": None,
            "number": None,
            "from": stop(start),
            "to": stop(end),
            "cutoffs": [],
            "hand_over_by": None,
        }
        if leg >= table.first_link:
            return shown
        dated = self.net.dated[int(table.departure[leg])]
        last = min(int(table.cutoff[leg]), int(self.net.papers_min[leg]))
        cutoffs = dated.calls[int(table.board[leg])].cutoffs
        return shown | {
            "departure_id": dated.public_id,
            "number": dated.number,
            "etd": local_text(int(table.departs[leg]), start.time_zone),
            "eta": local_text(int(table.arrives[leg]), end.time_zone),
            "cutoffs": [{"code": code, "at": local(at, start.time_zone)} for code, at in cutoffs],
            "hand_over_by": local_text(last, start.time_zone),
        }

    def _charge(self, seq: int, priced: Priced, one: PricedLine) -> dict[str, Any]:
        line = one.line
        if line.basis == "percent":
            quantity = amount(one.quantity, line.currency)
        else:
            quantity = format_scaled(one.quantity, PLACES.get(line.basis, 0))
        return {
            "leg_seq": seq,
            "code": line.code,
            "name": NAMES.get(line.code, line.code),
            "basis": line.basis,
            "quantity": quantity,
            "packages": one.packages,
            "unit_price": format_scaled(line.unit_price_micros, 6),
            "amount": amount(one.priced_minor, line.currency),
            "currency": line.currency,
            "amount_quote_ccy": amount(one.amount_minor, self.currency),
            "fx_rate": None if priced.fx is None else format_scaled(priced.fx.rate_micros, 6),
        }

    def _co2e(self, way: Way, legs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        modes = dict.fromkeys(leg["mode"] for leg in legs)
        day = self.net.since.date()
        return {"kg": format_scaled(way.co2e_g, 3), "factors": [factor_shown(mode, day) for mode in modes]}

    def _why(self, way: Way, legs: Sequence[Mapping[str, Any]], tags: list[str]) -> list[dict[str, str]]:
        dated = sum(leg["departure_id"] is not None for leg in legs)
        codes: list[tuple[str, dict[str, Any]]] = [(tag, {}) for tag in tags]
        codes.append(("on_demand" if not dated else "direct" if dated == 1 else "changes", {"count": dated}))
        if way.late:
            codes.append(("late", {"hours": -(-(way.arrives_min - self.due_min) // 60)}))
        if any(berth is not None and berth.may_open for berth in way.berths):
            codes.append(("own_unit", {}))
        if way.outlook is not None:
            codes.append(("past_trips", {"count": way.outlook.trips}))
        return [{"code": code, "text": WHY[code].format(**facts)} for code, facts in codes]


def _band(way: Way) -> str | None:
    bands = [berth.band for berth in way.berths if berth is not None and berth.band is not None]
    return min(bands, key=("low", "medium", "high").index, default=None)
