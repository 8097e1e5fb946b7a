"""An independent reading of a stored plan: what its rows say, held against the rows they refer to.

Written from the data model and the rule books of `trade` alone, to have no mistake in common with the code that
makes plans. Slow and plain on purpose. Every check yields one line of text per violation.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace as Row

from sqlalchemy import select

from app import models
from trade.goods import goods_class, refusal

PAPERS = {"DCO", "AFC"}
"""Cut-offs of papers: they bind whoever books, not the goods."""
NOT_FOR_GOODS = PAPERS | {"ECP", "EFC"}
"""ECP and EFC say when an empty box may be fetched and the full one brought at the earliest."""
DANGEROUS_ONLY = {"DGC", "OBC"}
ON_THE_SPOT = {"restock": "returns", "relabel": "relabel", "refurbish": "refurbish", "destroy": ""}
"""What is done where the goods lie, and the service a warehouse must offer for it; any can have them destroyed."""
DAYS_OF_WORK = {"restock": 1, "relabel": 2, "refurbish": 7, "destroy": 2}
MINUTE = timedelta(minutes=1)


class Rows:
    """The rows of one plan and of the network it runs on, by id."""

    def __init__(self, session, plan_id: int, now: datetime) -> None:
        self.now = now

        def read(model, *where):
            table = model.__table__
            query = select(table).where(*where).order_by(*table.primary_key)
            return [Row(**row) for row in session.execute(query).mappings()]

        def by_id(model, *where):
            return {row.id: row for row in read(model, *where)}

        [self.plan] = read(models.Plan, models.Plan.id == plan_id)
        [self.run] = read(models.OptimizationRun, models.OptimizationRun.id == self.plan.run_id)
        own = lambda model: model.plan_id == plan_id  # noqa: E731
        self.place, self.service, self.party = (
            by_id(models.Location),
            by_id(models.Service),
            by_id(models.Party),
        )
        self.warehouse = {row.location_id: row for row in read(models.Warehouse)}
        self.departure, self.unit_type = by_id(models.Departure), by_id(models.UnitType)
        self.parcel = by_id(models.Parcel)
        self.call = {(row.departure_id, row.seq): row for row in read(models.Call)}
        segments = read(models.Segment)
        self.segment = {(row.departure_id, row.seq): row.id for row in segments}
        self.segments = grouped(segments, "departure_id")
        self.cutoffs = grouped(read(models.Cutoff), "call_id")
        self.pools = grouped(read(models.CapacityPool), "segment_id")
        self.departure_units = grouped(read(models.DepartureUnit), "departure_id")
        self.service_calls = grouped(read(models.ServiceCall), "service_id")
        self.tariffs = read(models.Tariff, models.Tariff.side == "buy")
        self.breaks = grouped(read(models.TariffBreak), "tariff_id")
        self.surcharges = grouped(read(models.TariffSurcharge), "tariff_id")
        self.fx = read(models.FxRate)
        self.fees = grouped(read(models.WarehouseFee), "warehouse_id")
        self.items, self.loads = (
            read(models.PlanItem, own(models.PlanItem)),
            read(models.PlanLoad, own(models.PlanLoad)),
        )
        self.units = read(models.PlanUnit, own(models.PlanUnit))
        self.itinerary = by_id(models.PlanItinerary, own(models.PlanItinerary))
        self.legs = {
            number: sorted(legs, key=lambda leg: leg.seq)
            for number, legs in grouped(read(models.PlanLeg), "itinerary_id").items()
            if number in self.itinerary
        }

    def legs_of(self, item) -> list[Row]:
        """The legs an item travels, in order; none where it stays or is left out."""
        return self.legs.get(item.itinerary_id, [])

    def goods(self, parcel, at: datetime):
        """The rule book's row of a parcel's goods on the day it travels."""
        return goods_class(parcel.goods_class, at.date())


def grouped(rows, key: str) -> dict[int, list[Row]]:
    """Rows by one of their columns."""
    found = defaultdict(list)
    for row in rows:
        found[getattr(row, key)].append(row)
    return found


def check_items(rows: Rows) -> Iterator[str]:
    """What the plan does with every parcel is possible and allowed."""
    yield from check_who_is_planned(rows)
    for item in rows.items:
        parcel = rows.parcel[item.parcel_id]
        found = (
            check_left_out(rows, item, parcel)
            if item.itinerary_id is None
            else check_item(rows, item, parcel)
        )
        for text in found:
            yield f"item {parcel.reference}: {text}"
    counts = defaultdict(int)
    for item in rows.items:
        counts[item.itinerary_id] += 1
    for itinerary in rows.itinerary.values():
        if itinerary.parcels != counts[itinerary.id]:
            yield f"itinerary {itinerary.id}: says {itinerary.parcels} parcels, has {counts[itinerary.id]}"


def check_who_is_planned(rows: Rows) -> Iterator[str]:
    """Every waiting parcel of the run's scope is in the plan, and nothing else."""
    waiting = {
        parcel.id
        for parcel in rows.parcel.values()
        if parcel.status == "pending" and parcel.direction in rows.run.scope["directions"]
    }
    planned = {item.parcel_id for item in rows.items}
    for number in sorted(waiting ^ planned):
        what = "waits and is not in the plan" if number in waiting else "is in the plan and does not wait"
        yield f"item {rows.parcel[number].reference}: {what}"


