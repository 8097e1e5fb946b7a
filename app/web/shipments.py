"""What people do beside a booking: write notes, take papers in, and take either back."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app import auth
from app.actor import ROLES
from app.clock import now
from app.errors import AppError, NotFound
from app.http import reading, settings, transaction
from app.queries.shipment_papers import find_document
from app.usecases import notes
from app.usecases.papers import issue_on_request
from app.usecases.shipment_documents import (
    MOST_BYTES,
    PaperStore,
    receive_document,
    restore_document,
    withdraw_document,
)
from app.web.bookings import BOOKERS, COLLECTORS, WRITERS, render_show

pages = Blueprint("shipments", __name__)
Page = tuple[str, int] | AnyResponse


def done(public_id: str, tab: str, step: Callable[[Session], Any], words: str) -> Page:
    """Take a step and show that side of the booking again; what stands in its way is said there."""
    try:
        with transaction() as session:
            step(session)
    except NotFound:
        raise
    except AppError as error:
        return render_show(public_id, tab, error=error, typed=request.form), error.status
    flash(words, "good")
    return redirect(url_for("bookings.show", public_id=public_id, tab=tab), 303)


@pages.post("/bookings/<public_id>/notes")
@auth.allow(*WRITERS)
def write(public_id: str) -> Page:
    """Write a note."""
    text, told = request.form.get("text", ""), "for_exporter" in request.form
    return done(
        public_id,
        "notes",
        lambda session: notes.add_note(session, auth.actor(), now(), public_id, text, for_exporter=told),
        gettext("The note is kept."),
    )


@pages.post("/bookings/<public_id>/notes/<note_id>")
@auth.allow(*WRITERS)
def rewrite(public_id: str, note_id: str) -> Page:
    """Put another note in the place of one."""
    text, told = request.form.get("text", ""), "for_exporter" in request.form
    return done(
        public_id,
        "notes",
        lambda session: notes.edit_note(
            session, auth.actor(), now(), public_id, note_id, text, for_exporter=told
        ),
        gettext("The note was changed; the history keeps what it said before."),
    )


@pages.post("/bookings/<public_id>/notes/<note_id>/remove")
@auth.allow(*WRITERS)
def remove(public_id: str, note_id: str) -> Page:
    """Take a note back; the page offers to undo that."""
    try:
        with transaction() as session:
            notes.withdraw_note(session, auth.actor(), now(), public_id, note_id)
    except NotFound:
        raise
    except AppError as error:
        return render_show(public_id, "notes", error=error), error.status
    return redirect(url_for("bookings.show", public_id=public_id, tab="notes", removed=note_id), 303)


@pages.post("/bookings/<public_id>/notes/<note_id>/restore")
@auth.allow(*WRITERS)
def restore(public_id: str, note_id: str) -> Page:
    """Bring a note back."""
    return done(
        public_id,
        "notes",
        lambda session: notes.restore_note(session, auth.actor(), now(), public_id, note_id),
        gettext("The note is back."),
    )


@pages.post("/bookings/<public_id>/papers")
@auth.allow(*COLLECTORS)
def receive(public_id: str) -> Page:
    """Take a paper in: with its file, or ticked off."""
    file = request.files.get("file")
    content, name = b"", ""
    if file is not None and file.filename:
        name = file.filename
        with file.stream as stream:
            content = stream.read(MOST_BYTES + 1)
    store, code = PaperStore(settings().data_dir), request.form.get("code", "")
    return done(
        public_id,
        "papers",
        lambda session: receive_document(
            session, auth.actor(), now(), store, public_id, code, content=content, name=name
        ),
        gettext("The paper is there."),
    )


@pages.post("/bookings/<public_id>/papers/issue")
@auth.allow(*BOOKERS)
def issue(public_id: str) -> Page:
    """Issue the through transport document; asked twice it is the same."""
    return done(
        public_id,
        "papers",
        lambda session: issue_on_request(session, auth.actor(), now(), public_id),
        gettext("The through transport document is issued."),
    )


@pages.post("/bookings/<public_id>/papers/<document_id>/remove")
@auth.allow(*COLLECTORS)
def take_back(public_id: str, document_id: str) -> Page:
    """Take a paper back; the page offers to undo that."""
    try:
        with transaction() as session:
            withdraw_document(session, auth.actor(), now(), public_id, document_id)
    except NotFound:
        raise
    except AppError as error:
        return render_show(public_id, "papers", error=error), error.status
    return redirect(url_for("bookings.show", public_id=public_id, tab="papers", removed=document_id), 303)


@pages.post("/bookings/<public_id>/papers/<document_id>/restore")
@auth.allow(*COLLECTORS)
def bring_back(public_id: str, document_id: str) -> Page:
    """Undo that."""
    return done(
        public_id,
        "papers",
        lambda session: restore_document(session, auth.actor(), now(), public_id, document_id),
        gettext("The paper is there again."),
    )


@pages.get("/bookings/<public_id>/papers/<document_id>")
@auth.allow(*ROLES)
def read(public_id: str, document_id: str) -> Response:
    """The file of a paper, as it was sent."""
    with reading() as session:
        found = find_document(session, auth.actor(), public_id, document_id)
    if found.sha256 is None or found.media_type is None:
        raise NotFound("this paper was ticked off without a file")
    content = PaperStore(settings().data_dir).read(found.sha256, found.media_type)
    headers = {"Content-Disposition": "attachment", "Cache-Control": "private, no-store"}
    return Response(content, 200, headers, content_type=found.media_type)
