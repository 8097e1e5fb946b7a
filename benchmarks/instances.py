"""Published instances with known best values, read and turned into problems of our own.

GAP (Cattrysse, Salomon and Van Wassenhove 1994; Chu and Beasley 1997): jobs to capacitated agents, where weight and
cost depend on both. SSCFLP (Holmberg, Rönnqvist and Yuan 1999): customers to facilities that cost something to open.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from routing.problem import Problem

GAP = Path("or/gap")
SSCFLP = Path("or/sscflp-holmberg")
NO_CURRENCY = "XXX"

Floats = npt.NDArray[np.float64]


class MissingDataError(Exception):
    """The published instances are not on this machine."""


class UnreadableInstanceError(Exception):
    """A file is not an instance of the kind it should be."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A problem with its name, and the best value anybody is known to have reached."""

    name: str
    problem: Problem
    best: float


def read_gap(text: str) -> Problem:
    """Turn a GAP file into a problem: ``m n``, m rows of n costs, m rows of n weights, m capacities; minimise.

    Each job is a parcel in a class of its own with one option per agent; `use_factor` carries the weight.
    """
    agents, jobs, numbers = _numbers(text, "GAP", lambda m, n: 2 * m * n + m)
    cost = numbers[: agents * jobs].reshape(agents, jobs)
    weight = numbers[agents * jobs : 2 * agents * jobs].reshape(agents, jobs)
    return _single_source(
        size=np.ones(jobs),
        cost=cost.T,
        factor=weight.T,
        free=numbers[2 * agents * jobs :],
    )


def read_sscflp(text: str) -> Problem:
    """Turn an SSCFLP file into a problem: ``m n``, m capacities, m opening costs, n demands, n rows of m costs.

    Each customer is a parcel of its demand; each facility is a resource with one unit that can be opened.
    """
    facilities, customers, numbers = _numbers(text, "SSCFLP", lambda m, n: 2 * m + n + m * n)
    capacity, opening, demand, cost = np.split(numbers, np.cumsum([facilities, facilities, customers]))
    return _single_source(
        size=demand,
        cost=cost.reshape(customers, facilities),
        factor=np.ones((customers, facilities)),
        free=np.zeros(facilities),
        unit_size=capacity,
        unit_cost=opening,
    )


def gap_instances(data: Path) -> list[Instance]:
    """Every GAP instance below a data folder, in the order of its list of best values."""
    folder = _present(data / GAP)
    with (folder / "best.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Instance(
            row["Path"],
            read_gap((folder / row["Path"]).read_text(encoding="ascii")),
            float(row["Best known solution value"]),
        )
        for row in rows
    ]


def sscflp_instances(data: Path) -> list[Instance]:
    """Every Holmberg instance below a data folder, p1 first."""
    folder = _present(data / SSCFLP)
    optima = [float(word) for word in (folder / "optima.txt").read_text(encoding="ascii").split()]
    return [
        Instance(f"p{number}", read_sscflp((folder / f"p{number}").read_text(encoding="ascii")), best)
        for number, best in enumerate(optima, 1)
    ]


def _present(folder: Path) -> Path:
    if not folder.is_dir():
        raise MissingDataError(f"the published instances are not here: {folder} is no folder")
    return folder


def _numbers(text: str, kind: str, expected) -> tuple[int, int, Floats]:
    """Both counts and the numbers after them, as many as `expected(m, n)`."""
    try:
        numbers = np.array(text.split(), dtype=np.float64)
    except ValueError as error:
        raise UnreadableInstanceError(f"no {kind} instance: {error}") from None
    if len(numbers) < 2:
        raise UnreadableInstanceError(f"no {kind} instance: it must begin with two counts")
    m, n = int(numbers[0]), int(numbers[1])
    if len(numbers) != 2 + expected(m, n):
        raise UnreadableInstanceError(
            f"no {kind} instance: {m} by {n} needs {expected(m, n)} numbers after the counts, "
            f"{len(numbers) - 2} are there"
        )
    return m, n, numbers[2:]


def _single_source(
    *,
    size: Floats,
    cost: Floats,
    factor: Floats,
    free: Floats,
    unit_size: Floats | None = None,
    unit_cost: Floats | None = None,
) -> Problem:
    """A problem of n items that must go, each to one of m resources: `cost` and `factor` are [n, m].

    With `unit_size` and `unit_cost` [m], each resource has one unit that can be opened once.
    """
    items, resources = cost.shape
    openable = 0 if unit_size is None else resources
    return Problem(
        currency=NO_CURRENCY,
        item_class=np.arange(items),
        item_size=size.reshape(items, 1),
        item_features=np.ones((items, 1)),
        item_drop_cost=np.full(items, np.inf),
        class_ptr=np.arange(items + 1) * resources,
        option_rates=cost.reshape(-1, 1),
        option_ptr=np.arange(items * resources + 1),
        use_resource=np.tile(np.arange(resources), items),
        use_factor=factor.reshape(-1, 1),
        resource_free=free.reshape(resources, 1),
        unit_resource=np.arange(openable),
        unit_size=np.zeros((0, 1)) if unit_size is None else unit_size.reshape(-1, 1),
        unit_cost=np.zeros(0) if unit_cost is None else unit_cost,
        unit_max=np.ones(openable, np.int64),
        unit_parent=np.full(openable, -1),
        unit_takes=np.zeros((openable, 1)),
    )
