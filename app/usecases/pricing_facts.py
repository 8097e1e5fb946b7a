"""Tariffs and exchange rates as the plain numbers that the optimizer multiplies.

Every tariff that some leg uses becomes one feature column, filled with what `trade` charges each item in the
tariff's own currency, and one rate row that converts it. So the optimizer's price of a leg is `trade`'s price,
to the minor unit, breaks, minimums, surcharges and rounding included.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import FxRate
from app.usecases.tariff_facts import Side, TariffBook, load_tariffs
from routing.pool import Rates
from trade.charging import charge_many
from trade.errors import TradeError
from trade.money import MICROS, minor_per_major
from trade.tariff import Tariff

DENSE_CELLS = 8_000_000
"""Up to so many cells there is a table of what every tariff charges every item; beyond, it is computed as needed."""
Floats = npt.NDArray[np.float64]
CURRENCY = "CNY"
"""All costs of a plan are in fen."""
BASE_FEATURES = ("one", "kg", "value", "day", "late", "store", "duty", "co2e")
"""Columns every pool has: 1, gross kg, value in fen, fen per day, fen per day late, fen per day in storage, fen of duty
and tax where goods come back without relief, and gross kg again for what a run charges for emissions."""
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

    def __init__(self, tariffs: TariffBook, exchange: Exchange) -> None:
        self.exchange = exchange
        self.tariffs = tariffs
        self._rows: list[dict[str, float]] = [{}]
        self._labels = ["free"]
        self._columns: dict[Tariff, int] = {}
        self._column_names: list[str] = []
        self._known: dict[tuple[int, int, int, date], int | None] = {}

    def knows(self, service_id: int) -> bool:
        """Whether the service has any tariff at all."""
        return self.tariffs.knows(service_id)

    def row(self, service_id: int, start: int, end: int, on: date) -> int | None:
        """Return the rate row between two locations on a day; None where there is no price for everybody."""
        key = (service_id, start, end, on)
        if key not in self._known:
            tariff = self.tariffs.find(*key)
            self._known[key] = None if tariff is None else self._priced(tariff)
        return self._known[key]

    def add(self, label: str, **costs: float) -> int:
        """Keep a rate row of base features, in fen, and return its index."""
        self._rows.append(dict(costs))
        self._labels.append(label)
        return len(self._rows) - 1

    def add_to(self, row: int, **costs: float) -> int:
        """Keep a rate row with more costs than another has, under the same name, and return its index."""
        self._rows.append(self._rows[row] | costs)
        self._labels.append(self._labels[row])
        return len(self._rows) - 1

    def _priced(self, tariff: Tariff) -> int:
        """Return the row of a tariff; those that charge alike share it."""
        content = replace(tariff, code="", valid_from=date.min, valid_to=None)
        if content not in self._columns:
            column, factor = f"tariff {tariff.code}", self.exchange.factor(tariff.currency)
            self._column_names.append(column)
            self._columns[content] = self.add(column, **{column: factor})
        return self._columns[content]

    def rates(self) -> Rates:
        """Return all rows over the base features and one column per tariff in use."""
        names = (*BASE_FEATURES, *self._column_names)
        position = {name: index for index, name in enumerate(names)}
        table = np.zeros((len(self._rows), len(names)))
        for index, row in enumerate(self._rows):
            for name, value in row.items():
                table[index, position[name]] = value
        return Rates(names, table, "day", "late", tuple(self._labels), "store")

    def costs(self, weight_g: int, volume_cm3: int) -> Floats:
        """Return what each row costs one item of these grams and cm3 [rows], in fen; without its value and time."""
        size = np.array([[weight_g], [volume_cm3]], dtype=np.int64)
        charged = zip(self._column_names, self.charges(*size)[0].tolist(), strict=True)
        features = {"one": 1.0, "kg": weight_g / 1000, "co2e": weight_g / 1000, **dict(charged)}
        rows = (sum(features.get(name, 0.0) * value for name, value in row.items()) for row in self._rows)
        return np.array(list(rows))

    def copy(self) -> "PriceBook":
        """Return a book of its own with the same rows, to add to."""
        book = PriceBook(self.tariffs, self.exchange)
        book._rows, book._labels = list(self._rows), list(self._labels)
        book._columns, book._column_names = dict(self._columns), list(self._column_names)
        return book

    def features(
        self, base: Floats, weight_g: npt.NDArray[np.int64], volume_cm3: npt.NDArray[np.int64]
    ) -> tuple[Floats, "TariffCharges"]:
        """Return the features of items that follow the base ones [n, 8], as a table or to be computed as needed."""
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


def load_prices(session: Session, on: date, findings: list[Finding], side: Side = "buy") -> PriceBook:
    """Read one side's tariffs of services that are in force from a day on, and the day's exchange rates.

    What it costs to buy is checked at once, and findings tell what is left out.
    """
    exchange, book = load_exchange(session, on), load_tariffs(session, side, on)
    if side == "sell":
        return PriceBook(book, exchange)
    usable = []
    for entry in sorted(book, key=lambda one: one.row.id):
        try:
            exchange.factor(entry.made().currency)
        except TradeError as error:
            findings.append(Finding(error.code, entry.row.code, f"the tariff is left out: {error.detail}"))
        except RateMissing as error:
            findings.append(Finding("no_exchange_rate", entry.row.code, f"the tariff is left out: {error}"))
        else:
            usable.append(entry)
    return PriceBook(TariffBook(usable), exchange)
