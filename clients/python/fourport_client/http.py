"""How calls are made: signed with the key, repeated where that is safe, never twice in effect."""

import json
import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from fourport_client.errors import Unreachable, code_of, error_of

VERSION = "0.1.0"
API = "/api/v1"
PASSING = frozenset({429, 502, 503, 504})
"""Statuses that another attempt may not meet again."""
IN_PROGRESS = "idempotency_in_progress"
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
Params = Mapping[str, str | int | bool | None]
Outcome = httpx.Response | httpx.TransportError


class Http:
    """One connection pool to one installation. May be used from several threads."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeout: float,
        attempts: int,
        transport: httpx.BaseTransport | None,
        sleep: Callable[[float], None],
    ) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise ValueError(f"base_url begins with http:// or https://, not {base_url!r}")
        if attempts < 1:
            raise ValueError("at least one attempt is made")
        self._attempts, self.sleep = attempts, sleep
        self._client = httpx.Client(
            base_url=base_url.rstrip("/"),
            headers={"Authorization": f"Bearer {api_key}", "User-Agent": f"fourport-client/{VERSION}"},
            timeout=timeout,
            transport=transport,
        )

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def get(self, path: str, params: Params | None = None) -> Any:
        """The JSON that stands at a path."""
        return self.send("GET", path, params=_given(params)).json()

    def download(self, path: str, params: Params | None = None) -> bytes:
        """The file that stands at a path."""
        return self.send("GET", path, params=_given(params)).content

    def ask(self, path: str, body: Mapping[str, Any]) -> Any:
        """The answer to a question that is too long for a GET and changes nothing."""
        return self.send("POST", path, **_written(body)).json()

    def change(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, key: str | None, **sent: Any
    ) -> Any:
        """Make a change, once: every attempt carries the same Idempotency-Key, a fresh one if none is given.

        Returns the JSON of the answer; None where it has none.
        """
        if body is not None:
            sent |= _written(body)
        response = self.send(method, path, key=key or str(uuid.uuid4()), **sent)
        return response.json() if response.content else None

    def every(self, path: str, params: Params | None = None) -> Iterator[Any]:
        """The items of a list, page after page, each page fetched when it is reached."""
        wanted = dict(params or {})
        while True:
            page = self.get(path, wanted)
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            wanted["cursor"] = page["next_cursor"]

    def send(self, method: str, path: str, *, key: str | None = None, **sent: Any) -> httpx.Response:
        """Return the answer of a success. Raises ApiError, or Unreachable where none came.

        Attempts are made while they may help: no connection, 429, 502 to 504, or the same key still being worked on.
        """
        if key is not None:
            sent["headers"] = sent.get("headers", {}) | {"Idempotency-Key": key}
        attempt = 1
        while True:
            outcome = self._attempt(method, path, sent)
            if attempt == self._attempts or not _may_change(outcome):
                return _settled(outcome, attempt, key)
            self.sleep(_pause(attempt, outcome))
            attempt += 1

    def _attempt(self, method: str, path: str, sent: dict[str, Any]) -> Outcome:
        try:
            return self._client.request(method, API + path, **sent)
        except httpx.TransportError as error:
            return error


def _settled(outcome: Outcome, attempts: int, key: str | None) -> httpx.Response:
    if isinstance(outcome, httpx.TransportError):
        message = f"no answer in {attempts} attempts: {outcome or type(outcome).__name__}"
        raise Unreachable(message, attempts=attempts, idempotency_key=key) from outcome
    if not outcome.is_success:
        raise error_of(outcome, retry_after=retry_after(outcome), idempotency_key=key)
    return outcome


def _may_change(outcome: Outcome) -> bool:
    """Whether another attempt may end otherwise, and soon enough to wait for it."""
    if isinstance(outcome, httpx.TransportError):
        return True
    if (retry_after(outcome) or 0.0) > LONGEST_PAUSE_S:
        return False
    return outcome.status_code in PASSING or (outcome.status_code == 409 and code_of(outcome) == IN_PROGRESS)


def _pause(attempt: int, outcome: Outcome) -> float:
    """Seconds before the next attempt: as asked for, else doubled each time and spread, not to return together."""
    asked_s = retry_after(outcome) if isinstance(outcome, httpx.Response) else None
    longest_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (attempt - 1))
    return random.uniform(longest_s / 2, longest_s) if asked_s is None else asked_s


def _written(body: Mapping[str, Any]) -> dict[str, Any]:
    text = json.dumps(dict(body), default=_plain, allow_nan=False)
    return {"content": text.encode(), "headers": {"Content-Type": "application/json"}}


def _plain(value: object) -> str:
    """Decimals and times may be given as they are."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(f"say which time zone {value.isoformat()} is in")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be sent")


def _given(params: Params | None) -> dict[str, str | int | bool]:
    return {name: value for name, value in (params or {}).items() if value is not None}


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds a service asks to wait, from its number or its date; None where it asks for nothing."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds()) if moment.tzinfo else None


def wait_until(
    done: Callable[[], bool], sleep: Callable[[float], None], timeout: float, every: float
) -> bool:
    """Ask `done` every so many seconds, `timeout` seconds at most; whether it came to be true."""
    waited = 0.0
    while not done():
        if waited >= timeout:
            return False
        sleep(every)
        waited += every
    return True
