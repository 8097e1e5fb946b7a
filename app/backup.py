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
    try:
        if engine.dialect.name == "sqlite":
            _backup_sqlite(_path(engine), part, file)
        else:
            _run(["pg_dump", "--format=custom", f"--file={part}"], engine)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def restore(engine: Engine, file: Path) -> None:
    """Replace everything by the copy in `file`. Nothing else may be connected."""
    if engine.dialect.name == "sqlite":
        _restore_sqlite(_path(engine), file)
    else:
        _run(
            ["pg_restore", "--clean", "--if-exists", "--single-transaction", "--no-owner", str(file)], engine
        )


def _backup_sqlite(database: Path, part: Path, file: Path) -> None:
    if file.resolve() == database.resolve():
        raise BackupError(f"{file} is the database itself; name another file")
    try:
        with closing(_reading(database)) as source, closing(sqlite3.connect(part)) as copy:
            if not _is_ours(source):
                raise BackupError(f"{database} holds no database of Fourport yet")
            source.backup(copy)
    except sqlite3.Error as error:
        raise BackupError(f"{database} could not be copied to {file}: {error}") from error


def _restore_sqlite(target: Path, file: Path) -> None:
    try:
        with closing(_reading(file)) as source:
            if source.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise BackupError(f"{file} is damaged; nothing was replaced")
            if not _is_ours(source):
                raise BackupError(f"{file} is no backup of Fourport; nothing was replaced")
            with closing(sqlite3.connect(target)) as copy:
                source.backup(copy)
    except sqlite3.Error as error:
        raise BackupError(f"{file} could not be restored ({error}); nothing was replaced") from error


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _is_ours(connection: sqlite3.Connection) -> bool:
    """Whether our migrations made it: an empty file is a sound database too, and would wipe everything out."""
    known = "SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'"
    return connection.execute(known).fetchone() is not None


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
