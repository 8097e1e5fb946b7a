"""Find a list or a declaration, locked for the step that follows, with all it is made of."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.errors import Conflict, NotFound
from app.models import DeclarationLine, DeclarationList, DeclarationSummary
from app.queries.paging import AnySelect
from trade.declarations import Steps, follow
from trade.errors import TradeError


def whole_list() -> AnySelect:
    """A list with its exporter, port, lines, their parcels, and the declaration it is in."""
    return select(DeclarationList).options(
        joinedload(DeclarationList.exporter),
        joinedload(DeclarationList.port),
        joinedload(DeclarationList.summary),
        selectinload(DeclarationList.rows).joinedload(DeclarationLine.parcel),
    )


def whole_summary() -> AnySelect:
    """A declaration with its exporter, port, and the lists it merges with their lines."""
    return select(DeclarationSummary).options(
        joinedload(DeclarationSummary.exporter),
        joinedload(DeclarationSummary.port),
        selectinload(DeclarationSummary.lists).selectinload(DeclarationList.rows),
    )


def lock_list(session: Session, public_id: str) -> DeclarationList:
    """The list, and nobody else changes it until this transaction ends. Raises NotFound."""
    found = session.scalar(
        whole_list()
        .where(DeclarationList.public_id == public_id)
        .with_for_update(of=DeclarationList)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("there is no such list")
    return found


def lock_summary(session: Session, public_id: str) -> DeclarationSummary:
    """The declaration, and nobody else changes it until this transaction ends. Raises NotFound."""
    found = session.scalar(
        whole_summary()
        .where(DeclarationSummary.public_id == public_id)
        .with_for_update(of=DeclarationSummary)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("there is no such declaration")
    return found


def stepped(steps: Steps, thing: DeclarationList | DeclarationSummary, step: str) -> None:
    """Take a step; Conflict where the thing is not in a state for it."""
    try:
        thing.path = follow(steps, thing.path, step)
    except TradeError as error:
        raise Conflict(f"{thing.number} is {thing.status}") from error
    thing.status = thing.path[-1]
