"""Returns: asked for, received, graded, decided on and sent where they are worth most."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.actor import ROLES
from app.api.base import Download, Endpoints, answer, download
from app.api.return_json import photo_json, return_detail, return_item
from app.api.wire import page
from app.auth import actor, allow
from app.clock import now
from app.documents.labels import label_pdf
from app.documents.zpl import label_zpl
from app.http import reading, settings
from app.models import Return
from app.queries.return_labels import return_label
from app.queries.returns import ReturnFilter, get_return
from app.queries.returns import list_returns as find_returns
from app.schemas.papers import PrinterQuery
from app.schemas.return_answers import AdoptedShape, PhotoShape, ReturnDetail, ReturnPage
from app.schemas.returns import (
    AdoptedPlan,
    CarriedOut,
    ChosenDispositions,
    GradedReturn,
    Judgement,
    NewReturn,
    PhotoForm,
    Received,
    ReturnQuery,
    TravellingItems,
)
from app.usecases.returning import requesting
from app.usecases.returning.carrying_out import carry_out
from app.usecases.returning.deciding import Chosen, adopt_plan, choose_dispositions, judge
from app.usecases.returning.grading import Graded, grade_return
from app.usecases.returning.photos import MOST_BYTES, PhotoStore, add_photo, find_photo
from app.usecases.returning.receiving_returns import Came, receive_return
from app.usecases.returning.sending_back import send_off, take_in
from app.usecases.warehousing.access import WORKERS
from app.usecases.warehousing.ledger import Scan
from app.usecases.warehousing.named import named_owner

blueprint = Endpoints("Returns", __name__, "What customers send back, and where it goes from there")
ASKERS = (*WORKERS, "exporter")
ONE = "/returns/<id('rtn'):rtn_id>"
PDF, ZPL = "application/pdf", "application/zpl"


@blueprint.changing("/returns", ReturnDetail, status=201, body=NewReturn)
@allow(*ASKERS)
def create_return(session: Session, wanted: dict[str, Any]) -> Response:
    """Ask for a return: its warehouse, its label and its relief deadline are settled at once.

    Refused as 422 `window_closed` where a rule says that it is too late.
    """
    owner = named_owner(session, actor(), wanted["exporter"])
    made = requesting.request_return(session, actor(), now(), owner, requesting.NewReturn.read(wanted))
    return _shown(session, made, 201, Location=f"/api/v1/returns/{made.public_id}")


@blueprint.reading("/returns", ReturnPage, query=ReturnQuery, refuses=(400,))
@allow(*ROLES)
def list_returns(query: dict[str, Any]) -> Response:
    """List returns, the newest first; an exporter sees its own, the staff of a warehouse what is or comes there."""
    names = ("status", "warehouse", "exporter", "reference", "grade", "approval", "deadline_days")
    where = ReturnFilter(**{name: query[name] for name in names})
    with reading() as session:
        found = find_returns(
            session, actor(), where, now().date(), cursor=query["cursor"], limit=query["limit"]
        )
        return answer(page(found, [return_item(row) for row in found.items]))


@blueprint.reading(ONE, ReturnDetail)
@allow(*ROLES)
def read_return(rtn_id: str) -> Response:
    """Read one return: its items, what can be done with each and what that costs, and its photos."""
    with reading() as session:
        row = get_return(session, actor(), rtn_id, now().date())
        return answer(return_detail(row, actor()))


@blueprint.changing(f"{ONE}/cancel", ReturnDetail, status=200)
@allow(*ASKERS)
def cancel_return(session: Session, rtn_id: str) -> Response:
    """Cancel a return whose goods are not on their way yet."""
    return _shown(session, requesting.cancel_return(session, actor(), now(), rtn_id))


@blueprint.changing(f"{ONE}/send", ReturnDetail, status=200)
@allow(*ASKERS)
def send_return(session: Session, rtn_id: str) -> Response:
    """Note that its sender handed it over."""
    return _shown(session, requesting.send_return(session, actor(), now(), rtn_id))


@blueprint.changing(f"{ONE}/receive", ReturnDetail, status=200, body=Received)
@allow(*WORKERS)
def receive_returned(session: Session, wanted: dict[str, Any], rtn_id: str) -> Response:
    """Take in what came: it lies in the returns place of the warehouse. The same `scan_id` is posted once."""
    lines = wanted["items"]
    came = None if lines is None else [Came(one["item"], one["quantity"]) for one in lines]
    scan = _scan(wanted)
    return _shown(
        session,
        receive_return(session, actor(), now(), rtn_id, came, complete=wanted["complete"], scan=scan),
    )


@blueprint.changing(f"{ONE}/grade", ReturnDetail, status=200, body=GradedReturn)
@allow(*WORKERS)
def grade_returned(session: Session, wanted: dict[str, Any], rtn_id: str) -> Response:
    """Grade pieces. Graded goods wait in the order pool, where every plan weighs what could be done with them."""
    grades = [Graded(one["item"], one["quantity"], one["grade"], one["note"]) for one in wanted["items"]]
    return _shown(session, grade_return(session, actor(), now(), rtn_id, grades, scan=_scan(wanted)))


@blueprint.changing(f"{ONE}/dispositions", ReturnDetail, status=200, body=ChosenDispositions)
@allow(*WORKERS)
def choose_return_dispositions(session: Session, wanted: dict[str, Any], rtn_id: str) -> Response:
    """Choose what becomes of items. Nothing moves by it; where its contract asks, the exporter's word is awaited."""
    names = ("item", "disposition", "quantity", "destination", "note")
    chosen = [Chosen(**{name: one[name] for name in names}) for one in wanted["items"]]
    return _shown(session, choose_dispositions(session, actor(), now(), rtn_id, chosen))


