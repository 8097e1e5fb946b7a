"""Backups hold what was there, and nothing but a backup is ever restored."""

import os
import sqlite3

import pytest
from sqlalchemy import select

from app.backup import BackupError, backup, restore
from app.models import Party
from app.servers import postgres_programs
from tests import factories
from tests.live import INSTALL


@pytest.fixture(autouse=True)
def client_programs(backend, monkeypatch):
    """pg_dump and pg_restore of the server the tests run."""
    if backend == "postgres":
        monkeypatch.setenv("PATH", str(postgres_programs(install=INSTALL)), prepend=os.pathsep)


@pytest.fixture
def kept(database, tmp_path):
    """A backup taken while the exporter KEPT was the only one."""
    with database.transaction() as session:
        factories.make_party(session, "KEPT")
    file = tmp_path / "a copy #1.bak"
    backup(database.engine, file)
    with database.transaction() as session:
        factories.make_party(session, "LATER")
    return file


def references(database):
    with database.reading() as session:
        return sorted(session.scalars(select(Party.reference)))


def test_a_restored_backup_is_the_database_as_it_was(database, kept):
    restore(database.engine, kept)

    assert references(database) == ["KEPT"]


def test_a_damaged_backup_replaces_nothing(database, kept):
    kept.write_bytes(kept.read_bytes()[: kept.stat().st_size // 3])

    with pytest.raises(BackupError):
        restore(database.engine, kept)
    assert references(database) == ["KEPT", "LATER"]


def test_an_empty_file_is_no_backup(database, tmp_path):
    (tmp_path / "empty").touch()

    with pytest.raises(BackupError):
        restore(database.engine, tmp_path / "empty")


def test_a_backup_that_cannot_be_written_leaves_nothing_behind(database, tmp_path):
    with pytest.raises(BackupError):
        backup(database.engine, tmp_path / "nowhere" / "file.bak")
    (tmp_path / "there.bak").mkdir()
    with pytest.raises(OSError, match=r"there\.bak"):
        backup(database.engine, tmp_path / "there.bak")

    assert list(tmp_path.glob("*.part")) == []


class TestOfSqlite:
    """What only a database that is a file can suffer."""

    @pytest.fixture
    def backend(self):
        return "sqlite"

    def test_another_programs_database_is_no_backup(self, database, tmp_path):
        sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE notes (line text)").connection.close()

        with pytest.raises(BackupError, match="no backup of Fourport"):
            restore(database.engine, tmp_path / "other.db")

    def test_a_database_that_is_not_there_yet_has_no_backup(self, tmp_path):
        from app.db import make_engine

        with pytest.raises(BackupError):
            backup(make_engine(f"sqlite:///{tmp_path / 'none.db'}"), tmp_path / "copy.bak")
        assert list(tmp_path.iterdir()) == []

    def test_the_database_is_not_its_own_backup(self, database):
        from pathlib import Path

        with pytest.raises(BackupError, match="itself"):
            backup(database.engine, Path(database.engine.url.database))
