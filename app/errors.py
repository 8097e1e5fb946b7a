"""One tree of errors: raised where the rule is, rendered once for JSON, once for pages, once for the terminal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with what was sent: the place, the reason and the remedy.

    `field` is the name for people ("weight_kg", or "row 3, weight_kg" in a file), `json_path` the place in a body.
    """

    field: str
    code: str
    message: str
    suggestion: str = ""
    json_path: str = ""


class AppError(Exception):
    """Something a caller can understand and act on. Subclasses set `code` and `status`."""

    code = "error"
    status = 400
    title = "The request cannot be done"

    def __init__(self, detail: str = "", errors: tuple[FieldError, ...] = (), **facts: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = errors
        self.facts = facts


class ConfigError(AppError):
    """The installation's settings cannot be used; the process refuses to start."""

    code, status, title = "config_invalid", 500, "The settings cannot be used"


class BadRequest(AppError):
    """The bytes that came cannot be read as what they claim to be."""

    code, status, title = "bad_request", 400, "The request cannot be read"


class MissingIdempotencyKey(AppError):
    """A POST that creates came without the header that makes it safe to retry."""

    code, status, title = "idempotency_key_missing", 400, "The Idempotency-Key header is missing"


class Unauthenticated(AppError):
    """Nobody known is asking."""

    code, status, title = "unauthenticated", 401, "Sign in, or send a valid API key"


class CreditLimitExceeded(AppError):
    """With this, more would be owed than the credit limit allows; nothing was changed."""

    code, status, title = "credit_limit_exceeded", 402, "The credit limit does not allow this"


class Forbidden(AppError):
    """The one who asks may not do this."""

    code, status, title = "forbidden", 403, "This is not allowed for your role"


class CreditHold(Forbidden):
    """The exporter is on hold: it may look, and book nothing."""

    code, title = "credit_hold", "The exporter is on credit hold"


class ScopeMissing(Forbidden):
    """An API key that is limited to some scopes is used for something else."""

    code, title = "scope_missing", "This API key is not for that"


class NotFound(AppError):
    """It does not exist, or it belongs to somebody else: the two look the same from outside."""

    code, status, title = "not_found", 404, "There is nothing here"


class Conflict(AppError):
    """The state of the thing does not allow this now."""

    code, status, title = "wrong_state", 409, "The current state does not allow this"


class IdempotencyInProgress(Conflict):
    """The same key is being worked on at this moment."""

    code, title = "idempotency_in_progress", "A request with this Idempotency-Key is still being processed"


class CapacityGone(Conflict):
    """The space was taken by somebody else before this request came."""

    code, title = "capacity_gone", "The space is not there any more"


class StockShort(Conflict):
    """Fewer pieces are free at a place than were to be moved or promised; nothing was changed."""

    code, title = "stock_short", "There is not enough stock there"


class BinFull(Conflict):
    """It would be more weight or volume than the bin or unit takes; nothing was changed."""

    code, title = "bin_full", "It does not fit in there"


class CountUnclear(Conflict):
    """Stock moved in a way that leaves open what a count says; nothing was changed."""

    code, title = "count_unclear", "The count is not clear"


class SlotTaken(Conflict):
    """Somebody else came first to a slot at a dock; nothing was changed."""

    code, title = "slot_taken", "This slot is taken"


class NothingToPrint(Conflict):
    """The paper would say nothing, or nothing that still holds."""

    code, title = "nothing_to_print", "There is nothing to print"


class CutoffPassed(Conflict):
    """It is too late for this departure."""

    code, title = "cutoff_passed", "The cut-off has passed"


class QuoteExpired(AppError):
    """The quote ran out before it was booked."""

    code, status, title = "quote_expired", 410, "The quote has expired"


class TooLarge(AppError):
    """More bytes or rows than are taken in one go."""

    code, status, title = "too_large", 413, "The upload is too large"


class UnsupportedMedia(AppError):
    """A file or body of a kind that is not read here."""

    code, status, title = "unsupported_media_type", 415, "This kind of content is not read here"


class Invalid(AppError):
    """Readable, but it breaks a rule; `errors` name each place."""

    code, status, title = "validation_error", 422, "Some values cannot be accepted"


class ExceedsBooking(Invalid):
    """More goods than the booking has space for."""

    code, title = "exceeds_booking", "This is more than was booked"


class WindowClosed(Invalid):
    """A return is asked for after the rules' last day for it."""

    code, title = "window_closed", "It is too late for this return"


class IdempotencyKeyReused(Invalid):
    """One key, two different bodies."""

    code, title = "idempotency_key_reused", "This Idempotency-Key was used with another body"


class ScanReused(Invalid):
    """One scan id, two different things scanned."""

    code, title = "scan_reused", "This scan was used for something else"


class TooManyRequests(AppError):
    """Slow down; Retry-After says for how long."""

    code, status, title = "rate_limited", 429, "Too many requests"


class Unavailable(AppError):
    """Something this needs is not there now; nothing was changed."""

    code, status, title = "unavailable", 503, "This cannot be done at the moment; try again shortly"


def all_errors(root: type[AppError] = AppError) -> list[type[AppError]]:
    """Every class of the tree, the root first; the documentation of codes is tested against it."""
    return [root, *(found for child in root.__subclasses__() for found in all_errors(child))]
