"""The product as people run it: web and worker processes on a folder of their own, stopped with the block."""

import contextlib
import functools
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.db import Database, make_engine
from app.queue import QUEUES
from app.servers import private_redis
from app.servers.process import ask_to_stop, running

PROGRAM = Path(sys.executable).parent / "fourport"
INSTALL = os.environ.get("FOURPORT_INSTALL", "1") == "1"
SECRET = "the-secret-of-the-tests"


@dataclass(frozen=True)
class Product:
    """A running installation: where it answers, what its commands are told, and its rows."""

    url: str
    env: dict[str, str]
    database: Database
    folder: Path

    def fourport(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a command of the `fourport` program on this installation."""
        command = [PROGRAM, *arguments]
        return subprocess.run(
            command, env=self.env, capture_output=True, text=True, timeout=timeout, check=False
        )

    def logs(self) -> str:
        """The end of what each process printed."""
        parts = [
            f"--- {log.parent.name}\n{log.read_text(errors='replace')[-4000:]}"
            for log in sorted(self.folder.glob("*/server.log"))
        ]
        return "\n".join(parts)


def clean_environment(**settings: str) -> dict[str, str]:
    """The environment of a child: none of the developer's own FOURPORT_* settings, only these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FOURPORT_")}
    return {**inherited, **settings}


@contextlib.contextmanager
def running_product(folder: Path, database_url: str, *, lease_s: float = 2.0) -> Iterator[Product]:
    """Run `fourport serve` and one `fourport worker` a queue on an existing database, with a Redis of their own.

    Its webhooks may reach receivers on this machine.
    """
    with contextlib.ExitStack() as stack:
        redis_url = stack.enter_context(private_redis(folder, durable=False, install=INSTALL))
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        env = clean_environment(
            FOURPORT_DATA_DIR=str(folder),
            FOURPORT_DATABASE_URL=database_url,
            FOURPORT_REDIS_URL=redis_url,
            FOURPORT_SECRET_KEY=SECRET,
            FOURPORT_BASE_URL=url,
            FOURPORT_WEBHOOK_ALLOW="127.0.0.1",
        )
        engine = make_engine(database_url)
        stack.callback(engine.dispose)
        serve = [str(PROGRAM), "serve", "--port", str(port), "--workers", "1"]
        commands = {
            f"worker-{queue}": [str(PROGRAM), "worker", "--queue", queue, "--lease", str(lease_s)]
            for queue in QUEUES
        }
        started = [
            stack.enter_context(_process(name, command, folder, env, ready=lambda: True))
            for name, command in commands.items()
        ]
        ready = functools.partial(answers, f"{url}/healthz")
        started.append(stack.enter_context(_process("web", serve, folder, env, ready=ready)))
        stack.callback(ask_to_stop, started)
        yield Product(url, env, Database(engine), folder)


@contextlib.contextmanager
def product_on_copy(original: Path, folder: Path) -> Iterator[Product]:
    """Run the product on a copy of an SQLite file."""
    copied = folder / "fourport.db"
    shutil.copy(original, copied)
    with running_product(folder, f"sqlite:///{copied}") as product:
        yield product


@contextlib.contextmanager
def _process(
    name: str, command: list[str], folder: Path, env: dict[str, str], ready
) -> Iterator[subprocess.Popen[bytes]]:
    own = folder / name
    own.mkdir()
    # `env -i` hands over exactly this environment; `running` keeps the process from outliving the tests.
    told = ["/usr/bin/env", "-i", *(f"{key}={value}" for key, value in env.items()), *command]
    with running(told, folder=own, ready=ready) as process:
        yield process
    left = group_is_alive(process.pid)
    if left:
        os.killpg(process.pid, signal.SIGKILL)
    assert not left, f"{name} left processes behind when it was asked to stop"


def group_is_alive(group: int, seconds: float = 5.0) -> bool:
    """Whether a process of the group is still there after a moment's patience."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    return True


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether a GET is answered with success."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False
