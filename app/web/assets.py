"""Static files: sent compressed where `make setup` has compressed them, and kept by browsers for long."""

from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

from app import http
from app.web.rendering import STATIC

SECONDS = 365 * 24 * 3600
"""Addresses of static files carry a digest of the content, so a browser may keep them."""


def register(app: Flask) -> None:
    """Have the static files that stand on disk now answered before anything else is asked."""
    files = WhiteNoise(
        app.wsgi_app,
        root=STATIC,
        prefix="static",
        max_age=SECONDS,
        allow_all_origins=False,
        add_headers_function=_add_headers,
    )
    app.wsgi_app = files  # type: ignore[method-assign]


def _add_headers(headers: Headers, path: str, url: str) -> None:
    del path, url
    for name, value in http.HEADERS.items():
        headers[name] = value
