"""The words of what warehouses charge: fees, bases, bands, and moves of stock."""

from collections.abc import Callable
from datetime import date
from typing import Any

from babel.dates import format_date
from flask_babel import gettext

from app.queries.warehouse_fees import PriceRow
from app.web import formats, languages
from app.web.labels import Words, word
from app.web.languages import lazy as _l
from trade.billing import BilledLine
from trade.warehouse_fees import QUANTITIES_PER_UNIT

FEES: Words = {
    "storage": _l("Storage"),
    "receive_order": _l("Receiving, per delivery"),
    "receive_carton": _l("Receiving, per carton"),
    "receive_pallet": _l("Receiving, per pallet"),
    "receive_container_20": _l("Unloading a 20-foot container"),
    "receive_container_40": _l("Unloading a 40-foot container"),
    "receive_container_45": _l("Unloading a 45-foot container"),
    "receive_unit": _l("Receiving, per piece"),
    "receive_weight": _l("Receiving, by weight of the piece"),
    "pick": _l("Picking"),
    "outbound_order": _l("Order sent out"),
    "outbound_unit": _l("Piece sent out"),
    "outbound_weight": _l("Package sent out, by weight"),
    "void_order": _l("Order voided"),
    "return_unit": _l("Return received, per piece"),
    "return_weight": _l("Return received, by weight of the piece"),
    "work_relabel": _l("Relabelling"),
    "work_kit": _l("Kitting"),
    "work_photo": _l("Photos"),
    "work_repack": _l("Repacking"),
    "destroy_unit": _l("Destruction, per piece"),
    "destroy_weight": _l("Destruction, by weight of the piece"),
}
BASES: Words = {
    "m3_day": _l("per m³ and day"),
    "unit": _l("per piece"),
    "order": _l("per order"),
    "carton": _l("per carton"),
    "pallet": _l("per pallet"),
    "container": _l("per container"),
    "weight_band": _l("each, by weight"),
    "minimum": _l("up to the minimum"),
}


def band(row: PriceRow) -> str:
    """What a row of a price list is for: days of age, kilograms, or which pieces; empty where it is for all."""
    start, last = row.band_from, None if row.band_to is None else row.band_to - 1
    if row.basis == "m3_day":
        return _days(start, last)
    if row.basis == "weight_band":
        if last is None:
            return gettext("from %(kg)s", kg=_kg(start))
        return gettext("up to %(kg)s", kg=_kg(last)) if not start else f"{_kg(start)} – {_kg(last)}"
    if last is None:
        return gettext("from the %(nth)s on", nth=formats.number(start + 1)) if start else ""
    return f"{formats.number(start + 1)} – {formats.number(last + 1)}"


def _days(start: int, last: int | None) -> str:
    if last is None:
        return gettext("from day %(day)s on", day=start) if start else gettext("any age")
    return gettext("day %(first)s to %(last)s", first=start, last=last)


def _kg(grams: int) -> str:
    return f"{formats.number(grams / 1000, 3)} kg"


def month(first: date) -> str:
    """A month with its year."""
    return format_date(
        first, "y年M月" if languages.current() == "zh" else "MMMM y", locale=languages.current()
    )


def fee_quantity(line: Any) -> str:  # noqa: ANN401 (a line of a statement or a charge)
    """How much is charged, with its unit where it is measured."""
    per = QUANTITIES_PER_UNIT.get(line.basis)
    return (
        f"{formats.number(line.quantity / per, 6)} m³·{gettext('d')}"
        if per
        else formats.number(line.quantity)
    )


def unit_price(line: BilledLine) -> str:
    """What one costs, with all decimals."""
    return formats.rate(format(line.unit_price_micros / 1_000_000, "f"))


FILTERS: dict[str, Callable[..., str]] = {
    "fee": word(FEES),
    "fee_basis": word(BASES),
    "fee_band": band,
    "fee_quantity": fee_quantity,
    "month": month,
}
