"""Wrong usage and unreadable input: exit 2, one clear line on standard error, never a traceback."""

import subprocess

import pytest

from tests.live import PROGRAM, SECRET, clean_environment


def fourport(folder, *arguments, **settings):
    env = clean_environment(FOURPORT_DATA_DIR=str(folder), FOURPORT_SECRET_KEY=SECRET, **settings)
    return subprocess.run(
        [PROGRAM, *arguments], env=env, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize(
    ("arguments", "url", "says"),
    [
        (("fsck",), "postgresql://nobody@127.0.0.1:1/x", "the database cannot be used: connection"),
        (("fsck",), "postgresql://nobody@127.0.0.1:port/x", "FOURPORT_DATABASE_URL cannot be read"),
        (("fsck",), "sqlite:////nowhere/at/all.db", "the database cannot be used: unable to open"),
        (("fsck",), "sqlite:///{folder}/garbage.db", "the database cannot be used: file is not a database"),
        (("db", "upgrade", "nosuch"), "sqlite:///{folder}/new.db", "Can't locate revision"),
        (("db", "downgrade", "nosuch"), "sqlite:///{folder}/new.db", "Can't locate revision"),
        (("db", "backup", "{folder}/copy"), "sqlite:///{folder}/none.db", "could not be copied"),
        (("db", "restore", "--yes", "{folder}/garbage.db"), "sqlite:///{folder}/new.db", "not a database"),
        (("user", "add", "nobody", "--role", "operator"), "sqlite:///{folder}/new.db", "not an e-mail"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(tmp_path, arguments, url, says):
    (tmp_path / "garbage.db").write_bytes(b"no database at all, but long enough to look at")
    told = [argument.format(folder=tmp_path) for argument in arguments]
    done = fourport(tmp_path, *told, FOURPORT_DATABASE_URL=url.format(folder=tmp_path))

    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
