"""Where goods come from and go to: six origins in China, 25 zones in seven regions, nine overseas warehouses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

ORIGINS = ("Shenzhen", "Ningbo", "Shanghai", "Weihai", "Zhengzhou", "Chongqing")
SHENZHEN, NINGBO, SHANGHAI, WEIHAI, ZHENGZHOU, CHONGQING = range(6)
ORIGIN_SHARE = np.array([0.34, 0.24, 0.16, 0.06, 0.12, 0.08])
_ORIGIN_KM = np.array([[0, 0], [1090, 820], [1210, 960], [1300, 1660], [-50, 1350], [-790, 790]], float)


@dataclass(frozen=True, slots=True)
class Region:
    """Prices to a region in CNY (air per kg, sea and rail per m3 of a full container) and days on the way.

    A price of 0 says that nothing goes there that way. `duty` is a share of the declared value.
    """

    name: str
    zones: int
    warehouses: int
    share: float
    frequency: float
    air: float
    sea: float
    rail: float
    air_days: float
    sea_days: float
    rail_days: float
    duty: float


REGIONS = (
    Region("EU", 7, 2, 0.30, 1.3, 24.0, 420.0, 950.0, 3.0, 33.0, 17.0, 0.030),
    Region("US", 5, 2, 0.29, 1.3, 30.0, 480.0, 0.0, 3.0, 19.0, 0.0, 0.045),
    Region("RU", 3, 1, 0.11, 1.0, 18.0, 0.0, 600.0, 2.5, 0.0, 12.0, 0.035),
    Region("CA", 2, 1, 0.05, 0.7, 13.0, 0.0, 420.0, 2.0, 0.0, 8.0, 0.020),
    Region("NEA", 3, 1, 0.10, 0.9, 9.0, 110.0, 0.0, 1.0, 4.0, 0.0, 0.025),
    Region("SEA", 3, 1, 0.09, 0.9, 10.0, 130.0, 0.0, 1.5, 7.0, 0.0, 0.020),
    Region("ME", 2, 1, 0.06, 0.8, 19.0, 300.0, 0.0, 2.5, 22.0, 0.0, 0.030),
)
EU, US, RU, CA, NEA, SEA, ME = range(7)
AIR, SEA_WAY, RAIL, FERRY = range(4)

_zones = np.array([region.zones for region in REGIONS])
_rank = np.arange(_zones.sum()) - np.repeat(np.cumsum(_zones) - _zones, _zones)
ZONE_REGION: Ints = np.repeat(np.arange(len(REGIONS)), _zones)
ZONES = len(ZONE_REGION)
_weight = 1.0 / (1.0 + _rank)
_within = _weight / np.bincount(ZONE_REGION, _weight)[ZONE_REGION]
ZONE_SHARE: Floats = _within * np.array([region.share for region in REGIONS])[ZONE_REGION]
ZONE_FACTOR: Floats = 0.85 + 0.12 * _rank
"""What the last mile costs in a zone, as a multiple of the price list."""

_warehouses = np.array([region.warehouses for region in REGIONS])
WAREHOUSE_REGION: Ints = np.repeat(np.arange(len(REGIONS)), _warehouses)
WAREHOUSES = len(WAREHOUSE_REGION)
ZONE_WAREHOUSE: Ints = (np.cumsum(_warehouses) - _warehouses)[ZONE_REGION] + _rank % _warehouses[ZONE_REGION]
OTHER_WAREHOUSE: Ints = np.array(
    [
        next((v for v in range(WAREHOUSES) if v != w and WAREHOUSE_REGION[v] == WAREHOUSE_REGION[w]), w)
        for w in range(WAREHOUSES)
    ]
)
"""Another warehouse of the same region, or the same one where there is no other."""

_km = np.linalg.norm(_ORIGIN_KM[:, None] - _ORIGIN_KM[None], axis=2)
FEEDER_DAYS: Floats = np.where(_km > 0, 0.5 + _km / 900, 0.0)
"""Days by truck from an origin to a gateway [6, 6]."""
FEEDER_KG: Floats = np.where(_km > 0, 30 + 0.07 * _km, 0.0)
"""What a kilogram costs on that truck, in fen [6, 6]."""


def of_regions(member: str) -> Floats:
    """One member of every region [7]."""
    return np.array([getattr(region, member) for region in REGIONS], np.float64)
