"""Work on stock that lies in the house: from bin to bin, into another condition, to scrap, and back again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid, StockShort
from app.models import Sku, StockBalance, StockLot, StockPlace, StockPosting, Warehouse
from app.usecases.warehousing import ledger
from app.usecases.warehousing.access import find_owner, works_in
from app.usecases.warehousing.layout import find_place, places_of
from app.usecases.warehousing.ledger import NO_SCAN, Scan
from app.usecases.warehousing.lots import LotKey, find_sku, lot_of
from warehouses.stock import Move

UNDONE_BY_STAFF = ("move", "put_away", "count", "regrade")
"""Kinds of posting the staff may take back by themselves."""
UNDONE_ELSEWHERE = {
    "announce": "cancel the announced goods",
    "receive": "correct the count of the announced goods",
    "pick": "void the order",
    "pack": "void the order",
    "hand_over": "void the order, or take the goods back as a return",
    "void": "what was voided is done anew by a new order",
    "work": "cancel the work order",
    "return": "grade the return anew",
    "destroy": "what is destroyed does not come back; count it in where it was not",
    "load": "unload the unit",
    "import": "count the bin and approve the difference",
    "reverse": "post what is right anew",
}
"""Of the other kinds: what is done instead."""
WORKABLE = ("bin", "returns", "receiving")
"""Places at which stock is regraded and scrapped."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of a SKU at a place: as many as are free where no quantity is named, of the lots that fit."""

    owner: str | None
    """Reference of the exporter; an exporter's SKU may be named by its public id alone."""
    sku: str
    place: str
    quantity: int | None = None
    lots: Mapping[str, Any] = field(default_factory=dict)
    """What the lot must be: batch, expires_on, condition, customs_status, received_on."""

    def asked(self, **more: object) -> dict[str, Any]:
        """What a scan is told apart by."""
        return asdict(self) | more


def move_stock(
    session: Session,
    actor: Actor,
    now: datetime,
    warehouse: Warehouse,
    pieces: Pieces,
    to: str,
    *,
    reason: str = "",
    scan_id: str | None = None,
) -> StockPosting:
    """Move free pieces from one bin to another; a scan is posted once.

    Raises NotFound for a place or SKU, StockShort, BinFull, Invalid (`wrong_area`, `bin_blocked`, `same_place`,
    `not_a_bin`), ScanReused.
    """
    works_in(actor, warehouse.id)
    scan = Scan(scan_id, pieces.asked(to=to)) if scan_id else NO_SCAN
    earlier = ledger.seen(session, warehouse.id, "move", None, scan)
    if earlier is not None:
        return earlier
    source = _place(session, warehouse, pieces.place, ("bin",), "from")
    target = _place(session, warehouse, to, ("bin",), "to")
    taken = _take(session, actor, source, pieces)
    moves = [Move(lot.id, source.id, target.id, quantity) for lot, quantity in taken]
    return ledger.post(session, actor, now, warehouse.id, "move", moves, reason=reason, scan=scan)


def regrade_stock(
    session: Session,
    actor: Actor,
    now: datetime,
    warehouse: Warehouse,
    pieces: Pieces,
    condition: str,
    *,
    reason: str,
    scan_id: str | None = None,
) -> StockPosting:
    """Give pieces another condition where they lie: out of the house and in again, as another lot.

    Raises as `move_stock`, and Invalid `same_condition` where all of it has that condition already.
    """
    works_in(actor, warehouse.id)
    scan = Scan(scan_id, pieces.asked(condition=condition)) if scan_id else NO_SCAN
    earlier = ledger.seen(session, warehouse.id, "regrade", None, scan)
    if earlier is not None:
        return earlier
    place = _place(session, warehouse, pieces.place, WORKABLE, "place")
    adjustment = places_of(session, warehouse.id)["adjustment"]
    moves = []
    for lot, quantity in _take(session, actor, place, pieces, but=condition):
        other = lot_of(session, LotKey.of(lot).but(condition=condition))
        moves.append(Move(lot.id, place.id, adjustment.id, quantity))
        moves.append(Move(other.id, adjustment.id, place.id, quantity))
    return ledger.post(session, actor, now, warehouse.id, "regrade", moves, reason=reason, scan=scan)


