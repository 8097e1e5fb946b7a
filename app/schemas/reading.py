"""Read what a form says by the shape that the API takes, with the faults of both in one form."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError

from app.errors import FieldError, Invalid
from app.schemas.base import Shape


def read(shape: type[Shape], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `shape` makes of it; Invalid names every place at fault, with its code."""
    try:
        found: dict[str, Any] = shape().load(given)
    except ValidationError as error:
        faults = tuple(_faults(error.messages, ()))
        raise Invalid("; ".join(f"{one.field}: {one.message}" for one in faults), faults) from error
    return found


def _faults(messages: Any, path: tuple[str, ...]) -> Iterator[FieldError]:  # noqa: ANN401 (nested as sent)
    if isinstance(messages, dict):
        for key, value in messages.items():
            yield from _faults(value, path if key == "_schema" else (*path, str(key)))
        return
    for message in messages:
        code, _, text = str(message).partition("|")
        yield FieldError(".".join(path), code if text else "invalid", text or code)
