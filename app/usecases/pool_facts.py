"""The goods that wait, as the optimizer's order pool: read column by column, a million rows as well as ten.

What waiting, lateness and leaving goods behind cost is a planning price, dated below, not a fact of a carrier. What can
be done with returns stands in `return_facts`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Integer, Select, case, cast, extract, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from app.models import Parcel, Party
from app.queries.places import ids_named
from app.usecases.channel_rules import read_channels
from app.usecases.pricing_facts import Finding, PriceBook, RateMissing
from app.usecases.return_facts import ReturnReader
from app.usecases.scoping import Scope
from routing.itineraries import FOREVER
from routing.network import Network
from routing.pool import NOT_BLOCKED, Pool

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
BLOCK_CODES = (NOT_BLOCKED, "CREDIT_HOLD")
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
WORDS = ("goods", "currency")


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
            Parcel.goods_class, Parcel.currency,
        )
        .join(Party, Party.id == Parcel.exporter_id)
        .where(Parcel.status.in_(WAITING), Parcel.direction.in_(scope.directions))
        .where(Parcel.booking_line_id.is_(None))  # what is booked has its way
        .order_by(Parcel.id)
    )  # fmt: skip
    if scope.parcels:
        query = query.where(Parcel.public_id.in_(scope.parcels))
    for column, code in ((Parcel.origin_id, scope.origin), (Parcel.destination_id, scope.destination)):
        if code is not None:
            query = query.where(column.in_(ids_named(code)))
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
    numbers = parcels.numbers
    weight_g, volume_cm3 = numbers["weight_g"], numbers["volume_cm3"]
    value, kg = numbers["value_minor"] * factor[parcels.codes["currency"]], weight_g / 1000
    goods = {name: position for position, name in enumerate(network.goods)}
    places = np.zeros(max(index, default=0) + 1, dtype=np.int64)
    places[list(index)] = list(index.values())
    chargeable = np.maximum(kg, volume_cm3 / COURIER_DIVISOR)
    returned = numbers["back"].astype(np.bool_)
    returns = ReturnReader(session, prices, index, now).read(numbers["id"], returned, volume_cm3)
    base = (
        np.ones(len(parcels)),
        kg,
        value,
        scope.weights.time * (DAY_SHARE * value + DAY_PER_KG * kg),
        scope.weights.time * (LATE_SHARE * value + LATE_FLAT),
        returns.storage,
        returns.duty_share * value,
        kg,
    )
    channel, channels = read_channels(session, numbers["id"], now)
    features, charges = prices.features(np.column_stack(base), weight_g, volume_cm3)
    return Pool(
        ref=numbers["id"],
        origin=places[numbers["origin"]],
        destination=places[numbers["destination"]],
        goods=_translated(parcels, "goods", goods),
        menu=returns.menu,
        exporter=numbers["exporter"],
        ready_min=np.maximum(numbers["ready"], -int(-now.timestamp() // 60)),
        due_min=np.where(numbers["due"] == NEVER, FOREVER, numbers["due"]),
        hard=numbers["hard"].astype(np.bool_),
        weight_g=weight_g,
        volume_cm3=volume_cm3,
        features=features,
        drop_cost=COURIER_FLAT + COURIER_PER_KG * chargeable,
        blocked=numbers["hold"] * BLOCK_CODES.index("CREDIT_HOLD"),
        menus=returns.menus,
        block_codes=BLOCK_CODES,
        charges=charges,
        channel=channel,
        channels=channels,
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