def scrap_stock(
    session: Session,
    actor: Actor,
    now: datetime,
    warehouse: Warehouse,
    pieces: Pieces,
    *,
    reason: str,
    scan_id: str | None = None,
) -> StockPosting:
    """Take pieces to scrap, for good; raises as `move_stock`."""
    works_in(actor, warehouse.id)
    scan = Scan(scan_id, pieces.asked(to="scrap")) if scan_id else NO_SCAN
    earlier = ledger.seen(session, warehouse.id, "destroy", None, scan)
    if earlier is not None:
        return earlier
    place = _place(session, warehouse, pieces.place, WORKABLE, "place")
    scrap = places_of(session, warehouse.id)["scrap"]
    taken = _take(session, actor, place, pieces)
    moves = [Move(lot.id, place.id, scrap.id, quantity) for lot, quantity in taken]
    return ledger.post(session, actor, now, warehouse.id, "destroy", moves, reason=reason, scan=scan)


def undo(
    session: Session,
    actor: Actor,
    now: datetime,
    public_id: str,
    *,
    reason: str,
    scan_id: str | None = None,
) -> StockPosting:
    """Take a posting back by its mirror image.

    Conflict for kinds that are undone elsewhere, saying where, and for what was taken back already; StockShort where
    the stock has moved on since.
    """
    posting = ledger.find_posting(session, public_id)
    works_in(actor, posting.warehouse_id)
    if posting.kind not in UNDONE_BY_STAFF:
        raise Conflict(
            f"a posting of the kind {posting.kind} is not taken back here: {UNDONE_ELSEWHERE[posting.kind]}"
        )
    scan = Scan(scan_id, {"reverses": public_id}) if scan_id else NO_SCAN
    return ledger.reverse(session, actor, now, posting, reason, scan)


def _place(session: Session, warehouse: Warehouse, code: str, kinds: Sequence[str], name: str) -> StockPlace:
    place = find_place(session, warehouse.id, code)
    if place.kind not in kinds:
        words = f"{place.code} is not {' or '.join(kinds)}"
        raise Invalid(words, (FieldError(name, "not_a_bin", words, "name another place", f"$.{name}"),))
    return place


def _take(
    session: Session, actor: Actor, place: StockPlace, pieces: Pieces, *, but: str | None = None
) -> list[tuple[StockLot, int]]:
    """Lots at the place with so many free pieces of each, the oldest first; StockShort."""
    sku = _sku(session, actor, pieces)
    ledger.lock(session, session.scalars(select(StockLot.id).where(StockLot.sku_id == sku.id)).all(), ())
    query = (
        select(StockLot, StockBalance.on_hand - StockBalance.reserved)
        .join(StockBalance, StockBalance.lot_id == StockLot.id)
        .where(StockLot.sku_id == sku.id, StockBalance.place_id == place.id, StockBalance.here)
        .order_by(StockLot.received_on, StockLot.expires_on, StockLot.id)
    )
    for name, value in pieces.lots.items():
        query = query.where(getattr(StockLot, name) == value)
    rows = [(lot, free) for lot, free in session.execute(query) if free > 0]
    if but is not None:
        others = [(lot, free) for lot, free in rows if lot.condition != but]
        if rows and not others:
            words = f"all of it has the condition {but} already"
            raise Invalid(words, (FieldError("condition", "same_condition", words, "", "$.condition"),))
        rows = others
    return _first(rows, pieces.quantity, sku, place)


def _first(
    rows: Sequence[tuple[StockLot, int]], quantity: int | None, sku: Sku, place: StockPlace
) -> list[tuple[StockLot, int]]:
    left = sum(free for _, free in rows) if quantity is None else quantity
    taken = []
    for lot, free in rows:
        pieces = min(free, left)
        if pieces:
            taken.append((lot, pieces))
        left -= pieces
    if left or not taken:
        missing, free = max(left, 1), sum(pieces for _, pieces in taken)
        raise StockShort(
            f"{missing} of {sku.code} missing at {place.code}: {free} free there",
            sku=sku.code,
            missing=missing,
        )
    return taken


def _sku(session: Session, actor: Actor, pieces: Pieces) -> Sku:
    if pieces.owner is None:
        found = session.scalar(select(Sku).where(Sku.public_id == pieces.sku).options(joinedload(Sku.owner)))
        if found is not None:
            return found
    owner = find_owner(session, actor, pieces.owner)
    return find_sku(session, owner.id, pieces.sku)


def lot_words(
    batch: str | None, expires_on: date | None, condition: str | None, customs_status: str | None
) -> dict[str, Any]:
    """What is said of a lot, as `Pieces` has it."""
    given = {
        "batch": batch,
        "expires_on": expires_on,
        "condition": condition,
        "customs_status": customs_status,
    }
    return {name: value for name, value in given.items() if value is not None}
