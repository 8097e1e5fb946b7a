"""Goods classes and which transport takes them, by dated rows: batteries decide most of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Literal

from trade.errors import TradeError
from trade.facts import Fact, in_force, read_rows

Aircraft = Literal["passenger", "freighter"]
CARRIED_BY = ("passenger_aircraft", "freighter", "sea", "rail", "ferry", "road")
MODES = ("air", "sea", "rail", "ferry", "road", "last_mile")


@dataclass(frozen=True, slots=True)
class Finding:
    """Why something cannot go this way: a stable code and a sentence for people."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class GoodsClass:
    """One class of goods in one period. `carried_by` holds the names in CARRIED_BY that take it at all.

    `max_charge_percent` is the highest state of charge of its batteries by air, None without a limit.
    """

    code: str
    name_en: str
    name_zh: str
    un_number: str
    packing_instruction: str
    is_battery: bool
    carried_by: frozenset[str]
    max_charge_percent: int | None
    fact: Fact

    @property
    def cargo_aircraft_only(self) -> bool:
        """Whether it may fly, but never under passengers."""
        return "freighter" in self.carried_by and "passenger_aircraft" not in self.carried_by


@cache
def _all_classes() -> tuple[GoodsClass, ...]:
    return tuple(
        GoodsClass(
            code=row["code"],
            name_en=row["name_en"],
            name_zh=row["name_zh"],
            un_number=row["un_number"],
            packing_instruction=row["packing_instruction"],
            is_battery=row["is_battery"] == "yes",
            carried_by=frozenset(name for name in CARRIED_BY if row[name] == "yes"),
            max_charge_percent=int(row["max_charge_percent"]) if row["max_charge_percent"] else None,
            fact=Fact.read(row),
        )
        for row in read_rows("goods.csv")
    )


@lru_cache(maxsize=1_000)
def goods_classes(on: date) -> Mapping[str, GoodsClass]:
    """Return the goods classes in force on one day, by code."""
    return MappingProxyType({row.code: row for row in in_force(_all_classes(), on)})


def goods_class(code: str, on: date) -> GoodsClass:
    """Return one class; raises TradeError `goods_class_unknown`."""
    try:
        return goods_classes(on)[code]
    except KeyError:
        raise TradeError("goods_class_unknown", "goods_class", f"there is no goods class {code!r}") from None


def refusal(
    goods: GoodsClass, mode: str, aircraft: Aircraft | None = None, listed: Collection[str] | None = None
) -> Finding | None:
    """Return why a transport refuses the goods, None where it takes them.

    `mode` is one of MODES. `aircraft` matters by air; unknown counts as either, so both must take the goods.
    `listed` are the goods classes the service or departure names, None where it names none.
    Codes: `mode_refuses_goods`, `passenger_aircraft_refused`, `aircraft_unknown`, `goods_not_listed`.
    Raises TradeError `mode_unknown`.
    """
    if mode not in MODES:
        raise TradeError("mode_unknown", "mode", f"the mode is one of {', '.join(MODES)}")
    if mode == "air":
        finding = _refusal_by_air(goods, aircraft)
    elif ("road" if mode == "last_mile" else mode) not in goods.carried_by:
        finding = Finding("mode_refuses_goods", f"{goods.code} does not travel by {mode}")
    else:
        finding = None
    if finding is None and listed is not None and goods.code not in listed:
        return Finding("goods_not_listed", f"{goods.code} is not among the goods this service takes")
    return finding


def _refusal_by_air(goods: GoodsClass, aircraft: Aircraft | None) -> Finding | None:
    if "freighter" not in goods.carried_by:
        return Finding("mode_refuses_goods", f"{goods.code} does not travel by air")
    if not goods.cargo_aircraft_only or aircraft == "freighter":
        return None
    if aircraft == "passenger":
        return Finding("passenger_aircraft_refused", f"{goods.code} flies on cargo aircraft only")
    return Finding("aircraft_unknown", f"{goods.code} flies on cargo aircraft only; say which aircraft flies")
