"""What the pages at the rack do: for each task its fields, what may be chosen, and the use case behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import LazyString, gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import FieldError, Invalid, NotFound
from app.models import Asn, OutboundOrder, Return, ReturnItem, StockCount, Warehouse, Wave, WorkOrder
from app.schemas import rack as shapes
from app.schemas.base import Shape
from app.schemas.reading import read
from app.usecases.returning.finding import find_return
from app.usecases.returning.grading import Graded, grade_return
from app.usecases.returning.receiving_returns import receive_return
from app.usecases.warehousing.asns import find_asn
from app.usecases.warehousing.counting import Counted, Finding, take_finding
from app.usecases.warehousing.ledger import Scan
from app.usecases.warehousing.named import named_place
from app.usecases.warehousing.packing import Box, pack
from app.usecases.warehousing.picking import Picked, pick
from app.usecases.warehousing.putting_away import PutAway, put_away
from app.usecases.warehousing.receiving import Count, receive
from app.usecases.warehousing.scanned import sku_in_house
from app.usecases.warehousing.work_orders import finish_work
from app.web.languages import lazy as _l
from warehouses.barcodes import read_scan


@dataclass(frozen=True, slots=True)
class Sent:
    """Who sends what when, from which warehouse; `age_s` is how long ago the work on it began."""

    session: Session
    actor: Actor
    now: datetime
    warehouse: Warehouse
    scan_id: str
    age_s: int
    said: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of work: its words, its icon, the shape of its fields, and what does it (returns what to say)."""

    name: str
    title: LazyString
    icon: str
    shape: type[Shape]
    do: Callable[[Sent], str]
    chooses: bool = False
    """Whether something to work on is chosen first."""


def do_task(name: str, sent: Sent, given: dict[str, str]) -> str:
    """Do what was scanned, and say so. NotFound for a task that is none; whatever its use case raises."""
    if name not in TASKS:
        raise NotFound("there is no such task")
    task = TASKS[name]
    said = read(task.shape, {field: text for field, text in given.items() if text != ""})
    return task.do(Sent(sent.session, sent.actor, sent.now, sent.warehouse, sent.scan_id, sent.age_s, said))


def _here(sent: Sent, model: Any, reference: str, *names: Any) -> Any:  # noqa: ANN401 (any of our tables)
    """The row of this warehouse that a scan names by one of these columns; Invalid `unknown_subject`."""
    text = read_scan(reference).text
    named = [column.in_([text, text.upper(), text.lower()]) for column in names]
    found = sent.session.scalars(
        select(model).where(model.warehouse_id == sent.warehouse.id, or_(*named)).limit(2)
    ).all()
    if len(found) != 1:
        why = f"there is nothing with the number {text} here"
        raise Invalid(why, (FieldError("of", "unknown_subject", why, "scan it again", "$.of"),))
    return found[0]


def _article(sent: Sent, owner: str | None = None) -> tuple[str, str, Any]:
    """Id and code of the article, and what else its label says."""
    sku, label = sku_in_house(sent.session, sent.warehouse.id, sent.said["sku"], owner=owner, at="sku")
    return sku.public_id, sku.code, label


def _quantity(sent: Sent, label: Any) -> int:  # noqa: ANN401 (a scan)
    """Pieces as typed, else as the label says, else one."""
    typed = sent.said["quantity"]
    return int(typed) if typed is not None else int(label.quantity or 1)


def _receive(sent: Sent) -> str:
    asn = find_asn(sent.session, sent.actor, _here(sent, Asn, sent.said["of"], Asn.public_id).public_id)
    sku, code, label = _article(sent, asn.owner.public_id)
    pieces = _quantity(sent, label)
    good, damaged = (0, pieces) if sent.said["damaged"] else (pieces, 0)
    count = Count(sku, good, damaged, batch=label.batch, expires_on=label.expires_on)
    receive(sent.session, sent.actor, sent.now, asn.public_id, [count], Scan(sent.scan_id))
    if damaged:
        return gettext("%(pieces)s × %(article)s received, damaged", pieces=pieces, article=code)
    return gettext("%(pieces)s × %(article)s received", pieces=pieces, article=code)


def _put_away(sent: Sent) -> str:
    asn = find_asn(sent.session, sent.actor, _here(sent, Asn, sent.said["of"], Asn.public_id).public_id)
    sku, code, label = _article(sent, asn.owner.public_id)
    place = named_place(sent.session, sent.warehouse.id, sent.said["to"], "to").code
    pieces = _quantity(sent, label)
    wanted = PutAway(sku, place, pieces, sent.said["condition"], label.batch, label.expires_on)
    put_away(sent.session, sent.actor, sent.now, asn.public_id, [wanted], Scan(sent.scan_id))
    return gettext("%(pieces)s × %(article)s put into %(bin)s", pieces=pieces, article=code, bin=place)


