"""Parcels, returns and imports on the wire. What a parcel may hold is what a row of the file import may."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from flask_smorest.fields import Upload
from marshmallow import ValidationError, fields
from werkzeug.datastructures import FileStorage

from app.exchange import cells
from app.exchange.rows import Column
from app.models.pool import BATCH_STATES, DIRECTIONS, PARCEL_STATES
from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import CONTROL, Flag, Instant, Text, Word
from app.schemas.places import CODE
from app.usecases.importing import find_kind
from app.usecases.pooling import KINDS

LONGEST_TEXT = 500
DECIMAL = r"^-?[0-9]{1,18}(\.[0-9]{1,18})?$"
PLAIN_PARCEL: dict[str, Any] = {
    "reference": "ORDER-1001",
    "direction": "export",
    "origin": "CNQIN-HUB",
    "destination": "DEDUI-WH",
    "weight_kg": "2.500",
    "length_cm": "30.0",
    "width_cm": "20.0",
    "height_cm": "15.0",
    "goods_class": "general",
    "value": "49.90",
    "currency": "USD",
    "ready_at": "2026-11-25T10:00:00+08:00",
    "deliver_by": "2026-12-20T18:00:00+01:00",
}
PARCEL: dict[str, Any] = {
    "id": "pcl_0h3vk5m8q2r7t9xz",
    **PLAIN_PARCEL,
    "exporter": "acme",
    "status": "pending",
    "volume_m3": "0.009000",
    "ready_at": "2026-11-25T02:00:00+00:00",
    "deliver_by": "2026-12-20T17:00:00+00:00",
    "hard_deadline": False,
    "customs_mode": None,
    "grade": None,
    "created_at": "2026-11-23T01:30:00+00:00",
}


class Given(fields.Field[str]):
    """A member as it stands, as text: the cell type that reads files judges it, with the same codes.

    A JSON number is taken where the column holds a number, a boolean where it holds a flag.
    """

    def __init__(self, column: Column) -> None:
        self.number = isinstance(column.cell, cells.Number | cells.Amount)
        self.flag = isinstance(column.cell, cells.Flag)
        needed = column.required and column.name != "exporter"
        described = {"description": column.doc, **self._described(column.cell)}
        super().__init__(required=needed, allow_none=not needed, metadata=described)
        self.error_messages = self.error_messages | {
            "required": "required|this member must be given",
            "null": "required|this member must not be null",
        }

    def _described(self, cell: cells.Cell) -> dict[str, Any]:
        if self.flag:
            return {"type": "boolean"}
        if self.number:
            return {"type": ["string", "number"], "pattern": DECIMAL}
        text: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
        if isinstance(cell, cells.Choice):
            return {"type": "string", "enum": list(cell.words)}
        if isinstance(cell, cells.Text):
            return text | {"maxLength": cell.longest}
        formats = {cells.Instant: "date-time", cells.Date: "date"}
        return text | ({"format": formats[type(cell)]} if type(cell) in formats else {})

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, Any] | None, **kwargs: object
    ) -> str:
        del attr, data, kwargs
        if isinstance(value, bool) and self.flag:
            return "true" if value else "false"
        if self.number and not isinstance(value, bool) and isinstance(value, int | Decimal):
            return _plain(Decimal(value))
        if not isinstance(value, str) or self.flag:
            word = "a boolean" if self.flag else "a decimal string" if self.number else "a string"
            raise ValidationError(f"wrong_type|must be {word}")
        if CONTROL.search(value):
            raise ValidationError("bad_character|contains a control character or half a surrogate pair")
        if len(value) > LONGEST_TEXT:
            raise ValidationError(f"bad_length|must have at most {LONGEST_TEXT} characters")
        return value


def _plain(number: Decimal) -> str:
    if not number.is_finite() or abs(number.adjusted()) > 20:
        raise ValidationError("out_of_range|the number is out of range")
    return format(number, "f")


def _members() -> dict[str, Given]:
    columns = {column.name: column for kind in KINDS for column in find_kind(kind).columns}
    return {name: Given(column) for name, column in columns.items()}


class NewParcel(Shape.from_dict(dict(_members()), name="NewParcelMembers")):  # type: ignore[misc]
    """One parcel or return to be put into the pool; exporters need not name themselves."""

    example: ClassVar[dict[str, Any]] = PLAIN_PARCEL


class ParcelQuery(PageQuery):
    """What narrows the pool."""

    direction = Word(*DIRECTIONS, load_default=None)
    status = Word(*PARCEL_STATES, load_default=None)
    exporter = Text(longest=40, load_default=None, metadata={"description": "Reference or id; for staff."})
    origin = Text(
        longest=24, pattern=CODE, load_default=None, metadata={"description": "Our code or UN/LOCODE."}
    )
    destination = Text(longest=24, pattern=CODE, load_default=None)
    goods_class = Text(longest=32, pattern=CODE, load_default=None)
    ready_from = Instant(load_default=None)
    ready_to = Instant(load_default=None, metadata={"description": "The first instant that is too late."})
    reference = Text(longest=64, load_default=None, metadata={"description": "Begins with this."})


class ParcelShape(Answer):
    """One parcel of the pool; amounts are exact decimal strings."""

    example: ClassVar[dict[str, Any]] = PARCEL
    id = fields.String()
    reference = fields.String(metadata={"description": "The exporter's own, unique per exporter."})
    exporter = fields.String(metadata={"description": "Reference of the exporter."})
    direction = fields.String(metadata={"enum": list(DIRECTIONS)})
    status = fields.String(metadata={"enum": list(PARCEL_STATES)})
    origin = fields.String(metadata={"description": "Code of the location."})
    destination = fields.String()
    weight_kg = fields.String()
    length_cm = fields.String(allow_none=True)
    width_cm = fields.String(allow_none=True)
    height_cm = fields.String(allow_none=True)
    volume_m3 = fields.String()
    goods_class = fields.String()
    value = fields.String()
    currency = fields.String()
    ready_at = fields.String(metadata={"format": "date-time"})
    deliver_by = fields.String(allow_none=True, metadata={"format": "date-time"})
    hard_deadline = fields.Boolean()
    customs_mode = fields.String(allow_none=True)
    grade = fields.String(allow_none=True, metadata={"description": "Returns: A as new to D scrap."})
    created_at = fields.String(metadata={"format": "date-time"})


class ParcelPage(Page):
    """Parcels by ready time."""

    example: ClassVar[dict[str, Any]] = {"items": [PARCEL], "next_cursor": None}
    items = fields.List(fields.Nested(ParcelShape))


class File(Upload):
    """An uploaded file with a name."""

    default_error_messages = {"required": "required|send the file as a part with a file name"}

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, Any] | None, **kwargs: object
    ) -> FileStorage:
        del attr, data, kwargs
        if not isinstance(value, FileStorage):
            raise ValidationError("not_a_file|send it as a part with a file name")
        return value


class ImportForm(Shape):
    """A file of parcels or returns: CSV, XLSX or JSON lines, told apart by content."""

    file = File(required=True)
    kind = Word(*KINDS, load_default="parcels")
    dry_run = Flag(from_text=True, load_default=False, metadata={"description": "Check and keep nothing."})
    partial_ = Flag(
        data_key="partial",
        from_text=True,
        load_default=False,
        metadata={"description": "Keep good rows beside bad ones."},
    )


class RowErrorShape(Answer):
    """One thing wrong with a row, and the remedy; the header is row 1, 0 is the file itself."""

    row = fields.Integer()
    column = fields.String()
    code = fields.String()
    message = fields.String()
    suggestion = fields.String()


class RowCounts(Answer):
    """What became of the rows."""

    read = fields.Integer()
    added = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    rejected = fields.Integer()


class BatchShape(Answer):
    """An uploaded file and what became of its rows."""

    example: ClassVar[dict[str, Any]] = {
        "id": "bat_0h3vk5m8q2r7t9xz",
        "kind": "parcels",
        "filename": "orders.csv",
        "status": "completed_with_errors",
        "dry_run": False,
        "partial": True,
        "rows": {"read": 3, "added": 2, "updated": 0, "unchanged": 0, "rejected": 1},
        "errors": [
            {"row": 3, "column": "weight_kg", "code": "not_positive", "message": "-1 is not above zero",
             "suggestion": "give a number above 0"}
        ],
        "errors_url": "/api/v1/batches/bat_0h3vk5m8q2r7t9xz/errors.csv",
        "created_at": "2026-11-23T01:30:00+00:00",
        "finished_at": "2026-11-23T01:30:02+00:00",
    }  # fmt: skip
    id = fields.String()
    kind = fields.String()
    filename = fields.String()
    status = fields.String(metadata={"enum": list(BATCH_STATES)})
    dry_run = fields.Boolean()
    partial_ = fields.Boolean(data_key="partial")
    rows = fields.Nested(RowCounts)
    errors = fields.List(fields.Nested(RowErrorShape), metadata={"description": "The first thousand."})
    errors_url = fields.String()
    created_at = fields.String(metadata={"format": "date-time"})
    finished_at = fields.String(allow_none=True, metadata={"format": "date-time"})
