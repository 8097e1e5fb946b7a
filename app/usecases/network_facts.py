"""Rows of the network as the optimizer's facts: places, links, departures, and the space that is still free."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from geopy.distance import EARTH_RADIUS
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.models import Call as CallRow
from app.models import CapacityPool, DepartureUnit, Segment, Service, ServiceCall, Warehouse
from app.models import Departure as DepartureRow
from app.models import Location as LocationRow
from app.usecases.distances import distance_m
from app.usecases.pricing_facts import Finding, PriceBook, RateMissing
from routing.network import (
    Allotment,
    Box,
    Call,
    Departure,
    Link,
    Location,
    Network,
    Opening,
    Pair,
    Space,
    Throughput,
)
from trade.emissions import emission_factor
from trade.goods import GoodsClass, goods_classes, refusal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PAPER_CUTOFFS = frozenset({"DCO", "AFC", "ECP", "EFC"})
"""Cut-offs of papers and empty boxes: goods handed over after them still travel."""
DANGEROUS_CUTOFFS = frozenset({"DGC", "OBC"})
HUNDREDTHS = frozenset({"teu", "slot20", "slot40", "slot45", "uld_position"})
"""Dimensions counted in hundredths in the database."""
OPEN_STATES = ("planned", "open")
INTAKE_DAYS = 80
"""Windows of a warehouse go on for so many days after the last departure of the horizon."""


def minutes(instant: datetime) -> int:
    """Return whole minutes since 1970 in UTC."""
    return (instant - EPOCH) // MINUTE


@dataclass(slots=True)
class NetworkReader:
    """Reads one network. Everything is loaded with a fixed number of queries; `findings` tells what is left out."""

    session: Session
    now: datetime
    until: datetime
    prices: PriceBook
    findings: list[Finding]

    def read(self) -> tuple[Network, dict[int, int]]:
        """Return the network, and the position of each location by its row id."""
        places = list(self.session.scalars(select(LocationRow).order_by(LocationRow.id)))
        index = {place.id: position for position, place in enumerate(places)}
        links = self._links(index)
        departures = [one for row in self._departure_rows() if (one := self._departure(row, index))]
        network = Network(
            goods=tuple(sorted(self._goods())),
            locations=tuple(Location(place.code, place.min_transfer_min) for place in places),
            departures=tuple(departure for departure, _ in departures),
            spaces=tuple(space for _, space in departures),
            links=tuple(links),
            throughputs=tuple(self._throughputs(index)),
            distance_km=_distances(places),
        )
        return network, index

    def _goods(self) -> dict[str, GoodsClass]:
        return goods_classes(self.now.date())

    def _accepts(self, service: Service, listed: Sequence[str]) -> frozenset[str]:
        """Return the goods classes that the law and the carrier let on board."""
        aircraft = service.aircraft if service.aircraft in ("passenger", "freighter") else None
        return frozenset(
            code
            for code, goods in self._goods().items()
            if refusal(goods, service.mode, aircraft, listed) is None  # type: ignore[arg-type]
        )

    def _leave_out(self, code: str, subject: str, text: str) -> None:
        finding = Finding(code, subject, text)
        if finding not in self.findings:
            self.findings.append(finding)

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
        row = self.prices.row(service.id, start.id, end.id, self.now.date())
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
            accepts=self._accepts(service, service.accepts),
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
                selectinload(DepartureRow.segments).selectinload(Segment.pools),
                selectinload(DepartureRow.units).joinedload(DepartureUnit.unit_type),
            )
            .order_by(DepartureRow.departs_at, DepartureRow.id)
        )
        return self.session.scalars(query)

    def _departure(self, row: DepartureRow, index: Mapping[int, int]) -> tuple[Departure, Space] | None:
        service = row.service
        if not self.prices.knows(service.id):
            self._leave_out(
                "no_buy_tariff", service.code, "what it costs is not known: no buy tariff is in force"
            )
            return None
        pairs = self._priced_pairs(row)
        space = self._space(row, pairs)
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
                calls=tuple(_call(call, index[call.location_id], dangerous) for call in row.calls),
                accepts=self._accepts(service, row.accepts),
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
                rate = self.prices.row(row.service_id, start.location_id, end, day)
                if rate is not None and end != start.location_id:
                    found[board, alight] = rate
        return found

    def _space(self, row: DepartureRow, pairs: Mapping[Pair, int]) -> Space | None:
        pools = _Pools(row, self.now)
        if not pools.any and not row.units:
            self._leave_out(
                "no_capacity", f"{row.service.code} {row.number}", "it has neither pools nor units"
            )
            return None
        boxes, openings = self._units(row, pairs, pools)
        blocks = {
            _block(kind, exporter): free
            for exporter in pools.exporters
            for kind in sorted(HUNDREDTHS)
            if (free := pools.free(kind, exporter))
        }
        return Space(
            loose={} if boxes else dict(pairs),
            boxed=dict(pairs) if boxes else {},
            free_g=pools.free("g"),
            free_cm3=pools.free("cm3"),
            slots={kind: free for kind in sorted(HUNDREDTHS) if (free := pools.free(kind))} | blocks,
            boxes=tuple(boxes),
            boxes_weigh=bool(boxes),
            openings=tuple(openings),
            allotments=() if boxes else tuple(_allotments(pairs, pools)),
        )

    def _units(
        self, row: DepartureRow, pairs: Mapping[Pair, int], pools: "_Pools"
    ) -> tuple[list[Box], list[Opening]]:
        """Return the boxes and the whole or part charters that can be opened, with what one costs in fen."""
        boxes: list[Box] = []
        openings: list[Opening] = []
        for unit in sorted(row.units, key=lambda one: one.id):
            kind, left = unit.unit_type, unit.max_count - unit.opened
            subject = f"{row.service.code} {kind.code}"
            try:
                cost = unit.cost_minor * self.prices.exchange.factor(unit.currency)
            except RateMissing as error:
                self._leave_out("no_exchange_rate", subject, f"the unit is left out: {error}")
                continue
            if kind.takes_dimension is None:
                openings.append(Opening(kind.code, kind.payload_g, kind.volume_cm3, cost, left))
                continue
            found = list(_boxes(unit, pairs, cost, pools))
            if not found:
                missing = f"the unit is left out: no {kind.takes_dimension} pool to take room in"
                self._leave_out("no_capacity", subject, missing)
            boxes += found
        return boxes, openings

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


class _Pools:
    """What is free on each segment of a departure, for everybody and for each exporter's allotment."""

    def __init__(self, row: DepartureRow, now: datetime) -> None:
        self._segments = sorted(row.segments, key=lambda segment: segment.seq)
        self._free: dict[tuple[str, int | None], dict[int, float]] = defaultdict(dict)
        cut_out: dict[tuple[str, int], float] = defaultdict(float)
        for position, segment in enumerate(self._segments):
            for pool in segment.pools:
                if pool.exporter_id is None or not _released(pool, now):
                    left = _count(pool.dimension, pool.capacity - pool.held - pool.booked)
                    self._free[pool.dimension, pool.exporter_id][position] = left
                if pool.parent_id is not None:
                    gone = pool.held + pool.booked if _released(pool, now) else pool.capacity
                    cut_out[pool.dimension, position] += _count(pool.dimension, gone)
        for (dimension, position), taken in cut_out.items():
            open_pool = self._free[dimension, None]
            open_pool[position] = max(0.0, open_pool.get(position, 0.0) - taken)

    @property
    def any(self) -> bool:
        """Whether the departure has a pool at all."""
        return bool(self._free)

    @property
    def exporters(self) -> list[int]:
        """The exporters with an allotment that is not released yet."""
        return sorted({exporter for _, exporter in self._free if exporter is not None})

    def free(self, dimension: str, exporter: int | None = None) -> tuple[float, ...]:
        """Return what can still be taken on each segment, by everybody or by the exporter of an allotment.

        Empty where there is no such pool. Where only some segments have one, the others are not limited for
        everybody, and closed for an allotment.
        """
        free = self._free.get((dimension, exporter))
        other = inf if exporter is None else 0.0
        return tuple(free.get(position, other) for position in range(len(self._segments))) if free else ()


