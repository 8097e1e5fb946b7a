"""`Idempotency-Key`: the answer to a POST is kept with its effect, so that repeating the call is safe.

Semantics of the IETF draft "The Idempotency-Key HTTP Header Field": no key 400, same key and body replays,
another body 422, still in progress 409. The row is written in the transaction of the effect itself, so an
answer is kept exactly if what it tells is.
"""

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response, current_app, make_response, request
from sqlalchemy import BigInteger, Row, bindparam, delete, func, insert, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.actor import Actor
from app.auth import actor
from app.clock import now
from app.db import fetch
from app.errors import FieldError, IdempotencyInProgress, IdempotencyKeyReused, Invalid, MissingIdempotencyKey
from app.http import transaction
from app.models import IdempotencyKey, Party
from app.usecases.working import KEYS_KEPT

HEADER = "Idempotency-Key"
LONGEST = 255
ATTEMPTS = 3
TRY_AGAIN = frozenset({"40P01", "40001"})
"""SQLSTATE of a deadlock, and of a transaction that cannot be put in line with others."""
OWNER = select(Party.public_id).where(Party.id == bindparam("exporter_id"))
KEPT = select(
    IdempotencyKey.id, IdempotencyKey.body_sha256, IdempotencyKey.status, IdempotencyKey.body,
    IdempotencyKey.headers, IdempotencyKey.created_at,
).where(*(getattr(IdempotencyKey, name) == bindparam(name) for name in ("owner", "route", "key")))  # fmt: skip
KEEP = insert(IdempotencyKey)
FORGET = delete(IdempotencyKey).where(IdempotencyKey.id == bindparam("old"))
CLAIM = select(func.pg_try_advisory_xact_lock(bindparam("number", type_=BigInteger)))


def owner_of(session: Session, who: Actor) -> str:
    """Whose keys they are: the exporter's, whichever of their keys or people sends them, or the actor's own.

    What is practice has keys of its own: the same one later, in earnest, must not replay it.
    """
    if who.exporter_id is None:
        return who.reference
    owner = str(fetch(session, OWNER, exporter_id=who.exporter_id).scalar_one())
    return f"{owner} test" if who.test_mode else owner


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


def idempotent(view: Callable[..., Any], *, shown_once: str | None = None) -> Callable[..., Any]:
    """Run `view(session, …)` once per key, in one transaction with the row that keeps its answer.

    The member `shown_once` of the answer, a secret, is not kept: it is null where the answer is replayed.
    """

    @functools.wraps(view)
    def once(*args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 (the view's own arguments)
        key, digest = given_key(), body_digest()
        call = _Call(lambda session: make_response(view(session, *args, **kwargs)), key, digest, shown_once)
        for _ in range(ATTEMPTS - 1):
            try:
                return _first_or_again(call)
            except OperationalError as error:
                # The database gave up one of two transactions that waited for each other; nothing of it is left.
                if getattr(error.orig, "sqlstate", None) not in TRY_AGAIN:
                    raise
        return _first_or_again(call)

    return once


@dataclass(frozen=True, slots=True)
class _Call:
    """What is asked: how it is done, and by what it is known again."""

    answered: Callable[[Session], Response]
    key: str
    digest: str
    shown_once: str | None

    def kept(self, response: Response) -> str:
        """The body as it is kept for replays."""
        if self.shown_once is None:
            return response.get_data(as_text=True)
        return orjson.dumps(orjson.loads(response.get_data()) | {self.shown_once: None}).decode()


def _first_or_again(call: _Call) -> Response:
    with transaction() as session:
        owner, route = owner_of(session, actor()), f"{request.method} {request.path}"
        _claim(session, f"{owner} {route} {call.key}")
        mine = {"owner": owner, "route": route, "key": call.key}
        row = fetch(session, KEPT, **mine).one_or_none()
        if row is not None and row.created_at >= now() - KEYS_KEPT:
            return _replay(row, call.digest)
        if row is not None:
            fetch(session, FORGET, old=row.id)
        response = call.answered(session)
        fetch(
            session,
            KEEP,
            **mine,
            body_sha256=call.digest,
            created_at=now(),
            status=response.status_code,
            body=call.kept(response),
            headers={name: response.headers[name] for name in ("Location",) if name in response.headers},
        )
        return response


def _claim(session: Session, name: str) -> None:
    """Let one request with a key work at a time; IdempotencyInProgress for the others.

    SQLite has one writer at a time: there the second waits for the first, and replays it.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    if not fetch(session, CLAIM, number=number).scalar():
        raise IdempotencyInProgress(retry_after=1)


def _replay(row: Row[Any], digest: str) -> Response:
    if row.body_sha256 != digest:
        raise IdempotencyKeyReused("this key came with another body before; use a new key for a new request")
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
