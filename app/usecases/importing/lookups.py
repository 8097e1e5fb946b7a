"""Codes in files ↔ ids in the database, loaded once for an import."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exchange.faults import CellError, did_you_mean
from app.models import Location, Party, Service, Tariff, UnitType, Warehouse


def _parties(role: str) -> Callable[[Session], dict[str, int]]:
    def load(session: Session) -> dict[str, int]:
        found = session.execute(select(Party.reference, Party.id, Party.roles))
        return {reference: key for reference, key, roles in found if role in roles}

    return load


def _codes(column: Any, key: Any) -> Callable[[Session], dict[str, int]]:  # noqa: ANN401 (mapped attributes)
    return lambda session: dict(session.execute(select(column, key)).all())


def _warehouses(session: Session) -> dict[str, int]:
    joined = select(Location.code, Warehouse.id).join(Warehouse, Warehouse.location_id == Location.id)
    return dict(session.execute(joined).all())


LOADERS: dict[str, Callable[[Session], dict[str, int]]] = {
    "location": _codes(Location.code, Location.id),
    "service": _codes(Service.code, Service.id),
    "unit_type": _codes(UnitType.code, UnitType.id),
    "tariff": _codes(Tariff.code, Tariff.id),
    "exporter": _parties("exporter"),
    "carrier": _parties("carrier"),
    "warehouse": _warehouses,
}
"""What a Reference cell may point to."""


class Lookups:
    """Codes of the whole installation; of exporters only their own for an upload that belongs to one."""

    def __init__(self, session: Session, only_exporter: int | None = None) -> None:
        self._session = session
        self.only_exporter = only_exporter
        self._ids: dict[str, dict[str, int]] = {}
        self._codes: dict[str, dict[int, str]] = {}

    def ids(self, what: str) -> dict[str, int]:
        """Code → id."""
        if what not in self._ids:
            known = LOADERS[what](self._session)
            if what == "exporter" and self.only_exporter is not None:
                known = {code: key for code, key in known.items() if key == self.only_exporter}
            self._ids[what] = known
        return self._ids[what]

    def codes(self, what: str) -> dict[int, str]:
        """Id → code."""
        if what not in self._codes:
            self._codes[what] = {key: code for code, key in self.ids(what).items()}
        return self._codes[what]

    def find(self, what: str, code: str) -> int:
        """The id of `code`. Raises CellError `unknown_…` naming the nearest known ones."""
        known = self.ids(what)
        if code in known:
            return known[code]
        noun = what.replace("_", " ")
        raise CellError(
            f"unknown_{what}",
            f"no {noun} has the code {code[:60]!r}",
            lambda: did_you_mean(code, tuple(known)) or f"import the {noun} first, or correct the code",
        )
