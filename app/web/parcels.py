"""The order pool: exports and returns that wait for a way."""

from flask import Blueprint, render_template
from flask_babel import gettext

from app import auth
from app.actor import READERS, ROLES
from app.clock import now
from app.http import reading
from app.models import Plan
from app.models.pool import DIRECTIONS, PARCEL_STATES
from app.queries import parcels, places, plans
from app.queries.hub import measures_of
from app.queries.parcels import ParcelFilter, PoolCount
from app.usecases.loading.repricing import effect_of_parcel
from app.web import addresses, formats, labels, languages
from trade.goods import goods_classes

pages = Blueprint("parcels", __name__)
DEFAULT_STATUS = "pending"
ANY = "any"


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
    )


@pages.get("/pool")
@auth.allow(*ROLES)
def pool() -> str:
    """Parcels by ready time, filtered by the address, with what the last plan does with each."""
    chosen, actor = read_filter(), auth.actor()
    with reading() as session:
        plan = plans.latest_plan(session)
        count = parcels.count_pool(session, exporter_id=actor.exporter_id)
        return render_template(
            "parcels/pool.html",
            chosen=chosen,
            plan=plan,
            count=count,
            page=parcels.list_parcels(
                session,
                chosen,
                plan_id=plan.id if plan else None,
                exporter_id=actor.exporter_id,
                cursor=addresses.cursor(),
            ),
            started=addresses.cursor() is not None,
            origins=places.origins(session, actor.exporter_id),
            destinations=places.destinations(session, actor.exporter_id),
            exporters=parcels.exporters(session) if actor.may(*READERS) else [],
            goods=list(goods_classes(now().date())),
            tabs=tabs(count),
            states=PARCEL_STATES,
        )


def tabs(count: PoolCount) -> list[tuple[str | None, str, str | None]]:
    """(value of `direction`, text with how many wait, icon)."""
    words, shown = labels.FILTERS["direction"], count.by_direction
    texts = {
        code: words(code) + (f" ({formats.number(shown[code])})" if code in shown else "")
        for code in DIRECTIONS
    }
    return [
        (None, gettext("All"), None),
        *((code, texts[code], labels.DIRECTION_ICONS[code]) for code in DIRECTIONS),
    ]


@pages.get("/pool/<public_id>")
@auth.allow(*ROLES)
def show(public_id: str) -> str:
    """One parcel: what it is, and what the last plan does with it."""
    actor = auth.actor()
    with reading() as session:
        plan: Plan | None = plans.latest_plan(session)
        parcel = parcels.get_parcel(
            session, public_id, plan_id=plan.id if plan else None, exporter_id=actor.exporter_id
        )
        measures = measures_of(session, parcel.id)
        effect = effect_of_parcel(session, parcel.id) if measures else None
        return render_template(
            "parcels/show.html", parcel=parcel, plan=plan, measures=measures, effect=effect
        )
