"""Whose warehouse, whose stock: the staff of one warehouse and an exporter meet nobody else's."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from app.actor import Actor
from app.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from app.models import Location, Party, Warehouse
from app.usecases.people import exporter_by_reference

WORKERS = ("operator", "warehouse")
"""Roles that work in warehouses: the staff of one, and those who run them all."""


def find_warehouse(session: Session, actor: Actor, reference: str) -> Warehouse:
    """A warehouse by public id or location code, with its location; NotFound, also for staff of another one."""
    query = (
        select(Warehouse)
        .join(Location, Warehouse.location_id == Location.id)
        .where(or_(Warehouse.public_id == reference, Location.code == reference), may_see(actor))
        .options(joinedload(Warehouse.location))
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound(f"there is no warehouse {reference!r}")
    return found


def may_see(actor: Actor, warehouse_id: InstrumentedAttribute[int] = Warehouse.id) -> ColumnElement[bool]:
    """The condition that leaves an actor of the role warehouse its own warehouse alone."""
    if actor.role != "warehouse":
        return true()
    return warehouse_id == (actor.warehouse_id or 0)


def may_own(actor: Actor, owner_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The condition that leaves an exporter its own rows alone."""
    return true() if actor.exporter_id is None else owner_id == actor.exporter_id


def works_in(actor: Actor, warehouse_id: int) -> None:
    """NotFound unless the actor works in that warehouse; Forbidden for those who work in none."""
    if not actor.may(*WORKERS):
        raise Forbidden("only the staff of the warehouse does this")
    if actor.role == "warehouse" and actor.warehouse_id != warehouse_id:
        raise NotFound


def refuse_practice(actor: Actor) -> None:
    """Forbidden for keys of test mode: stock is real."""
    if actor.test_mode:
        raise Forbidden("practice moves no stock; use a key that is not of test mode")


def find_owner(session: Session, actor: Actor, reference: str | None) -> Party:
    """The exporter whose goods it is about: an exporter itself, or the one staff names. NotFound, Invalid."""
    if actor.exporter_id is not None:
        return session.get_one(Party, actor.exporter_id)
    if reference is None:
        words = "the exporter whose goods it is about must be named"
        raise Invalid(f"exporter: {words}", (FieldError("exporter", "required", words, "", "$.exporter"),))
    return exporter_by_reference(session, reference)


@contextmanager
def taken_means(session: Session, words: str) -> Iterator[None]:
    """Conflict with these words where the database knows a row of the same key, also one made this very moment."""
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError as error:
        raise Conflict(words) from error
