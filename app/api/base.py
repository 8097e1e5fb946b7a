"""How every endpoint is built: strict JSON, documented errors, no error handler beside the application's."""

import json
import re
from decimal import Decimal
from typing import Any

from flask import Request
from flask_smorest import Api, Blueprint
from webargs.flaskparser import FlaskParser

from app.errors import BadRequest, TooLarge

MAX_JSON_BYTES = 1_000_000
MAX_DEPTH = 32
STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
BRACKETS = re.compile(rb"[\[\]{}]")


def read_json(body: bytes) -> Any:  # noqa: ANN401 (whatever was sent)
    """Parse a body. BadRequest names what is wrong: size, depth, encoding, syntax, a key given twice, NaN."""
    if len(body) > MAX_JSON_BYTES:
        raise TooLarge(f"a JSON body may have {MAX_JSON_BYTES} bytes at most; import larger sets as a file")
    depth = 0
    for bracket in BRACKETS.finditer(STRINGS.sub(b"", body)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > MAX_DEPTH:
            raise BadRequest(f"the JSON is nested more than {MAX_DEPTH} levels deep")
    try:
        return json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_once,
            parse_constant=_no_constant,
            parse_float=Decimal,
            parse_int=_bounded_int,
        )
    except UnicodeDecodeError as error:
        raise BadRequest(f"the body is not UTF-8 (byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise BadRequest(
            f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from error
    except ArithmeticError as error:
        raise BadRequest("the body holds a number that is out of range") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BadRequest("a member is given twice in one object")
    return found


def _no_constant(name: str) -> None:
    raise BadRequest(f"{name} is not JSON")


def _bounded_int(digits: str) -> int:
    if len(digits) > 20:
        raise BadRequest("the body holds a whole number of more than 20 digits")
    return int(digits)


class StrictParser(FlaskParser):
    """webargs with our JSON reader."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {}

    def _raw_load_json(self, req: Request) -> Any:  # noqa: ANN401
        return read_json(req.get_data(cache=True))


class Endpoints(Blueprint):
    """A group of operations under /api/v1."""

    ARGUMENTS_PARSER = StrictParser()


class JsonApi(Api):
    """flask-smorest without its application-wide error handler, which would answer pages with JSON."""

    def _register_error_handlers(self) -> None:
        """The application renders errors itself, for pages and API alike."""
