"""The audit log in the browser: read, filtered, taken away as a file; no page changes it."""

import io
from collections.abc import Iterator
from datetime import timedelta

import orjson
from flask import Blueprint, Response

from app import auth
from app.exchange.cells import escape
from app.exchange.csv_file import write_csv
from app.http import reading
from app.queries import audit, people
from app.queries.audit import AuditFilter, AuditRow
from app.web import addresses, languages
from app.web.admin_frame import render
from app.web.admin_labels import AUDIT_AREAS

pages = Blueprint("admin_audit", __name__)
COLUMNS = ("at", "actor_kind", "actor", "name", "action", "subject", "before", "after")


@pages.get("/admin/audit")
@auth.allow("regulator")
def index() -> str:
    """Who did what, the latest first."""
    chosen = asked()
    with reading() as session:
        page = audit.list_events(session, chosen, cursor=addresses.cursor())
        known = {row.actor for row in page.items} | {row.subject for row in page.items}
        return render(
            "audit",
            page=page,
            chosen=chosen,
            started=addresses.cursor() is not None,
            names=people.names(session, known),
            areas=AUDIT_AREAS,
            days=(addresses.day("from"), addresses.day("to")),
        )


@pages.get("/admin/audit.csv")
@auth.allow("regulator")
def download() -> Response:
    """The same as a file, without pages."""
    stream = io.BytesIO()
    with reading() as session:
        rows = list(audit.all_events(session, asked()))
        names = people.names(session, {row.actor for row in rows})
    write_csv(stream, COLUMNS, lines(rows, names))
    return Response(
        stream.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )


def asked() -> AuditFilter:
    """The filter of the address; days are the reader's, the last one included."""
    first, last, zone = addresses.day("from"), addresses.day("to"), languages.zone()
    return AuditFilter(
        who=addresses.text("who", longest=254),
        action=addresses.text("action"),
        subject=addresses.text("subject"),
        since=addresses.midnight(first, zone) if first else None,
        before=addresses.midnight(last + timedelta(days=1), zone) if last else None,
    )


def lines(rows: list[AuditRow], names: dict[str, str]) -> Iterator[list[str]]:
    """The cells of the file."""
    for row in rows:
        values = [orjson.dumps(one).decode() if one else "" for one in (row.before, row.after)]
        texts = (row.actor_kind, row.actor, names.get(row.actor, ""), row.action, row.subject, *values)
        yield [row.at.isoformat(), *map(escape, texts)]
