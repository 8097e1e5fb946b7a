"""What carriers sign their reports with: made for one carrier, shown once, ended at any time."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import NotFound
from app.ids import new_id
from app.models import CarrierSecret, Party
from app.queries.carriers import get_carrier
from app.signing import new_secret
from app.usecases.auditing import record


def add_carrier_secret(
    session: Session, actor: Actor, now: datetime, reference: str
) -> tuple[CarrierSecret, str]:
    """Another secret for a carrier, beside those it has, so that it can change over. NotFound without a carrier.

    Gives it and the secret in plain, which is shown this once.
    """
    carrier = get_carrier(session, reference)
    secret = new_secret()
    row = CarrierSecret(public_id=new_id("key"), party_id=carrier.id, secret=secret, created_at=now)
    session.add(row)
    session.flush()
    record(session, actor, now, "carrier_secret.added", row.public_id, after={"carrier": reference})
    return row, secret


def revoke_carrier_secret(
    session: Session, actor: Actor, now: datetime, public_id: str, reference: str | None = None
) -> CarrierSecret:
    """End a secret (of this carrier, if one is named), for good; ending it twice is the same. NotFound without one."""
    query = select(CarrierSecret).where(CarrierSecret.public_id == public_id)
    if reference is not None:
        query = query.join(Party, Party.id == CarrierSecret.party_id).where(Party.reference == reference)
    row = session.scalar(query)
    if row is None:
        raise NotFound(f"there is no carrier's secret {public_id}")
    if row.revoked_at is None:
        row.revoked_at = now
        record(session, actor, now, "carrier_secret.revoked", row.public_id)
    return row
