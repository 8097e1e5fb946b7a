"""The label of a return: who sends it back, and to which warehouse."""

from datetime import date

from sqlalchemy.orm import Session

from app.actor import Actor
from app.documents.facts import Place
from app.documents.labels import Label
from app.errors import NothingToPrint
from app.models import Location, Return
from app.queries.paper_facts import goods_of
from app.queries.returns import get_return

SERVICE = "RETURN 退货"
SCAN_PAGE = "/returns/number/"
"""Where the QR code of the label leads, below the installation's address: to the return, for those who work on it."""


def return_label(session: Session, actor: Actor, public_id: str, today: date, base_url: str) -> Label:
    """What a customer sticks on the box. Raises NotFound, NothingToPrint once it came or was cancelled."""
    found = get_return(session, actor, public_id, today).found
    if found.status not in ("label_issued", "in_transit"):
        raise NothingToPrint(f"the return is {found.status}; there is nothing to label")
    return _label(found, base_url)


def _label(found: Return, base_url: str) -> Label:
    sender, first = found.sender, found.items[0]
    city = " ".join(filter(None, (sender.get("postal_code"), sender.get("city"))))
    street = sender.get("address_line1") or ""
    origin = Place(
        code=street or "–", name_en=city or "–", name_zh=city or "–", country=str(sender.get("country_code") or ""),
        unlocode=None, time_zone=found.warehouse.location.time_zone,
    )  # fmt: skip
    return Label(
        tracking_number=found.tracking_number,
        scan=f"{base_url}{SCAN_PAGE}{found.tracking_number}",
        sender=str(sender.get("person_name") or sender.get("company_name") or ""),
        origin=origin,
        destination=_place(found.warehouse.location),
        service=SERVICE,
        weight_g=sum(item.quantity * item.sku.weight_g for item in found.items),
        length_mm=None,
        width_mm=None,
        height_mm=None,
        goods=goods_of(first.sku.goods_class, found.created_at.date(), flies=False),
        reference=found.reference,
        booking=found.public_id,
        waybill_number=None,
        customs_mode=found.customs_mode,
        number=1,
        count=1,
    )


def _place(where: Location) -> Place:
    names = Place.__slots__
    return Place(**{name: getattr(where, name) for name in names})
