"""The product and the yardstick as processes, on a database of their own, stopped with the block."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app import schema
from app.cli.serving import gunicorn_arguments
from app.db import Database, make_engine
from app.servers import private_postgres, private_redis
from app.servers.process import running
from benchmarks.circumstances import ROOT

DATABASES = ("sqlite", "postgres")
HOST = "127.0.0.1"
WORKERS = 2
"""What `fourport serve` starts unless told otherwise."""
PROGRAM = Path(sys.executable).parent / "fourport"
NAME = "bench"


@dataclass(frozen=True, slots=True)
class Installation:
    """A migrated, empty database, and a folder for everything else."""

    kind: str
    folder: Path
    url: str
    database: Database


@dataclass(frozen=True, slots=True)
class Server:
    """Where one answers."""

    port: int
    log: Path

    def asked(self) -> http.client.HTTPConnection:
        """A connection of its own."""
        return http.client.HTTPConnection(HOST, self.port, timeout=120)


@contextlib.contextmanager
def installation(kind: str) -> Iterator[Installation]:
    """An empty database of one kind, durable as in production, gone afterwards."""
    with contextlib.ExitStack() as stack:
        folder = Path(
            stack.enter_context(
                tempfile.TemporaryDirectory(prefix="fourport-bench-", ignore_cleanup_errors=True)
            )
        )
        if kind == "sqlite":
            url = f"sqlite:///{folder / 'fourport.db'}"
        else:
            url = _own_database(stack.enter_context(private_postgres(durable=True)))
        engine = make_engine(url)
        stack.callback(engine.dispose)
        schema.upgrade(engine)
        yield Installation(kind, folder, url, Database(engine))


def _own_database(server: str) -> str:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {NAME}"))
    engine.dispose()
    return make_url(server).set(database=NAME).render_as_string(hide_password=False)


@contextlib.contextmanager
def product(home: Installation) -> Iterator[Server]:
    """`fourport serve` with a Redis, and no worker: what waits for one stays in the database."""
    with private_redis(home.folder, durable=False) as redis_url:
        port = free_port()
        env = {
            "FOURPORT_DATA_DIR": str(home.folder),
            "FOURPORT_DATABASE_URL": home.url,
            "FOURPORT_REDIS_URL": redis_url,
            "FOURPORT_SECRET_KEY": "the-secret-of-the-benchmark",
            "FOURPORT_BASE_URL": f"http://{HOST}:{port}",
        }
        command = [str(PROGRAM), "serve", "--port", str(port), "--workers", str(WORKERS)]
        with _serving("web", command, port, home.folder, env, "/healthz") as server:
            yield server


@contextlib.contextmanager
def yardstick(home: Installation) -> Iterator[Server]:
    """The bare application with the same worker class, workers and threads."""
    port = free_port()
    ours = {"wsgi:app": "benchmarks.http.yardstick:app"}
    command = [sys.executable, *(ours.get(part, part) for part in gunicorn_arguments(HOST, port, WORKERS))]
    with _serving("yardstick", command, port, home.folder, {"PYTHONPATH": str(ROOT)}, "/") as server:
        yield server


@contextlib.contextmanager
def _serving(
    name: str, command: list[str], port: int, folder: Path, env: dict[str, str], path: str
) -> Iterator[Server]:
    own = folder / name
    own.mkdir()
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("FOURPORT_")}
    told = ["/usr/bin/env", "-i", *(f"{key}={value}" for key, value in (inherited | env).items()), *command]
    server = Server(port, own / "server.log")
    with running(told, folder=own, ready=lambda: _answers(server, path)):
        yield server


def _answers(server: Server, path: str) -> bool:
    connection = server.asked()
    try:
        connection.request("GET", path)
        with connection.getresponse() as response:
            return response.status == 200
    except (OSError, http.client.HTTPException):
        time.sleep(0.1)
        return False
    finally:
        connection.close()


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
