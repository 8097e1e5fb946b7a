"""Pages at the rack, for a phone or a hand scanner: receive, put away, pick, pack, count, grade."""

import uuid
from typing import Any

import orjson
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app import auth
from app.clock import now
from app.errors import AppError, Forbidden, NotFound
from app.http import HEADERS, reading, transaction
from app.models import Warehouse
from app.schemas.rack import RackScan
from app.schemas.reading import read
from app.usecases.warehousing.access import WORKERS, find_warehouse, works_in
from app.usecases.warehousing.once import once
from app.web import rack_choices, work_labels
from app.web.rack_tasks import TASKS, Sent, Task, do_task
from warehouses.stock import CONDITIONS

pages = Blueprint("rack", __name__)
CAMERA = HEADERS["Permissions-Policy"].replace("camera=()", "camera=(self)")
"""What other pages forbid: these read labels with the camera."""
MOST_BYTES = 64_000


@pages.after_request
def allow_camera(response: Response) -> Response:
    """Let the pages at the rack use the camera."""
    response.headers["Permissions-Policy"] = CAMERA
    return response


@pages.get("/warehouses/<code>/rack")
@auth.allow(*WORKERS)
def menu(code: str) -> str:
    """The tasks, and what waits on this device."""
    with reading() as session:
        warehouse = _house(session, code)
        return render_template("rack/menu.html", warehouse=warehouse, tasks=TASKS.values(), texts=texts())


@pages.get("/warehouses/<code>/rack/<name>")
@auth.allow(*WORKERS)
def task(code: str, name: str) -> str:
    """One task: first what to work on, where something is chosen, then its fields."""
    found = _task(name)
    with reading() as session:
        warehouse = _house(session, code)
        of = request.args.get("of", "")
        facts: dict[str, Any] = {"warehouse": warehouse, "task": found, "texts": texts(), "of": of}
        if found.chooses and not of:
            choices = rack_choices.offered(session, auth.actor(), warehouse, name)
            return render_template("rack/choose.html", choices=choices, **facts)
        return render_template(
            f"rack/{name}.html",
            scan_id=uuid.uuid4(),
            conditions=[(one, work_labels.FILTERS["stock_condition"](one)) for one in CONDITIONS],
            shown=rack_choices.shown(session, auth.actor(), warehouse, name, of),
            **facts,
        )


@pages.post("/warehouses/<code>/rack/scans")
@auth.allow(*WORKERS)
def scan(code: str) -> Response:
    """Take one scan of a device, once. What a rule refuses is an answer, too: the device shows it with its remedy."""
    try:
        sent = read(RackScan, _body())
        return _say(_take(code, sent))
    except AppError as error:
        refused = {"ok": False, "code": error.code, "title": work_labels.title(error)}
        return _say(refused | {"detail": work_labels.meaning(error)})


@pages.post("/warehouses/<code>/rack/<name>")
@auth.allow(*WORKERS)
def send(code: str, name: str) -> AnyResponse:
    """The same for a browser without script."""
    given = {field: text.strip() for field, text in request.form.items() if field != "scan_id"}
    sent = {"id": request.form.get("scan_id", ""), "task": name, "fields": given}
    try:
        flash(_take(code, read(RackScan, sent))["title"], "good")
    except AppError as error:
        flash(f"{work_labels.title(error)}: {work_labels.meaning(error)}", "bad")
    return redirect(url_for("rack.task", code=code, name=name, of=given.get("of")), 303)


def _take(code: str, sent: dict[str, Any]) -> dict[str, Any]:
    actor, moment = auth.actor(), now()
    with transaction() as session:
        warehouse = _house(session, code)
        what = Sent(session, actor, moment, warehouse, sent["id"], sent["age_s"], {})
        told, before = once(
            session,
            moment,
            warehouse,
            sent["id"],
            [sent["task"], sent["fields_"]],
            lambda: do_task(sent["task"], what, sent["fields_"]),
        )
    detail = gettext("It was done before; nothing was done twice.") if before else ""
    return {"ok": True, "title": told, "detail": detail}


def _body() -> dict[str, Any]:
    raw = request.get_data()
    try:
        found = orjson.loads(raw) if len(raw) <= MOST_BYTES else None
    except orjson.JSONDecodeError:
        found = None
    return found if isinstance(found, dict) else {}


def _say(answer: dict[str, Any]) -> Response:
    return Response(orjson.dumps(answer), content_type="application/json")


def _house(session: Session, code: str) -> Warehouse:
    warehouse = find_warehouse(session, auth.actor(), code)
    works_in(auth.actor(), warehouse.id)
    if auth.actor().test_mode:
        raise Forbidden
    return warehouse


def _task(name: str) -> Task:
    if name not in TASKS:
        raise NotFound("there is no such task")
    return TASKS[name]


def texts() -> dict[str, str]:
    """What the scripts say."""
    return {
        "ready": gettext("Connected"),
        "sending": gettext("Sending"),
        "offline": gettext("No network: scans are kept on this device and sent later"),
        "away": gettext("The server does not answer: scans are kept and sent again"),
        "signed_out": gettext("Your session has ended: scans are kept until you sign in again"),
        "kept": gettext("Kept on this device"),
        "waits": gettext("Waits to be sent"),
        "waiting": gettext("waiting: %(number)s", number="{}"),
        "failed": gettext("refused: %(number)s", number="{}"),
        "correct": gettext("Correct it"),
        "again": gettext("Send again"),
        "discard": gettext("Discard"),
        "discardSure": gettext("Discard for good?"),
        "others": gettext("Made by somebody else on this device; it is sent when they sign in."),
        "needed": gettext("Something is missing"),
        "emptyBin": gettext("Is the bin empty?"),
        "emptyBinHelp": gettext("Press once more to say that nothing lies in it."),
        "piecesOf": gettext("Pieces of %(article)s", article="{}"),
        "conditionOf": gettext("Condition of %(article)s", article="{}"),
        "removeOf": gettext("Remove %(article)s", article="{}"),
        "cameraRefused": gettext("The camera cannot be used"),
        "cameraHelp": gettext("Allow it in the browser, or use a scanner, or type the code."),
    }
