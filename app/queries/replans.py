"""What a plan that was made anew changes of the one before: its figures, and each parcel that moved."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.errors import NotFound
from app.models import Departure, Parcel, Party, Plan, PlanItem, PlanLoad, Replan, ReplanMove, Service
from app.queries.paging import Keyset, Page, whole
from app.queries.plan_items import LegRow, legs_of

BY_PARCEL = Keyset(ReplanMove.parcel_id, ReplanMove.id, read=whole)


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One parcel that goes another way than before; without legs it stays or is left out."""

    parcel_public_id: str
    reference: str
    exporter_reference: str
    affected: bool
    before_minor: int
    after_minor: int
    price_minor: int
    before: list[LegRow]
    after: list[LegRow]


def find_replan(session: Session, plan: Plan) -> Replan | None:
    """Why a plan was made anew, with the plan before; None for a plan of its own."""
    query = select(Replan).options(joinedload(Replan.plan).joinedload(Plan.run))
    return session.scalar(query.where(Replan.run_id == plan.run_id))


def get_replan(session: Session, plan: Plan) -> Replan:
    """The same; NotFound for a plan of its own."""
    found = find_replan(session, plan)
    if found is None:
        raise NotFound(f"plan {plan.public_id!r} was not made anew from another one")
    return found


def moves(
    session: Session, replan: Replan, plan_id: int, *, cursor: str | None = None, limit: int = 50
) -> Page[MoveRow]:
    """The parcels that go another way in plan `plan_id` than before, in the order they came in."""
    before, after = aliased(PlanItem), aliased(PlanItem)
    query = (
        select(
            ReplanMove.id, ReplanMove.parcel_id, Parcel.public_id, Parcel.reference, Party.reference.label("exporter"),
            ReplanMove.affected, ReplanMove.before_minor, ReplanMove.after_minor, ReplanMove.price_minor,
            before.itinerary_id.label("was"), after.itinerary_id.label("now"),
        )
        .join(Parcel, Parcel.id == ReplanMove.parcel_id)
        .join(Party, Party.id == Parcel.exporter_id)
        .join(before, (before.parcel_id == Parcel.id) & (before.plan_id == replan.plan_id))
        .join(after, (after.parcel_id == Parcel.id) & (after.plan_id == plan_id))
        .where(ReplanMove.replan_id == replan.id)
    )  # fmt: skip
    found = session.execute(BY_PARCEL.slice(query, cursor, limit)).all()
    page = BY_PARCEL.page(found, limit, lambda row: (row.parcel_id, row.id))
    return Page(_rows(session, page.items), page.next_cursor)


def _rows(session: Session, found: list[Any]) -> list[MoveRow]:
    legs = legs_of(session, [one for row in found for one in (row.was, row.now) if one is not None])
    return [
        MoveRow(
            row.public_id, row.reference, row.exporter, row.affected, row.before_minor, row.after_minor,
            row.price_minor, legs.get(row.was, []), legs.get(row.now, []),
        )
        for row in found
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class NamedDeparture:
    """A departure that a plan uses, or that something happened to, as people call it."""

    public_id: str
    service_code: str
    number: str
    departs_at: datetime


def departures_of(session: Session, plan_id: int) -> list[NamedDeparture]:
    """The departures that a plan uses, by time."""
    used = select(PlanLoad.departure_id).where(PlanLoad.plan_id == plan_id)
    return _named(session, Departure.id.in_(used))


def departures_open(session: Session, now: datetime) -> list[NamedDeparture]:
    """The departures that take goods and have not left, by time."""
    return _named(session, Departure.status.in_(("planned", "open")) & (Departure.departs_at > now))


def departures_named(session: Session, public_ids: list[str]) -> dict[str, NamedDeparture]:
    """Public id → departure."""
    return {one.public_id: one for one in _named(session, Departure.public_id.in_(public_ids))}


def _named(session: Session, where: ColumnElement[bool]) -> list[NamedDeparture]:
    query = (
        select(Departure.public_id, Service.code, Departure.number, Departure.departs_at)
        .join(Service, Service.id == Departure.service_id)
        .where(where)
        .order_by(Departure.departs_at, Departure.id)
    )
    return [NamedDeparture(*row) for row in session.execute(query)]


def parcels_by_name(session: Session, plan_id: int, names: list[str]) -> dict[str, str]:
    """Public id or reference → public id, of those that the plan knows."""
    query = (
        select(Parcel.public_id, Parcel.reference)
        .join(PlanItem, PlanItem.parcel_id == Parcel.id)
        .where(PlanItem.plan_id == plan_id, Parcel.public_id.in_(names) | Parcel.reference.in_(names))
    )
    found: dict[str, str] = {}
    for public, reference in session.execute(query):
        found |= {public: public, reference: public}
    return found