def _boxes(unit: DepartureUnit, pairs: Mapping[Pair, int], cost: float, pools: _Pools) -> Iterable[Box]:
    """Yield the unit as everybody's box, and as one in each exporter's block, where opening it was paid before."""
    kind = unit.unit_type
    slot, taken = str(kind.takes_dimension), kind.takes_quantity / 100
    size = {"size_g": kind.payload_g, "size_cm3": kind.volume_cm3}
    if pools.free(slot):
        left = unit.max_count - unit.opened
        yield Box(
            kind.code, max_units=left, cost=dict.fromkeys(pairs, cost), slot_kind=slot, slots=taken, **size
        )
    for exporter in pools.exporters:
        if free := pools.free(slot, exporter):
            yield Box(
                kind.code,
                max_units=int(max(free) // max(taken, 0.01)),
                cost=dict.fromkeys(pairs, 0.0),
                slot_kind=_block(slot, exporter),
                slots=taken,
                exporter=exporter,
                **size,
            )


def _block(dimension: str, exporter: int) -> str:
    return f"{dimension} of {exporter}"


def _allotments(pairs: Mapping[Pair, int], pools: _Pools) -> Iterable[Allotment]:
    """Yield each exporter's own room for loose goods, which costs nothing more."""
    for exporter in pools.exporters:
        free_g, free_cm3 = pools.free("g", exporter), pools.free("cm3", exporter)
        if free_g or free_cm3:
            rates = dict.fromkeys(pairs, PriceBook.FREE)
            yield Allotment(f"allotment of {exporter}", rates, exporter, free_g, free_cm3)


def _released(pool: CapacityPool, now: datetime) -> bool:
    return pool.exporter_id is not None and pool.release_at is not None and pool.release_at <= now


def _count(dimension: str, quantity: int) -> float:
    return quantity / 100 if dimension in HUNDREDTHS else float(quantity)


def _call(row: CallRow, location: int, dangerous: frozenset[str]) -> Call:
    departs = row.departs_at or row.arrives_at or EPOCH
    arrives = row.arrives_at or departs
    cutoffs = {one.code: one.at for one in row.cutoffs if one.code not in PAPER_CUTOFFS}
    of_all = min([departs, *(at for code, at in cutoffs.items() if code not in DANGEROUS_CUTOFFS)])
    early = min([of_all, *(at for code, at in cutoffs.items() if code in DANGEROUS_CUTOFFS)])
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
