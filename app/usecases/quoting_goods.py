"""Parcels as they were sent, in whole grams, millimetres and cubic centimetres of one package each."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Any

from app.errors import FieldError, Invalid
from trade.errors import TradeError
from trade.goods import goods_classes
from trade.money import Money, minor_unit_exponents
from trade.weight import box_volume_cm3

GRAMS = {"KG": Decimal(1000), "G": Decimal(1), "LB": Decimal("453.59237"), "OZ": Decimal("28.349523125")}
MILLIMETRES = {"CM": Decimal(10), "IN": Decimal("25.4"), "MM": Decimal(1)}
SIDES = ("length", "width", "height")
MOST_PACKAGES = 100_000
"""In one quote: more than that is a contract."""


def lines_of(parcels: Sequence[Mapping[str, Any]], currency: str, on: date) -> list[dict[str, Any]]:
    """Return the lines a quote keeps; Invalid names every place at fault.

    Sizes are rounded up to whole units. Codes: `goods_class_unknown`, `currency_unknown`, `size_missing`,
    `size_incomplete`, `number_too_precise`, `too_many`.
    """
    faults: list[FieldError] = []
    classes = goods_classes(on)
    lines = [_line(at, one, currency, classes, faults) for at, one in enumerate(parcels)]
    if sum(one["count"] for one in lines) > MOST_PACKAGES:
        faults.append(
            _fault("parcels", "too_many", f"more than {MOST_PACKAGES} packages", "ask in several quotes")
        )
    if faults:
        raise Invalid("; ".join(f"{one.field}: {one.message}" for one in faults), tuple(faults))
    return lines


def _fault(field: str, code: str, message: str, suggestion: str) -> FieldError:
    path = "$" + "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in field.split("."))
    return FieldError(field, code, message, suggestion, path)


def _line(
    at: int, one: Mapping[str, Any], currency: str, classes: Mapping[str, object], faults: list[FieldError]
) -> dict[str, Any]:
    def wrong(name: str, code: str, message: str, suggestion: str) -> None:
        faults.append(_fault(f"parcels.{at}.{name}", code, message, suggestion))

    if one["goods_class"] not in classes:
        wrong(
            "goods_class",
            "goods_class_unknown",
            f"there is no {one['goods_class']!r}",
            f"one of {', '.join(classes)}",
        )
    sides = [
        _up(one[side] * MILLIMETRES[one["dimension_unit"]]) if one[side] is not None else None
        for side in SIDES
    ]
    given = [side for side in sides if side is not None]
    volume = 1
    if len(given) == len(sides):
        volume = box_volume_cm3(*given)
    elif given:
        wrong(
            "length",
            "size_incomplete",
            "length, width and height belong together",
            "give all three, or volume_m3",
        )
    elif one["volume_m3"] is None:
        wrong("volume_m3", "size_missing", "how large is it?", "give length, width and height, or volume_m3")
    else:
        volume = _up(one["volume_m3"] * 1_000_000)
    money = one["value_currency"] or currency
    value = 0
    if money not in minor_unit_exponents():
        wrong("value_currency", "currency_unknown", f"{money} is not in ISO 4217", "such as CNY, USD, EUR")
    elif one["value"] is not None:
        try:
            value = Money.parse(format(one["value"], "f"), money).minor
        except TradeError as error:
            wrong("value", error.code, error.detail, "as many decimals as the currency has")
    return {
        "count": one["count"],
        "weight_g": _up(one["weight"] * GRAMS[one["weight_unit"]]),
        **dict(zip(("length_mm", "width_mm", "height_mm"), sides, strict=True)),
        "volume_cm3": max(volume, 1),
        "goods_class": one["goods_class"],
        "description": one["description"],
        "hs_code": one["hs_code"],
        "value_minor": value,
        "value_currency": money,
    }


def _up(quantity: Decimal) -> int:
    return int(quantity.to_integral_value(ROUND_CEILING))
