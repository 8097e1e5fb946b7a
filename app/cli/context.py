"""What commands that need the database share."""

from app.config import Settings
from app.db import Database, make_engine
from app.errors import ConfigError
from app.queue import Doorbell


def bare_database(settings: Settings | None = None) -> Database:
    """The database of this installation as it is, whatever its schema."""
    settings = settings or Settings.from_env()
    if settings.embedded_database:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Database(make_engine(settings.database_url), Doorbell(settings.redis_url))


def open_database(settings: Settings | None = None) -> Database:
    """The database, ready to be used: the embedded one is migrated, any other must have been.

    Raises ConfigError where the schema is not the one this code needs.
    """
    from app import schema

    settings = settings or Settings.from_env()
    database = bare_database(settings)
    if settings.embedded_database:
        schema.upgrade(database.engine)
    elif not schema.at_head(database.engine):
        raise ConfigError("the database's schema is behind this version; run `fourport db upgrade`")
    return database
