"""Rows out of the database, in files that the same kind's import takes back unchanged."""

from datetime import datetime
from typing import BinaryIO

from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Forbidden, UnsupportedMedia
from app.usecases.importing.registry import find_kind


def form_of(kind: str, suffix: str) -> str:
    """The format that a file name's suffix asks for. Raises UnknownKind, UnsupportedMedia."""
    formats = find_kind(kind).formats
    form = suffix.lower().removeprefix(".")
    if form not in formats:
        raise UnsupportedMedia(
            f"{kind} is written as {' or '.join(formats)}: end the file name in .{formats[0]}"
        )
    return form


def export_file(
    session: Session, actor: Actor, now: datetime, kind: str, form: str, stream: BinaryIO
) -> None:
    """Write every row of `kind` to `stream`, in one of the kind's formats.

    For the staff: a file holds what belongs to all exporters. Raises UnknownKind, UnsupportedMedia and Forbidden.
    """
    found = find_kind(kind)
    form = form_of(kind, form)
    if not actor.may(*(role for role in found.roles if role != "exporter")):
        raise Forbidden(f"{kind} may be exported by the staff only")
    found.write(stream, form, session, now)
