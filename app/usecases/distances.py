"""How far it is between two places, by mode; computed once per pair and kept for the life of the process."""

from functools import lru_cache

from geopy.distance import great_circle

from app.models import Location

ROAD_FACTOR = 1.3
RAIL_FACTOR = 1.2
"""Route length over great circle: planning factors, the same for all links of a mode."""
SEA_MODES = ("sea", "ferry")

Point = tuple[float, float]
"""Latitude and longitude in degrees."""


def distance_m(mode: str, start: Location, end: Location) -> int:
    """Metres from `start` to `end`: great circle by air, shortest sea lane by sea, factored on land."""
    return _distance_m(mode, (start.latitude, start.longitude), (end.latitude, end.longitude))


@lru_cache(maxsize=16_384)
def _distance_m(mode: str, start: Point, end: Point) -> int:
    straight = great_circle(start, end).meters
    if mode in SEA_MODES:
        return _sea_lane_m(start, end, round(straight))
    factor = {"road": ROAD_FACTOR, "last_mile": ROAD_FACTOR, "rail": RAIL_FACTOR}.get(mode, 1.0)
    return round(straight * factor)


def _sea_lane_m(start: Point, end: Point, straight_m: int) -> int:
    # searoute builds its graph of lanes when it is imported, which only sea links should wait for.
    from searoute import searoute

    if start == end:
        return 0
    route = searoute([start[1], start[0]], [end[1], end[0]])
    # Lanes begin at the nearest node of the graph: between neighbouring ports they can be shorter than the crow flies.
    return max(round(route["properties"]["length"] * 1000), straight_m)
