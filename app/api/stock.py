"""Stock: what lies where, how it came there, and work on it in the house."""

from datetime import date
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.actor import ROLES
from app.api.base import Endpoints, answer
from app.api.wire import page, utc
from app.auth import actor, allow
from app.clock import now
from app.http import reading
from app.models import StockPosting
from app.queries import stock as queries
from app.queries.skus import read_sku
from app.queries.stock_moves import MoveFilter, MoveRow, PostingRow, get_posting, list_moves
from app.schemas.stock import (
    NewMove,
    NewRegrade,
    NewScrap,
    PostingShape,
    StockMovePage,
    StockMoveQuery,
    StockPage,
    StockQuery,
    Undo,
)
from app.usecases.warehousing.access import WORKERS, find_warehouse
from app.usecases.warehousing.moving import Pieces, lot_words, move_stock, regrade_stock, scrap_stock, undo
from warehouses.stock import NEVER

blueprint = Endpoints("Stock", __name__, "What lies in the warehouses, and its ledger")
POSTING = "/stock/postings/<id('pst'):pst_id>"


@blueprint.reading("/stock", StockPage, query=StockQuery, refuses=(400,))
@allow(*ROLES)
def list_stock(query: dict[str, Any]) -> Response:
    """List what lies where, by lot and place.

    An exporter sees its own stock, the staff of a warehouse what lies there. What has left is not listed; see the
    ledger for it.
    """
    cursor, limit = query.pop("cursor"), query.pop("limit")
    with reading() as session:
        where = queries.StockFilter(**query)
        found = queries.list_stock(session, actor(), where, cursor=cursor, limit=limit)
    return answer(page(found, [stock_json(row) for row in found.items]))


@blueprint.reading("/stock/moves", StockMovePage, query=StockMoveQuery, refuses=(400, 404))
@allow(*ROLES)
def list_stock_moves(query: dict[str, Any]) -> Response:
    """List the moves of an article, the newest first."""
    cursor, limit = query.pop("cursor"), query.pop("limit")
    with reading() as session:
        sku = read_sku(session, actor(), query.pop("sku"))
        found = list_moves(session, actor(), sku, MoveFilter(**query), cursor=cursor, limit=limit)
    return answer(page(found, [move_json(row) for row in found.items]))


@blueprint.changing("/stock/moves", PostingShape, status=201, body=NewMove, refuses=(404,))
@allow(*WORKERS)
def create_stock_move(session: Session, wanted: dict[str, Any]) -> Response:
    """Move pieces from bin to bin; the same `scan_id` again answers what was posted for it."""
    house = find_warehouse(session, actor(), wanted["warehouse"])
    made = move_stock(
        session, actor(), now(), house, _pieces(wanted, wanted["from_"], wanted["condition"]), wanted["to"],
        reason=wanted["reason"], scan_id=wanted["scan_id"],
    )  # fmt: skip
    return _posted(session, made)


@blueprint.changing("/stock/regrades", PostingShape, status=201, body=NewRegrade, refuses=(404,))
@allow(*WORKERS)
def regrade_pieces(session: Session, wanted: dict[str, Any]) -> Response:
    """Give pieces another condition where they lie."""
    house = find_warehouse(session, actor(), wanted["warehouse"])
    pieces = _pieces(wanted, wanted["place"], wanted["from_condition"])
    made = regrade_stock(
        session, actor(), now(), house, pieces, wanted["condition"],
        reason=wanted["reason"], scan_id=wanted["scan_id"],
    )  # fmt: skip
    return _posted(session, made)


@blueprint.changing("/stock/scraps", PostingShape, status=201, body=NewScrap, refuses=(404,))
@allow(*WORKERS)
def scrap_pieces(session: Session, wanted: dict[str, Any]) -> Response:
    """Destroy pieces, for good."""
    house = find_warehouse(session, actor(), wanted["warehouse"])
    pieces = _pieces(wanted, wanted["place"], wanted["condition"])
    made = scrap_stock(
        session, actor(), now(), house, pieces, reason=wanted["reason"], scan_id=wanted["scan_id"]
    )
    return _posted(session, made)


@blueprint.reading(POSTING, PostingShape)
@allow(*ROLES)
def read_stock_posting(pst_id: str) -> Response:
    """Read one posting with its moves."""
    with reading() as session:
        found = get_posting(session, actor(), pst_id)
    return answer(posting_json(found))


@blueprint.changing(f"{POSTING}/reverse", PostingShape, status=201, body=Undo)
@allow(*WORKERS)
def reverse_stock_posting(session: Session, wanted: dict[str, Any], pst_id: str) -> Response:
    """Take a posting back by one that moves everything where it came from.

    Of the kinds `move`, `put_away`, `count` and `regrade`; for others 409 says what to do instead.
    """
    made = undo(session, actor(), now(), pst_id, reason=wanted["reason"], scan_id=wanted["scan_id"])
    return _posted(session, made)


def _pieces(wanted: dict[str, Any], place: str, condition: str | None) -> Pieces:
    lots = lot_words(wanted["batch"], wanted["expires_on"], condition, wanted["customs_status"])
    return Pieces(wanted["exporter"], wanted["sku"], place, wanted["quantity"], lots)


def _posted(session: Session, made: StockPosting) -> Response:
    session.flush()
    shown = posting_json(get_posting(session, actor(), made.public_id))
    return answer(shown, 201, Location=f"/api/v1/stock/postings/{made.public_id}")


def stock_json(row: queries.StockRow) -> dict[str, Any]:
    """Pieces of a lot at a place as they are shown."""
    return {
        "warehouse": row.warehouse,
        "warehouse_id": row.warehouse_id,
        "exporter": row.exporter,
        "sku_id": row.sku_id,
        "sku": row.sku,
        "lot": lot_json(row),
        "place_kind": row.place_kind,
        "place": row.place,
        "zone": row.zone,
        "on_hand": row.on_hand,
        "reserved": row.reserved,
        "free": row.free,
    }


def lot_json(row: queries.StockRow | MoveRow) -> dict[str, Any]:
    """What a lot's pieces have in common."""
    return {
        "batch": row.batch or None,
        "expires_on": day_or_none(row.expires_on),
        "condition": row.condition,
        "customs_status": row.customs_status,
        "received_on": day_or_none(row.received_on),
    }


def day_or_none(on: date) -> str | None:
    """A day; None where it never comes."""
    return None if on == NEVER else on.isoformat()


def move_json(row: MoveRow) -> dict[str, Any]:
    """A move as it is shown."""
    return {
        "posting_id": row.posting_id,
        "kind": row.kind,
        "at": utc(row.at),
        "subject": row.subject,
        "reason": row.reason,
        "actor": row.actor,
        "warehouse": row.warehouse,
        "exporter": row.exporter,
        "sku_id": row.sku_id,
        "sku": row.sku,
        "lot": lot_json(row),
        "from_kind": row.from_kind,
        "from": row.from_code,
        "to_kind": row.to_kind,
        "to": row.to_code,
        "quantity": row.quantity,
    }


def posting_json(row: PostingRow) -> dict[str, Any]:
    """A posting as it is shown."""
    return {
        "id": row.public_id,
        "kind": row.kind,
        "at": utc(row.at),
        "warehouse": row.warehouse,
        "warehouse_id": row.warehouse_id,
        "subject": row.subject,
        "reason": row.reason,
        "scan_id": row.scan_id,
        "actor_kind": row.actor_kind,
        "actor": row.actor,
        "reverses": row.reverses,
        "reversed_by": row.reversed_by,
        "moves": [move_json(move) for move in row.moves],
    }
