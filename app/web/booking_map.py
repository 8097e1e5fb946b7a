"""The legs of one booking on the map, and the same in words for whoever does not see it."""

from typing import Any

from app.queries.tracking import LegRow, Tracked
from app.web import formats, labels


def map_of(tracked: Tracked) -> dict[str, Any]:
    """Longitudes, latitudes and words of the legs and of the places they join."""
    places = {place.id: place for leg in tracked.legs for place in (leg.origin, leg.destination)}
    return {
        "legs": [_leg(leg) for leg in tracked.legs],
        "points": [
            {"name": formats.named(one), "code": one.code, "at": [one.longitude, one.latitude]}
            for one in places.values()
        ],
    }


def _leg(leg: LegRow) -> dict[str, Any]:
    start, end = leg.origin, leg.destination
    return {
        "mode": leg.mode,
        "label": str(labels.MODES[leg.mode]),
        "name": f"{formats.named(start)} → {formats.named(end)}",
        "count": leg.number or leg.service,
        "from": [start.longitude, start.latitude],
        "to": [end.longitude, end.latitude],
    }
