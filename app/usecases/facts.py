"""From the database to what `routing.assembling` takes: network, order pool and rates, with what was left out.

Loaded with a fixed number of queries and no lock; nothing here decides anything. What waiting, lateness, leaving
goods behind and each treatment of a return cost is a planning price, dated below, not a fact of a carrier.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.models import Location, Parcel, Party, Warehouse
from app.usecases.network_facts import NetworkReader, minutes
from app.usecases.optimizing import Scope
from app.usecases.pricing_facts import Finding, PriceBook, RateMissing, load_prices
from routing.itineraries import FOREVER
from routing.network import Network
from routing.pool import EXPORT_MENU, ITS_OWN, NOT_BLOCKED, STAYS, Alternative, Pool, Rates

HOME = "CN"
WAITING = ("pending",)
"""Parcels in these states wait to be planned."""
DAY_SHARE = 0.001
"""What a day under way costs, as a share of the value: capital and price decay. Example, 2026-11."""
DAY_PER_KG = 5.0
"""And in fen per kg. Example, 2026-11."""
LATE_SHARE, LATE_FLAT = 0.02, 500.0
"""What a day late costs: a share of the value, and fen once. Example, 2026-11."""
COURIER_FLAT, COURIER_PER_KG, COURIER_DIVISOR = 12_000.0, 7_500.0, 5_000.0
"""What leaving goods to an express courier instead costs, in fen once and per chargeable kg. Example, 2026-11."""
DESTROY_PER_KG = 300.0
"""Fen per kg destroyed. Example, 2026-11."""
MENDING_DAYS = {"restock": 1, "relabel": 2, "refurbish": 7, "destroy": 2}
LOSS_SHARE = {
    "restock": {"A": 0.10, "B": 0.25},
    "relabel": {"A": 0.08, "B": 0.18},
    "refurbish": {"B": 0.15, "C": 0.30},
    "destroy": {"A": 1.0, "B": 1.0, "C": 1.0, "D": 1.0},
    "return_to_china": {"A": 0.05, "B": 0.12, "C": 0.25, "D": 0.60},
    "transfer": {"A": 0.05, "B": 0.15, "C": 0.40, "D": 0.80},
    "reexport_with_exports": {"A": 0.0, "B": 0.05, "C": 0.20, "D": 0.60},
}
"""The share of the value that is lost, by what is done and the grade; no entry: it is not done. Example, 2026-11."""
LABOUR = {"restock": 200.0, "relabel": 600.0, "refurbish": 4_000.0}
"""Fen per item. Example, 2026-11."""
NEEDS = {"restock": "returns", "relabel": "relabel", "refurbish": "refurbish", "destroy": "returns"}
"""The service a warehouse must offer for a treatment on the spot."""
BLOCK_CODES = (NOT_BLOCKED, "CREDIT_HOLD")
UNGRADED = "B"


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What a run is made of. `findings` are what the facts leave out, and why."""

    network: Network
    pool: Pool
    rates: Rates
    findings: tuple[Finding, ...]


class _Waiting(NamedTuple):
    """One parcel of the pool, as read."""

    id: int
    exporter_id: int
    direction: str
    origin_id: int
    destination_id: int
    weight_g: int
    volume_cm3: int
    goods_class: str
    value_minor: int
    currency: str
    ready_at: datetime
    deliver_by: datetime | None
    hard_deadline: bool
    grade: str | None
    credit_hold: bool


def load_facts(session: Session, scope: Scope, now: datetime) -> Facts:
    """Read the network from `now` over the scope's horizon, and the goods of the scope that wait."""
    findings: list[Finding] = []
    prices = load_prices(session, now.date(), findings)
    until = now + timedelta(days=scope.horizon_days)
    network, index = NetworkReader(session, now, until, prices, findings).read()
    parcels = [_Waiting(*row) for row in session.execute(_waiting(scope))]
    parcels = _known(parcels, network, prices, findings)
    menus = _Menus(session, prices)
    pool = _pool(parcels, network, prices, menus, index, now)
    return Facts(network, pool, prices.rates(), tuple(findings))


def _waiting(scope: Scope) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = (
        select(
            Parcel.id, Parcel.exporter_id, Parcel.direction, Parcel.origin_id, Parcel.destination_id,
            Parcel.weight_g, Parcel.volume_cm3, Parcel.goods_class, Parcel.value_minor, Parcel.currency,
            Parcel.ready_at, Parcel.deliver_by, Parcel.hard_deadline, Parcel.grade, Party.credit_hold,
        )
        .join(Party, Party.id == Parcel.exporter_id)
        .where(Parcel.status.in_(WAITING), Parcel.direction.in_(scope.directions))
        .order_by(Parcel.id)
    )  # fmt: skip
    if scope.exporter is not None:
        query = query.where((Party.public_id == scope.exporter) | (Party.reference == scope.exporter))
    return query


