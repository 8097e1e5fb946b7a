"""People and exporters: who may come in, and with what."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.actor import ROLES, Actor
from app.errors import Conflict, FieldError, Invalid, NotFound, Unauthenticated
from app.ids import new_id
from app.models import Location, Party, PasswordLink, User, Warehouse
from app.usecases.auditing import record

HASHER = PasswordHasher()
NOBODY_HASH = HASHER.hash(secrets.token_urlsafe(16))
"""Checked where there is no such person, so that the answer takes as long."""
EMAIL = re.compile(r"^[^@\s]{1,64}@[^@\s]{1,189}$")
LINK_LIFE = timedelta(hours=48)
PASSWORD_LENGTH = range(12, 129)


def add_exporter(
    session: Session, actor: Actor, now: datetime, reference: str, name: str | None = None
) -> Party:
    """Register an exporter under `reference`; Conflict if there is one."""
    reference = reference.strip()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", reference):
        raise _invalid("reference", "bad_reference", "letters, digits, dot, dash, underscore; at most 40")
    if session.scalar(select(Party.id).where(Party.reference == reference)):
        raise Conflict(f"there is a party {reference!r} already")
    party = Party(
        public_id=new_id("exp"),
        reference=reference,
        name=name or reference,
        roles=["exporter"],
        created_at=now,
    )
    session.add(party)
    record(session, actor, now, "exporter.added", party.public_id, after={"reference": reference})
    return party


def exporter_by_reference(session: Session, reference: str) -> Party:
    """The exporter, by reference or public id; NotFound with the reference named."""
    party = session.scalar(
        select(Party).where((Party.reference == reference) | (Party.public_id == reference))
    )
    if party is None or "exporter" not in party.roles:
        raise NotFound(f"there is no exporter {reference!r}")
    return party


def add_user(
    session: Session,
    actor: Actor,
    now: datetime,
    email: str,
    role: str,
    *,
    exporter: str | None = None,
    warehouse: str | None = None,
) -> tuple[User, str]:
    """Add a person. Returns them and the token of a one-time link with which a password is set."""
    email = email.strip().lower()
    if not EMAIL.fullmatch(email):
        raise _invalid("email", "bad_email", f"{email!r} is not an e-mail address")
    if role not in ROLES:
        raise _invalid("role", "unknown_role", f"one of {', '.join(ROLES)}")
    if (role == "exporter") != (exporter is not None):
        raise _invalid(
            "exporter", "exporter_role", "an exporter's user names an exporter, no other user does"
        )
    if session.scalar(select(User.id).where(User.email == email)):
        raise Conflict(f"there is a user {email} already")
    user = User(
        public_id=new_id("usr"),
        email=email,
        role=role,
        exporter_id=exporter_by_reference(session, exporter).id if exporter else None,
        warehouse_id=_warehouse(session, warehouse).id if warehouse else None,
        created_at=now,
    )
    session.add(user)
    session.flush()
    record(session, actor, now, "user.added", user.public_id, after={"email": email, "role": role})
    return user, _new_link(session, user, now)


def new_password_link(session: Session, actor: Actor, now: datetime, email: str) -> str:
    """The token of a fresh one-time link for somebody who is there; older links stop working."""
    user = session.scalar(select(User).where(User.email == email.strip().lower()))
    if user is None:
        raise NotFound(f"there is no user {email}")
    session.execute(
        update(PasswordLink)
        .where(PasswordLink.user_id == user.id, PasswordLink.used_at.is_(None))
        .values(used_at=now)
    )
    record(session, actor, now, "user.link_made", user.public_id)
    return _new_link(session, user, now)


def set_password(session: Session, now: datetime, token: str, password: str) -> User:
    """Use a one-time link. NotFound if it is unknown, used or too old; Invalid for a weak password."""
    link = session.scalar(select(PasswordLink).where(PasswordLink.token_hash == digest(token)))
    if link is None or link.used_at is not None or link.expires_at <= now:
        raise NotFound("this link was used or is too old; ask for a new one")
    if len(password) not in PASSWORD_LENGTH or len(set(password)) < 5:
        raise _invalid("password", "weak_password", "12 to 128 characters, not the same few again and again")
    link.used_at = now
    user = session.get_one(User, link.user_id)
    user.password_hash = HASHER.hash(password)
    user.session_epoch += 1
    record(session, Actor("user", user.public_id, user.role), now, "user.password_set", user.public_id)
    return user


def authenticate(session: Session, now: datetime, email: str, password: str) -> User:
    """The person with this password; Unauthenticated otherwise, without saying which of the two was wrong."""
    user = session.scalar(select(User).where(User.email == email.strip().lower()))
    known = user.password_hash if user is not None and user.password_hash else NOBODY_HASH
    try:
        HASHER.verify(known, password)
    except (VerificationError, InvalidHashError):
        raise Unauthenticated("the e-mail address or the password is not right") from None
    if user is None or user.disabled or user.password_hash is None:
        raise Unauthenticated("the e-mail address or the password is not right")
    if HASHER.check_needs_rehash(user.password_hash):
        user.password_hash = HASHER.hash(password)
    record(session, Actor("user", user.public_id, user.role), now, "user.signed_in", user.public_id)
    return user


def digest(secret: str) -> str:
    """SHA-256, in hex, of a secret that is random enough not to need a slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _new_link(session: Session, user: User, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    session.add(PasswordLink(user_id=user.id, token_hash=digest(token), expires_at=now + LINK_LIFE))
    return token


def _warehouse(session: Session, code: str) -> Warehouse:
    found = session.scalar(
        select(Warehouse).join(Location, Location.id == Warehouse.location_id).where(Location.code == code)
    )
    if found is None:
        raise NotFound(f"there is no warehouse {code!r}")
    return found


def _invalid(field: str, code: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", (FieldError(field, code, message, json_path=f"$.{field}"),))
