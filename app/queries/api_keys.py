"""API keys for whoever owns them and for the admin; never their secrets."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import NotFound
from app.models import ApiKey, Location, Party, Warehouse
from app.queries.paging import AnySelect, Keyset, Page, instant

BY_AGE = Keyset(ApiKey.created_at, ApiKey.id, read=instant, falling=True)


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key. `exporter_reference` None: it is of the operation."""

    id: int
    public_id: str
    name: str | None
    exporter_reference: str | None
    role: str
    warehouse: str | None
    """Code of the one it works in."""
    scopes: str | None
    """Words with spaces between; None: everything the role may."""
    test_mode: bool
    hint: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


COLUMNS = (
    ApiKey.id, ApiKey.public_id, ApiKey.name, Party.reference.label("exporter_reference"), ApiKey.role,
    Location.code.label("warehouse"), ApiKey.scopes, ApiKey.test_mode, ApiKey.hint, ApiKey.created_at,
    ApiKey.last_used_at, ApiKey.revoked_at,
)  # fmt: skip


def list_keys(session: Session, actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[KeyRow]:
    """Keys, revoked ones too, the newest first: an exporter's own, for the operation everybody's."""
    query = _rows().where(*_mine(actor))
    found = session.execute(BY_AGE.slice(query, cursor, limit)).all()
    page = BY_AGE.page(found, limit, lambda row: (row.created_at, row.id))
    return Page([KeyRow(**row._asdict()) for row in page.items], page.next_cursor)


def get_key(session: Session, actor: Actor, public_id: str) -> KeyRow:
    """One key; NotFound, also for somebody else's."""
    found = session.execute(_rows().where(ApiKey.public_id == public_id, *_mine(actor))).one_or_none()
    if found is None:
        raise NotFound(f"there is no key {public_id!r}")
    return KeyRow(**found._asdict())


def find_key(session: Session, actor: Actor, public_id: str) -> ApiKey:
    """The row itself; NotFound, also for somebody else's."""
    found = session.scalar(select(ApiKey).where(ApiKey.public_id == public_id, *_mine(actor)))
    if found is None:
        raise NotFound(f"there is no key {public_id!r}")
    return found


def _rows() -> AnySelect:
    return (
        select(*COLUMNS)
        .outerjoin(Party, Party.id == ApiKey.exporter_id)
        .outerjoin(Warehouse, Warehouse.id == ApiKey.warehouse_id)
        .outerjoin(Location, Location.id == Warehouse.location_id)
    )


def _mine(actor: Actor) -> list[ColumnElement[bool]]:
    """An exporter sees its own; what is used for practice sees practice alone."""
    found: list[ColumnElement[bool]] = []
    if actor.exporter_id is not None:
        found.append(ApiKey.exporter_id == actor.exporter_id)
    if actor.test_mode:
        found.append(ApiKey.test_mode.is_(True))
    return found
