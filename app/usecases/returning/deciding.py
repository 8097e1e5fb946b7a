"""Choose what becomes of graded goods; the exporter approves or vetoes it where its contract says so.

Nothing moves by a decision: it is carried out by hand (`carrying_out`, `sending_back`), once nobody's word is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, Forbidden, NotFound
from app.models import Location, Plan, Return, ReturnItem
from app.usecases import auditing
from app.usecases.returning.finding import (
    find_return,
    follow,
    item_of,
    keep,
    lies_in,
    load_return,
    refused,
    take,
    visible,
)
from app.usecases.returning.pool_parcels import HOME, refuse_booked, stand_for
from app.usecases.returning.receiving_returns import tell
from app.usecases.returning.weighing import choices
from app.usecases.warehousing.access import WORKERS, works_in
from warehouses.returns import MOVING, approval_for


@dataclass(frozen=True, slots=True)
class Chosen:
    """What becomes of an item, or of some pieces of it; `destination` is a location's code, for goods that travel."""

    item: int
    disposition: str
    quantity: int | None = None
    destination: str | None = None
    note: str = ""


def choose_dispositions(
    session: Session, actor: Actor, now: datetime, public_id: str, chosen: Sequence[Chosen]
) -> Return:
    """Write what becomes of items; until it is carried out it may be chosen anew.

    Raises NotFound, Conflict, Invalid: `no_such_item`, `disposition_refused` (with the rule's reason), `destination`.
    """
    found = find_return(session, actor, public_id)
    for nth, one in enumerate(chosen):
        _choose(session, actor, now, found, nth, one)
    follow(found)
    after = {"chosen": [f"{one.item}: {one.disposition}" for one in chosen]}
    auditing.record(session, actor, now, "return.decided", public_id, after=after)
    tell(session, now, "return.decided", found)
    return found


def _choose(session: Session, actor: Actor, now: datetime, found: Return, nth: int, one: Chosen) -> None:
    at = f"items.{nth}"
    item = item_of(found, one.item, f"{at}.item")
    works_in(actor, lies_in(item).id)
    quantity = one.quantity or item.quantity
    if quantity > item.quantity:
        raise refused(f"{at}.quantity", "more_than_graded", f"item {item.seq} has {item.quantity} pieces")
    if quantity < item.quantity:
        refuse_booked(item)
    rest = keep(found, item, quantity)
    take(item, "choose")
    _check_allowed(found, item, one.disposition, f"{at}.disposition", now)
    item.disposition, item.note = one.disposition, one.note or item.note
    item.decided_at, item.decided_by = now, actor.reference
    item.approval = approval_for(one.disposition, asks=found.exporter.approves_returns)
    session.flush()
    if rest is not None:
        stand_for(session, now, found, rest)
    _prepare(session, now, found, item, one.destination, at)


def _check_allowed(found: Return, item: ReturnItem, disposition: str, at: str, now: datetime) -> None:
    choice = next(one for one in choices(found, item, now.date()) if one.option.disposition == disposition)
    if not choice.allowed:
        text = f"{disposition} is not possible for item {item.seq}: {choice.code}"
        raise refused(at, "disposition_refused", text, "choose one of its options")


def _prepare(
    session: Session, now: datetime, found: Return, item: ReturnItem, destination: str | None, at: str
) -> None:
    """Keep the item's parcel in step with what was chosen: where it goes, and with which goods it travels."""
    if item.disposition not in MOVING:
        if item.parcel is not None:
            refuse_booked(item)
        stand_for(session, now, found, item)
        return
    parcel = item.parcel
    if parcel is None or parcel.booking_line_id is None:
        parcel = stand_for(session, now, found, item)
    if destination is not None:
        refuse_booked(item)
        parcel.destination_id = _destination(session, destination, f"{at}.destination").id
    parcel.direction = "export" if item.disposition == "reexport_with_exports" else "return"
    _check_end(session, item, f"{at}.destination")


def _destination(session: Session, code: str, at: str) -> Location:
    place = session.scalar(select(Location).where(Location.code == code))
    if place is None:
        raise refused(at, "place_unknown", f"there is no place {code!r}", "see GET /locations")
    return place


