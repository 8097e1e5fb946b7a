"""An independent search for a way: there is truly none for what a plan leaves out as NO_ROUTE, LATE and the like."""

import heapq
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tests.plan_prices import is_for
from tests.plan_rows import DANGEROUS_ONLY, MINUTE, NOT_FOR_GOODS, PAPERS, Rows
from trade.goods import refusal

MOST_LEGS, MOST_RIDES, MOST_ERRANDS, ERRANDS_BETWEEN = 7, 3, 2, 1
"""How far the product looks: legs, dated legs, errands in a row at the ends, and between two dated legs."""


@dataclass(frozen=True, order=True)
class Step:
    """Where the goods are, since when, and how they came there."""

    at: datetime
    place: int
    rides: int = 0
    errands: int = 0
    services: tuple[str, ...] = ()
    places: tuple[int, ...] = ()

    @property
    def label(self) -> tuple[int, ...]:
        """Steps alike in this can go on alike; the first to be there is as good as any."""
        return (self.place, self.rides, self.errands, len(self.services))


class Network:
    """Everything that leaves a place and has a buying price, ready for a search of earliest arrivals."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.errands, self.boardings = defaultdict(list), defaultdict(list)
        self.tariffs = defaultdict(list)
        for tariff in rows.tariffs:
            self.tariffs[tariff.service_id].append(tariff)
        for service in rows.service.values():
            calls = sorted(rows.service_calls[service.id], key=lambda call: call.seq)
            if service.schedule == "on_demand":
                self.errands[calls[0].location_id].append((service, calls[-1].location_id))
        calls = defaultdict(list)
        for (number, _), call in sorted(rows.call.items()):
            calls[number].append(call)
        for number, row in rows.departure.items():
            for position, call in enumerate(calls[number][:-1] if row.status in ("planned", "open") else ()):
                self.boardings[call.location_id].append((row, call, calls[number][position + 1 :]))

    def earliest(self, parcel, *, goods=True, cutoffs=True) -> Step | None:
        """The first to be at the destination, whatever it costs, however far it goes and however full it is."""
        queue = [Step(max(parcel.ready_at, self.rows.now), parcel.origin_id)]
        known = set()
        while queue:
            step = heapq.heappop(queue)
            if step.place == parcel.destination_id:
                return step
            if step.label not in known:
                known.add(step.label)
                for longer in (*self.drive(step, parcel, goods), *self.ride(step, parcel, goods, cutoffs)):
                    heapq.heappush(queue, longer)
        return None

    def leaves(self, step: Step) -> datetime:
        """When the goods can go on from where they are."""
        change = self.rows.place[step.place].min_transfer_min if step.services else 0
        return step.at + change * MINUTE

    def drive(self, step: Step, parcel, goods: bool) -> Iterator[Step]:
        """Go on by what leaves on demand."""
        at = self.leaves(step)
        if step.errands == MOST_ERRANDS or len(step.services) == MOST_LEGS:
            return
        for service, end in self.errands[step.place]:
            if self.open_to(step, service, service.accepts, end, parcel, at, goods):
                there = at + service.transit_min * MINUTE
                yield self.longer(step, there, end, service, errands=step.errands + 1)

    def ride(self, step: Step, parcel, goods: bool, cutoffs: bool) -> Iterator[Step]:
        """Go on by what has a timetable."""
        at = self.leaves(step)
        most = ERRANDS_BETWEEN if step.rides else MOST_ERRANDS
        if step.rides == MOST_RIDES or step.errands > most or len(step.services) == MOST_LEGS:
            return
        for row, call, later in self.boardings[step.place]:
            service = self.rows.service[row.service_id]
            if call.departs_at < at or (cutoffs and not self.in_time(call, parcel, at)):
                continue
            for stop in later:
                end = stop.location_id
                if self.open_to(step, service, row.accepts, end, parcel, call.departs_at, goods):
                    yield self.longer(
                        step, stop.arrives_at or stop.departs_at, end, service, rides=step.rides + 1
                    )

    @staticmethod
    def longer(step: Step, at: datetime, end: int, service, *, rides=None, errands=0) -> Step:
        """The step and one more leg."""
        more = ((*step.services, service.code), (*step.places, step.place))
        return Step(at, end, step.rides if rides is None else rides, errands, *more)

    def open_to(self, step: Step, service, listed, end: int, parcel, at: datetime, goods: bool) -> bool:
        """Whether a leg leads to a new place, has a price, is not home again, and takes the goods."""
        rows = self.rows
        if end in step.places or end == step.place or service.code in step.services:
            return False
        home = rows.place[parcel.origin_id].country
        if rows.place[step.place].country != home and rows.place[end].country == home:
            return False
        if not any(is_for(row, step.place, end, parcel, at.date()) for row in self.tariffs[service.id]):
            return False
        warehouse = rows.warehouse.get(end)
        if (
            goods
            and warehouse is not None
            and warehouse.accepts
            and parcel.goods_class not in warehouse.accepts
        ):
            return False
        return not goods or refusal(rows.goods(parcel, at), service.mode, service.aircraft, listed) is None

    def in_time(self, call, parcel, at: datetime) -> bool:
        """Whether goods ready to be handed over make every cut-off of the call, and papers can still be sent."""
        dangerous = bool(self.rows.goods(parcel, call.departs_at).un_number)
        for cutoff in self.rows.cutoffs.get(call.id, ()):
            if cutoff.code in PAPERS and cutoff.at < self.rows.now:
                return False
            if (
                cutoff.code not in NOT_FOR_GOODS
                and (dangerous or cutoff.code not in DANGEROUS_ONLY)
                and at > cutoff.at
            ):
                return False
        return True


def check_reasons(rows: Rows) -> Iterator[str]:
    """What the plan says about goods it leaves out is so."""
    network = Network(rows)
    for item in rows.items:
        if item.itinerary_id is None:
            parcel = rows.parcel[item.parcel_id]
            for text in check_reason(network, item, parcel):
                yield f"item {parcel.reference}, left out as {item.reason} ({item.reason_fact}): {text}"


def check_reason(network: Network, item, parcel) -> Iterator[str]:
    """Hold one reason against what can be reached."""
    way = network.earliest(parcel)
    due = parcel.deliver_by if parcel.hard_deadline else None
    in_time = way is not None and (due is None or way.at <= due)
    if item.reason in ("NO_ROUTE", "DG_NOT_ALLOWED", "CUTOFF_MISSED", "LATE") and in_time:
        yield f"there is a way: {' '.join(way.services)}, there at {way.at}"
    if item.reason == "DG_NOT_ALLOWED" and network.earliest(parcel, goods=False) is None:
        yield "there is no way for any goods"
    if item.reason == "CUTOFF_MISSED" and network.earliest(parcel, cutoffs=False) is None:
        yield "there is no way without cut-offs either"
    if item.reason in ("COSTLIER", "WEIGHT_FULL", "VOLUME_FULL", "TEU_FULL") and not in_time:
        yield "there is no way that could be dear or full"


CHECKS = (check_reasons,)
