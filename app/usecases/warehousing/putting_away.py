"""Put received goods away: a suggestion for each lot, which a person may override, and the posting."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import BinFull, FieldError, NotFound
from app.models import Asn, Sku, StockBalance, StockLot, StockMove, StockPlace, StockPosting, Zone
from app.usecases import auditing
from app.usecases.warehousing import ledger
from app.usecases.warehousing.access import refuse_practice, works_in
from app.usecases.warehousing.asns import fault, find_asn, lock_asn, refuse
from app.usecases.warehousing.layout import find_place, places_of
from app.usecases.warehousing.ledger import NO_SCAN, Scan
from app.usecases.warehousing.refusals import step
from warehouses.barcodes import read_scan
from warehouses.inbound import ASN_STEPS
from warehouses.putaway import Bin, Suggestion, Waiting, suggest
from warehouses.stock import Move


@dataclass(frozen=True, slots=True)
class InReceiving:
    """Pieces of a lot that came with an ASN and still lie in the receiving area."""

    lot: StockLot
    sku: Sku
    quantity: int


@dataclass(frozen=True, slots=True)
class PutAwayPlan:
    """What lies in receiving, where it should go (bins by row id), and for which lots there is no room."""

    waiting: list[InReceiving]
    suggestions: list[Suggestion]
    bins: Mapping[int, str]
    """Row id → code."""
    homeless: Mapping[int, int]
    """Lot → pieces."""


@dataclass(frozen=True, slots=True)
class PutAway:
    """So many pieces of a SKU (code, id or barcode) into a bin, named by the code on its label.

    What is None is any: of several lots the one received first is taken first.
    """

    sku: str
    to: str
    quantity: int
    condition: str = "A"
    batch: str | None = None
    expires_on: date | None = None
    received_on: date | None = None

    def means(self, one: InReceiving) -> bool:
        """Whether these pieces are meant."""
        names = (self.sku, *read_scan(self.sku).names)
        named = any(name in (one.sku.code, one.sku.public_id, one.sku.barcode) for name in names)
        told = ((self.batch, one.lot.batch), (self.expires_on, one.lot.expires_on),
                (self.received_on, one.lot.received_on))  # fmt: skip
        alike = all(wish is None or wish == found for wish, found in told)
        return named and alike and self.condition == one.lot.condition


def plan_put_away(session: Session, actor: Actor, asn_id: str) -> PutAwayPlan:
    """Where to put what lies in receiving of an ASN. NotFound."""
    asn = find_asn(session, actor, asn_id)
    works_in(actor, asn.warehouse_id)
    return _plan(session, asn)


def put_away(
    session: Session,
    actor: Actor,
    now: datetime,
    asn_id: str,
    wanted: Sequence[PutAway],
    scan: Scan = NO_SCAN,
) -> tuple[Asn, StockPosting | None]:
    """Put goods of an ASN into bins: as `wanted`, or with nothing wanted as suggested.

    The ASN is `putaway_done` once receiving is closed and nothing of it lies in the receiving area. The same scan is
    posted once. Raises NotFound, Conflict, Invalid (`bin_unknown`, `not_in_receiving`, `wrong_area`,
    `bin_blocked`), StockShort, BinFull.
    """
    refuse_practice(actor)
    asn = lock_asn(session, actor, asn_id)
    works_in(actor, asn.warehouse_id)
    scan = scan if scan.asked is not None else Scan(scan.id, [asdict(one) for one in wanted])
    earlier = ledger.seen(session, asn.warehouse_id, "put_away", asn.public_id, scan)
    if earlier is not None:
        return asn, earlier
    step(ASN_STEPS, "put_away", asn.status)
    moves = _wanted(session, asn, wanted) if wanted else _suggested(session, asn)
    posting = None
    if moves:
        posting = ledger.post(
            session, actor, now, asn.warehouse_id, "put_away", moves, subject=asn.public_id, scan=scan
        )
    settle_put_away(session, actor, now, asn)
    return asn, posting


def settle_put_away(session: Session, actor: Actor, now: datetime, asn: Asn) -> None:
    """Mark a closed ASN, which is locked, as put away if nothing of it lies in receiving any more."""
    if asn.status != "received" or in_receiving(session, asn):
        return
    asn.status = step(ASN_STEPS, "put_away", asn.status)
    session.flush()
    auditing.record(
        session, actor, now, "asn.putaway_done", asn.public_id,
        before={"status": "received"}, after={"status": asn.status},
    )  # fmt: skip


def in_receiving(session: Session, asn: Asn) -> list[InReceiving]:
    """What came with an ASN and still lies in the receiving area, by SKU and lot.

    By the ASN's own postings, and never more than is there: somebody may have moved it without saying what for.
    """
    place = session.scalar(
        select(StockPlace.id).where(
            StockPlace.warehouse_id == asn.warehouse_id, StockPlace.kind == "receiving"
        )
    )
    moved = (
        select(StockMove.lot_id, StockMove.from_id, StockMove.to_id, func.sum(StockMove.quantity))
        .join(StockPosting, StockMove.posting_id == StockPosting.id)
        .where(StockPosting.subject == asn.public_id)
        .group_by(StockMove.lot_id, StockMove.from_id, StockMove.to_id)
    )
    left: dict[int, int] = {}
    for lot, source, target, quantity in session.execute(moved):
        if place in (source, target):
            left[lot] = left.get(lot, 0) + (int(quantity) if target == place else -int(quantity))
    rows = session.execute(
        select(StockLot, Sku, StockBalance.on_hand - StockBalance.reserved)
        .join(Sku, StockLot.sku_id == Sku.id)
        .join(StockBalance, (StockBalance.lot_id == StockLot.id) & (StockBalance.place_id == place))
        .where(StockLot.id.in_([lot for lot, quantity in left.items() if quantity > 0]))
        .order_by(Sku.code, StockLot.id)
    )
    found = [InReceiving(lot, sku, min(left[lot.id], int(free))) for lot, sku, free in rows]
    return [one for one in found if one.quantity > 0]


def _plan(session: Session, asn: Asn) -> PutAwayPlan:
    waiting = in_receiving(session, asn)
    places = _bins(session, asn.warehouse_id)
    holds = _holds(session, asn.warehouse_id, {one.sku.id for one in waiting})
    bins = [
        Bin(
            place=place.id,
            area=zone.customs_status,
            walk=(zone.walk_seq, place.walk_seq),
            free_g=None if place.max_g is None else place.max_g - place.used_g,
            free_cm3=None if place.max_cm3 is None else place.max_cm3 - place.used_cm3,
            holds=frozenset(holds.get(place.id, ())),
            empty=not place.used_g,
        )
        for place, zone in places
    ]
    goods = [
        Waiting(
            one.lot.id, (one.sku.id, one.lot.condition), one.lot.customs_status, one.quantity,
            one.sku.weight_g, one.sku.volume_cm3,
        )
        for one in waiting
    ]  # fmt: skip
    suggestions, homeless = suggest(goods, bins)
    left = {one.lot: pieces for one, pieces in homeless}
    return PutAwayPlan(waiting, suggestions, {place.id: place.code for place, _ in places}, left)


def _bins(session: Session, warehouse_id: int) -> list[tuple[StockPlace, Zone]]:
    query = (
        select(StockPlace, Zone)
        .join(Zone, StockPlace.zone_id == Zone.id)
        .where(StockPlace.warehouse_id == warehouse_id, StockPlace.kind == "bin", ~StockPlace.blocked)
        .order_by(Zone.walk_seq, StockPlace.walk_seq, StockPlace.id)
    )
    return [(place, zone) for place, zone in session.execute(query)]


def _holds(session: Session, warehouse_id: int, sku_ids: set[int]) -> dict[int, set[tuple[int, str]]]:
    """Bin → kinds of these SKUs that lie in it."""
    query = (
        select(StockBalance.place_id, StockLot.sku_id, StockLot.condition)
        .join(StockLot, StockBalance.lot_id == StockLot.id)
        .join(StockPlace, StockBalance.place_id == StockPlace.id)
        .where(StockPlace.warehouse_id == warehouse_id, StockPlace.kind == "bin")
        .where(StockLot.sku_id.in_(sku_ids), StockBalance.on_hand > 0)
        .distinct()
    )
    found: dict[int, set[tuple[int, str]]] = {}
    for place, sku, condition in session.execute(query):
        found.setdefault(place, set()).add((sku, condition))
    return found


def _suggested(session: Session, asn: Asn) -> list[Move]:
    plan = _plan(session, asn)
    if plan.waiting and not plan.suggestions:
        raise BinFull("no bin has room for any of it; make room, or name a bin that takes it")
    source = places_of(session, asn.warehouse_id)["receiving"].id
    return [Move(one.lot, source, one.place, one.quantity) for one in plan.suggestions]


def _wanted(session: Session, asn: Asn, wanted: Sequence[PutAway]) -> list[Move]:
    waiting = sorted(in_receiving(session, asn), key=lambda one: (one.lot.received_on, one.lot.id))
    left = {one.lot.id: one.quantity for one in waiting}
    source = places_of(session, asn.warehouse_id)["receiving"].id
    moves: list[Move] = []
    faults: list[FieldError] = []
    for at, one in enumerate(wanted):
        target = _bin(session, asn.warehouse_id, one.to)
        if target is None:
            text = f"there is no bin {one.to!r} in this warehouse"
            faults.append(fault(f"lines.{at}.to", "bin_unknown", text, "use the code on the bin's label"))
            continue
        missing = one.quantity
        for lot in (found.lot.id for found in waiting if one.means(found)):
            taken = min(left[lot], missing)
            if taken:
                moves.append(Move(lot, source, target.id, taken))
                left[lot] -= taken
                missing -= taken
        if missing:
            text = f"{missing} of {one.sku} more than lie in receiving of this ASN"
            remedy = "put less away, or look at condition and batch"
            faults.append(fault(f"lines.{at}.quantity", "not_in_receiving", text, remedy))
    refuse(faults)
    return moves


def _bin(session: Session, warehouse_id: int, code: str) -> StockPlace | None:
    try:
        place = find_place(session, warehouse_id, read_scan(code).text)
    except NotFound:
        return None
    return place if place.kind == "bin" else None
