"""All wiring on one screen: settings and a database in, a Flask application out."""

from datetime import timedelta

from flask import Flask

from app import api, auth, http, web
from app.carriers.addresses import Allowed
from app.config import Settings
from app.db import Database
from app.failures import FailureLog
from app.limits import Counter
from app.queue import Doorbell
from app.web.templating import SpokenEnvironment

MAX_BODY_BYTES = 33 * 1024 * 1024
"""An upload of 32 MiB, the most that is imported, and the form around it."""


def create_app(settings: Settings, database: Database, doorbell: Doorbell | None = None) -> Flask:
    """The product as a WSGI application; nothing in it is global, so tests may have several."""
    app = Flask("app.web", static_folder="static", template_folder="templates")
    app.jinja_environment = SpokenEnvironment
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=500_000,
        SESSION_COOKIE_NAME="fourport",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        TEMPLATES_AUTO_RELOAD=False,
    )
    equip(app, settings, database, doorbell)
    http.register(app)
    auth.register(app)
    api.register(app)
    web.register(app)
    return app


def equip(app: Flask, settings: Settings, database: Database, doorbell: Doorbell | None = None) -> None:
    """Say which installation the wired application serves; all that differs between two of them is here."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
    )
    counter = Counter(settings)
    app.extensions["fourport"] = {
        "settings": settings,
        "database": database,
        "doorbell": doorbell or Doorbell(settings.redis_url),
        "webhook_allow": Allowed.read(settings.webhook_allow),
        "counter": counter,
        "failures": FailureLog(database, counter),
    }