def check_left_out(rows: Rows, item, parcel) -> Iterator[str]:
    """An item that goes nowhere says why, and holds nothing."""
    if item.reason is None:
        yield "is left out without a reason"
    if item.arrives_at is not None or item.late_min or item.cost_minor:
        yield "is left out and yet arrives, is late or costs something"
    if (item.reason == "CREDIT_HOLD") != rows.party[parcel.exporter_id].credit_hold:
        yield f"its exporter's credit hold does not go with the reason {item.reason}"


def check_item(rows: Rows, item, parcel) -> Iterator[str]:
    """Check one assigned item."""
    legs, disposition = rows.legs_of(item), rows.itinerary[item.itinerary_id].disposition
    if item.reason is not None:
        yield "travels and yet has a reason for being left out"
    if rows.party[parcel.exporter_id].credit_hold:
        yield "travels although its exporter is on credit hold"
    yield from check_ends(rows, parcel, legs, disposition)
    yield from check_times(rows, parcel, legs)
    for leg in legs:
        dated = rows.service[leg.service_id].schedule == "dated"
        since = legs[leg.seq - 1].arrives_at if leg.seq else parcel.ready_at
        found = check_ride(rows, parcel, leg, since) if dated else check_errand(rows, leg)
        for text in (*found, *check_goods(rows, parcel, leg)):
            yield f"leg {leg.seq}: {text}"
    last = legs[-1].arrives_at if legs else full_hour(max(parcel.ready_at, rows.now))
    done = last + timedelta(days=DAYS_OF_WORK.get(disposition, 0))
    if item.arrives_at != done:
        yield f"is said to be there at {item.arrives_at}, its legs say {done}"
    late = 0 if parcel.deliver_by is None else max(0, -((parcel.deliver_by - item.arrives_at) // MINUTE))
    if item.late_min != late:
        yield f"is said to be {item.late_min} min late, and is {late}"
    if parcel.hard_deadline and late:
        yield f"is {late} min late and must not be"


def full_hour(at: datetime) -> datetime:
    """The next full hour: parcels ready within one are planned as one class, from its end."""
    return at + (-at.timestamp() % 3600) * timedelta(seconds=1)


def check_ends(rows: Rows, parcel, legs, disposition) -> Iterator[str]:
    """It starts where the goods lie, hangs together, and ends where the disposition says."""
    if legs and legs[0].from_location_id != parcel.origin_id:
        yield "does not start where the goods are"
    for before, after in pairwise(legs):
        if before.to_location_id != after.from_location_id:
            yield f"leg {after.seq} does not start where leg {before.seq} ends"
    if [leg.seq for leg in legs] != list(range(len(legs))):
        yield "legs are not numbered in order"
    origin, end = (
        rows.place[parcel.origin_id],
        rows.place[legs[-1].to_location_id if legs else parcel.origin_id],
    )
    yield from check_disposition(rows, parcel, origin, end, legs, disposition)
    for leg in legs:
        warehouse, code = rows.warehouse.get(leg.to_location_id), rows.place[leg.to_location_id].code
        if warehouse is not None and warehouse.accepts and parcel.goods_class not in warehouse.accepts:
            yield f"{code} does not take {parcel.goods_class}"
    abroad = [rows.place[leg.to_location_id].country != origin.country for leg in legs]
    if any(before and not after for before, after in pairwise(abroad)):
        yield f"leaves {origin.country} and comes back"


def check_on_the_spot(rows: Rows, origin, legs, disposition) -> Iterator[str]:
    """What is done where the goods lie needs a warehouse that does it."""
    warehouse = rows.warehouse.get(origin.id)
    if legs:
        yield f"travels for {disposition}, which is done on the spot"
    if origin.country == "CN" and disposition in ("restock", "relabel"):
        yield f"{disposition} in China, where it is not sold"
    if warehouse is None or ON_THE_SPOT[disposition] not in ("", *warehouse.services):
        yield f"{origin.code} does not offer {ON_THE_SPOT[disposition]} for {disposition}"


def check_disposition(rows: Rows, parcel, origin, end, legs, disposition) -> Iterator[str]:
    """Exports are delivered; returns end as what is done with them demands."""
    if parcel.direction != "return":
        if disposition is not None or end.id != parcel.destination_id:
            yield f"ends at {end.code} with {disposition}, not delivered to its destination"
    elif disposition in ON_THE_SPOT:
        yield from check_on_the_spot(rows, origin, legs, disposition)
    elif disposition == "return_to_china":
        if origin.country == "CN" or end.country != "CN" or end.kind != "returns_centre":
            yield f"returns to China from {origin.code} and ends at {end.code}"
    elif disposition == "transfer":
        if end.kind != "overseas" or end.id == origin.id or origin.country == "CN":
            yield f"is transferred from {origin.code} to {end.code}"
    elif disposition == "reexport_with_exports":
        if origin.country != "CN" or end.id != parcel.destination_id or end.country == "CN":
            yield f"is exported again from {origin.code} to {end.code}"
    else:
        yield f"is a return with disposition {disposition}"


def check_times(rows: Rows, parcel, legs) -> Iterator[str]:
    """Each leg is after what comes before it, with the time its place needs for a change."""
    if legs and legs[0].departs_at < max(parcel.ready_at, rows.now):
        yield f"leaves at {legs[0].departs_at}, before it is ready ({parcel.ready_at}) or before now"
    for leg in legs:
        if leg.arrives_at < leg.departs_at:
            yield f"leg {leg.seq} arrives before it departs"
    for before, after in pairwise(legs):
        change = rows.place[after.from_location_id].min_transfer_min * MINUTE
        if after.departs_at < before.arrives_at + change:
            yield f"leg {after.seq} leaves {after.departs_at - before.arrives_at} after arrival, less than {change}"


def check_ride(rows: Rows, parcel, leg, since: datetime) -> Iterator[str]:
    """The departure is real, runs between these calls at these times, and is open to goods there `since`."""
    departure = rows.departure.get(leg.departure_id)
    board, alight = (rows.call.get((leg.departure_id, seq)) for seq in (leg.board_seq, leg.alight_seq))
    if departure is None or board is None or alight is None:
        yield "has no departure, or not these calls"
        return
    if departure.service_id != leg.service_id or departure.status not in ("planned", "open"):
        yield f"the departure is of another service or {departure.status}"
    if leg.board_seq >= leg.alight_seq:
        yield "runs against the departure's calls"
    if (board.location_id, alight.location_id) != (leg.from_location_id, leg.to_location_id):
        yield "the calls are at other places"
    arrives = alight.arrives_at or alight.departs_at
    if (board.departs_at, arrives) != (leg.departs_at, leg.arrives_at):
        yield f"leaves {leg.departs_at} and arrives {leg.arrives_at}, the calls say {board.departs_at} and {arrives}"
    dangerous = bool(rows.goods(parcel, leg.departs_at).un_number)
    for cutoff in rows.cutoffs.get(board.id, ()):
        if cutoff.code in PAPERS and cutoff.at < rows.now:
            yield f"papers were due at {cutoff.at} ({cutoff.code}), before the plan was made"
        if cutoff.code in NOT_FOR_GOODS or (cutoff.code in DANGEROUS_ONLY and not dangerous):
            continue
        if since > cutoff.at:
            yield f"goods are there at {since}, after the cut-off {cutoff.code} at {cutoff.at}"


def check_errand(rows: Rows, leg) -> Iterator[str]:
    """The service on demand runs between these places in this time on this day."""
    service = rows.service[leg.service_id]
    places = [call.location_id for call in sorted(rows.service_calls[service.id], key=lambda call: call.seq)]
    if (leg.departure_id, leg.board_seq, leg.alight_seq) != (None, None, None):
        yield "rides a departure of a service that has none"
    if (leg.from_location_id, leg.to_location_id) != (places[0], places[-1]):
        yield f"{service.code} does not run between these places"
    if leg.arrives_at - leg.departs_at != service.transit_min * MINUTE:
        yield f"takes {leg.arrives_at - leg.departs_at}, {service.code} takes {service.transit_min} min"
    day = leg.departs_at.date()
    if day < service.valid_from or (service.valid_to is not None and day >= service.valid_to):
        yield f"{service.code} does not run on {day}"


def check_goods(rows: Rows, parcel, leg) -> Iterator[str]:
    """The law, the service and the departure all take the goods."""
    service, departure = rows.service[leg.service_id], rows.departure.get(leg.departure_id)
    goods = rows.goods(parcel, leg.departs_at)
    listed = service.accepts if departure is None else departure.accepts
    finding = refusal(goods, service.mode, service.aircraft, listed)
    if finding is not None:
        yield f"{service.code}: {finding.code} {finding.detail}"
