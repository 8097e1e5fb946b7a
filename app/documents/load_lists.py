"""The part of a manifest that says what was loaded: units with their seals, parcels, and differences."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.documents.blocks import GROSS, PACKAGES, VOLUME
from app.documents.facts import Bilingual, both, kg, m3
from app.documents.paper import Column, Note, Table

MOST_PARCELS = 2_000
"""Listed one by one; beyond, the API lists them."""
UNIT_KINDS: dict[str, Bilingual] = {
    "bag": ("Bag", "袋"),
    "pallet": ("Pallet", "托盘"),
    "uld": ("ULD", "航空集装器"),
    "container": ("Container", "集装箱"),
}
DIFFERENCES: dict[str, Bilingual] = {
    "missing": ("Booked, in no unit", "已订舱，未装单元"),
    "not_loaded": ("In a unit that is not loaded", "已装单元，单元未装运"),
    "extra": ("Loaded, not booked on this departure", "已装载，未订本班次"),
    "other_unit": ("In another unit than planned", "装入其他单元"),
    "unfilled": ("Booked packages without a parcel", "订舱件数未备齐"),
}
RETURNED = "退运 returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedUnit:
    """A unit that was loaded: its number and seal, what it holds, and what the scale said."""

    number: str
    kind: str
    type_code: str
    seal_number: str
    inside: tuple[str, ...]
    """Numbers of the smaller units in it."""
    packages: int
    net_g: int
    tare_g: int
    gross_g: int
    volume_cm3: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedParcel:
    """A parcel in a unit, as it was counted."""

    number: str
    reference: str
    unit: str
    goods_class: str
    weight_g: int
    volume_cm3: int
    returned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestDifference:
    """Where load and plan differ."""

    kind: str
    reference: str
    booking: str
    unit: str
    planned: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What was really loaded, beside what was planned: packages and grams."""

    units: tuple[LoadedUnit, ...]
    parcels: tuple[LoadedParcel, ...]
    differences: tuple[ManifestDifference, ...]
    difference_count: int
    planned_packages: int
    planned_g: int


def loaded_blocks(loaded: Loaded) -> Iterator[Table | Note]:
    """Units, differences and parcels, each where there are any."""
    yield _units(loaded)
    if loaded.differences:
        yield _differences(loaded)
    if len(loaded.parcels) > MOST_PARCELS:
        text = f"{len(loaded.parcels)} parcels; the list is in the API, with the load of the departure."
        yield Note((text, f"共 {len(loaded.parcels)} 件包裹，明细见接口中的装载清单。"))
    else:
        yield _parcels(loaded)


def _units(loaded: Loaded) -> Table:
    columns = (
        Column(("Unit", "单元"), 2.4),
        Column(("Kind", "类型"), 1.6),
        Column(("Seal", "封号"), 1.6),
        Column(("With", "内装"), 2.4),
        Column(PACKAGES, 0.8, right=True),
        Column(("Net", "净重"), 1.4, right=True),
        Column(("Tare", "皮重"), 1.3, right=True),
        Column(GROSS, 1.4, right=True),
        Column(VOLUME, 1.4, right=True),
    )
    rows = tuple(
        (
            one.number,
            f"{both(*UNIT_KINDS[one.kind])} {one.type_code}",
            one.seal_number,
            "\n".join(one.inside) or "–",
            str(one.packages),
            kg(one.net_g),
            kg(one.tare_g),
            kg(one.gross_g),
            m3(one.volume_cm3),
        )
        for one in loaded.units
    )
    sums = (
        str(sum(one.packages for one in loaded.units)),
        kg(sum(one.net_g for one in loaded.units)),
        kg(sum(one.tare_g for one in loaded.units)),
        kg(sum(one.gross_g for one in loaded.units)),
        m3(sum(one.volume_cm3 for one in loaded.units)),
    )
    return Table(("Loaded units", "已装单元"), columns, rows, ("", "", "", "", *sums))


def _differences(loaded: Loaded) -> Table:
    columns = (
        Column(("Difference from plan", "与计划的差异"), 3),
        Column(("Parcel, booking", "包裹、订舱"), 3),
        Column(("In unit", "所在单元"), 2),
        Column(("Planned unit", "计划单元"), 2),
        Column(PACKAGES, 0.8, right=True),
    )
    rows = tuple(
        (
            both(*DIFFERENCES[one.kind]),
            f"{one.reference}\n{one.booking}",
            one.unit or "–",
            one.planned or "–",
            str(one.count),
        )
        for one in loaded.differences
    )
    return Table(("Differences", "差异"), columns, rows)


def _parcels(loaded: Loaded) -> Table:
    columns = (
        Column(("Parcel", "包裹"), 2.4),
        Column(("Reference", "客户单号"), 2),
        Column(("In unit", "所在单元"), 2.4),
        Column(("Goods", "货物"), 2),
        Column(GROSS, 1.4, right=True),
        Column(VOLUME, 1.4, right=True),
    )
    rows = tuple(
        (
            one.number,
            one.reference,
            one.unit,
            f"{one.goods_class} · {RETURNED}" if one.returned else one.goods_class,
            kg(one.weight_g),
            m3(one.volume_cm3),
        )
        for one in loaded.parcels
    )
    return Table(("Parcels by unit", "各单元包裹"), columns, rows)
