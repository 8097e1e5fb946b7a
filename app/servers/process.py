"""A server that lives exactly as long as the process that started it."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from app.servers.install import ToolMissing

STOP_SECONDS = 15.0
LONGEST_SOCKET_PATH = 100  # bytes; the kernel takes 107, some clients fewer

# Reading standard input ends when its writer is gone, however it went; then the server is told to stop.
WATCH = 'cat >/dev/null; kill -s "$1" "$2" 2>/dev/null'


@contextlib.contextmanager
def running(
    command: Sequence[str],
    *,
    folder: Path,
    ready: Callable[[], bool],
    seconds: float = 60.0,
    stop: signal.Signals = signal.SIGTERM,
    user: str | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start `command` in `folder`, wait until `ready()`, and stop it at the end of the block.

    The server has a session of its own, so Ctrl-C reaches only us and we stop it in order. A watcher stops
    it when this process is killed outright. `user` is another user to run it as; only root may name one.
    What the server prints goes to `folder`/server.log.
    """
    with contextlib.ExitStack() as stack:
        server = _start(command, folder, user)
        stack.callback(_stop, server, stop)
        watcher = _watch(server.pid, stop)
        stack.callback(_dismiss, watcher, server, stop)
        _wait(server, ready, seconds, Path(command[0]).name, folder / "server.log")
        yield server


def _start(command: Sequence[str], folder: Path, user: str | None) -> subprocess.Popen[bytes]:
    with (folder / "server.log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )


def _watch(pid: int, stop: signal.Signals) -> subprocess.Popen[bytes]:
    """A shell that blocks on a pipe only we hold; when we are gone, it stops the server."""
    return subprocess.Popen(
        ["/bin/sh", "-c", WATCH, "sh", stop.name.removeprefix("SIG"), str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )


def _wait(
    server: subprocess.Popen[bytes], ready: Callable[[], bool], seconds: float, name: str, log: Path
) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if server.poll() is not None or time.monotonic() > deadline:
            last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            raise ToolMissing(f"{name} did not start: {' '.join(last) or 'no output'}")
        time.sleep(0.02)


def _dismiss(watcher: subprocess.Popen[bytes], server: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    """Stop the server while it is still watched, then send the watcher home."""
    _stop(server, stop)
    watcher.kill()
    watcher.communicate()


def ask_to_stop(servers: Iterable[subprocess.Popen[bytes]]) -> None:
    """Tell servers that end together all at once, so that none waits for the others; each block awaits its own."""
    for server in servers:
        if server.poll() is None:
            server.send_signal(signal.SIGTERM)


def _stop(server: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    if server.poll() is None:
        server.send_signal(stop)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def fits_a_socket(path: Path) -> bool:
    """Whether a Unix socket can be made at this path."""
    return len(os.fsencode(path)) <= LONGEST_SOCKET_PATH
