"""An independent pricing of a stored plan from the tariff rows, and an independent sum of the figures it reports."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

from tests.plan_rows import Rows, full_hour
from tests.plan_space import (
    POOL_OF_SIZE,
    SIZES,
    fen,
    free_by_owner,
    paid_for,
    pools_on,
    segments_of,
    unit_price,
)
from trade.charging import charge
from trade.tariff import Surcharge, Tariff, WeightBreak

DAY_OF_VALUE, DAY_PER_KG = Fraction(1, 1000), 5
LATE_DAY_OF_VALUE, LATE_DAY = Fraction(2, 100), 500
COURIER, COURIER_PER_KG, COURIER_DIVISOR = 12_000, 7_500, 5_000
LABOUR = {"restock": 200, "relabel": 600, "refurbish": 4_000}
DESTROY_PER_KG = 300
LOST_PERCENT = {
    "restock": {"A": 10, "B": 25},
    "relabel": {"A": 8, "B": 18},
    "refurbish": {"B": 15, "C": 30},
    "destroy": {"A": 100, "B": 100, "C": 100, "D": 100},
    "return_to_china": {"A": 5, "B": 12, "C": 25, "D": 60},
    "transfer": {"A": 5, "B": 15, "C": 40, "D": 80},
    "reexport_with_exports": {"A": 0, "B": 5, "C": 20, "D": 60},
}
"""The planning prices, in fen, once more: what they are is policy, that the plan uses them is checked."""
UNGRADED = "B"
DAY = timedelta(days=1)


def check_prices(rows: Rows) -> Iterator[str]:
    """Every item costs what the tariffs and the planning prices say, and the plan what its parts do."""
    total, prepaid = Fraction(0), []
    for item in rows.items:
        parcel = rows.parcel[item.parcel_id]
        if item.itinerary_id is None:
            total += courier(parcel)
            continue
        try:
            least, most, free = nearest(item.cost_minor, item_costs(rows, item, parcel))
        except LookupError as error:
            yield f"item {parcel.reference}: {error}"
            continue
        if not least - 1 <= item.cost_minor <= most + 1:
            yield f"item {parcel.reference}: costs {item.cost_minor}, its rows say {float(least)} to {float(most)}"
        prepaid += [(leg, parcel) for leg in free]
        total += item.cost_minor
    yield from check_prepaid(rows, prepaid)
    for unit in rows.units:
        price = unit_price(rows, unit)
        if abs(unit.cost_minor - paid_for(rows, unit) * price) > 1:
            yield f"unit {unit.id}: costs {unit.cost_minor}, one of its {unit.opened} costs {float(price)}"
        total += paid_for(rows, unit) * price
    if abs(Fraction(rows.plan.objective) - total) > Fraction(len(rows.items), 2):
        yield f"objective {rows.plan.objective}, its parts cost {float(total)}"


Cost = tuple[Fraction, Fraction, tuple]
"""Least and greatest cost in fen, and the legs that cost nothing because the exporter's own block is paid for."""


def item_costs(rows: Rows, item, parcel) -> list[Cost]:
    """What an item may cost, with each way to put it into its exporter's blocks; charge lines are rounded."""
    value, kg = fen(rows, parcel.value_minor, parcel.currency), Fraction(parcel.weight_g, 1000)
    known = handling(rows.itinerary[item.itinerary_id].disposition, parcel, value, kg)
    known += (LATE_DAY_OF_VALUE * value + LATE_DAY) * Fraction(item.late_min, 1440)
    per_day = DAY_OF_VALUE * value + DAY_PER_KG * kg
    known += per_day * Fraction((item.arrives_at - full_hour(max(parcel.ready_at, rows.now))) / DAY)
    found: list[Cost] = [(known, known, ())]
    for leg in rows.legs_of(item):
        cost, rounding = priced_leg(rows, leg, parcel)
        paid = [(least + cost - rounding, most + cost + rounding, free) for least, most, free in found]
        found = paid + [
            (least, most, (*free, leg)) for least, most, free in found if has_block(rows, leg, parcel)
        ]
    return found


