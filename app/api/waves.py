"""Waves: confirmed orders that are picked on one walk, and the scans at the rack."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.api.base import Download, Endpoints, answer, download
from app.api.wire import page, utc
from app.auth import actor, allow
from app.clock import now
from app.documents.pick_lists import pick_list_pdf
from app.http import reading
from app.models import Wave
from app.queries.outbound import WaveRow, get_wave
from app.queries.outbound import list_waves as find_waves
from app.queries.outbound_papers import pick_list
from app.schemas.waves import NewPick, NewWave, WaveDetail, WavePage, WaveQuery
from app.usecases.warehousing import picking, waving
from app.usecases.warehousing.access import WORKERS, find_warehouse
from app.usecases.warehousing.picking import Picked

blueprint = Endpoints("Waves", __name__, "Orders picked on one walk, and the scans at the rack", area="stock")
PDF = "application/pdf"


@blueprint.changing("/outbound-waves", WaveDetail, status=201, body=NewWave, refuses=(404,))
@allow(*WORKERS)
def create_wave(session: Session, wanted: dict[str, Any]) -> Response:
    """Put confirmed orders on one walk: those named, or the most urgent that are in no wave yet."""
    warehouse = find_warehouse(session, actor(), wanted["warehouse"])
    wave = waving.create_wave(
        session, actor(), now(), warehouse, order_ids=wanted["order_ids"], most=wanted["most"]
    )
    return _shown(session, wave, 201, Location=f"/api/v1/outbound-waves/{wave.public_id}")


@blueprint.reading("/outbound-waves", WavePage, query=WaveQuery, refuses=(400,))
@allow(*WORKERS)
def list_waves(query: dict[str, Any]) -> Response:
    """List waves, the newest first."""
    with reading() as session:
        found = find_waves(session, actor(), **query)
    return answer(page(found, [wave_item(wave) for wave in found.items]))


@blueprint.reading("/outbound-waves/<id('wav'):wav_id>", WaveDetail)
@allow(*WORKERS)
def read_wave(wav_id: str) -> Response:
    """Read one wave: its orders, and what is left to pick, bin by bin in walking order."""
    with reading() as session:
        row = get_wave(session, actor(), wav_id)
    return answer(wave_detail(row))


@blueprint.changing("/outbound-waves/<id('wav'):wav_id>/cancel", WaveDetail, status=200)
@allow(*WORKERS)
def cancel_wave(session: Session, wav_id: str) -> Response:
    """Give up a wave nobody has begun to pick; its orders wait for another one."""
    return _shown(session, waving.cancel_wave(session, actor(), now(), wav_id))


@blueprint.changing("/outbound-waves/<id('wav'):wav_id>/picks", WaveDetail, status=200, body=NewPick)
@allow(*WORKERS)
def pick_in_wave(session: Session, wanted: dict[str, Any], wav_id: str) -> Response:
    """Say what was taken out of a bin; the goods move to staging, for the orders that leave first.

    422 `wrong_bin`, `wrong_sku`, `more_than_asked`: nothing was moved. With `short` what the bin lacked is taken
    from elsewhere, or its order waits for its owner.
    """
    return _shown(session, picking.pick(session, actor(), now(), wav_id, Picked(**wanted)))


@blueprint.reading(
    "/outbound-waves/<id('wav'):wav_id>/pick-list.pdf",
    Download(PDF, "A4, bins in walking order."),
    refuses=(409,),
)
@allow(*WORKERS)
def download_pick_list(wav_id: str) -> Response:
    """Download the pick list of a wave."""
    with reading() as session:
        found = pick_list(session, actor(), wav_id, now())
    return download(pick_list_pdf(found), PDF, f"{wav_id}-pick-list.pdf")


def _shown(session: Session, wave: Wave, status: int = 200, **headers: str) -> Response:
    session.flush()
    return answer(wave_detail(get_wave(session, actor(), wave.public_id)), status, **headers)


def wave_item(wave: Wave) -> dict[str, Any]:
    """A wave as lists show it."""
    return {
        "id": wave.public_id,
        "warehouse": wave.warehouse.location.code,
        "status": wave.status,
        "created_at": utc(wave.created_at),
        "done_at": utc(wave.done_at),
    }


def wave_detail(row: WaveRow) -> dict[str, Any]:
    """A wave with its orders and its walk."""
    orders = [{"id": one.public_id, "reference": one.reference, "status": one.status} for one in row.orders]
    stops = [
        {
            "bin": one.stop.bin, "sku": one.sku.code, "name_en": one.sku.name_en, "name_zh": one.sku.name_zh,
            "barcode": one.sku.barcode, "exporter": one.owner, "batch": one.batch,
            "expires_on": one.expires_on.isoformat() if one.expires_on else None,
            "quantity": one.stop.quantity,
            "orders": [
                {"id": order.public_id, "reference": order.reference, "quantity": pieces}
                for order, pieces in one.orders
            ],
        }
        for one in row.stops
    ]  # fmt: skip
    return wave_item(row.wave) | {"orders": orders, "stops": stops}
