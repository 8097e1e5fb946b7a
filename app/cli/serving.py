"""`fourport serve` and `fourport worker`: the two kinds of process of an installation."""

import errno
import os
import socket
import sys
from datetime import timedelta
from pathlib import Path

import click

from app.config import Settings
from app.queue import QUEUES

ROOT = Path(__file__).resolve().parents[2]
"""Where wsgi.py stands; the process may be started from any folder."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve pages and API with gunicorn; Redis and workers may come and go."""
    from app.carriers.addresses import Allowed
    from app.cli.context import open_database

    settings = Settings.from_env()
    Allowed.read(settings.webhook_allow)  # refuses to start with what cannot be read
    refuse_taken(host, port)
    open_database(settings)
    os.execv(sys.executable, [sys.executable, *gunicorn_arguments(host, port, workers)])  # noqa: S606


def refuse_taken(host: str, port: int) -> None:
    """ClickException where the address cannot be listened on: gunicorn would try for long and say it at length."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise click.ClickException(f"port {port} is in use; choose another with --port") from None
        raise click.ClickException(f"cannot listen on {host}, port {port}: {error.strerror}") from None


def gunicorn_arguments(host: str, port: int, workers: int) -> list[str]:
    """How the product is served: threads for waiting on the database, processes for the cores."""
    return [
        "-m",
        "gunicorn",
        "wsgi:app",
        f"--pythonpath={ROOT}",
        f"--bind={host}:{port}",
        f"--workers={workers}",
        "--worker-class=gthread",
        "--threads=4",
        "--timeout=60",
        "--graceful-timeout=20",
        "--log-level=warning",
    ]


@click.command()
@click.option("--queue", default=QUEUES[0], show_default=True, type=click.Choice(QUEUES))
@click.option("--lease", "lease_s", default=30.0, show_default=True, type=click.FloatRange(1, 600), metavar="SECONDS",
              help="A worker that is silent for so long loses its job to another.")  # fmt: skip
def worker(queue: str, lease_s: float) -> None:
    """Do background work from one queue, and sweep for work that was lost. Ends with 0 when told to by SIGTERM."""
    from app.cli.context import open_database
    from app.errors import ConfigError
    from app.jobs.worker import supervise
    from app.logs import configure

    settings = Settings.from_env()
    if settings.redis_url is None:
        raise ConfigError("set FOURPORT_REDIS_URL; `fourport demo` starts a private Redis by itself")
    configure(settings.log)
    open_database(settings)
    supervise(settings, queue, timedelta(seconds=lease_s))
