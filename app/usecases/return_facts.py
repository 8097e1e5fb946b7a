"""What can be done with each return that waits, and what that costs: the menus of the optimizer.

Rules come from `warehouses` (what a grade allows and recovers, until when China lets goods in free of duty), prices
from the warehouse's own list where it has one. What an exporter vetoed is not offered, and what was chosen is the
only thing that still is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from geopy.distance import great_circle
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from app.models import Location, Parcel, Return, ReturnItem, Warehouse
from app.usecases.pricing_facts import PriceBook, RateMissing
from app.usecases.returning.finding import traits_of
from app.usecases.returning.pool_parcels import HOME
from app.usecases.returning.weighing import ABROAD_ONLY, HANDLING_CURRENCY, NEEDS
from app.usecases.storage_facts import StoragePrices, work_price
from routing.pool import EXPORT_MENU, ITS_OWN, NEVER_AFTER, NEVER_BEFORE, NO_RATE, STAYS, Alternative
from warehouses.relief import reimport_permille
from warehouses.returns import (
    GRADES,
    MOVING,
    DispositionOption,
    ReturnedGoods,
    disposition_options,
    relief_deadline,
    work_fees,
)

UNGRADED = "B"
MENDING_DAYS = {"restock": 1, "relabel": 2, "refurbish": 7, "destroy": 2}
"""How long what is done on the spot takes. Example, 2026-11."""
BEGUN_DAY = 0.5
"""A begun day of storage is charged as a whole one: half a day more on average."""
MARKETS = 2
"""So many other warehouses a return may be transferred to, the nearest ones."""
EXACT_RETURNS = 5_000
"""Up to so many returns each has its own last day; beyond, they are rounded down to weeks, to have fewer classes."""
WEEK = 7
CHINA = ZoneInfo("Asia/Shanghai")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Kind:
    """What returns have in common that have the same menu; `done_by` is the last minute of relief, `None` none."""

    origin: int
    destination: int
    grade: str
    goods: str
    pieces: int
    done_by: int | None
    exporter: int
    chosen: str | None
    vetoed: tuple[str, ...]
    ours: bool
    """It has a return behind it, and may go anywhere; imported ones go where their file says, or stay."""


@dataclass(frozen=True, slots=True)
class _Place:
    code: str
    kind: str
    country: str
    latitude: float
    longitude: float
    warehouse: int | None
    services: frozenset[str]
    accepts: frozenset[str]


@dataclass(frozen=True, slots=True)
class ReturnFacts:
    """Of parcels [n]: the menu of each, and what a day in storage and duty cost it in fen."""

    menu: Ints
    menus: tuple[tuple[Alternative, ...], ...]
    storage: npt.NDArray[np.float64]
    duty_share: npt.NDArray[np.float64]


class ReturnReader:
    """Reads the returns of a scope and deals out their menus; rate rows are added to the prices."""

    def __init__(self, session: Session, prices: PriceBook, index: Mapping[int, int], now: datetime) -> None:
        self._session, self._prices, self._index, self._now = session, prices, index, now
        self._today = now.date()
        self._places = dict(_places(session))
        self._storage = StoragePrices(session, prices.exchange, self._today)
        self._rows: dict[tuple[str, str, str, float, bool], int] = {}
        self._menus: dict[tuple[Alternative, ...], int] = {EXPORT_MENU: 0}
        self._found: dict[Kind, int] = {}
        self._parcels = {row[0]: row for row in session.execute(_returns())}

    def read(self, ids: Ints, returned: npt.NDArray[np.bool_], volume_cm3: Ints) -> ReturnFacts:
        """Return the facts of parcels by their ids; those that are not `returned` are exports."""
        menu = np.zeros(len(ids), dtype=np.int64)
        storage, duty = np.zeros(len(ids)), np.zeros(len(ids))
        step = WEEK if np.count_nonzero(returned) > EXACT_RETURNS else 1
        for position in np.flatnonzero(returned).tolist():
            row = self._parcels[int(ids[position])]
            kind = self._kind(row, step)
            menu[position] = self._menu(kind)
            duty[position] = _duty(kind.goods, self._today)
            warehouse = self._places[kind.origin].warehouse
            age = max(0, (self._now - row[8]).days)
            storage[position] = self._storage.fen_per_day(
                warehouse, kind.exporter, age, int(volume_cm3[position])
            )
        return ReturnFacts(menu, tuple(self._menus), storage, duty)

    def _kind(self, row: Sequence[Any], step: int) -> Kind:
        (
            _,
            origin,
            destination,
            grade,
            goods,
            exporter,
            exported_on,
            mode,
            _,
            contents,
            chosen,
            vetoed,
            ours,
        ) = row
        deadline = _deadline(exported_on, mode, goods)
        if deadline is not None and step > 1:
            deadline -= timedelta(days=deadline.toordinal() % step)
        pieces = sum(part["quantity"] for part in contents) if contents else 1
        return Kind(
            origin, destination, str(grade or UNGRADED), str(goods), pieces,
            None if deadline is None else last_minute(deadline), exporter, chosen,
            tuple(vetoed or ()), bool(ours),
        )  # fmt: skip

    def _menu(self, kind: Kind) -> int:
        if kind not in self._found:
            menu = tuple(self._alternatives(kind))
            self._found[kind] = self._menus.setdefault(menu, len(self._menus))
        return self._found[kind]

    def _alternatives(self, kind: Kind) -> Iterator[Alternative]:
        allowed = {
            one.disposition: one for one in _options(kind.grade, kind.goods, self._today) if one.allowed
        }
        allowed = {code: one for code, one in allowed.items() if code not in kind.vetoed}
        if kind.chosen is not None:
            allowed = {code: one for code, one in allowed.items() if code == kind.chosen}
        some = [*self._moving(kind, allowed), *self._staying(kind, allowed)]
        if not some and self._places[kind.origin].warehouse is None:
            some = [Alternative(self._way(kind), ITS_OWN)]
        yield from some

    def _way(self, kind: Kind) -> str:
        """What going to its own destination is called."""
        if self._places[kind.origin].country == HOME:
            return "reexport_with_exports"
        return "return_to_china" if self._places[kind.destination].country == HOME else "transfer"

    def _moving(self, kind: Kind, allowed: Mapping[str, DispositionOption]) -> Iterator[Alternative]:
        way = self._way(kind)
        if way in allowed and kind.origin != kind.destination:
            yield from self._own_way(kind, way, allowed[way])
        if kind.ours and kind.chosen is None and way == "return_to_china" and "transfer" in allowed:
            row = self._row("transfer", kind, allowed["transfer"])
            for place in self._markets(kind):
                yield Alternative("transfer", self._index[place], row)

    def _own_way(self, kind: Kind, way: str, option: DispositionOption) -> Iterator[Alternative]:
        if way != "return_to_china":
            yield Alternative(way, ITS_OWN, self._row(way, kind, option))
            return
        by = kind.done_by
        if by is not None and by > int(self._now.timestamp() // 60):
            yield Alternative(way, ITS_OWN, self._row(way, kind, option), 0, NEVER_BEFORE, by)
        yield Alternative(
            way,
            ITS_OWN,
            self._row(way, kind, option, lapsed=True),
            0,
            NEVER_BEFORE if by is None else by,
            NEVER_AFTER,
        )

    def _staying(self, kind: Kind, allowed: Mapping[str, DispositionOption]) -> Iterator[Alternative]:
        place = self._places[kind.origin]
        at_home = place.country == HOME
        for code, option in allowed.items():
            if at_home and code in ABROAD_ONLY:
                continue
            if (
                code in MOVING
                or place.warehouse is None
                or (NEEDS[code] and NEEDS[code] not in place.services)
            ):
                continue
            yield Alternative(code, STAYS, self._row(code, kind, option), MENDING_DAYS[code] * 1440)

    def _markets(self, kind: Kind) -> list[int]:
        """The nearest other overseas warehouses that take returns of these goods, by row id of the location."""
        here = self._places[kind.origin]
        fit = [
            (great_circle((here.latitude, here.longitude), (one.latitude, one.longitude)).km, one.code, number)
            for number, one in self._places.items()
            if number != kind.origin and one.kind == "overseas" and "returns" in one.services
            and (not one.accepts or kind.goods in one.accepts)
        ]  # fmt: skip
        return [number for _, _, number in sorted(fit)[:MARKETS]]

    def _row(self, code: str, kind: Kind, option: DispositionOption, *, lapsed: bool = False) -> int:
        """The rate row of a disposition: the value that is lost, the work, duty once relief has lapsed, storage."""
        lost = 1 - option.recovered_value_minor / 1000
        work = self._work(code, kind) * kind.pieces
        key = (code, kind.grade, kind.goods, work, lapsed)
        if key not in self._rows:
            costs = {"value": lost, "one": work, "store": BEGUN_DAY, "duty": 1.0 if lapsed else 0.0}
            costs = {name: cost for name, cost in costs.items() if cost}
            self._rows[key] = self._prices.add(f"{code} {kind.grade}", **costs) if costs else NO_RATE
        return self._rows[key]

    def _work(self, code: str, kind: Kind) -> float:
        """Fen for the work with one piece, by the warehouse's price list, else by the published one."""
        place = self._places[kind.origin]
        own = work_price(self._storage, place.warehouse, kind.exporter, code)
        if own is not None:
            return own
        try:
            return work_fees(self._today)[code] * self._prices.exchange.factor(HANDLING_CURRENCY)
        except RateMissing:
            return 0.0


