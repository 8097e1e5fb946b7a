"""`Idempotency-Key`: the answer to a POST is kept with its effect, so that repeating the call is safe.

Semantics of the IETF draft "The Idempotency-Key HTTP Header Field": no key 400, same key and body replays,
another body 422, still in progress 409. The row is written in the transaction of the effect itself, so an
answer is kept exactly if what it tells is.
"""

import functools
import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Response, current_app, make_response, request
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.actor import Actor
from app.auth import actor
from app.clock import now
from app.errors import FieldError, IdempotencyInProgress, IdempotencyKeyReused, Invalid, MissingIdempotencyKey
from app.http import transaction
from app.models import IdempotencyKey, Party

HEADER = "Idempotency-Key"
KEPT = timedelta(days=7)
LONGEST = 255


def owner_of(session: Session, who: Actor) -> str:
    """Whose keys they are: the exporter's, whichever of their keys or people sends them, or the actor's own."""
    if who.exporter_id is None:
        return who.reference
    return session.get_one(Party, who.exporter_id).public_id


def given_key() -> str:
    """The header's value; MissingIdempotencyKey without one, Invalid for one that cannot be kept."""
    key = request.headers.get(HEADER, "")
    if not key:
        raise MissingIdempotencyKey(
            f"send {HEADER} with a value of your own, e.g. a UUID, and repeat it when you retry"
        )
    if len(key) > LONGEST or not key.isprintable() or not key.isascii():
        place = FieldError(HEADER, "bad_key", f"printable ASCII, at most {LONGEST} characters")
        raise Invalid(f"the {HEADER} header cannot be used", (place,))
    return key


def idempotent(view: Callable[..., Any]) -> Callable[..., Any]:
    """Run `view(session, …)` once per key, in one transaction with the row that keeps its answer."""

    @functools.wraps(view)
    def once(*args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 (the view's own arguments)
        key, digest = given_key(), body_digest()
        try:
            return _first_or_again(view, key, digest, args, kwargs)
        except IntegrityError:
            # Somebody with the same key was faster by a moment: their row is there now, or they rolled back.
            return _first_or_again(view, key, digest, args, kwargs)

    return once


def _first_or_again(
    view: Callable[..., Any], key: str, digest: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Response:
    with transaction() as session:
        owner, route = owner_of(session, actor()), f"{request.method} {request.path}"
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now() - KEPT))
        mine = (IdempotencyKey.owner == owner, IdempotencyKey.route == route, IdempotencyKey.key == key)
        row = session.scalar(select(IdempotencyKey).where(*mine))
        if row is not None:
            return _replay(row, digest)
        row = IdempotencyKey(owner=owner, route=route, key=key, body_sha256=digest, created_at=now())
        session.add(row)
        session.flush()
        response = make_response(view(session, *args, **kwargs))
        row.status, row.body = response.status_code, response.get_data(as_text=True)
        row.headers = {name: response.headers[name] for name in ("Location",) if name in response.headers}
        return response


def _replay(row: IdempotencyKey, digest: str) -> Response:
    if row.body_sha256 != digest:
        raise IdempotencyKeyReused("this key came with another body before; use a new key for a new request")
    if row.status is None:
        raise IdempotencyInProgress
    response = current_app.response_class(row.body, row.status, row.headers, mimetype="application/json")
    response.headers["Idempotent-Replayed"] = "true"
    return response


def body_digest() -> str:
    """SHA-256 of the body (and of an upload's files and fields, whose boundary differs at each sending)."""
    digest = hashlib.sha256()
    if request.mimetype == "multipart/form-data":
        for name in sorted(request.form):
            digest.update(f"{name}={request.form.getlist(name)}\0".encode())
        for name, file in sorted(request.files.items()):
            digest.update(f"{name}:{file.filename}\0".encode())
            digest.update(file.stream.read())
            file.stream.seek(0)
    else:
        digest.update(request.get_data(cache=True))
    return digest.hexdigest()
