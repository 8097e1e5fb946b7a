"""Eight clients at once, each a process: what they get done in a second, beside what a bare application answers."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import configure_mappers

from app.db import Database, make_engine
from app.errors import StockShort
from benchmarks.http.asking import Caller, percentile
from benchmarks.http.servers import Server
from benchmarks.tasks import Figures
from benchmarks.warehouse.working import Workers
from benchmarks.warehouse.world import World

configure_mappers()  # Once, in the process the clients are forked from.
CLIENTS = 8
CONTESTED = 40
"""Lots they all want."""
Tally = tuple[Counter[str], dict[str, list[float]]]


def at_once(url: str, world: World, bare: Server, seconds: float) -> Figures:
    """Receive, reserve and post for so long, all clients the same lots; then ask the yardstick as many at once."""
    tallies = _run(_work, (url, world, seconds))
    answered = sum(_run(_ask, (bare, seconds)))
    counts = sum((one[0] for one in tallies), Counter())
    done = sum(count for name, count in counts.items() if name != "refused")
    figures: Figures = {"units": done, "refused": counts["refused"], "a_second": round(done / seconds, 1)}
    for name in ("receive", "reserve", "post"):
        times = [took for _, by_name in tallies for took in by_name[name]]
        figures |= {f"{name}_p50_ms": _ms(times, 0.5), f"{name}_p99_ms": _ms(times, 0.99)}
    return figures | {
        "b_a_second": round(answered / seconds, 1),
        "b_answers_a_unit": round(answered / done, 2),
    }


def _run(work: Callable[..., Any], given: tuple[Any, ...]) -> list[Any]:
    # Everything is imported once, by a process without threads and connections; the clients are forked from it.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with context.Pool(CLIENTS) as pool:
        pool.starmap(_ready, [(number, *given[:-1]) for number in range(CLIENTS)], chunksize=1)
        return pool.starmap(work, [(number, *given) for number in range(CLIENTS)], chunksize=1)


def _ready(number: int, *given: Any) -> None:
    """Let every process come up, and do everything once, before the time runs."""
    if len(given) > 1:
        _work(number, *given, 0.001)
    time.sleep(1)


def _work(number: int, url: str, world: World, seconds: float) -> Tally:
    engine, rng = make_engine(url), random.Random(number)
    mine, counts = Workers(Database(engine), world), Counter[str]()
    times: dict[str, list[float]] = {"receive": [], "reserve": [], "post": []}
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        lot = rng.randrange(CONTESTED)
        try:
            times["receive"].append(mine.receive(lot))
            took, kept = mine.reserve(lot)
            times["reserve"].append(took)
            times["post"].append(mine.pick(kept))
        except StockShort:
            counts["refused"] += 1
    engine.dispose()
    return counts + Counter({name: len(found) for name, found in times.items()}), times


def _ask(_number: int, bare: Server, seconds: float) -> int:
    caller, answered = Caller(bare), 0
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        caller.get("/")
        answered += 1
    caller.close()
    return answered


def _ms(times: list[float], share: float) -> float:
    return round(1000 * percentile(times, share), 2) if times else 0.0
