"""One warehouse as those who work in it see it: its tabs, and what matters there today."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_babel import LazyString
from sqlalchemy.orm import Session, joinedload
from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from app import auth
from app.actor import ROLES
from app.clock import now
from app.errors import NotFound
from app.http import reading
from app.models import Warehouse
from app.queries.floor import overview as sum_up
from app.usecases.warehousing.access import find_warehouse
from app.web.languages import lazy as _l

pages = Blueprint("floor", __name__)
ROOT = "/warehouses/<code>"
TABS: tuple[tuple[str, LazyString, str], ...] = (
    ("", _l("Overview"), "forklift"),
    ("/stock", _l("Stock"), "stack-2"),
    ("/inbound", _l("Inbound"), "package-import"),
    ("/outbound", _l("Outbound"), "package-export"),
    ("/counts", _l("Counts"), "list-check"),
    ("/work-orders", _l("Work orders"), "tools"),
    ("/layout", _l("Layout"), "layout-grid"),
    ("/fees", _l("Fees"), "receipt"),
    ("/rack", _l("Rack"), "barcode"),
)
"""The end of the address, words and icon. A tab shows where a page is registered that the person may open."""


def house(session: Session, code: str) -> Warehouse:
    """The warehouse of an address with its location; NotFound, also for the staff of another one."""
    return find_warehouse(session, auth.actor(), code)


@pages.app_template_global("floor_tabs")
def tabs(code: str) -> list[tuple[str, LazyString, str, bool]]:
    """(address, words, icon, whether it is here) of the tabs of a warehouse that this person may open."""
    served = {rule.rule: rule for rule in current_app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    here = request.url_rule.rule if request.url_rule else ""
    current = max((end for end, *_ in TABS if here.startswith(ROOT + end)), key=len, default="")
    return [
        (f"/warehouses/{code}{end}", words, symbol, end == current)
        for end, words, symbol in TABS
        if (rule := served.get(ROOT + end)) is not None and _may_open(rule)
    ]


def _may_open(rule: Rule) -> bool:
    return auth.actor().may(*getattr(current_app.view_functions[rule.endpoint], "access", ()))


@pages.get(ROOT)
@auth.allow(*ROLES)
def overview(code: str) -> str:
    """What a warehouse is, and what matters there today; to an exporter, of its own goods."""
    with reading() as session:
        warehouse = house(session, code)
        sums = sum_up(session, auth.actor(), warehouse, now())
        shown = {address for address, *_ in tabs(code)}
        return render_template("floor/overview.html", warehouse=warehouse, sums=sums, shown=shown)


@pages.get("/warehouse")
@auth.allow("warehouse")
def mine() -> Response:
    """The warehouse this person works in."""
    with reading() as session:
        found = session.get(
            Warehouse, auth.actor().warehouse_id or 0, options=[joinedload(Warehouse.location)]
        )
        if found is None:
            raise NotFound("you are not said to work in a warehouse; ask the operation")
        return redirect(url_for("floor.overview", code=found.location.code), 303)
