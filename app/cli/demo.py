"""`fourport demo`: the whole product with a sample, started by one command and stopped with it."""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from app.actor import system
from app.cli.plan_summary import print_summary
from app.cli.run_progress import follow
from app.cli.serving import gunicorn_arguments, refuse_taken
from app.clock import now
from app.config import Settings
from app.db import Database
from app.queue import QUEUES, Doorbell

ACTOR = system("demo")
EMAIL = "operator@demo.example"
PARCELS = 5000
SEED = 1
WATCH_S = 1.0
WEB_START_S = 240.0
"""On a busy machine four workers and the web come up at the same time; to wait costs nothing where it is idle."""
SOLVE_S = 60
"""Seconds the optimizer gets, so that set-up and planning together take about two minutes."""


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--once", is_flag=True, help="Stop after the plan summary.")
@click.option(
    "--data-dir", type=click.Path(path_type=Path, file_okay=False), help="Where everything is kept."
)
@click.option("--parcels", default=PARCELS, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option(
    "--time-limit", "time_limit_s", default=SOLVE_S, show_default=True, type=click.IntRange(1, 3600)
)
def demo(port: int, once: bool, data_dir: Path | None, parcels: int, time_limit_s: int) -> None:
    """Load the reference network and a sample pool, plan it in the background, and serve the product."""
    from app.logs import configure

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if not once:
        refuse_taken("127.0.0.1", port)
    settings = Settings.from_env(data_dir=data_dir)
    configure(settings.log)
    os.environ["FOURPORT_DATA_DIR"] = str(settings.data_dir)
    os.environ["FOURPORT_BASE_URL"] = f"http://127.0.0.1:{port}"
    console = Console()
    with contextlib.ExitStack() as stack:
        settings = stack.enter_context(_redis(settings))
        database = _load(settings, console, parcels)
        watch = _processes(stack, settings, port, web=not once)
        _plan(database, console, time_limit_s, watch)
        if not once:
            _serve(console, port, sign_in(settings, database), watch)


@contextlib.contextmanager
def _redis(settings: Settings) -> Iterator[Settings]:
    """The settings with a Redis to use: the given one, or a private one."""
    from app.servers import private_redis

    if settings.redis_url:
        yield settings
        return
    with private_redis(settings.data_dir, install=settings.install) as url:
        os.environ["FOURPORT_REDIS_URL"] = url
        yield Settings.from_env()


def _load(settings: Settings, console: Console, parcels: int) -> Database:
    from app import schema
    from app.cli.context import bare_database
    from app.cli.sample_hub import seed_hub
    from app.usecases import seeding
    from app.usecases.seeding_customs import seed_customs_codes
    from app.usecases.seeding_inbound import seed_sample_inbound
    from app.usecases.seeding_orders import seed_sample_orders
    from app.usecases.seeding_returns import seed_sample_returns
    from app.usecases.seeding_stock import seed_sample_stock

    database = bare_database(settings)
    with console.status("migrating the database"):
        schema.upgrade(database.engine)
    with console.status("loading the reference network"), database.transaction() as session:
        network = seeding.seed_reference(session, ACTOR, now())
    with (
        console.status(f"loading a pool of {parcels} parcels and returns"),
        database.transaction() as session,
    ):
        pool = seeding.seed_sample_pool(session, ACTOR, now(), parcels, SEED)
    console.print(f"network: {network}")
    console.print(f"pool: {pool}")
    with console.status("filling three warehouses"), database.transaction() as session:
        stock = seed_sample_stock(session, ACTOR, now())
        coming = seed_sample_inbound(session, ACTOR, now())
        orders = seed_sample_orders(session, ACTOR, now())
        back = seed_sample_returns(session, ACTOR, now())
        seed_customs_codes(session, ACTOR, now())
    console.print(f"stock: {stock}; {coming} ASNs, {orders} orders, {back} returns")
    with console.status("letting a hub work"), database.transaction() as session:
        built = seed_hub(session, ACTOR, now())
    console.print(f"hub: {built} units being built")
    return Database(database.engine, Doorbell(settings.redis_url))


def _processes(
    stack: contextlib.ExitStack, settings: Settings, port: int, *, web: bool
) -> Callable[[], None]:
    """Start workers and web; what is given back raises ToolMissing once one of them has ended by itself."""
    from app.servers.process import ask_to_stop, running

    fourport = str(Path(sys.executable).with_name("fourport"))
    started: dict[Path, subprocess.Popen[bytes]] = {}
    for queue in QUEUES:
        folder = _folder(settings, f"worker-{queue}")
        command = [fourport, "worker", "--queue", queue]
        started[folder] = stack.enter_context(running(command, folder=folder, ready=lambda: True))
    if web:
        folder = _folder(settings, "web")
        command = [sys.executable, *gunicorn_arguments("127.0.0.1", port, 2)]
        web_answers = partial(_answers, port)
        started[folder] = stack.enter_context(
            running(command, folder=folder, ready=web_answers, seconds=WEB_START_S)
        )
    stack.callback(ask_to_stop, started.values())
    return partial(refuse_ended, started)


def refuse_ended(started: Mapping[Path, subprocess.Popen[bytes]]) -> None:
    """ToolMissing names the process that is gone: without it the demo would wait for ever."""
    from app.servers.install import ToolMissing

    for folder, process in started.items():
        if process.poll() is not None:
            raise ToolMissing(f"{folder.name} ended by itself; its last words are in {folder / 'server.log'}")


def _folder(settings: Settings, name: str) -> Path:
    folder = settings.data_dir / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _plan(database: Database, console: Console, time_limit_s: int, watch: Callable[[], None]) -> None:
    from app.usecases import optimizing

    with database.transaction() as session:
        run = optimizing.request_run(session, ACTOR, now(), time_limit_s=time_limit_s, seed=SEED)
    status = follow(database, run.public_id, console, watch)
    if status != "completed":
        click.echo(f"fourport: run {run.public_id} ended {status} without a plan", err=True)
        sys.exit(1)
    print_summary(database, run.public_id, console)


def sign_in(settings: Settings, database: Database) -> str:
    """The demo operator's password, made once and kept beside the data; it opens the door whatever was before."""
    from app.errors import Conflict, Unauthenticated
    from app.usecases import people

    kept = settings.data_dir / "demo_password"
    if not kept.exists() or not kept.stat().st_size:
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(12), encoding="ascii")
    password = kept.read_text(encoding="ascii")
    with database.transaction() as session, contextlib.suppress(Unauthenticated):
        people.authenticate(session, now(), EMAIL, password)
        return password
    with database.transaction() as session:
        try:
            _, token = people.add_user(session, ACTOR, now(), EMAIL, "operator")
        except Conflict:
            token = people.new_password_link(session, ACTOR, now(), EMAIL)
        people.set_password(session, now(), token, password)
    return password


def _serve(console: Console, port: int, password: str, watch: Callable[[], None]) -> None:
    console.print(f"\n[bold]http://127.0.0.1:{port}[/bold]")
    console.print(f"sign in as [bold]{EMAIL}[/bold] with [bold]{password}[/bold]; Ctrl-C stops everything")
    while True:
        watch()
        time.sleep(WATCH_S)
