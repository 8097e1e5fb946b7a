"""The departures board as a table and as a Gantt chart, and one departure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext
from sqlalchemy.orm import Session

from app import auth
from app.actor import PLANNERS, READERS, ROLES
from app.clock import now
from app.errors import NotFound
from app.http import reading
from app.models.departures import DEPARTURE_STATES
from app.models.services import MODES
from app.queries import choices, places, plans
from app.queries.departure_facts import CutoffRow
from app.queries.departure_rows import DepartureRow, Space, UnitRow
from app.queries.departures import (
    UPCOMING,
    DepartureFilter,
    count_departures,
    departures_named,
    get_departure,
    list_departures,
)
from app.queries.departures_costs import VariableCost, variable_costs
from app.queries.paging import Page
from app.queries.places import Place
from app.usecases.valuing import UnitValue, unit_values
from app.web import addresses, departures_gantt, languages
from app.web.languages import told
from trade.goods import goods_classes

pages = Blueprint("departures", __name__)
TABS = {
    "charter": (MODES, True),
    "air": (("air",), None),
    "sea": (("sea",), None),
    "rail": (("rail",), None),
    "feeder": (("ferry", "road"), None),
}
"""Tab → modes, and whether charters only."""
ICONS = {"charter": "plane", "air": "plane", "sea": "ship", "rail": "train", "feeder": "ferry"}
WEEKS_OFFERED = 9
CUTOFFS_WITHIN = timedelta(hours=24)
SOLD = ("planned", "open")
"""States in which cut-offs matter."""
VIEWS = ("table", "gantt")


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """The filters of the board, as its address says them."""

    tab: str | None
    origin: str | None
    destination: str | None
    week: date | None
    status: str | None
    free: bool
    batteries: bool
    accepts: str | None = None
    cutoffs: bool = False
    """Only what has a cut-off in the next 24 hours."""
    client: str | None = None
    """Reference of an exporter with goods on it."""
    first: date | None = None
    last: date | None = None
    """Days of departure, both inclusive."""

    @classmethod
    def read(cls) -> "BoardFilter":
        """From the address; BadRequest for what cannot be meant."""
        return cls(
            tab=addresses.one_of("mode", TABS),
            origin=addresses.text("from"),
            destination=addresses.text("to"),
            week=addresses.week(),
            status=addresses.one_of("status", DEPARTURE_STATES),
            free=addresses.flag("free"),
            batteries=addresses.flag("batteries"),
            accepts=addresses.text("accepts"),
            cutoffs=addresses.flag("cutoffs"),
            client=addresses.text("client") if auth.actor().may(*READERS) else None,
            first=addresses.day("first"),
            last=addresses.day("last"),
        )

    def conditions(self, moment: datetime) -> DepartureFilter:
        """What the query is asked; without a week and a status, what has not left yet."""
        modes, charter = TABS[self.tab] if self.tab else ((), None)
        return DepartureFilter(
            modes=modes,
            charter=charter,
            origin=self.origin,
            destination=self.destination,
            free=self.free,
            batteries=self.batteries,
            accepts=self.accepts,
            client=self.client,
            **self._times(moment),
        )

    def _times(self, moment: datetime) -> dict[str, Any]:
        zone, open_end = languages.zone(), SOLD if self.cutoffs else UPCOMING
        statuses: tuple[str, ...] = (self.status,) if self.status else open_end
        if self.week:
            start = addresses.midnight(self.week, zone)
            statuses = (self.status,) if self.status else ()
            found: dict[str, Any] = {"departs_from": start, "departs_before": start + addresses.WEEK}
        else:
            first = addresses.midnight(self.first, zone) if self.first else moment
            # What has a cut-off ahead may have left its first call already.
            anytime = (self.status or self.cutoffs) and not self.first
            found = {"departs_from": None if anytime else first if self.status else max(first, moment)}
            if self.last:
                found["departs_before"] = addresses.midnight(self.last, zone) + addresses.DAY
        if self.cutoffs:
            found |= {"cutoff_from": moment, "cutoff_before": moment + CUTOFFS_WITHIN}
        return found | {"statuses": statuses}


@pages.get("/departures")
@auth.allow(*ROLES)
def board() -> str:
    """Departures by time, filtered by the address; `view=gantt` draws them by service and day."""
    chosen, moment = BoardFilter.read(), now()
    view = addresses.one_of("view", VIEWS) or "table"
    with reading() as session:
        shown = table(session, moment, chosen) if view == "table" else gantt(session, moment, chosen)
        return render_template(
            "departures/board.html",
            view=view,
            chosen=chosen,
            places=places.called_at(session),
            weeks=[week_choice(moment.date() + timedelta(weeks=ahead)) for ahead in range(WEEKS_OFFERED)],
            tabs=tabs(),
            states=DEPARTURE_STATES,
            goods=sorted(goods_classes(moment.date())),
            clients=choices.all_exporters(session) if auth.actor().may(*READERS) else [],
            sees_cost=auth.actor().may(*PLANNERS),
            **shown,
        )


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One line of the board: all that it shows, so that the same line is written once."""

    public_id: str
    number: str
    name_en: str
    name_zh: str
    carrier: str | None
    mode: str
    charter: bool
    status: str
    """`closing`, if it is open and has a cut-off within a day."""
    batteries: bool
    origin: Place
    destination: Place
    border: Place | None
    departs_at: datetime
    arrives_at: datetime
    next_cutoff: CutoffRow | None
    has_cutoffs: bool
    spaces: tuple[Space, ...]
    units: tuple[UnitRow, ...]
    rate: VariableCost | None


