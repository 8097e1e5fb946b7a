"""The filters under a name that a person may choose from on a page."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from app.actor import Person
from app.db import fetch
from app.models import SavedFilter, User

DEFAULT = select(SavedFilter.query).where(
    SavedFilter.user_id == bindparam("user_id"),
    SavedFilter.page == bindparam("page"),
    SavedFilter.is_default,
    SavedFilter.deleted_at.is_(None),
)


@dataclass(frozen=True, slots=True)
class FilterRow:
    """One filter; `owner` is None where it is one's own."""

    public_id: str
    name: str
    query: str
    shared: bool
    is_default: bool
    owner: str | None


def filters_of(session: Session, user: Person, page: str) -> list[FilterRow]:
    """One's own filters of a page, then those that colleagues share, by name.

    Colleagues of an exporter are those of the same exporter; those of the operation are everybody else.
    """
    query = _seen(of_an_exporter=user.exporter_id is not None)
    asked = {"user_id": user.id, "page": page, "exporter_id": user.exporter_id}
    return [
        FilterRow(
            one.public_id,
            one.name,
            one.query,
            one.shared,
            one.is_default and one.user_id == user.id,
            None if one.user_id == user.id else one.email,
        )
        for one in fetch(session, query, **asked)
    ]


@cache
def _seen(*, of_an_exporter: bool) -> Select[*tuple[Any, ...]]:
    colleague = User.exporter_id == bindparam("exporter_id") if of_an_exporter else User.exporter_id.is_(None)
    mine = SavedFilter.user_id == bindparam("user_id")
    return (
        select(
            SavedFilter.public_id, SavedFilter.name, SavedFilter.query, SavedFilter.shared, SavedFilter.is_default,
            SavedFilter.user_id, User.email,
        )
        .join(User, User.id == SavedFilter.user_id)
        .where(
            SavedFilter.page == bindparam("page"),
            SavedFilter.deleted_at.is_(None),
            mine | (SavedFilter.shared & colleague),
        )
        .order_by(~mine, SavedFilter.name, SavedFilter.id)
    )  # fmt: skip


def default_query(session: Session, user: Person, page: str) -> str | None:
    """The query string the page opens with for this person; None without one."""
    found: str | None = fetch(session, DEFAULT, user_id=user.id, page=page).scalar()
    return found
