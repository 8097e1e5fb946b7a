"""The filters under a name that a person may choose from on a page."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import SavedFilter, User


@dataclass(frozen=True, slots=True)
class FilterRow:
    """One filter; `owner` is None where it is one's own."""

    public_id: str
    name: str
    query: str
    shared: bool
    is_default: bool
    owner: str | None


def filters_of(session: Session, user: User, page: str) -> list[FilterRow]:
    """One's own filters of a page, then those that colleagues share, by name.

    Colleagues of an exporter are those of the same exporter; those of the operation are everybody else.
    """
    alike = User.exporter_id.is_(None) if user.exporter_id is None else User.exporter_id == user.exporter_id
    query = (
        select(SavedFilter, User.email)
        .join(User, User.id == SavedFilter.user_id)
        .where(
            SavedFilter.page == page,
            SavedFilter.deleted_at.is_(None),
            (SavedFilter.user_id == user.id) | (SavedFilter.shared & alike),
        )
        .order_by((SavedFilter.user_id != user.id), SavedFilter.name, SavedFilter.id)
    )
    return [
        FilterRow(
            one.public_id,
            one.name,
            one.query,
            one.shared,
            one.is_default and one.user_id == user.id,
            None if one.user_id == user.id else email,
        )
        for one, email in session.execute(query)
    ]


def default_query(session: Session, user: User, page: str) -> str | None:
    """The query string the page opens with for this person; None without one."""
    return session.scalar(
        select(SavedFilter.query).where(
            SavedFilter.user_id == user.id,
            SavedFilter.page == page,
            SavedFilter.is_default,
            SavedFilter.deleted_at.is_(None),
        )
    )
