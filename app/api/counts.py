"""Cycle counts: choose bins, report what lies in them, decide what is adjusted."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.api.base import Endpoints, answer
from app.api.wire import page, utc
from app.auth import actor, allow
from app.clock import now
from app.http import reading
from app.models import StockCount, StockCountBin
from app.queries.counts import CountedLine, CountFilter, CountRow, get_count
from app.queries.counts import list_counts as find_counts
from app.schemas.counts import (
    CountAgain,
    CountDecision,
    CountDetail,
    CountedBin,
    CountPage,
    CountQuery,
    NewCount,
)
from app.usecases.warehousing.access import WORKERS
from app.usecases.warehousing.count_decisions import approve_count as approve
from app.usecases.warehousing.count_decisions import cancel_count as cancel
from app.usecases.warehousing.count_decisions import reopen_count as reopen
from app.usecases.warehousing.counting import Choice, Counted, Finding, start_count, take_finding
from app.usecases.warehousing.named import named_warehouse
from warehouses.stock import NEVER

blueprint = Endpoints(
    "Stock counts", __name__, "Cycle counts: blind, again by another, approved", area="stock"
)


@blueprint.changing("/stock-counts", CountDetail, status=201, body=NewCount)
@allow(*WORKERS)
def create_stock_count(session: Session, wanted: dict[str, Any]) -> Response:
    """Start a count of bins: those named, of a zone, with an article, not counted since a day, drawn by lot."""
    choice = Choice(
        tuple(wanted["bins"]), wanted["zone"], wanted["sku"], wanted["not_counted_since"], wanted["most"]
    )
    count = start_count(
        session,
        actor(),
        now(),
        named_warehouse(session, actor(), wanted["warehouse"]),
        choice,
        reason=wanted["reason"],
        tolerance_permille=wanted["tolerance_permille"],
    )
    return _shown(session, count, 201, Location=f"/api/v1/stock-counts/{count.public_id}")


@blueprint.reading("/stock-counts", CountPage, query=CountQuery, refuses=(400,))
@allow(*WORKERS)
def list_stock_counts(query: dict[str, Any]) -> Response:
    """List counts, the newest first; the staff of a warehouse sees its own."""
    where = CountFilter(query["warehouse"], query["status"])
    with reading() as session:
        found = find_counts(session, actor(), where, cursor=query["cursor"], limit=query["limit"])
    return answer(page(found, [count_item(row) for row in found.items]))


@blueprint.reading("/stock-counts/<id('cnt'):cnt_id>", CountDetail)
@allow(*WORKERS)
def read_stock_count(cnt_id: str) -> Response:
    """Read one count. What was expected is not shown while it is counted, and never to who counted."""
    with reading() as session:
        return answer(count_detail(get_count(session, actor(), cnt_id)))


@blueprint.changing("/stock-counts/<id('cnt'):cnt_id>/findings", CountDetail, status=200, body=CountedBin)
@allow(*WORKERS)
def report_stock_finding(session: Session, wanted: dict[str, Any], cnt_id: str) -> Response:
    """Report all that lies in a bin. Where it differs, somebody else counts the bin again."""
    found = [
        Finding(
            one["code"], one["quantity"], one["condition"], one["batch"], one["expires_on"], one["exporter"]
        )
        for one in wanted["found"]
    ]
    counted = Counted(wanted["bin"], found, wanted["began_s_ago"], wanted["scan_id"])
    return _shown(session, take_finding(session, actor(), now(), cnt_id, counted))


@blueprint.changing("/stock-counts/<id('cnt'):cnt_id>/approve", CountDetail, status=200, body=CountDecision)
@allow(*WORKERS)
def approve_stock_count(session: Session, wanted: dict[str, Any], cnt_id: str) -> Response:
    """Approve a count one has not counted in: its differences are posted."""
    return _shown(session, approve(session, actor(), now(), cnt_id, wanted["reason"]))


@blueprint.changing("/stock-counts/<id('cnt'):cnt_id>/reopen", CountDetail, status=200, body=CountAgain)
@allow(*WORKERS)
def reopen_stock_count(session: Session, wanted: dict[str, Any], cnt_id: str) -> Response:
    """Have bins counted again before anything is decided."""
    return _shown(session, reopen(session, actor(), now(), cnt_id, wanted["bins"], wanted["reason"]))


@blueprint.changing("/stock-counts/<id('cnt'):cnt_id>/cancel", CountDetail, status=200, body=CountDecision)
@allow(*WORKERS)
def cancel_stock_count(session: Session, wanted: dict[str, Any], cnt_id: str) -> Response:
    """Cancel a count; nothing is adjusted."""
    return _shown(session, cancel(session, actor(), now(), cnt_id, wanted["reason"]))


def _shown(session: Session, count: StockCount, status: int = 200, **headers: str) -> Response:
    session.flush()
    return answer(count_detail(get_count(session, actor(), count.public_id)), status, **headers)


def count_item(row: CountRow) -> dict[str, Any]:
    """A count as lists show it."""
    count = row.count
    return {
        "id": count.public_id,
        "warehouse": count.warehouse.location.code,
        "status": count.status,
        "reason": count.reason,
        "tolerance_permille": count.tolerance_permille,
        "bins": len(count.bins),
        "bins_left": row.left,
        "created_at": utc(count.created_at),
        "created_by": count.created_by,
        "decided_at": utc(count.decided_at),
        "decided_by": count.decided_by,
    }


def count_detail(row: CountRow) -> dict[str, Any]:
    """A count with its bins, and with its numbers for those who may see them."""
    return count_item(row) | {
        "places": [_bin(one) for one in row.count.bins],
        "lines": None if row.lines is None else [_line(one) for one in row.lines],
        "posting_id": row.posting_id,
    }


def _bin(one: StockCountBin) -> dict[str, Any]:
    return {
        "code": one.place.code,
        "state": one.state,
        "counted_by": one.counted_by,
        "counted_at": utc(one.counted_at),
        "recounted_by": one.recounted_by,
        "recounted_at": utc(one.recounted_at),
    }


def _line(found: CountedLine) -> dict[str, Any]:
    line, lot = found.line, found.line.lot
    return {
        "bin": found.bin,
        "exporter": found.owner,
        "sku": lot.sku.code,
        "batch": lot.batch or None,
        "expires_on": None if lot.expires_on == NEVER else lot.expires_on.isoformat(),
        "condition": lot.condition,
        "expected": line.expected,
        "counted": line.counted,
        "recount_expected": line.recount_expected,
        "recounted": line.recounted,
        "difference": line.difference,
        "moved_since": found.moved_since,
    }
