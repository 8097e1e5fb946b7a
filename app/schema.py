"""The schema's history: bring a database up or down, and say whether it is where this code needs it."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine

from app.errors import NotFound

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def alembic_config(engine: Engine | None = None) -> Config:
    """Alembic pointed at our migrations; they run on `engine`'s connections."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate up; nothing happens where there is nothing to do. NotFound for a revision that is not known."""
    if revision == "head" and at_head(engine):
        return
    try:
        command.upgrade(alembic_config(engine), revision)
    except CommandError as error:
        raise NotFound(str(error)) from error


def downgrade(engine: Engine, revision: str) -> None:
    """Migrate down. NotFound for a revision that is not known."""
    try:
        command.downgrade(alembic_config(engine), revision)
    except CommandError as error:
        raise NotFound(str(error)) from error


@cache
def head() -> str | None:
    """The newest revision this code knows; read once, for `/readyz` asks often."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def at_head(engine: Engine) -> bool:
    """Whether the database has the schema this code was written for."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head()
