"""The order pool: exports and returns that wait for a way, as a grid that works by keyboard and as a plain table."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import auth
from app.actor import READERS, ROLES, STAFF
from app.clock import now
from app.http import reading
from app.models.pool import CUSTOMS_MODES, DIRECTIONS, PARCEL_STATES
from app.models.services import MODES
from app.queries import parcels, parcels_grid, people, places, plans
from app.queries.hub import measures_of
from app.queries.paging import Page
from app.queries.parcels import SORTS, ParcelFilter, ParcelRow
from app.queries.parcels_grid import Ride, RuleRow
from app.usecases.loading.repricing import effect_of_parcel
from app.web import addresses, labels, languages, pool_labels, saved_filters
from app.web.pool_telling import teller
from app.web.preferences import YEAR_S
from trade.goods import goods_classes
from trade.weight import chargeable_g

pages = Blueprint("parcels", __name__)
DEFAULT_STATUS = "pending"
ANY = "any"
PAGE = "parcels.pool"
COLUMNS_COOKIE = "pool_columns"
DIVISOR = 6000
"""cm³ per chargeable kg, as air cargo is weighed."""
AT_RISK = timedelta(days=7)
"""Goods without a way are at risk of being late when they are due this soon."""
SCOPE = ("direction", "exporter", "origin", "destination")
"""Filters that a run takes as its scope."""
WITHOUT_STATUS = ("ready", "newest")
"""Orders that have an index whatever the status."""


@dataclass(frozen=True, slots=True)
class GridRow:
    """A parcel as the grid shows it."""

    row: ParcelRow
    ride: Ride | None
    rules: tuple[RuleRow, ...]

    @property
    def chargeable_g(self) -> int:
        """What air cargo would be charged for."""
        return chargeable_g(self.row.weight_g, self.row.volume_cm3, DIVISOR)

    @property
    def pieces(self) -> int:
        """Pieces of stock in it, where it was made of stock; else one."""
        return sum(int(one.get("quantity", 0)) for one in self.row.contents or ()) or 1

    @property
    def slack_h(self) -> float | None:
        """Hours between the planned arrival and the deliver-by date; below 0 it is late."""
        if self.row.arrives_at is None or self.row.deliver_by is None:
            return None
        return (self.row.deliver_by - self.row.arrives_at) / timedelta(hours=1)


def read_filter(default_status: str | None = DEFAULT_STATUS) -> ParcelFilter:
    """The filters of the pool from the address; without a status, what waits to be planned."""
    status = addresses.one_of("status", (*PARCEL_STATES, ANY)) or default_status
    ready_from, ready_to = addresses.day("ready_from"), addresses.day("ready_to")
    zone = languages.zone()
    return ParcelFilter(
        direction=addresses.one_of("direction", DIRECTIONS),
        exporter=addresses.text("exporter"),
        origin=addresses.text("origin"),
        destination=addresses.text("destination"),
        goods_class=addresses.text("goods"),
        status=None if status == ANY else status,
        ready_from=addresses.midnight(ready_from, zone) if ready_from else None,
        ready_before=addresses.midnight(ready_to, zone) + addresses.DAY if ready_to else None,
        reference=addresses.text("reference"),
        unassigned=addresses.flag("unassigned"),
        mode=addresses.one_of("mode", MODES),
        hs=addresses.text("hs", longest=12),
        customs_mode=addresses.one_of("customs", CUSTOMS_MODES),
        late_before=now() + AT_RISK if addresses.flag("late") else None,
    )


def read_sort(chosen: ParcelFilter) -> str:
    """The order from the address; without a status only those that have an index then."""
    sort = addresses.one_of("sort", SORTS) or "ready"
    return sort if chosen.status is not None or sort in WITHOUT_STATUS else "ready"


def chosen_columns() -> tuple[tuple[str, str], ...]:
    """The columns this browser was told to show, with their words."""
    kept = request.cookies.get(COLUMNS_COOKIE)
    wished = pool_labels.USUAL if kept is None else kept.split(".")
    return tuple((name, str(words)) for name, words in pool_labels.COLUMNS.items() if name in wished)


def own_query(*, without: tuple[str, ...] = ("cursor",)) -> dict[str, Any]:
    """The parameters of this address, for links that keep them."""
    return {name: request.args.getlist(name) for name in request.args if name not in without}


@pages.get("/pool")
@auth.allow(*ROLES)
def pool() -> str | Response:
    """Parcels, filtered and ordered by the address, with what the last plan does with each."""
    actor = auth.actor()
    with reading() as session:
        home = saved_filters.opens_with(session, PAGE)
        if home is not None:
            return home
        chosen = read_filter()
        plan = plans.latest_plan_mark(session)
        whose: dict[str, Any] = {"plan_id": plan.id if plan else None, "exporter_id": actor.exporter_id}
        sort = read_sort(chosen)
        offered = choices(session)  # first: its places are those of the rows, which need not be read again
        page = parcels.list_parcels(session, chosen, **whose, cursor=addresses.cursor(), sort=sort)
        return render_template(
            "parcels/pool.html",
            chosen=chosen,
            sort=sort,
            plan=plan,
            currency=plan.currency if plan else None,
            count=parcels.count_matching(session, chosen, **whose),
            page=Page(grid_rows(session, page.items), page.next_cursor),
            columns=chosen_columns(),
            words=pool_labels,
            filters=saved_filters.bar_of(session, PAGE),
            query=own_query(),
            scope=scope_asked(),
            may_edit=actor.role in STAFF,
            tabs=tabs(),
            **offered,
        )


def scope_asked() -> dict[str, Any]:
    """What a run is told of this address: its filters where a run has the same, else the rows that match them."""
    if is_plain_scope():
        return {name: request.args[name] for name in SCOPE if request.args.get(name)}
    return own_query() | {"which": "matching"}


def is_plain_scope() -> bool:
    """Whether the filters of this address are those that a run has itself, so that no row need be named."""
    given = {name for name in request.args if request.args.get(name)} - {"cursor", "sort", "which", "id"}
    return given <= {*SCOPE, "status"} and request.args.get("status") in (None, "", DEFAULT_STATUS)


def grid_rows(session: Session, rows: list[ParcelRow]) -> list[GridRow]:
    """The rows of a page with what stands beside them, in two queries."""
    rides = parcels_grid.rides(session, [row.itinerary_id for row in rows])
    rules = parcels_grid.rules(session, [row.id for row in rows], now())
    return [
        GridRow(row, rides.get(row.itinerary_id) if row.itinerary_id else None, tuple(rules.get(row.id, ())))
        for row in rows
    ]


def choices(session: Session) -> dict[str, Any]:
    """What the filters offer, and whether any stands behind "more filters"."""
    actor = auth.actor()
    return {
        "origins": places.origins(session, actor.exporter_id),
        "destinations": places.destinations(session, actor.exporter_id),
        "exporters": parcels.exporters(session) if actor.may(*READERS) else [],
        "goods": list(goods_classes(now().date())),
        "states": PARCEL_STATES,
        "modes": MODES,
        "customs_modes": [(code, code) for code in CUSTOMS_MODES],
        "started": addresses.cursor() is not None,
        "more": any(
            request.args.get(name) for name in ("goods", "hs", "customs", "mode", "ready_from", "ready_to")
        ),
    }


def tabs() -> list[tuple[str | None, str, str | None]]:
    """(value of `direction`, text, icon)."""
    words = labels.FILTERS["direction"]
    return [
        (None, gettext("All"), None),
        *((code, words(code), labels.DIRECTION_ICONS[code]) for code in DIRECTIONS),
    ]


@pages.post("/pool/columns")
@auth.allow(*ROLES)
def columns() -> Response:
    """Show these columns from now on, in this browser."""
    wished = [name for name in pool_labels.COLUMNS if name in request.form.getlist("column")]
    query = request.form.get("query", "").lstrip("?")
    answer = redirect(url_for(PAGE) + (f"?{query}" if query else ""), 303)
    answer.set_cookie(
        COLUMNS_COOKIE, ".".join(wished), max_age=YEAR_S, secure=request.is_secure, samesite="Lax"
    )
    return answer


@pages.get("/pool/<public_id>")
@auth.allow(*ROLES)
def show(public_id: str) -> str:
    """One parcel: what it is, what the last plan does with it, and what people decided about its way."""
    actor = auth.actor()
    with reading() as session:
        plan = plans.latest_plan_mark(session)
        parcel = parcels.get_parcel(
            session, public_id, plan_id=plan.id if plan else None, exporter_id=actor.exporter_id
        )
        measures = measures_of(session, parcel.id)
        effect = effect_of_parcel(session, parcel.id) if measures else None
        staff = actor.role in STAFF
        edits = parcels_grid.edits_of_parcel(session, parcel.id) if staff else []
        return render_template(
            "parcels/show.html",
            parcel=parcel,
            plan=plan,
            measures=measures,
            effect=effect,
            rules=parcels_grid.rules(session, [parcel.id], now()).get(parcel.id, []),
            edits=edits,
            people=people.names(session, {edit.created_by for edit, _, _ in edits}),
            told=teller(session, [values for _, *both in edits for values in both]),
            words=pool_labels,
            may_edit=staff,
        )
