"""What is on the label or placard of a unit."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.documents.facts import both
from app.documents.unit_labels import UnitLabel
from app.errors import NothingToPrint
from app.models import Departure, Parcel, Service
from app.queries.loading import get_unit
from app.queries.paper_facts import goods_of, places_of
from app.usecases.loading.contents import classes_inside, family_of

UNIT_PAGE = "/load-units/"
"""Where the QR code of a label leads, below the installation's address."""


def unit_label(session: Session, actor: Actor, public_id: str, base_url: str) -> UnitLabel:
    """The label of one unit. NotFound; NothingToPrint where it was given up."""
    row = get_unit(session, actor, public_id)
    unit = row.unit
    if unit.status == "cancelled" or row.board is None or row.alight is None:
        raise NothingToPrint("the unit was given up")
    departure, service = session.execute(
        select(Departure, Service).join(Service).where(Departure.id == unit.departure_id)
    ).one()
    known = places_of(session, [row.place.id, row.board.id, row.alight.id])
    flies = service.mode == "air"
    goods = [
        goods_of(code, departure.service_date, flies=flies) for code in sorted(classes_inside(session, unit))
    ]
    inside = Parcel.load_unit_id.in_(family_of(session, unit.id))
    pieces = select(func.count()).select_from(Parcel).where(inside)
    return UnitLabel(
        kind=unit.kind,
        type_code=unit.type_code,
        number=unit.number,
        shown=row.number,
        scan=f"{base_url}{UNIT_PAGE}{unit.public_id}",
        origin=known[row.place.id],
        board=known[row.board.id],
        alight=known[row.alight.id],
        mode=service.mode,
        service=both(service.name_en, service.name_zh),
        departure=departure.number,
        departs_at=departure.departs_at,
        pieces=session.scalar(pieces) or 0,
        net_g=unit.net_g,
        tare_g=unit.tare_g,
        gross_g=unit.gross_g,
        volume_cm3=unit.net_cm3,
        seal_number=unit.seal_number or "",
        marks=tuple(dict.fromkeys(one.marks for one in goods if one.marks)),
    )
