"""Seal a unit with its number and the weight on the scale, and open it again with a reason."""

import hashlib
import json
from datetime import datetime

from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid
from app.models import LoadContent, LoadUnit
from app.usecases import auditing
from app.usecases.loading.contents import inside, lock_chain, lock_units
from app.usecases.loading.finding import refused_scan, working_unit
from app.usecases.warehousing.refusals import step
from warehouses.loading import LOAD_STEPS
from warehouses.measuring import gross_varies


def seal_unit(
    session: Session,
    actor: Actor,
    now: datetime,
    unit_id: str,
    *,
    seal_number: str,
    gross_g: int,
    accept_variance: bool = False,
) -> LoadUnit:
    """Close a unit: from now on what is in it does not change, and smaller units in it are closed before.

    Raises NotFound; Conflict (it is not open, or a smaller unit in it is); Invalid `nothing_inside`, `gross_varies`
    unless `accept_variance`.
    """
    unit = lock_chain(session, working_unit(session, actor, unit_id)).unit
    after = step(LOAD_STEPS, "seal", unit.status)
    rows = inside(session, [unit.id])
    if not rows:
        raise refused_scan(
            "nothing_inside", "nothing is in it", "scan parcels into it, or give it up", "gross_kg"
        )
    children = lock_units(session, [row.child_id for row in rows if row.child_id is not None])
    unsealed = [one.number for one in children if one.status == "open"]
    if unsealed:
        raise Conflict(
            f"{', '.join(unsealed[:5])} in it {'is' if len(unsealed) == 1 else 'are'} not sealed yet"
        )
    expected = unit.tare_g + unit.net_g
    varies = gross_varies(unit.kind, expected, gross_g, now.date())
    if varies and not accept_variance:
        raise _varies(expected, gross_g)
    unit.status, unit.seal_number, unit.sealed_at = after, seal_number, now
    unit.gross_g, unit.gross_varies = gross_g, varies
    unit.content_sha256 = digest_of(unit, rows)
    detail = {"seal_number": seal_number, "gross_g": gross_g, "expected_g": expected, "pieces": len(rows)}
    auditing.record(session, actor, now, "load_unit.sealed", unit.public_id, after=detail)
    session.flush()
    return unit


def unseal_unit(session: Session, actor: Actor, now: datetime, unit_id: str, reason: str) -> LoadUnit:
    """Open a sealed unit again. Raises NotFound; Conflict where it is not sealed, or stands in one that is."""
    chain = lock_chain(session, working_unit(session, actor, unit_id))
    unit = chain.unit
    for outer in chain.units[1:]:
        if outer.status != "open":
            raise Conflict(f"it stands in {outer.number}, which is {outer.status}; unseal that first")
    after = step(LOAD_STEPS, "unseal", unit.status)
    before = {"seal_number": unit.seal_number, "gross_g": unit.gross_g}
    unit.status, unit.seal_number, unit.gross_g, unit.gross_varies = after, None, None, False
    unit.sealed_at = unit.content_sha256 = None
    auditing.record(
        session, actor, now, "load_unit.unsealed", unit.public_id, before=before, after={"reason": reason}
    )
    session.flush()
    return unit


def digest_of(unit: LoadUnit, rows: list[LoadContent]) -> str:
    """What a unit was sealed with, as a digest: the things in it with their weights, and their sums."""
    things = sorted((row.parcel_id or 0, row.child_id or 0, row.weight_g, row.volume_cm3) for row in rows)
    return hashlib.sha256(json.dumps([unit.net_g, unit.net_cm3, things]).encode()).hexdigest()


def _varies(expected_g: int, gross_g: int) -> Invalid:
    text = f"{gross_g / 1000:g} kg on the scale, {expected_g / 1000:g} kg by what was scanned into it"
    remedy = "look for what was not scanned, or seal it nevertheless"
    return Invalid(text, (FieldError("gross_kg", "gross_varies", text, remedy, "$.gross_kg"),))
