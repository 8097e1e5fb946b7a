"""What committing a plan would do if it happened now: bookings by departure and exporter, and what is stale already."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.models import Departure, Parcel, Party, Plan, PlanItem, PlanLoad
from app.queries.departure_rows import DepartureRow
from app.queries.departures import departures_by_id
from app.usecases.committing_chain import sift
from app.usecases.committing_facts import (
    Item,
    Way,
    dangerous_goods,
    earlier_bookings,
    grouped,
    read_items,
    read_ways,
)
from routing.committing import SELLABLE, WAITS, Stale, chains

MOST_SHOWN = 200
"""Stale parcels, and chains, that a preview names one by one."""


@dataclass(slots=True)
class Tally:
    """Bookings to make, their parcels, weight and planning cost; parcels that are kept, decided or stale."""

    bookings: int = 0
    parcels: int = 0
    weight_g: int = 0
    volume_cm3: int = 0
    cost_minor: int = 0
    kept: int = 0
    decided: int = 0
    stale: int = 0

    def add(self, fresh: Sequence[Item], kept: int, stale: int, *, travels: bool) -> None:
        """Count one group."""
        self.kept += kept
        self.stale += stale
        if not travels:
            self.decided += len(fresh)
        elif fresh:
            self.bookings += 1
            self.parcels += len(fresh)
            self.weight_g += sum(item.row.weight_g for item in fresh)
            self.volume_cm3 += sum(item.row.volume_cm3 for item in fresh)
        self.cost_minor += sum(item.row.cost_minor for item in fresh)


@dataclass(frozen=True, slots=True)
class ChainAhead:
    """The departures of a chain in order, and what would be booked on them."""

    departures: list[DepartureRow]
    tally: Tally


@dataclass(frozen=True, slots=True)
class ExporterAhead:
    """What would be booked for an exporter."""

    public_id: str
    reference: str
    name: str
    credit_hold: bool
    tally: Tally


@dataclass(frozen=True, slots=True)
class StaleAhead:
    """A parcel that would not be booked, and why."""

    public_id: str
    code: str
    fact: str


@dataclass(slots=True)
class Preview:
    """What would happen; whether there is room shows when it happens."""

    total: Tally = field(default_factory=Tally)
    chains: list[ChainAhead] = field(default_factory=list)
    exporters: list[ExporterAhead] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    stale: list[StaleAhead] = field(default_factory=list)
    more_chains: int = 0


def preview(session: Session, plan: Plan, now: datetime) -> Preview:
    """Read what committing a plan would do. Locks nothing."""
    ways = read_ways(session, plan.id)
    earlier = earlier_bookings(session, plan)
    items = [item for item in read_items(session, plan.id, earlier) if item.row.itinerary_id in ways]
    exporters = _exporters(session)
    found, dangerous = Preview(), dangerous_goods(now)
    by_way: dict[int, Tally] = defaultdict(Tally)
    by_exporter: dict[int, Tally] = defaultdict(Tally)
    for (itinerary, exporter), group in grouped(items).items():
        way = ways[itinerary]
        fresh, kept, stale = sift(group, way, earlier, now, dangerous)
        if exporters[exporter].credit_hold:
            stale, fresh = stale + [(item, Stale("credit_hold")) for item in fresh], []
        for tally in (found.total, by_way[itinerary], by_exporter[exporter]):
            tally.add(fresh, len(kept), len(stale), travels=bool(way.rows))
        found.codes.update(one.code for _, one in stale)
        room = MOST_SHOWN - len(found.stale)
        found.stale += [StaleAhead(item.row.public_id, one.code, one.fact) for item, one in stale[:room]]
    found.exporters = [
        ExporterAhead(row.public_id, row.reference, row.name, row.credit_hold, by_exporter[number])
        for number, row in exporters.items()
        if number in by_exporter
    ]
    found.chains, found.more_chains = _chains(session, ways, by_way, now)
    return found


def _exporters(session: Session) -> dict[int, Party]:
    return {row.id: row for row in session.scalars(select(Party).order_by(Party.reference))}


def _chains(
    session: Session, ways: dict[int, Way], by_way: dict[int, Tally], now: datetime
) -> tuple[list[ChainAhead], int]:
    all_of_them = chains({number: way.departures for number, way in ways.items() if number in by_way})
    shown = all_of_them[:MOST_SHOWN]
    rows = departures_by_id(session, now, sorted({one for chain in shown for one in chain.departures}))
    found = []
    for chain in shown:
        total = Tally()
        for itinerary in chain.itineraries:
            one = by_way[itinerary]
            for name in Tally.__slots__:
                setattr(total, name, getattr(total, name) + getattr(one, name))
        found.append(ChainAhead([rows[one] for one in chain.departures if one in rows], total))
    found.sort(key=lambda one: (not one.departures, one.departures[0].departs_at if one.departures else now))
    return found, len(all_of_them) - len(shown)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How much of a draft is not as it was when it was made: a quick look, for every page of the plan."""

    parcels: int
    departures: int


def freshness(session: Session, plan: Plan) -> Freshness:
    """Count parcels that do not wait any more or are booked, and departures that are not sold any more."""
    gone = select(func.count()).select_from(PlanItem).join(Parcel, Parcel.id == PlanItem.parcel_id)
    gone = gone.where(PlanItem.plan_id == plan.id, PlanItem.itinerary_id.is_not(None)).where(
        or_(Parcel.status != WAITS, Parcel.booking_line_id.is_not(None))
    )
    used = select(PlanLoad.departure_id).where(PlanLoad.plan_id == plan.id)
    shut = select(func.count(Departure.id)).where(Departure.id.in_(used), Departure.status.not_in(SELLABLE))
    booked_before = earlier_bookings(session, plan)
    parcels = 0 if booked_before else session.scalar(gone) or 0
    return Freshness(parcels, session.scalar(shut) or 0)
