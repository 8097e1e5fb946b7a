"""Promises: which warehouse serves an order cheapest in time, by warehouse fees and last-mile sell tariffs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.actor import Actor
from app.errors import FieldError, Invalid, NotFound
from app.models import (
    Party,
    Service,
    ServiceCall,
    Sku,
    StockBalance,
    StockLot,
    StockPlace,
    Warehouse,
)
from app.usecases.pricing_facts import RateMissing
from app.usecases.quoting_fx import FxBook, load_fx
from app.usecases.tariff_facts import TariffBook, load_tariffs
from app.usecases.warehousing.access import may_see
from app.usecases.warehousing.allocating import not_counted
from app.usecases.warehousing.fees import PriceBook, rows_on
from app.usecases.warehousing.lots import find_sku
from app.usecases.warehousing.ordering import WantedLine
from trade.charging import charge
from trade.errors import TradeError
from trade.money import minor_unit_exponents
from trade.warehouse_fees import Price, Weighed, Work, statement_lines, work_charges
from warehouses.promise import House, Offer, Pieces, Promise, leaves_at, promise, zones_of

HANDLING = ("pick", "hand_over")
"""What a warehouse does for every order, as its price list names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be sent where, and until when it is to be there; `split`: several warehouses may share it."""

    lines: Sequence[WantedLine]
    country: str
    postal_code: str
    deliver_by: datetime | None
    currency: str
    split: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The promise, with the warehouses and articles it speaks of."""

    promise: Promise
    houses: Mapping[str, Warehouse]
    owner: Party
    currency: str


Priced = Mapping[str, Price]


@dataclass(frozen=True, slots=True)
class _Pricer:
    """Prices and times of one owner's goods from each warehouse to one destination."""

    now: datetime
    currency: str
    owner_id: int
    skus: Mapping[str, Sku]
    houses: Mapping[str, Warehouse]
    services: Mapping[int, Sequence[tuple[Service, int]]]
    """By location of the warehouse: services to a place the destination lies in, and that place."""
    tariffs: TariffBook
    fees: Mapping[str, Priced]
    fx: FxBook

    def __call__(self, code: str, pieces: Pieces) -> Offer:
        """What a warehouse asks for sending these pieces, and when they are there."""
        house = self.houses[code]
        parcel = Weighed(
            1,
            sum(self.skus[sku].weight_g * count for sku, count in pieces.items()),
            sum(self.skus[sku].volume_cm3 * count for sku, count in pieces.items()),
        )
        ways = self.services.get(house.location_id, ())
        classes = {self.skus[sku].goods_class for sku in pieces}
        taking = [way for way in ways if classes <= set(way[0].accepts)]
        if not ways or not taking or not classes <= set(house.accepts or classes):
            return Offer(refused="goods_refused" if ways else "no_service")
        try:
            handling = self._handled(code, sum(pieces.values()), parcel)
            priced = [self._offer(house, service, to, parcel, handling) for service, to in taking]
        except (RateMissing, TradeError):
            return Offer(refused="no_price")
        good = [one for one in priced if not one.refused]
        return min(good, key=lambda one: (one.cost_minor, one.service)) if good else Offer(refused="no_price")

    def _offer(self, house: Warehouse, service: Service, to: int, parcel: Weighed, handling: int) -> Offer:
        leaves = leaves_at(self.now, house.cutoff_local, house.location.time_zone)
        tariff = self.tariffs.find(service.id, house.location_id, to, leaves.date(), self.owner_id)
        if tariff is None:
            return Offer(refused="no_price")
        lines = charge(tariff, parcel.weight_g, parcel.volume_cm3)
        delivery = self._exchanged(sum(line.amount_minor for line in lines), tariff.currency)
        arrives = leaves + timedelta(minutes=service.transit_min or 0)
        return Offer(service.code, leaves, arrives, handling + delivery, handling, delivery)

    def _handled(self, code: str, pieces: int, parcel: Weighed) -> int:
        """Picking and handing over one order, by the warehouse's price list; 0 where it has none."""
        charges = [
            one
            for event in HANDLING
            for one in work_charges(
                dict(self.fees[code]), Work(event, pieces=pieces, orders=1, weighed=(parcel,))
            )
        ]
        return sum(
            self._exchanged(line.amount_minor, line.priced_currency) for line in statement_lines(charges)
        )

    def _exchanged(self, minor: int, currency: str) -> int:
        fx = self.fx.find(currency, self.currency)
        return minor if fx is None else fx.convert(minor)


