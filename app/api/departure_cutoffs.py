"""Cut-offs of departures that are entered already."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.api.base import Endpoints, answer
from app.api.departures import departure_detail
from app.auth import actor, allow
from app.clock import now
from app.queries.departures import get_departure
from app.schemas.cutoffs import MovedCutoffs
from app.schemas.departures import DepartureDetail
from app.usecases.cutoffs import NewCutoff, change_cutoffs

blueprint = Endpoints(
    "Cut-offs", __name__, "When a departure closes, moved after it was entered", area="network"
)


@blueprint.changing(
    "/departures/<id('dep'):dep_id>/move-cutoffs", DepartureDetail, status=200, body=MovedCutoffs
)
@allow("operator")
def move_departure_cutoffs(session: Session, wanted: dict[str, Any], dep_id: str) -> Response:
    """Move cut-offs of a departure that has not left; bookings on it take them over.

    Exporters with goods on it are told by `departure.cutoff_changed`. `goods_would_miss` (422) means that booked
    goods would come too late: roll those bookings first, or send `although_missed`. To undo, send the old times.
    """
    cutoffs = [
        NewCutoff(one["seq"], one["code"], one["at"], (one["was"],) if "was" in one else ())
        for one in wanted["cutoffs"]
    ]
    change_cutoffs(
        session, actor(), now(), dep_id, cutoffs, wanted["reason"], although_missed=wanted["although_missed"]
    )
    session.flush()
    return answer(departure_detail(get_departure(session, now(), dep_id), actor()))
