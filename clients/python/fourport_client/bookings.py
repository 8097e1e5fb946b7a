"""Quotes become bookings, bookings are filled, changed, labelled and cancelled."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from fourport_client.http import Http
from fourport_client.shapes import Booking, BookingSummary, FilledBooking, Quote, QuoteSummary, Rates


class Quotes:
    """Firm offers for goods."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def create(self, request: Mapping[str, Any], *, key: str | None = None) -> Quote:
        """Ask for a quote; `request` has the members of `POST /api/v1/quotes`. Invalid names what is wrong with it."""
        quote: Quote = self._http.change("POST", "/quotes", request, key=key)
        return quote

    def get(self, quote_id: str) -> Quote:
        """Read a quote, with its status by now."""
        quote: Quote = self._http.get(f"/quotes/{quote_id}")
        return quote

    def list(self, *, status: str | None = None, limit: int = 50) -> Iterator[QuoteSummary]:
        """Every quote, the newest first; `limit` is the size of the pages they are fetched in."""
        return self._http.every("/quotes", {"status": status, "limit": limit})

    def estimate(self, request: Mapping[str, Any]) -> Rates:
        """Ask what goods would cost between two ports or countries; nothing is kept, and nothing can be booked."""
        rates: Rates = self._http.ask("/rates/estimate", request)
        return rates


class Bookings:
    """Space that was booked."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def create(
        self,
        offer_id: str,
        *,
        quote_id: str | None = None,
        reference: str | None = None,
        key: str | None = None,
    ) -> Booking:
        """Book an offer, once. Raises CapacityGone, QuoteExpired, CutoffPassed, CreditLimitExceeded, CreditHold."""
        body = {"offer_id": offer_id, "quote_id": quote_id, "reference": reference}
        booking: Booking = self._http.change("POST", "/bookings", body, key=key)
        return booking

    def get(self, booking_id: str) -> Booking:
        """Read a booking."""
        booking: Booking = self._http.get(f"/bookings/{booking_id}")
        return booking

    def list(
        self,
        *,
        status: str | None = None,
        reference: str | None = None,
        departure_id: str | None = None,
        limit: int = 50,
    ) -> Iterator[BookingSummary]:
        """Every booking, the newest first; `limit` is the size of the pages they are fetched in."""
        where = {"status": status, "reference": reference, "departure_id": departure_id, "limit": limit}
        return self._http.every("/bookings", where)

    def amend(self, booking_id: str, changes: Mapping[str, Any], *, key: str | None = None) -> Booking:
        """Change what was booked; `changes` has the members of `PATCH /api/v1/bookings/{id}`."""
        booking: Booking = self._http.change("PATCH", f"/bookings/{booking_id}", changes, key=key)
        return booking

    def cancel(self, booking_id: str, reason: str = "", *, key: str | None = None) -> Booking:
        """Cancel a booking; after its `free_cancellation_until` the charge becomes the fee."""
        return self._change(booking_id, "cancel", {"reason": reason}, key)

    def roll(
        self, booking_id: str, legs: Mapping[int, str], reason: str = "", *, key: str | None = None
    ) -> Booking:
        """Move legs, by number, to other departures of their services, by id."""
        onward = [{"leg": leg, "departure_id": departure} for leg, departure in legs.items()]
        return self._change(booking_id, "roll", {"legs": onward, "reason": reason}, key)

    def add_parcels(
        self,
        booking_id: str,
        parcel_ids: Sequence[str] = (),
        *,
        batch_id: str | None = None,
        key: str | None = None,
    ) -> FilledBooking:
        """Fill a booking with parcels of the pool, or with all of an import; each gets its tracking number."""
        body = {"parcel_ids": [*parcel_ids], "batch_id": batch_id}
        filled: FilledBooking = self._http.change("POST", f"/bookings/{booking_id}/parcels", body, key=key)
        return filled

    def remove_parcel(self, booking_id: str, parcel_id: str, *, key: str | None = None) -> Booking:
        """Take a parcel out of a booking."""
        path = f"/bookings/{booking_id}/parcels/{parcel_id}"
        booking: Booking = self._http.change("DELETE", path, key=key)
        return booking

    def labels(self, booking_id: str, form: Literal["pdf", "zpl"] = "pdf") -> bytes:
        """The labels of a booking's parcels: 100 × 150 mm, as PDF or for a Zebra printer."""
        return self._http.download(f"/bookings/{booking_id}/labels.{form}")

    def _change(self, booking_id: str, verb: str, body: Mapping[str, Any], key: str | None) -> Booking:
        booking: Booking = self._http.change("POST", f"/bookings/{booking_id}/{verb}", body, key=key)
        return booking
