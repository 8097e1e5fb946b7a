"""The rows of one quote and its offers, before they are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from app.ids import new_id
from app.queries.places import Place
from app.usecases.quoting_duty import Duties
from app.usecases.quoting_network import SellNetwork
from app.usecases.quoting_notes import Notes
from app.usecases.quoting_places import Ends
from app.usecases.quoting_prices import Pricing
from app.usecases.quoting_shape import Shaper
from app.usecases.quoting_table import Way, Wish
from app.usecases.quoting_words import fx_shown, instant
from routing.itineraries import FOREVER
from routing.offers import tags

VALID = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Draft:
    """What was asked and found, best first."""

    net: SellNetwork
    wish: Wish
    asked: Mapping[str, Any]
    ways: Sequence[Way]
    pricing: Pricing
    notes: Notes
    origin: Ends
    destination: Ends

    @property
    def ends(self) -> tuple[Place, Place]:
        """Where the first offer begins and ends."""
        legs, places = self.net.timetable.legs, self.net.places
        if not self.ways:
            return places[self.origin.places[0]], places[self.destination.places[0]]
        way = self.ways[0]
        return places[int(legs.origin[way.legs[0]])], places[int(legs.destination[way.legs[-1]])]

    @property
    def expires_at(self) -> datetime:
        """A day from now, or when the last of the offers can be booked no more."""
        now = self.wish.now
        return min(now + VALID, max((self._book_by(way) for way in self.ways), default=now + VALID))

    def quote(self, exporter_id: int, *, test_mode: bool) -> dict[str, Any]:
        """Return the quote's own row; messages come when all is done."""
        start, end = self.ends
        apart = {"origin": self.origin.distance_m, "destination": self.destination.distance_m}
        fx = {one.fx for way in self.ways for one in way.priced if one.fx is not None}
        return {
            "public_id": new_id("qte"),
            "exporter_id": exporter_id,
            "test_mode": test_mode,
            "asked": {**self.asked, "apart_m": apart},
            "origin_id": start.id,
            "destination_id": end.id,
            "currency": self.wish.currency,
            "fx": [fx_shown(one) for one in sorted(fx, key=lambda one: (one.base, one.quote))],
            "created_at": self.wish.now,
            "expires_at": self.expires_at,
        }

    def offers(self) -> list[dict[str, Any]]:
        """Return the rows of the offers, best first."""
        shaper = Shaper(self.net, self.wish, self.pricing)
        duties = Duties(self.net, self.asked, self.wish.currency, self.notes)
        columns = [(way.total_minor, way.arrives_min, 0, way.co2e_g) for way in self.ways]
        late = np.array([way.late for way in self.ways], dtype=np.bool_)
        best = tags(np.array(columns, dtype=np.float64), late, has_deadline=self.wish.due_min < FOREVER)
        until, rows = self.expires_at, []
        for seq, (way, own) in enumerate(zip(self.ways, best, strict=True), start=1):
            (legs, seen), public_id = shaper.legs(way), new_id("off")
            end = self.net.places[int(self.net.timetable.legs.destination[way.legs[-1]])]
            customs = duties.estimate(end.country, instant(way.arrives_min).date())
            book_by = min(self._book_by(way), until).isoformat(timespec="seconds")
            shown = {
                "id": public_id,
                "rank": seq,
                **shaper.shown(way, seen, own, customs),
                "bookable_until": book_by,
            }
            rows.append(
                {
                    "public_id": public_id,
                    "seq": seq,
                    "total_minor": way.total_minor,
                    "currency": self.wish.currency,
                    "held": False,
                    "shown": shown,
                    "legs": legs,
                    "charges": shaper.charges(way),
                }
            )
        return rows

    def _book_by(self, way: Way) -> datetime:
        """Return until when a way can be booked, if nothing is in the way of it sooner."""
        return self.wish.now + VALID if way.book_by_min >= FOREVER else instant(way.book_by_min)
