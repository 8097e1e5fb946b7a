"""What a device at the rack sent is done once, however often it comes: its answer is kept with its effect."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import ScanReused
from app.models import IdempotencyKey, Warehouse
from app.usecases.warehousing.lots import insert_missing

ROUTE = "rack"


def once(
    session: Session,
    now: datetime,
    warehouse: Warehouse,
    scan_id: str,
    asked: Any,  # noqa: ANN401 (any JSON)
    do: Callable[[], str],
) -> tuple[str, bool]:
    """Do it, or say again what was answered when it was done; and whether it was done before.

    The id is claimed first, so that of two that come at once the second waits for the first, and nothing is kept of
    what was refused: it may be sent again when the reason is gone. ScanReused where the id came with something else.
    """
    digest = hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()
    mine = {"owner": warehouse.public_id, "route": ROUTE, "key": scan_id}
    claim = {**mine, "body_sha256": digest, "headers": {}, "created_at": now}
    new = session.scalar(insert_missing(session, IdempotencyKey, [claim]).returning(IdempotencyKey.id))
    if new is None:
        kept = session.scalars(select(IdempotencyKey).filter_by(**mine)).one()
        if kept.body_sha256 != digest:
            raise ScanReused(f"the scan {scan_id!r} was used for something else")
        return kept.body or "", True
    told = do()
    kept = session.get_one(IdempotencyKey, new)
    kept.status, kept.body = 200, told
    session.flush()
    return told, False
