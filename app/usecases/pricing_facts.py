"""Buy tariffs and exchange rates as the plain numbers that the optimizer multiplies.

Every tariff that some leg uses becomes one feature column, filled with what `trade` charges each item in the
tariff's own currency, and one rate row that converts it. So the optimizer's price of a leg is `trade`'s price,
to the minor unit, breaks, minimums, surcharges and rounding included.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.models import FxRate
from app.models import Tariff as TariffRow
from routing.pool import Rates
from trade.charging import charge_many
from trade.errors import TradeError
from trade.money import MICROS, minor_per_major
from trade.tariff import Surcharge, Tariff, WeightBreak

DENSE_CELLS = 8_000_000
"""Up to so many cells there is a table of what every tariff charges every item; beyond, it is computed as needed."""
Floats = npt.NDArray[np.float64]
CURRENCY = "CNY"
"""All costs of a plan are in fen."""
BASE_FEATURES = ("one", "kg", "value", "day", "late")
"""Columns every pool has: 1, gross kg, value in fen, fen per day, fen per day late."""
THROUGH = "EUR"
"""Pairs without a rate of their own are crossed through the currency the reference rates are quoted in."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the facts leave out, and why."""

    code: str
    subject: str
    text: str


class RateMissing(LookupError):
    """No exchange rate leads from a currency to that of the plan."""


class Exchange:
    """The latest exchange rates of a day, as factors between minor units."""

    def __init__(self, rates: Mapping[tuple[str, str], int]) -> None:
        self._rates = rates

    def factor(self, currency: str) -> float:
        """Return fen per minor unit of the currency; RateMissing where no rate leads there."""
        if currency == CURRENCY:
            return 1.0
        direct = self._major(currency, CURRENCY)
        if direct is None:
            first, second = self._major(currency, THROUGH), self._major(THROUGH, CURRENCY)
            direct = None if first is None or second is None else first * second
        if direct is None:
            raise RateMissing(f"no exchange rate leads from {currency} to {CURRENCY}")
        return direct * minor_per_major(CURRENCY) / minor_per_major(currency)

    def _major(self, base: str, quote: str) -> float | None:
        if base == quote:
            return 1.0
        if (base, quote) in self._rates:
            return self._rates[base, quote] / MICROS
        inverse = self._rates.get((quote, base))
        return None if inverse is None else MICROS / inverse


def load_exchange(session: Session, on: date) -> Exchange:
    """Read the latest rate of every pair up to a day."""
    query = select(FxRate.base, FxRate.quote, FxRate.rate_micros).where(FxRate.as_of <= on)
    rows = session.execute(query.order_by(FxRate.as_of))
    return Exchange({(base, quote): rate for base, quote, rate in rows})


def as_tariff(row: TariffRow) -> Tariff:
    """Return the row as `trade` knows it; TradeError if it contradicts itself."""
    return Tariff(
        code=row.code,
        side="buy" if row.side == "buy" else "sell",
        currency=row.currency,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        divisor_cm3_per_kg=row.divisor_cm3_per_kg,
        rounding_g=row.rounding_g,
        minimum_minor=row.minimum_minor,
        flat_minor=row.flat_minor,
        per_m3_micros=row.per_m3_micros,
        breaks=tuple(WeightBreak(one.from_g, one.rate_micros_per_kg, one.flat_minor) for one in row.breaks),
        surcharges=tuple(Surcharge(one.code, one.basis, one.amount_micros) for one in row.surcharges),  # type: ignore[arg-type]
    )


@dataclass(frozen=True, slots=True)
class TariffCharges:
    """What each tariff in use charges, computed for the items that need it: `routing.pool.Charges`."""

    tariffs: tuple[Tariff, ...]

    def __len__(self) -> int:
        return len(self.tariffs)

    def of(self, column: int, weight_g: npt.NDArray[np.int64], volume_cm3: npt.NDArray[np.int64]) -> Floats:
        """Return what one tariff charges items of these grams and cm3, in minor units of its currency."""
        return charge_many(self.tariffs[column], weight_g, volume_cm3).astype(np.float64)


