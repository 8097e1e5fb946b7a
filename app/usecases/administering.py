"""People of the installation as the administrator keeps them: roles, doors that close and open again.

The last administrator who can sign in stays one, and nobody shuts himself out: there is always a way back.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.actor import ROLES, Actor
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.models import Location, Party, PasswordLink, User, Warehouse
from app.usecases.auditing import record
from app.usecases.people import exporter_by_reference, new_password_link
from app.usecases.warehousing.access import find_warehouse


def change_role(
    session: Session,
    actor: Actor,
    now: datetime,
    public_id: str,
    role: str,
    *,
    exporter: str | None = None,
    warehouse: str | None = None,
) -> User:
    """Give a person another role; it holds from the next click on, and older sessions end.

    Raises Invalid for a role that does not fit its exporter or warehouse, Conflict for one's own role and where
    no administrator would be left.
    """
    user = _find(session, public_id)
    if role not in ROLES:
        raise _invalid("role", "not_one_of", f"one of {', '.join(ROLES)}")
    if (role == "exporter") != (exporter is not None):
        raise _invalid("exporter", "exporter_role", "an exporter's user names an exporter, no other does")
    if warehouse is not None and role != "warehouse":
        raise _invalid("warehouse", "warehouse_role", "only warehouse staff works in one warehouse")
    _refuse_own(actor, user)
    before = _facts(session, user)
    owner = exporter_by_reference(session, exporter) if exporter is not None else None
    house = find_warehouse(session, actor, warehouse) if warehouse is not None else None
    if role != "admin":
        _refuse_last(session, user)
    user.role, user.exporter_id = role, owner.id if owner else None
    user.warehouse_id = house.id if house else None
    after = _facts(session, user)
    if after != before:
        user.session_epoch += 1
        session.flush()
        record(session, actor, now, "user.role_changed", user.public_id, before=before, after=after)
    return user


def deactivate(session: Session, actor: Actor, now: datetime, public_id: str) -> User:
    """Close the door to a person: sessions end at once and one-time links stop working. Twice is the same.

    Conflict for oneself, and where no administrator would be left.
    """
    user = _find(session, public_id)
    _refuse_own(actor, user)
    if user.disabled:
        return user
    _refuse_last(session, user)
    user.disabled = True
    user.session_epoch += 1
    unused = (PasswordLink.user_id == user.id, PasswordLink.used_at.is_(None))
    session.execute(update(PasswordLink).where(*unused).values(used_at=now))
    _record_door(session, actor, now, user, "user.deactivated")
    return user


def reactivate(session: Session, actor: Actor, now: datetime, public_id: str) -> User:
    """Open the door again, with the password there was. Twice is the same."""
    user = _find(session, public_id)
    if user.disabled:
        user.disabled = False
        _record_door(session, actor, now, user, "user.reactivated")
    return user


def renew_link(session: Session, actor: Actor, now: datetime, public_id: str) -> tuple[User, str]:
    """Make a fresh one-time link with which the person sets a password; Conflict for one whose door is closed."""
    user = _find(session, public_id)
    if user.disabled:
        raise Conflict("this person is deactivated; reactivate first")
    return user, new_password_link(session, actor, now, user.email)


def _record_door(session: Session, actor: Actor, now: datetime, user: User, action: str) -> None:
    session.flush()
    was = {"active": user.disabled}
    record(session, actor, now, action, user.public_id, before=was, after={"active": not user.disabled})


def _find(session: Session, public_id: str) -> User:
    user = session.scalar(select(User).where(User.public_id == public_id).with_for_update(key_share=True))
    if user is None:
        raise NotFound(f"there is no user {public_id!r}")
    return user


def _refuse_own(actor: Actor, user: User) -> None:
    if actor.reference == user.public_id:
        raise Conflict("nobody changes his own role or door; ask another administrator")


def _refuse_last(session: Session, user: User) -> None:
    """Conflict where nobody else could administer; all who can are locked, so that two do not go at once."""
    if user.role != "admin" or user.disabled:
        return
    active = (User.role == "admin", User.disabled.is_(False), User.password_hash.is_not(None))
    admins: Iterable[int] = session.scalars(
        select(User.id).where(*active).order_by(User.id).with_for_update(key_share=True)
    )
    if not set(admins) - {user.id}:
        raise Conflict("this is the last administrator who can sign in; let another one sign in first")


def _facts(session: Session, user: User) -> dict[str, Any]:
    exporter = session.get(Party, user.exporter_id) if user.exporter_id else None
    code = select(Location.code).join(Warehouse, Warehouse.location_id == Location.id)
    house = session.scalar(code.where(Warehouse.id == user.warehouse_id)) if user.warehouse_id else None
    return {"role": user.role, "exporter": exporter.reference if exporter else None, "warehouse": house}


def _invalid(field: str, code: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", (FieldError(field, code, message, json_path=f"$.{field}"),))
