"""The checklist of papers: what each booking needs, what is there, and what is late."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import NotFound
from app.models import (
    Booking,
    BookingLeg,
    BookingLine,
    Call,
    Consignment,
    Cutoff,
    ShipmentDocument,
    TransportDocument,
)
from app.queries.bookings import get_booking
from app.queries.paper_facts import DEAD
from trade.goods import goods_classes
from trade.paperwork import LATE, PRESENT, Paper, paper_state, papers_needed


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One line of the checklist."""

    code: str
    kind: str
    """What shows that it is there: `trade.paperwork.KINDS`."""
    from_whom: str
    state: str
    """`present`, `missing` or `late`."""
    due_at: datetime | None
    cutoff: str | None
    """DCSA code of the cut-off it is due at; none where it is that of the leg."""
    received: tuple[ShipmentDocument, ...]
    """What came in and was not taken back, the newest first."""
    standing: str
    source: str
    """Who says that it is needed."""

    @property
    def missing(self) -> bool:
        """Whether somebody has to see to it."""
        return self.state != PRESENT

    @property
    def late(self) -> bool:
        """Whether its cut-off has passed without it."""
        return self.state == LATE


@dataclass(slots=True)
class _Facts:
    """What is known of one booking, by row id."""

    legs: list[Any]
    lines: list[Any]
    cutoffs: dict[tuple[str, str], datetime]
    """Mode and DCSA code → the first instant."""
    waybill: bool = False
    document: bool = False


def checklist(session: Session, booking: Booking, now: datetime) -> list[PaperRow]:
    """The papers of one booking; none once it is over without having travelled."""
    return checklists(session, [booking], now)[booking.id]


def checklists(session: Session, bookings: Sequence[Booking], now: datetime) -> dict[int, list[PaperRow]]:
    """The papers of bookings by row id, in six queries however many there are."""
    facts = _facts(session, [one.id for one in bookings])
    received: dict[tuple[int, str], list[ShipmentDocument]] = defaultdict(list)
    query = (
        select(ShipmentDocument)
        .where(ShipmentDocument.booking_id.in_(facts), ShipmentDocument.withdrawn_at.is_(None))
        .order_by(ShipmentDocument.id.desc())
    )
    for row in session.scalars(query):
        received[row.booking_id, row.code].append(row)
    return {
        one.id: [
            _row(paper, facts[one.id], received.get((one.id, paper.code), ()), now)
            for paper in ([] if one.status in DEAD else _needed(one, facts[one.id]))
        ]
        for one in bookings
    }


def _needed(booking: Booking, facts: _Facts) -> list[Paper]:
    day = booking.created_at.date()
    known = goods_classes(day)
    goods = [known[line.goods_class] for line in facts.lines if line.goods_class in known]
    return papers_needed(day, {leg.mode for leg in facts.legs}, booking.customs_mode, goods)


def _row(paper: Paper, facts: _Facts, received: Iterable[ShipmentDocument], now: datetime) -> PaperRow:
    due_at, cutoff = _due(paper, facts)
    rows = tuple(received)
    there = (
        bool(rows)
        or {
            "parcels": all(line.filled >= line.count for line in facts.lines),
            "waybill": facts.waybill,
            "values": all(line.value_minor > 0 for line in facts.lines),
            "document": facts.document,
            "received": False,
        }[paper.kind]
    )
    return PaperRow(
        code=paper.code,
        kind=paper.kind,
        from_whom=paper.from_whom,
        state=paper_state(there=there, due_at=due_at, now=now),
        due_at=due_at,
        cutoff=cutoff,
        received=rows,
        standing=paper.fact.standing,
        source=paper.fact.source,
    )


def _due(paper: Paper, facts: _Facts) -> tuple[datetime | None, str | None]:
    """The first cut-off the paper is for; without one, when the goods are handed over for the first ride."""
    modes = {leg.mode for leg in facts.legs if not paper.modes or leg.mode in paper.modes}
    for code in paper.cutoffs:
        found = [at for (mode, name), at in facts.cutoffs.items() if name == code and mode in modes]
        if found:
            return min(found), code
    return min((leg.cutoff_at for leg in facts.legs if leg.cutoff_at), default=None), None


def _facts(session: Session, ids: Sequence[int]) -> dict[int, _Facts]:
    found = {one: _Facts([], [], {}) for one in ids}
    leg, line = BookingLeg, BookingLine
    for of_leg in session.execute(
        select(leg.booking_id, leg.mode, leg.cutoff_at).where(leg.booking_id.in_(ids)).order_by(leg.seq)
    ):
        found[of_leg.booking_id].legs.append(of_leg)
    for of_line in session.execute(
        select(line.booking_id, line.goods_class, line.count, line.filled, line.value_minor)
        .where(line.booking_id.in_(ids))
        .order_by(line.seq)
    ):
        found[of_line.booking_id].lines.append(of_line)
    for booking_id, mode, code, at in session.execute(
        select(leg.booking_id, leg.mode, Cutoff.code, Cutoff.at)
        .join(Call, (Call.departure_id == leg.departure_id) & (Call.seq == leg.board_seq))
        .join(Cutoff, Cutoff.call_id == Call.id)
        .where(leg.booking_id.in_(ids))
    ):
        cutoffs = found[booking_id].cutoffs
        cutoffs[mode, code] = min(at, cutoffs.get((mode, code), at))
    for one in session.scalars(select(Consignment.booking_id).where(Consignment.booking_id.in_(ids))):
        found[one].waybill = True
    document = TransportDocument
    in_force = document.booking_id.in_(ids), document.leg_seq == 0, document.void_at.is_(None)
    for one in session.scalars(select(document.booking_id).where(*in_force)):
        found[one].document = True
    return found


def find_document(session: Session, actor: Actor, booking_id: str, document_id: str) -> ShipmentDocument:
    """One paper of a booking the actor may see, also if it was taken back; NotFound."""
    booking = get_booking(session, actor, booking_id).booking
    found = session.scalar(
        select(ShipmentDocument).where(
            ShipmentDocument.booking_id == booking.id, ShipmentDocument.public_id == document_id
        )
    )
    if found is None:
        raise NotFound("there is no such paper")
    return found
