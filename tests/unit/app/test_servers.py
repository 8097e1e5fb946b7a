"""Private servers: they stop with us however we end, and what is missing is named in one line."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.servers import ToolMissing, chromium, install, node, postgres, redis
from app.servers.process import running

SLEEPER = ["/bin/sh", "-c", "echo $$ > pid; exec sleep 600"]


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie that nobody has collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def ready(tmp_path):
    """The sleeper has started when it has written its id."""
    return lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n")


def test_a_server_runs_inside_the_block_and_is_gone_after_it(tmp_path, ready):
    with running(SLEEPER, folder=tmp_path, ready=ready) as server:
        assert alive(server.pid)
    assert not alive(server.pid)


def test_a_failure_inside_the_block_stops_the_server_too(tmp_path, ready):
    with pytest.raises(ZeroDivisionError), running(SLEEPER, folder=tmp_path, ready=ready) as server:
        raise ZeroDivisionError
    assert not alive(server.pid)


def test_a_server_that_ignores_the_request_to_stop_is_killed(tmp_path, ready, monkeypatch):
    monkeypatch.setattr("app.servers.process.STOP_SECONDS", 0.1)
    deaf = ["/bin/sh", "-c", "trap '' TERM; echo $$ > pid; while :; do sleep 1; done"]
    with running(deaf, folder=tmp_path, ready=ready) as server:
        pass
    assert server.returncode == -signal.SIGKILL


def test_a_server_that_ends_at_once_is_reported_with_its_last_words(tmp_path):
    broken = ["/bin/sh", "-c", "echo port taken >&2; exit 3"]
    with (
        pytest.raises(ToolMissing, match="sh did not start: port taken"),
        running(broken, folder=tmp_path, ready=lambda: False),
    ):
        pass


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_server_stops_when_its_owner_is_killed(tmp_path, ready, end):
    owner_code = (
        # A shell without job control starts its children with SIGINT ignored, and Python keeps that.
        "import pathlib, signal, sys, time\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from app.servers.process import running\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        f"with running({SLEEPER!r}, folder=folder, ready=(folder / 'pid').exists):\n"
        "    (folder / 'owner-ready').touch()\n"
        "    time.sleep(600)\n"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", owner_code, str(tmp_path)],
        cwd=Path.cwd(),
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_for(lambda: (tmp_path / "owner-ready").exists() and ready())
    pid = int((tmp_path / "pid").read_text())
    assert alive(pid)
    os.killpg(owner.pid, end)
    owner.wait(20)
    wait_for(lambda: not alive(pid))


@pytest.fixture
def bare_machine(monkeypatch, tmp_path):
    """No program on the PATH, no system package, no wheel that installs."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres, "SYSTEM", tmp_path)
    for module in (redis, postgres, node):
        monkeypatch.setattr(module, "wheel_folder", lambda *_, **__: None)
    monkeypatch.setattr(chromium, "_ask_playwright", lambda: tmp_path / "no-browser")
    monkeypatch.setattr(chromium.subprocess, "run", lambda *a, **_: subprocess.CompletedProcess(a, 1))


@pytest.mark.parametrize(
    ("find", "remedy"),
    [
        (redis.find_redis, "install redis-server"),
        (postgres.postgres_programs, "install postgresql"),
        (chromium.find_chromium, "install chromium"),
    ],
)
def test_what_cannot_be_had_is_one_line_that_says_what_to_install(bare_machine, find, remedy):
    with pytest.raises(ToolMissing, match=remedy) as error:
        find(install=False)
    assert "\n" not in str(error.value)


def test_missing_npm_is_one_line_that_says_what_to_install(bare_machine):
    with pytest.raises(ToolMissing, match=r"install Node\.js"):
        node.find_npm()


def test_the_system_is_not_touched_where_that_is_forbidden(monkeypatch):
    monkeypatch.setattr(install, "_apt", lambda *_: pytest.fail("apt-get was called"))
    assert not install.apt_install("redis-server", install=False, why="a test")


def test_only_root_installs_system_packages(monkeypatch):
    monkeypatch.setattr(install.os, "geteuid", lambda: 1000)
    assert not install.may_use_apt(install=True)


def test_package_lists_are_fetched_only_when_the_first_try_fails(monkeypatch, capsys):
    calls = []
    monkeypatch.setattr(install, "may_use_apt", lambda *, install: install)
    monkeypatch.setattr(install, "POLICY", Path("/dev/null"))
    monkeypatch.setattr(install, "_apt", lambda *words: calls.append(words[0]) or len(calls) > 1)
    assert install.apt_install("redis-server", install=True, why="the job queue")
    assert calls == ["install", "update", "install"]
    assert "installing the system package redis-server (the job queue)" in capsys.readouterr().err


def test_services_of_new_packages_stay_stopped(monkeypatch, tmp_path):
    policy, seen = tmp_path / "policy-rc.d", []

    def apt(*_):
        seen.append(subprocess.run([policy], check=False).returncode)
        return True

    monkeypatch.setattr(install, "may_use_apt", lambda *, install: install)
    monkeypatch.setattr(install, "POLICY", policy)
    monkeypatch.setattr(install, "_apt", apt)
    assert install.apt_install("redis-server", install=True, why="a test")
    assert seen == [101]
    assert not policy.exists()


def test_a_machines_own_policy_for_services_is_left_alone(monkeypatch, tmp_path):
    policy = tmp_path / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n")
    monkeypatch.setattr(install, "may_use_apt", lambda *, install: install)
    monkeypatch.setattr(install, "POLICY", policy)
    monkeypatch.setattr(install, "_apt", lambda *_: True)
    install.apt_install("redis-server", install=True, why="a test")
    assert policy.read_text().endswith("exit 0\n")


@pytest.mark.parametrize("lock", ["redis", "postgres", "node"])
def test_every_wheel_is_pinned_with_hashes(lock):
    name, version = install._pinned(install.LOCKS / f"{lock}.txt")
    assert name
    assert version[0].isdigit()
    assert "--hash=sha256:" in (install.LOCKS / f"{lock}.txt").read_text()


def test_a_deep_data_folder_gets_its_redis_socket_at_a_short_place(tmp_path, monkeypatch):
    monkeypatch.setattr(redis.tempfile, "gettempdir", lambda: str(tmp_path))
    path = redis._socket_path(tmp_path / ("deep" * 30))
    assert path.parent.parent == tmp_path
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_short_data_folder_keeps_its_redis_socket_beside_the_data(tmp_path):
    assert redis._socket_path(Path("/data/redis")) == Path("/data/redis/redis.sock")
