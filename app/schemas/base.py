"""The base of every shape on the wire, and the shapes every endpoint shares."""

from marshmallow import RAISE, Schema, fields

from app.schemas.fields import Text, Whole


class Shape(Schema):
    """A JSON object; members that are not known are refused, because they are misspelt."""

    class Meta:
        """Unknown members are errors."""

        unknown = RAISE

    error_messages = {
        "unknown": "unknown_field|there is no such member",
        "type": "not_an_object|must be a JSON object",
    }


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


class Accepted(Shape):
    """Long work was taken on; ask at `poll_url`."""

    job_id = fields.String(required=True)
    poll_url = fields.String(required=True)
    status = fields.String(required=True)
