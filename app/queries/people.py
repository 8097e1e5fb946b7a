"""Who somebody is that rows name by public id."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import ApiKey, User


def names(session: Session, references: Collection[str]) -> dict[str, str]:
    """Public id of a person or key → e-mail address, or name of the key; who is unknown is left out."""
    wanted = list(references)
    found: dict[str, str] = {}
    for model, name in ((User, User.email), (ApiKey, ApiKey.name)):
        rows = session.execute(select(model.public_id, name).where(model.public_id.in_(wanted)))
        found |= {row[0]: row[1] for row in rows if row[1]}
    return found
