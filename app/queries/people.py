"""Who somebody is that rows name by public id, and who may sign in."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import ApiKey, AuditEvent, Location, Party, User, Warehouse
from app.queries.paging import AnySelect, Keyset, Page, word

BY_EMAIL = Keyset(User.email, User.id, read=word)
STATES = ("active", "invited", "deactivated")
LAST = (
    select(func.max(AuditEvent.at))
    .where(
        AuditEvent.subject == User.public_id, AuditEvent.action.in_(("user.signed_in", "user.password_set"))
    )
    .correlate(User)
    .scalar_subquery()
)
"""A one-time link signs in as well: it sets the password, and its owner is in."""


@dataclass(frozen=True, slots=True)
class PersonFilter:
    """What narrows the list; None does not."""

    q: str | None = None
    """In the e-mail address."""
    role: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person who may sign in, or could once."""

    id: int
    public_id: str
    email: str
    role: str
    exporter: str | None
    """Reference of the one they belong to."""
    warehouse: str | None
    """Code of the one they work in."""
    disabled: bool
    has_password: bool
    created_at: datetime
    last_sign_in: datetime | None

    @property
    def state(self) -> str:
        """One of `STATES`."""
        return "deactivated" if self.disabled else "active" if self.has_password else "invited"


COLUMNS = (
    User.id, User.public_id, User.email, User.role, Party.reference.label("exporter"), Location.code.label("warehouse"),
    User.disabled, User.password_hash.is_not(None).label("has_password"), User.created_at, LAST.label("last_sign_in"),
)  # fmt: skip


def names(session: Session, references: Collection[str]) -> dict[str, str]:
    """Public id of a person or key → e-mail address, or name of the key; who is unknown is left out."""
    wanted = list(references)
    found: dict[str, str] = {}
    for model, name in ((User, User.email), (ApiKey, ApiKey.name)):
        rows = session.execute(select(model.public_id, name).where(model.public_id.in_(wanted)))
        found |= {row[0]: row[1] for row in rows if row[1]}
    return found


def list_people(
    session: Session, where: PersonFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[PersonRow]:
    """People by e-mail address, deactivated ones too."""
    query = _rows().where(*_conditions(where))
    found = session.execute(BY_EMAIL.slice(query, cursor, limit)).all()
    page = BY_EMAIL.page(found, limit, lambda row: (row.email, row.id))
    return Page([PersonRow(*row) for row in page.items], page.next_cursor)


def people_of(session: Session, exporter_id: int) -> list[PersonRow]:
    """The people of an exporter."""
    rows = session.execute(_rows().where(User.exporter_id == exporter_id).order_by(User.email))
    return [PersonRow(*row) for row in rows]


def get_person(session: Session, public_id: str) -> PersonRow:
    """One person; NotFound if there is none."""
    found = session.execute(_rows().where(User.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFound(f"there is no user {public_id!r}")
    return PersonRow(*found)


def _rows() -> AnySelect:
    return (
        select(*COLUMNS)
        .outerjoin(Party, Party.id == User.exporter_id)
        .outerjoin(Warehouse, Warehouse.id == User.warehouse_id)
        .outerjoin(Location, Location.id == Warehouse.location_id)
    )


def _conditions(where: PersonFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if where.q:
        found.append(User.email.contains(where.q.lower(), autoescape=True))
    if where.role:
        found.append(User.role == where.role)
    if where.state:
        found.append(User.disabled.is_(where.state == "deactivated"))
    if where.state == "active":
        found.append(User.password_hash.is_not(None))
    if where.state == "invited":
        found.append(User.password_hash.is_(None))
    return found
