"""API keys on the wire."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from app.actor import AREAS, ROLES, SCOPES
from app.schemas.base import Answer, Page, Shape
from app.schemas.fields import COMMON, Flag, Text, Word

KEY: dict[str, Any] = {
    "id": "key_0h3vk5m8q2r7t9xz",
    "name": "booking script",
    "exporter": "acme",
    "role": "exporter",
    "warehouse": None,
    "scopes": ["quotes:write", "bookings:write"],
    "test_mode": False,
    "hint": "fp_7k2m9x",
    "created_at": "2026-11-23T01:30:00+00:00",
    "last_used_at": "2026-11-23T02:10:00+00:00",
    "revoked_at": None,
}
MEANINGS = "; ".join(f"`{area}`: {meaning}" for area, meaning in AREAS.items())
LIST = COMMON | {"invalid": "not_a_list|must be a list"}


class NewApiKey(Shape):
    """What a key is for, and what it may do."""

    example: ClassVar[dict[str, Any]] = {
        "name": "booking script",
        "scopes": ["quotes:write", "bookings:write"],
        "test_mode": True,
    }
    name = Text(longest=80, load_default=None, allow_none=True)
    scopes = fields.List(
        Word(*SCOPES),
        validate=validate.Length(1, len(SCOPES), error=f"bad_length|name 1 to {len(SCOPES)} scopes"),
        load_default=None,
        allow_none=True,
        error_messages=LIST,
        metadata={"description": f"`write` includes `read`; null: everything the role may. {MEANINGS}"},
    )
    test_mode = Flag(
        load_default=False,
        metadata={"description": "What is quoted and booked with it is practice: no space, no invoice."},
    )
    exporter = Text(
        longest=40,
        load_default=None,
        allow_none=True,
        metadata={"description": "Reference or id of the exporter whose key it is; exporters leave it out."},
    )
    role = Word(*ROLES, load_default="exporter", metadata={"description": "Of a key of the operation."})
    warehouse = Text(
        longest=24,
        load_default=None,
        allow_none=True,
        metadata={"description": "Id or code of the one warehouse a key of the role warehouse works in."},
    )


class ApiKeyShape(Answer):
    """An API key, without its secret."""

    example: ClassVar[dict[str, Any]] = KEY
    id = fields.String()
    name = fields.String(allow_none=True)
    exporter = fields.String(allow_none=True, metadata={"description": "Null: a key of the operation."})
    role = fields.String()
    warehouse = fields.String(allow_none=True, metadata={"description": "Code of the one it works in."})
    scopes = fields.List(
        fields.String(), allow_none=True, metadata={"description": "Null: everything its role may."}
    )
    test_mode = fields.Boolean()
    hint = fields.String(metadata={"description": "The first characters of the secret."})
    created_at = fields.String()
    last_used_at = fields.String(allow_none=True, metadata={"description": "To five minutes."})
    revoked_at = fields.String(allow_none=True)


class ApiKeyWithSecret(ApiKeyShape):
    """An API key with its secret, which is shown this once; where the answer is replayed it is null."""

    example: ClassVar[dict[str, Any]] = KEY | {"secret": "fp_…"}
    secret = fields.String(allow_none=True)


class ApiKeyPage(Page):
    """A page of keys."""

    example: ClassVar[dict[str, Any]] = {"items": [KEY], "next_cursor": None}
    items = fields.List(fields.Nested(ApiKeyShape))