def nearest(said: int, costs: list[Cost]) -> Cost:
    """The cost that comes closest to what the plan says."""
    return min(costs, key=lambda cost: max(cost[0] - said, said - cost[1], 0))


def has_block(rows: Rows, leg, parcel) -> bool:
    """Whether the exporter has space of its own, not released, on all of a leg."""
    segments = segments_of(rows, leg) if leg.departure_id else []
    return bool(segments) and all(
        any(
            parcel.exporter_id in free_by_owner(rows, leg.departure_id, seq, pool.dimension)
            for pool in pools_on(rows, leg.departure_id, seq)
        )
        for seq in segments
    )


def check_prepaid(rows: Rows, prepaid) -> Iterator[str]:
    """What travels for nothing lies in its exporter's block, or in boxes opened there for nothing."""
    loose, boxed, room = Counter(), Counter(), Counter()
    for leg, parcel in prepaid:
        pair = (leg.departure_id, leg.board_seq, leg.alight_seq)
        for dimension, size in zip(POOL_OF_SIZE, SIZES, strict=True):
            boxed[pair, size] += getattr(parcel, size)
            for seq in segments_of(rows, leg):
                loose[leg.departure_id, seq, dimension, parcel.exporter_id] += getattr(parcel, size)
    for (number, seq, dimension, owner), amount in loose.items():
        free = free_by_owner(rows, number, seq, dimension)
        if free and amount > free.get(owner, 0):
            yield f"departure {number} segment {seq}: {amount} {dimension} ride free, the block has {free.get(owner)}"
    for unit in rows.units:
        kind, pair = rows.unit_type[unit.unit_type_id], (unit.departure_id, unit.board_seq, unit.alight_seq)
        for size, holds in zip(SIZES, (kind.payload_g, kind.volume_cm3), strict=True):
            room[pair, size] += holds * (unit.opened - paid_for(rows, unit))
    for (pair, size), amount in boxed.items():
        if rows.departure_units.get(pair[0]) and amount > room[pair, size]:
            yield f"departure {pair}: {amount} {size} ride free, the block's boxes hold {room[pair, size]}"


def handling(disposition, parcel, value: Fraction, kg: Fraction) -> Fraction:
    """What is done with a return costs labour and part of its value."""
    if disposition is None:
        return Fraction(0)
    lost = LOST_PERCENT[disposition].get(parcel.grade or UNGRADED)
    if lost is None:
        raise LookupError(f"{disposition} is not done with grade {parcel.grade}")
    work = LABOUR.get(disposition, 0) + (DESTROY_PER_KG * kg if disposition == "destroy" else 0)
    return value * lost / 100 + work


def courier(parcel) -> Fraction:
    """What leaving an item to the courier costs."""
    chargeable = max(Fraction(parcel.weight_g, 1000), Fraction(parcel.volume_cm3, COURIER_DIVISOR))
    return COURIER + COURIER_PER_KG * chargeable


def priced_leg(rows: Rows, leg, parcel) -> tuple[Fraction, Fraction]:
    """Cost of one leg in fen, and how far the rounding of its lines can move it."""
    row = tariff_of(rows, leg, parcel)
    lines = charge(as_rule(rows, row), parcel.weight_g, parcel.volume_cm3)
    rate = fen(rows, 1, row.currency)
    return sum(line.amount_minor for line in lines) * rate, len(lines) * rate


def tariff_of(rows: Rows, leg, parcel):
    """The buying tariff of a leg on its day: the exporter's own before the general, the nearer before the wider."""
    day = leg.departs_at.date()
    found = [
        row
        for row in rows.tariffs
        if row.service_id == leg.service_id
        and is_for(row, leg.from_location_id, leg.to_location_id, parcel, day)
    ]
    if not found:
        raise LookupError(f"{rows.service[leg.service_id].code} has no buying tariff for this leg on {day}")
    return max(
        found,
        key=lambda row: (
            row.exporter_id is not None,
            (row.from_location_id is not None) + (row.to_location_id is not None),
            row.valid_from,
        ),
    )


