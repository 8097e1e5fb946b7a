"""What finds exceptions is told, and what it tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_

from app.models import Party
from app.queries.departures import DepartureFilter

MOST = 200
"""Exceptions of one kind that are looked at."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What narrows the tower: modes, a lane (codes of places), a client (reference or public id)."""

    modes: tuple[str, ...] = ()
    charter: bool | None = None
    origin: str | None = None
    destination: str | None = None
    client: str | None = None

    @property
    def of_transport(self) -> bool:
        """Whether it speaks of transport, so that what does not travel is left out."""
        return bool(self.modes or self.origin or self.destination)

    def departures(self, **more: Any) -> DepartureFilter:  # noqa: ANN401 (fields of the filter)
        """As a filter of departures."""
        return DepartureFilter(
            modes=self.modes,
            charter=self.charter,
            origin=self.origin,
            destination=self.destination,
            client=self.client,
            **more,
        )

    def of_client(self) -> list[ColumnElement[bool]]:
        """As conditions on Party."""
        return [or_(Party.reference == self.client, Party.public_id == self.client)] if self.client else []


@dataclass(frozen=True, slots=True)
class Found:
    """One exception as it was found; `amounts` are minor units at risk by currency."""

    subject: str
    facts: dict[str, Any]
    amounts: Mapping[str, int] = field(default_factory=dict)
    until: datetime | None = None
