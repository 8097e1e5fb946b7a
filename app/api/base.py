"""How every operation is built: strict input, documented errors, one way to answer."""

import functools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from flask import Request, Response
from flask_smorest import Api, Blueprint
from marshmallow import Schema
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy
from werkzeug.datastructures import MultiDict
from werkzeug.routing import BaseConverter, Map

from app.actor import ROLES
from app.api.idempotency import LONGEST, idempotent
from app.auth import PUBLIC
from app.errors import BadRequest, TooLarge, UnsupportedMedia
from app.http import PROBLEM
from app.ids import ALPHABET, LENGTH
from app.schemas.base import Answer, Problem, Shape

PREFIX = "/api/v1/"

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
    """webargs with our JSON reader; a form's fields and files are one object."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {}

    def _raw_load_json(self, req: Request) -> Any:  # noqa: ANN401
        if req.mimetype != "application/json":
            raise UnsupportedMedia("send the body as JSON, with Content-Type: application/json")
        return read_json(req.get_data(cache=True))

    def load_files(self, req: Request, schema: Schema) -> Any:  # noqa: ANN401
        """The fields and the files of a form."""
        if req.mimetype != "multipart/form-data":
            raise UnsupportedMedia("send the file as a form, with Content-Type: multipart/form-data")
        both = MultiDict[str, Any](req.form)
        both.update(req.files)
        return MultiDictProxy(both, schema)


class PublicIdInPath(BaseConverter):
    """A public id of one kind in a path, e.g. `<id('dep'):dep_id>`; what has another shape is not found."""

    def __init__(self, url_map: Map, prefix: str) -> None:
        super().__init__(url_map)
        self.prefix = prefix
        self.regex = f"{prefix}_[{ALPHABET}]{{{LENGTH}}}"

    def to_schema(self) -> dict[str, Any]:
        """As a path parameter is described."""
        example = f"{self.prefix}_0h3vk5m8q2r7t9xz"
        return {"type": "string", "pattern": f"^{self.regex}$", "examples": [example]}


class CodeInPath(BaseConverter):
    """A code or number in a path, e.g. `<code:number>`; what has another shape is not found."""

    regex = "[A-Za-z0-9][A-Za-z0-9._-]{0,39}"

    def to_schema(self) -> dict[str, Any]:
        """As a path parameter is described."""
        return {"type": "string", "pattern": f"^{self.regex}$", "examples": ["EX-LINER"]}


CONVERTERS: dict[str, type[BaseConverter]] = {"id": PublicIdInPath, "code": CodeInPath}


@dataclass(frozen=True, slots=True)
class Download:
    """An answer that is a file of this media type."""

    media: str
    description: str
    example: dict[str, Any] | None = None
    """Of a file that is JSON."""


PROBLEMS = {
    400: ("BadRequest", "What came cannot be read, or the Idempotency-Key is missing."),
    401: ("Unauthenticated", "Nobody known is asking: no API key, an unknown or a revoked one."),
    402: ("PaymentRequired", "It would exceed the credit limit; `detail` says what is owed."),
    403: ("Forbidden", "The role of the one who asks may not do this."),
    404: ("NotFound", "There is no such thing, or it belongs to another exporter."),
    409: ("Conflict", "The present state does not allow this, or the same key is being worked on."),
    410: ("Gone", "The quote has expired; ask for a new one."),
    413: ("TooLarge", "More bytes than are taken in one go."),
    415: ("UnsupportedMedia", "Content of a kind that is not read here."),
    422: ("Invalid", "Readable, but it breaks a rule; `errors` names each place."),
    429: ("TooManyRequests", "Slow down; Retry-After says for how many seconds."),
    503: ("Unavailable", "Something this needs is not there now; nothing was changed."),
}
"""Status → name and meaning of the problems every operation may answer with."""
RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}
}
PROBLEM_HEADERS = {429: RETRY_AFTER, 503: RETRY_AFTER}
LOCATION = {"Location": {"description": "Path of what was made.", "schema": {"type": "string"}}}
KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "A value of your own, e.g. a UUID. Repeat it when you retry: the same key and body replay "
    "the first answer with `Idempotent-Replayed: true`. Kept for 7 days.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    "example": "3f1c6c1e-6f0a-4f7e-9a53-0d7c1a1f2b90",
}
View = Callable[..., Response]


def camel(name: str) -> str:
    """`list_parcels` → `listParcels`."""
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def answer(body: Any, status: int = 200, **headers: str) -> Response:  # noqa: ANN401 (any JSON)
    """A JSON answer; `headers` have underscores for dashes."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(orjson.dumps(body), status, names, content_type="application/json")


def download(content: bytes, media: str, filename: str) -> Response:
    """A file to be saved under `filename`, which is ours and holds no quotation mark."""
    names = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return Response(content, 200, names, content_type=media)


