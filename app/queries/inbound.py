"""Announced goods: the list of what is due, one ASN with everything about it, and those of a booking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.actor import Actor
from app.models import Asn, AsnLine, AsnReceipt, Booking, Location, Party, Warehouse
from app.queries.paging import Keyset, Page, day
from app.usecases.warehousing.access import may_own, may_see
from app.usecases.warehousing.asns import find_asn
from app.usecases.warehousing.putting_away import InReceiving, in_receiving
from warehouses.inbound import Counted, Discrepancy, discrepancies

BY_DAY = Keyset(Asn.expected_on, Asn.id, read=day)
OPEN = ("draft", "announced", "in_transit", "arrived", "receiving", "received_partial", "received")
"""Something is still to be done about it."""
DUE = ("announced", "in_transit", "arrived", "receiving", "received_partial", "received")
"""The same, as the warehouse sees it: a draft is nobody's business yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsnFilter:
    """What narrows the list; None does not. Warehouse and exporter by code or public id."""

    status: str | None = None
    states: Sequence[str] = ()
    """One of these; none named: any."""
    warehouse: str | None = None
    exporter: str | None = None
    reference: str | None = None
    """Begins with this."""
    booking: str | None = None
    """Public id."""
    expected_from: date | None = None
    expected_until: date | None = None
    """The last day that counts."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """As conditions on Asn, Location and Party."""
        found: list[ColumnElement[bool]] = []
        if self.status:
            found.append(Asn.status == self.status)
        if self.states:
            found.append(Asn.status.in_(self.states))
        if self.warehouse:
            found.append(or_(Location.code == self.warehouse, Warehouse.public_id == self.warehouse))
        if self.exporter:
            found.append(or_(Party.reference == self.exporter, Party.public_id == self.exporter))
        if self.reference:
            found.append(Asn.reference.startswith(self.reference, autoescape=True))
        if self.booking:
            found.append(Asn.booking.has(Booking.public_id == self.booking))
        if self.expected_from:
            found.append(Asn.expected_on >= self.expected_from)
        if self.expected_until:
            found.append(Asn.expected_on <= self.expected_until)
        return found


@dataclass(frozen=True, slots=True)
class Totals:
    """Of all lines: how many there are, and pieces announced, received in good order, and damaged."""

    lines: int = 0
    expected: int = 0
    received: int = 0
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class AsnRow:
    """An ASN of a list."""

    asn: Asn
    totals: Totals


@dataclass(frozen=True, slots=True)
class AsnDetail:
    """An ASN with its receipts, what is not as announced, and what lies in receiving."""

    asn: Asn
    totals: Totals
    receipts: list[AsnReceipt]
    discrepancies: list[Discrepancy]
    waiting: list[InReceiving]


def list_asns(
    session: Session, actor: Actor, where: AsnFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[AsnRow]:
    """ASNs the actor may see, by the day they are expected; what comes first stands first."""
    query = (
        select(Asn)
        .join(Party, Asn.owner_id == Party.id)
        .join(Warehouse, Asn.warehouse_id == Warehouse.id)
        .join(Location, Warehouse.location_id == Location.id)
        .where(may_see(actor, Asn.warehouse_id), may_own(actor, Asn.owner_id), *where.conditions())
        .options(
            joinedload(Asn.owner),
            joinedload(Asn.warehouse).joinedload(Warehouse.location),
            joinedload(Asn.booking),
        )
    )
    found = list(session.scalars(BY_DAY.slice(query, cursor, limit)))
    sums = _totals(session, [asn.id for asn in found])
    rows = [AsnRow(asn, sums.get(asn.id, Totals())) for asn in found]
    return BY_DAY.page(rows, limit, lambda row: (row.asn.expected_on, row.asn.id))


def get_asn(session: Session, actor: Actor, asn_id: str) -> AsnDetail:
    """One ASN with everything about it; NotFound, also for another's."""
    asn = find_asn(session, actor, asn_id)
    receipts = session.scalars(
        select(AsnReceipt)
        .where(AsnReceipt.asn_id == asn.id)
        .order_by(AsnReceipt.id)
        .options(joinedload(AsnReceipt.posting))
    )
    return AsnDetail(asn, totals_of(asn.lines), list(receipts), wrong_lines(asn), in_receiving(session, asn))


def wrong_lines(asn: Asn) -> list[Discrepancy]:
    """What is not as announced; what has not come counts once receiving is closed."""
    told = [(line.seq, Counted(line.expected, line.received, line.damaged)) for line in asn.lines]
    return list(discrepancies(told, closed=asn.closed_at is not None))


def discrepancies_of(asn: Asn) -> list[dict[str, object]]:
    """The same as they are shown on the wire."""
    skus = {line.seq: line.sku.code for line in asn.lines}
    return [
        {"line": one.line, "sku": skus[one.line], "kind": one.kind, "quantity": one.quantity}
        for one in wrong_lines(asn)
    ]


def totals_of(lines: Sequence[AsnLine]) -> Totals:
    """The sums of loaded lines."""
    return Totals(
        len(lines),
        sum(line.expected for line in lines),
        sum(line.received for line in lines),
        sum(line.damaged for line in lines),
    )


def _totals(session: Session, ids: Sequence[int]) -> Mapping[int, Totals]:
    query = (
        select(
            AsnLine.asn_id,
            func.count(),
            func.sum(AsnLine.expected),
            func.sum(AsnLine.received),
            func.sum(AsnLine.damaged),
        )
        .where(AsnLine.asn_id.in_(ids))
        .group_by(AsnLine.asn_id)
    )
    return {key: Totals(*map(int, sums)) for key, *sums in session.execute(query)}


def counts_by_state(session: Session, actor: Actor, warehouse_id: int) -> dict[str, int]:
    """State → how many ASNs of a warehouse are in it."""
    query = (
        select(Asn.status, func.count())
        .where(Asn.warehouse_id == warehouse_id, may_see(actor, Asn.warehouse_id))
        .where(may_own(actor, Asn.owner_id))
        .group_by(Asn.status)
    )
    return dict(session.execute(query).all())


def asns_of_booking(session: Session, actor: Actor, booking_id: int) -> list[Asn]:
    """What was announced to warehouses of the goods a booking carries."""
    query = (
        select(Asn)
        .where(Asn.booking_id == booking_id, may_see(actor, Asn.warehouse_id), may_own(actor, Asn.owner_id))
        .order_by(Asn.id)
        .options(joinedload(Asn.warehouse).joinedload(Warehouse.location), selectinload(Asn.lines))
    )
    return list(session.scalars(query))
