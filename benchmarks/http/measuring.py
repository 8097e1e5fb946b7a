"""One database after the other: build the world, start both servers, measure every endpoint at two sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter

from benchmarks.http.asking import Caller, in_turns
from benchmarks.http.endpoints import ENDPOINTS, GROWTH, Endpoint, Stage
from benchmarks.http.multiplying import multiply
from benchmarks.http.parallel import CLIENTS, in_parallel
from benchmarks.http.servers import Installation, Server, installation, product, yardstick
from benchmarks.http.world import Size, World, build
from benchmarks.tasks import Figures, Line, ratio

Keep = Callable[[str, float, Callable[[], Line]], Line]
"""Takes a line's name, its seconds and how it is measured; gives the line, measured now or before."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: the size of the world, bookings there are, seconds and requests for each line."""

    size: Size
    bookings: tuple[int, int]
    seconds: float
    least: int
    warm_up: int
    only: tuple[str, ...] = ()
    """Names of endpoints, or beginnings of them; none for all."""

    def endpoints(self) -> Iterator[Endpoint]:
        """What is measured."""
        return (one for one in ENDPOINTS if not self.only or one.name.startswith(self.only))


@dataclass(frozen=True, slots=True)
class Running:
    """A world with both servers."""

    home: Installation
    world: World
    ours: Server
    stage: Stage
    bare: Caller


def _name(kind: str, what: str, bookings: int | None = None) -> str:
    return f"{kind}: {what}" + ("" if bookings is None else f", {bookings:,} bookings")


def measure(kind: str, extent: Extent, keep: Keep) -> Iterator[Line]:
    """Measure one database; lines come in the order of `names`."""
    with ExitStack() as stack:
        home = stack.enter_context(installation(kind))
        world = build(home.database, extent.size, datetime.now(UTC))
        ours, bare = stack.enter_context(product(home)), stack.enter_context(yardstick(home))
        callers = Caller(ours, world.secrets), Caller(ours), Caller(bare)
        asking, operator, asking_bare = (stack.enter_context(closing(one)) for one in callers)
        operator.sign_in(world.operator)
        running = Running(home, world, ours, Stage(world, asking, operator), asking_bare)
        yield keep(_name(kind, "first quote of a process"), 0.0, lambda: _first(kind, running))
        few, many = extent.bookings
        before: dict[str, Line] = {}
        for count in (few, many):
            _fill(running, count)
            for one in extent.endpoints():
                name = _name(kind, one.name, count)
                line = keep(
                    name, extent.seconds, lambda one=one, name=name: _line(name, one, running, extent)
                )  # type: ignore[misc]
                yield beside(line, before.get(one.name))
                before[one.name] = line
        name = _name(kind, f"{CLIENTS} clients at once", many)
        now = datetime.now(UTC)
        yield keep(
            name,
            extent.seconds,
            lambda: in_parallel(name, ours, world, home.database, extent.seconds, now),
        )


def _first(kind: str, running: Running) -> Line:
    """How long it takes until a process that was just started has read network and tariffs."""
    began = perf_counter()
    running.stage.quote()
    seconds = round(perf_counter() - began, 2)
    return Line(_name(kind, "first quote of a process"), {"limit_s": 0.0, "requests": 1, "seconds": seconds})


def _fill(running: Running, count: int) -> None:
    """Make a booking on each lane, and copies of them."""
    for _ in running.world.lanes:
        running.stage.book()
    multiply(running.home.database, count, running.world.exporters, datetime.now(UTC))


def _line(name: str, endpoint: Endpoint, running: Running, extent: Extent) -> Line:
    ask = endpoint.prepare(running.stage)
    times = in_turns(running.bare, ask, extent.seconds, extent.least, extent.warm_up)
    figures: Figures = {"limit_s": extent.seconds, **times.figures()}
    goal = round(endpoint.goal(running.stage), 2)
    reached = float(figures["ratio_p50"] or 0)
    return Line(name, figures | {"goal": goal, "met": "yes" if reached <= goal else "no"})


def beside(line: Line, before: Line | None) -> Line:
    """Beside the same endpoint with a tenth of the bookings, each in units of its own yardstick."""
    if before is None:
        return line
    grown = ratio(line.figures.get("ratio_p50"), before.figures.get("ratio_p50"))
    if grown is None:
        return line
    figures = line.figures | {"growth": round(grown, 2), "growth_met": "yes" if grown <= GROWTH else "no"}
    return Line(line.name, figures, line.wrong)
