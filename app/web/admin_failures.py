"""Requests that failed, found again by the id that the caller was shown."""

from flask import Blueprint

from app import auth
from app.failures import KEPT
from app.http import reading
from app.queries import choices
from app.queries.failures import STATUSES, FailureFilter, list_failures
from app.web import addresses
from app.web.admin_frame import render

pages = Blueprint("admin_failures", __name__)


@pages.get("/admin/failures")
@auth.allow("operator")
def index() -> str:
    """What keys of exporters sent and got an error for, and what failed on our side; the newest first."""
    chosen = asked()
    with reading() as session:
        return render(
            "failures",
            page=list_failures(session, chosen, cursor=addresses.cursor()),
            chosen=chosen,
            started=addresses.cursor() is not None,
            exporters=choices.all_exporters(session),
            statuses=STATUSES,
            days=KEPT.days,
        )


def asked(own: int | None = None) -> FailureFilter:
    """The filter of the address; `own` is the exporter who may see no other's."""
    return FailureFilter(
        status=addresses.one_of("status", STATUSES),
        exporter=addresses.text("exporter") if own is None else None,
        request_id=addresses.text("request_id"),
        key=addresses.text("key", longest=40),
        own=own,
    )