def is_for(row, start: int, end: int, parcel, day: date) -> bool:
    """Whether a tariff prices goods of a parcel between two places on a day."""
    return (
        row.from_location_id in (None, start)
        and row.to_location_id in (None, end)
        and row.exporter_id in (None, parcel.exporter_id)
        and row.valid_from <= day
        and (row.valid_to is None or day < row.valid_to)
    )


def as_rule(rows: Rows, row) -> Tariff:
    """A tariff row with its breaks and surcharges as the rule book wants it."""
    return Tariff(
        code=row.code,
        side=row.side,
        currency=row.currency,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        divisor_cm3_per_kg=row.divisor_cm3_per_kg,
        rounding_g=row.rounding_g,
        minimum_minor=row.minimum_minor,
        flat_minor=row.flat_minor,
        per_m3_micros=row.per_m3_micros,
        breaks=tuple(
            WeightBreak(one.from_g, one.rate_micros_per_kg, one.flat_minor)
            for one in sorted(rows.breaks.get(row.id, ()), key=lambda one: one.from_g)
        ),
        surcharges=tuple(
            Surcharge(one.code, one.basis, one.amount_micros) for one in rows.surcharges.get(row.id, ())
        ),
    )


def check_figures(rows: Rows) -> Iterator[str]:
    """The plan's head and summary say what its rows say."""
    plan, summary = rows.plan, rows.plan.summary
    assigned = [item for item in rows.items if item.itinerary_id is not None]
    on_time = sum(1 for item in assigned if not item.late_min)
    directions = defaultdict(lambda: {"items": 0, "assigned": 0})
    for item in rows.items:
        figures = directions[rows.parcel[item.parcel_id].direction]
        figures["items"] += 1
        figures["assigned"] += item.itinerary_id is not None
    dispositions = Counter(rows.itinerary[item.itinerary_id].disposition or "deliver" for item in assigned)
    gap = (
        None
        if plan.lower_bound is None or plan.objective == plan.lower_bound == 0
        else plan.objective / plan.lower_bound - 1
    )
    pairs = {
        "items": (plan.items, len(rows.items)),
        "assigned": (plan.assigned, len(assigned)),
        "on time": (plan.on_time, on_time),
        "directions": (summary["directions"], dict(directions)),
        "dispositions": (summary["dispositions"], dict(dispositions)),
        "reasons": (summary["reasons"], dict(Counter(i.reason for i in rows.items if i.reason))),
        "gap": (plan.gap and round(plan.gap, 9), gap and round(gap, 9)),
        "fixed cost": (summary["fixed_cost_minor"], sum(unit.cost_minor for unit in rows.units)),
        "the modes' fixed cost": (
            sum(mode["fixed_cost_minor"] for mode in summary["modes"].values()),
            sum(unit.cost_minor for unit in rows.units),
        ),
    }
    for name, (said, counted) in pairs.items():
        if said != counted:
            yield f"{name}: the plan says {said}, its rows {counted}"
    yield from check_modes(rows)


def check_modes(rows: Rows) -> Iterator[str]:
    """Parcels, grams and fixed cost by mode."""
    found = defaultdict(Counter)
    for item in rows.items:
        for mode in {rows.service[leg.service_id].mode for leg in rows.legs_of(item)}:
            found[mode].update(parcels=1, weight_g=rows.parcel[item.parcel_id].weight_g)
    for unit in rows.units:
        service = rows.service[rows.departure[unit.departure_id].service_id]
        found[service.mode].update(fixed_cost_minor=unit.cost_minor)
    used = defaultdict(set)
    for item in rows.items:
        for leg in rows.legs_of(item):
            used[rows.service[leg.service_id].mode].add(
                (leg.departure_id, leg.departure_id or leg.service_id)
            )
    for mode, said in rows.plan.summary["modes"].items():
        counted = {name: found[mode][name] for name in ("parcels", "weight_g", "fixed_cost_minor")}
        counted["used"] = len(used[mode])
        if any(said[name] != counted[name] for name in counted):
            yield f"mode {mode}: the plan says {said}, its rows {counted}"
        if said["offered"] < said["used"]:
            yield f"mode {mode}: more used than offered"


CHECKS = (check_prices, check_figures)
