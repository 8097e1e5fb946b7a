"""An independent pricing of a stored plan from the tariff rows, and an independent sum of the figures it reports."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
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
WORK_CENTS = {
    "restock": 0, "relabel": 35, "refurbish": 400, "destroy": 60, "transfer": 25, "return_to_china": 25,
    "reexport_with_exports": 50,
}  # fmt: skip
LOST_PERCENT = {
    "restock": {"A": 7, "B": 25},
    "relabel": {"A": 8, "B": 18},
    "refurbish": {"B": 15, "C": 30},
    "destroy": {"A": 100, "B": 100, "C": 100, "D": 100},
    "return_to_china": {"A": 5, "B": 12, "C": 25},
    "transfer": {"A": 5, "B": 15},
    "reexport_with_exports": {"A": 0, "B": 5},
}
FEE_OF = {"relabel": "work_relabel", "refurbish": "work_repack", "destroy": "destroy_unit"}
STORED_M3_DAY, BEGUN_DAY, DAYS_AHEAD = 350, Fraction(1, 2), 30
DUTY = {"food": Fraction(199, 1000), "": Fraction(215, 1000)}
RELIEVED_MODES, RELIEF_MONTHS = {"1210", "9610", "9710", "9810"}, 6
RELIEF_FROM, RELIEF_UNTIL = date(2023, 1, 30), date(2028, 1, 1)
CHINA_MIDNIGHT_UTC = 16
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
    known = handling(rows, item, parcel, value)
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


def handling(rows: Rows, item, parcel, value: Fraction) -> Fraction:
    """What is done with a return costs work and part of its value, waiting for it storage, and coming late duty."""
    disposition = rows.itinerary[item.itinerary_id].disposition
    if disposition is None:
        return Fraction(0)
    lost = LOST_PERCENT[disposition].get(parcel.grade or UNGRADED)
    if lost is None:
        raise LookupError(f"{disposition} is not done with grade {parcel.grade}")
    cost = value * lost / 100 + work(rows, disposition, parcel)
    if disposition == "return_to_china" and not relieved(parcel, item.arrives_at):
        cost += value * DUTY.get(parcel.goods_class, DUTY[""])
    return cost + storage(rows, item, parcel)


def work(rows: Rows, disposition: str, parcel) -> Fraction:
    """The work with a piece: by the warehouse's price list, else by the published one."""
    listed = price_list(rows, parcel, FEE_OF.get(disposition, ""))
    if listed:
        return fee(rows, listed, 0)
    return fen(rows, WORK_CENTS[disposition], "USD")


def price_list(rows: Rows, parcel, code: str) -> list:
    """The rows of a fee an exporter pays where a parcel lies: its own, else those for everybody."""
    house, day = rows.warehouse.get(parcel.origin_id), rows.now.date()
    some = [
        row for row in rows.fees.get(house.id if house else 0, ())
        if row.code == code and row.effective_from <= day and (row.effective_to is None or day < row.effective_to)
    ]  # fmt: skip
    own = [row for row in some if row.exporter_id == parcel.exporter_id]
    return own or [row for row in some if row.exporter_id is None]


def fee(rows: Rows, listed: list, at: int) -> Fraction:
    """One price of a list in fen; 0 above its last band."""
    for row in listed:
        if row.band_from <= at and (row.band_to is None or at < row.band_to):
            return Fraction(row.price_micros, 1_000_000) * fen(rows, 100, row.currency)
    return Fraction(0)


def relieved(parcel, arrives_at) -> bool:
    """Whether the goods are back in China by the last day of relief, there."""
    day = parcel.exported_on
    if day is None or parcel.customs_mode not in RELIEVED_MODES or parcel.goods_class == "food":
        return False
    if not RELIEF_FROM <= day < RELIEF_UNTIL:
        return False
    years, month = divmod(day.month - 1 + RELIEF_MONTHS, 12)
    ends = next(
        date(day.year + years, month + 1, last) for last in range(day.day, 0, -1)
        if is_day(day.year + years, month + 1, last)
    )  # fmt: skip
    return arrives_at < datetime(ends.year, ends.month, ends.day, CHINA_MIDNIGHT_UTC, tzinfo=UTC)


def is_day(year: int, month: int, day: int) -> bool:
    """Whether the calendar has such a day."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def storage(rows: Rows, item, parcel) -> Fraction:
    """The room it takes in the warehouse until it leaves for its first departure, or is done there."""
    if parcel.origin_id not in rows.warehouse:
        return Fraction(0)
    ready, legs = full_hour(max(parcel.ready_at, rows.now)), rows.legs_of(item)
    until = item.arrives_at if not legs else ready
    errands = timedelta(0)
    for leg in legs:
        change = (
            timedelta(minutes=rows.place[leg.from_location_id].min_transfer_min) if leg.seq else timedelta(0)
        )
        errands += change
        if leg.departure_id is not None:
            until = leg.departs_at - errands
            break
        errands += leg.arrives_at - leg.departs_at
    days = max(until - ready, timedelta(0)) / DAY
    listed = price_list(rows, parcel, "storage")
    per_m3_day = Fraction(STORED_M3_DAY)
    if listed:
        age = max(0, (rows.now - parcel.ready_at).days)
        charged = [day for day in range(age, age + DAYS_AHEAD) if day >= listed[0].free_days]
        per_m3_day = sum((fee(rows, listed, day) for day in charged), Fraction(0)) / DAYS_AHEAD
    return per_m3_day * Fraction(parcel.volume_cm3, 1_000_000) * (BEGUN_DAY + Fraction(days))


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
