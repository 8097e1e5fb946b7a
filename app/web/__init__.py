"""Server-rendered pages: views are adapters, templates hold the words."""

from flask import Flask, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import http
from app.errors import Unauthenticated
from app.web import (
    api_keys,
    booking_changes,
    bookings,
    departures,
    floor,
    imports,
    languages,
    orders,
    outbound,
    parcels,
    plans,
    preferences,
    quotes,
    rendering,
    replans,
    runs,
    sign_in,
    tower,
    track,
    verify,
    warehouses,
    webhooks,
)

PAGES = (
    sign_in, preferences, tower, quotes, bookings, booking_changes, departures, parcels, imports, runs, plans,
    replans, warehouses, floor, outbound, orders, webhooks, api_keys, track, verify,
)  # fmt: skip
STATIC_SECONDS = 365 * 24 * 3600
"""Addresses of static files carry a digest of the content, so a browser may keep them."""


def register(app: Flask) -> None:
    """Attach every page."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = STATIC_SECONDS
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
