"""Tariffs by what they price, read as plain columns and made into `trade`'s tariffs when one is asked for.

There may be a hundred thousand of them, and a quote needs a few dozen.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from app.models import Tariff as TariffRow
from app.models import TariffBreak, TariffSurcharge
from trade.errors import TradeError
from trade.tariff import Surcharge, Tariff, WeightBreak

Side = Literal["buy", "sell"]
Scope = tuple[int | None, int, int | None, int | None]
"""Exporter (none: everybody), service, and the two places (none: anywhere)."""
COLUMNS = (
    TariffRow.id, TariffRow.code, TariffRow.side, TariffRow.service_id, TariffRow.from_location_id,
    TariffRow.to_location_id, TariffRow.exporter_id, TariffRow.currency, TariffRow.divisor_cm3_per_kg,
    TariffRow.rounding_g, TariffRow.minimum_minor, TariffRow.flat_minor, TariffRow.per_m3_micros,
    TariffRow.valid_from, TariffRow.valid_to,
)  # fmt: skip


@dataclass(slots=True)
class Entry:
    """One row of the book; `tariff` is made from it when it is asked for."""

    row: Any
    breaks: Sequence[Any]
    surcharges: Sequence[Any]
    tariff: Tariff | None = None

    def made(self) -> Tariff:
        """Return the tariff; TradeError if the row contradicts itself."""
        if self.tariff is None:
            self.tariff = as_tariff(self.row, self.breaks, self.surcharges)
        return self.tariff


class TariffBook:
    """The tariffs of one side. Those that cannot be used are left out, and `errors` says why."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.errors: dict[str, TradeError] = {}
        """By the code of the tariff."""
        self.exporters: set[int] = set()
        """Who has tariffs of their own."""
        self._services: set[int] = set()
        self._by_scope: dict[Scope, list[Entry]] = defaultdict(list)
        for entry in entries:
            row = entry.row
            self._by_scope[row.exporter_id, row.service_id, row.from_location_id, row.to_location_id].append(
                entry
            )
            self._services.add(row.service_id)
            if row.exporter_id is not None:
                self.exporters.add(row.exporter_id)
        for found in self._by_scope.values():
            found.sort(key=lambda one: (one.row.valid_from, one.row.id), reverse=True)

    def __iter__(self) -> Iterator[Entry]:
        for found in self._by_scope.values():
            yield from found

    def knows(self, service_id: int) -> bool:
        """Whether the service has any tariff at all."""
        return service_id in self._services

    def find(
        self, service_id: int, start: int, end: int, on: date, exporter_id: int | None = None
    ) -> Tariff | None:
        """Return what prices a leg between two locations on a day; None where nothing does.

        The exporter's own goes before everybody's, one between just these places before one for the whole
        service, a later one before an earlier.
        """
        owners = (None,) if exporter_id not in self.exporters else (exporter_id, None)
        for owner in owners:
            for places in ((start, end), (start, None), (None, end), (None, None)):
                for entry in self._by_scope.get((owner, service_id, *places), ()):
                    if _holds(entry.row, on) and (tariff := self._usable(entry)) is not None:
                        return tariff
        return None

    def _usable(self, entry: Entry) -> Tariff | None:
        if entry.row.code in self.errors:
            return None
        try:
            return entry.made()
        except TradeError as error:
            self.errors[entry.row.code] = error
            return None


def _holds(row: Any, on: date) -> bool:  # noqa: ANN401 (a row of the ORM or of columns)
    return bool(row.valid_from <= on and (row.valid_to is None or on < row.valid_to))


def as_tariff(
    row: Any,  # noqa: ANN401 (a row of the ORM or of columns)
    breaks: Sequence[Any] | None = None,
    surcharges: Sequence[Any] | None = None,
) -> Tariff:
    """Return the row as `trade` knows it; TradeError if it contradicts itself."""
    breaks = row.breaks if breaks is None else breaks
    surcharges = row.surcharges if surcharges is None else surcharges
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
        breaks=tuple(WeightBreak(one.from_g, one.rate_micros_per_kg, one.flat_minor) for one in breaks),
        surcharges=tuple(Surcharge(one.code, one.basis, one.amount_micros) for one in surcharges),
    )


def load_tariffs(
    session: Session, side: Side, on: date, services: Collection[int] | None = None
) -> TariffBook:
    """Read the tariffs of services (all, if none are named) that are in force from a day on.

    Of exporters' own only those that sell.
    """
    wanted: list[ColumnElement[bool]] = [TariffRow.side == side, TariffRow.service_id.is_not(None)]
    wanted.append(TariffRow.valid_to.is_(None) | (TariffRow.valid_to > on))
    if services is not None:
        wanted.append(TariffRow.service_id.in_(services))
    if side == "buy":
        wanted.append(TariffRow.exporter_id.is_(None))
    session.flush()
    connection = session.connection()  # plain rows: nothing here is an entity

    def parts(query: Select[*tuple[Any, ...]]) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = defaultdict(list)
        for row in connection.execute(query.join(TariffRow).where(*wanted)):
            found[row.tariff_id].append(row)
        return found

    of_break, of_extra = TariffBreak, TariffSurcharge
    breaks = parts(
        select(of_break.tariff_id, of_break.from_g, of_break.rate_micros_per_kg, of_break.flat_minor)
        .order_by(of_break.tariff_id, of_break.from_g)
    )  # fmt: skip
    extras = parts(
        select(of_extra.tariff_id, of_extra.code, of_extra.basis, of_extra.amount_micros)
        .order_by(of_extra.tariff_id, of_extra.code)
    )  # fmt: skip
    rows = connection.execute(select(*COLUMNS).where(*wanted).order_by(TariffRow.id))
    return TariffBook(Entry(row, breaks.get(row.id, ()), extras.get(row.id, ())) for row in rows)
