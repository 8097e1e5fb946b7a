"""Pictures of returned goods: kept outside the database, named by their digest, told apart by what is in them."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import NotFound, TooLarge, UnsupportedMedia
from app.models import Return, ReturnPhoto
from app.usecases import auditing
from app.usecases.returning.finding import find_return, item_of, visible
from app.usecases.warehousing.access import works_in

FOLDER = "photos"
"""In the data directory."""
NAMED = 32
"""Characters of its digest that a picture is named by outside."""
MOST_BYTES = 10 * 1024 * 1024
MEDIA = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}


class PhotoStore:
    """Files by digest below one folder. Written once, whole or not at all; the same picture is kept once."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / FOLDER

    def path(self, sha256: str, media_type: str) -> Path:
        """Where a picture lies."""
        return self._root / sha256[:2] / f"{sha256}{MEDIA[media_type]}"

    def keep(self, content: bytes, media_type: str) -> str:
        """Write a picture and return its digest."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256, media_type)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        return sha256

    def read(self, sha256: str, media_type: str) -> bytes:
        """The picture; NotFound where its file is gone."""
        try:
            return self.path(sha256, media_type).read_bytes()
        except FileNotFoundError:
            raise NotFound("the file of this photo is gone") from None


def media_type_of(content: bytes) -> str:
    """What kind of picture it is by its first bytes, whatever it is called; UnsupportedMedia for all others."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    raise UnsupportedMedia("a photo is a JPEG, PNG or WebP file")


def add_photo(
    session: Session, actor: Actor, now: datetime, store: PhotoStore, public_id: str, seq: int, content: bytes
) -> ReturnPhoto:
    """Keep a picture of an item, or with 0 of the whole return; the same one again is the one that is there.

    Raises NotFound, TooLarge, UnsupportedMedia, Invalid (`no_such_item`).
    """
    if len(content) > MOST_BYTES:
        raise TooLarge(f"a photo may have {MOST_BYTES // 1024 // 1024} MB at most")
    media_type = media_type_of(content)
    found = find_return(session, actor, public_id)
    here = item_of(found, seq).warehouse_id if seq else None
    works_in(actor, here or found.warehouse_id)
    sha256 = store.keep(content, media_type)
    there = session.scalar(
        select(ReturnPhoto).where(ReturnPhoto.return_id == found.id, ReturnPhoto.sha256 == sha256)
    )
    if there is not None:
        return there
    photo = ReturnPhoto(
        return_id=found.id, item_seq=seq, sha256=sha256, media_type=media_type, size=len(content),
        taken_by=actor.reference, created_at=now,
    )  # fmt: skip
    session.add(photo)
    session.flush()
    auditing.record(
        session, actor, now, "return.photo_added", public_id, after={"item": seq, "sha256": sha256}
    )
    return photo


def find_photo(session: Session, actor: Actor, public_id: str, name: str) -> ReturnPhoto:
    """A picture of a return the actor may see, by the beginning of its digest; NotFound."""
    photo = session.scalar(
        select(ReturnPhoto)
        .join(Return, Return.id == ReturnPhoto.return_id)
        .where(
            Return.public_id == public_id,
            ReturnPhoto.sha256.startswith(name, autoescape=True),
            visible(actor),
        )
        .order_by(ReturnPhoto.id)
        .limit(1)
    )
    if photo is None:
        raise NotFound("there is no such photo")
    return photo


def lost_photos(session: Session, store: PhotoStore) -> Iterator[tuple[str, str]]:
    """Yield each picture whose file is gone or is not what it was: the return, and what is wrong."""
    rows = session.execute(
        select(Return.public_id, ReturnPhoto.sha256, ReturnPhoto.media_type, ReturnPhoto.size)
        .join(Return, Return.id == ReturnPhoto.return_id)
        .order_by(ReturnPhoto.id)
    )
    for public_id, sha256, media_type, size in rows:
        path = store.path(sha256, media_type)
        if not path.exists():
            yield public_id, f"the file of photo {sha256[:12]} is gone"
        elif path.stat().st_size != size:
            yield public_id, f"the file of photo {sha256[:12]} has {path.stat().st_size} bytes, not {size}"
