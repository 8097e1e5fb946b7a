"""A private PostgreSQL cluster on a Unix socket in its own folder; as root it runs as the user postgres."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.servers.install import ToolMissing, apt_install, on_path, wheel_folder
from app.servers.process import fits_a_socket, running

SYSTEM = Path("/usr/lib/postgresql")
SERVER_USER = "postgres"
MISSING = "PostgreSQL is needed and was not found: install postgresql (15 or newer)"
PORT = 5432  # only a part of the socket's name: the server listens on no network address

# A throw-away cluster holds nothing worth keeping: these settings save most of its time.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@contextlib.contextmanager
def private_postgres(
    data_dir: Path | None = None, *, durable: bool = False, install: bool = True
) -> Iterator[str]:
    """Run a PostgreSQL for the length of the block; yields the URL of its database `postgres`.

    Without `data_dir` the cluster is temporary and removed at the end. As root the folder is given to the
    user postgres, so every folder above it must be open to that user. Raises ToolMissing.
    """
    programs = postgres_programs(install=install)
    user = SERVER_USER if os.geteuid() == 0 else None
    with _folder(data_dir) as folder:
        cluster = folder / "cluster"
        if user:
            shutil.chown(folder, user, user)
        if not (cluster / "PG_VERSION").exists():
            _initdb(programs / "initdb", cluster, user)
        command = [str(programs / "postgres"), "-D", str(cluster), *_options(folder, durable=durable)]
        # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients that forgot to leave.
        with running(command, folder=folder, ready=lambda: _listens(folder), stop=signal.SIGINT, user=user):
            yield f"postgresql+psycopg://{SERVER_USER}@/postgres?host={folder}"


def postgres_programs(*, install: bool = True) -> Path:
    """The folder of postgres, initdb and pg_dump: the PATH's, the system's newest, or the pinned wheel's."""
    found = _installed_programs()
    if found is None and apt_install("postgresql", install=install, why="the tests on PostgreSQL"):
        found = _installed_programs()
    if found is None and os.geteuid() != 0:
        folder = wheel_folder("postgres")
        bundled = sorted(folder.glob("*/pginstall*/bin/postgres")) if folder else []
        found = bundled[-1].parent if bundled else None
    if found is None:
        raise ToolMissing(MISSING)
    return found


def _installed_programs() -> Path | None:
    server = on_path("postgres")
    if server and (server.resolve().parent / "initdb").exists():
        return server.resolve().parent
    versions = [folder for folder in SYSTEM.glob("*/bin") if (folder / "postgres").exists()]
    return max(versions, key=lambda folder: int(folder.parent.name), default=None)


@contextlib.contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield given.resolve()
        return
    # The system's own folder for temporary files is the one place every user can reach.
    with tempfile.TemporaryDirectory(prefix="fourport-pg-", ignore_cleanup_errors=True) as made:
        yield Path(made).resolve()


def _initdb(program: Path, cluster: Path, user: str | None) -> None:
    command = [
        program,
        "-D",
        cluster,
        "-U",
        SERVER_USER,
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ]
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cluster.parent,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        env={**os.environ, "HOME": pwd.getpwnam(user).pw_dir} if user else None,
        user=user,
        group=user,
        extra_groups=[] if user else None,
    )
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:]
        raise ToolMissing(f"initdb could not make a cluster in {cluster}: {' '.join(last)}")


def _options(folder: Path, *, durable: bool) -> list[str]:
    if not fits_a_socket(folder / f".s.PGSQL.{PORT}"):
        raise ToolMissing(f"the path {folder} is too long for a Unix socket; choose a shorter one")
    settings = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(folder),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "timezone": "UTC",
        **({} if durable else FAST),
    }
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _listens(folder: Path) -> bool:
    """Whether the server accepts sessions: the status line of its pid file says so."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(1.0)
            client.connect(os.fspath(folder / f".s.PGSQL.{PORT}"))
    except OSError:
        return False
    lines = (folder / "cluster" / "postmaster.pid").read_text(encoding="ascii").splitlines()
    return len(lines) > 7 and lines[7].strip() == "ready"
