"""The order pool: what is to be moved, one by one or as a file."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.actor import ROLES
from app.api.base import Endpoints, answer
from app.api.batches import accepted
from app.api.wire import centimetres, cubic_metres, kilograms, money, page, utc
from app.auth import actor, allow
from app.clock import now
from app.http import reading
from app.queries.parcels import ParcelFilter, ParcelRow, get_parcel
from app.queries.parcels import list_parcels as find_parcels
from app.schemas.base import Accepted
from app.schemas.parcels import ImportForm, NewParcel, ParcelPage, ParcelQuery, ParcelShape
from app.usecases.importing import request_import
from app.usecases.pooling import add_parcel, looks_like_json_lines, table_of_json_lines

blueprint = Endpoints("Parcels", __name__, "The order pool: exports, returns and stock transfers")


@blueprint.reading("/parcels", ParcelPage, query=ParcelQuery, refuses=(400,))
@allow(*ROLES)
def list_parcels(query: dict[str, Any]) -> Response:
    """List parcels by ready time; an exporter sees its own."""
    where = ParcelFilter(
        direction=query["direction"],
        exporter=query["exporter"],
        origin=query["origin"],
        destination=query["destination"],
        goods_class=query["goods_class"],
        status=query["status"],
        ready_from=query["ready_from"],
        ready_before=query["ready_to"],
        reference=query["reference"],
    )
    paging = {"cursor": query["cursor"], "limit": query["limit"]}
    with reading() as session:
        found = find_parcels(session, where, exporter_id=actor().exporter_id, **paging)
    return answer(page(found, [parcel_json(row) for row in found.items]))


@blueprint.reading("/parcels/<id('pcl'):pcl_id>", ParcelShape)
@allow(*ROLES)
def read_parcel(pcl_id: str) -> Response:
    """Read one parcel."""
    with reading() as session:
        row = get_parcel(session, pcl_id, exporter_id=actor().exporter_id)
    return answer(parcel_json(row))


@blueprint.changing("/parcels", ParcelShape, status=201, body=NewParcel)
@allow("operator", "exporter")
def create_parcel(session: Session, values: dict[str, str | None]) -> Response:
    """Put one parcel or return into the pool.

    The rules and error codes are those of the file import. Sending a parcel again that is there already,
    unchanged, answers with it; the same reference with other values is refused as `duplicate_reference`.
    """
    given = {name: text for name, text in values.items() if text is not None}
    public_id, _new = add_parcel(session, actor(), now(), given)
    row = get_parcel(session, public_id, exporter_id=actor().exporter_id)
    return answer(parcel_json(row), 201, Location=f"/api/v1/parcels/{public_id}")


@blueprint.changing("/parcels/import", Accepted, status=202, form=ImportForm)
@allow("operator", "exporter")
def import_parcels(session: Session, form: dict[str, Any]) -> Response:
    """Import a file of parcels or returns in the background.

    CSV in UTF-8, XLSX or JSON lines. All rows or none, unless `partial`. Ask at `poll_url` for the outcome;
    in JSON lines the first object is row 2, as if there were a header.
    """
    content = form["file"].read()
    if looks_like_json_lines(content):
        content = table_of_json_lines(content)
    batch = request_import(
        session,
        actor(),
        now(),
        form["kind"],
        form["file"].filename or "",
        content,
        dry_run=form["dry_run"],
        partial=form["partial_"],
    )
    return accepted(batch.public_id, f"/api/v1/batches/{batch.public_id}", batch.status)


def parcel_json(row: ParcelRow) -> dict[str, Any]:
    """A parcel as it is shown."""
    return {
        "id": row.public_id,
        "reference": row.reference,
        "exporter": row.exporter_reference,
        "direction": row.direction,
        "status": row.status,
        "origin": row.origin.code,
        "destination": row.destination.code,
        "weight_kg": kilograms(row.weight_g),
        "length_cm": centimetres(row.length_mm),
        "width_cm": centimetres(row.width_mm),
        "height_cm": centimetres(row.height_mm),
        "volume_m3": cubic_metres(row.volume_cm3),
        "goods_class": row.goods_class,
        "value": money(row.value_minor, row.currency),
        "currency": row.currency,
        "ready_at": utc(row.ready_at),
        "deliver_by": utc(row.deliver_by),
        "hard_deadline": row.hard_deadline,
        "customs_mode": row.customs_mode,
        "grade": row.grade,
        "created_at": utc(row.created_at),
    }
