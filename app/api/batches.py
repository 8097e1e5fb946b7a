"""Uploaded files and what became of each of their rows."""

import io
from typing import Any

from flask import Response

from app.api.base import Download, Endpoints, answer, download
from app.api.wire import utc
from app.auth import actor, allow
from app.exchange.cells import escape
from app.exchange.csv_file import write_csv
from app.http import reading
from app.models import ImportBatch
from app.queries.batches import get_batch
from app.schemas.parcels import BatchShape

blueprint = Endpoints("Imports", __name__, "Uploaded files and what became of their rows", area="parcels")

COLUMNS = ("row", "column", "code", "message", "suggestion")
CSV = "text/csv; charset=utf-8"


def accepted(job_id: str, poll_url: str, status: str) -> Response:
    """Long work was taken on."""
    return answer({"job_id": job_id, "poll_url": poll_url, "status": status}, 202, Location=poll_url)


@blueprint.reading("/batches/<id('bat'):bat_id>", BatchShape)
@allow("operator", "finance", "exporter")
def read_batch(bat_id: str) -> Response:
    """Read the outcome of an import, with the faults of its rows."""
    with reading() as session:
        batch = get_batch(session, bat_id, exporter_id=actor().exporter_id)
    return answer(batch_json(batch))


@blueprint.reading(
    "/batches/<id('bat'):bat_id>/errors.csv",
    Download(CSV, "One line for each fault; no cell of it is run as a formula."),
)
@allow("operator", "finance", "exporter")
def download_batch_errors(bat_id: str) -> Response:
    """Download the faults of an import as CSV."""
    with reading() as session:
        batch = get_batch(session, bat_id, exporter_id=actor().exporter_id)
    stream = io.BytesIO()
    write_csv(stream, COLUMNS, ([escape(str(error[name])) for name in COLUMNS] for error in batch.errors))
    return download(stream.getvalue(), CSV, f"{bat_id}-errors.csv")


def batch_json(batch: ImportBatch) -> dict[str, Any]:
    """An import as it is shown."""
    return {
        "id": batch.public_id,
        "kind": batch.kind,
        "filename": batch.filename,
        "status": batch.status,
        "dry_run": batch.dry_run,
        "partial": batch.partial,
        "rows": {
            "read": batch.rows_read,
            "added": batch.rows_added,
            "updated": batch.rows_updated,
            "unchanged": batch.rows_unchanged,
            "rejected": batch.rows_rejected,
        },
        "errors": [{name: error.get(name, "") for name in COLUMNS} for error in batch.errors],
        "errors_url": f"/api/v1/batches/{batch.public_id}/errors.csv",
        "created_at": utc(batch.created_at),
        "finished_at": utc(batch.finished_at),
    }
