"""What pages and API share on the way in and out: the database, request ids, errors, security headers."""

import contextlib
import re
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any

import orjson
import structlog
from flask import Flask, Request, Response, current_app, g, render_template, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from app.actor import Actor
from app.carriers.addresses import Allowed
from app.clock import now
from app.config import Settings
from app.db import Database
from app.errors import AppError, Unavailable
from app.failures import Failure, FailureLog, fit
from app.ids import new_id

log = structlog.get_logger(__name__)

PROBLEM = "application/problem+json"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
REQUEST_ID = re.compile(r"^[A-Za-z0-9_-]{1,64}$")
HTTP_CODES = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "unsupported_media_type",
    422: "validation_error",
    429: "rate_limited",
}


def settings() -> Settings:
    """The settings of the running application."""
    found: Settings = current_app.extensions["fourport"]["settings"]
    return found


def database() -> Database:
    """The database of the running application."""
    found: Database = current_app.extensions["fourport"]["database"]
    return found


def webhook_allow() -> Allowed:
    """The hosts and networks inside that webhooks may reach."""
    found: Allowed = current_app.extensions["fourport"]["webhook_allow"]
    return found


def transaction() -> AbstractContextManager[Session]:
    """One unit of work for this request; what is read after it sees what it did."""
    _end_look()
    return database().transaction()


@contextlib.contextmanager
def reading() -> Iterator[Session]:
    """A consistent look for this request: who asks and what is asked for are read in one, until something changes."""
    if "look" not in g:
        g.look = database().look()
    try:
        yield g.look
    except BaseException:
        _end_look()
        raise


def _end_look(_error: BaseException | None = None) -> None:
    look: Session | None = g.pop("look", None)
    if look is not None:
        look.close()


def register(app: Flask) -> None:
    """Attach the hooks and error handlers."""
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_appcontext(_end_look)
    app.register_error_handler(AppError, app_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(OperationalError, database_away)
    app.register_error_handler(Exception, unexpected)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else new_id("req")
    g.started = time.perf_counter()


def _finish(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
        log.info(
            "request",
            method=request.method,
            path=_path_to_log(),
            status=response.status_code,
            ms=round(1000 * (time.perf_counter() - g.get("started", time.perf_counter())), 1),
            request_id=g.get("request_id"),
        )
    _keep_failure(response)
    return response


def _keep_failure(response: Response) -> None:
    """Keep what failed for an exporter's key, and what failed on our side, once the caller has the answer."""
    told, who = g.pop("failure", None), g.get("actor")
    if told is None or not (response.status_code >= 500 or _is_exporters_key(who)):
        return
    failure = Failure(
        at=now(),
        request_id=g.get("request_id", ""),
        method=fit(request.method, 16),
        path=fit(_path_to_log(), 200),
        status=response.status_code,
        code=told[0],
        detail=fit(told[1], 300),
        actor=who.reference if who else None,
        exporter_id=who.exporter_id if who else None,
    )
    failures: FailureLog = current_app.extensions["fourport"]["failures"]
    response.call_on_close(lambda: failures.add(failure))


def _is_exporters_key(who: Actor | None) -> bool:
    return who is not None and who.kind == "key" and who.exporter_id is not None


def _path_to_log() -> str:
    """The path without the token of a one-time link: whoever reads the log must not be able to use it."""
    token = (request.view_args or {}).get("token")
    return request.path.replace(str(token), "…") if token else request.path


def wants_problem(asked: Request) -> bool:
    """Whether the answer to an error is JSON (the API) and not a page."""
    return asked.path.startswith("/api/")


def app_error(error: AppError) -> Response:
    """Render what a rule refused."""
    headers = {"Retry-After": str(error.facts["retry_after"])} if "retry_after" in error.facts else {}
    return render(error.status, error.code, error.title, error.detail, _places(error), headers)


def _places(error: AppError) -> list[dict[str, Any]]:
    return [asdict(place) for place in error.errors]


def http_error(error: HTTPException) -> Response:
    """Render what Flask or Werkzeug refused, in the same shape."""
    status = error.code or 500
    if status < 400:  # a redirect is raised as an exception too
        return error.get_response()  # type: ignore[return-value]
    code = HTTP_CODES.get(status, "error" if status < 500 else "internal_error")
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return render(
        status, code, error.name, error.description or error.name, list(_field_errors(error)), headers
    )


def _field_errors(error: HTTPException) -> Iterator[dict[str, Any]]:
    # webargs hangs its messages on the exception: {location: {field: [message] or nested}}.
    for location, messages in (getattr(error, "data", None) or {}).get("messages", {}).items():
        yield from _walk(messages, [] if location == "json" else [location])


def _walk(messages: Any, path: list[str]) -> Iterator[dict[str, Any]]:  # noqa: ANN401 (nested as sent)
    if isinstance(messages, dict):
        for key, value in messages.items():
            yield from _walk(value, path if key == "_schema" else [*path, str(key)])
        return
    for message in messages if isinstance(messages, list) else [messages]:
        code, _, text = str(message).partition("|")
        known = bool(text)
        yield {
            "field": ".".join(path),
            "json_path": "$" + "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in path),
            "code": code if known else "invalid",
            "message": text if known else str(message),
            "suggestion": "",
        }


def database_away(error: OperationalError) -> Response:
    """The database is full, locked or away: nothing was changed, and the caller may try again."""
    log.error("database_unavailable", error=str(error.orig), request_id=g.get("request_id"))
    return app_error(
        Unavailable("the database cannot be used at the moment; nothing was changed", retry_after=2)
    )


def unexpected(error: Exception) -> Response:
    """Our own mistake: logged with its trace, shown without."""
    log.error("unhandled_error", exc_info=error, request_id=g.get("request_id"))
    return render(
        500, "internal_error", "Something went wrong here", "It was logged under the request id.", [], {}
    )


def render(
    status: int, code: str, title: str, detail: str, errors: list[dict[str, Any]], headers: dict[str, str]
) -> Response:
    """One error, as RFC 9457 problem for the API and as a page for people."""
    request_id = g.get("request_id", "")
    places = "; ".join(f"{place['field']}: {place['message']}" for place in errors)
    g.failure = code, places or detail
    if not wants_problem(request):
        page = render_template(
            "error.html",
            status=status,
            code=code,
            title=title,
            detail=detail,
            errors=errors,
            request_id=request_id,
        )
        return Response(page, status, headers)
    body = {
        "type": f"urn:fourport:error:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
        "errors": errors,
    }
    return Response(orjson.dumps(body), status, headers, content_type=PROBLEM)
