"""The navigation at the side of each page: the entries a person has, and the one that a page belongs to."""

from typing import NamedTuple

from flask import request
from flask_babel import LazyString

from app.actor import PLANNERS, READERS, ROLES
from app.auth import signed_in
from app.web.languages import lazy as _l


class Entry(NamedTuple):
    """One link of it."""

    endpoint: str
    words: LazyString
    icon: str
    roles: tuple[str, ...] | frozenset[str] = ()
    """Who may open it, beside the admin."""
    shortcut: str = ""
    """Access key."""

    @property
    def area(self) -> str:
        """The pages that belong to it: those of one blueprint."""
        return self.endpoint.partition(".")[0]


SEE_QUOTES = ("operator", "finance", "exporter")
ENTRIES = (
    Entry("tower.show", _l("Control tower"), "layout-dashboard", READERS),
    Entry("quotes.index", _l("Quotes"), "receipt", SEE_QUOTES),
    Entry("bookings.index", _l("Bookings"), "clipboard-list", ROLES),
    Entry("departures.board", _l("Departures"), "calendar", ROLES),
    Entry("asns.index", _l("Inbound"), "package-import", ("operator", "exporter")),
    Entry("replenishment.index", _l("Replenishment"), "refresh", ("operator", "exporter")),
    Entry("parcels.pool", _l("Order pool"), "packages", ROLES),
    Entry("orders.index", _l("Orders"), "package-export", ("operator", "customs", "finance", "exporter")),
    Entry("runs.index", _l("Optimiser"), "route", PLANNERS),
    Entry("returns.index", _l("Returns"), "truck-return", ROLES),
    Entry("customs.index", _l("Customs and tax"), "file-text", ("operator", "customs", "finance", "regulator")),
    Entry("warehouses.directory", _l("Warehouses"), "building-warehouse", READERS),
    Entry("warehouse_fees.statements", _l("Statements"), "coin", SEE_QUOTES),
    Entry("stock.index", _l("Stock"), "stack-2", ("operator", "exporter")),
    Entry("hubs.index", _l("Hubs"), "box", ("operator", "warehouse")),
    Entry("webhooks.index", _l("Webhooks"), "bell", ("operator", "exporter")),
    Entry("api_keys.index", _l("API keys"), "key", ("exporter",)),
    Entry("admin.index", _l("Administration"), "settings", ("operator", "finance", "regulator")),
)  # fmt: skip
DIRECTORY = Entry("directory.index", _l("Warehouses"), "building-warehouse")
"""What exporters and visitors see of the warehouses."""
START = Entry("portal.show", _l("Start"), "layout-dashboard")
"""Where exporters begin."""
MINE = Entry("floor.mine", _l("My warehouse"), "forklift")
"""Where the staff of one begin."""
FIND = Entry("finding.find", _l("Find"), "search", shortcut="f")
VISITORS = (
    DIRECTORY,
    Entry("track.search", _l("Track a parcel"), "search"),
    Entry("verify.ask", _l("Verify a document"), "check"),
    Entry("sign_in.form", _l("Sign in"), "login"),
)
"""What those have who are not signed in."""
BELONGING = {
    "tower_exceptions": "tower", "quote_links": "quotes", "booking_changes": "bookings", "shipments": "bookings",
    "departures_new": "departures", "departure_changes": "departures", "inbound": "asns", "load_units": "hubs",
    "imports": "parcels", "import_steps": "parcels", "bulk_edit": "parcels", "saved_filters": "parcels",
    "plans": "runs", "plan_commits": "runs", "deciding": "runs", "replans": "runs", "scenarios": "runs",
    "return_steps": "returns", "customs_steps": "customs", "customs_summaries": "customs",
    "country_groups": "warehouses", "skus": "stock",
}  # fmt: skip
"""Blueprint → area whose entry its pages are under."""


def navigation() -> tuple[Entry, ...]:
    """The entries of the one who asks."""
    user = signed_in()
    if user is None:
        return VISITORS
    found = tuple(one for one in ENTRIES if user.role in ("admin", *one.roles))
    if user.role == "exporter":
        return START, *found, DIRECTORY, FIND
    return (MINE, *found, FIND) if user.role == "warehouse" and user.warehouse_id else (*found, FIND)


def current_area() -> str:
    """The area of the page that is asked for."""
    here = (request.endpoint or "").partition(".")[0]
    user = signed_in()
    if user is None:
        return here
    if request.path.startswith("/departures/"):
        return "departures"
    if request.path.startswith("/warehouses/"):
        return {"warehouse": "floor", "exporter": "directory"}.get(user.role, "warehouses")
    if here == "directory":
        return here if user.role == "exporter" else "warehouses"
    return BELONGING.get(here, "admin" if here.startswith("admin_") else here)
