"""What a device at the rack sends: one task, its fields as they were scanned or typed."""

from typing import Any, ClassVar

from marshmallow import fields

from app.schemas.base import Shape
from app.schemas.fields import Flag, Number, PublicId, Text, Whole, Word
from warehouses.stock import CONDITIONS

LONGEST_SCAN = 200
MOST_PIECES = 100_000
WEEK_S = 7 * 24 * 3600
SCAN_ID = r"^[A-Za-z0-9-]{8,64}$"


def _scan(**more: Any) -> Text:  # noqa: ANN401 (options of the field)
    return Text(longest=LONGEST_SCAN, **more)


def _pieces() -> Whole:
    return Whole(least=1, most=MOST_PIECES, from_text=True, load_default=None)


class RackScan(Shape):
    """One scan: its id, the task it is for, its fields, and how long ago the work on it began."""

    example: ClassVar[dict[str, Any]] = {
        "id": "0b8e5c1e-6f0a-4f7e-9a53-0d7c1a1f2b90",
        "task": "putaway",
        "age_s": 12,
        "fields": {"of": "asn_0h3vk5m8q2r7t9xz", "sku": "4006381333931", "to": "A-03-2", "quantity": "6"},
    }
    id = Text(longest=64, pattern=SCAN_ID, required=True)
    task = Text(longest=16, required=True)
    age_s = Whole(least=0, most=WEEK_S, load_default=0)
    fields_ = fields.Dict(
        keys=Text(longest=24), values=Text(longest=20_000, shortest=0), required=True, data_key="fields"
    )


class ReceiveScan(Shape):
    """Pieces of an ASN that came."""

    of = PublicId("asn", required=True)
    sku = _scan(required=True)
    quantity = _pieces()
    damaged = Flag(from_text=True, load_default=False)


class PutAwayScan(Shape):
    """Pieces of an ASN from receiving into a bin."""

    of = PublicId("asn", required=True)
    sku = _scan(required=True)
    quantity = _pieces()
    condition = Word(*CONDITIONS, load_default="A")
    to = _scan(required=True)


class PickScan(Shape):
    """Pieces of a wave from a bin; `short`: the bin holds no more."""

    of = PublicId("wav", required=True)
    bin = _scan(required=True)
    sku = _scan(required=True)
    quantity = Whole(least=0, most=MOST_PIECES, from_text=True, load_default=None)
    short = Flag(from_text=True, load_default=False)


class PackScan(Shape):
    """A box with everything of an order that is not packed yet, as weighed and measured."""

    order = _scan(required=True)
    weight_kg = Number(least="0", above=True, most="1000", places=3, required=True)
    length_cm = Number(least="0", above=True, most="500", places=1, required=True)
    width_cm = Number(least="0", above=True, most="500", places=1, required=True)
    height_cm = Number(least="0", above=True, most="500", places=1, required=True)


class CountScan(Shape):
    """All that lies in a bin: a line for each article, with its code, pieces and condition, tabs between."""

    of = PublicId("cnt", required=True)
    bin = _scan(required=True)
    found = Text(longest=20_000, shortest=0, load_default="")


class ReturnScan(Shape):
    """A return that came, whole."""

    parcel = _scan(required=True)


class GradeScan(Shape):
    """Pieces of a return and their grade."""

    parcel = _scan(required=True)
    sku = _scan(required=True)
    quantity = _pieces()
    grade = Word(*CONDITIONS, required=True)
    note = Text(longest=500, shortest=0, load_default="")


class FoundLine(Shape):
    """One article of a counted bin."""

    code = _scan(required=True)
    quantity = Whole(least=0, most=MOST_PIECES, from_text=True, load_default=1)
    condition = Word(*CONDITIONS, load_default="A")


class WorkDoneScan(Shape):
    """Work that is done, and the bin what came out was put into."""

    order = _scan(required=True)
    to = _scan(load_default=None)
