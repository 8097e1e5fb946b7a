"""API keys: made for a purpose, shown once, ended at any time."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.api.base import Endpoints, answer
from app.api.wire import page, utc
from app.auth import actor, allow
from app.clock import now
from app.http import reading
from app.queries.api_keys import KeyRow, get_key
from app.queries.api_keys import list_keys as find_keys
from app.schemas.api_keys import ApiKeyPage, ApiKeyShape, ApiKeyWithSecret, NewApiKey
from app.schemas.base import PageQuery
from app.usecases.api_keys import add_api_key
from app.usecases.api_keys import revoke_api_key as end_key

blueprint = Endpoints("API keys", __name__, "Keys for scripts, limited to what they are for", area="keys")


@blueprint.reading("/api-keys", ApiKeyPage, query=PageQuery, refuses=(400,))
@allow("exporter")
def list_api_keys(query: dict[str, Any]) -> Response:
    """List API keys, revoked ones too, the newest first; an exporter sees its own."""
    with reading() as session:
        found = find_keys(session, actor(), cursor=query["cursor"], limit=query["limit"])
    return answer(page(found, [key_json(row) for row in found.items]))


@blueprint.changing("/api-keys", ApiKeyWithSecret, status=201, body=NewApiKey, shown_once="secret")
@allow("exporter")
def create_api_key(session: Session, wanted: dict[str, Any]) -> Response:
    """Make an API key. Its secret is shown in this answer alone; only a digest of it is kept.

    A key that is limited, or of test mode, makes none that may more than itself.
    """
    key, secret = add_api_key(session, actor(), now(), **wanted)
    shown = key_json(get_key(session, actor(), key.public_id))
    return answer(shown | {"secret": secret}, 201, Location=f"/api/v1/api-keys/{key.public_id}")


@blueprint.reading("/api-keys/<id('key'):key_id>", ApiKeyShape)
@allow("exporter")
def read_api_key(key_id: str) -> Response:
    """Read one API key: what it may do, and when it was used last."""
    with reading() as session:
        row = get_key(session, actor(), key_id)
    return answer(key_json(row))


@blueprint.changing("/api-keys/<id('key'):key_id>", None, status=204, method="DELETE")
@allow("exporter")
def revoke_api_key(session: Session, key_id: str) -> Response:
    """Revoke an API key, for good; it stays in the list."""
    end_key(session, actor(), now(), key_id)
    return Response(status=204)


def key_json(row: KeyRow) -> dict[str, Any]:
    """A key as it is shown."""
    return {
        "id": row.public_id,
        "name": row.name,
        "exporter": row.exporter_reference,
        "role": row.role,
        "warehouse": row.warehouse,
        "scopes": None if row.scopes is None else row.scopes.split(),
        "test_mode": row.test_mode,
        "hint": row.hint,
        "created_at": utc(row.created_at),
        "last_used_at": utc(row.last_used_at),
        "revoked_at": utc(row.revoked_at),
    }
