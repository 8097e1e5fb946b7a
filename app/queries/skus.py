"""Articles by code."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, joinedload

from app.actor import Actor
from app.errors import NotFound
from app.models import Party, Sku
from app.queries.paging import Keyset, Page, word
from app.usecases.warehousing.access import may_own

BY_CODE = Keyset(Sku.code, Sku.id, read=word)


@dataclass(frozen=True, slots=True)
class SkuFilter:
    """What narrows the list; None does not."""

    exporter: str | None = None
    """Reference or public id."""
    code: str | None = None
    barcode: str | None = None
    q: str | None = None
    """Begins the code, is in a name, or is the barcode."""


def list_skus(
    session: Session, actor: Actor, where: SkuFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[Sku]:
    """The articles an actor may see, by code."""
    query = select(Sku).where(may_own(actor, Sku.owner_id)).options(joinedload(Sku.owner))
    if where.exporter:
        query = query.where(Sku.owner_id.in_(owners(where.exporter)))
    if where.code:
        query = query.where(Sku.code == where.code)
    if where.barcode:
        query = query.where(Sku.barcode == where.barcode)
    if where.q:
        query = query.where(matches(where.q))
    found = session.scalars(BY_CODE.slice(query, cursor, limit)).all()
    return BY_CODE.page(found, limit, lambda row: (row.code, row.id))


def read_sku(session: Session, actor: Actor, public_id: str) -> Sku:
    """One article with its owner; NotFound, also for another exporter's."""
    query = select(Sku).where(Sku.public_id == public_id, may_own(actor, Sku.owner_id))
    found = session.scalar(query.options(joinedload(Sku.owner)))
    if found is None:
        raise NotFound("there is no such SKU")
    return found


def owners(reference: str) -> Select[int]:
    """The ids of the exporter with this reference or public id."""
    return select(Party.id).where(or_(Party.reference == reference, Party.public_id == reference))


def matches(text: str) -> ColumnElement[bool]:
    """The condition that an article is meant by what somebody typed or scanned."""
    return or_(
        Sku.code.istartswith(text, autoescape=True),
        Sku.name_en.icontains(text, autoescape=True),
        Sku.name_zh.contains(text, autoescape=True),
        Sku.barcode == text,
    )
