"""Server-rendered pages: views are adapters, templates hold the words."""

from flask import Flask


def register(app: Flask) -> None:
    """Attach every page."""
    del app
