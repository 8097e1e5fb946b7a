"""The facts of a receiving list."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.actor import Actor
from app.documents.facts import Party, Place
from app.documents.receiving_lists import ReceivingLine, ReceivingList
from app.models import Asn, AsnLine
from app.usecases.warehousing.asns import find_asn
from warehouses.stock import NEVER

CUSTOMS = {"free": ("free", "非保税"), "bonded": ("bonded", "保税"), "supervised": ("supervised", "监管")}


def receiving_list(session: Session, actor: Actor, asn_id: str, now: datetime) -> ReceivingList:
    """What should come with an ASN, and what was counted so far. NotFound, also for another's."""
    asn = find_asn(session, actor, asn_id)
    return ReceivingList(
        asn=asn.public_id,
        reference=asn.reference,
        owner=Party(name=asn.owner.name, reference=asn.owner.reference, country=asn.owner.country),
        warehouse=_place(asn),
        expected_on=asn.expected_on,
        booking=asn.booking.public_id if asn.booking else None,
        container=asn.container,
        container_type=asn.container_type,
        pallets=asn.pallets,
        customs_status=CUSTOMS[asn.customs_status],
        lines=tuple(_line(line) for line in asn.lines),
        made_at=now,
    )


def _place(asn: Asn) -> Place:
    found = asn.warehouse.location
    return Place(
        code=found.code,
        name_en=found.name_en,
        name_zh=found.name_zh,
        country=found.country,
        unlocode=found.unlocode,
        time_zone=found.time_zone,
    )


def _line(line: AsnLine) -> ReceivingLine:
    return ReceivingLine(
        seq=line.seq,
        sku=line.sku.code,
        barcode=line.sku.barcode,
        name_en=line.sku.name_en,
        name_zh=line.sku.name_zh,
        condition=line.condition,
        batch=line.batch,
        expires_on=None if line.expires_on == NEVER else line.expires_on,
        cartons=line.cartons,
        expected=line.expected,
        received=line.received,
        damaged=line.damaged,
    )
