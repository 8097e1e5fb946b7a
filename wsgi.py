"""The entry for WSGI servers: `gunicorn wsgi:app`."""

from app.cli.context import bare_database
from app.config import Settings
from app.factory import create_app
from app.logs import configure

settings = Settings.from_env()
configure(settings.log)
app = create_app(settings, bare_database(settings))