def _known(
    parcels: Sequence[_Waiting], network: Network, prices: PriceBook, findings: list[Finding]
) -> list[_Waiting]:
    """Leave out parcels of a goods class or currency that is not known, with one finding for each."""
    lost: dict[Finding, int] = {}
    kept = []
    for parcel in parcels:
        finding = None
        if parcel.goods_class not in network.goods:
            finding = Finding("goods_class_unknown", parcel.goods_class, "the goods class is not in force")
        else:
            try:
                prices.exchange.factor(parcel.currency)
            except RateMissing as error:
                finding = Finding("no_exchange_rate", parcel.currency, str(error))
        if finding is None:
            kept.append(parcel)
        else:
            lost[finding] = lost.get(finding, 0) + 1
    findings += [
        Finding(one.code, one.subject, f"{count} parcels left out: {one.text}") for one, count in lost.items()
    ]
    return kept


def _pool(
    parcels: Sequence[_Waiting],
    network: Network,
    prices: PriceBook,
    menus: "_Menus",
    index: Mapping[int, int],
    now: datetime,
) -> Pool:
    weight_g, volume_cm3 = _ints(one.weight_g for one in parcels), _ints(one.volume_cm3 for one in parcels)
    factor = {code: prices.exchange.factor(code) for code in {one.currency for one in parcels}}
    value = np.array([one.value_minor * factor[one.currency] for one in parcels], dtype=np.float64)
    kg = weight_g / 1000
    goods = {name: position for position, name in enumerate(network.goods)}
    due = [FOREVER if one.deliver_by is None else minutes(one.deliver_by) for one in parcels]
    chargeable = np.maximum(kg, volume_cm3 / COURIER_DIVISOR)
    menu = _ints(menus.of(one) for one in parcels)
    base = (
        np.ones(len(parcels)),
        kg,
        value,
        DAY_SHARE * value + DAY_PER_KG * kg,
        LATE_SHARE * value + LATE_FLAT,
    )
    return Pool(
        ref=_ints(one.id for one in parcels),
        origin=_ints(index[one.origin_id] for one in parcels),
        destination=_ints(index[one.destination_id] for one in parcels),
        goods=_ints(goods[one.goods_class] for one in parcels),
        menu=menu,
        exporter=_ints(one.exporter_id for one in parcels),
        ready_min=_ints(-(-max(one.ready_at, now).timestamp() // 60) for one in parcels),
        due_min=_ints(due),
        hard=np.array([one.hard_deadline for one in parcels], dtype=np.bool_),
        weight_g=weight_g,
        volume_cm3=volume_cm3,
        features=np.column_stack([*base, prices.charges(weight_g, volume_cm3)]),
        drop_cost=COURIER_FLAT + COURIER_PER_KG * chargeable,
        blocked=_ints(BLOCK_CODES.index("CREDIT_HOLD") if one.credit_hold else 0 for one in parcels),
        menus=tuple(menus.menus),
        block_codes=BLOCK_CODES,
    )


def _ints(values: Iterable[float]) -> np.ndarray:
    return np.fromiter(values, dtype=np.int64)


class _Menus:
    """What can be done with goods: exports travel; returns also stay, are mended, or are destroyed where they are."""

    def __init__(self, session: Session, prices: PriceBook) -> None:
        self.menus: list[tuple[Alternative, ...]] = [EXPORT_MENU]
        self._prices = prices
        self._rows: dict[tuple[str, str], int] = {}
        query = select(Location.id, Location.country, Warehouse.services).outerjoin(Warehouse)
        rows = session.execute(query).all()
        self._places = {row[0]: (row[1], frozenset(row[2] or ())) for row in rows}

    def of(self, parcel: _Waiting) -> int:
        """Return the menu of a parcel."""
        if parcel.direction != "return":
            return 0
        menu = tuple(self._alternatives(parcel))
        if menu not in self.menus:
            self.menus.append(menu)
        return self.menus.index(menu)

    def _alternatives(self, parcel: _Waiting) -> Iterable[Alternative]:
        grade = parcel.grade or UNGRADED
        from_country, services = self._places[parcel.origin_id]
        to_country, _ = self._places[parcel.destination_id]
        moved = "transfer"
        if from_country == HOME:
            moved = "reexport_with_exports"
        elif to_country == HOME:
            moved = "return_to_china"
        yield Alternative(moved, ITS_OWN, self._row(moved, grade))
        for treatment, needed in NEEDS.items():
            if needed in services and grade in LOSS_SHARE[treatment]:
                duration = MENDING_DAYS[treatment] * 1440
                yield Alternative(treatment, STAYS, self._row(treatment, grade), duration)

    def _row(self, treatment: str, grade: str) -> int:
        """Return the rate row of a treatment: labour, disposal, and the value that is lost."""
        if (treatment, grade) not in self._rows:
            per_kg = DESTROY_PER_KG if treatment == "destroy" else 0.0
            costs = {
                "one": LABOUR.get(treatment, 0.0),
                "kg": per_kg,
                "value": LOSS_SHARE[treatment][grade],
            }
            self._rows[treatment, grade] = self._prices.add(f"{treatment} {grade}", **costs)
        return self._rows[treatment, grade]