def _prepared(view: View, lacking: type[Exception], prepare: Callable[[], object]) -> View:
    @functools.wraps(view)
    def twice(*args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 (the view's own arguments)
        try:
            return view(*args, **kwargs)
        except lacking:
            prepare()
        return view(*args, **kwargs)

    return twice


class Endpoints(Blueprint):
    """A group of operations under /api/v1; `area` of `actor.AREAS` is what keys are limited to for them."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, import_name: str, description: str, *, area: str | None = None) -> None:
        super().__init__(name, import_name, url_prefix=PREFIX.rstrip("/"), description=description)
        self.area = area or name.lower()

    def reading(
        self,
        rule: str,
        returns: type[Answer] | Download,
        *,
        query: type[Shape] | None = None,
        refuses: tuple[int, ...] = (),
    ) -> Callable[[View], View]:
        """Serve and describe a GET; `refuses` adds statuses to those the parts imply."""

        def decorate(view: View) -> View:
            statuses = {401, 429, 503, *refuses} | ({404} if "<" in rule else set())
            view = self._answering(200, returns)(view)
            if query is not None:
                view = self.arguments(query(), location="query")(view)
                statuses |= {422}
            return self._finish("GET", rule, view, statuses)

        return decorate

    def asking(self, rule: str, returns: type[Answer], *, body: type[Shape]) -> Callable[[View], View]:
        """Serve and describe a POST that changes nothing, so that it needs no key: a question with a body."""

        def decorate(view: View) -> View:
            view = self._answering(200, returns)(view)
            view = self.arguments(body(), location="json", example=body.example)(view)
            view.scope = getattr(view, "scope", None) or f"{self.area}:read"  # type: ignore[attr-defined]
            return self._finish("POST", rule, view, {400, 401, 403, 413, 415, 422, 429, 503})

        return decorate

    def changing(
        self,
        rule: str,
        returns: type[Answer] | None,
        *,
        status: int,
        method: str = "POST",
        body: type[Shape] | None = None,
        form: type[Shape] | None = None,
        refuses: tuple[int, ...] = (),
        shown_once: str | None = None,
        prepare: tuple[type[Exception], Callable[[], object]] | None = None,
    ) -> Callable[[View], View]:
        """Serve and describe a change; the view gets the session of its transaction, once per Idempotency-Key.

        `returns` None is for 204. `shown_once` is a member of the answer that is null where it is replayed.
        `prepare` is an error that says that something is to be done outside of the transaction, and what: then the
        view is called once more.
        """

        def decorate(view: View) -> View:
            statuses = {400, 401, 403, 409, 413, 422, 429, 503, *refuses} | ({404} if "<" in rule else set())
            headers = LOCATION if status in (201, 202) else None
            once = idempotent(view, shown_once=shown_once)
            view = self._answering(status, returns, headers)(_prepared(once, *prepare) if prepare else once)
            taken = body or form
            if taken is not None:
                example = {"example": taken.example} if body else {}
                view = self.arguments(taken(), location="json" if body else "files", **example)(view)
                statuses |= {415}
            return self._finish(method, rule, self.doc(parameters=[KEY_HEADER])(view), statuses)

        return decorate

    def receiving(
        self,
        rule: str,
        returns: type[Answer],
        *,
        body: type[Shape],
        checked: Callable[[View], View],
        headers: list[dict[str, Any]],
    ) -> Callable[[View], View]:
        """Serve and describe a POST of somebody without a key, whom `checked` lets in by these headers.

        It takes no Idempotency-Key: what it does must be harmless to do again.
        """

        def decorate(view: View) -> View:
            view = self._answering(200, returns)(view)
            view = self.arguments(body(), location="json", example=body.example)(view)
            view = self.doc(parameters=headers)(checked(view))
            return self._finish("POST", rule, view, {400, 401, 404, 413, 415, 422, 429, 503})

        return decorate

    def _answering(
        self, status: int, returns: type[Answer] | Download | None, headers: dict[str, Any] | None = None
    ) -> Callable[[View], View]:
        described: Callable[[View], View]
        if isinstance(returns, Download):
            file = {"type": "object"} if returns.example else {"type": "string", "format": "binary"}
            described = self.response(
                status, file, content_type=returns.media, description=returns.description,
                example=returns.example,
            )  # fmt: skip
        elif returns is None:
            described = self.response(status, description="Done; there is nothing more to say.")
        else:
            described = self.response(
                status,
                returns,
                description=str(returns.__doc__).split("\n", maxsplit=1)[0],
                example=returns.example,
                headers=headers,
            )
        return described

    def _finish(self, method: str, rule: str, view: View, statuses: set[int]) -> View:
        access = set(getattr(view, "access", ()))
        if not (PUBLIC in access or set(ROLES) <= access):
            statuses |= {403}
        _refusing(view, statuses)
        scope = getattr(view, "scope", None) or f"{self.area}:{'read' if method == 'GET' else 'write'}"
        view.scope = scope  # type: ignore[attr-defined]
        security = [] if PUBLIC in access else [{"apiKey": [scope]}]
        view = self.doc(operationId=camel(view.__name__), security=security)(view)
        route: Callable[[View], View] = self.route(rule, methods=[method])
        return route(view)


def _refusing(view: View, statuses: set[int]) -> None:
    """Describe problems as `alt_response` would, which copies all that is described so far once for each of them."""
    responses = view._apidoc["response"]["responses"]  # type: ignore[attr-defined]
    for status in sorted(statuses):
        responses.setdefault(status, []).append(PROBLEMS[status][0])


class JsonApi(Api):
    """flask-smorest without its application-wide error handler, and with our problems as its errors."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """The application renders errors itself, for pages and API alike."""

    def _register_responses(self) -> None:
        for status, (name, meaning) in PROBLEMS.items():
            found = {"description": meaning, "content": {PROBLEM: {"schema": Problem}}}
            headers = PROBLEM_HEADERS.get(status)
            self.spec.components.response(name, found | ({"headers": headers} if headers else {}), lazy=True)
