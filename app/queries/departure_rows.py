"""What one line of the departures board is made of; a handful of queries for a page, however long it is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, bindparam, or_, select
from sqlalchemy.orm import Session

from app.db import fetch
from app.models import (
    CapacityPool,
    Departure,
    DepartureUnit,
    Party,
    Segment,
    Service,
    UnitType,
)
from app.queries.departure_facts import CallRow, CutoffRow, departure_facts
from app.queries.places import Place

CLOSING = timedelta(hours=24)
COLUMNS = (
    Departure.id, Departure.public_id, Departure.number, Departure.departs_at, Departure.arrives_at,
    Departure.status, Departure.accepts, Departure.min_payload_g, Service.code.label("service_code"),
    Service.name_en, Service.name_zh, Service.mode, Service.charter, Service.aircraft,
    Service.border_location_id, Service.gauge_changes, Service.wagon_count, Service.vessel_imo,
    Party.name.label("carrier"),
)  # fmt: skip

IDS: BindParameter[Any] = bindparam("ids", expanding=True)
SPACES = (
    select(
        Segment.departure_id, Segment.seq, Segment.distance_m, CapacityPool.dimension, CapacityPool.capacity,
        CapacityPool.held, CapacityPool.booked, Party.reference, CapacityPool.release_at,
    )
    .outerjoin(CapacityPool, CapacityPool.segment_id == Segment.id)
    .outerjoin(Party, Party.id == CapacityPool.exporter_id)
    .where(Segment.departure_id.in_(IDS))
    .order_by(Segment.departure_id, Segment.seq, CapacityPool.id)
)  # fmt: skip
OWN_SPACES = SPACES.where(
    or_(CapacityPool.exporter_id.is_(None), CapacityPool.exporter_id == bindparam("exporter"))
)
UNITS = (
    select(
        DepartureUnit.departure_id, UnitType.code, UnitType.name_en, UnitType.name_zh,
        DepartureUnit.max_count, DepartureUnit.opened, DepartureUnit.cost_minor,
        DepartureUnit.currency, UnitType.payload_g, UnitType.volume_cm3,
    )
    .join(UnitType, UnitType.id == DepartureUnit.unit_type_id)
    .where(DepartureUnit.departure_id.in_(IDS))
    .order_by(UnitType.payload_g, UnitType.code)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Space:
    """One dimension of capacity on one segment: g, cm3, or hundredths of TEU, slots and ULD positions."""

    segment_seq: int
    dimension: str
    capacity: int
    held: int
    booked: int
    allotment_of: str | None = None
    """Reference of the party whose block it is."""
    release_at: datetime | None = None

    @property
    def free(self) -> int:
        """What can still be taken."""
        return self.capacity - self.held - self.booked

    @property
    def taken_share(self) -> float:
        """Held and booked, as a share of the capacity; 1 where there is no capacity."""
        return (self.held + self.booked) / self.capacity if self.capacity else 1.0


@dataclass(frozen=True, slots=True)
class UnitRow:
    """Handling units that may be opened, and the fixed cost of each in minor units."""

    code: str
    name_en: str
    name_zh: str
    max_count: int
    opened: int
    cost_minor: int
    currency: str
    payload_g: int
    volume_cm3: int


@dataclass(frozen=True, slots=True)
class DepartureRow:
    """One dated departure, as the board and the API show it."""

    id: int
    public_id: str
    number: str
    departs_at: datetime
    arrives_at: datetime
    status: str
    accepts: list[str]
    min_payload_g: int | None
    service_code: str
    name_en: str
    name_zh: str
    mode: str
    charter: bool
    aircraft: str | None
    border: Place | None
    gauge_changes: int
    wagon_count: int | None
    vessel_imo: str | None
    carrier: str | None
    calls: tuple[CallRow, ...]
    cutoffs: tuple[CutoffRow, ...]
    spaces: list[Space]
    """By segment; the pools open to everybody and the allotments that may be seen."""
    units: list[UnitRow]
    segments: dict[int, int]
    """Segment seq → distance in metres."""
    next_cutoff: CutoffRow | None
    """The first one still ahead."""
    closing: bool
    """Open, with a cut-off within a day."""

    @property
    def origin(self) -> Place:
        """Where it starts."""
        return self.calls[0].place

    @property
    def destination(self) -> Place:
        """Where it ends."""
        return self.calls[-1].place

    @property
    def batteries(self) -> bool:
        """Whether some class of batteries is carried."""
        return any(code.startswith(("li_", "sodium_ion")) for code in self.accepts)

    def leg_name(self, segment_seq: int) -> str:
        """A segment by the codes of the calls it joins."""
        ends = [call.place.code for call in self.calls if call.seq in (segment_seq, segment_seq + 1)]
        return " → ".join(ends)

    @property
    def tightest(self) -> list[Space]:
        """Per dimension, the open pool of the fullest segment."""
        worst: dict[str, Space] = {}
        for space in self.spaces:
            known = worst.get(space.dimension)
            if space.allotment_of is None and (known is None or space.taken_share > known.taken_share):
                worst[space.dimension] = space
        return list(worst.values())

    def tight(self, dimension: str) -> Space | None:
        """The tightest open pool of one dimension."""
        return next((space for space in self.tightest if space.dimension == dimension), None)


def load_rows(
    session: Session, heads: Sequence[Any], now: datetime, exporter_id: int | None
) -> list[DepartureRow]:
    """Complete the heads (rows of COLUMNS), keeping their order.

    An `exporter_id` sees its own allotments and nobody else's; None sees all.
    """
    ids = [head.id for head in heads]
    if not ids:
        return []
    known = departure_facts(session, {head.id: head.border_location_id for head in heads})
    spaces, segments = _spaces(session, ids, exporter_id)
    units = _units(session, ids)
    rows = []
    for head in heads:
        columns = head._asdict()
        del columns["border_location_id"]
        facts = known[head.id]
        ahead = next((cutoff for cutoff in facts.cutoffs if cutoff.at > now), None)
        rows.append(
            DepartureRow(
                **columns,
                border=facts.border,
                calls=facts.calls,
                cutoffs=facts.cutoffs,
                spaces=spaces[head.id],
                units=units[head.id],
                segments=segments[head.id],
                next_cutoff=ahead,
                closing=head.status == "open" and ahead is not None and ahead.at - now <= CLOSING,
            )
        )
    return rows


def _spaces(
    session: Session, ids: list[int], exporter_id: int | None
) -> tuple[dict[int, list[Space]], dict[int, dict[int, int]]]:
    query, whose = (SPACES, {}) if exporter_id is None else (OWN_SPACES, {"exporter": exporter_id})
    spaces: dict[int, list[Space]] = defaultdict(list)
    segments: dict[int, dict[int, int]] = defaultdict(dict)
    for row in fetch(session, query, ids=ids, **whose).all():
        departure_id, seq, distance_m, dimension, *facts = tuple[Any, ...](row)
        segments[departure_id][seq] = distance_m
        if dimension is not None:
            spaces[departure_id].append(Space(seq, dimension, *facts))
    return spaces, segments


def _units(session: Session, ids: list[int]) -> dict[int, list[UnitRow]]:
    rows: dict[int, list[UnitRow]] = defaultdict(list)
    for row in fetch(session, UNITS, ids=ids).all():
        departure_id, *facts = tuple[Any, ...](row)
        rows[departure_id].append(UnitRow(*facts))
    return rows
