"""An independent count of what a stored plan takes: pools on every segment, units opened, what lies in them, intake."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from itertools import product
from zoneinfo import ZoneInfo

from tests.plan_rows import Rows
from trade.money import minor_per_major

SIZES = ("weight_g", "volume_cm3")
POOL_OF_SIZE = {"g": 0, "cm3": 1}
FEN = "CNY"
OPEN = None
"""Whose the space is that is nobody's."""


def check_loads(rows: Rows) -> Iterator[str]:
    """The stored loads of the segments add up from the items that travel over them."""
    found = defaultdict(lambda: [0, 0, 0])
    for item in rows.items:
        parcel = rows.parcel[item.parcel_id]
        for leg in rows.legs_of(item):
            for seq in segments_of(rows, leg) if leg.departure_id else ():
                for place, amount in enumerate((1, parcel.weight_g, parcel.volume_cm3)):
                    found[leg.departure_id, seq][place] += amount
    stored = {
        (row.departure_id, row.segment_seq): [row.parcels, row.weight_g, row.volume_cm3] for row in rows.loads
    }
    for key in sorted({*found, *stored}):
        if found.get(key) != stored.get(key):
            yield f"departure {key[0]} segment {key[1]}: stored load {stored.get(key)}, items say {found.get(key)}"


def segments_of(rows: Rows, ride) -> list[int]:
    """Numbers of the segments between the two calls of a leg or of an opened unit."""
    found = rows.segments[ride.departure_id]
    return [one.seq for one in found if ride.board_seq <= one.seq < ride.alight_seq]


def check_space(rows: Rows) -> Iterator[str]:
    """Everything fits on every departure in use."""
    units, rides = defaultdict(list), defaultdict(list)
    for unit in rows.units:
        units[unit.departure_id].append(unit)
    for item in rows.items:
        for leg in rows.legs_of(item):
            if leg.departure_id:
                rides[leg.departure_id].append((leg, rows.parcel[item.parcel_id]))
    for number in sorted({*units, *rides}):
        for text in check_departure(rows, number, units[number], rides[number]):
            yield f"departure {number} ({rows.service[rows.departure[number].service_id].code}): {text}"


def check_departure(rows: Rows, number: int, units, rides) -> Iterator[str]:
    """Check one departure: its pools, how many units are opened, and what they hold."""
    yield from check_counts(rows, number, units)
    if not rows.departure_units.get(number):
        for seq in {seq for leg, _ in rides for seq in segments_of(rows, leg)}:
            pools = pools_on(rows, number, seq)
            if not any(pool.dimension in POOL_OF_SIZE for pool in pools):
                yield f"segment {seq} has no space at all"
    yield from check_loose(rows, number, rides)
    boxes = [unit for unit in units if rows.unit_type[unit.unit_type_id].takes_dimension]
    offered = [rows.unit_type[one.unit_type_id] for one in rows.departure_units.get(number, ())]
    if any(kind.takes_dimension for kind in offered):
        yield from check_boxes(rows, number, boxes, rides)
    if any(kind.takes_dimension is None for kind in offered):
        yield from check_openings(rows, number, [unit for unit in units if unit not in boxes], rides)


def pools_on(rows: Rows, number: int, seq: int) -> list:
    """The pools of one segment."""
    return rows.pools.get(rows.segment[number, seq], [])


def free_by_owner(rows: Rows, number: int, seq: int, dimension: str) -> dict[int | None, int]:
    """Free space by whose it is: a block is cut out of the whole until it is released, then what is booked of it."""
    found: dict[int | None, int] = Counter()
    pools = [pool for pool in pools_on(rows, number, seq) if pool.dimension == dimension]
    for pool in pools:
        taken = pool.held + pool.booked
        kept = pool.exporter_id is not None and (pool.release_at is None or pool.release_at > rows.now)
        if pool.exporter_id is None or kept:
            found[pool.exporter_id] += pool.capacity - taken
        if pool.parent_id is not None:
            found[OPEN] -= pool.capacity if kept else taken
    return found


