"""Eight clients at once, each a process: what they get done in a second, beside what a bare application answers."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy.orm import configure_mappers

from app.db import Database, make_engine
from app.errors import StockShort
from benchmarks.circumstances import ROOT
from benchmarks.http.asking import Caller, percentile
from benchmarks.http.servers import Server
from benchmarks.tasks import Figures
from benchmarks.warehouse.working import Workers
from benchmarks.warehouse.world import World

CLIENTS = 8
CONTESTED = 40
"""Lots they all want."""
WORK = ("receive", "reserve", "post")


def at_once(url: str, world: World, bare: Server, seconds: float) -> Figures:
    """Receive, reserve and post for so long, all clients the same lots; then ask the yardstick as many at once."""
    ledger = {"url": url, "world": asdict(world), "seconds": seconds}
    tallies = _run([ledger | {"number": number} for number in range(CLIENTS)])
    answered = sum(_run([{"port": bare.port, "log": str(bare.log), "seconds": seconds}] * CLIENTS))
    done = sum(len(one[name]) for one in tallies for name in WORK)
    figures: Figures = {"units": done, "refused": sum(one["refused"] for one in tallies)}
    figures |= {"a_second": round(done / seconds, 1)}
    for name in WORK:
        times = [took for one in tallies for took in one[name]]
        figures |= {f"{name}_p50_ms": _ms(times, 0.5), f"{name}_p99_ms": _ms(times, 0.99)}
    return figures | {
        "b_a_second": round(answered / seconds, 1),
        "b_answers_a_unit": round(answered / done, 2),
    }


def _run(orders: list[dict[str, Any]]) -> list[Any]:
    """A process for each order: all begin when the last of them is ready."""
    command = [sys.executable, "-m", "benchmarks.warehouse.clients"]
    with ExitStack() as stack:
        clients = []
        for order in orders:
            client = subprocess.Popen(
                [*command, json.dumps(order)],
                cwd=ROOT,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            stack.enter_context(client)
            stack.callback(client.kill)
            clients.append(client)
        for client in clients:
            client.stdout.readline()  # type: ignore[union-attr]
        for client in clients:
            client.stdin.write("go\n")  # type: ignore[union-attr]
            client.stdin.flush()  # type: ignore[union-attr]
        return [json.loads(client.stdout.readline()) for client in clients]  # type: ignore[union-attr]


def _work(order: dict[str, Any], seconds: float) -> dict[str, Any]:
    engine, rng = make_engine(order["url"]), random.Random(order["number"])
    mine, refused = Workers(Database(engine), World(**order["world"])), 0
    times: dict[str, list[float]] = {name: [] for name in WORK}
    until = time.perf_counter() + seconds
    while not times["receive"] or time.perf_counter() < until:
        lot = rng.randrange(CONTESTED)
        try:
            times["receive"].append(mine.receive(lot))
            took, kept = mine.reserve(lot)
            times["reserve"].append(took)
            times["post"].append(mine.pick(kept))
        except StockShort:
            refused += 1
    engine.dispose()
    return {**times, "refused": refused}


def _ask(order: dict[str, Any], seconds: float) -> int:
    caller, answered = Caller(Server(order["port"], Path(order["log"]))), 0
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        caller.get("/")
        answered += 1
    caller.close()
    return answered


def _ms(times: list[float], share: float) -> float:
    return round(1000 * percentile(times, share), 2) if times else 0.0


def main(order: dict[str, Any]) -> None:
    """One client: do everything once, say so, wait to be told, and print what was done."""
    configure_mappers()  # Not in a first transaction, for which all others would wait.
    work = _work if "url" in order else _ask
    work(order, 0.0)
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(work(order, order["seconds"])), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
