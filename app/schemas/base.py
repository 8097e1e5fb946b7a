"""The base of every shape on the wire, and the shapes every endpoint shares."""

from typing import Any, ClassVar

from marshmallow import RAISE, Schema, fields

from app.schemas.fields import Text, Whole


class Shape(Schema):
    """A JSON object; members that are not known are refused, because they are misspelt."""

    example: ClassVar[dict[str, Any]] = {}
    """One that is valid, for the documents."""

    class Meta:
        """Unknown members are errors."""

        unknown = RAISE

    error_messages = {
        "unknown": "unknown_field|there is no such member",
        "type": "not_an_object|must be a JSON object",
    }


class Answer(Shape):
    """What we send: every member is always there, null where there is nothing to say."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Every member is required."""
        del field_name
        field_obj.required = True


class FieldErrorShape(Shape):
    """One thing wrong with what was sent."""

    field = fields.String(required=True)
    json_path = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)
    suggestion = fields.String(required=True)


class Problem(Shape):
    """RFC 9457 problem details, with our `code` and `request_id`."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "Stable; documented in docs/errors.md."})
    request_id = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldErrorShape), required=True)


class PageQuery(Shape):
    """Paging of lists: `limit` rows from `cursor` on."""

    limit = Whole(least=1, most=100, from_text=True, load_default=50)
    cursor = Text(longest=400, load_default=None)


class Accepted(Answer):
    """Long work was taken on; ask at `poll_url`."""

    example: ClassVar[dict[str, Any]] = {
        "job_id": "run_0h3vk5m8q2r7t9xz",
        "poll_url": "/api/v1/optimization-runs/run_0h3vk5m8q2r7t9xz",
        "status": "queued",
    }
    job_id = fields.String()
    poll_url = fields.String()
    status = fields.String()


class Page(Answer):
    """A page of a list; its subclass says what `items` are."""

    next_cursor = fields.String(
        allow_none=True, metadata={"description": "Send it as `cursor` for the next page; null at the end."}
    )