def ask_promise(session: Session, actor: Actor, now: datetime, owner: Party, asked: Question) -> Answer:
    """Say which warehouse serves an order of an owner's free stock; nothing is kept for it.

    Raises Invalid `sku_unknown`, `currency_unknown`.
    """
    skus, wanted = _skus(session, owner, asked)
    if asked.currency not in minor_unit_exponents():
        raise _invalid("currency", "currency_unknown", f"there is no currency {asked.currency}")
    houses = {one.location.code: one for one in _houses(session, actor)}
    day = now.date()
    services = _services(session, asked, day)
    served = {service.id for ways in services.values() for service, _ in ways}
    pricer = _Pricer(
        now, asked.currency, owner.id, skus, houses, services, load_tariffs(session, "sell", day, served),
        {code: _fees(session, one, owner.id, now) for code, one in houses.items()}, load_fx(session, day),
    )  # fmt: skip
    free = _free(session, houses, skus, day)
    answer = promise(
        [House(code, free.get(one.id, {})) for code, one in houses.items()], wanted, pricer, asked.deliver_by,
        split=asked.split,
    )  # fmt: skip
    return Answer(answer, houses, owner, asked.currency)


def _skus(session: Session, owner: Party, asked: Question) -> tuple[dict[str, Sku], dict[str, int]]:
    skus: dict[str, Sku] = {}
    wanted: dict[str, int] = defaultdict(int)
    for at, line in enumerate(asked.lines):
        try:
            sku = find_sku(session, owner.id, line.sku)
        except NotFound:
            message = f"there is no SKU {line.sku!r} of this exporter"
            raise _invalid(f"lines.{at}.sku", "sku_unknown", message) from None
        skus[sku.code] = sku
        wanted[sku.code] += line.quantity
    return skus, dict(wanted)


def _invalid(at: str, code: str, message: str) -> Invalid:
    return Invalid(message, (FieldError(at, code, message, "", f"$.{at}"),))


def _houses(session: Session, actor: Actor) -> list[Warehouse]:
    """Warehouses the actor may see in which anything is kept in bins."""
    keeping = select(StockPlace.warehouse_id).where(StockPlace.kind == "bin")
    query = (
        select(Warehouse)
        .where(may_see(actor), Warehouse.id.in_(keeping))
        .options(joinedload(Warehouse.location))
        .order_by(Warehouse.id)
    )
    return list(session.scalars(query))


def _services(session: Session, asked: Question, day: date) -> dict[int, list[tuple[Service, int]]]:
    """Last-mile services in force to the zones the destination lies in, by the location they start from."""
    zones = zones_of(asked.country, asked.postal_code, day)
    query = (
        select(Service)
        .where(
            Service.mode == "last_mile",
            Service.valid_from <= day,
            or_(Service.valid_to.is_(None), Service.valid_to > day),
        )
        .options(selectinload(Service.calls).joinedload(ServiceCall.location))
        .order_by(Service.id)
    )
    found: dict[int, list[tuple[Service, int]]] = defaultdict(list)
    for service in session.scalars(query):
        if len(service.calls) < 2:
            continue
        start, end = service.calls[0].location, service.calls[-1].location
        if end.country == asked.country and (not zones or end.code in zones or end.kind != "zone"):
            found[start.id].append((service, end.id))
    return found


def _fees(session: Session, house: Warehouse, owner_id: int, now: datetime) -> Priced:
    day = now.astimezone(ZoneInfo(house.location.time_zone)).date()
    try:
        return PriceBook(rows_on(session, house.id, day), day).of(owner_id)
    except TradeError:
        return {}


def _free(
    session: Session, houses: Mapping[str, Warehouse], skus: Mapping[str, Sku], day: date
) -> dict[int, dict[str, int]]:
    """Free pieces as new that have not expired and are in free circulation, by warehouse and SKU."""
    codes = {sku.id: code for code, sku in skus.items()}
    query = (
        select(
            StockPlace.warehouse_id, StockLot.sku_id, func.sum(StockBalance.on_hand - StockBalance.reserved)
        )
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .join(StockPlace, StockPlace.id == StockBalance.place_id)
        .where(
            StockLot.sku_id.in_(codes),
            StockPlace.kind == "bin",
            StockPlace.warehouse_id.in_([one.id for one in houses.values()]),
            StockLot.expires_on >= day,
            StockLot.condition == "A",
            StockLot.customs_status == "free",
            not_counted(),
        )
        .group_by(StockPlace.warehouse_id, StockLot.sku_id)
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for house, sku, pieces in session.execute(query):
        found[house][codes[sku]] = int(pieces)
    return found
