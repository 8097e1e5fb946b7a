"""The control tower: the start page of everybody who runs the operation."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app import auth
from app.actor import PLANNERS, READERS, ROLES
from app.clock import now
from app.http import reading
from app.queries import parcels, plans, runs, tower, warehouses
from app.queries.places import Place
from app.web import formats, labels

pages = Blueprint("tower", __name__)
RUNS_SHOWN = 5


@pages.get("/")
@auth.allow(*ROLES)
def show() -> str | Response:
    """Tiles, the cut-offs that come up, the last runs and the map; exporters start at their goods."""
    if not auth.actor().may(*READERS):
        return redirect(url_for("portal.show"), 303)
    moment = now()
    plans_shown = auth.actor().may(*PLANNERS)
    with reading() as session:
        plan = plans.latest_plan(session) if plans_shown else None
        return render_template(
            "tower.html",
            plan=plan,
            plans_shown=plans_shown,
            reasons=plans.reasons(session, plan.id) if plan else {},
            departures=tower.open_departures(session, moment),
            closing=tower.count_cutoffs(session, moment),
            cutoffs=tower.next_cutoffs(session, moment),
            fill=tower.fill_by_mode(session, moment, plan.id if plan else None),
            pool=parcels.count_pool(session),
            runs=runs.list_runs(session, limit=RUNS_SHOWN).items if plans_shown else [],
            map_data={
                "legs": [leg_data(leg) for leg in tower.map_legs(session, moment)],
                "points": [
                    point(row.place) for row in warehouses.list_warehouses(session, moment.date()).items
                ],
            },
        )


def leg_data(leg: tower.MapLeg) -> dict[str, object]:
    """A connection for the map: longitudes and latitudes, and the words of its tooltip."""
    start, end = leg.origin, leg.destination
    return {
        "mode": leg.mode,
        "label": str(labels.MODES[leg.mode]),
        "name": f"{formats.named(start)} → {formats.named(end)}",
        "count": leg.departures,
        "from": [start.longitude, start.latitude],
        "to": [end.longitude, end.latitude],
    }


def point(place: Place) -> dict[str, object]:
    """A place for the map."""
    return {"name": formats.named(place), "code": place.code, "at": [place.longitude, place.latitude]}
