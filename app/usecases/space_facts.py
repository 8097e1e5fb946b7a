"""What is still free on one departure, and the boxes and charters that can be opened on it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from math import inf

from app.models import CapacityPool, DepartureUnit
from app.models import Departure as DepartureRow
from app.usecases.pricing_facts import Exchange, PriceBook, RateMissing
from routing.network import Allotment, Box, Opening, Pair, Space

HUNDREDTHS = frozenset({"teu", "slot20", "slot40", "slot45", "uld_position"})
"""Dimensions counted in hundredths in the database."""

LeaveOut = Callable[[str, str, str], None]
"""Takes the code, subject and text of a finding."""


def read_space(
    row: DepartureRow, pairs: Mapping[Pair, int], exchange: Exchange, now: datetime, leave_out: LeaveOut
) -> Space | None:
    """Return the free space of a departure between calls that have a rate row; None where it has no room at all.

    Where there are boxes, goods travel in them, otherwise loose. Held and booked space is not free, and an
    allotment is its exporter's until it is released.
    """
    pools = _Pools(row, now)
    if not pools.any and not row.units:
        leave_out("no_capacity", f"{row.service.code} {row.number}", "it has neither pools nor units")
        return None
    boxes, openings = _units(row, pairs, pools, exchange, leave_out)
    if not boxes and not openings and (row.units or not pools.carry_loose):
        what = "none of its units can be opened" if row.units else "it has no room by weight or volume"
        leave_out("no_capacity", f"{row.service.code} {row.number}", what)
        return None
    blocks = {
        _block(kind, exporter): free
        for exporter in pools.exporters
        for kind in sorted(HUNDREDTHS)
        if (free := pools.free(kind, exporter))
    }
    return Space(
        loose={} if boxes else dict(pairs),
        boxed=dict(pairs) if boxes else {},
        free_g=pools.free("g"),
        free_cm3=pools.free("cm3"),
        slots={kind: free for kind in sorted(HUNDREDTHS) if (free := pools.free(kind))} | blocks,
        boxes=tuple(boxes),
        boxes_weigh=bool(boxes),
        openings=tuple(openings),
        allotments=() if boxes else tuple(_allotments(pairs, pools)),
    )


def _units(
    row: DepartureRow, pairs: Mapping[Pair, int], pools: "_Pools", exchange: Exchange, leave_out: LeaveOut
) -> tuple[list[Box], list[Opening]]:
    """Return the boxes and the whole or part charters that can be opened, with what one costs in fen."""
    boxes: list[Box] = []
    openings: list[Opening] = []
    for unit in sorted(row.units, key=lambda one: one.id):
        kind, left = unit.unit_type, unit.max_count - unit.opened
        subject = f"{row.service.code} {kind.code}"
        try:
            cost = unit.cost_minor * exchange.factor(unit.currency)
        except RateMissing as error:
            leave_out("no_exchange_rate", subject, f"the unit is left out: {error}")
            continue
        if kind.takes_dimension is None:
            openings.append(Opening(kind.code, kind.payload_g, kind.volume_cm3, cost, left))
            continue
        found = list(_boxes(unit, pairs, cost, pools))
        if not found:
            missing = f"the unit is left out: no {kind.takes_dimension} pool to take room in"
            leave_out("no_capacity", subject, missing)
        boxes += found
    return boxes, openings


class _Pools:
    """What is free on each segment of a departure, for everybody and for each exporter's allotment."""

    def __init__(self, row: DepartureRow, now: datetime) -> None:
        self._segments = sorted(row.segments, key=lambda segment: segment.seq)
        self._free: dict[tuple[str, int | None], dict[int, float]] = defaultdict(dict)
        cut_out: dict[tuple[str, int], float] = defaultdict(float)
        for position, segment in enumerate(self._segments):
            for pool in segment.pools:
                if pool.exporter_id is None or not _released(pool, now):
                    left = _count(pool.dimension, pool.capacity - pool.held - pool.booked)
                    self._free[pool.dimension, pool.exporter_id][position] = left
                if pool.parent_id is not None:
                    gone = pool.held + pool.booked if _released(pool, now) else pool.capacity
                    cut_out[pool.dimension, position] += _count(pool.dimension, gone)
        for (dimension, position), taken in cut_out.items():
            open_pool = self._free[dimension, None]
            open_pool[position] = max(0.0, open_pool.get(position, 0.0) - taken)

    @property
    def any(self) -> bool:
        """Whether the departure has a pool at all."""
        return bool(self._free)

    @property
    def carry_loose(self) -> bool:
        """Whether loose goods find room that is limited: where nothing is, nothing is known of it."""
        return any(dimension not in HUNDREDTHS for dimension, _ in self._free)

    @property
    def exporters(self) -> list[int]:
        """The exporters with an allotment that is not released yet."""
        return sorted({exporter for _, exporter in self._free if exporter is not None})

    def free(self, dimension: str, exporter: int | None = None) -> tuple[float, ...]:
        """Return what can still be taken on each segment, by everybody or by the exporter of an allotment.

        Empty where there is no such pool. Where only some segments have one, the others are not limited for
        everybody, and closed for an allotment.
        """
        free = self._free.get((dimension, exporter))
        other = inf if exporter is None else 0.0
        return tuple(free.get(position, other) for position in range(len(self._segments))) if free else ()


def _boxes(unit: DepartureUnit, pairs: Mapping[Pair, int], cost: float, pools: _Pools) -> Iterable[Box]:
    """Yield the unit as everybody's box, and as one in each exporter's block, where opening it was paid before."""
    kind = unit.unit_type
    slot, taken = str(kind.takes_dimension), kind.takes_quantity / 100
    size = {"size_g": kind.payload_g, "size_cm3": kind.volume_cm3}
    if pools.free(slot):
        left = unit.max_count - unit.opened
        yield Box(
            kind.code, max_units=left, cost=dict.fromkeys(pairs, cost), slot_kind=slot, slots=taken, **size
        )
    for exporter in pools.exporters:
        if free := pools.free(slot, exporter):
            yield Box(
                kind.code,
                max_units=int(max(free) // max(taken, 0.01)),
                cost=dict.fromkeys(pairs, 0.0),
                slot_kind=_block(slot, exporter),
                slots=taken,
                exporter=exporter,
                **size,
            )


def _block(dimension: str, exporter: int) -> str:
    return f"{dimension} of {exporter}"


def _allotments(pairs: Mapping[Pair, int], pools: _Pools) -> Iterable[Allotment]:
    """Yield each exporter's own room for loose goods, which costs nothing more."""
    for exporter in pools.exporters:
        free_g, free_cm3 = pools.free("g", exporter), pools.free("cm3", exporter)
        if free_g or free_cm3:
            rates = dict.fromkeys(pairs, PriceBook.FREE)
            yield Allotment(f"allotment of {exporter}", rates, exporter, free_g, free_cm3)


def _released(pool: CapacityPool, now: datetime) -> bool:
    return pool.exporter_id is not None and pool.release_at is not None and pool.release_at <= now


def _count(dimension: str, quantity: int) -> float:
    return quantity / 100 if dimension in HUNDREDTHS else float(quantity)
