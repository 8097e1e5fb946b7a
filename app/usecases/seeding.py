"""Fill an installation: the reference network from its files, and a pool of sample parcels."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid
from app.ids import new_id
from app.models import Location, Parcel, Party
from app.models.pool import PARCEL_STATES
from app.seeds.demand import Demand, demand
from app.seeds.reference import KINDS, WEEKS, reference_file
from app.seeds.sample_pool import (
    CUSTOMS_MODE,
    DIRECTION,
    GRADES,
    PoolBlock,
    export_day,
    instant,
    reference,
    sample_pool,
)
from app.usecases.auditing import record
from app.usecases.importing.running import import_file
from app.usecases.scheduling import Skipped, materialise

CURRENCY = "USD"
MOST_PARCELS = 5_000_000


@dataclass(frozen=True, slots=True)
class NetworkSeed:
    """What loading the reference network changed."""

    rows: int
    added: int
    updated: int
    departures_added: int
    departures_kept: int
    skipped: tuple[Skipped, ...]
    """Dates on which a service could not be made to run, each with its reason."""

    def __str__(self) -> str:
        """One line for the terminal."""
        changed = f"{self.added} added, {self.updated} updated"
        rolling = f"{self.departures_added} departures added, {self.departures_kept} kept"
        return f"{self.rows} rows read, {changed}; {rolling}, {len(self.skipped)} dates skipped"


@dataclass(frozen=True, slots=True)
class PoolSeed:
    """What loading a sample pool changed."""

    added: int
    kept: int

    def __str__(self) -> str:
        """One line for the terminal."""
        return f"{self.added} parcels added, {self.kept} there already"


def seed_reference(session: Session, actor: Actor, now: datetime) -> NetworkSeed:
    """Load the reference network and roll its departures eight weeks ahead.

    Doing it again adds only the departures of the days since; rows of these files that were changed by hand become
    what the files say. Raises Conflict naming the first row that does not fit what is stored.
    """
    results = []
    for kind in KINDS:
        result = import_file(session, actor, now, kind, f"reference/{kind}.csv", reference_file(kind))
        if not result.saved:
            first = result.errors[0]
            raise Conflict(
                f"reference/{kind}.csv, row {first.row}, {first.column}: {first.message}; {first.suggestion}"
            )
        results.append(result)
    rolled = materialise(session, now.date(), WEEKS)
    done = NetworkSeed(
        rows=sum(result.rows_read for result in results),
        added=sum(result.added for result in results),
        updated=sum(result.updated for result in results),
        departures_added=rolled.added,
        departures_kept=rolled.kept,
        skipped=rolled.skipped,
    )
    record(session, actor, now, "seed.reference", "network", after={"outcome": str(done)})
    return done


def seed_sample_pool(session: Session, actor: Actor, now: datetime, parcels: int, seed: int) -> PoolSeed:
    """Load the first `parcels` rows of the pool with this seed; rows that are there stay as they are.

    Raises Invalid for a size or seed that cannot be meant, Conflict where the reference network is missing.
    """
    _check_size(parcels, seed)
    facts = demand()
    writer = _Writer(session, facts, now, seed)
    added = sum(writer.write(block) for block in sample_pool(facts, parcels, seed, now))
    done = PoolSeed(added, parcels - added)
    record(session, actor, now, "seed.pool", f"seed {seed}", after={"added": added, "parcels": parcels})
    return done


def _check_size(parcels: int, seed: int) -> None:
    faults = []
    if not 0 <= parcels <= MOST_PARCELS:
        faults.append(FieldError("parcels", "out_of_range", f"from 0 to {MOST_PARCELS}"))
    if not 0 <= seed < 2**31:
        faults.append(FieldError("seed", "out_of_range", "from 0 to 2147483647"))
    if faults:
        raise Invalid(errors=tuple(faults))


class _Writer:
    """Blocks of the sample → rows, with the ids of places and exporters looked up once."""

    def __init__(self, session: Session, facts: Demand, now: datetime, seed: int) -> None:
        self._session, self._facts, self._now, self._seed = session, facts, now, seed
        self._places = _ids(session, Location.code, Location.id, facts.locations)
        self._exporters = _ids(session, Party.reference, Party.id, facts.exporters)

    def write(self, block: PoolBlock) -> int:
        """Insert what is not there yet; returns how many."""
        there = self._there(block)
        rows = [row for row in self._rows(block) if row["reference"] not in there]
        if rows:
            self._session.execute(insert(Parcel.__table__), rows)  # type: ignore[arg-type]
        return len(rows)

    def _there(self, block: PoolBlock) -> set[str]:
        # By exporter, because the unique index that makes this quick begins with it.
        first, last = (reference(self._seed, at) for at in (block.first, block.first + len(block) - 1))
        query = select(Parcel.reference).where(
            Parcel.exporter_id.in_(self._exporters), Parcel.reference.between(first, last)
        )
        return set(self._session.scalars(query))

    def _rows(self, block: PoolBlock) -> Iterator[dict[str, Any]]:
        columns = (getattr(block, name).tolist() for name in PoolBlock.COLUMNS)
        for at, row in enumerate(zip(*columns, strict=True), start=block.first):
            stream, exporter, origin, destination, weight, sides, volume = row[:7]
            goods, value, ready, due, hard, grade, ago = row[7:]
            yield {
                "public_id": new_id("pcl"),
                "exporter_id": self._exporters[exporter],
                "reference": reference(self._seed, at),
                "direction": DIRECTION[stream],
                "origin_id": self._places[origin],
                "destination_id": self._places[destination],
                "weight_g": weight,
                "length_mm": sides[0],
                "width_mm": sides[1],
                "height_mm": sides[2],
                "volume_cm3": volume,
                "goods_class": self._facts.goods[goods],
                "hs_code": self._facts.hs_codes[goods],
                "value_minor": value,
                "currency": CURRENCY,
                "ready_at": instant(ready),
                "deliver_by": instant(due),
                "hard_deadline": hard,
                "customs_mode": CUSTOMS_MODE[stream],
                "grade": GRADES[grade] if grade >= 0 else None,
                "exported_on": export_day(self._now, ago),
                "status": PARCEL_STATES[0],
                "created_at": self._now,
            }


def _ids(session: Session, code: Any, key: Any, wanted: tuple[str, ...]) -> list[int]:  # noqa: ANN401 (columns)
    known: dict[str, int] = dict(session.execute(select(code, key).where(code.in_(wanted))).all())
    missing = [name for name in wanted if name not in known]
    if missing:
        raise Conflict(f"{missing[0]} is not there: run `fourport seed reference` first")
    return [known[name] for name in wanted]