class PriceBook:
    """Rate rows, made as legs ask for them. Row 0 costs nothing: space that was paid before."""

    FREE = 0

    def __init__(self, tariffs: Sequence[tuple[TariffRow, Tariff]], exchange: Exchange) -> None:
        self.exchange = exchange
        self._by_service: dict[int, list[tuple[TariffRow, Tariff]]] = defaultdict(list)
        for row, tariff in tariffs:
            self._by_service[row.service_id or 0].append((row, tariff))
        self._rows: list[dict[str, float]] = [{}]
        self._labels = ["free"]
        self._columns: dict[Tariff, int] = {}
        self._column_names: list[str] = []

    def knows(self, service_id: int) -> bool:
        """Whether the service has any buy tariff at all."""
        return service_id in self._by_service

    def row(self, service_id: int, start: int, end: int, on: date) -> int | None:
        """Return the rate row between two locations on a day; None where nothing is bought there.

        A tariff between just these places goes before one for the whole service, a later one before an earlier.
        """
        found = [
            (row.from_location_id is not None, row.to_location_id is not None, row.valid_from, row.id, tariff)
            for row, tariff in self._by_service.get(service_id, ())
            if row.from_location_id in (None, start)
            and row.to_location_id in (None, end)
            and tariff.valid_on(on)
        ]
        return self._priced(max(found, key=lambda one: one[:4])[-1]) if found else None

    def add(self, label: str, **costs: float) -> int:
        """Keep a rate row of base features, in fen, and return its index."""
        self._rows.append(dict(costs))
        self._labels.append(label)
        return len(self._rows) - 1

    def _priced(self, tariff: Tariff) -> int:
        """Return the row of a tariff; those that charge alike share it."""
        content = replace(tariff, code="", valid_from=date.min, valid_to=None)
        if content not in self._columns:
            column = f"tariff {tariff.code}"
            self._column_names.append(column)
            self._columns[content] = self.add(column, **{column: self.exchange.factor(tariff.currency)})
        return self._columns[content]

    def rates(self) -> Rates:
        """Return all rows over the base features and one column per tariff in use."""
        names = (*BASE_FEATURES, *self._column_names)
        position = {name: index for index, name in enumerate(names)}
        table = np.zeros((len(self._rows), len(names)))
        for index, row in enumerate(self._rows):
            for name, value in row.items():
                table[index, position[name]] = value
        return Rates(names, table, "day", "late", tuple(self._labels))

    def copy(self) -> "PriceBook":
        """Return a book of its own with the same rows, to add to."""
        book = PriceBook((), self.exchange)
        book._by_service = self._by_service
        book._rows, book._labels = list(self._rows), list(self._labels)
        book._columns, book._column_names = dict(self._columns), list(self._column_names)
        return book

    def features(
        self, base: Floats, weight_g: npt.NDArray[np.int64], volume_cm3: npt.NDArray[np.int64]
    ) -> tuple[Floats, "TariffCharges"]:
        """Return the features of items that follow the base ones [n, 5], as a table or to be computed as needed."""
        if len(base) * len(self._columns) <= DENSE_CELLS:
            return np.hstack([base, self.charges(weight_g, volume_cm3)]), TariffCharges(())
        return base, TariffCharges(tuple(self._columns))

    def charges(
        self, weight_g: npt.NDArray[np.int64], volume_cm3: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """Return what each tariff in use charges each item [n, tariffs], in minor units of its currency."""
        table = np.zeros((len(weight_g), len(self._columns)))
        for column, tariff in enumerate(self._columns):
            table[:, column] = charge_many(tariff, weight_g, volume_cm3)
        return table


def load_prices(session: Session, on: date, findings: list[Finding]) -> PriceBook:
    """Read the buy tariffs of services that are in force from a day on, and the day's exchange rates."""
    query = (
        select(TariffRow)
        .where(TariffRow.side == "buy", TariffRow.service_id.is_not(None), TariffRow.exporter_id.is_(None))
        .where(TariffRow.valid_to.is_(None) | (TariffRow.valid_to > on))
        .options(selectinload(TariffRow.breaks), selectinload(TariffRow.surcharges))
        .order_by(TariffRow.id)
    )
    exchange, usable = load_exchange(session, on), []
    for row in session.scalars(query):
        try:
            tariff = as_tariff(row)
            exchange.factor(tariff.currency)
        except TradeError as error:
            findings.append(Finding(error.code, row.code, f"the tariff is left out: {error.detail}"))
        except RateMissing as error:
            findings.append(Finding("no_exchange_rate", row.code, f"the tariff is left out: {error}"))
        else:
            usable.append((row, tariff))
    return PriceBook(usable, exchange)
