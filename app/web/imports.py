"""Uploading a file, and following what becomes of its rows."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from app import auth
from app.clock import now
from app.errors import Conflict, Invalid, NotFound, TooLarge
from app.exchange.faults import Unreadable
from app.http import reading, transaction
from app.queries import batches
from app.queries.import_drafts import draft_of_batch, open_drafts
from app.usecases.importing import KINDS, request_import
from app.usecases.importing.withdrawing import POOL, withdraw_batch, withdrawable
from app.usecases.importing.wizard import by_steps, start_draft
from app.web import addresses

pages = Blueprint("imports", __name__)
IMPORTERS = ("operator", "warehouse", "finance", "exporter")
"""Roles for which some kind may be imported; each kind says more exactly who may."""
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def kinds() -> list[str]:
    """The kinds of file this person may import, the pool's first."""
    mine = [name for name, kind in KINDS.items() if auth.actor().may(*kind.roles)]
    return sorted(mine, key=lambda name: name not in ("parcels", "returns"))


@pages.get("/pool/import")
@auth.allow(*IMPORTERS)
def form() -> str:
    """Choose kind, file and how strict to be; below it, the last uploads."""
    return render_form()


def render_form(error: str | None = None) -> str:
    """The form, with what was wrong about the last try."""
    chosen = request.values.get("kind", "parcels")
    with reading() as session:
        page = batches.list_batches(session, exporter_id=auth.actor().exporter_id, cursor=addresses.cursor())
        return render_template(
            "imports/form.html",
            kinds=kinds(),
            chosen=chosen,
            error=error,
            page=page,
            all_kinds=KINDS,
            drafts=open_drafts(session, auth.actor()),
        )


@pages.post("/pool/import")
@auth.allow(*IMPORTERS)
def upload() -> str | tuple[str, int] | AnyResponse:
    """Hand the file to a worker and show its page."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return render_form(gettext("Choose a file first.")), 422
    how, kind = request.form.get("how", "steps"), request.form.get("kind", "")
    asked = (auth.actor(), now(), kind, file.filename, file.read())
    try:
        with transaction() as session:
            if how == "steps" and (kind not in KINDS or by_steps(KINDS[kind])):
                draft = start_draft(session, *asked)
                return redirect(url_for("import_steps.columns", public_id=draft.public_id), 303)
            batch = request_import(session, *asked, dry_run=how == "check", partial=how == "partial")
    except (Invalid, TooLarge, Unreadable) as error:
        return render_form(error.detail), error.status
    return redirect(url_for("imports.show", public_id=batch.public_id), 303)


@pages.get("/pool/import/<public_id>")
@auth.allow(*IMPORTERS)
def show(public_id: str) -> str:
    """One upload: its state, its counts, and each row error with its remedy."""
    with reading() as session:
        batch = batches.get_batch(session, public_id, exporter_id=auth.actor().exporter_id)
        return render_template(
            "imports/show.html",
            batch=batch,
            live=batch.status in ("queued", "running"),
            draft=draft_of_batch(session, batch.id),
            withdrawable=withdrawable(session, batch),
            of_pool=batch.kind in POOL,
        )


@pages.post("/pool/import/<public_id>/withdraw")
@auth.allow("operator", "exporter")
def withdraw(public_id: str) -> AnyResponse:
    """Take back the parcels that nobody did anything with since."""
    try:
        with transaction() as session:
            count, left = withdraw_batch(session, auth.actor(), now(), public_id)
    except Conflict as error:
        flash(error.detail, "bad")
    else:
        text = ngettext("%(count)s parcel taken back.", "%(count)s parcels taken back.", count, count=count)
        stay = ngettext(
            "%(count)s stays: something was done with it.",
            "%(count)s stay: something was done with them.",
            left,
            count=left,
        )
        flash(f"{text} {stay}" if left else text, "good")
    return redirect(url_for("imports.show", public_id=public_id), 303)


@pages.get("/pool/import/<public_id>/errors.csv")
@auth.allow(*IMPORTERS)
def errors(public_id: str) -> Response:
    """The row errors as a file, for the person who mends the rows."""
    with reading() as session:
        batch = batches.get_batch(session, public_id, exporter_id=auth.actor().exporter_id)
    return csv_answer(fault_rows(batch.errors), f"{batch.public_id}-errors")


def fault_rows(faults: Iterable[dict[str, Any]]) -> str:
    """Faults as the text of a CSV file."""
    text = io.StringIO()
    rows = csv.writer(text)
    names = ("row", "column", "code", "message", "suggestion")
    rows.writerow(names)
    for fault in faults:
        rows.writerow([safe(fault.get(name, "")) for name in names])
    return text.getvalue()


def csv_answer(text: str, name: str) -> Response:
    """A CSV file to keep; the byte order mark makes spreadsheet programs read it as UTF-8."""
    return Response(
        f"\ufeff{text}",
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def safe(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


@pages.get("/pool/import/columns/<kind>.csv")
@auth.allow(*IMPORTERS)
def columns(kind: str) -> Response:
    """An empty file of a kind: its header row."""
    names = ",".join(column.name for column in KINDS[kind].columns) if kind in KINDS else ""
    if not names:
        raise NotFound(f"there is no kind of file {kind[:40]!r}")
    return csv_answer(f"{names}\r\n", "columns")
