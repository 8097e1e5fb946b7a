"""What three overseas warehouses of the sample keep: zones, bins, docks, and stock of every age.

Without a random draw: the same for everybody who loads it on the same day. Articles stand in `sample/skus.csv`, as
examples with invented barcodes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

SKUS = Path(__file__).parent / "sample" / "skus.csv"
AGES = (4, 12, 26, 38, 55, 71, 96, 140, 205, 390)
"""Days since lots were received, one after the other."""
KEEPS = timedelta(days=540)
"""How long after it was received a batch of cosmetics is good."""
EVERY_OTHER = 7
"""Every so many lots are to be repacked, and the next one damaged."""
BIN_KG, BIN_M3 = "600", "1.4"


@dataclass(frozen=True, slots=True)
class SampleHouse:
    """One warehouse: of the articles every `share`-th but one is missing there."""

    code: str
    share: int
    special: str | None = None
    """Customs status of the zone that lies apart."""
    docks: int = 2


HOUSES = (
    SampleHouse("DEDUI-WH", 5, "supervised", 3),
    SampleHouse("USONT-WH", 4, "bonded"),
    SampleHouse("USLAX-WH", 3),
)


def bin_rows(house: SampleHouse) -> Iterator[dict[str, Any]]:
    """Bins as rows of an import: two zones of shelves, a floor, and a zone apart."""
    zones = [("A", "shelves", 12, True), ("B", "high shelves", 12, True), ("F", "floor", 4, False)]
    for walk, (zone, name, count, limited) in enumerate(zones, 1):
        for number in range(1, count + 1):
            yield _bin(house, zone, name, walk, number, limited=limited)
    if house.special:
        for number in range(1, 5):
            yield _bin(house, "S", f"{house.special} stock", 9, number, customs_status=house.special)


def _bin(
    house: SampleHouse,
    zone: str,
    name: str,
    walk: int,
    number: int,
    *,
    limited: bool = True,
    customs_status: str = "free",
) -> dict[str, Any]:
    return {
        "warehouse": house.code, "zone": zone, "code": f"{zone}-{number:02}", "walk_seq": number,
        "max_weight_kg": BIN_KG if limited else "", "max_volume_m3": BIN_M3 if limited else "", "zone_name": name,
        "customs_status": customs_status, "zone_walk_seq": walk,
    }  # fmt: skip


def stock_rows(house: SampleHouse, skus: list[dict[str, str]], today: date) -> Iterator[dict[str, Any]]:
    """Opening balances as rows of an import; `skus` are the rows of their file."""
    lot = 0
    for at, sku in enumerate(skus):
        if at % house.share == house.share - 1:
            continue
        for turn in range(1 + at % 3):
            received = today - timedelta(days=AGES[(lot + house.share) % len(AGES)])
            yield {
                "warehouse": house.code, "exporter": sku["exporter"], "sku": sku["code"],
                "place": f"{'AB'[lot % 2]}-{1 + lot // 2 % 12:02}", "quantity": _pieces(sku, lot),
                "condition": {5: "B", 6: "C"}.get(lot % EVERY_OTHER, "A"),
                "batch": f"L{received:%y%m}" if sku["issue_rule"] == "fefo" else "",
                "expires_on": received + KEEPS if sku["issue_rule"] == "fefo" else "",
                "received_on": received + timedelta(days=turn),
            }  # fmt: skip
            lot += 1
    if house.special:
        for at, sku in enumerate(skus[:4]):
            yield {
                "warehouse": house.code, "exporter": sku["exporter"], "sku": sku["code"], "place": f"S-{at + 1:02}",
                "quantity": _pieces(sku, at), "customs_status": house.special,
                "received_on": today - timedelta(days=AGES[at]),
            }  # fmt: skip


def _pieces(sku: dict[str, str], lot: int) -> int:
    """Pieces that fit a bin with two lots: at most 0.5 m³ and 200 kg, and not always the most."""
    sides = [float(sku[side]) / 100 for side in ("length_cm", "width_cm", "height_cm")]
    most = min(0.5 / (sides[0] * sides[1] * sides[2]), 200 / float(sku["weight_kg"]), 240)
    return max(int(most * (3 + lot % 5) / 8), 1)
