"""Wrong usage and unreadable input: exit 2, one clear line on standard error, never a traceback."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.cli import main
from tests.live import PROGRAM, SECRET, clean_environment


def fourport(folder, *arguments, **settings):
    env = clean_environment(FOURPORT_DATA_DIR=str(folder), FOURPORT_SECRET_KEY=SECRET, **settings)
    return subprocess.run(
        [PROGRAM, *arguments], env=env, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def called(tmp_path, monkeypatch, capsys):
    """Call the program in this process, which takes no start: its exit code and what it printed as errors.

    Not for servers and workers: they direct the log of the whole process, and it would be lost for tests that follow.
    """

    def call(*arguments, **settings):
        env = clean_environment(FOURPORT_DATA_DIR=str(tmp_path), FOURPORT_SECRET_KEY=SECRET, **settings)
        with monkeypatch.context() as patched:
            patched.setattr(os, "environ", env)
            patched.setattr(sys, "argv", ["fourport", *arguments])
            with pytest.raises(SystemExit) as done:
                main()
        return done.value.code, capsys.readouterr().err

    return call


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
def test_what_cannot_be_done_is_said_in_one_line(tmp_path, called, arguments, url, says):
    (tmp_path / "garbage.db").write_bytes(b"no database at all, but long enough to look at")
    told = [argument.format(folder=tmp_path) for argument in arguments]
    code, errors = called(*told, FOURPORT_DATABASE_URL=url.format(folder=tmp_path))

    assert code == 2, errors
    assert says in errors
    assert len(errors.splitlines()) == 1


def test_the_program_as_it_is_started_says_no_more_than_that_line(tmp_path):
    done = fourport(tmp_path, "fsck", FOURPORT_DATABASE_URL=f"sqlite:///{tmp_path}/no/such.db")

    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.startswith("fourport: the database cannot be used: unable to open")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_host_that_webhooks_could_never_reach_refuses_to_start(tmp_path, command):
    wrong = {"FOURPORT_WEBHOOK_ALLOW": "erp.internal, 10.0.0.1/8", "FOURPORT_REDIS_URL": "unix:///none"}
    done = fourport(tmp_path, command, **wrong)

    assert done.returncode == 2, done.stderr
    assert "'10.0.0.1/8' is no host name, address or network" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_taken_port_is_said_in_one_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for command in (("serve", "--port", port), ("demo", "--port", port)):
            done = fourport(tmp_path, *command)
            assert (done.returncode, done.stderr) == (
                2,
                f"Error: port {port} is in use; choose another with --port\n",
            )


def test_an_interrupted_worker_ends_with_130_and_a_stopped_one_with_0(tmp_path, redis_url):
    for sign, code in ((signal.SIGINT, 130), (signal.SIGTERM, 0)):
        folder = tmp_path / sign.name
        env = clean_environment(
            FOURPORT_DATA_DIR=str(folder), FOURPORT_SECRET_KEY=SECRET, FOURPORT_REDIS_URL=redis_url
        )
        process = subprocess.Popen([PROGRAM, "worker"], env=env, stderr=subprocess.PIPE)
        wait_for_child(process)
        process.send_signal(sign)
        _, words = process.communicate(timeout=60)
        assert (process.returncode, b"Traceback" in words) == (code, False), words


def wait_for_child(process, seconds=60):
    """The supervisor heeds signals before it starts its first worker."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + seconds
    while process.poll() is None and not children.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