def check_counts(rows: Rows, number: int, units) -> Iterator[str]:
    """No more units of a type than may be opened beside those of blocks, and room for all on every segment."""
    offered = {one.unit_type_id: one for one in rows.departure_units.get(number, ())}
    opened = Counter()
    for unit in units:
        opened[unit.unit_type_id] += paid_for(rows, unit)
    for kind, count in opened.items():
        most = offered[kind].max_count - offered[kind].opened if kind in offered else 0
        if count > most:
            yield f"{count} units of {rows.unit_type[kind].code} opened, {most} may be"
    taken = Counter()
    for unit in units:
        kind = rows.unit_type[unit.unit_type_id]
        for seq in segments_of(rows, unit) if kind.takes_dimension else ():
            taken[seq, kind.takes_dimension] += kind.takes_quantity * unit.opened
    for (seq, dimension), quantity in taken.items():
        free = sum(free_by_owner(rows, number, seq, dimension).values())
        if quantity > free:
            yield f"segment {seq}: {quantity} of {dimension} taken, {free} free"


def check_loose(rows: Rows, number: int, rides) -> Iterator[str]:
    """Weight and volume within the pools, an exporter's block for that exporter alone."""
    used = defaultdict(Counter)
    for leg, parcel in rides:
        for seq in segments_of(rows, leg):
            for dimension, size in zip(POOL_OF_SIZE, SIZES, strict=True):
                used[seq, dimension][parcel.exporter_id] += getattr(parcel, size)
    for (seq, dimension), by_exporter in used.items():
        free = free_by_owner(rows, number, seq, dimension)
        beyond = sum(max(0, amount - free.get(owner, 0)) for owner, amount in by_exporter.items())
        if free and beyond > free[OPEN]:
            yield f"segment {seq}: {beyond} {dimension} of open space taken, {free[OPEN]} free"


def check_boxes(rows: Rows, number: int, boxes, rides) -> Iterator[str]:
    """Goods lie in boxes opened between their calls, and the boxes can be put into blocks and open space."""
    loads = defaultdict(Counter)
    for leg, parcel in rides:
        for size in SIZES:
            loads[leg.board_seq, leg.alight_seq][parcel.exporter_id, size] += getattr(parcel, size)
    for unit in boxes:
        loads[unit.board_seq, unit.alight_seq] += Counter()
    segments = [one.seq for one in rows.segments[number]]
    owners = {
        owner
        for seq in segments
        for pool in pools_on(rows, number, seq)
        for owner in free_by_owner(rows, number, seq, pool.dimension)
    } - {OPEN}
    shares = [
        [split for split in splits(unit.opened, sorted(owners)) if split[OPEN] == paid_for(rows, unit)]
        for unit in boxes
    ]
    if not any(holds(rows, number, boxes, share, loads) for share in product(*shares)):
        text = {pair: dict(load) for pair, load in loads.items()}
        kinds = [(rows.unit_type[u.unit_type_id].code, u.board_seq, u.alight_seq, u.opened) for u in boxes]
        yield f"goods {text} do not fit the boxes opened for them {kinds}"


def splits(count: int, owners: list[int]) -> Iterator[dict[int | None, int]]:
    """Every way to give some of so many boxes to the owners of blocks, the others to open space."""
    for given in product(range(count + 1), repeat=len(owners)):
        if sum(given) <= count:
            yield {**dict(zip(owners, given, strict=True)), OPEN: count - sum(given)}


