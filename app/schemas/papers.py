"""Which labels are wanted, and for which printer."""

from typing import Any, ClassVar

from marshmallow import fields

from app.documents.zpl import RESOLUTIONS
from app.queries.paper_labels import MAX_LABELS
from app.schemas.base import Answer, Shape
from app.schemas.fields import Whole, Word

DPI = tuple(map(str, RESOLUTIONS))


class LabelQuery(Shape):
    """Labels from the first on; without `count`, all that follow."""

    example: ClassVar[dict[str, Any]] = {"first": 1, "count": 100}
    first = Whole(
        least=1, most=1_000_000, from_text=True, load_default=1,
        metadata={"description": "Number of the first label, as printed on it."},
    )  # fmt: skip
    count = Whole(
        least=1, most=MAX_LABELS, from_text=True, load_default=None,
        metadata={"description": f"How many; {MAX_LABELS} at once at most."},
    )  # fmt: skip


class PrinterQuery(Shape):
    """The resolution of the printer."""

    dpi = Word(*DPI, load_default=DPI[0], metadata={"description": "Dots per inch of the printer."})


class ZplQuery(LabelQuery, PrinterQuery):
    """Labels for a printer of one resolution."""

    example: ClassVar[dict[str, Any]] = {"first": 1, "count": 100, "dpi": "203"}


DOCUMENT: dict[str, Any] = {
    "number": "FD687877303487259652", "version": 1, "issued_at": "2026-11-23T01:30:00+00:00",
    "verify_url": "https://fourport.example/verify/FD687877303487259652?d=0123456789abcdef",
}  # fmt: skip


class DocumentShape(Answer):
    """A transport document that is in force."""

    number = fields.String()
    version = fields.Integer(metadata={"description": "Counted up when the booking changes."})
    issued_at = fields.String(metadata={"format": "date-time"})
    verify_url = fields.String(metadata={"description": "Anybody can see there whether it is genuine."})


class LegDocumentShape(DocumentShape):
    """The document of one leg."""

    leg = fields.Integer()


class IssuedDocuments(DocumentShape):
    """The through document, and those of its legs."""

    example: ClassVar[dict[str, Any]] = DOCUMENT | {"legs": [DOCUMENT | {"leg": 1}]}
    legs = fields.List(fields.Nested(LegDocumentShape))
