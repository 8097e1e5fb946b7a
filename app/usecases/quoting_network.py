"""The network as it is sold: read once a timetable, kept by this process, without a word on free space.

Free space changes with every booking and is looked at when a quote is made (`quoting_space`); everything else is
read again only when somebody has changed it, or the day has moved on.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import RLock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import Pool as Connections
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.sql.base import ExecutableOption

from app.models import Call as CallRow
from app.models import (
    CountryGroup,
    Location,
    Party,
    Service,
)
from app.models import Departure as DepartureRow
from app.queries.network_revision import Revision, read_revision
from app.queries.places import COLUMNS, Place, place_of
from app.usecases.network_cache import midnight_after
from app.usecases.network_facts import EPOCH, PAPER_CUTOFFS, NetworkReader, call_of, minutes
from app.usecases.pricing_facts import PriceBook, RateMissing, load_prices
from app.usecases.quoting_fx import FxBook, load_fx
from app.usecases.tariff_facts import TariffBook
from routing.arrays import IntArray
from routing.cores import Estimate
from routing.itineraries import FOREVER
from routing.network import Call, Departure, Network, Pair, Space
from routing.timetable import Timetable, compile_timetable
from trade.tariff import Tariff

HORIZON_DAYS = 120
"""Goods that are ready later than this are not quoted."""
MOST_KEPT = 2
"""Networks kept for each database: the one in use, and the one before while others finish with it."""
TYPICAL_G, TYPICAL_CM3 = 100_000, 500_000
"""The shipment by which ways of one kind are ranked before anything is asked."""
FEN_PER_MINUTE = 7.0
"""What a minute on the way counts in that ranking: about 100 CNY a day."""
NO_PRICE_FEN = 1e9
"""What a leg without a price counts there: ways that use it come last, and the quote says what they lack."""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """One call of a departure: its number, all its cut-offs, and until when papers are taken (minutes)."""

    seq: int
    cutoffs: tuple[tuple[str, datetime], ...]
    papers_min: int


@dataclass(frozen=True, slots=True)
class Dated:
    """A departure as it is shown."""

    id: int
    public_id: str
    number: str
    calls: tuple[CallFacts, ...]


@dataclass(frozen=True, slots=True)
class Sold:
    """A service as it is shown."""

    id: int
    code: str
    name_en: str
    name_zh: str
    mode: str
    charter: bool
    carrier: str | None


@dataclass(frozen=True, slots=True, eq=False)
class SellNetwork:
    """Everything a quote needs to know beside free space, as it is from `since` to before `until`.

    `index` gives the position of a location by its row id; `places` and `iata` are by position. `papers_min`,
    `charter` and `line` (-1: none) are by leg of the timetable. `kept` holds what was worked out from it.
    """

    network: Network
    index: Mapping[int, int]
    places: tuple[Place, ...]
    iata: tuple[str | None, ...]
    dated: tuple[Dated, ...]
    services: Mapping[int, Sold]
    groups: Mapping[str, frozenset[str]]
    """Groups of countries in force (EU, RCEP, …), by country."""
    tariffs: TariffBook
    fx: FxBook
    timetable: Timetable
    estimate: Estimate
    papers_min: IntArray
    charter: IntArray
    line: IntArray
    since: datetime
    until: datetime
    shown: dict[int, Any] = field(default_factory=dict)
    """By leg: what every offer with it shows (`quoting_shape`)."""
    pricings: OrderedDict[Any, Any] = field(default_factory=OrderedDict)
    """Prices of the shipments that were asked for last (`quoting_prices`)."""
    kept: OrderedDict[object, object] = field(default_factory=OrderedDict)
    lock: RLock = field(default_factory=RLock)

    def tariff(self, leg: int, exporter_id: int | None) -> Tariff | None:
        """Return what prices a leg of the timetable for an exporter, on the day it boards."""
        legs, places = self.timetable.legs, self.places
        start, end = places[int(legs.origin[leg])].id, places[int(legs.destination[leg])].id
        day = self.since.date()
        if leg < legs.first_link:
            day = date(1970, 1, 1) + timedelta(days=int(legs.departs[leg]) // 1440)
        return self.tariffs.find(int(legs.service[leg]), start, end, day, exporter_id)


@dataclass
class SellReader(NetworkReader):
    """Reads what can be travelled at all: legs without a price too, and departures whatever their space."""

    dated: list[Dated] = field(init=False, default_factory=list)
    """As the departures of the network, in the same order."""
    _no_price: int | None = field(init=False, default=None)

    def _rate(self, service_id: int, start: int, end: int, on: date) -> int | None:
        try:
            row = self.prices.row(service_id, start, end, on)
        except RateMissing:
            row = None  # priced in a currency that the ranking does not know; the quote's own may be the same
        if row is None:
            if self._no_price is None:
                self._no_price = self.prices.add("no price", one=NO_PRICE_FEN)
            row = self._no_price
        return row

    def _known(self, service_id: int) -> bool:
        del service_id
        return True

    def _room(self, row: DepartureRow, pairs: Mapping[Pair, int]) -> Space | None:
        del row
        return Space(loose=dict(pairs))

    def _behind(self) -> Sequence[ExecutableOption]:
        return (selectinload(DepartureRow.segments),)

    def _call(self, row: CallRow, location: int, dangerous: frozenset[str]) -> Call:
        return call_of(row, location, dangerous, EPOCH)  # papers are looked at when a quote is made

    def _departure(self, row: DepartureRow, index: Mapping[int, int]) -> tuple[Departure, Space] | None:
        found = super()._departure(row, index)
        if found is not None:
            calls = tuple(_call_facts(call) for call in row.calls)
            self.dated.append(Dated(row.id, row.public_id, row.number, calls))
        return found


def _call_facts(row: CallRow) -> CallFacts:
    papers = [minutes(one.at) for one in row.cutoffs if one.code in PAPER_CUTOFFS]
    cutoffs = sorted(((one.code, one.at) for one in row.cutoffs), key=lambda one: (one[1], one[0]))
    return CallFacts(row.seq, tuple(cutoffs), min(papers, default=FOREVER))


_kept: WeakKeyDictionary[Connections, OrderedDict[int, SellNetwork]] = WeakKeyDictionary()
_reading = RLock()


class NetworkUnread(Exception):
    """The network must be read first, which takes long: do it where nobody waits for a lock, and come again."""


def sell_network(
    session: Session, now: datetime, revision: Revision | None = None, *, may_read: bool = True
) -> SellNetwork:
    """Return the network as it is sold, from what this process knows if nothing but free space has changed.

    Raises NetworkUnread instead of reading a committed state anew unless it `may_read`.
    """
    timetable = (revision or read_revision(session)).timetable
    if timetable is None:
        return read_sell_network(session, now)
    kept = _kept.setdefault(session.connection().engine.pool, OrderedDict())
    known = kept.get(timetable)
    if known is not None and known.since <= now < known.until:
        return known
    if not may_read:
        raise NetworkUnread
    with _reading:  # who comes while it is read waits for it: reading it twice would take longer
        known = kept.get(timetable)
        if known is not None and known.since <= now < known.until:
            return known
        known = read_sell_network(session, now)
        # Where statements see commits of others in between, what was read may belong to no revision.
        if read_revision(session).timetable == timetable:
            kept[timetable] = known
            kept.move_to_end(timetable)
            while len(kept) > MOST_KEPT:
                kept.popitem(last=False)
    return known


def read_sell_network(session: Session, now: datetime) -> SellNetwork:
    """Read the network from the beginning of the day on, so that it holds for all of it."""
    since = now.replace(hour=0, minute=0, second=0, microsecond=0)
    prices = load_prices(session, since.date(), [], "sell")
    reader = SellReader(session, since, since + timedelta(days=HORIZON_DAYS + 1), prices, [])
    network, index = reader.read()
    timetable = compile_timetable(network)
    columns = session.execute(select(*COLUMNS, Location.iata).order_by(Location.id)).all()
    services = _services(session)
    legs = timetable.legs
    rides = zip(legs.departure.tolist(), legs.board.tolist(), strict=True)
    papers = [reader.dated[at].calls[board].papers_min if at >= 0 else FOREVER for at, board in rides]
    return SellNetwork(
        network=network,
        index=index,
        places=tuple(place_of(row[: len(COLUMNS)]) for row in columns),
        iata=tuple(row.iata for row in columns),
        dated=tuple(reader.dated),
        services=services,
        groups=_groups(session, since.date()),
        tariffs=prices.tariffs,
        fx=load_fx(session, since.date()),
        timetable=timetable,
        estimate=_estimate(timetable, prices),
        papers_min=np.array(papers, dtype=np.int64),
        charter=np.array([services[one].charter for one in legs.service.tolist()], dtype=np.int64),
        line=_lines(timetable),
        since=since,
        until=midnight_after(now, since.tzinfo or now.tzinfo),  # type: ignore[arg-type]
    )


def _lines(timetable: Timetable) -> IntArray:
    found = np.full(len(timetable.legs), -1, dtype=np.int64)
    for index, line in enumerate(timetable.lines):
        found[line.rides] = index
    return found


def _estimate(timetable: Timetable, prices: PriceBook) -> Estimate:
    return Estimate(prices.costs(TYPICAL_G, TYPICAL_CM3)[timetable.legs.rate_row], FEN_PER_MINUTE)


def _services(session: Session) -> dict[int, Sold]:
    columns = (Service.id, Service.code, Service.name_en, Service.name_zh, Service.mode, Service.charter)
    rows = session.execute(select(*columns, Party.name).outerjoin(Party, Party.id == Service.carrier_id))
    return {row.id: Sold(*row) for row in rows}


def _groups(session: Session, on: date) -> dict[str, frozenset[str]]:
    dates = (
        CountryGroup.effective_from <= on,
        CountryGroup.effective_to.is_(None) | (CountryGroup.effective_to > on),
    )
    found: dict[str, set[str]] = {}
    for code, country in session.execute(select(CountryGroup.code, CountryGroup.country).where(*dates)):
        found.setdefault(country, set()).add(code)
    return {country: frozenset(codes) for country, codes in found.items()}
