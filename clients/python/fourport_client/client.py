"""The client: one installation, one API key, an attribute for each part of the API."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import httpx

from fourport_client.billing import Billing
from fourport_client.bookings import Bookings, Quotes
from fourport_client.http import Http
from fourport_client.parcels import Parcels
from fourport_client.tracking import Tracker
from fourport_client.webhooks import Webhooks

ATTEMPTS = 5
TIMEOUT_S = 30.0


class Client:
    """Calls the API of the Fourport installation at `base_url` with `api_key`.

    Every change carries an Idempotency-Key, and every attempt at it the same one: your own as `key=`, or a fresh one.
    Calls are attempted up to `attempts` times, `timeout` seconds each. Close it, or use it in a `with` statement.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeout: float = TIMEOUT_S,
        attempts: int = ATTEMPTS,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        http = Http(base_url, api_key, timeout=timeout, attempts=attempts, transport=transport, sleep=sleep)
        self.quotes = Quotes(http)
        self.bookings = Bookings(http)
        self.parcels = Parcels(http)
        self.tracking = Tracker(http)
        self.webhooks = Webhooks(http)
        self.billing = Billing(http)
        self._http = http

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
