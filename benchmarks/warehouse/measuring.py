"""One database after the other: ledgers of two sizes, what is asked of each, and what takes long on the large one."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.queries import invariants
from app.usecases.warehousing.storage_billing import charge_day
from benchmarks.http.asking import API, Caller, in_turns
from benchmarks.http.measuring import beside
from benchmarks.http.servers import Installation, Server, installation, product, yardstick
from benchmarks.tasks import Figures, Line
from benchmarks.warehouse.clients import CLIENTS, at_once
from benchmarks.warehouse.working import Work, Workers, spread
from benchmarks.warehouse.world import EACH, Size, World, build, fill, hot_skus

LIMIT_S = 60.0
"""For fsck, and for a night of storage."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: moves, seconds and requests for each line."""

    size: Size
    seconds: float
    least: int
    warm_up: int


@dataclass(frozen=True, slots=True)
class Running:
    """A ledger, the product on it, and the yardstick."""

    home: Installation
    world: World
    bare: Caller
    exporter: Caller
    staff: Caller


def measure(kind: str, extent: Extent) -> Iterator[Line]:
    """Measure one database at both sizes."""
    before: dict[str, Line] = {}
    for moves in extent.size.moves:
        with ExitStack() as stack:
            home = stack.enter_context(installation(kind))
            world = build(home.database, datetime.now(UTC))
            yield _filled(kind, home, world, extent.size.lots(moves))
            bare, served = stack.enter_context(yardstick(home)), stack.enter_context(product(home))
            callers = (Caller(bare), Caller(served, world.exporter_keys), Caller(served, world.staff_keys))
            running = Running(home, world, *(stack.enter_context(closing(one)) for one in callers))
            for name, work in _asked(running):
                line = _line(f"{kind}: {name}, {world.lots * EACH:,} moves", running, work, extent)
                yield beside(line, before.get(name))
                before[name] = line
            if moves == extent.size.moves[-1]:
                yield _together(kind, running, bare, extent.seconds)
                yield _night(kind, running)
                yield _proof(kind, running)


def _filled(kind: str, home: Installation, world: World, lots: int) -> Line:
    """How long it took to write the history of so many lots."""
    began = time.perf_counter()
    fill(home.database, world, lots, datetime.now(UTC))
    took = time.perf_counter() - began
    figures: Figures = {
        "moves": lots * EACH,
        "SKUs": world.skus,
        "lots": lots,
        "seconds": round(took, 1),
        "moves_a_second": round(lots * EACH / took),
    }
    return Line(f"{kind}: load, {lots * EACH:,} moves", figures)


def _asked(running: Running) -> Iterator[tuple[str, Work]]:
    """What is measured beside the yardstick, by name."""
    world = running.world
    mine, lot = Workers(running.home.database, world), spread(world.lots)
    with running.home.database.reading() as session:
        popular = [number for number, _ in hot_skus(session, world)]
    kept = []

    def reserve(number: int) -> float:
        took, made = mine.reserve(lot(number))
        kept.append(made)
        return took

    def allocate(number: int) -> float:
        return mine.allocate([popular[(number + more) % len(popular)] for more in (0, 7)])

    yield "stock page of an exporter", _page(running.exporter, f"{API}/stock?limit=50")
    yield (
        "stock page of a warehouse",
        _page(running.staff, f"{API}/stock?limit=50&warehouse={world.codes[0]}"),
    )
    yield (
        "stock of one article",
        lambda n: _got(running.staff, f"{API}/stock?sku=sku_{popular[n % len(popular)] - 1:016}"),
    )
    yield "FEFO allocation of two lines", allocate
    yield "receive", lambda number: mine.receive(lot(number))
    yield "reserve", reserve
    yield "post a promise", lambda _number: mine.pick(kept.pop())


def _page(caller: Caller, path: str) -> Work:
    """Read one page after the other, from the beginning again after the last."""
    after = ""

    def ask(_number: int) -> float:
        nonlocal after
        answer = caller.get(path + after)
        cursor = answer.told(200)["next_cursor"]
        after = f"&cursor={cursor}" if cursor else ""
        return answer.seconds

    return ask


def _got(caller: Caller, path: str) -> float:
    answer = caller.get(path)
    answer.told(200)
    return answer.seconds


def _line(name: str, running: Running, work: Work, extent: Extent) -> Line:
    if name.partition(": ")[2].startswith("post"):
        # As many as were reserved: none is left over.
        numbers = itertools.count()
        times = in_turns(running.bare, lambda _: work(next(numbers)), 0, extent.least, extent.warm_up)
    else:
        times = in_turns(running.bare, work, extent.seconds, extent.least, extent.warm_up)
    return Line(name, {"limit_s": extent.seconds, **times.figures()})


def _together(kind: str, running: Running, bare: Server, seconds: float) -> Line:
    """Eight clients at once, and nothing is lost of it."""
    figures = at_once(running.home.url, running.world, bare, seconds)
    with running.home.database.reading() as session:
        broken = list(invariants.broken(session, datetime.now(UTC)))
    figures |= {"invariants_broken": len(broken), "met": "no" if broken else "yes"}
    return Line(f"{kind}: {CLIENTS} clients at once", figures, wrong=bool(broken))


def _night(kind: str, running: Running) -> Line:
    """One night of storage for everything that lies in every warehouse."""
    now = datetime.now(UTC)
    day, charges, began = now.date() - timedelta(days=1), 0, time.perf_counter()
    for house in running.world.houses:
        with running.home.database.transaction() as session:
            charges += charge_day(session, now, house, day)
    return _timed(f"{kind}: a night of storage", time.perf_counter() - began, {"charges": charges})


def _proof(kind: str, running: Running) -> Line:
    """Every invariant of the database."""
    began = time.perf_counter()
    with running.home.database.reading() as session:
        broken = list(invariants.broken(session, datetime.now(UTC)))
    took = time.perf_counter() - began
    line = _timed(f"{kind}: fsck", took, {"invariants": len(invariants.names()), "broken": len(broken)})
    return Line(line.name, line.figures, wrong=bool(broken))


def _timed(name: str, took: float, figures: Figures) -> Line:
    return Line(
        name,
        figures | {"seconds": round(took, 1), "goal_s": LIMIT_S, "met": "yes" if took <= LIMIT_S else "no"},
    )
