"""Filters of a list under a name: kept by a person, shared with colleagues if they want, opened first if one is chosen.

A page is named by its endpoint. What is kept is the query string of its address, which the page reads as it would
from anywhere: a saved filter can never show what its reader may not see.
"""

from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.actor import Actor, Person
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.ids import new_id
from app.models import SavedFilter
from app.usecases import auditing

LONGEST_NAME, LONGEST_QUERY = 60, 2000
MOST = 100
"""Filters of one person on one page."""
LEFT_OUT = ("cursor",)


def save_filter(
    session: Session,
    actor: Actor,
    now: datetime,
    user: Person,
    *,
    page: str,
    name: str,
    query: str,
    shared: bool,
) -> SavedFilter:
    """Keep a filter; one of the same name is replaced by it. Invalid for a name or address that cannot be kept."""
    name = _named(name)
    kept = urlencode([(key, value) for key, value in parse_qsl(query) if key not in LEFT_OUT])
    if len(kept) > LONGEST_QUERY:
        raise _invalid("query", "too_long", "these filters are too long to be kept")
    mine = [one for one in _mine(session, user, page) if one.deleted_at is None]
    found = next((one for one in mine if one.name == name), None)
    if found is None:
        if len(mine) >= MOST:
            raise _invalid("name", "too_many", f"at most {MOST} filters; delete one")
        found = SavedFilter(
            public_id=new_id("flt"), user_id=user.id, page=page, name=name, created_at=now, query=kept, shared=shared
        )  # fmt: skip
        session.add(found)
    found.query, found.shared = kept, shared
    session.flush()
    facts = {"page": page, "name": name, "query": kept, "shared": shared}
    auditing.record(session, actor, now, "filter.saved", found.public_id, after=facts)
    return found


def rename_filter(
    session: Session, actor: Actor, now: datetime, user: Person, public_id: str, *, name: str, shared: bool
) -> SavedFilter:
    """Give it another name, share it or keep it to oneself. Conflict where the name is taken."""
    name, found = _named(name), find_filter(session, user, public_id)
    others = _mine(session, user, found.page)
    if any(one.name == name and one.deleted_at is None and one.id != found.id for one in others):
        raise Conflict(f"there is a filter {name!r} already")
    before = {"name": found.name, "shared": found.shared}
    found.name, found.shared = name, shared
    after = {"name": name, "shared": shared}
    auditing.record(session, actor, now, "filter.renamed", public_id, before=before, after=after)
    return found


def make_default(session: Session, user: Person, public_id: str, *, on: bool) -> SavedFilter:
    """Let the page open with it, or with none."""
    found = find_filter(session, user, public_id)
    session.execute(
        update(SavedFilter)
        .where(SavedFilter.user_id == user.id, SavedFilter.page == found.page)
        .values(is_default=False)
    )
    session.flush()
    found.is_default = on
    return found


def delete_filter(session: Session, actor: Actor, now: datetime, user: Person, public_id: str) -> SavedFilter:
    """Take it away; it can be brought back."""
    found = find_filter(session, user, public_id)
    found.deleted_at, found.is_default = now, False
    auditing.record(session, actor, now, "filter.deleted", public_id, before={"name": found.name})
    return found


def restore_filter(
    session: Session, actor: Actor, now: datetime, user: Person, public_id: str
) -> SavedFilter:
    """Bring it back, unless another one took its name: Conflict."""
    found = find_filter(session, user, public_id, deleted=True)
    others = _mine(session, user, found.page)
    if any(one.name == found.name and one.deleted_at is None for one in others):
        raise Conflict(f"there is another filter {found.name!r} now")
    found.deleted_at = None
    auditing.record(session, actor, now, "filter.restored", public_id, after={"name": found.name})
    return found


def find_filter(session: Session, user: Person, public_id: str, *, deleted: bool = False) -> SavedFilter:
    """One's own filter; NotFound for anybody else's."""
    found = session.scalar(
        select(SavedFilter).where(SavedFilter.public_id == public_id, SavedFilter.user_id == user.id)
    )
    if found is None or (found.deleted_at is not None) != deleted:
        raise NotFound("there is no such filter of yours")
    return found


def _mine(session: Session, user: Person, page: str) -> list[SavedFilter]:
    return list(
        session.scalars(select(SavedFilter).where(SavedFilter.user_id == user.id, SavedFilter.page == page))
    )


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise _invalid("name", "bad_length", f"a name has 1 to {LONGEST_NAME} characters")
    return name


def _invalid(field: str, code: str, message: str) -> Invalid:
    return Invalid(message, (FieldError(field, code, message, json_path=f"$.{field}"),))
