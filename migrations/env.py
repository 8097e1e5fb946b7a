"""Alembic's entry: one metadata, one history, on a connection of the engine it is given."""

from alembic import context
from sqlalchemy import text

import app.models  # noqa: F401 (the metadata is complete once the models are imported)
from app.config import Settings
from app.db import Base, make_engine

LOCK = 4_101_977
"""Advisory lock of PostgreSQL: two processes that start together must not migrate together."""


def run() -> None:
    engine = context.config.attributes.get("engine") or make_engine(Settings.from_env().database_url)
    with engine.connect() as connection:
        postgres = connection.dialect.name == "postgresql"
        if postgres:
            # The one who comes second waits for the first to be done; only tables are not waited for.
            connection.execute(text("SET lock_timeout = 0"))
            connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))
            connection.execute(text("SET lock_timeout = '4s'"))
            connection.execute(text("SET statement_timeout = '60s'"))
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_server_default=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        if postgres:
            connection.execute(text(f"SELECT pg_advisory_unlock({LOCK})"))
        connection.commit()


run()
