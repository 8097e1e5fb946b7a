"""What can go wrong, as exceptions: one base, a class for what callers tell apart, the rest by status."""

from dataclasses import dataclass
from typing import Any

import httpx


class FourportError(Exception):
    """Anything this package raises."""


class Unreachable(FourportError):
    """No answer came, after every attempt. Whether the call had its effect is not known.

    Repeat it with `key=error.idempotency_key`: what happened already then happens no second time.
    """

    def __init__(self, message: str, *, attempts: int, idempotency_key: str | None) -> None:
        super().__init__(message)
        self.attempts = attempts
        self.idempotency_key = idempotency_key


class TookTooLong(FourportError):
    """Work in the background was not over in the time it was waited for; it goes on."""


@dataclass(frozen=True, slots=True)
class Place:
    """One thing wrong with what was sent: where, why, and what to do."""

    field: str
    json_path: str
    code: str
    message: str
    suggestion: str


class ApiError(FourportError):
    """The service refused. `code` is stable and documented; quote `request_id` when you ask about it."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        title: str = "",
        request_id: str = "",
        errors: tuple[Place, ...] = (),
        retry_after: float | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {detail}" + (f" ({request_id})" if request_id else ""))
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.request_id = request_id
        self.errors = errors
        self.retry_after = retry_after
        """Seconds the service asks to wait."""
        self.idempotency_key = idempotency_key
        """What the call was made with; a repetition with it is safe."""


class BadRequest(ApiError):
    """400: what was sent cannot be read."""


class Unauthenticated(ApiError):
    """401: the API key is unknown or was revoked."""


class Forbidden(ApiError):
    """403: the key's role or scopes do not allow it."""


class CreditHold(Forbidden):
    """403 `credit_hold`: the exporter is on hold; `detail` says why."""


class CreditLimitExceeded(ApiError):
    """402 `credit_limit_exceeded`: more would be owed than the limit allows."""


class NotFound(ApiError):
    """404: it does not exist, or it is not yours."""


class Conflict(ApiError):
    """409: the present state does not allow it."""


class CapacityGone(Conflict):
    """409 `capacity_gone`: the space was taken meanwhile; ask for a new quote."""


class CutoffPassed(Conflict):
    """409 `cutoff_passed`: too late for this departure."""


class QuoteExpired(ApiError):
    """410 `quote_expired`: ask for a new quote."""


class Invalid(ApiError):
    """422: a rule is broken; `errors` names each place."""


class RateLimited(ApiError):
    """429: too many requests, and the wait that is asked for is longer than this client waits."""


class ServerError(ApiError):
    """5xx: the service or something before it is at fault."""


BY_CODE: dict[str, type[ApiError]] = {
    "capacity_gone": CapacityGone,
    "credit_hold": CreditHold,
    "credit_limit_exceeded": CreditLimitExceeded,
    "cutoff_passed": CutoffPassed,
    "quote_expired": QuoteExpired,
}
BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthenticated,
    402: CreditLimitExceeded,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: QuoteExpired,
    422: Invalid,
    429: RateLimited,
}


def code_of(response: httpx.Response) -> str:
    """Return the code of a refusal; empty where the answer is none of the service's own."""
    return str(_problem(response).get("code", ""))


def error_of(
    response: httpx.Response, *, retry_after: float | None = None, idempotency_key: str | None = None
) -> ApiError:
    """Return the exception for an answer that is no success; proxies may answer with anything."""
    problem, status = _problem(response), response.status_code
    code = str(problem.get("code") or "unknown")
    kind = BY_CODE.get(code) or BY_STATUS.get(status) or (ServerError if status >= 500 else ApiError)
    return kind(
        status,
        code,
        str(problem.get("detail") or response.reason_phrase or "no reason was given"),
        title=str(problem.get("title") or ""),
        request_id=str(problem.get("request_id") or response.headers.get("X-Request-ID", "")),
        errors=tuple(_place(one) for one in problem.get("errors") or () if isinstance(one, dict)),
        retry_after=retry_after,
        idempotency_key=idempotency_key,
    )


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _place(one: dict[str, Any]) -> Place:
    return Place(*(str(one.get(name, "")) for name in Place.__slots__))
