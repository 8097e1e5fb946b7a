"""What waiting and work cost in a warehouse, in fen, as far as the optimizer needs it."""

from datetime import date

from sqlalchemy.orm import Session

from app.usecases.pricing_facts import Exchange, RateMissing
from app.usecases.warehousing.fees import price_books
from trade.errors import TradeError
from trade.money import MICROS, minor_per_major
from trade.warehouse_fees import Price

PER_M3_DAY = 350.0
"""Fen for a cubic metre and day where a warehouse has no price list. Example, 2026-11."""
AHEAD_DAYS = 30
"""What a day costs is the average of so many days to come, free ones among them."""
CM3_PER_M3 = 1_000_000
WORK = {"relabel": "work_relabel", "refurbish": "work_repack", "destroy": "destroy_unit"}
"""Disposition → the fee of a price list that is charged for it."""


class StoragePrices:
    """The price lists of all warehouses, read at once."""

    def __init__(self, session: Session, exchange: Exchange, on: date) -> None:
        self._exchange = exchange
        self._lists = price_books(session, on)
        self._per_m3: dict[tuple[int, int, int], float] = {}

    def fen_per_day(self, warehouse: int | None, exporter: int, age_days: int, volume_cm3: int) -> float:
        """What a day of the next weeks costs goods of this age and volume; nothing outside of a warehouse."""
        if warehouse is None:
            return 0.0
        key = (warehouse, exporter, age_days)
        if key not in self._per_m3:
            price = self.price(warehouse, exporter, "storage")
            self._per_m3[key] = PER_M3_DAY if price is None else self._average(price, age_days)
        return self._per_m3[key] * volume_cm3 / CM3_PER_M3

    def price(self, warehouse: int, exporter: int, code: str) -> Price | None:
        """A fee of the price list an exporter pays by; None where there is none that can be read."""
        if warehouse not in self._lists:
            return None
        try:
            return self._lists[warehouse].of(exporter).get(code)
        except TradeError:
            return None

    def fen(self, price: Price, micros: int) -> float:
        """A price in fen; 0 where no exchange rate leads there."""
        try:
            return micros / MICROS * minor_per_major(price.currency) * self._exchange.factor(price.currency)
        except RateMissing:
            return 0.0

    def _average(self, price: Price, age_days: int) -> float:
        days = range(age_days, age_days + AHEAD_DAYS)
        bands = [price.band_of(day) for day in days if day >= price.free_days]
        return sum(self.fen(price, band[1]) for band in bands if band) / AHEAD_DAYS


def work_price(prices: StoragePrices, warehouse: int | None, exporter: int, disposition: str) -> float | None:
    """Fen for the work with one piece by the warehouse's price list; None where it has no such fee."""
    if warehouse is None or disposition not in WORK:
        return None
    price = prices.price(warehouse, exporter, WORK[disposition])
    band = price.band_of(0) if price is not None and price.basis == "unit" else None
    return None if price is None or band is None else prices.fen(price, band[1])