def _pick(sent: Sent) -> str:
    wave = _here(sent, Wave, sent.said["of"], Wave.public_id).public_id
    place = named_place(sent.session, sent.warehouse.id, sent.said["bin"])
    sku, label = sku_in_house(
        sent.session, sent.warehouse.id, sent.said["sku"], first_in=[place.id], at="sku"
    )
    pieces = 0 if sent.said["short"] and sent.said["quantity"] is None else _quantity(sent, label)
    picked = Picked(place.code, sku.public_id, pieces, sent.said["short"], sent.scan_id)
    pick(sent.session, sent.actor, sent.now, wave, picked)
    return gettext(
        "%(pieces)s × %(article)s picked from %(bin)s", pieces=pieces, article=sku.code, bin=place.code
    )


def _pack(sent: Sent) -> str:
    order = _here(sent, OutboundOrder, sent.said["order"], OutboundOrder.public_id, OutboundOrder.reference)
    length, width, height = (int(sent.said[f"{side}_cm"] * 10) for side in ("length", "width", "height"))
    box = Box(int(sent.said["weight_kg"] * 1000), length, width, height)
    package = pack(sent.session, sent.actor, sent.now, order.public_id, box)
    words = gettext("%(order)s packed: %(number)s", order=order.reference, number=package.tracking_number)
    if package.varies:
        return words + " " + gettext("Weight or size is not what its goods should have; look inside again.")
    return words


def _count(sent: Sent) -> str:
    count = _here(sent, StockCount, sent.said["of"], StockCount.public_id)
    found = []
    for line in sent.said["found"].splitlines():
        cells = [cell.strip() for cell in line.replace(",", "\t").split("\t")]
        names = zip(("code", "quantity", "condition"), cells, strict=False)
        if cells[0]:
            one = read(shapes.FoundLine, {name: cell for name, cell in names if cell})
            found.append(Finding(one["code"], one["quantity"], one["condition"]))
    counted = Counted(sent.said["bin"], found, sent.age_s, sent.scan_id)
    take_finding(sent.session, sent.actor, sent.now, count.public_id, counted)
    place = named_place(sent.session, sent.warehouse.id, sent.said["bin"]).code
    return gettext("%(bin)s counted", bin=place)


def _return_of(sent: Sent) -> Return:
    named = _here(
        sent, Return, sent.said["parcel"], Return.tracking_number, Return.public_id, Return.reference
    )
    return find_return(sent.session, sent.actor, named.public_id)


def _take_return(sent: Sent) -> str:
    found = _return_of(sent)
    receive_return(sent.session, sent.actor, sent.now, found.public_id, scan=Scan(sent.scan_id))
    return gettext("The return %(reference)s was taken in", reference=found.reference)


def _grade(sent: Sent) -> str:
    found = _return_of(sent)
    sku, code, label = _article(sent, found.exporter.public_id)
    pieces = _quantity(sent, label)
    items = [item for item in found.items if item.sku.public_id == sku]
    waiting = [item for item in items if item.status == "received"] or items
    if not waiting:
        why = f"the return has no {code}"
        raise Invalid(why, (FieldError("sku", "unknown_sku", why, "scan what lies in it", "$.sku"),))
    item: ReturnItem = max(waiting, key=lambda one: one.quantity)
    graded = Graded(item.seq, pieces, sent.said["grade"], sent.said["note"])
    grade_return(sent.session, sent.actor, sent.now, found.public_id, [graded], scan=Scan(sent.scan_id))
    return gettext(
        "%(pieces)s × %(article)s graded %(grade)s", pieces=pieces, article=code, grade=sent.said["grade"]
    )


def _work_done(sent: Sent) -> str:
    order = _here(sent, WorkOrder, sent.said["order"], WorkOrder.public_id, WorkOrder.reference)
    finish_work(
        sent.session, sent.actor, sent.now, order.public_id, bin_code=sent.said["to"], scan=Scan(sent.scan_id)
    )
    return gettext("The work %(reference)s is done", reference=order.reference)


TASKS = {
    one.name: one
    for one in (
        Task("receive", _l("Receive"), "package-import", shapes.ReceiveScan, _receive, chooses=True),
        Task("putaway", _l("Put goods away"), "arrow-down", shapes.PutAwayScan, _put_away, chooses=True),
        Task("pick", _l("Pick"), "arrow-up", shapes.PickScan, _pick, chooses=True),
        Task("pack", _l("Pack"), "package-export", shapes.PackScan, _pack),
        Task("count", _l("Count"), "list-check", shapes.CountScan, _count, chooses=True),
        Task("return", _l("Take a return in"), "truck-return", shapes.ReturnScan, _take_return),
        Task("grade", _l("Grade a return"), "star", shapes.GradeScan, _grade),
        Task("work", _l("Work done"), "tools", shapes.WorkDoneScan, _work_done),
    )
}
"""The tasks in the order in which goods pass through a house."""
