"""Facts of the network, read once a revision: kept by this process until the network or its day has moved on.

A transaction that has itself changed the network reads it anew and keeps nothing: what it sees is not committed.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from threading import Lock
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import Pool as Connections
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import (
    CapacityPool,
    Cutoff,
    Departure,
    Location,
    NetworkRevision,
    Warehouse,
    network_is_changed,
)
from app.usecases.network_facts import INTAKE_DAYS, OPEN_STATES, PAPER_CUTOFFS, NetworkReader
from app.usecases.pricing_facts import Finding, PriceBook, load_prices
from routing.network import Network

MOST_KEPT = 3
"""Networks kept for each database."""
DAY = timedelta(days=1)

Revision = tuple[int, datetime | None]


@dataclass(frozen=True, slots=True, eq=False)
class NetworkFacts:
    """A network as it is from `since` to before `until`, if nobody changes it.

    `index` gives the position of each location by its row id; `prices` must be copied before anything is added.
    """

    network: Network
    index: Mapping[int, int]
    prices: PriceBook
    findings: tuple[Finding, ...]
    since: datetime
    until: datetime


class _Kept:
    """The last networks of one database."""

    def __init__(self) -> None:
        self._facts: OrderedDict[tuple[Revision, int], NetworkFacts] = OrderedDict()
        self._lock = Lock()

    def find(self, revision: Revision, horizon_days: int, now: datetime) -> NetworkFacts | None:
        """Return the facts if they are known and still hold."""
        with self._lock:
            known = self._facts.get((revision, horizon_days))
            return known if known and known.since <= now < known.until else None

    def keep(self, revision: Revision, horizon_days: int, facts: NetworkFacts) -> None:
        """Keep facts in place of those that were kept for longest."""
        with self._lock:
            self._facts.pop((revision, horizon_days), None)
            self._facts[revision, horizon_days] = facts
            while len(self._facts) > MOST_KEPT:
                self._facts.popitem(last=False)


_kept: WeakKeyDictionary[Connections, _Kept] = WeakKeyDictionary()


def network_facts(session: Session, now: datetime, horizon_days: int) -> NetworkFacts:
    """Return the network from `now` over the horizon, from what this process knows if nothing has changed."""
    revision = committed_revision(session)
    if revision is None:
        return _read(session, now, horizon_days)
    kept = _kept.setdefault(session.connection().engine.pool, _Kept())
    known = kept.find(revision, horizon_days, now)
    if known is None:
        known = _read(session, now, horizon_days)
        # Where statements see commits of others in between, what was read may belong to no revision.
        if committed_revision(session) == revision:
            kept.keep(revision, horizon_days, known)
    return known


def committed_revision(session: Session) -> Revision | None:
    """Return what tells one committed state of the network from another; None within a change of it."""
    row = session.execute(select(NetworkRevision.value, NetworkRevision.changed_at)).first()
    if network_is_changed(session.connection()):
        return None
    return (row[0], row[1]) if row else (0, None)


def _read(session: Session, now: datetime, horizon_days: int) -> NetworkFacts:
    findings: list[Finding] = []
    prices = load_prices(session, now.date(), findings)
    until = now + timedelta(days=horizon_days)
    network, index = NetworkReader(session, now, until, prices, findings).read()
    return NetworkFacts(
        network, index, prices.copy(), tuple(findings), now, next_change(session, now, horizon_days)
    )


def next_change(session: Session, now: datetime, horizon_days: int) -> datetime:
    """Return the first instant after `now` at which the same rows would be read as other facts."""
    horizon = timedelta(days=horizon_days)
    open_ones = Departure.status.in_(OPEN_STATES)
    coming = select(
        select(func.min(Departure.arrives_at)).where(open_ones, Departure.arrives_at > now).scalar_subquery(),
        select(func.min(Departure.departs_at))
        .where(open_ones, Departure.departs_at > now + horizon)
        .scalar_subquery(),
        select(func.min(Cutoff.at)).where(Cutoff.code.in_(PAPER_CUTOFFS), Cutoff.at >= now).scalar_subquery(),
        select(func.min(CapacityPool.release_at)).where(CapacityPool.release_at > now).scalar_subquery(),
    )
    arrives, departs, papers, released = session.execute(coming).one()
    enters = departs - horizon if departs else None
    found = [one for one in (arrives, enters, papers, released) if one is not None]
    return min([*found, *_midnights(session, now, horizon)])


def _midnights(session: Session, now: datetime, horizon: timedelta) -> Iterator[datetime]:
    """Yield when tariffs and goods are those of another day, and when the days of warehouses move on."""
    yield midnight_after(now, UTC)
    query = select(Location.time_zone).join(Warehouse).where(Warehouse.daily_parcels > 0).distinct()
    ahead = horizon + INTAKE_DAYS * DAY
    for name in session.scalars(query):
        zone = ZoneInfo(name)
        yield midnight_after(now, zone)
        yield midnight_after(now + ahead, zone) - ahead


def midnight_after(instant: datetime, zone: tzinfo) -> datetime:
    """Return when the next day begins in a zone."""
    tomorrow: date = instant.astimezone(zone).date() + DAY
    return datetime.combine(tomorrow, time(), tzinfo=zone).astimezone(UTC)
