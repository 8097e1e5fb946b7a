"""What the customs desk does not take in, wherever it stands in an address or a form."""

from flask import request

from app.errors import BadRequest, FieldError


def refuse_nul() -> None:
    """Before anything is looked up: BadRequest for text with a NUL, which no PostgreSQL can keep or look for."""
    said = [*(request.view_args or {}).items(), *request.form.items(multi=True)]
    for name, value in said:
        if isinstance(value, str) and "\0" in value:
            told = "it holds a character that cannot be kept"
            raise BadRequest(told, (FieldError(name, "unreadable", told),))
