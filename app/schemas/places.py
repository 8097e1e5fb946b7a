"""Locations and warehouses on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from app.models.places import LOCATION_KINDS
from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Flag, Text, Whole, Word

CODE = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
COUNTRY = r"^[A-Z]{2}$"
PLACE: dict[str, Any] = {
    "code": "CNTAO-PORT",
    "kind": "port",
    "unlocode": "CNTAO",
    "country": "CN",
    "name_en": "Qingdao port",
    "name_zh": "青岛港",
    "time_zone": "Asia/Shanghai",
}
LOCATION = {"id": "loc_0h3vk5m8q2r7t9xz", **PLACE, "iata": None, "latitude": 36.0671, "longitude": 120.3826,
            "min_transfer_min": 240, "source": "UN/LOCODE 2024-1"}  # fmt: skip


class PlaceShape(Answer):
    """The few facts of a location that every list needs."""

    example: ClassVar[dict[str, Any]] = PLACE
    code = fields.String(metadata={"description": "Our own code; port, airport and station have one each."})
    kind = fields.String(metadata={"enum": list(LOCATION_KINDS)})
    unlocode = fields.String(allow_none=True)
    country = fields.String(metadata={"description": "ISO 3166-1 alpha-2."})
    name_en = fields.String()
    name_zh = fields.String()
    time_zone = fields.String(metadata={"description": "IANA name."})


class LocationQuery(PageQuery):
    """What narrows the list of places."""

    code = Text(
        longest=24, pattern=CODE, load_default=None, metadata={"description": "Our code or a UN/LOCODE."}
    )
    kind = Word(*LOCATION_KINDS, load_default=None)
    country = Text(longest=2, shortest=2, pattern=COUNTRY, load_default=None)
    q = Text(longest=80, load_default=None, metadata={"description": "Part of a name or code."})


class LocationShape(PlaceShape):
    """A place goods can be at."""

    example: ClassVar[dict[str, Any]] = LOCATION
    id = fields.String()
    iata = fields.String(allow_none=True)
    latitude = fields.Float()
    longitude = fields.Float()
    min_transfer_min = fields.Integer(
        metadata={"description": "Least minutes between arriving here and leaving on something else."}
    )
    source = fields.String()


class LocationPage(Page):
    """Places by code."""

    example: ClassVar[dict[str, Any]] = {"items": [LOCATION], "next_cursor": None}
    items = fields.List(fields.Nested(LocationShape))


class DirectoryQuery(Shape):
    """What narrows the directory of public overseas warehouses."""

    country = Text(longest=2, shortest=2, pattern=COUNTRY, load_default=None)
    group = Text(
        longest=16, pattern=CODE, load_default=None, metadata={"description": "RCEP, SCO, EU, US, BRI …"}
    )
    service = Text(
        longest=40, pattern=CODE, load_default=None, metadata={"description": "fba_prep, returns, relabel …"}
    )
    goods = Text(longest=32, pattern=CODE, load_default=None, metadata={"description": "A goods class code."})
    free_m2 = Whole(least=0, most=1_000_000_000, from_text=True, load_default=0)
    display_centre = Flag(
        from_text=True, load_default=False, metadata={"description": "Only those with one."}
    )
    pre_exhibition = Flag(
        from_text=True, load_default=False, metadata={"description": "Only those with pre-exhibition stock."}
    )
    near = Text(
        longest=200,
        load_default=None,
        metadata={"description": "The nearest first: an address, a city, a code, or `latitude, longitude`."},
    )
    max_km = Whole(
        least=1,
        most=20_100,
        from_text=True,
        load_default=None,
        metadata={"description": "From `near`, as the crow flies."},
    )


class WarehouseQuery(DirectoryQuery, PageQuery):
    """What narrows the directory, a page at a time."""


WAREHOUSE: dict[str, Any] = {
    "id": "whs_0h3vk5m8q2r7t9xz",
    "place": {**PLACE, "code": "DEDUI-WH", "kind": "overseas", "unlocode": "DEDUI", "country": "DE",
              "name_en": "Duisburg", "name_zh": "杜伊斯堡", "time_zone": "Europe/Berlin"},
    "operator": "example",
    "area_m2": 20000,
    "free_m2": 6500,
    "daily_parcels": 8000,
    "services": ["fba_prep", "relabel", "returns"],
    "accepts": ["general", "li_ion_contained"],
    "cutoff_local": "16:00",
    "dwell_days": 1,
    "display_centre": True,
    "pre_exhibition": False,
    "bonded": False,
    "groups": ["BRI", "EU"],
    "data_as_of": "2026-11-01",
    "source": "example",
    "readiness": 71,
    "distance_km": 4.2,
}  # fmt: skip
PART = {"code": "free_space", "points": 24, "max_points": 30, "why": "partial", "measured": 325,
        "zero_at": 0, "full_at": 400, "unit": "permille"}  # fmt: skip


class WarehouseShape(Answer):
    """A public overseas warehouse."""

    example: ClassVar[dict[str, Any]] = WAREHOUSE
    id = fields.String()
    place = fields.Nested(PlaceShape)
    operator = fields.String()
    area_m2 = fields.Integer()
    free_m2 = fields.Integer()
    daily_parcels = fields.Integer(metadata={"description": "Taken in on one day; 0 is not limited."})
    services = fields.List(fields.String())
    accepts = fields.List(fields.String(), metadata={"description": "Goods class codes."})
    cutoff_local = fields.String(
        metadata={"description": "HH:MM there; later arrivals count for the next day."}
    )
    dwell_days = fields.Integer()
    display_centre = fields.Boolean()
    pre_exhibition = fields.Boolean(metadata={"description": "Keeps stock that is shown before it is sold."})
    bonded = fields.Boolean()
    groups = fields.List(fields.String(), metadata={"description": "Country groups it belongs to today."})
    data_as_of = fields.String(metadata={"format": "date"})
    source = fields.String()
    readiness = fields.Integer(metadata={"description": "0 to 100; the warehouse itself says why."})
    distance_km = fields.Float(allow_none=True, metadata={"description": "From `near`, where it was given."})


class ReadinessPart(Answer):
    """Points for one criterion, and what they rest on."""

    example: ClassVar[dict[str, Any]] = PART
    code = fields.String()
    points = fields.Integer()
    max_points = fields.Integer()
    why = fields.String(metadata={"enum": ["full", "partial", "none", "unknown"]})
    measured = fields.Integer(allow_none=True)
    zero_at = fields.Integer()
    full_at = fields.Integer()
    unit = fields.String()


class WarehouseDetail(WarehouseShape):
    """One warehouse with the reasons of its readiness score."""

    example: ClassVar[dict[str, Any]] = {**WAREHOUSE, "readiness_parts": [PART]}
    readiness_parts = fields.List(fields.Nested(ReadinessPart))


class WarehousePage(Page):
    """Warehouses by code."""

    example: ClassVar[dict[str, Any]] = {"items": [WAREHOUSE], "next_cursor": None}
    items = fields.List(fields.Nested(WarehouseShape))
