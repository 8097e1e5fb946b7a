"""API keys: secrets for scripts, of an exporter or with a role of the operation."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from app.actor import AREAS, ROLES, SCOPES, Actor
from app.errors import Conflict, FieldError, Invalid, ScopeMissing
from app.ids import ALPHABET, new_id
from app.models import ApiKey, Party, Warehouse
from app.queries.api_keys import find_key
from app.usecases.auditing import record
from app.usecases.people import digest
from app.usecases.warehousing.named import named_owner, named_warehouse

PREFIX = "fp_"
TEST_PREFIX = "fp_test_"
RANDOM_CHARACTERS = 32


def add_api_key(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    exporter: str | None = None,
    role: str = "exporter",
    warehouse: str | None = None,
    name: str | None = None,
    scopes: Iterable[str] | None = None,
    test_mode: bool = False,
) -> tuple[ApiKey, str]:
    """Make a key: of an exporter, or with a role of the operation. Returns it and the secret, shown once.

    A key of the role warehouse works in the `warehouse` of that code and in no other.
    `scopes` None is everything the role may. An exporter makes keys of its own alone: Invalid, which names the
    member that is wrong. A key makes none that may more than itself: ScopeMissing. What is made with a key of
    test mode is of test mode.
    """
    owner = _owner(session, actor, exporter, role)
    if warehouse is not None and role != "warehouse":
        raise _invalid("warehouse", "warehouse_role", "only a key of the role warehouse works in one")
    house = named_warehouse(session, actor, warehouse) if warehouse is not None else None
    limits = _limits(actor, scopes)
    practice = test_mode or actor.test_mode
    secret = (TEST_PREFIX if practice else PREFIX) + "".join(
        secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS)
    )
    key = ApiKey(
        public_id=new_id("key"),
        secret_hash=digest(secret),
        hint=secret[: -RANDOM_CHARACTERS + (4 if practice else 6)],
        name=name,
        scopes=None if limits is None else " ".join(limits),
        test_mode=practice,
        role=role,
        exporter_id=owner.id if owner else None,
        warehouse_id=house.id if house else None,
        created_at=now,
    )
    session.add(key)
    session.flush()
    facts = {"role": role, "exporter": owner.reference if owner else None, "scopes": limits, "name": name}
    facts |= {"warehouse": house.public_id} if house else {}
    record(session, actor, now, "api_key.added", key.public_id, after=facts | {"test_mode": practice})
    return key, secret


def revoke_api_key(session: Session, actor: Actor, now: datetime, public_id: str) -> ApiKey:
    """End a key; ending it twice is the same. NotFound, also for somebody else's."""
    key = find_key(session, actor, public_id)
    if key.revoked_at is None:
        key.revoked_at = now
        record(session, actor, now, "api_key.revoked", key.public_id)
    return key


def rotate_api_key(session: Session, actor: Actor, now: datetime, public_id: str) -> tuple[ApiKey, str]:
    """Make a key that may what this one may, and return it with its secret, shown once.

    The old one opens its doors until it is revoked, so that the script can change over. NotFound, also for
    somebody else's; Conflict for one that was revoked; Invalid for one whose owner is no exporter any more.
    """
    old = find_key(session, actor, public_id)
    if old.revoked_at is not None:
        raise Conflict("this key was revoked; make a new one")
    exporter = session.get_one(Party, old.exporter_id).reference if old.exporter_id is not None else None
    house = session.get_one(Warehouse, old.warehouse_id).public_id if old.warehouse_id is not None else None
    key, secret = add_api_key(
        session, actor, now, exporter=exporter, role=old.role, warehouse=house, name=old.name,
        scopes=old.scopes.split() if old.scopes is not None else None, test_mode=old.test_mode,
    )  # fmt: skip
    record(session, actor, now, "api_key.rotated", old.public_id, after={"successor": key.public_id})
    return key, secret


def _owner(session: Session, actor: Actor, exporter: str | None, role: str) -> Party | None:
    if actor.exporter_id is not None:
        mine = session.get_one(Party, actor.exporter_id)
        if role != "exporter":
            raise _invalid("role", "exporter_role", "an exporter makes keys of its own alone")
        if exporter not in (None, mine.reference, mine.public_id):
            told = f"there is no exporter {exporter!r}"
            raise _invalid("exporter", "unknown_exporter", told, "leave it out: your keys are your own")
        return mine
    if role not in ROLES or (role == "exporter") != (exporter is not None):
        raise _invalid("exporter", "exporter_role", "name an exporter, or a role other than exporter")
    return named_owner(session, actor, exporter) if exporter is not None else None


def _limits(actor: Actor, scopes: Iterable[str] | None) -> list[str] | None:
    """Return the scopes in the order of the table, without the reading that writing includes."""
    if scopes is None:
        if actor.scopes is not None:
            raise ScopeMissing("a key that is limited cannot make one that is not; name its scopes")
        return None
    asked = set(scopes)
    unknown = sorted(asked - set(SCOPES))
    if unknown or not asked:
        told = f"{unknown[0]!r} is no scope" if unknown else "name at least one scope"
        raise _invalid("scopes", "not_one_of", f"{told}; there are {', '.join(SCOPES)}")
    missing = sorted(scope for scope in asked if not actor.reaches(scope))
    if missing:
        raise ScopeMissing(f"this API key lacks the scope {missing[0]}")
    return [
        scope
        for area in AREAS
        for scope in (f"{area}:read", f"{area}:write")
        if scope in asked and not (scope.endswith(":read") and f"{area}:write" in asked)
    ]


def _invalid(field: str, code: str, message: str, remedy: str = "") -> Invalid:
    return Invalid(f"{field}: {message}", (FieldError(field, code, message, remedy, f"$.{field}"),))
