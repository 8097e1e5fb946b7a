"""Carriers report what their departures do and what happens to parcels, signed; nobody needs an API key for it.

A report takes no `Idempotency-Key`: each event has an id of its own, and one that came before changes nothing, so
that a carrier may send the same report as often as it likes.
"""

import functools
from collections.abc import Callable
from typing import Any

from flask import Response, g, request
from sqlalchemy.orm import Session

from app.api.base import MAX_JSON_BYTES, Endpoints, answer
from app.api.tracking import outcome_json
from app.api.wire import utc
from app.auth import actor, allow, public
from app.clock import now
from app.errors import NotFound, TooLarge, Unauthenticated
from app.http import reading, transaction
from app.queries.carriers import SecretRow, secrets_in_force
from app.queries.carriers import list_secrets as find_secrets
from app.schemas.carriers import (
    CarrierReport,
    CarrierSecretList,
    NewCarrierSecret,
    ReportOutcome,
    Unreadable,
)
from app.signing import TOLERANCE, verify
from app.usecases.carrier_secrets import add_carrier_secret
from app.usecases.carrier_secrets import revoke_carrier_secret as end_secret
from app.usecases.tracking import REJECTED, Outcome, Report, Source, record_events

blueprint = Endpoints(
    "Carriers", __name__, "Reports by carriers, signed as Standard Webhooks has it", area="tracking"
)
SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")
MEANINGS = (
    "Id of this message; without a full stop.",
    f"Seconds since 1970 when it was sent; {TOLERANCE.seconds // 60} minutes from now at most.",
    "`v1,` and base64 of HMAC-SHA256 over `{id}.{timestamp}.{body}`; several with spaces between.",
)
HEADERS = [
    {"name": name, "in": "header", "required": True, "description": meaning, "schema": {"type": "string"}}
    for name, meaning in zip(SIGNED, MEANINGS, strict=True)
]
View = Callable[..., Response]


def signed(view: View) -> View:
    """Let a carrier's message in if it is signed with a secret in force; Unauthenticated otherwise.

    The body is checked as it came, before anything in it is read. `g.carrier_id` is who sent it.
    """

    @functools.wraps(view)
    def checked(*args: object, **kwargs: object) -> Response:
        message_id, timestamp, signature = (request.headers.get(name, "") for name in SIGNED)
        try:
            with reading() as session:
                g.carrier_id, secrets = secrets_in_force(session, str(kwargs["party_reference"]))
        except NotFound:
            secrets = []
        if (request.content_length or 0) > MAX_JSON_BYTES:
            raise TooLarge(f"a report may have {MAX_JSON_BYTES} bytes at most; send it in parts")
        body = request.get_data(cache=True) if secrets else b""
        if not any(verify(secret, message_id, timestamp, body, signature, now()) for secret in secrets):
            raise Unauthenticated(f"send {', '.join(SIGNED)}, signed with a secret of this carrier")
        return view(*args, **kwargs)

    return checked


@blueprint.receiving(
    "/carriers/<code:party_reference>/events",
    ReportOutcome,
    body=CarrierReport,
    checked=signed,
    headers=HEADERS,
)
@public
def report_carrier_events(report: dict[str, Any], party_reference: str) -> Response:
    """Report what departures do and what happens to parcels.

    A carrier reaches the departures of its services, and parcels on a booking that travels with it. Each event is
    judged by itself: what cannot be read or found is rejected with a reason, and the others are kept. An event
    that came before, by its `eventID`, is a duplicate.
    """
    readable = [Report(**event) for event in report["events"] if not isinstance(event, Unreadable)]
    with transaction() as session:
        kept = iter(record_events(session, Source(party_reference, g.carrier_id), now(), readable))
    outcomes = [_unread(one) if isinstance(one, Unreadable) else next(kept) for one in report["events"]]
    return answer({"results": [outcome_json(one) for one in outcomes]})


def _unread(event: Unreadable) -> Outcome:
    return Outcome(event.event_id, REJECTED, "validation_error", event.message, "see the OpenAPI document")


@blueprint.reading("/carriers/<code:party_reference>/secrets", CarrierSecretList)
@allow("admin")
def list_carrier_secrets(party_reference: str) -> Response:
    """List what a carrier signs with, revoked secrets too, the newest first."""
    with reading() as session:
        found = find_secrets(session, party_reference)
    return answer({"items": [secret_json(row) for row in found], "next_cursor": None})


@blueprint.changing(
    "/carriers/<code:party_reference>/secrets", NewCarrierSecret, status=201, shown_once="secret"
)
@allow("admin")
def create_carrier_secret(session: Session, party_reference: str) -> Response:
    """Make a secret for a carrier, beside those it has. It is shown in this answer alone."""
    row, secret = add_carrier_secret(session, actor(), now(), party_reference)
    shown = SecretRow(row.public_id, party_reference, row.created_at, None)
    path = f"/api/v1/carriers/{party_reference}/secrets"
    return answer(secret_json(shown) | {"secret": secret}, 201, Location=path)


@blueprint.changing(
    "/carriers/<code:party_reference>/secrets/<id('key'):key_id>", None, status=204, method="DELETE"
)
@allow("admin")
def revoke_carrier_secret(session: Session, party_reference: str, key_id: str) -> Response:
    """Revoke a carrier's secret, for good; what is signed with it is refused from now on."""
    end_secret(session, actor(), now(), key_id, party_reference)
    return Response(status=204)


def secret_json(row: SecretRow) -> dict[str, Any]:
    """A secret without what is secret of it."""
    return {
        "id": row.public_id,
        "carrier": row.carrier,
        "created_at": utc(row.created_at),
        "revoked_at": utc(row.revoked_at),
    }