def _check_end(session: Session, item: ReturnItem, at: str) -> None:
    """Refuse a way that ends where the disposition cannot end."""
    parcel = item.parcel
    if parcel is None:
        raise Conflict(f"nothing stands for item {item.seq} in the order pool")
    end = session.get_one(Location, parcel.destination_id)
    kind = {
        "return_to_china": end.country == HOME and end.kind == "returns_centre",
        "transfer": end.kind == "overseas" and end.id != parcel.origin_id,
        "reexport_with_exports": end.country != HOME,
    }
    if not kind[item.disposition or ""]:
        ends = {
            "return_to_china": "a returns centre in China",
            "transfer": "another overseas warehouse",
            "reexport_with_exports": "a place outside China",
        }
        raise refused(
            at, "wrong_destination", f"it ends at {ends[item.disposition or '']}", "name such a place"
        )


def judge(session: Session, actor: Actor, now: datetime, public_id: str, seq: int, *, approved: bool,
          note: str = "") -> Return:  # fmt: skip
    """Say the exporter's word about a choice that waits for it; a vetoed one is not carried out and not made again.

    Raises NotFound, Forbidden for all others and where the contract leaves the choice to the operation, Conflict.
    """
    found = find_return(session, actor, public_id)
    if actor.role not in ("exporter", "admin"):
        raise Forbidden("only the exporter approves or vetoes")
    if not found.exporter.approves_returns:
        raise Forbidden("your contract leaves this choice to the operation")
    item = item_of(found, seq)
    if item.approval != "waiting" or item.status != "chosen":
        raise Conflict(f"nothing about item {seq} waits for your word")
    disposition = item.disposition or ""
    if approved:
        item.approval = "approved"
    else:
        refuse_booked(item)
        take(item, "veto")
        item.approval, item.disposition = "vetoed", None
        item.vetoed = [*item.vetoed, disposition]
        item.note = note or item.note
        if item.parcel is not None:
            item.parcel.direction = "return"
    follow(found)
    what = {"item": seq, "disposition": disposition, "approved": approved, "note": note}
    auditing.record(session, actor, now, "return.judged", public_id, after=what)
    tell(session, now, "return.decided", found)
    return found


def adopt_plan(session: Session, actor: Actor, now: datetime, plan_id: str | None = None) -> list[str]:
    """Choose for every graded item what a plan proposes; return the ids of the returns that changed.

    None: of each item, the plan that looked at it last. What was decided meanwhile, was vetoed, or is not allowed any
    more stays as it is. Raises NotFound, Forbidden.
    """
    if not actor.may(*WORKERS):
        raise Forbidden("only the operation adopts a plan")
    if plan_id is not None and not session.scalar(select(Plan.id).where(Plan.public_id == plan_id)):
        raise NotFound(f"there is no plan {plan_id!r}")
    waiting = session.scalars(
        select(Return.id)
        .join(ReturnItem, ReturnItem.return_id == Return.id)
        .where(ReturnItem.status == "graded", visible(actor))
        .distinct()
        .order_by(Return.id)
    ).all()
    changed = []
    for return_id in waiting:
        session.execute(select(Return.id).where(Return.id == return_id).with_for_update())
        found = load_return(session, return_id)
        wanted = [chosen for item in found.items if (chosen := _proposed(actor, found, item, plan_id, now))]
        if wanted:
            choose_dispositions(session, actor, now, found.public_id, wanted)
            changed.append(found.public_id)
    return changed


def _proposed(
    actor: Actor, found: Return, item: ReturnItem, plan_id: str | None, now: datetime
) -> Chosen | None:
    """What a plan, or the last one, proposes for an item that waits, if it may still be done here by this actor."""
    told = item.proposal or {}
    booked = item.parcel is not None and item.parcel.booking_line_id is not None
    if item.status != "graded" or not told.get("options") or booked:
        return None
    if plan_id is not None and told["plan"] != plan_id:
        return None
    if actor.role == "warehouse" and item.warehouse_id != actor.warehouse_id:
        return None
    first = told["options"][0]
    possible = {one.option.disposition for one in choices(found, item, now.date()) if one.allowed}
    if first["disposition"] not in possible:
        return None
    return Chosen(item.seq, first["disposition"], destination=first["to"])
