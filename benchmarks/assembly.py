"""How long options take: a made-up network and pool of any size, turned into a problem by the product's own code.

`python -m benchmarks.assembly` measures; the figures are those of one process from facts in memory to the problem.
"""

from __future__ import annotations

import json
import resource
import time
from dataclasses import dataclass
from datetime import date

import click
import numpy as np
import numpy.typing as npt

from routing.assembling import Assembled, assemble
from routing.chains import ChainStore
from routing.network import Box, Call, Departure, Link, Location, Network, Opening, Space, Throughput
from routing.options import Policy
from routing.pool import STAYS, Alternative, Pool, Rates
from trade.charging import charge_many
from trade.tariff import Surcharge, Tariff, WeightBreak

DAY = 1440
HORIZON_DAYS = 56
READY_DAYS = 21
GOODS = ("battery", "general", "liquid", "other")
GOODS_SHARES = (0.14, 0.74, 0.08, 0.04)
EVERYTHING = frozenset(GOODS)
ORIGINS, ZONES = 6, 25
HOMES = {"sea": 6, "air": 6, "rail": 4}
"""Gateways in China by mode."""
REGIONS = ((50, 8), (36, -118), (40, -78), (55, 40), (10, 105), (36, 137), (-33, 150))
"""Latitude and longitude of where the zones are."""
KOREA = 5
"""The region whose airports parcels also reach by sea, to fly on."""
EVERY_MIN = {"sea": 3.5 * DAY, "air": DAY, "rail": 2 * DAY}
TRANSIT_MIN = {"sea": 24 * DAY, "air": DAY, "rail": 15 * DAY}
SHARES = {"sea": 0.14, "air": 0.66, "rail": 0.2}
"""Of the departures, by mode."""
RETURNS = 0.06
BASE_FEATURES = ("one", "kg", "value", "day", "late")
ACCEPTS = {
    "sea": EVERYTHING,
    "air": frozenset({"general", "other", "battery"}),
    "rail": frozenset({"general", "battery"}),
}
RETURN_MENU = (
    Alternative("return_to_china", rate_row=0),
    Alternative("restock", STAYS, 1, DAY),
    Alternative("destroy", STAYS, 2, 2 * DAY),
)
COARSE = Policy(ready_step_min=DAY // 2, due_step_min=DAY)


@dataclass(frozen=True, slots=True, eq=False)
class TariffColumns:
    """What each tariff charges, asked for column by column."""

    tariffs: tuple[Tariff, ...]

    def __len__(self) -> int:
        return len(self.tariffs)

    def of(
        self, column: int, weight_g: npt.NDArray[np.int64], volume_cm3: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """Return the charge of one tariff for goods of these grams and cm3."""
        return charge_many(self.tariffs[column], weight_g, volume_cm3).astype(np.float64)


class NetworkMaker:
    """Makes a network of so many departures; the same for the same seed."""

    def __init__(self, departures: int, seed: int = 1) -> None:
        self.random = np.random.default_rng(seed)
        self.places: list[Location] = []
        self.at: list[tuple[float, float]] = []
        self.tariffs: list[Tariff] = []
        self.links: list[Link] = []
        self.departures: list[Departure] = []
        self.spaces: list[Space] = []
        self.rows: list[dict[int, float]] = [{}, {1: 100.0, 2: 0.1}, {1: 300.0, 2: 1.0}]
        self.services = 0
        self._make(departures)

    def network(self) -> Network:
        """Return what was made."""
        ends = [ORIGINS + zone for zone in range(ZONES)]
        windows = [
            Throughput(place, day * DAY, (day + 1) * DAY, 4000.0) for place in ends for day in range(120)
        ]
        return Network(
            goods=GOODS,
            locations=tuple(self.places),
            departures=tuple(self.departures),
            spaces=tuple(self.spaces),
            links=tuple(self.links),
            throughputs=tuple(windows),
            distance_km=_kilometres(np.array(self.at)),
        )

    def rates(self) -> Rates:
        """Return the rate rows over the base features and one column per tariff."""
        names = (*BASE_FEATURES, *(f"tariff {nth}" for nth in range(len(self.tariffs))))
        table = np.zeros((len(self.rows), len(names)))
        for index, row in enumerate(self.rows):
            table[index, list(row)] = list(row.values())
        return Rates(names, table, "day", "late", tuple(f"row {nth}" for nth in range(len(self.rows))))

    def _make(self, departures: int) -> None:
        for nth in range(ORIGINS):
            self._place("CN", 30, 113, f"origin {nth}")
        for zone in range(ZONES):
            self._place("ABCDEFG"[zone % len(REGIONS)], *REGIONS[zone % len(REGIONS)], f"zone {zone}")
        homes = {
            mode: [self._place("CN", 30, 115, mode) for _ in range(many)] for mode, many in HOMES.items()
        }
        for mode, share in SHARES.items():
            self._mode(mode, homes[mode], round(departures * share))
        self.back = self._place("CN", 31, 114, "returns")
        for home in homes["sea"]:
            self._link(home, self.back)

    def _place(self, country: str, latitude: float, longitude: float, what: str) -> int:
        spread = self.random.normal(0, 4, 2)
        self.places.append(Location(f"{what} {len(self.places)}", 240, country))
        self.at.append((latitude + spread[0], longitude + spread[1]))
        return len(self.places) - 1

    def _mode(self, mode: str, homes: list[int], departures: int) -> None:
        """Add the gateways abroad of a mode, the links that lead to them, and services until there are enough."""
        regions = (0, 3) if mode == "rail" else range(len(REGIONS))
        abroad = {nth: [self._place("ABCDEFG"[nth], *REGIONS[nth], mode) for _ in (0, 1)] for nth in regions}
        for origin in range(ORIGINS):
            for home in homes:
                self._link(origin, home)
        for zone in range(ZONES):
            for gate in abroad.get(zone % len(REGIONS), ()):
                self._link(gate, ORIGINS + zone)
                self._link(gate, ORIGINS + zone)
                if mode == "sea":
                    self._link(ORIGINS + zone, gate)
        if mode == "air":
            for gate in abroad[KOREA]:
                self._link(self.korean_port, gate)
        elif mode == "sea":
            self.korean_port = abroad[KOREA][0]
        most, nth = len(self.departures) + departures, 0
        while len(self.departures) < most:
            region = list(regions)[nth % len(regions)]
            by_way_of_korea = mode == "air" and nth % 8 == 7 and region != KOREA
            self._service(
                mode,
                abroad[KOREA] if by_way_of_korea else homes,
                abroad[region],
                most,
                towards_china=mode == "sea" and nth % 5 == 4,
            )
            nth += 1

    def _tariff(self, minor_per_kg: float) -> int:
        """Add a tariff of three bands, a minimum and a surcharge, and return its rate row."""
        micros = int(minor_per_kg * 10_000)
        code = f"T{len(self.tariffs)}"
        breaks = (
            WeightBreak(0, micros),
            WeightBreak(5000, micros * 9 // 10),
            WeightBreak(20000, micros * 8 // 10),
        )
        fuel = Surcharge("FUEL", "percent", 50_000)
        tariff = Tariff(
            code=code, side="buy", currency="CNY", valid_from=date(2026, 1, 1), valid_to=None,
            divisor_cm3_per_kg=6000, rounding_g=100, minimum_minor=int(minor_per_kg), breaks=breaks, surcharges=(fuel,),
        )  # fmt: skip
        self.tariffs.append(tariff)
        self.rows.append({len(BASE_FEATURES) + len(self.tariffs) - 1: 1.0})
        return len(self.rows) - 1

    def _link(self, start: int, end: int) -> None:
        row = self._tariff(float(self.random.uniform(50, 400)))
        transit = int(self.random.integers(200, 3000))
        self.links.append(Link(10**6 + len(self.links), "road", start, end, transit, EVERYTHING, row))

    def _service(
        self, mode: str, homes: list[int], gates: list[int], most: int, *, towards_china: bool
    ) -> None:
        """Add all departures of one service: through one or two gateways on either side."""
        random, both = self.random, mode != "air"
        first = list(random.permutation(homes)[: 1 + both])
        then = list(random.permutation(gates)[: 1 + both])
        stops = [int(stop) for stop in (then + first if towards_china else first + then)]
        row = self._tariff(
            {"sea": 300.0, "air": 2500.0, "rail": 900.0}[mode] * float(random.uniform(0.7, 1.3))
        )
        self.services += 1
        across = int(TRANSIT_MIN[mode] * random.uniform(0.7, 1.3))
        at = int(random.uniform(0, EVERY_MIN[mode]))
        space = self._space(mode, row, len(stops))
        while at < HORIZON_DAYS * DAY and len(self.departures) < most:
            self._departure(mode, stops, at, across, space)
            at += int(EVERY_MIN[mode])

    def _departure(self, mode: str, stops: list[int], at: int, across: int, space: Space) -> None:
        calls, middle = [], len(stops) // 2
        for position, stop in enumerate(stops):
            at += 0 if position == 0 else across if position == middle else 2 * DAY
            early = frozenset({"battery"}) if mode == "sea" else frozenset()
            calls.append(Call(stop, at, at + 60, at - DAY // 2, early, at - DAY))
            at += 60
        co2e = (10.0,) * (len(calls) - 1)
        departure = Departure(len(self.departures), self.services, mode, tuple(calls), ACCEPTS[mode], co2e)
        self.departures.append(departure)
        self.spaces.append(space)

    def _space(self, mode: str, row: int, calls: int) -> Space:
        pairs = dict.fromkeys(
            ((a, b) for a in range((calls + 1) // 2) for b in range(calls // 2, calls) if a < b), row
        )
        if mode == "air" and self.services % 3 == 0:
            return Space(loose=pairs, free_g=(9e6,), free_cm3=(60e6,))
        if mode == "air":
            return Space(loose=pairs, openings=(Opening("B777F", 100_000_000, 600_000_000, 9e7),))
        cost = dict.fromkeys(pairs, 2e6 if mode == "sea" else 4e6)
        boxes = (
            Box(
                "20GP",
                21_000_000,
                28_000_000,
                40,
                {pair: 0.6 * one for pair, one in cost.items()},
                "teu",
                1.0,
            ),
            Box("40HQ", 26_000_000, 68_000_000, 40, cost, "teu", 2.0),
        )
        return Space(boxed=pairs, boxes=boxes, slots={"teu": (60.0,) * (calls - 1)})


def _kilometres(at: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Great circles between places given in degrees."""
    latitude, longitude = np.radians(at).T
    cosine = np.sin(latitude)[:, None] * np.sin(latitude) + np.cos(latitude)[:, None] * np.cos(
        latitude
    ) * np.cos(longitude[:, None] - longitude)
    return 6371.0 * np.arccos(np.clip(cosine, -1.0, 1.0))


def make_pool(maker: NetworkMaker, items: int, seed: int = 1) -> Pool:
    """Make a pool of parcels, 6 % of them returns, ready within three weeks to the half day."""
    random = np.random.default_rng(seed)
    back = random.random(items) < RETURNS
    home, zone = random.integers(0, ORIGINS, items), ORIGINS + random.integers(0, ZONES, items)
    carton = random.random(items) < 0.18
    kg = np.where(carton, random.uniform(5, 22, items), np.minimum(random.lognormal(0.2, 0.8, items), 20))
    weight = np.maximum((kg * 1000).astype(np.int64), 1)
    volume = np.maximum((weight * random.uniform(3, 9, items)).astype(np.int64), 1)
    ready = random.integers(0, READY_DAYS * DAY, items)
    within = random.choice([9, 18, 30, 45], items)
    value = kg * random.lognormal(8, 0.7, items)
    base = (np.ones(items), kg, value, 0.001 * value + 5 * kg, 0.02 * value + 500)
    return Pool(
        ref=np.arange(items),
        origin=np.where(back, zone, home),
        destination=np.where(back, maker.back, zone),
        goods=random.choice(len(GOODS), items, p=GOODS_SHARES),
        menu=back.astype(np.int64),
        exporter=random.integers(0, 200, items),
        ready_min=ready,
        due_min=(-(-ready // (DAY // 2)) * (DAY // 2)) + within * DAY,
        hard=within == 9,
        weight_g=weight,
        volume_cm3=volume,
        features=np.column_stack(base),
        drop_cost=12_000.0 + 7_500.0 * kg,
        blocked=np.zeros(items, dtype=np.int64),
        menus=((Alternative("deliver"),), RETURN_MENU),
        charges=TariffColumns(tuple(maker.tariffs)),
    )


def measure(items: int = 1_000_000, departures: int = 6000, seed: int = 1) -> dict[str, float]:
    """Return the seconds a first and a second run take, the peak memory in GB, and the counts of the problem."""
    maker = NetworkMaker(departures, seed)
    network, rates, pool = maker.network(), maker.rates(), make_pool(maker, items, seed)
    policy = COARSE if items > 20_000 else Policy()
    store = ChainStore()
    warm = assemble(network, make_pool(maker, 100, seed + 1), rates, policy)  # loops are compiled once
    del warm
    before = _peak_gb()
    first, assembled = _timed(network, pool, rates, policy, store)
    counts = assembled.problem.counts()
    empty = float((np.diff(assembled.problem.class_ptr) == 0).mean()) if counts["k"] else 0.0
    del assembled
    second, _ = _timed(network, pool, rates, policy, store)
    return {
        "items": items, "departures": len(network.departures), "tariffs": len(maker.tariffs),
        "first_s": round(first[0], 2), "second_s": round(second[0], 2), "first_cpu_s": round(first[1], 2),
        "second_cpu_s": round(second[1], 2), "facts_gb": round(before, 2),
        "peak_gb": round(_peak_gb(), 2), "classes_without_options": round(empty, 4), **counts,
    }  # fmt: skip


def _timed(
    network: Network, pool: Pool, rates: Rates, policy: Policy, store: ChainStore
) -> tuple[tuple[float, float], Assembled]:
    begin, worked = time.perf_counter(), time.process_time()
    assembled = assemble(network, pool, rates, policy, store)
    return (time.perf_counter() - begin, time.process_time() - worked), assembled


def _peak_gb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


@click.command()
@click.option("--items", default=1_000_000, show_default=True)
@click.option("--departures", default=6000, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(items: int, departures: int, seed: int) -> None:
    """Print the figures of one run as JSON."""
    click.echo(json.dumps(measure(items, departures, seed)))


if __name__ == "__main__":
    main()
