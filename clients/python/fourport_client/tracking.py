"""Where goods are, and what was reported of them."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from fourport_client.http import Http
from fourport_client.shapes import Event, Tracking


class Tracker:
    """Journeys and their events."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def get(self, number: str) -> Tracking:
        """Track a parcel or waybill by its number, or a booking or parcel by its id."""
        found: Tracking = self._http.get(f"/tracking/{quote(number, safe='')}")
        return found

    def events(self, *, since: datetime | None = None, limit: int = 50) -> Iterator[Event]:
        """What was reported, in the order it was received; from an instant with an offset on."""
        if since is not None and since.tzinfo is None:
            raise ValueError("say which time zone `since` is in")
        return self._http.every("/events", {"since": since.isoformat() if since else None, "limit": limit})
