"""An installation of any size from a seed: places of the reference network, everything else drawn and written in bulk.

Goods go by road from an origin hub to a port, airport or station, on a dated departure (half of them flights, the
others sailings and trains, loose or in containers) to a gateway abroad, by road to an overseas warehouse and to a
delivery zone. Every way has prices to buy and to sell; exporters have prices of their own for some.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import system
from app.db import Database
from app.ids import new_id
from app.models import (
    Call,
    CapacityPool,
    Cutoff,
    Departure,
    DepartureUnit,
    Parcel,
    Party,
    Segment,
    Service,
    ServiceCall,
    UnitType,
)
from app.seeds.reference import reference_file
from app.usecases import api_keys, people
from app.usecases.importing.running import import_file
from benchmarks.http.lanes import Line, Link, Place, best_served, lines, links, read_places
from benchmarks.http.prices import add_tariffs, priced
from benchmarks.http.rows import Rows, public_id

ACTOR = system("benchmark")
FILES = ("parties", "unit-types", "locations", "warehouses", "fx-rates")
"""Of the reference network."""
GOODS = ["general", "liquid", "cosmetics", "magnetic", "li_ion_packed", "li_ion_contained"]
LANES = 10
ROOM_G, ROOM_CM3 = 400_000_000, 2_400_000_000
"""Of every loose pool: bookings of the benchmark must not run out of it."""
BOXES = 200
BOX = "40HQ"
CUTOFF_H = 24


@dataclass(frozen=True, slots=True)
class Size:
    """How large a world is. `keys` are API keys of the exporter who asks: each may ask so often a minute."""

    departures: int = 10_000
    tariffs: int = 100_000
    exporters: int = 200
    parcels: int = 10_000
    keys: int = 64


FULL, SMALL, TINY = Size(), Size(1_000, 5_000, 20, 1_000), Size(300, 1_500, 3, 120, 8)


@dataclass(frozen=True, slots=True)
class World:
    """What a caller needs to know: exporters, secrets of the first one, ids of what there is, lanes served best.

    `operator` is the token of a one-time link.
    """

    exporters: tuple[int, ...]
    secrets: tuple[str, ...]
    operator: str
    lanes: tuple[tuple[str, str], ...]
    departures: tuple[str, ...]
    parcels: tuple[str, ...]
    tariffs: int


def build(database: Database, size: Size, now: datetime, seed: int = 1) -> World:
    """Fill an empty, migrated database."""
    with database.transaction() as session:
        return _Builder(session, size, now, Random(seed)).build()


class _Builder:
    """Draws one world into one transaction."""

    def __init__(self, session: Session, size: Size, now: datetime, rng: Random) -> None:
        self.session, self.size, self.now, self.rng = session, size, now, rng
        self.rows = Rows(session)
        self.departures: list[str] = []

    def build(self) -> World:
        for kind in FILES:
            import_file(self.session, ACTOR, self.now, kind, f"{kind}.csv", reference_file(kind))
        places = read_places(self.session)
        exporters = self._exporters()
        joined, drawn = links(places), list(lines(places, self.size.departures, self.rng))
        services: list[tuple[int, Line | Link]] = [
            (self._link(n, link), link) for n, link in enumerate(joined)
        ]
        services += [(self._line(line), line) for line in drawn]
        ways = priced(services, self.rng)
        tariffs = add_tariffs(self.rows, ways, exporters, self.size.tariffs, self.now.date(), self.rng)
        lanes = best_served(joined, drawn, LANES)
        parcels = self._parcels(exporters, {place.code: place for place in places}, lanes)
        self.rows.write()
        operator = people.add_user(self.session, ACTOR, self.now, "operator@bench.example", "operator")[1]
        found = tuple(lanes), tuple(self.departures), tuple(parcels)
        return World(tuple(exporters), self._keys(), operator, *found, tariffs)

    def _exporters(self) -> list[int]:
        """The exporter who asks, and others."""
        first = people.add_exporter(self.session, ACTOR, self.now, "BENCH")
        self.session.flush()
        others = [
            self.rows.add(
                Party, public_id=public_id("exp", n), reference=f"OTHER-{n}", name=f"Other {n}", country="CN",
                roles=["exporter"], created_at=self.now,
            )
            for n in range(self.size.exporters - 1)
        ]  # fmt: skip
        return [first.id, *others]

    def _keys(self) -> tuple[str, ...]:
        made = [
            api_keys.add_api_key(self.session, ACTOR, self.now, exporter="BENCH")[1]
            for _ in range(self.size.keys)
        ]
        return tuple(made)

    def _service(
        self, code: str, mode: str, calls: Sequence[Place], transit_min: int | None, weekdays: str
    ) -> int:
        service = self.rows.add(
            Service, public_id=new_id("svc"), code=code, name_en=code, name_zh=code, mode=mode,
            schedule="dated" if transit_min is None else "on_demand", charter=False,
            aircraft="freighter" if mode == "air" else None, weekdays=weekdays,
            valid_from=self.now.date() - timedelta(days=365), transit_min=transit_min, accepts=GOODS,
            source="benchmark",
        )  # fmt: skip
        for seq, place in enumerate(calls, start=1):
            self.rows.add(ServiceCall, service_id=service, seq=seq, location_id=place.id)
        return service

    def _link(self, number: int, link: Link) -> int:
        return self._service(f"LINK-{number}", link.mode, (link.start, link.end), link.minutes, "")

    def _line(self, line: Line) -> int:
        service = self._service(line.code, line.mode, line.calls, None, "".join(map(str, line.weekdays)))
        for leaves in line.dates(self.now):
            if len(self.departures) < self.size.departures:
                self._departure(service, line, leaves)
        return service

    def _departure(self, service: int, line: Line, leaves: datetime) -> None:
        times = line.times(leaves)
        reference = public_id("dep", len(self.departures))
        self.departures.append(reference)
        departure = self.rows.add(
            Departure, public_id=reference, service_id=service, number=f"{leaves:%Y%m%d}",
            service_date=leaves.date(), departs_at=leaves, arrives_at=times[-1][0], status="open", accepts=GOODS,
        )  # fmt: skip
        for seq, (place, (arrives, departs)) in enumerate(zip(line.calls, times, strict=True), start=1):
            call = self.rows.add(
                Call,
                departure_id=departure,
                seq=seq,
                location_id=place.id,
                arrives_at=arrives,
                departs_at=departs,
            )
            if departs is not None:
                self.rows.add(Cutoff, call_id=call, code="FCO", at=departs - timedelta(hours=CUTOFF_H))
                self._segment(departure, seq, line)
        if line.boxed:
            self.rows.add(
                DepartureUnit, departure_id=departure, unit_type_id=self._box(), max_count=BOXES,
                cost_minor=280_000, currency="USD",
            )  # fmt: skip

    def _segment(self, departure: int, seq: int, line: Line) -> None:
        distance_m = round(1000 * line.calls[seq - 1].km_to(line.calls[seq]))
        segment = self.rows.add(Segment, departure_id=departure, seq=seq, distance_m=distance_m)
        room = {"teu": 2 * BOXES * 100} if line.boxed else {"g": ROOM_G, "cm3": ROOM_CM3}
        for dimension, capacity in room.items():
            self.rows.add(CapacityPool, segment_id=segment, dimension=dimension, capacity=capacity)

    def _box(self) -> int:
        return self.session.scalars(select(UnitType.id).where(UnitType.code == BOX)).one()

    def _parcels(
        self, exporters: Sequence[int], places: dict[str, Place], lanes: Sequence[tuple[str, str]]
    ) -> list[str]:
        """Parcels that wait, half of them the first exporter's; returns the ids of these."""
        mine = []
        for number, (origin, destination) in zip(range(self.size.parcels), cycle(lanes), strict=False):
            reference = public_id("pcl", number)
            owner = exporters[0] if number % 2 == 0 else exporters[number % len(exporters)]
            mine += [reference] if owner == exporters[0] else []
            ready = self.now + timedelta(minutes=self.rng.randrange(7 * 1440))
            self.rows.add(
                Parcel, public_id=reference, exporter_id=owner, reference=f"P{number:07}", direction="export",
                origin_id=places[origin].id, destination_id=places[destination].id,
                weight_g=self.rng.randint(200, 20_000), volume_cm3=self.rng.randint(1_000, 90_000),
                goods_class="general", value_minor=4_900, currency="USD", ready_at=ready,
                deliver_by=ready + timedelta(days=45), created_at=self.now,
            )  # fmt: skip
        return mine