def holds(rows: Rows, number: int, boxes, share, loads) -> bool:
    """Whether boxes shared out like this find room, and hold the goods: a block's boxes only its exporter's."""
    taken = Counter()
    room = defaultdict(Counter)
    for unit, split in zip(boxes, share, strict=True):
        kind = rows.unit_type[unit.unit_type_id]
        for owner, count in split.items():
            room[unit.board_seq, unit.alight_seq][owner, "weight_g"] += kind.payload_g * count
            room[unit.board_seq, unit.alight_seq][owner, "volume_cm3"] += kind.volume_cm3 * count
            for seq in segments_of(rows, unit):
                taken[seq, kind.takes_dimension, owner] += kind.takes_quantity * count
    fits = all(
        quantity <= free_by_owner(rows, number, seq, dimension).get(owner, 0)
        for (seq, dimension, owner), quantity in taken.items()
    )
    return fits and all(
        sum(max(0, amount - room[pair][owner, size]) for (owner, of), amount in load.items() if of == size)
        <= room[pair][OPEN, size]
        for pair, load in loads.items()
        for size in SIZES
    )


def check_openings(rows: Rows, number: int, openings, rides) -> Iterator[str]:
    """A charter carries what its opened parts carry, on every segment they fly."""
    used, room = Counter(), Counter()
    for leg, parcel in rides:
        for seq, size in product(segments_of(rows, leg), SIZES):
            used[seq, size] += getattr(parcel, size)
    for unit in openings:
        kind = rows.unit_type[unit.unit_type_id]
        for seq in segments_of(rows, unit):
            room[seq, "weight_g"] += kind.payload_g * unit.opened
            room[seq, "volume_cm3"] += kind.volume_cm3 * unit.opened
    for key, amount in used.items():
        if amount > room[key]:
            yield f"segment {key[0]}: {amount} {key[1]} on board, what is opened carries {room[key]}"


def check_intake(rows: Rows) -> Iterator[str]:
    """No warehouse takes in more in one of its days than it can; after its hour goods count for the next day."""
    arrived = Counter()
    for item in rows.items:
        legs = rows.legs_of(item)
        warehouse = rows.warehouse.get(legs[-1].to_location_id) if legs else None
        if warehouse is None:
            continue
        local = legs[-1].arrives_at.astimezone(ZoneInfo(rows.place[warehouse.location_id].time_zone))
        hour = warehouse.cutoff_local
        arrived[warehouse.location_id, local.date() + timedelta(days=int(f"{local:%H:%M}" > hour))] += 1
    for (place, day), count in arrived.items():
        most = rows.warehouse[place].daily_parcels
        if most and count > most:
            yield f"{rows.place[place].code} takes in {count} parcels on {day}, it can take {most}"


def fen(rows: Rows, minor: int, currency: str) -> Fraction:
    """An amount in fen at the newest rates of the day, unrounded; through the euro where a pair has no rate."""
    return Fraction(minor, minor_per_major(currency)) * major_rate(rows, currency, FEN) * minor_per_major(FEN)


def major_rate(rows: Rows, base: str, quote: str, through: str | None = "EUR") -> Fraction:
    """How many `quote` one `base` is."""
    if base == quote:
        return Fraction(1)
    known = [
        row for row in rows.fx if {row.base, row.quote} == {base, quote} and row.as_of <= rows.now.date()
    ]
    if known:
        newest = max(known, key=lambda row: row.as_of)
        rate = Fraction(newest.rate_micros, 1_000_000)
        return rate if newest.base == base else 1 / rate
    if through is None:
        raise LookupError(f"no rate leads from {base} to {quote}")
    return major_rate(rows, base, through, None) * major_rate(rows, through, quote, None)


def unit_price(rows: Rows, unit) -> Fraction:
    """What opening one unit costs in fen where it is not a block's."""
    offers = rows.departure_units[unit.departure_id]
    offer = next(one for one in offers if one.unit_type_id == unit.unit_type_id)
    return fen(rows, offer.cost_minor, offer.currency)


def paid_for(rows: Rows, unit) -> int:
    """How many of a row's units were paid for: those on an exporter's block cost nothing more."""
    price = unit_price(rows, unit)
    return min(unit.opened, round(unit.cost_minor / price)) if price else unit.opened


CHECKS = (check_loads, check_space, check_intake)
