"""Articles on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Number, Text, Word
from warehouses.stock import ISSUE_RULES

CODE = r"^[^\s;]+$"
COUNTRY = r"^[A-Z]{2}$"
CURRENCY = r"^[A-Z]{3}$"
GOODS = r"^[a-z][a-z0-9_]*$"
HS = r"^[0-9]{4,10}$"
BARCODE = r"^[!-~]+$"
NEW: dict[str, Any] = {
    "code": "MUG-350-BLUE",
    "name_en": "Blue mug, 350 ml",
    "name_zh": "蓝色马克杯 350毫升",
    "barcode": "6901234567892",
    "weight_kg": "0.420",
    "length_cm": "12.0",
    "width_cm": "10.0",
    "height_cm": "10.5",
    "goods_class": "general",
    "hs_code": "691110",
    "origin_country": "CN",
    "value": "3.20",
    "currency": "USD",
    "issue_rule": "fifo",
}
SKU: dict[str, Any] = {
    "id": "sku_0h3vk5m8q2r7t9xz",
    "exporter": "acme",
    **NEW,
    "volume_m3": "0.001260",
    "created_at": "2026-11-23T01:30:00+00:00",
}
OWNER = {"description": "Reference or id of the exporter whose goods they are; staff must name it."}


def exporter() -> Text:
    """Whose goods: staff names the exporter, an exporter need not."""
    return Text(longest=40, load_default=None, allow_none=True, metadata=OWNER)


def _side() -> Number:
    return Number(
        least="0", above=True, most="2000", places=1, allow_none=True,
        metadata={"description": "Outer side of one piece in cm; all three or none."},
    )  # fmt: skip


class SkuChange(Shape):
    """What is to be different; what is not named stays. Sides replace a volume, and the other way round."""

    example: ClassVar[dict[str, Any]] = {"weight_kg": "0.450", "issue_rule": "fefo"}
    name_en = Text(longest=200)
    name_zh = Text(longest=200, shortest=0)
    barcode = Text(
        longest=64, pattern=BARCODE, allow_none=True,
        metadata={"description": "What a scanner reads from one piece; unique for the exporter."},
    )  # fmt: skip
    weight_kg = Number(
        least="0", above=True, most="100000", places=3, metadata={"description": "Of one piece."}
    )
    length_cm = _side()
    width_cm = _side()
    height_cm = _side()
    volume_m3 = Number(
        least="0", above=True, most="1000", places=6, allow_none=True,
        metadata={"description": "Of one piece, where there are no sides to measure."},
    )  # fmt: skip
    goods_class = Text(longest=32, pattern=GOODS)
    hs_code = Text(longest=10, pattern=HS, allow_none=True)
    origin_country = Text(longest=2, pattern=COUNTRY, allow_none=True)
    value = Number(least="0", most="1000000000", places=4, metadata={"description": "Of one piece."})
    currency = Text(longest=3, pattern=CURRENCY)
    issue_rule = Word(
        *ISSUE_RULES,
        metadata={"description": "Which lots leave first: `fifo` first received, `fefo` first to expire."},
    )


class NewSku(SkuChange):
    """An article to be kept."""

    example: ClassVar[dict[str, Any]] = NEW
    exporter = exporter()
    code = Text(longest=64, pattern=CODE, required=True, metadata={"description": "The exporter's own."})
    name_en = Text(longest=200, required=True)
    name_zh = Text(longest=200, shortest=0, load_default="")
    barcode = Text(longest=64, pattern=BARCODE, load_default=None, allow_none=True)
    weight_kg = Number(least="0", above=True, most="100000", places=3, required=True)
    goods_class = Text(longest=32, pattern=GOODS, load_default="general")
    hs_code = Text(longest=10, pattern=HS, load_default=None, allow_none=True)
    origin_country = Text(longest=2, pattern=COUNTRY, load_default=None, allow_none=True)
    value = Number(least="0", most="1000000000", places=4, required=True)
    currency = Text(longest=3, pattern=CURRENCY, required=True)
    issue_rule = Word(*ISSUE_RULES, load_default="fifo")


class SkuQuery(PageQuery):
    """What narrows the list of articles."""

    exporter = Text(longest=40, load_default=None, metadata={"description": "Reference or id; for staff."})
    code = Text(longest=64, pattern=CODE, load_default=None)
    barcode = Text(longest=64, pattern=BARCODE, load_default=None)
    q = Text(
        longest=80,
        load_default=None,
        metadata={"description": "Begins the code, is in a name, or is the barcode."},
    )


class SkuShape(Answer):
    """An article; sizes and value are of one piece."""

    example: ClassVar[dict[str, Any]] = SKU
    id = fields.String()
    exporter = fields.String(metadata={"description": "Reference of the exporter."})
    code = fields.String()
    name_en = fields.String()
    name_zh = fields.String()
    barcode = fields.String(allow_none=True)
    weight_kg = fields.String()
    length_cm = fields.String(allow_none=True)
    width_cm = fields.String(allow_none=True)
    height_cm = fields.String(allow_none=True)
    volume_m3 = fields.String()
    goods_class = fields.String()
    hs_code = fields.String(allow_none=True)
    origin_country = fields.String(allow_none=True)
    value = fields.String()
    currency = fields.String()
    issue_rule = fields.String(metadata={"enum": list(ISSUE_RULES)})
    created_at = fields.String(metadata={"format": "date-time"})


class SkuPage(Page):
    """Articles by code."""

    example: ClassVar[dict[str, Any]] = {"items": [SKU], "next_cursor": None}
    items = fields.List(fields.Nested(SkuShape))
