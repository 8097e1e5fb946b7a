"""Carriers and what they sign their reports with."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import CarrierSecret, Party

ROLE = "carrier"


@dataclass(frozen=True, slots=True)
class SecretRow:
    """A secret without what is secret of it."""

    public_id: str
    carrier: str
    created_at: datetime
    revoked_at: datetime | None


def get_carrier(session: Session, reference: str) -> Party:
    """The carrier by its reference; NotFound where there is none."""
    party = session.scalar(select(Party).where(Party.reference == reference))
    if party is None or ROLE not in party.roles:
        raise NotFound(f"there is no carrier {reference!r}; add it with `fourport import parties FILE`")
    return party


def list_secrets(session: Session, reference: str) -> list[SecretRow]:
    """A carrier's secrets, revoked ones too, the newest first; NotFound where there is no such carrier."""
    carrier = get_carrier(session, reference)
    query = (
        select(CarrierSecret).where(CarrierSecret.party_id == carrier.id).order_by(CarrierSecret.id.desc())
    )
    return [
        SecretRow(row.public_id, carrier.reference, row.created_at, row.revoked_at)
        for row in session.scalars(query)
    ]


def secrets_in_force(session: Session, reference: str) -> tuple[int, list[str]]:
    """Row id of a carrier and the secrets it may sign with; NotFound where there is no such carrier."""
    carrier = get_carrier(session, reference)
    query = select(CarrierSecret.secret).where(
        CarrierSecret.party_id == carrier.id, CarrierSecret.revoked_at.is_(None)
    )
    return carrier.id, list(session.scalars(query))
