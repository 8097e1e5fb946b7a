"""What schedule files of every format are read into: dated journeys with all their calls."""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class JourneyCall:
    """One stop. `place` is the code the format uses: a UN/LOCODE at sea, an IATA code in the air."""

    place: str
    arrives_at: datetime | None
    departs_at: datetime | None
    """Aware; in the file's own offset, so that the local date can be read off."""
    cutoffs: dict[str, datetime] = field(default_factory=dict)
    at: str = ""
    """Where in the file it stands, for messages."""


@dataclass(frozen=True, slots=True)
class Journey:
    """One voyage or flight on one date."""

    service_code: str
    service_name: str
    number: str | None
    """Voyage number; None where the date alone tells the journeys of a service apart."""
    service_date: date
    calls: tuple[JourneyCall, ...]
    vessel_imo: str | None = None
    at: str = ""
    """Where in the file it stands, for messages."""