@blueprint.changing(f"{ONE}/judge", ReturnDetail, status=200, body=Judgement)
@allow("exporter")
def judge_return(session: Session, wanted: dict[str, Any], rtn_id: str) -> Response:
    """Approve or veto what was chosen for an item, where your contract says so. What is vetoed is not carried out."""
    found = judge(
        session, actor(), now(), rtn_id, wanted["item"], approved=wanted["approved"], note=wanted["note"]
    )
    return _shown(session, found)


@blueprint.changing(f"{ONE}/carry-out", ReturnDetail, status=200, body=CarriedOut)
@allow(*WORKERS)
def carry_out_return(session: Session, wanted: dict[str, Any], rtn_id: str) -> Response:
    """Do what was decided with goods that stay: into a bin, into a work order, or to scrap with note and photo."""
    names = ("place", "sku", "note")
    told = {name: wanted[name] for name in names}
    found = carry_out(session, actor(), now(), rtn_id, wanted["item"], scan=_scan(wanted), **told)
    return _shown(session, found)


@blueprint.changing(f"{ONE}/send-off", ReturnDetail, status=200, body=TravellingItems)
@allow(*WORKERS)
def send_off_return(session: Session, wanted: dict[str, Any], rtn_id: str) -> Response:
    """Hand items over to who carries them: their stock leaves the warehouse. Their parcels must fill bookings."""
    return _shown(session, send_off(session, actor(), now(), rtn_id, wanted["items"], scan=_scan(wanted)))


@blueprint.changing(f"{ONE}/arrive", ReturnDetail, status=200, body=TravellingItems)
@allow(*WORKERS)
def take_in_return(session: Session, wanted: dict[str, Any], rtn_id: str) -> Response:
    """Take in items that travelled from another warehouse; they wait for the next decision where they are now."""
    return _shown(session, take_in(session, actor(), now(), rtn_id, wanted["items"], scan=_scan(wanted)))


@blueprint.changing("/returns/adopt", AdoptedShape, status=200, body=AdoptedPlan, refuses=(404,))
@allow(*WORKERS)
def adopt_return_plan(session: Session, wanted: dict[str, Any]) -> Response:
    """Choose for every graded item what a plan proposes for it. What was decided or vetoed meanwhile stays."""
    return answer({"returns": adopt_plan(session, actor(), now(), wanted["plan_id"])})


@blueprint.reading(
    f"{ONE}/label.pdf",
    Download(PDF, "A page of 100 × 150 mm for the box it comes back in."),
    refuses=(409,),
)
@allow(*ASKERS)
def download_return_label(rtn_id: str) -> Response:
    """Download the label of a return as PDF."""
    with reading() as session:
        label = return_label(session, actor(), rtn_id, now().date(), settings().base_url)
    return download(label_pdf([label], now()), PDF, f"{rtn_id}-label.pdf")


@blueprint.reading(
    f"{ONE}/label.zpl", Download(ZPL, "A ZPL II format; ASCII."), query=PrinterQuery, refuses=(409,)
)
@allow(*ASKERS)
def download_return_label_zpl(query: dict[str, Any], rtn_id: str) -> Response:
    """Download the label of a return for a thermal printer."""
    with reading() as session:
        label = return_label(session, actor(), rtn_id, now().date(), settings().base_url)
    return download(label_zpl([label], int(query["dpi"])), ZPL, f"{rtn_id}-label.zpl")


@blueprint.changing(f"{ONE}/photos", PhotoShape, status=201, form=PhotoForm)
@allow(*WORKERS)
def add_return_photo(session: Session, form: dict[str, Any], rtn_id: str) -> Response:
    """Keep a picture of an item: JPEG, PNG or WebP by its content, 10 MB at most."""
    with form["file"].stream as stream:
        content = stream.read(MOST_BYTES + 1)
    store = PhotoStore(settings().data_dir)
    photo = photo_json(rtn_id, add_photo(session, actor(), now(), store, rtn_id, form["item"], content))
    return answer(photo, 201, Location=photo["url"])


@blueprint.reading(f"{ONE}/photos/<code:photo>", Download("image/*", "The picture, as it was sent."))
@allow(*ROLES)
def read_return_photo(rtn_id: str, photo: str) -> Response:
    """Look at a picture of a return."""
    with reading() as session:
        found = find_photo(session, actor(), rtn_id, photo)
        content = PhotoStore(settings().data_dir).read(found.sha256, found.media_type)
    return Response(content, 200, content_type=found.media_type)


def _scan(wanted: dict[str, Any]) -> Scan:
    asked = {name: value for name, value in wanted.items() if name != "scan_id"}
    return Scan(wanted["scan_id"], asked)


def _shown(session: Session, found: Return, status: int = 200, **headers: str) -> Response:
    session.flush()
    row = get_return(session, actor(), found.public_id, now().date())
    return answer(return_detail(row, actor()), status, **headers)