def _places(session: Session) -> Iterator[tuple[int, _Place]]:
    query = select(Location, Warehouse).outerjoin(Warehouse, Warehouse.location_id == Location.id)
    for place, warehouse in session.execute(query):
        services = frozenset(warehouse.services if warehouse else ())
        accepts = frozenset(warehouse.accepts if warehouse else ())
        number = warehouse.id if warehouse else None
        yield (
            place.id,
            _Place(
                place.code,
                place.kind,
                place.country,
                place.latitude,
                place.longitude,
                number,
                services,
                accepts,
            ),
        )


def _returns() -> Select[*tuple[Any, ...]]:
    """The parcels that come back and wait, with what was decided about the return behind them."""
    decided = aliased(ReturnItem)
    return (
        select(
            Parcel.id, Parcel.origin_id, Parcel.destination_id, Parcel.grade, Parcel.goods_class, Parcel.exporter_id,
            Parcel.exported_on, Parcel.customs_mode, Parcel.ready_at, Parcel.contents, decided.disposition,
            decided.vetoed, Return.id,
        )
        .outerjoin(Return, Return.id == Parcel.return_id)
        .outerjoin(decided, decided.parcel_id == Parcel.id)
        .where(Parcel.direction == "return", Parcel.status == "pending", Parcel.booking_line_id.is_(None))
    )  # fmt: skip


@cache
def _options(grade: str, goods: str, today: date) -> tuple[DispositionOption, ...]:
    """What the rules allow, with the thousandths of the value that come back."""
    grade = grade if grade in GRADES else UNGRADED
    fees = work_fees(today)
    return tuple(disposition_options(ReturnedGoods(grade, 1000, traits_of(goods)), fees, today))


@cache
def _duty(goods: str, today: date) -> float:
    return reimport_permille(traits_of(goods), today) / 1000


@cache
def _deadline(exported_on: date | None, mode: str | None, goods: str) -> date | None:
    return relief_deadline(ReturnedGoods(UNGRADED, 0, traits_of(goods), exported_on, mode))


def last_minute(deadline: date) -> int:
    """The last minute of a day in China, since the epoch."""
    after = datetime.combine(deadline + timedelta(days=1), time(), CHINA)
    return int((after - EPOCH) // timedelta(minutes=1)) - 1
