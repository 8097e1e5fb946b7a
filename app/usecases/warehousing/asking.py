"""What pages and programs ask for in the shapes of the wire, as the use cases of outbound take it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import NotFound
from app.models import OutboundOrder, Party
from app.usecases.warehousing import ordering, promising
from app.usecases.warehousing.access import find_owner, find_warehouse
from app.usecases.warehousing.ordering import NewOrder, WantedLine, wrong
from app.usecases.warehousing.packing import Box, Content
from app.usecases.warehousing.promising import Answer, Question
from warehouses.promise import leaves_at


def order_asked(session: Session, actor: Actor, now: datetime, wanted: Mapping[str, Any]) -> OutboundOrder:
    """Take on what `NewOutboundOrder` reads; without `ship_by` it leaves at the warehouse's next cut-off.

    NotFound for a warehouse, Invalid for an exporter that is not there.
    """
    warehouse = find_warehouse(session, actor, wanted["warehouse"])
    owner = owner_asked(session, actor, wanted["exporter"])
    hold = wanted.get("hold_minutes")
    next_cutoff = leaves_at(now, warehouse.cutoff_local, warehouse.location.time_zone)
    new = NewOrder(
        reference=wanted["reference"],
        ship_by=wanted["ship_by"] or next_cutoff,
        consignee=wanted["consignee"],
        lines=[WantedLine(**line) for line in wanted["lines"]],
        service=wanted["service"],
        hold_until=now + timedelta(minutes=hold) if hold else None,
    )
    order = ordering.create_order(session, actor, now, warehouse, owner, new)
    return ordering.confirm_order(session, actor, now, order.public_id) if wanted["confirm"] else order


def promise_asked(session: Session, actor: Actor, now: datetime, wanted: Mapping[str, Any]) -> Answer:
    """The answer to what `PromiseRequest` reads."""
    to = wanted["destination"]
    question = Question(
        lines=[WantedLine(**line) for line in wanted["lines"]],
        country=to["country_code"],
        postal_code=to["postal_code"],
        deliver_by=wanted["deliver_by"],
        currency=wanted["currency"],
        split=wanted["split"],
    )
    owner = owner_asked(session, actor, wanted["exporter"])
    return promising.ask_promise(session, actor, now, owner, question)


def owner_asked(session: Session, actor: Actor, reference: str | None) -> Party:
    """Whose goods: the exporter's own, or whom staff name; Invalid `required`, `exporter_unknown`."""
    try:
        return find_owner(session, actor, reference)
    except NotFound:
        code = "required" if reference is None else "exporter_unknown"
        raise wrong("exporter", code, "say whose goods, by an exporter's reference or id") from None


def box_asked(wanted: Mapping[str, Any]) -> Box:
    """The box that `NewBox` reads, in g and mm."""
    length, width, height = (int(wanted[f"{side}_cm"] * 10) for side in ("length", "width", "height"))
    contents = [Content(**one) for one in wanted["contents"]]
    return Box(int(wanted["weight_kg"] * 1000), length, width, height, contents)
