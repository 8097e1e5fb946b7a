"""Server-rendered pages: views are adapters, templates hold the words."""

from flask import Flask, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import http
from app.errors import Unauthenticated
from app.web import (
    admin,
    admin_audit,
    admin_clients,
    admin_deliveries,
    admin_failures,
    admin_jobs,
    admin_rates,
    admin_roles,
    admin_users,
    api_keys,
    asns,
    assets,
    booking_changes,
    bookings,
    bulk_edit,
    country_groups,
    counts,
    customs,
    customs_steps,
    customs_summaries,
    deciding,
    departure_changes,
    departure_cutoffs,
    departures,
    departures_new,
    directory,
    finding,
    floor,
    floor_layout,
    floor_stock,
    hubs,
    import_steps,
    imports,
    inbound,
    languages,
    load_units,
    orders,
    outbound,
    parcels,
    plan_commits,
    plans,
    portal,
    preferences,
    quote_links,
    quotes,
    rack,
    rendering,
    replans,
    replenishment,
    return_steps,
    returns,
    runs,
    saved_filters,
    scenarios,
    shipments,
    sign_in,
    skus,
    stock,
    tower,
    tower_exceptions,
    track,
    verify,
    warehouse_fees,
    warehouses,
    webhooks,
    work_orders,
)

PAGES = (
    portal,
    bulk_edit, saved_filters,
    sign_in, preferences, tower, tower_exceptions, quotes, quote_links, bookings, booking_changes, shipments, asns,
    inbound,
    replenishment, departures, departures_new, departure_changes, departure_cutoffs, parcels, imports,
    import_steps, runs, plans, plan_commits, replans, scenarios,
    warehouses, directory, country_groups, warehouse_fees, floor,
    floor_stock, floor_layout, stock, skus, outbound, orders, counts, work_orders, rack, returns, return_steps,
    deciding, hubs, load_units, webhooks, api_keys, track, verify, finding, admin, admin_users, admin_roles,
    admin_clients, admin_rates, admin_deliveries, admin_failures, admin_jobs, admin_audit, customs, customs_summaries,
    customs_steps,
)  # fmt: skip


def register(app: Flask) -> None:
    """Attach every page."""
    assets.register(app)
    languages.register(app)
    rendering.register(app)
    app.register_error_handler(Unauthenticated, ask_to_sign_in)
    for page in PAGES:
        app.register_blueprint(page.pages)


def ask_to_sign_in(error: Unauthenticated) -> AnyResponse | Response:
    """Send a person to the sign-in page and back; a script gets the error as it is."""
    if http.wants_problem(request) or request.method not in ("GET", "HEAD"):
        return http.app_error(error)
    target = url_for("sign_in.form", next=request.full_path.rstrip("?"))
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": target})
    return redirect(target, 303)
