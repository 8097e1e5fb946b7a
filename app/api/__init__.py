"""The JSON API under /api/v1."""

from flask import Flask

from app.api import docs_page, health, limits
from app.api.base import CONVERTERS
from app.api.description import RESOURCES


def register(app: Flask) -> None:
    """Attach every endpoint, and the pages that describe them."""
    app.url_map.converters.update(CONVERTERS)
    for blueprint in (health.blueprint, docs_page.blueprint, *RESOURCES):
        app.register_blueprint(blueprint)
    limits.register(app, RESOURCES)
