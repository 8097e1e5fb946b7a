"""The control tower: the start page of everybody who runs the operation."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app import auth
from app.actor import PLANNERS, READERS, ROLES
from app.clock import now
from app.http import reading
from app.queries import choices, exceptions, plans, runs, tower, warehouses
from app.queries.departures import DepartureFilter
from app.queries.exceptions_rows import Scope
from app.queries.places import Place, called_at
from app.web import addresses, formats, labels, languages
from app.web.departures import TABS, BoardFilter, tabs
from app.web.tower_tiles import tiles

pages = Blueprint("tower", __name__)
RUNS_SHOWN = 5
EXCEPTIONS_SHOWN = 12
DAYS = 14
"""The tower looks so far ahead when nobody says how far."""
SOON_LEAVING = timedelta(hours=12)
"""What sets out so soon is on the map already, at its first call."""


@dataclass(frozen=True, slots=True)
class TowerFilter:
    """The filters of the tower, as its address says them; the board has the same names."""

    tab: str | None
    origin: str | None
    destination: str | None
    client: str | None
    first: date | None
    last: date

    @classmethod
    def read(cls) -> "TowerFilter":
        """From the address; BadRequest for what cannot be meant."""
        first = addresses.day("first")
        today = now().astimezone(languages.zone()).date()
        begin = max(first, today) if first else today
        last = addresses.day("last") or begin + timedelta(days=DAYS - 1)
        return cls(
            tab=addresses.one_of("mode", TABS),
            origin=addresses.text("from"),
            destination=addresses.text("to"),
            client=addresses.text("client"),
            first=first,
            last=max(last, begin),
        )

    @property
    def scope(self) -> Scope:
        """What exceptions are narrowed by."""
        modes, charter = TABS[self.tab] if self.tab else ((), None)
        return Scope(modes, charter, self.origin, self.destination, self.client)

    @property
    def lane(self) -> dict[str, str | None]:
        """As parameters of an address, without the days."""
        return {"mode": self.tab, "from": self.origin, "to": self.destination, "client": self.client}

    def board(self, moment: datetime, *, cutoffs: bool = False) -> DepartureFilter:
        """What the board would ask: of the days, or of all that has a cut-off in 24 hours."""
        same = BoardFilter(
            tab=self.tab, origin=self.origin, destination=self.destination, week=None, status=None,
            free=False, batteries=False, cutoffs=cutoffs, client=self.client,
            first=None if cutoffs else self.first, last=None if cutoffs else self.last,
        )  # fmt: skip
        return same.conditions(moment)


@pages.get("/")
@auth.allow(*ROLES)
def show() -> str | AnyResponse:
    """Tiles, exceptions, the map, the cut-offs that come up and the last runs; exporters start at their goods."""
    if not auth.actor().may(*READERS):
        return redirect(url_for("portal.show"), 303)
    chosen, moment = TowerFilter.read(), now()
    planner = auth.actor().may(*PLANNERS)
    with reading() as session:
        where, offered = chosen.board(moment), filter_choices(session)
        found = exceptions.find_exceptions(session, moment, chosen.scope) if planner else None
        wrong = found or exceptions.Exceptions()
        last = tower.last_plans(session) if planner else None
        plan = last[0] if last else None
        moving = tower.vehicles(session, where, moment, SOON_LEAVING)
        start, end = where.departs_from or moment, where.departs_before or moment
        return render_template(
            "tower.html",
            chosen=chosen,
            plan=plan,
            plans_shown=planner,
            tiles=tiles(session, moment, chosen, wrong, last),
            wrong=wrong,
            rows=wrong.rows[:EXCEPTIONS_SHOWN],
            reasons=plans.reasons(session, plan.id) if plan else {},
            cutoffs=tower.next_cutoffs(session, moment, where),
            fill=tower.fill_by_mode(session, where, start, end, plan.id if plan else None),
            runs=runs.list_runs(session, limit=RUNS_SHOWN).items if planner else [],
            vehicles=[one for one in moving if one.leaves <= moment],
            map_data=map_data(session, moment, where, moving),
            people=choices.colleagues(session) if planner else [],
            **offered,
        )


def filter_choices(session: Session) -> dict[str, Any]:
    """What the filters offer."""
    return {
        "tabs": tabs(),
        "places": called_at(session),
        "clients": choices.all_exporters(session),
    }


@pages.get("/tower/map.json")
@auth.allow(*READERS)
def live_map() -> Response:
    """What the map shows now; it asks again while the page is open."""
    moment = now()
    where = TowerFilter.read().board(moment)
    with reading() as session:
        moving = tower.vehicles(session, where, moment, SOON_LEAVING)
        return jsonify(map_data(session, moment, where, moving))


def map_data(
    session: Session, moment: datetime, where: DepartureFilter, moving: list[tower.Vehicle]
) -> dict[str, Any]:
    """Connections, warehouses, and what moves between two calls."""
    return {
        "legs": [leg_data(leg) for leg in tower.map_legs(session, where)],
        "points": [point(row.place) for row in warehouses.list_warehouses(session, moment.date()).items],
        "vehicles": [vehicle_data(one) for one in moving],
    }


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


def vehicle_data(one: tower.Vehicle) -> dict[str, object]:
    """A departure for the map: between which places it is, and since and until when."""
    start, end = one.origin, one.destination
    return {
        "mode": one.mode,
        "name": f"{one.number} · {labels.MODES[one.mode]}: {formats.named(start)} → {formats.named(end)}, "
        f"{formats.moment(one.arrives)}",
        "from": [start.longitude, start.latitude],
        "to": [end.longitude, end.latitude],
        "leaves": formats.machine(one.leaves),
        "arrives": formats.machine(one.arrives),
    }


def point(place: Place) -> dict[str, object]:
    """A place for the map."""
    return {"name": formats.named(place), "code": place.code, "at": [place.longitude, place.latitude]}
