"""Value-added work: the owner asks, the staff works."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.api.base import Endpoints, answer
from app.api.wire import page, utc
from app.auth import actor, allow
from app.clock import now
from app.http import reading
from app.models import WorkOrder
from app.queries.work_orders import WorkFilter, WorkRow, get_work_order
from app.queries.work_orders import list_work_orders as find_work_orders
from app.schemas.work_orders import Finished, NewWorkOrder, WorkDetail, WorkPage, WorkQuery, WorkReason
from app.usecases.warehousing.access import WORKERS
from app.usecases.warehousing.ledger import Scan
from app.usecases.warehousing.named import named_owner, named_warehouse
from app.usecases.warehousing.work_orders import (
    NewWork,
    WorkLine,
    cancel_work,
    finish_work,
    make_work_order,
    release_work,
    take_back_work,
)

blueprint = Endpoints("Work orders", __name__, "Value-added work: relabel, kit, photo, repack", area="stock")
ASKERS = (*WORKERS, "exporter")


@blueprint.changing("/work-orders", WorkDetail, status=201, body=NewWorkOrder)
@allow(*ASKERS)
def create_work_order(session: Session, wanted: dict[str, Any]) -> Response:
    """Ask for work on an owner's stock; it waits as a draft until the staff releases it."""
    lines = [WorkLine(one["role"], one["sku"], one["quantity"], one["condition"]) for one in wanted["lines"]]
    order = make_work_order(
        session,
        actor(),
        now(),
        named_warehouse(session, actor(), wanted["warehouse"]),
        named_owner(session, actor(), wanted["exporter"]),
        NewWork(
            wanted["kind"],
            wanted["reference"],
            lines,
            wanted["instructions"],
            wanted["source"],
            wanted["customs_status"],
        ),
    )
    return _shown(session, order, 201, Location=f"/api/v1/work-orders/{order.public_id}")


@blueprint.reading("/work-orders", WorkPage, query=WorkQuery, refuses=(400,))
@allow(*ASKERS)
def list_work_orders(query: dict[str, Any]) -> Response:
    """List work orders, the newest first; an exporter sees its own, the staff of a warehouse those there."""
    where = WorkFilter(query["warehouse"], query["status"], query["kind"], query["exporter"])
    with reading() as session:
        found = find_work_orders(session, actor(), where, cursor=query["cursor"], limit=query["limit"])
    return answer(page(found, [work_item(row) for row in found.items]))


@blueprint.reading("/work-orders/<id('wko'):wko_id>", WorkDetail)
@allow(*ASKERS)
def read_work_order(wko_id: str) -> Response:
    """Read one work order: its lines, and where its stock waits."""
    with reading() as session:
        return answer(work_detail(get_work_order(session, actor(), wko_id)))


@blueprint.changing("/work-orders/<id('wko'):wko_id>/release", WorkDetail, status=200)
@allow(*WORKERS)
def release_work_order(session: Session, wko_id: str) -> Response:
    """Release work: its stock is kept for it, all of it, or the answer is 409 `stock_short`."""
    return _shown(session, release_work(session, actor(), now(), wko_id))


@blueprint.changing("/work-orders/<id('wko'):wko_id>/finish", WorkDetail, status=200, body=Finished)
@allow(*WORKERS)
def finish_work_order(session: Session, wanted: dict[str, Any], wko_id: str) -> Response:
    """Say that work is done: what was kept is consumed and what was asked for is produced, in one posting."""
    scan = Scan(wanted["scan_id"], {"bin": wanted["bin"]})
    return _shown(session, finish_work(session, actor(), now(), wko_id, bin_code=wanted["bin"], scan=scan))


@blueprint.changing("/work-orders/<id('wko'):wko_id>/take-back", WorkDetail, status=200, body=WorkReason)
@allow(*WORKERS)
def take_back_work_order(session: Session, wanted: dict[str, Any], wko_id: str) -> Response:
    """Take back work that was done by a reverse posting; 409 `stock_short` where what came out has moved on."""
    return _shown(session, take_back_work(session, actor(), now(), wko_id, wanted["reason"]))


@blueprint.changing("/work-orders/<id('wko'):wko_id>/cancel", WorkDetail, status=200, body=WorkReason)
@allow(*ASKERS)
def cancel_work_order(session: Session, wanted: dict[str, Any], wko_id: str) -> Response:
    """Cancel work before it is done; what was kept for it is free again."""
    return _shown(session, cancel_work(session, actor(), now(), wko_id, wanted["reason"]))


def _shown(session: Session, order: WorkOrder, status: int = 200, **headers: str) -> Response:
    session.flush()
    return answer(work_detail(get_work_order(session, actor(), order.public_id)), status, **headers)


def work_item(row: WorkRow) -> dict[str, Any]:
    """A work order as lists show it."""
    order = row.order
    return {
        "id": order.public_id,
        "warehouse": order.warehouse.location.code,
        "exporter": order.owner.reference,
        "reference": order.reference,
        "kind": order.kind,
        "status": order.status,
        "instructions": order.instructions,
        "source": order.source,
        "customs_status": order.customs_status,
        "created_at": utc(order.created_at),
        "done_at": utc(order.done_at),
        "done_by": order.done_by,
        "lines": [
            {
                "seq": line.seq,
                "role": line.role,
                "sku": line.sku.code,
                "condition": line.condition,
                "quantity": line.quantity,
            }
            for line in order.lines
        ],
    }


def work_detail(row: WorkRow) -> dict[str, Any]:
    """A work order with where its stock waits and what was posted."""
    return work_item(row) | {
        "kept": [{"line": one.line_seq, "place": one.place, "quantity": one.quantity} for one in row.kept],
        "posting_id": row.posting_id,
    }
