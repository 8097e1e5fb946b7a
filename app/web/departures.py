"""The departures board, and one departure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, render_template
from flask_babel import gettext

from app import auth
from app.actor import ROLES
from app.clock import now
from app.http import reading
from app.models.departures import DEPARTURE_STATES
from app.models.services import MODES
from app.queries import places
from app.queries.departures import UPCOMING, DepartureFilter, get_departure, list_departures
from app.web import addresses, languages

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
        )

    def conditions(self, moment: datetime) -> DepartureFilter:
        """What the query is asked; without a week and a status, what has not left yet."""
        modes, charter = TABS[self.tab] if self.tab else ((), None)
        start = addresses.midnight(self.week, languages.zone()) if self.week else None
        first = start or (None if self.status else moment)
        return DepartureFilter(
            modes=modes,
            charter=charter,
            origin=self.origin,
            destination=self.destination,
            departs_from=first,
            departs_before=start + addresses.WEEK if start else None,
            statuses=(self.status,) if self.status else () if self.week else UPCOMING,
            free=self.free,
            batteries=self.batteries,
        )


@pages.get("/departures")
@auth.allow(*ROLES)
def board() -> str:
    """Departures by time, filtered by the address."""
    chosen, moment, actor = BoardFilter.read(), now(), auth.actor()
    with reading() as session:
        return render_template(
            "departures/board.html",
            chosen=chosen,
            page=list_departures(
                session,
                moment,
                chosen.conditions(moment),
                exporter_id=actor.exporter_id,
                cursor=addresses.cursor(),
            ),
            started=addresses.cursor() is not None,
            places=places.called_at(session),
            weeks=[week_choice(moment.date() + timedelta(weeks=ahead)) for ahead in range(WEEKS_OFFERED)],
            tabs=tabs(),
            states=DEPARTURE_STATES,
        )


def week_choice(day: date) -> tuple[str, str]:
    """The ISO week of a day as value and text, e.g. 2026-W48."""
    year, week, _ = day.isocalendar()
    monday = date.fromisocalendar(year, week, 1)
    text = gettext("Week %(week)s, from %(day)s", week=week, day=f"{monday:%m-%d}")
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
        return render_template("departures/show.html", departure=departure)
