"""The goods that wait, as the optimizer's order pool: read column by column, a million rows as well as ten.

What waiting, lateness, leaving goods behind and each treatment of a return cost is a planning price, dated below,
not a fact of a carrier.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Integer, Select, String, case, cast, extract, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from app.models import Location, Parcel, Party, Warehouse
from app.usecases.optimizing import Scope
from app.usecases.pricing_facts import Finding, PriceBook, RateMissing
from routing.itineraries import FOREVER
from routing.network import Network
from routing.pool import EXPORT_MENU, ITS_OWN, NOT_BLOCKED, STAYS, Alternative, Pool

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
GRADES = ("A", "B", "C", "D")
NEVER = -1
"""Minutes of an instant that is not given."""
BATCH = 20_000

Ints = npt.NDArray[np.int64]


def _seconds(column: Any) -> ColumnElement[int]:  # noqa: ANN401 (a mapped column)
    """Return SQL for whole seconds since 1970 on SQLite, which rounds fractions up if it is left to read them."""
    return func.strftime("%s", func.substr(column, 1, 19)).cast(Integer)


def minutes_up(column: Any, dialect: str) -> ColumnElement[int]:  # noqa: ANN401 (a mapped column)
    """Return SQL for an instant in minutes since 1970, a begun minute counted as a whole one."""
    if dialect == "sqlite":
        micros = _seconds(column) * 1_000_000 + func.substr(column, 21, 6).cast(Integer)
        return (micros + 59_999_999) // 60_000_000
    return cast(func.ceil(extract("epoch", column) / 60), Integer)


def minutes_down(column: Any, dialect: str) -> ColumnElement[int]:  # noqa: ANN401 (a mapped column)
    """Return SQL for an instant in whole minutes since 1970, `NEVER` where there is none."""
    of_sqlite = _seconds(column) // 60
    whole = of_sqlite if dialect == "sqlite" else cast(func.floor(extract("epoch", column) / 60), Integer)
    return case((column.is_(None), NEVER), else_=whole)


NUMBERS = (
    "id", "exporter", "origin", "destination", "weight_g", "volume_cm3", "value_minor", "ready", "due", "hard", "back",
    "hold",
)  # fmt: skip
WORDS = ("goods", "currency", "grade")


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """Parcels [n] in order of their ids: numbers as int64, words as positions in the tuples of `words`."""

    numbers: dict[str, Ints]
    codes: dict[str, Ints]
    words: dict[str, tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.numbers["id"])

    def only(self, kept: npt.NDArray[np.bool_]) -> "Waiting":
        """Return the parcels marked."""
        numbers = {name: column[kept] for name, column in self.numbers.items()}
        return Waiting(numbers, {name: code[kept] for name, code in self.codes.items()}, self.words)


def read_waiting(session: Session, scope: Scope) -> Waiting:
    """Read the goods of the scope that wait."""
    numbers: dict[str, list[Ints]] = {name: [np.zeros(0, dtype=np.int64)] for name in NUMBERS}
    codes: dict[str, list[Ints]] = {name: [np.zeros(0, dtype=np.int64)] for name in WORDS}
    known: dict[str, dict[str, int]] = {name: {} for name in WORDS}
    session.flush()
    connection = session.connection()  # plain rows: nothing here is an entity
    found = connection.execute(_waiting(scope, connection.dialect.name).execution_options(yield_per=BATCH))
    for rows in found.partitions():
        columns = list(zip(*rows, strict=True))
        for name, values in zip(NUMBERS, columns, strict=False):
            numbers[name].append(np.array(values, dtype=np.int64))
        for name, words in zip(WORDS, columns[len(NUMBERS) :], strict=True):
            position = known[name]
            for word in dict.fromkeys(words):
                position.setdefault(word, len(position))
            codes[name].append(np.array([position[word] for word in words], dtype=np.int64))
    return Waiting(
        {name: np.concatenate(parts) for name, parts in numbers.items()},
        {name: np.concatenate(parts) for name, parts in codes.items()},
        {name: tuple(position) for name, position in known.items()},
    )


def _waiting(scope: Scope, dialect: str) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = (
        select(
            Parcel.id, Parcel.exporter_id, Parcel.origin_id, Parcel.destination_id, Parcel.weight_g,
            Parcel.volume_cm3, Parcel.value_minor, minutes_up(Parcel.ready_at, dialect),
            minutes_down(Parcel.deliver_by, dialect), cast(Parcel.hard_deadline, Integer),
            case((Parcel.direction == "return", 1), else_=0), cast(Party.credit_hold, Integer),
            Parcel.goods_class, Parcel.currency, cast(func.coalesce(Parcel.grade, UNGRADED), String),
        )
        .join(Party, Party.id == Parcel.exporter_id)
        .where(Parcel.status.in_(WAITING), Parcel.direction.in_(scope.directions))
        .where(Parcel.booking_line_id.is_(None))  # what is booked has its way
        .order_by(Parcel.id)
    )  # fmt: skip
    if scope.exporter is not None:
        query = query.where((Party.public_id == scope.exporter) | (Party.reference == scope.exporter))
    return query


def read_pool(
    session: Session,
    scope: Scope,
    network: Network,
    prices: PriceBook,
    index: Mapping[int, int],
    now: datetime,
    findings: list[Finding],
) -> Pool:
    """Return the goods that wait as a pool; what cannot be priced is left out with one finding for each reason.

    `index` gives the position of a location in the network. Treatments of returns are added to the prices.
    """
    parcels = read_waiting(session, scope)
    factor, unpriced = _factors(parcels.words["currency"], prices)
    parcels = _known(parcels, network, unpriced, findings)
    menus = _Menus(session, prices)
    numbers, weight_g, volume_cm3 = (
        parcels.numbers,
        parcels.numbers["weight_g"],
        parcels.numbers["volume_cm3"],
    )
    value, kg = numbers["value_minor"] * factor[parcels.codes["currency"]], weight_g / 1000
    goods = {name: position for position, name in enumerate(network.goods)}
    places = np.zeros(max(index, default=0) + 1, dtype=np.int64)
    places[list(index)] = list(index.values())
    chargeable = np.maximum(kg, volume_cm3 / COURIER_DIVISOR)
    menu = menus.of_all(parcels)
    base = (
        np.ones(len(parcels)),
        kg,
        value,
        DAY_SHARE * value + DAY_PER_KG * kg,
        LATE_SHARE * value + LATE_FLAT,
    )
    features, charges = prices.features(np.column_stack(base), weight_g, volume_cm3)
    return Pool(
        ref=numbers["id"],
        origin=places[numbers["origin"]],
        destination=places[numbers["destination"]],
        goods=_translated(parcels, "goods", goods),
        menu=menu,
        exporter=numbers["exporter"],
        ready_min=np.maximum(numbers["ready"], -int(-now.timestamp() // 60)),
        due_min=np.where(numbers["due"] == NEVER, FOREVER, numbers["due"]),
        hard=numbers["hard"].astype(np.bool_),
        weight_g=weight_g,
        volume_cm3=volume_cm3,
        features=features,
        drop_cost=COURIER_FLAT + COURIER_PER_KG * chargeable,
        blocked=numbers["hold"] * BLOCK_CODES.index("CREDIT_HOLD"),
        menus=tuple(menus.menus),
        block_codes=BLOCK_CODES,
        charges=charges,
    )


def _translated(parcels: Waiting, name: str, known: Mapping[str, int]) -> Ints:
    """Return a word of each parcel as its position in `known`, -1 for others."""
    return np.array([known.get(word, -1) for word in parcels.words[name]], dtype=np.int64)[
        parcels.codes[name]
    ]


def _factors(currencies: Sequence[str], prices: PriceBook) -> tuple[npt.NDArray[np.float64], dict[str, str]]:
    """Return fen per minor unit of each currency, and why there is no such factor for some."""
    factors, missing = np.zeros(len(currencies)), {}
    for position, currency in enumerate(currencies):
        try:
            factors[position] = prices.exchange.factor(currency)
        except RateMissing as error:
            missing[currency] = str(error)
    return factors, missing


def _known(
    parcels: Waiting, network: Network, unpriced: Mapping[str, str], findings: list[Finding]
) -> Waiting:
    """Leave out parcels of a goods class or currency that is not known, with one finding for each."""
    foreign = {
        word: "the goods class is not in force"
        for word in parcels.words["goods"]
        if word not in network.goods
    }
    left = np.ones(len(parcels), dtype=np.bool_)
    found = []
    for name, code, why in (
        ("goods", "goods_class_unknown", foreign),
        ("currency", "no_exchange_rate", unpriced),
    ):
        for word, text in why.items():
            those = left & (parcels.codes[name] == parcels.words[name].index(word))
            if those.any():
                note = Finding(code, word, f"{np.count_nonzero(those)} parcels left out: {text}")
                found.append((int(np.argmax(those)), note))
        gone = [parcels.words[name].index(word) for word in why]
        left &= ~np.isin(parcels.codes[name], gone)
    findings += [note for _, note in sorted(found, key=lambda one: one[0])]
    return parcels.only(left)


class _Menus:
    """What can be done with goods: exports travel; returns also stay, are mended, or are destroyed where they are."""

    def __init__(self, session: Session, prices: PriceBook) -> None:
        self.menus: list[tuple[Alternative, ...]] = [EXPORT_MENU]
        self._prices = prices
        self._rows: dict[tuple[str, str], int] = {}
        query = select(Location.id, Location.country, Warehouse.services).outerjoin(Warehouse)
        rows = session.execute(query).all()
        self._places = {row[0]: (row[1], frozenset(row[2] or ())) for row in rows}

    def of_all(self, parcels: Waiting) -> Ints:
        """Return the menu of each parcel; returns alike in places and grade have the same."""
        menu = np.zeros(len(parcels), dtype=np.int64)
        back = np.flatnonzero(parcels.numbers["back"])
        grades = parcels.codes["grade"]
        keys = np.stack([parcels.numbers["origin"], parcels.numbers["destination"], grades])[:, back]
        kinds, first, kind = np.unique(keys, axis=1, return_index=True, return_inverse=True)
        numbers = np.zeros(len(first), dtype=np.int64)
        for position in np.argsort(first).tolist():
            origin, destination, grade = kinds[:, position].tolist()
            numbers[position] = self._number(origin, destination, parcels.words["grade"][grade])
        menu[back] = numbers[kind.reshape(-1)]
        return menu

    def _number(self, origin: int, destination: int, grade: str) -> int:
        menu = tuple(self._alternatives(origin, destination, grade))
        if menu not in self.menus:
            self.menus.append(menu)
        return self.menus.index(menu)

    def _alternatives(self, origin: int, destination: int, grade: str) -> Iterable[Alternative]:
        from_country, services = self._places[origin]
        to_country, _ = self._places[destination]
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
