"""Copies of the database that hold while others write, and the way back; a plain `cp` of SQLite is no backup."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from app.errors import AppError


class BackupError(AppError):
    """The copy could not be made or read; nothing was replaced."""

    code, status, title = "backup_failed", 500, "The backup failed"


def backup(engine: Engine, file: Path) -> None:
    """Write a copy to `file` (SQLite: a database file; PostgreSQL: a pg_dump archive), whole or not at all."""
    part = file.with_name(file.name + ".part")
    if engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(_path(engine))) as source, closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
    else:
        _run(["pg_dump", "--format=custom", f"--file={part}"], engine)
    part.replace(file)


def restore(engine: Engine, file: Path) -> None:
    """Replace everything by the copy in `file`. Nothing else may be connected."""
    if engine.dialect.name == "sqlite":
        _restore_sqlite(_path(engine), file)
    else:
        _run(
            ["pg_restore", "--clean", "--if-exists", "--single-transaction", "--no-owner", str(file)], engine
        )


def _restore_sqlite(target: Path, file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as source:
            if source.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise BackupError(f"{file} is damaged; nothing was replaced")
            with closing(sqlite3.connect(target)) as copy:
                source.backup(copy)
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{file} is not a SQLite backup ({error}); nothing was replaced") from error


def _path(engine: Engine) -> Path:
    return Path(engine.url.database or "")


def _run(command: list[str], engine: Engine) -> None:
    program = shutil.which(command[0])
    if program is None:
        raise BackupError(f"{command[0]} is not on the PATH; install the PostgreSQL client programs")
    url = engine.url
    database = [
        "--dbname",
        url.set(drivername="postgresql", password=None).render_as_string(hide_password=False),
    ]
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    done = subprocess.run(
        [program, *command[1:], *database], env=environment, capture_output=True, check=False
    )
    if done.returncode:
        raise BackupError(f"{command[0]}: {done.stderr.decode(errors='replace').strip()[-500:]}")
