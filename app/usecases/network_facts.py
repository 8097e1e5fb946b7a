"""Rows of the network as the optimizer's facts: places, links, departures, and the space that is still free."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from geopy.distance import EARTH_RADIUS
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from app.models import Call as CallRow
from app.models import Departure as DepartureRow
from app.models import DepartureUnit, Segment, Service, ServiceCall, Warehouse
from app.models import Location as LocationRow
from app.usecases.distances import distance_m
from app.usecases.pricing_facts import Finding, PriceBook
from app.usecases.space_facts import read_space
from routing import cutoffs
from routing.network import (
    Call,
    Departure,
    Link,
    Location,
    Network,
    Pair,
    Space,
    Throughput,
)
from trade.emissions import emission_factor
from trade.goods import GoodsClass, goods_classes, refusal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EARLIEST_TIMES = cutoffs.EARLIEST_TIMES
PAPER_CUTOFFS = cutoffs.PAPER_CUTOFFS
DANGEROUS_CUTOFFS = cutoffs.DANGEROUS_CUTOFFS
OPEN_STATES = ("planned", "open")
INTAKE_DAYS = 80
"""Windows of a warehouse go on for so many days after the last departure of the horizon."""


def minutes(instant: datetime) -> int:
    """Return whole minutes since 1970 in UTC."""
    return (instant - EPOCH) // MINUTE


@dataclass
class NetworkReader:
    """Reads one network. Everything is loaded with a fixed number of queries; `findings` tells what is left out."""

    session: Session
    now: datetime
    until: datetime
    prices: PriceBook
    findings: list[Finding]
    _intake: dict[int, frozenset[str]] = field(init=False, default_factory=dict)
    """What each warehouse takes in, by location; those that name nothing take everything."""

    def read(self) -> tuple[Network, dict[int, int]]:
        """Return the network, and the position of each location by its row id."""
        places = list(self.session.scalars(select(LocationRow).order_by(LocationRow.id)))
        index = {place.id: position for position, place in enumerate(places)}
        stated = self.session.execute(select(Warehouse.location_id, Warehouse.accepts))
        self._intake = {place: frozenset(accepts) for place, accepts in stated if accepts}
        links = self._links(index)
        departures = [one for row in self._departure_rows() if (one := self._departure(row, index))]
        network = Network(
            goods=tuple(sorted(self._goods())),
            locations=tuple(Location(one.code, one.min_transfer_min, one.country) for one in places),
            departures=tuple(departure for departure, _ in departures),
            spaces=tuple(space for _, space in departures),
            links=tuple(links),
            throughputs=tuple(self._throughputs(index)),
            distance_km=_distances(places),
        )
        return network, index

    def _goods(self) -> Mapping[str, GoodsClass]:
        return goods_classes(self.now.date())

    def _accepts(self, service: Service, listed: Sequence[str], ends: Iterable[int]) -> frozenset[str]:
        """Return the goods classes that the law and the carrier let on board and the warehouses at the ends take."""
        taken = [self._intake[place] for place in ends if place in self._intake]
        aircraft = service.aircraft if service.aircraft in ("passenger", "freighter") else None
        return frozenset(
            code
            for code, goods in self._goods().items()
            if refusal(goods, service.mode, aircraft, listed) is None  # type: ignore[arg-type]
            and all(code in one for one in taken)
        )

    def _leave_out(self, code: str, subject: str, text: str) -> None:
        finding = Finding(code, subject, text)
        if finding not in self.findings:
            self.findings.append(finding)

    # what a reader for another purpose does otherwise

    def _rate(self, service_id: int, start: int, end: int, on: date) -> int | None:
        """Return the rate row between two locations on a day; None: it cannot be travelled."""
        return self.prices.row(service_id, start, end, on)

    def _known(self, service_id: int) -> bool:
        return self.prices.knows(service_id)

    def _room(self, row: DepartureRow, pairs: Mapping[Pair, int]) -> Space | None:
        return read_space(row, pairs, self.prices.exchange, self.now, self._leave_out)

    def _behind(self) -> Sequence[ExecutableOption]:
        """Return what is read of each departure beside its calls."""
        return (
            selectinload(DepartureRow.segments).selectinload(Segment.pools),
            selectinload(DepartureRow.units).joinedload(DepartureUnit.unit_type),
        )

    def _call(self, row: CallRow, location: int, dangerous: frozenset[str]) -> Call:
        return call_of(row, location, dangerous, self.now)

    # links

    def _links(self, index: Mapping[int, int]) -> list[Link]:
        query = (
            select(Service)
            .where(Service.schedule == "on_demand", Service.valid_from <= self.now.date())
            .where(Service.valid_to.is_(None) | (Service.valid_to > self.now.date()))
            .options(selectinload(Service.calls).joinedload(ServiceCall.location))
            .order_by(Service.id)
        )
        found = [self._link(service, index) for service in self.session.scalars(query)]
        return [link for link in found if link is not None]

    def _link(self, service: Service, index: Mapping[int, int]) -> Link | None:
        if len(service.calls) < 2:
            self._leave_out("no_calls", service.code, "the service names no two places")
            return None
        start, end = service.calls[0].location, service.calls[-1].location
        row = self._rate(service.id, start.id, end.id, self.now.date())
        if row is None:
            self._leave_out(
                "no_buy_tariff", service.code, "what it costs is not known: no buy tariff is in force"
            )
            return None
        factor = emission_factor(service.mode, self.now.date())
        return Link(
            ref=service.id,
            mode=service.mode,
            origin=index[start.id],
            destination=index[end.id],
            transit_min=service.transit_min or 0,
            accepts=self._accepts(service, service.accepts, [end.id]),
            rate_row=row,
            co2e_g_per_kg=_grams_per_kg(distance_m(service.mode, start, end), factor.mg_per_tkm),
        )

    # departures

    def _departure_rows(self) -> Iterable[DepartureRow]:
        query = (
            select(DepartureRow)
            .where(DepartureRow.status.in_(OPEN_STATES))
            .where(DepartureRow.arrives_at > self.now, DepartureRow.departs_at <= self.until)
            .options(
                joinedload(DepartureRow.service),
                selectinload(DepartureRow.calls).selectinload(CallRow.cutoffs),
                *self._behind(),
            )
            .order_by(DepartureRow.departs_at, DepartureRow.id)
        )
        return self.session.scalars(query)

    def _departure(self, row: DepartureRow, index: Mapping[int, int]) -> tuple[Departure, Space] | None:
        service = row.service
        if not self._known(service.id):
            self._leave_out(
                "no_buy_tariff", service.code, "what it costs is not known: no buy tariff is in force"
            )
            return None
        pairs = self._priced_pairs(row)
        space = self._room(row, pairs)
        if space is None:
            return None
        dangerous = frozenset(code for code, goods in self._goods().items() if goods.un_number)
        factor = emission_factor(service.mode, self.now.date())
        segments = sorted(row.segments, key=lambda segment: segment.seq)
        return (
            Departure(
                ref=row.id,
                service=service.id,
                mode=service.mode,
                calls=tuple(self._call(call, index[call.location_id], dangerous) for call in row.calls),
                accepts=self._accepts(service, row.accepts, [call.location_id for call in row.calls[1:]]),
                segment_co2e=tuple(_grams_per_kg(one.distance_m, factor.mg_per_tkm) for one in segments),
            ),
            space,
        )

    def _priced_pairs(self, row: DepartureRow) -> dict[Pair, int]:
        """Return the rate row between every two calls that a tariff covers on the day of boarding."""
        found: dict[Pair, int] = {}
        for board, start in enumerate(row.calls[:-1]):
            day = (start.departs_at or row.departs_at).date()
            for alight in range(board + 1, len(row.calls)):
                end = row.calls[alight].location_id
                rate = self._rate(row.service_id, start.location_id, end, day)
                if rate is not None and end != start.location_id:
                    found[board, alight] = rate
        return found

    # warehouses

    def _throughputs(self, index: Mapping[int, int]) -> Iterable[Throughput]:
        """Yield a window from cut-off to cut-off, local time, for every day a warehouse limits."""
        query = select(Warehouse).where(Warehouse.daily_parcels > 0).options(joinedload(Warehouse.location))
        for warehouse in self.session.scalars(query.order_by(Warehouse.id)):
            zone = ZoneInfo(warehouse.location.time_zone)
            hour, minute = map(int, warehouse.cutoff_local.split(":"))
            last = (self.until + timedelta(days=INTAKE_DAYS)).astimezone(zone).date()
            day = self.now.astimezone(zone).date()
            before = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone) - timedelta(days=1)
            while before.date() < last:
                after = before + timedelta(days=1)  # wall clock: a day of 23 or 25 hours twice a year
                free = float(warehouse.daily_parcels)
                yield Throughput(index[warehouse.location_id], minutes(before), minutes(after), free)
                before = after


def call_of(row: CallRow, location: int, dangerous: frozenset[str], now: datetime) -> Call:
    """Return a call; it is closed to all goods from its cut-offs on, papers that are overdue among them."""
    departs = row.departs_at or row.arrives_at or EPOCH
    arrives = row.arrives_at or departs
    closing = {
        one.code: one.at
        for one in row.cutoffs
        if one.code not in EARLIEST_TIMES and (one.code not in PAPER_CUTOFFS or one.at < now)
    }
    of_all = min([departs, *(at for code, at in closing.items() if code not in DANGEROUS_CUTOFFS)])
    early = min([of_all, *(at for code, at in closing.items() if code in DANGEROUS_CUTOFFS)])
    goods = dangerous if early < of_all else frozenset()
    return Call(location, minutes(arrives), minutes(departs), minutes(of_all), goods, minutes(early))


def _grams_per_kg(metres: int, mg_per_tkm: int) -> float:
    return metres / 1000 * mg_per_tkm * 1e-6


def _distances(places: Sequence[LocationRow]) -> npt.NDArray[np.float64]:
    """Great circles between all places, in km (haversine)."""
    latitude, longitude = np.radians([(place.latitude, place.longitude) for place in places]).reshape(-1, 2).T
    across = np.sin((latitude[:, None] - latitude) / 2) ** 2
    along = np.sin((longitude[:, None] - longitude) / 2) ** 2
    half = across + np.cos(latitude)[:, None] * np.cos(latitude) * along
    return np.asarray(2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.minimum(half, 1.0))))
