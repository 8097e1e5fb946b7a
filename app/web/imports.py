"""Uploading a file, and following what becomes of its rows."""

import csv
import io

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from app import auth
from app.clock import now
from app.errors import Invalid, TooLarge
from app.http import reading, transaction
from app.queries import batches
from app.usecases.importing import KINDS, request_import
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
            "imports/form.html", kinds=kinds(), chosen=chosen, error=error, page=page, all_kinds=KINDS
        )


@pages.post("/pool/import")
@auth.allow(*IMPORTERS)
def upload() -> str | tuple[str, int] | AnyResponse:
    """Hand the file to a worker and show its page."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return render_form(gettext("Choose a file first.")), 422
    how = request.form.get("how", "check")
    try:
        with transaction() as session:
            batch = request_import(
                session,
                auth.actor(),
                now(),
                request.form.get("kind", ""),
                file.filename,
                file.read(),
                dry_run=how == "check",
                partial=how == "partial",
            )
    except (Invalid, TooLarge) as error:
        return render_form(error.detail), error.status
    return redirect(url_for("imports.show", public_id=batch.public_id), 303)


@pages.get("/pool/import/<public_id>")
@auth.allow(*IMPORTERS)
def show(public_id: str) -> str:
    """One upload: its state, its counts, and each row error with its remedy."""
    with reading() as session:
        batch = batches.get_batch(session, public_id, exporter_id=auth.actor().exporter_id)
        return render_template("imports/show.html", batch=batch, live=batch.status in ("queued", "running"))


@pages.get("/pool/import/<public_id>/errors.csv")
@auth.allow(*IMPORTERS)
def errors(public_id: str) -> Response:
    """The row errors as a file, for the person who mends the rows."""
    with reading() as session:
        batch = batches.get_batch(session, public_id, exporter_id=auth.actor().exporter_id)
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("row", "column", "code", "message", "suggestion"))
    for error in batch.errors:
        rows.writerow(
            [safe(error.get(name, "")) for name in ("row", "column", "code", "message", "suggestion")]
        )
    # The BOM makes spreadsheet programs read it as UTF-8.
    return Response(
        "\ufeff" + text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{batch.public_id}-errors.csv"'},
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
    return Response(
        f"\ufeff{names}\r\n",
        status=200 if names else 404,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="columns.csv"'},
    )
