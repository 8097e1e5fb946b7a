"""Moved cut-offs of a departure on the wire."""

from typing import Any, ClassVar

from marshmallow import fields
from marshmallow.validate import Length

from app.models.services import CUTOFF_CODES
from app.schemas.base import Shape
from app.schemas.fields import Flag, Instant, Text, Whole, Word

MOST_CUTOFFS = 200


class NewCutoffShape(Shape):
    """When one cut-off of a call shall be."""

    seq = Whole(
        least=0, most=1000, required=True, metadata={"description": "Of the call, as `calls` has it."}
    )
    code = Word(*CUTOFF_CODES, required=True)
    at = Instant(required=True, allow_none=True, metadata={"description": "Null takes it away."})
    was = Instant(
        allow_none=True,
        metadata={
            "description": "What you saw there, null for none; 409 if it is another by now. Left out: any."
        },
    )


class MovedCutoffs(Shape):
    """Cut-offs of a departure that shall be at other times; the others stay."""

    example: ClassVar[dict[str, Any]] = {
        "cutoffs": [
            {"seq": 1, "code": "FCO", "at": "2026-11-24T16:00:00+08:00", "was": "2026-11-24T12:00:00+08:00"}
        ],
        "reason": "the terminal closes later",
    }
    cutoffs = fields.List(
        fields.Nested(NewCutoffShape),
        required=True,
        validate=Length(1, MOST_CUTOFFS, error=f"bad_length|1 to {MOST_CUTOFFS} cut-offs"),
    )
    reason = Text(longest=200, load_default="")
    although_missed = Flag(
        load_default=False,
        metadata={"description": "Do it although goods that are booked would come too late for it."},
    )