def table(session: Session, moment: datetime, chosen: BoardFilter) -> dict[str, Any]:
    """A page of lines, with what they cost, and how many there are in all."""
    actor, where = auth.actor(), chosen.conditions(moment)
    page = list_departures(session, moment, where, exporter_id=actor.exporter_id, cursor=addresses.cursor())
    services = {row.service_code for row in page.items} if actor.may(*PLANNERS) else set()
    rates = variable_costs(session, services, moment.date())
    return {
        "page": Page([board_line(row, rates.get(row.service_code)) for row in page.items], page.next_cursor),
        "started": addresses.cursor() is not None,
        "count": count_departures(session, where),
    }


def board_line(row: DepartureRow, rate: VariableCost | None) -> BoardLine:
    """A departure as the board shows it."""
    return BoardLine(
        row.public_id, row.number, row.name_en, row.name_zh, row.carrier, row.mode, row.charter,
        "closing" if row.closing else row.status, row.batteries, row.origin, row.destination, row.border,
        row.departs_at, row.arrives_at, row.next_cutoff, bool(row.cutoffs), tuple(row.tightest),
        tuple(row.units), rate,
    )  # fmt: skip


def gantt(session: Session, moment: datetime, chosen: BoardFilter) -> dict[str, Any]:
    """The bars of two weeks, from the week that is chosen or the one of now."""
    zone = languages.zone()
    today = moment.astimezone(zone).date()
    monday = chosen.week or today - timedelta(days=today.weekday())
    window = departures_gantt.Window(monday, addresses.midnight(monday, zone), zone)
    where = window.narrowed(chosen.conditions(moment))
    page = list_departures(
        session, moment, where, exporter_id=auth.actor().exporter_id, limit=departures_gantt.MOST
    )
    return {
        "window": window,
        "lines": departures_gantt.lines(page.items, window),
        "count": count_departures(session, where),
        "shown": len(page.items),
    }


@pages.get("/departures/break-even")
@auth.allow(*PLANNERS)
def break_even() -> str:
    """For the charters named in the address: how full each must be to pay, by the last plan."""
    named = (addresses.text("of", longest=1200) or "").split(",")
    with reading() as session:
        rows = departures_named(session, now(), named)
        plan = plans.latest_plan(session)
        worth: dict[int, list[UnitValue]] | None = None
        if plan is not None:
            try:
                worth = unit_values(session, plan, [row.id for row in rows])
            except NotFound:
                plan = None
        return render_template(
            "departures/break_even.html",
            plan=plan,
            charters=[(row, fill_of(row), deciding((worth or {}).get(row.id, []))) for row in rows],
        )


def fill_of(row: DepartureRow) -> float:
    """How far a departure is taken, by whatever is scarcest of its weight and volume."""
    return max((space.taken_share for space in row.tightest if space.dimension in ("g", "cm3")), default=0.0)


def deciding(units: list[UnitValue]) -> UnitValue | None:
    """The unit that says whether the flight pays: one that is opened, else the one that pays soonest."""
    return min(
        units,
        key=lambda unit: (not unit.opened, unit.break_even is None, unit.break_even or 0.0),
        default=None,
    )


def week_choice(day: date) -> tuple[str, str]:
    """The ISO week of a day as value and text, e.g. 2026-W48."""
    year, week, _ = day.isocalendar()
    monday = date.fromisocalendar(year, week, 1)
    text = told("Week %(week)s, from %(day)s") % {"week": week, "day": f"{monday:%m-%d}"}
    return f"{year}-W{week:02}", text


def tabs() -> list[tuple[str | None, str, str | None]]:
    """(value of `mode`, text, icon)."""
    texts = {
        "charter": gettext("Charter"),
        "air": gettext("Air"),
        "sea": gettext("Liner"),
        "rail": gettext("Train"),
        "feeder": gettext("Feeder"),
    }
    return [(None, gettext("All"), None), *((tab, text, ICONS[tab]) for tab, text in texts.items())]


@pages.get("/departures/<public_id>")
@auth.allow(*ROLES)
def show(public_id: str) -> str:
    """One departure: its calls, cut-offs, space on each segment, units and what they cost."""
    actor = auth.actor()
    with reading() as session:
        departure = get_departure(session, now(), public_id, exporter_id=actor.exporter_id)
        planner = actor.may(*PLANNERS)
        plan = plans.latest_plan_mark(session) if planner else None
        return render_template("departures/show.html", departure=departure, plan=plan, sees_cost=planner)
