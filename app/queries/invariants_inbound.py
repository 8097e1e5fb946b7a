"""What must hold of announced goods: their lines say what the ledger says."""

from datetime import datetime

from sqlalchemy import Subquery, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.models import Asn, AsnLine, StockMove, StockPlace, StockPosting
from app.queries.invariants_stock import Rows
from warehouses.inbound import ON_THE_WAY


def _net(kind: str, *posted: str) -> Subquery:
    """ASN (its public id) and the pieces its postings of these kinds brought to places of a kind, less taken back."""
    source, target, first = aliased(StockPlace), aliased(StockPlace), aliased(StockPosting)
    into = case((target.kind == kind, StockMove.quantity), else_=-StockMove.quantity)
    return (
        select(StockPosting.subject, func.sum(into).label("pieces"))
        .join(StockMove, StockMove.posting_id == StockPosting.id)
        .join(source, source.id == StockMove.from_id)
        .join(target, target.id == StockMove.to_id)
        .outerjoin(first, first.id == StockPosting.reverses_id)
        .where(StockPosting.subject.startswith("asn_", autoescape=True))
        .where(func.coalesce(first.kind, StockPosting.kind).in_(posted))
        .where(or_(source.kind == kind, target.kind == kind), source.kind != target.kind)
        .group_by(StockPosting.subject)
        .subquery()
    )


def counts_of_announced_goods_are_posted(session: Session, now: datetime) -> Rows:
    """What the lines of an ASN say was counted is what its receipts brought into the receiving area."""
    del now
    counted, posted = AsnLine.received + AsnLine.damaged, _net("receiving", "receive")
    query = (
        select(Asn.public_id, func.sum(counted), func.coalesce(posted.c.pieces, 0))
        .join(AsnLine, AsnLine.asn_id == Asn.id)
        .outerjoin(posted, posted.c.subject == Asn.public_id)
        .group_by(Asn.public_id, posted.c.pieces)
        .having(func.sum(counted) != func.coalesce(posted.c.pieces, 0))
    )
    for reference, says, moved in session.execute(query):
        yield reference, f"its lines say {says} pieces were counted, its receipts {moved}"


def what_is_still_to_come_is_in_transit(session: Session, now: datetime) -> Rows:
    """What was announced and has not come is in transit, until receiving is closed or it is called off."""
    del now
    left = AsnLine.expected - AsnLine.received - AsnLine.damaged
    open_ones = Asn.status.in_([state for state in ON_THE_WAY if state != "draft"])
    due = func.sum(case((open_ones & (left > 0), left), else_=0))
    moving = _net("in_transit", "announce", "receive")
    query = (
        select(Asn.public_id, due, func.coalesce(moving.c.pieces, 0))
        .join(AsnLine, AsnLine.asn_id == Asn.id)
        .outerjoin(moving, moving.c.subject == Asn.public_id)
        .group_by(Asn.public_id, moving.c.pieces)
        .having(due != func.coalesce(moving.c.pieces, 0))
    )
    for reference, says, moved in session.execute(query):
        yield reference, f"{says} pieces are still to come, and {moved} in transit"


INVARIANTS = (counts_of_announced_goods_are_posted, what_is_still_to_come_is_in_transit)
