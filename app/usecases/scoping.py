"""What a run considers and how it weighs it: goods, departures, modes, and the worth of a day and of a tonne CO2e.

A plan costs money, so money is what everything is weighed in: `time` multiplies the dated planning prices of a day
under way and of a day late (`pool_facts`), and `co2e_per_tonne` is a price that every leg pays for its emissions.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.errors import FieldError, Invalid
from app.ids import ALPHABET, LENGTH
from app.models.pool import DIRECTIONS
from app.models.services import MODES
from app.usecases.pricing_facts import PriceBook
from routing.network import Allotment, Network, Pair, Space

HORIZON_DAYS = 56
"""The rolling timetable reaches eight weeks."""
MAIN_MODES = tuple(mode for mode in MODES if mode != "last_mile")
"""What may be left out of a run; the last mile is always there."""
MOST_TIME, MOST_CO2E = 10.0, 100_000.0
FEN = 100
GRAMS = 1_000_000
"""In a tonne."""
KNOWN = ("directions", "horizon_days", "exporter", "origin", "destination", "modes", "weights", "parcels")
MOST_PARCELS = 5_000
"""Parcels that a scope may name one by one; more are meant by what they have in common."""
PARCEL_ID = re.compile(rf"pcl_[{ALPHABET}]{{{LENGTH}}}")


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts beside what is paid.

    `time` multiplies the planning prices of a day under way and a day late: 1 as they are, 0 not at all.
    `co2e_per_tonne` is in CNY; 0: emissions cost nothing.
    """

    time: float = 1.0
    co2e_per_tonne: float = 0.0

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Weights":
        """Read what was stored or sent; Invalid names the member that cannot be used."""
        for name in values:
            if name not in ("time", "co2e_per_tonne"):
                raise invalid(f"scope.weights.{name}", "unknown_field", "weights knows time, co2e_per_tonne")
        time = _number("time", values.get("time", 1.0), MOST_TIME)
        return cls(time, _number("co2e_per_tonne", values.get("co2e_per_tonne", 0.0), MOST_CO2E))


@dataclass(frozen=True, slots=True)
class Scope:
    """Which goods and which departures a run considers, and how it weighs them."""

    directions: tuple[str, ...] = DIRECTIONS
    horizon_days: int = HORIZON_DAYS
    exporter: str | None = None
    """Public id or reference; none: everybody's."""
    origin: str | None = None
    """Code or UN/LOCODE of the place where the goods are; none: anywhere."""
    destination: str | None = None
    modes: tuple[str, ...] = MAIN_MODES
    weights: Weights = Weights()
    parcels: tuple[str, ...] = ()
    """Public ids of the parcels it is about, these and no others; none: all that the rest says."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Scope":
        """Read what was stored or sent; Invalid names the member that cannot be used."""
        unknown = sorted(set(values) - set(KNOWN))
        if unknown:
            raise invalid(f"scope.{unknown[0]}", "unknown_field", f"scope knows {', '.join(KNOWN)}")
        directions = tuple(values.get("directions") or DIRECTIONS)
        if not set(directions) <= set(DIRECTIONS):
            raise invalid("scope.directions", "unknown_direction", f"any of {', '.join(DIRECTIONS)}")
        days = values.get("horizon_days", HORIZON_DAYS)
        if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= 365:
            raise invalid("scope.horizon_days", "out_of_range", "a whole number from 1 to 365")
        modes = tuple(values.get("modes") or MAIN_MODES)
        if not set(modes) <= set(MAIN_MODES):
            raise invalid("scope.modes", "unknown_mode", f"any of {', '.join(MAIN_MODES)}")
        exporter, origin, destination = (
            values.get(name) or None for name in ("exporter", "origin", "destination")
        )
        weights = Weights.from_dict(values.get("weights") or {})
        parcels = _named(values.get("parcels") or ())
        if parcels and (exporter or origin or destination or set(directions) != set(DIRECTIONS)):
            raise invalid(
                "scope.parcels", "not_together", "parcels that are named need nothing else to find them"
            )
        return cls(directions, days, exporter, origin, destination, modes, weights, parcels)

    def to_dict(self) -> dict[str, Any]:
        """As it is stored and shown."""
        return {
            "directions": list(self.directions),
            "horizon_days": self.horizon_days,
            "exporter": self.exporter,
            "origin": self.origin,
            "destination": self.destination,
            "modes": list(self.modes),
            "weights": {"time": self.weights.time, "co2e_per_tonne": self.weights.co2e_per_tonne},
            "parcels": list(self.parcels) or None,
        }


def narrowed(network: Network, modes: tuple[str, ...]) -> Network:
    """Return the network without what runs in other modes; the same object where nothing is left out."""
    used = {*modes, "last_mile"}
    if used >= {one.mode for one in network.departures} | {one.mode for one in network.links}:
        return network
    kept = [place for place, one in enumerate(network.departures) if one.mode in used]
    return replace(
        network,
        departures=tuple(network.departures[place] for place in kept),
        spaces=tuple(network.spaces[place] for place in kept),
        links=tuple(one for one in network.links if one.mode in used),
    )


def with_emissions_priced(network: Network, prices: PriceBook, co2e_per_tonne: float) -> Network:
    """Return the network with every leg at a rate that pays for its emissions; the same object where they are free.

    The rates are added to `prices`, in fen per kg, as a part of their own in what a way costs.
    """
    if not co2e_per_tonne:
        return network
    fen_per_gram = co2e_per_tonne * FEN / GRAMS
    known: dict[tuple[int, float], int] = {}

    def priced(row: int, grams: float) -> int:
        key = (row, round(grams, 3))
        if key not in known:
            known[key] = prices.add_to(row, co2e=key[1] * fen_per_gram)
        return known[key]

    def all_of(rows: Mapping[Pair, int], segments: tuple[float, ...]) -> dict[Pair, int]:
        return {pair: priced(row, sum(segments[pair[0] : pair[1]])) for pair, row in rows.items()}

    def space(one: Space, segments: tuple[float, ...]) -> Space:
        allotments: list[Allotment] = [
            replace(block, rates=all_of(block.rates, segments)) for block in one.allotments
        ]
        loose, boxed = all_of(one.loose, segments), all_of(one.boxed, segments)
        return replace(one, loose=loose, boxed=boxed, allotments=tuple(allotments))

    both = zip(network.departures, network.spaces, strict=True)
    return replace(
        network,
        spaces=tuple(space(one, departure.segment_co2e) for departure, one in both),
        links=tuple(replace(one, rate_row=priced(one.rate_row, one.co2e_g_per_kg)) for one in network.links),
    )


def _named(values: Any) -> tuple[str, ...]:  # noqa: ANN401 - whatever was sent
    if not isinstance(values, list | tuple) or len(values) > MOST_PARCELS:
        raise invalid("scope.parcels", "bad_length", f"name {MOST_PARCELS} parcels at most")
    for value in values:
        if not isinstance(value, str) or not PARCEL_ID.fullmatch(value):
            raise invalid("scope.parcels", "bad_shape", "each is a public id of a parcel, pcl_…")
    return tuple(dict.fromkeys(values))


def _number(name: str, value: Any, most: float) -> float:  # noqa: ANN401 - whatever was sent
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (number and 0 <= value <= most):
        raise invalid(f"scope.weights.{name}", "out_of_range", f"a number from 0 to {most:g}")
    return float(value)


def invalid(field: str, code: str, message: str) -> Invalid:
    """What is raised for a member of a request that cannot be used."""
    return Invalid(f"{field}: {message}", (FieldError(field, code, message, json_path=f"$.{field}"),))
