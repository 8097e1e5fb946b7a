"""What a plan does with each parcel: the leg by leg way it takes, or the reason why it stays."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Departure, Parcel, Party, PlanItem, PlanItinerary, PlanLeg, Service
from app.queries.paging import AnySelect, Keyset, Page, whole
from app.queries.parcels import ParcelFilter
from app.queries.places import Place, places

BY_POSITION = Keyset(PlanItem.position, PlanItem.id, read=whole)


@dataclass(frozen=True, slots=True)
class LegRow:
    """One leg of a planned way."""

    seq: int
    mode: str
    service_code: str
    name_en: str
    name_zh: str
    departure_public_id: str | None
    number: str | None
    origin: Place
    destination: Place
    departs_at: datetime
    arrives_at: datetime


@dataclass(frozen=True, slots=True)
class PlanItemRow:
    """What the plan does with one parcel, or why it does nothing."""

    parcel_public_id: str
    reference: str
    exporter_reference: str
    direction: str
    origin: Place
    destination: Place
    goods_class: str
    weight_g: int
    volume_cm3: int
    ready_at: datetime
    deliver_by: datetime | None
    hard_deadline: bool
    cost_minor: int
    arrives_at: datetime | None
    late_min: int
    reason: str | None
    reason_fact: str | None
    disposition: str | None
    """What is done with a return; None for plain transport."""
    legs: list[LegRow]


ITEM_COLUMNS = (
    PlanItem.id, PlanItem.position, PlanItem.itinerary_id, Parcel.public_id.label("parcel_public_id"),
    Parcel.reference, Party.reference.label("exporter_reference"), Parcel.direction, Parcel.origin_id,
    Parcel.destination_id, Parcel.goods_class, Parcel.weight_g, Parcel.volume_cm3, Parcel.ready_at,
    Parcel.deliver_by, Parcel.hard_deadline, PlanItem.cost_minor, PlanItem.arrives_at, PlanItem.late_min,
    PlanItem.reason, PlanItem.reason_fact, PlanItinerary.disposition,
)  # fmt: skip


def plan_items(
    session: Session,
    plan_id: int,
    where: ParcelFilter | None = None,
    *,
    assigned: bool | None = None,
    late: bool = False,
    reason: str | None = None,
    departure: str | None = None,
    exporter_id: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[PlanItemRow]:
    """The parcels of a plan in the order of its problem file, each with its legs."""
    query = _items(plan_id, exporter_id).where(*(where or ParcelFilter()).conditions())
    if assigned is not None:
        query = query.where(
            PlanItem.itinerary_id.is_not(None) if assigned else PlanItem.itinerary_id.is_(None)
        )
    if late:
        query = query.where(PlanItem.late_min > 0)
    if reason:
        query = query.where(PlanItem.reason == reason)
    if departure:
        riding = (
            select(PlanLeg.itinerary_id)
            .join(Departure, Departure.id == PlanLeg.departure_id)
            .where(Departure.public_id == departure)
        )
        query = query.where(PlanItem.itinerary_id.in_(riding))
    found = session.execute(BY_POSITION.slice(query, cursor, limit)).all()
    page = BY_POSITION.page(found, limit, lambda row: (row.position, row.id))
    return Page(_item_rows(session, page.items), page.next_cursor)


def plan_item(
    session: Session, plan_id: int, parcel_public_id: str, *, exporter_id: int | None = None
) -> PlanItemRow:
    """One parcel of a plan; NotFound."""
    query = _items(plan_id, exporter_id).where(Parcel.public_id == parcel_public_id)
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(f"the plan knows no parcel {parcel_public_id!r}")
    return _item_rows(session, [found])[0]


def _items(plan_id: int, exporter_id: int | None) -> AnySelect:
    query = (
        select(*ITEM_COLUMNS)
        .join(Parcel, Parcel.id == PlanItem.parcel_id)
        .join(Party, Party.id == Parcel.exporter_id)
        .outerjoin(PlanItinerary, PlanItinerary.id == PlanItem.itinerary_id)
        .where(PlanItem.plan_id == plan_id)
    )
    return query if exporter_id is None else query.where(Parcel.exporter_id == exporter_id)


def _item_rows(session: Session, found: list[Any]) -> list[PlanItemRow]:
    known = places(session, [row.origin_id for row in found] + [row.destination_id for row in found])
    legs = legs_of(session, [row.itinerary_id for row in found if row.itinerary_id is not None])
    rows = []
    for row in found:
        facts = row._asdict()
        del facts["id"], facts["position"]
        origin, destination = known[facts.pop("origin_id")], known[facts.pop("destination_id")]
        way = legs.get(facts.pop("itinerary_id"), [])
        rows.append(PlanItemRow(**facts, origin=origin, destination=destination, legs=way))
    return rows


def legs_of(session: Session, itinerary_ids: list[int]) -> dict[int, list[LegRow]]:
    """The legs of planned itineraries, in order, in two queries."""
    if not itinerary_ids:
        return {}
    query = (
        select(
            PlanLeg.itinerary_id, PlanLeg.seq, Service.mode, Service.code, Service.name_en, Service.name_zh,
            Departure.public_id, Departure.number, PlanLeg.from_location_id, PlanLeg.to_location_id,
            PlanLeg.departs_at, PlanLeg.arrives_at,
        )
        .join(Service, Service.id == PlanLeg.service_id)
        .outerjoin(Departure, Departure.id == PlanLeg.departure_id)
        .where(PlanLeg.itinerary_id.in_(sorted(set(itinerary_ids))))
        .order_by(PlanLeg.itinerary_id, PlanLeg.seq)
    )  # fmt: skip
    found = session.execute(query).all()
    known = places(session, [row[8] for row in found] + [row[9] for row in found])
    legs = defaultdict(list)
    for row in found:
        facts: tuple[Any, ...] = (*row[1:8], known[row[8]], known[row[9]], row[10], row[11])
        legs[row[0]].append(LegRow(*facts))
    return legs
