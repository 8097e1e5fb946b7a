"""Typed client of the Fourport API.

with Client("https://fourport.example.com", "fp_…") as fourport:
    quote = fourport.quotes.create({...})
    booking = fourport.bookings.create(quote["offers"][0]["id"])
"""

from fourport_client.client import Client
from fourport_client.errors import (
    ApiError,
    BadRequest,
    CapacityGone,
    Conflict,
    CreditHold,
    CreditLimitExceeded,
    CutoffPassed,
    Forbidden,
    FourportError,
    Invalid,
    NotFound,
    Place,
    QuoteExpired,
    RateLimited,
    ServerError,
    TookTooLong,
    Unauthenticated,
    Unreachable,
)
from fourport_client.http import VERSION
from fourport_client.webhooks import SignatureInvalid, verify

__version__ = VERSION

__all__ = [
    "ApiError",
    "BadRequest",
    "CapacityGone",
    "Client",
    "Conflict",
    "CreditHold",
    "CreditLimitExceeded",
    "CutoffPassed",
    "Forbidden",
    "FourportError",
    "Invalid",
    "NotFound",
    "Place",
    "QuoteExpired",
    "RateLimited",
    "ServerError",
    "SignatureInvalid",
    "TookTooLong",
    "Unauthenticated",
    "Unreachable",
    "__version__",
    "verify",
]
