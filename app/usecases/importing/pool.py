"""The order pool: parcels on their way out, and returns on their way back."""

from collections.abc import Iterator
from typing import Any

from app.exchange.cells import (
    Amount,
    Choice,
    Code,
    Date,
    Flag,
    Instant,
    Number,
    Reference,
    from_minor,
    to_minor,
)
from app.exchange.faults import CellError
from app.exchange.rows import Column, Row
from app.models import Parcel
from app.models.pool import CUSTOMS_MODES, DIRECTIONS
from app.usecases.importing.kinds import Run
from app.usecases.importing.tables import Mapping, Values, table_kind
from app.usecases.importing.words import GOODS, currency

SIDES = ("length_mm", "width_mm", "height_mm")
_MM3_PER_CM3 = 1000
_SIDE = Number(10, highest=2000, positive=True)
GRADES = ("A", "B", "C", "D")

_COMMON = (
    Column("reference", Code(64, example="ORDER-1"), "the exporter's own reference, unique for them", required=True),
    Column("exporter", Reference(40, what="exporter"), "reference of the exporter", required=True, field="exporter_id"),
    Column("direction", Choice(DIRECTIONS), f"one of {', '.join(DIRECTIONS)}", required=True),
    Column("origin", Reference(24), "code of the location where it is", required=True, field="origin_id"),
    Column("destination", Reference(24), "code of the location where it goes", required=True, field="destination_id"),
    Column("weight_kg", Number(1000, highest=100_000, positive=True), "gross weight in kg, to the gram",
           required=True, field="weight_g"),
    Column("length_cm", _SIDE, "outer length in cm, to the millimetre", field="length_mm"),
    Column("width_cm", _SIDE, "outer width in cm", field="width_mm"),
    Column("height_cm", _SIDE, "outer height in cm", field="height_mm"),
    Column("volume_m3", Number(10**6, highest=1000, positive=True), "volume in m³, where there are no dimensions",
           field="volume_cm3"),
    Column("goods_class", GOODS, "goods class, batteries included", required=True),
    Column("hs_code", Code(10, r"[0-9]{4,10}", "691110"), "HS code, as far as it is known"),
    Column("value", Amount(), "value of the goods", required=True, field="value_minor"),
    currency("currency of the value"),
    Column("ready_at", Instant(), "when it is ready, with its offset from UTC", required=True),
    Column("deliver_by", Instant(), "when it must be there, with its offset"),
    Column("hard_deadline", Flag(), "true: better not at all than late", default=False),
    Column("customs_mode", Choice(CUSTOMS_MODES), f"export supervision mode: {', '.join(CUSTOMS_MODES)}"),
)  # fmt: skip
_RETURN = (
    Column("grade", Choice(GRADES), "A as new, B repack, C damaged, D scrap"),
    Column("exported_on", Date(), "day it was exported, from which duty relief runs"),
)


def _parcel_rule(values: Values, _run: Run) -> Iterator[CellError]:
    if values["deliver_by"] is not None and values["deliver_by"] <= values["ready_at"]:
        yield CellError(
            "deliver_by_before_ready",
            f"deliver_by {values['deliver_by']:%Y-%m-%d %H:%M} UTC is not after "
            f"ready_at {values['ready_at']:%Y-%m-%d %H:%M} UTC",
            "correct one of the two; mind the offsets",
            "deliver_by",
        )
    if values["hard_deadline"] and values["deliver_by"] is None:
        yield CellError(
            "deadline_missing", "a hard deadline needs deliver_by", "give deliver_by", "deliver_by"
        )
    if values["origin_id"] == values["destination_id"]:
        yield CellError(
            "same_place", "origin and destination are one place", "give another destination", "destination"
        )
    try:
        values["value_minor"] = to_minor(values["value_minor"], values["currency"], "value")
    except CellError as fault:
        yield fault
    yield from set_volume(values)


def set_volume(values: Values) -> Iterator[CellError]:
    """The volume follows from the dimensions, rounded up; it is taken as given only where there are none."""
    length, width, height = (values[side] for side in SIDES)
    if length is not None and width is not None and height is not None:
        values["volume_cm3"] = -(-length * width * height // _MM3_PER_CM3)
    elif any(values[side] is not None for side in SIDES):
        yield CellError(
            "dimension_missing", "one or two of three dimensions", "give all three or none", "length_cm"
        )
    elif values["volume_cm3"] is None:
        yield CellError(
            "volume_missing",
            "neither dimensions nor volume",
            "give length, width and height, or volume_m3",
            "volume_m3",
        )


def _return_rule(values: Values, run: Run) -> Iterator[CellError]:
    if values["direction"] != "return":
        yield CellError("not_a_return", f"the direction is {values['direction']}", "return, or import it as parcels",
                        "direction")  # fmt: skip
    yield from _parcel_rule(values, run)


def _unfold(values: Values) -> Values:
    return values | {"value_minor": from_minor(values["value_minor"], values["currency"])}


def _narrow(query: Any, rows: list[Row]) -> Any:  # noqa: ANN401 (a select)
    return query.where(
        Parcel.__table__.c.exporter_id.in_({row.values["exporter_id"] for row in rows}),
        Parcel.__table__.c.reference.in_({row.values["reference"] for row in rows}),
    )


def _mapping(rule: Any, directions: tuple[str, ...]) -> Mapping:  # noqa: ANN401 (a Rule)
    return Mapping(
        Parcel,
        ("exporter_id", "reference"),
        "pcl",
        rule=rule,
        unfold=_unfold,
        frozen=True,
        constants=lambda run: {"created_at": run.now, "batch_id": run.batch_id},
        narrow=_narrow,
        selection=lambda query: query.where(Parcel.__table__.c.direction.in_(directions)),
    )


PARCELS = table_kind(
    "parcels",
    "Parcels of the order pool",
    _COMMON,
    _mapping(_parcel_rule, tuple(word for word in DIRECTIONS if word != "return")),
    roles=("operator", "exporter"),
)

RETURNS = table_kind(
    "returns",
    "Returns in the order pool: parcels with a grade and their export date",
    _COMMON + _RETURN,
    _mapping(_return_rule, ("return",)),
    roles=("operator", "exporter"),
)
