"""Who is asking: a signed-in person or an API key becomes an Actor; every route says who may use it."""

import contextlib
from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from flask import Flask, current_app, g, request, session
from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.exc import OperationalError

from app.actor import Actor, Person
from app.clock import now
from app.db import fetch
from app.errors import Forbidden, ScopeMissing, Unauthenticated
from app.http import reading, transaction
from app.models import ApiKey, User
from app.usecases.api_keys import PREFIX as KEY_PREFIX
from app.usecases.people import digest

log = structlog.get_logger(__name__)

PUBLIC = "public"
View = TypeVar("View", bound=Callable[..., object])
SAFE = ("GET", "HEAD", "OPTIONS")
KEY = select(
    ApiKey.id, ApiKey.public_id, ApiKey.role, ApiKey.exporter_id, ApiKey.warehouse_id, ApiKey.test_mode, ApiKey.scopes,
    ApiKey.last_used_at, ApiKey.revoked_at,
).where(ApiKey.secret_hash == bindparam("secret_hash"))  # fmt: skip
PERSON = select(*(getattr(User, field.name) for field in fields(Person))).where(
    User.public_id == bindparam("public_id")
)
LAST_USED_STEP = timedelta(minutes=5)
"""`last_used_at` of a key is that exact; writing it on every request would make every read a write."""


def public(view: View) -> View:
    """Mark a route that needs no sign-in."""
    view.access = (PUBLIC,)  # type: ignore[attr-defined]
    return view


def allow(*roles: str, scope: str | None = None) -> Callable[[View], View]:
    """Mark a route for these roles (the admin may always). Put it closest to the function.

    `scope` is what a limited API key needs; operations of the API have one of their resource's area otherwise.
    """

    def mark(view: View) -> View:
        view.access = roles  # type: ignore[attr-defined]
        view.scope = scope  # type: ignore[attr-defined]
        return view

    return mark


def register(app: Flask) -> None:
    """Check every request; a route without a rule is open to nobody."""
    app.before_request(_authorise)


def actor() -> Actor:
    """The one who asks; Unauthenticated if nobody known does."""
    found: Actor | None = g.get("actor")
    if found is None:
        raise Unauthenticated
    return found


def signed_in() -> Person | None:
    """The person behind this request's session, if any."""
    found: Person | None = g.get("user")
    return found


def sign_in(user: User) -> None:
    """Start a new session for a person who proved who they are."""
    session.clear()
    session["user"] = user.public_id
    session["epoch"] = user.session_epoch
    session.permanent = True


def sign_out() -> None:
    """End every session of the signed-in person, here and elsewhere."""
    user = signed_in()
    if user is not None:
        with transaction() as db:
            db.execute(update(User).where(User.id == user.id).values(session_epoch=User.session_epoch + 1))
    session.clear()


def _authorise() -> None:
    if request.endpoint is None:
        _note_who_is_lost()
        return
    if request.endpoint == "static":
        return
    view = current_app.view_functions[request.endpoint]
    rule = getattr(view, "access", ())
    if PUBLIC in rule:
        # A key, good or bad, changes nothing here: probes may send whatever their proxy adds.
        g.user, g.actor = _person() or (None, None)
        return
    g.user, g.actor = _identify()
    if g.actor is None:
        raise Unauthenticated
    if not g.actor.may(*rule):
        raise Forbidden
    scope = getattr(view, "scope", None)
    if not g.actor.reaches(scope):
        raise ScopeMissing(
            f"this API key lacks the scope {scope}" if scope else "only a key without limits may"
        )
    if g.user is not None and request.method not in SAFE:
        refuse_other_sites()


def _note_who_is_lost() -> None:
    """Whose key asks for what the API has not, so that its owner can be helped; nobody is turned away for it."""
    if request.path.startswith("/api/"):
        with contextlib.suppress(Unauthenticated, OperationalError):
            g.user, g.actor = _identify()


def _identify() -> tuple[Person | None, Actor | None]:
    header = request.headers.get("Authorization", "")
    if header:
        return None, _key_actor(header)
    return _person() or (None, None)


def _person() -> tuple[Person, Actor] | None:
    """The person whose session the cookie names, if it is still good."""
    reference = session.get("user")
    if not reference:
        return None
    with reading() as db:
        row = fetch(db, PERSON, public_id=reference).one_or_none()
    user = Person(*row) if row else None
    if user is None or user.disabled or user.session_epoch != session.get("epoch"):
        return None
    return user, Actor("user", user.public_id, user.role, user.exporter_id, user.warehouse_id)


def _key_actor(header: str) -> Actor:
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret.startswith(KEY_PREFIX):
        raise Unauthenticated(f"send `Authorization: Bearer {KEY_PREFIX}…`")
    with reading() as db:
        key = fetch(db, KEY, secret_hash=digest(secret)).one_or_none()
    if key is None or key.revoked_at is not None:
        raise Unauthenticated("this API key is unknown or was revoked")
    _note_use(key)
    scopes = None if key.scopes is None else frozenset(key.scopes.split())
    return Actor(
        "key", key.public_id, key.role, key.exporter_id, key.warehouse_id,
        test_mode=key.test_mode, scopes=scopes,
    )  # fmt: skip


def _note_use(key: Row[Any]) -> None:
    moment = now()
    if key.last_used_at is not None and moment - key.last_used_at < LAST_USED_STEP:
        return
    try:
        with transaction() as db:
            db.execute(update(ApiKey).where(ApiKey.id == key.id).values(last_used_at=moment))
    except OperationalError:
        # A database that cannot be written to at the moment can still be read.
        log.warning("key_use_not_noted", key=key.public_id, exc_info=True)


def refuse_other_sites() -> None:
    """Refuse a changing request that a browser sends from another site's page.

    Browsers say where a request comes from (Sec-Fetch-Site, else Origin); programs send neither, and no
    other site can make one of them carry a person's cookie.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site in (None, "same-origin", "none") and (
        site is not None or origin is None or urlsplit(origin).netloc == request.host
    ):
        return
    raise Forbidden("this request came from another site's page")
